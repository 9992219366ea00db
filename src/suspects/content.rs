//! What is held: the objects behind the plumbing, and the classes of everything retained.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::naming;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};

/// Objects that one thread counts at a time, at least.
const PIECE: usize = 1 << 15;
/// Pieces of what one object retains, at most.
const MOST_PIECES: usize = 16;

/// What a holder keeps alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The class that most of the bytes are about: elements of collections, not their nodes.
    pub class: String,
    /// Objects of that class.
    pub objects: u64,
    /// Bytes that they retain together.
    pub retained_bytes: u64,
    /// The largest classes of the whole retained set: (name, objects, shallow bytes).
    pub classes: Vec<(String, u64, u64)>,
}

/// Decides for every class once whether it is plumbing.
pub struct Plumbing(Vec<bool>);

impl Plumbing {
    /// For all classes of `snapshot`.
    pub fn new(snapshot: &Snapshot<'_>) -> Plumbing {
        Plumbing(
            snapshot
                .classes()
                .iter()
                .map(|(_, class)| naming::is_plumbing(&class.name))
                .collect(),
        )
    }

    fn is(&self, class: ClassIndex) -> bool {
        self.0[class.0 as usize]
    }
}

/// The content of everything that `tops` retain; the tops lie in different parts of the dominator tree.
pub fn content(snapshot: &Snapshot<'_>, plumbing: &Plumbing, tops: &[ObjectIndex]) -> Content {
    let (all, elements) = rayon::join(
        || retained_classes(snapshot, tops),
        || elements(snapshot, plumbing, tops),
    );
    let names: FxHashMap<ClassIndex, String> = all
        .keys()
        .map(|&class| (class, naming::stable(&snapshot.classes().get(class).name)))
        .collect();
    let name = |class: ClassIndex| names.get(&class).map_or("", String::as_str);
    let retained: u64 = tops
        .iter()
        .map(|&top| snapshot.blamed(top))
        .fold(0, u64::saturating_add);
    // Same-named classes of different loaders are one to the reader.
    let mut by_name: FxHashMap<&str, (u64, u64, u64)> = FxHashMap::default();
    for (&class, amount) in &elements {
        let entry = by_name.entry(name(class)).or_default();
        entry.0 += amount.objects;
        entry.1 += amount.bytes;
    }
    for (&class, amount) in &all {
        if let Some(entry) = by_name.get_mut(name(class)) {
            entry.2 += amount.objects;
        }
    }
    let best = by_name
        .iter()
        .max_by_key(|(name, (objects, bytes, _))| (*bytes, *objects, std::cmp::Reverse(**name)));
    let (class, objects, retained_bytes) = match best {
        // Elements that are next to nothing: the plumbing itself is what there is much of.
        Some((name, &(objects, bytes, total))) if bytes.saturating_mul(5) >= retained => {
            // A chain or tree of its own kind: all its members are what is held.
            let objects = if naming::is_owner(name) {
                total
            } else {
                objects
            };
            ((*name).to_owned(), objects, bytes)
        }
        _ => largest_of(&all, name),
    };
    Content {
        class,
        objects,
        retained_bytes,
        classes: largest_classes(&all, name),
    }
}

/// Objects and bytes of each class.
type ByClass = FxHashMap<ClassIndex, Totals>;

/// What `tops` retain, by class: objects and shallow bytes.
fn retained_classes(snapshot: &Snapshot<'_>, tops: &[ObjectIndex]) -> ByClass {
    in_pieces(snapshot, tops, |_, piece, sums| {
        let mut run = Run::default();
        for position in piece {
            let (object, class) = snapshot.at(position);
            if !snapshot.is_preloaded(object) {
                run.add(sums, class, snapshot.shallow_of(object, class));
            }
        }
        run.end(sums);
    })
}

/// The elements below `tops`, by class: how many and what they retain. Walks each retained set in preorder over plumbing
/// and stops at the first object of another class: that is an element. An element whose class has more of its kind below
/// it (a tree, a chain) counts with all of them.
fn elements(snapshot: &Snapshot<'_>, plumbing: &Plumbing, tops: &[ObjectIndex]) -> ByClass {
    in_pieces(snapshot, tops, |top, piece, sums| {
        let mut run = Run::default();
        let mut position = after_element(snapshot, plumbing, top, piece.start);
        while position < piece.end {
            let (object, class) = snapshot.at(position);
            if plumbing.is(class) || snapshot.is_preloaded(object) {
                position += 1;
            } else {
                run.add(sums, class, snapshot.blamed_at(position));
                position = snapshot.end_at(position);
            }
        }
        run.end(sums);
    })
}

/// `position`, or where the element ends that began before it: the outermost of all that dominate it, down from `top`.
fn after_element(
    snapshot: &Snapshot<'_>,
    plumbing: &Plumbing,
    top: ObjectIndex,
    position: usize,
) -> usize {
    let mut object = snapshot.at(position).0;
    let mut outermost = None;
    while object != top {
        let Some(above) = snapshot.dominator(object) else {
            break;
        };
        object = above;
        if !plumbing.is(snapshot.class_of(object)) {
            outermost = Some(object);
        }
    }
    outermost.map_or(position, |element| snapshot.positions(element).end)
}

/// Cuts what `tops` retain into pieces of the preorder and lets all threads sum them up. `visit` gets a top, a piece of what
/// it dominates, and the sums to add to.
fn in_pieces(
    snapshot: &Snapshot<'_>,
    tops: &[ObjectIndex],
    visit: impl Fn(ObjectIndex, Range<usize>, &mut ByClass) + Sync,
) -> ByClass {
    let large = tops.iter().flat_map(|&top| {
        let all = snapshot.positions(top);
        // Few pieces even of a long chain: each may have to look up to its beginning.
        let size = PIECE.max(all.len() / MOST_PIECES + 1);
        let pieces = if all.len() > PIECE { all.len() } else { 0 };
        (0..pieces.div_ceil(size)).map(move |i| {
            let start = all.start + i * size;
            (top, start..(start + size).min(all.end))
        })
    });
    let large: Vec<(ObjectIndex, Range<usize>)> = large.collect();
    tops.par_iter()
        .with_min_len(64)
        .map(|&top| (top, snapshot.positions(top)))
        .filter(|(_, all)| all.len() <= PIECE)
        .chain(large)
        .fold(ByClass::default, |mut sums, (top, piece)| {
            if !piece.is_empty() {
                visit(top, piece, &mut sums);
            }
            sums
        })
        .reduce(ByClass::default, |a, b| {
            let (mut a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
            for (class, amount) in b {
                let entry = a.entry(class).or_default();
                *entry = entry.join(amount);
            }
            a
        })
}

/// Neighbours of one class, which are looked up in the sums once.
#[derive(Default)]
struct Run {
    class: Option<ClassIndex>,
    amount: Totals,
}

impl Run {
    #[inline]
    fn add(&mut self, sums: &mut ByClass, class: ClassIndex, bytes: u64) {
        if self.class != Some(class) {
            self.end(sums);
            self.class = Some(class);
        }
        self.amount.add(bytes);
    }

    fn end(&mut self, sums: &mut ByClass) {
        if let Some(class) = self.class.take() {
            let entry = sums.entry(class).or_default();
            *entry = entry.join(std::mem::take(&mut self.amount));
        }
    }
}

fn largest_of<'n>(all: &ByClass, name: impl Fn(ClassIndex) -> &'n str) -> (String, u64, u64) {
    let best = all
        .iter()
        .filter(|(class, _)| {
            !name(**class).ends_with("[]")
                || naming::is_primitive(name(**class).trim_end_matches("[]"))
        })
        .max_by_key(|(class, amount)| (amount.bytes, std::cmp::Reverse(**class)));
    best.map_or_else(Default::default, |(&class, amount)| {
        (name(class).to_owned(), amount.objects, amount.bytes)
    })
}

fn largest_classes<'n>(
    all: &ByClass,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Vec<(String, u64, u64)> {
    let mut sums: FxHashMap<&str, (u64, u64)> = FxHashMap::default();
    for (&class, amount) in all {
        let entry = sums.entry(name(class)).or_default();
        entry.0 += amount.objects;
        entry.1 += amount.bytes;
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .map(|(name, (objects, bytes))| (name.to_owned(), objects, bytes))
        .collect();
    rows.sort_unstable_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(10);
    rows
}

//! Sums over what objects retain, by class, on all threads.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};

/// Objects that one thread counts at a time, at least.
const PIECE: usize = 1 << 15;
/// Pieces of what one object retains, at most.
const MOST_PIECES: usize = 16;

/// Objects and bytes of each class.
pub type ByClass = FxHashMap<ClassIndex, Totals>;

/// What `tops` retain, by class: objects and shallow bytes.
pub fn retained_classes(snapshot: &Snapshot<'_>, tops: &[ObjectIndex]) -> ByClass {
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

/// The outermost objects below `tops`, the tops included, for which `wanted(top, position)` holds, by class: how many and what they
/// retain.
pub fn outermost(
    snapshot: &Snapshot<'_>,
    tops: &[ObjectIndex],
    wanted: impl Fn(ObjectIndex, usize) -> bool + Sync,
) -> ByClass {
    in_pieces(snapshot, tops, |top, piece, sums| {
        let mut run = Run::default();
        let mut position = after_begun(snapshot, top, piece.start, &wanted);
        while position < piece.end {
            if wanted(top, position) {
                let (_, class) = snapshot.at(position);
                run.add(sums, class, snapshot.blamed_at(position));
                position = snapshot.end_at(position);
            } else {
                position += 1;
            }
        }
        run.end(sums);
    })
}

/// `position`, or where the outermost wanted object ends that began before it: the first of all that dominate it, down from
/// `top`.
fn after_begun(
    snapshot: &Snapshot<'_>,
    top: ObjectIndex,
    position: usize,
    wanted: &impl Fn(ObjectIndex, usize) -> bool,
) -> usize {
    let mut object = snapshot.at(position).0;
    let mut outermost = None;
    while object != top {
        let Some(above) = snapshot.dominator(object) else {
            break;
        };
        object = above;
        let begin = snapshot.positions(object).start;
        if wanted(top, begin) {
            outermost = Some(begin);
        }
    }
    outermost.map_or(position, |begin| snapshot.end_at(begin))
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

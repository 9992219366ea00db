//! What is held: the objects behind the plumbing, and the classes of everything retained.

use rustc_hash::FxHashMap;

use super::naming;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

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
///
/// Walks each retained set in preorder over plumbing and stops at the first object of another class: that is an element.
/// An element whose class has more of its kind below it (a tree, a chain) counts with all of them.
pub fn content(snapshot: &Snapshot<'_>, plumbing: &Plumbing, tops: &[ObjectIndex]) -> Content {
    let mut elements: FxHashMap<ClassIndex, (u64, u64)> = FxHashMap::default();
    let mut all: FxHashMap<ClassIndex, (u64, u64)> = FxHashMap::default();
    for &top in tops {
        let mut element_end = 0;
        for (i, &object) in snapshot.dominated(top).iter().enumerate() {
            if snapshot.is_preloaded(object) {
                continue;
            }
            let class = snapshot.class_of(object);
            let entry = all.entry(class).or_default();
            entry.0 += 1;
            entry.1 += snapshot.shallow(object);
            if i >= element_end && !plumbing.is(class) {
                element_end = i + snapshot.retained_objects(object) as usize;
                let entry = elements.entry(class).or_default();
                entry.0 += 1;
                entry.1 += snapshot.blamed(object);
            }
        }
    }
    let names: Vec<String> = snapshot
        .classes()
        .iter()
        .map(|(_, class)| naming::stable(&class.name))
        .collect();
    let name = |class: ClassIndex| names[class.0 as usize].as_str();
    let retained: u64 = tops
        .iter()
        .map(|&top| snapshot.blamed(top))
        .fold(0, u64::saturating_add);
    // Same-named classes of different loaders are one to the reader.
    let mut by_name: FxHashMap<&str, (u64, u64, u64)> = FxHashMap::default();
    for (&class, &(objects, bytes)) in &elements {
        let entry = by_name.entry(name(class)).or_default();
        entry.0 += objects;
        entry.1 += bytes;
    }
    for (&class, &(objects, _)) in &all {
        if let Some(entry) = by_name.get_mut(name(class)) {
            entry.2 += objects;
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

fn largest_of<'n>(
    all: &FxHashMap<ClassIndex, (u64, u64)>,
    name: impl Fn(ClassIndex) -> &'n str,
) -> (String, u64, u64) {
    let best = all
        .iter()
        .filter(|(class, _)| {
            !name(**class).ends_with("[]")
                || naming::is_primitive(name(**class).trim_end_matches("[]"))
        })
        .max_by_key(|(class, (_, bytes))| (*bytes, std::cmp::Reverse(**class)));
    best.map_or_else(Default::default, |(&class, &(objects, bytes))| {
        (name(class).to_owned(), objects, bytes)
    })
}

fn largest_classes<'n>(
    all: &FxHashMap<ClassIndex, (u64, u64)>,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Vec<(String, u64, u64)> {
    let mut sums: FxHashMap<&str, (u64, u64)> = FxHashMap::default();
    for (&class, &(objects, bytes)) in all {
        let entry = sums.entry(name(class)).or_default();
        entry.0 += objects;
        entry.1 += bytes;
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .map(|(name, (objects, bytes))| (name.to_owned(), objects, bytes))
        .collect();
    rows.sort_unstable_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(10);
    rows
}

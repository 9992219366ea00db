//! Classes and topmost objects.

use rayon::prelude::*;

use super::class_loaders;
use super::shown::address;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::report::model::{ClassRow, DominatorRow};

/// Classes by retained size, then by shallow size. Counts and shallow sizes are those of all objects in the dump, as the
/// JVM's own `GC.class_histogram` counts them; what has no path from a root is not retained by anybody.
pub fn classes(snapshot: &Snapshot<'_>, retained: &[u64], top: usize) -> Vec<ClassRow> {
    let n = snapshot.classes().len();
    let join = |mut a: Vec<(u64, u64)>, b: Vec<(u64, u64)>| {
        a.iter_mut()
            .zip(b)
            .for_each(|(a, b)| *a = (a.0 + b.0, a.1 + b.1));
        a
    };
    let pieces = rayon::current_num_threads().max(1) * 4;
    let len = snapshot.len();
    let sums = (0..pieces)
        .into_par_iter()
        .fold(
            || vec![(0u64, 0u64); n],
            |mut sums, piece| {
                for object in (len * piece / pieces) as u32..(len * (piece + 1) / pieces) as u32 {
                    if snapshot.contains(object) {
                        let sum = &mut sums[snapshot.class_of(object).0 as usize];
                        *sum = (sum.0 + 1, sum.1 + snapshot.shallow(object));
                    }
                }
                sums
            },
        )
        .reduce(|| vec![(0, 0); n], join);
    let mut order: Vec<usize> = (0..n).filter(|&class| sums[class].0 > 0).collect();
    let name = |class: usize| {
        snapshot
            .classes()
            .get(ClassIndex(class as u32))
            .name
            .as_str()
    };
    order.sort_unstable_by(|&a, &b| {
        (retained[b], sums[b].1)
            .cmp(&(retained[a], sums[a].1))
            .then_with(|| name(a).cmp(name(b)))
            .then(a.cmp(&b))
    });
    order.truncate(top);
    order
        .into_iter()
        .map(|class| ClassRow {
            class: name(class).to_owned(),
            loader: loader_label(snapshot, ClassIndex(class as u32)),
            objects: sums[class].0,
            shallow_bytes: sums[class].1,
            retained_bytes: retained[class],
        })
        .collect()
}

/// What the loader of a class is called; `None` for classes that the dump does not describe.
pub fn loader_label(snapshot: &Snapshot<'_>, class: ClassIndex) -> Option<String> {
    let class = snapshot.classes().get(class);
    if !class.dumped {
        return None;
    }
    label_of_loader(snapshot, class.dump.loader_id)
}

/// What the loader with identifier `id` is called; `None` when it is not in the dump.
pub fn label_of_loader(snapshot: &Snapshot<'_>, id: u64) -> Option<String> {
    if id == 0 {
        return Some("boot".to_owned());
    }
    Some(class_loaders::label(snapshot, snapshot.find(id)?))
}

/// The class of `object`, as reports show it: `class com.acme.Foo` for a class object.
pub fn label(snapshot: &Snapshot<'_>, object: ObjectIndex) -> String {
    match snapshot.as_class(object) {
        Some(class) => format!("class {}", snapshot.classes().get(class).name),
        None => snapshot.class(object).name.clone(),
    }
}

/// The topmost objects of the dominator tree by retained size; what has no path from a root is left out.
pub fn dominators(snapshot: &Snapshot<'_>, top: usize) -> Vec<DominatorRow> {
    let key = |&(retained, object): &(u64, ObjectIndex)| (std::cmp::Reverse(retained), object);
    let keep_largest = |tops: &mut Vec<(u64, ObjectIndex)>| {
        if top < tops.len() {
            tops.select_nth_unstable_by_key(top, key);
            tops.truncate(top);
        }
    };
    let mut tops = Vec::new();
    for position in snapshot.child_positions(None) {
        if snapshot.strength_at(position) != Strength::NoPath {
            tops.push((snapshot.retained_at(position), snapshot.at(position).0));
        }
        if tops.len() / 2 > top.saturating_add(1_000) {
            keep_largest(&mut tops);
        }
    }
    keep_largest(&mut tops);
    tops.sort_unstable_by_key(key);
    tops.into_iter()
        .map(|(_, object)| DominatorRow {
            object_id: address(snapshot, object),
            class: label(snapshot, object),
            shallow_bytes: snapshot.shallow(object),
            retained_bytes: snapshot.retained(object),
            retained_objects: snapshot.retained_objects(object),
        })
        .collect()
}

//! Objects by class: the largest of them.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Listed, largest, row};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Objects that one task looks at.
const OBJECTS_PER_TASK: usize = 1 << 18;

/// The objects of the classes named `class` (several loaders may define one), the `top` that retain most; 0 means all.
pub fn objects(snapshot: &Snapshot<'_>, class: &str, top: usize) -> Listed {
    let classes: FxHashSet<ClassIndex> = snapshot.classes().named(class).collect();
    let (total, mut found) = match classes.is_empty() {
        true => (0, Vec::new()),
        false => found(snapshot, &classes, top),
    };
    largest(snapshot, &mut found, top);
    Listed {
        total,
        rows: found
            .into_iter()
            .map(|object| row(snapshot, object, None))
            .collect(),
    }
}

/// How many there are, and those of each piece of the heap that may be among the largest.
fn found(
    snapshot: &Snapshot<'_>,
    classes: &FxHashSet<ClassIndex>,
    top: usize,
) -> (u64, Vec<ObjectIndex>) {
    let len = snapshot.len();
    let piece = |piece: usize| {
        let objects = piece * OBJECTS_PER_TASK..((piece + 1) * OBJECTS_PER_TASK).min(len);
        let mut found: Vec<ObjectIndex> = objects
            .map(|object| object as ObjectIndex)
            .filter(|&object| {
                classes.contains(&snapshot.class_of(object)) && snapshot.contains(object)
            })
            .collect();
        let total = found.len() as u64;
        largest(snapshot, &mut found, top);
        (total, found)
    };
    (0..len.div_ceil(OBJECTS_PER_TASK))
        .into_par_iter()
        .map(piece)
        .reduce(
            || (0, Vec::new()),
            |mut a, b| {
                a.0 += b.0;
                a.1.extend(b.1);
                largest(snapshot, &mut a.1, top);
                a
            },
        )
}

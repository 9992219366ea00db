//! Why an object is alive: paths from GC roots to it.

use serde::Serialize;

use super::super::suspects::{path, reference, root_label};
use super::{ObjectRow, row, short};
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::PathStep;

/// Paths to one object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paths {
    /// The object.
    pub object: ObjectRow,
    /// How strongly it is reachable.
    pub strength: String,
    /// Objects that refer to it; `None` when they were not looked for.
    pub referrers: Option<u64>,
    /// The paths, each through another referrer; the first one crosses the fewest objects that several others refer to.
    pub paths: Vec<Path>,
}

/// One path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Path {
    /// What it begins at: kind of GC root, or how weakly its first object is reachable.
    pub root: String,
    /// From the GC root down to the object; repetitions are folded.
    pub steps: Vec<PathStep>,
}

/// Up to `most` paths to `object`, through different referrers; more than one needs a pass over the dump, or its index.
pub fn paths(snapshot: &Snapshot<'_>, object: ObjectIndex, most: usize) -> Paths {
    let first = snapshot.path(object);
    let mut found = vec![first];
    let mut count = None;
    if most > 1 {
        let mut referrers = snapshot.referrers(object);
        count = Some(referrers.len() as u64);
        // What is reachable more weakly than the object itself does not keep it.
        referrers.retain(|&from| snapshot.strength(from) <= snapshot.strength(object));
        // A weak reference beside strong ones does not hold; its path says what it is.
        let is_weak = |from: &ObjectIndex| {
            let strength = snapshot.referent_strength(*from, object);
            strength.is_some_and(|strength| strength > snapshot.strength(object))
        };
        referrers.sort_by_cached_key(is_weak);
        for from in referrers {
            if found.len() >= most {
                break;
            }
            let known = found
                .iter()
                .any(|path| path.iter().rev().nth(1) == Some(&from));
            // A referrer that only the object itself keeps alive explains nothing.
            if known || !snapshot.contains(from) || snapshot.dominates(object, from) {
                continue;
            }
            let mut path = snapshot.path(from);
            if !path.contains(&object) {
                path.push(object);
                found.push(path);
            }
        }
    }
    let paths = found.iter().map(|path| path_row(snapshot, path)).collect();
    Paths {
        object: row(snapshot, object, None),
        strength: snapshot.strength(object).as_str().to_owned(),
        referrers: count,
        paths,
    }
}

fn path_row(snapshot: &Snapshot<'_>, objects: &[ObjectIndex]) -> Path {
    let mut steps = path(snapshot, objects);
    for step in &mut steps {
        step.class = short(std::mem::take(&mut step.class));
        step.reference = step.reference.take().map(short);
    }
    // Folding must not hide the object that was asked for.
    if let (Some(last), Some(&object)) = (steps.last_mut(), objects.last()) {
        last.object_id = super::address(snapshot, object);
        last.retained_bytes = snapshot.retained(object);
        if let Some(before) = objects.len().checked_sub(2) {
            last.reference = reference(snapshot, objects[before], object).map(short);
        }
    }
    Path {
        root: root_label(snapshot, objects.first().copied())
            .unwrap_or_else(|| "no path from a GC root".to_owned()),
        steps,
    }
}

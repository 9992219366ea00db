//! Where what a holder keeps splits into many: the collection, not one of its nodes or elements.

use std::cmp::Reverse;

use super::group::Suspect;
use crate::heap::{ObjectIndex, Snapshot};

/// Steps down or up that are taken.
const MOST_STEPS: usize = 100;
/// Children of one object that are looked at for the largest.
const MOST_CHILDREN: usize = 1_000;

/// From `top` down to where it splits: the largest child while it keeps most.
pub(super) fn accumulation(snapshot: &Snapshot<'_>, top: ObjectIndex) -> ObjectIndex {
    let bytes = |object| snapshot.retained_by_application(object);
    let mut point = top;
    for _ in 0..MOST_STEPS {
        let largest = snapshot
            .children(Some(point))
            .max_by_key(|&child| (bytes(child), Reverse(child)));
        match largest {
            Some(child) if bytes(child).saturating_mul(2) > bytes(top) => point = child,
            _ => break,
        }
    }
    point
}

/// Moves the accumulation point of `suspect` up its path, to the object that keeps most of what is held, and from the nodes of a list or
/// a tree to what has them; not above what the holder's field refers to.
pub(super) fn at_collection(snapshot: &Snapshot<'_>, suspect: &mut Suspect) {
    let path = &suspect.path;
    let target = suspect.holder.target;
    let Some(first) = path.iter().position(|&object| object == target) else {
        return;
    };
    let most = |&object: &ObjectIndex| {
        snapshot.retained_by_application(object).saturating_mul(2) > suspect.retained_bytes
    };
    let Some(mut at) = path[first..].iter().rposition(most).map(|at| first + at) else {
        return;
    };
    while at > first && is_link(snapshot, path[at]) {
        at -= 1;
    }
    suspect.accumulation_point = path[at];
    suspect.path.truncate(at + 1);
}

/// Whether most of what `object` keeps below it is another one of its class: a node of a list or a tree.
fn is_link(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    let children = snapshot.children(Some(object)).take(MOST_CHILDREN);
    let largest =
        children.max_by_key(|&child| (snapshot.retained_by_application(child), Reverse(child)));
    largest.is_some_and(|child| snapshot.class_of(child) == snapshot.class_of(object))
}

//! Where what a holder keeps splits into many: the collection, not one of its nodes or elements.

use std::cmp::Reverse;

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

/// Where on `path` the collection is that keeps most of `retained` bytes, the nodes of a list or a tree and what lies further down left
/// out; not above `target`, to which the holder's field refers.
pub(super) fn of_collection(
    snapshot: &Snapshot<'_>,
    path: &[ObjectIndex],
    target: ObjectIndex,
    retained: u64,
) -> Option<usize> {
    let first = path.iter().position(|&object| object == target)?;
    let most = |&object: &ObjectIndex| {
        snapshot.retained_by_application(object).saturating_mul(2) > retained
    };
    let mut at = first + path[first..].iter().rposition(most)?;
    while at > first && is_link(snapshot, path[at]) {
        at -= 1;
    }
    Some(at)
}

/// Whether most of what `object` keeps below it is another one of its class: a node of a list or a tree.
fn is_link(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    let children = snapshot.children(Some(object)).take(MOST_CHILDREN);
    let largest =
        children.max_by_key(|&child| (snapshot.retained_by_application(child), Reverse(child)));
    largest.is_some_and(|child| snapshot.class_of(child) == snapshot.class_of(object))
}

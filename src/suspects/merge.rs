//! Parts with the same holder become one suspect.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::content::{Plumbing, content};
use super::group::Suspect;
use super::holder::{Holder, HolderKind, Owners};
use super::naming;
use super::parts::Part;
use crate::heap::{ObjectIndex, Snapshot, privacy};

/// One suspect of `parts`, whose holders have the same signature.
pub(super) fn merge(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    plumbing: &Plumbing,
    mut parts: Vec<Part>,
) -> Suspect {
    parts.sort_by_key(|part| (Reverse(snapshot.blamed(part.point)), part.point));
    let mut tops: Vec<ObjectIndex> = parts
        .iter()
        .flat_map(|part| std::iter::once(part.top).chain(part.alike.iter().copied()))
        .collect();
    keep_outermost(snapshot, &mut tops);
    largest_first(snapshot, &mut tops);
    let mut holders: Vec<Option<ObjectIndex>> =
        parts.iter().map(|part| part.holder.object).collect();
    holders.sort_unstable();
    holders.dedup();
    let is_thread = parts[0].holder.kind == HolderKind::Thread;
    let inner: Vec<ObjectIndex> = if is_thread {
        let mut targets: Vec<ObjectIndex> = parts.iter().map(|part| part.holder.target).collect();
        targets.sort_unstable();
        targets.dedup();
        let retained = |objects: &[ObjectIndex]| {
            let sizes = objects.iter().map(|&object| snapshot.retained(object));
            sizes.fold(0, u64::saturating_add)
        };
        // What the thread refers to may share what it works on with others, and keep next to nothing itself.
        if retained(&targets) * 2 < retained(&tops) {
            tops.clone()
        } else {
            targets
        }
    } else {
        tops.clone()
    };
    let mut content = content(snapshot, plumbing, &inner);
    if is_thread {
        content.classes = super::content::content(snapshot, plumbing, &tops).classes;
    }
    let sum = |value: &dyn Fn(ObjectIndex) -> u64| {
        tops.iter()
            .map(|&top| value(top))
            .fold(0, u64::saturating_add)
    };
    let (retained_bytes, retained_objects) = (
        sum(&|top| snapshot.blamed(top)),
        sum(&|top| snapshot.blamed_objects(top)),
    );
    let shallow_bytes = sum(&|top| match snapshot.is_preloaded(top) {
        true => 0,
        false => snapshot.shallow(top),
    });
    // A map and, found one by one, its elements, which another map shares.
    let grouped = parts.iter().any(|part| part.grouped);
    let first = parts.swap_remove(0);
    let mut holder = first.holder;
    if holders.len() > 1 {
        holder.thread = holder.thread.map(|thread| privacy::shortened(&thread));
    }
    let shared_with = other_owners(snapshot, owners, &holder);
    let via = (holders.len() == 1).then(|| owners.via(&holder)).flatten();
    Suspect {
        holders: holders.len() as u64,
        content,
        retained_bytes,
        retained_objects,
        shallow_bytes,
        accumulation_point: first.point,
        path: first.path,
        shared_with,
        inside: Vec::new(),
        grouped,
        pattern: None,
        via,
        tops,
        holder,
    }
}

/// The place of `object` and of all it dominates in the dominator tree's preorder. Only for comparing.
pub(super) fn place(
    snapshot: &Snapshot<'_>,
    object: ObjectIndex,
) -> std::ops::Range<*const ObjectIndex> {
    snapshot.dominated(object).as_ptr_range()
}

/// Orders `tops` by size. Each size is looked up once, by all threads: there may be millions.
fn largest_first(snapshot: &Snapshot<'_>, tops: &mut [ObjectIndex]) {
    let sized = tops
        .par_iter()
        .map(|&top| (Reverse(snapshot.blamed(top)), top));
    let mut sized: Vec<(Reverse<u64>, ObjectIndex)> = sized.collect();
    sized.par_sort_unstable();
    for (top, (_, sorted)) in tops.iter_mut().zip(sized) {
        *top = sorted;
    }
}

/// Drops what another of `tops` dominates; leaves them in preorder.
pub(super) fn keep_outermost(snapshot: &Snapshot<'_>, tops: &mut Vec<ObjectIndex>) {
    let placed = tops.par_iter().map(|&top| {
        let place = snapshot.positions(top);
        (place.start, Reverse(place.end), top)
    });
    let mut placed: Vec<(usize, Reverse<usize>, ObjectIndex)> = placed.collect();
    placed.par_sort_unstable();
    placed.dedup();
    let mut covered = 0;
    placed.retain(|&(start, Reverse(end), _)| {
        let outside = start >= covered;
        if outside {
            covered = end;
        }
        outside
    });
    tops.clear();
    tops.extend(placed.into_iter().map(|(_, _, top)| top));
}

/// Static fields of somebody's own that refer to the same object as the holder does.
fn other_owners(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    holder: &Holder,
) -> Vec<(String, u64)> {
    let mut names: Vec<String> = owners
        .statics()
        .of(holder.target)
        .iter()
        .filter(|field| naming::is_owner(&snapshot.classes().get(field.0).name))
        .map(|&(class, name_id)| {
            format!(
                "{}.{}",
                snapshot.classes().get(class).name,
                snapshot.name(name_id)
            )
        })
        .filter(|name| *name != holder.title())
        .collect();
    names.sort_unstable();
    names.dedup();
    // Each alone would free nothing: the other ones hold the same object.
    names.into_iter().map(|name| (name, 0)).collect()
}

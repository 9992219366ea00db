//! Small parts of something large: four of the 480 buffers that share an arena's chunks do not hold the arena, though the path to a chunk
//! may lead through one of them.

use rustc_hash::FxHashSet;

use super::group::Suspect;
use super::holder::{Holder, HolderKind, Owners};
use super::naming;
use crate::heap::{Link, ObjectIndex, Snapshot};

/// Parts from which on a holder of less than half of them holds a small part.
const FEWEST: usize = 8;

/// Gives `suspect` the field of the library's that has the whole, where its holder only has a few of many parts. `pairs` are some of the
/// objects that it holds, each with what refers to it. Gives back whether it did.
pub(super) fn give_to_the_whole(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &mut Suspect,
    pairs: &[(ObjectIndex, ObjectIndex)],
) -> bool {
    let is_field = matches!(
        suspect.holder.kind,
        HolderKind::InstanceField | HolderKind::StaticField
    );
    let Some(part) = part_on_path(snapshot, suspect).filter(|_| is_field && suspect.grouped) else {
        return false;
    };
    let held = |&&(whole, _): &&(ObjectIndex, ObjectIndex)| suspect.tops.cover(snapshot, whole);
    let of_suspect: Vec<&(ObjectIndex, ObjectIndex)> = pairs.iter().filter(held).collect();
    let class = snapshot.class_of(part);
    let (parts, others): (Vec<_>, Vec<_>) = of_suspect
        .into_iter()
        .partition(|(_, from)| snapshot.class_of(*from) == class);
    let parts: FxHashSet<ObjectIndex> = parts.into_iter().map(|&(_, from)| from).collect();
    let target = suspect.holder.target;
    let own = parts.iter();
    let own = own
        .filter(|&&part| snapshot.dominates(target, part))
        .count();
    if parts.len() < FEWEST || own * 2 >= parts.len() {
        return false;
    }
    let whole = others.into_iter().filter_map(|&(to, from)| {
        let class = &snapshot.class(from).name;
        let Some(Link::Field {
            declared_by,
            name_id,
        }) = snapshot.link(from, to)
        else {
            return None;
        };
        let library = naming::is_owner(class) && !owners.is_own(declared_by);
        library.then(|| {
            owners.field_holder(
                HolderKind::InstanceField,
                declared_by,
                name_id,
                Some(from),
                to,
            )
        })
    });
    let Some(holder) = whole.min_by_key(|holder: &Holder| (holder.title(), holder.target)) else {
        return false;
    };
    suspect
        .shared_with
        .push((suspect.holder.title(), snapshot.blamed(target)));
    suspect.holders = suspect.tops.len() as u64;
    (suspect.via, suspect.place) = (None, None);
    suspect.holder = holder;
    suspect.lead_through_holder(snapshot);
    true
}

/// The object on the path before the one that is held, if the holder keeps it and it keeps next to nothing.
fn part_on_path(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Option<ObjectIndex> {
    let is_top = |&object: &ObjectIndex| {
        let position = snapshot.position(object);
        position.is_some_and(|position| suspect.tops.begin_at(position))
    };
    let at = suspect.path.iter().position(is_top)?;
    let part = *suspect.path.get(at.checked_sub(1)?)?;
    let own = !naming::is_plumbing(&snapshot.class(part).name)
        && snapshot.dominates(suspect.holder.target, part)
        && part != suspect.holder.target;
    own.then_some(part)
}

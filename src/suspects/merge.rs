//! Parts with the same holder become one suspect.

use std::cmp::Reverse;

use super::content;
use super::holder::{Holder, HolderKind};
use super::naming;
use super::owners::Owners;
use super::parts::Part;
use super::suspect::Suspect;
use super::transparent::Transparency;
use super::weight::Weight;
use crate::heap::{ObjectIndex, Runs, Snapshot, privacy};

/// One suspect of `parts`, whose holders have the same signature.
pub(super) fn merge(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    mut parts: Vec<Part>,
) -> Suspect {
    parts.sort_by_key(|part| {
        (
            Reverse(snapshot.retained_by_application(part.point)),
            part.point,
        )
    });
    let positions = parts.iter().flat_map(|part| part.members(snapshot));
    let tops = snapshot.runs_at(positions.collect());
    let weight = Weight::of(snapshot, &tops);
    let holders = holders(&parts);
    let work = work_of_threads(snapshot, &parts, &tops);
    let mut content = content::content(snapshot, transparent, work.as_ref().unwrap_or(&tops));
    if work.is_some() {
        content.classes = content::content(snapshot, transparent, &tops).classes;
    }
    let grouped = mostly_grouped(snapshot, &parts);
    let further = further_fields(&mut parts);
    let via = match holders {
        1 => owners.via(&parts[0].holder),
        _ => owners.via_of_all(&parts),
    };
    let first = parts.swap_remove(0);
    let place = owners.place(&first.path, first.holder.target);
    let mut holder = first.holder;
    if holders > 1 {
        holder.thread = holder.thread.map(|thread| privacy::shortened(&thread));
    }
    let mut shared_with = other_owners(snapshot, owners, &holder);
    shared_with.extend(further);
    Suspect {
        holders,
        content,
        retained_bytes: weight.retained_bytes,
        retained_objects: weight.retained_objects,
        shallow_bytes: weight.shallow_bytes,
        largest: weight.largest(),
        accumulation_point: first.point,
        path: first.path,
        shared_with,
        inside: Vec::new(),
        grouped,
        place,
        held_by: Vec::new(),
        collection: None,
        pattern: None,
        via,
        tops,
        holder,
    }
}

/// What threads refer to, where that is most of what they keep; what they work on may be shared with others instead.
fn work_of_threads(snapshot: &Snapshot<'_>, parts: &[Part], tops: &Runs) -> Option<Runs> {
    if parts[0].holder.kind != HolderKind::Thread {
        return None;
    }
    let targets: Vec<ObjectIndex> = parts.iter().map(|part| part.holder.target).collect();
    let targets = snapshot.runs(&targets);
    let most = targets.retained(snapshot).saturating_mul(2);
    (most >= tops.retained(snapshot)).then_some(targets)
}

/// Whether most of the bytes were found as one of many: the table of the map that they are in may be a part as well.
fn mostly_grouped(snapshot: &Snapshot<'_>, parts: &[Part]) -> bool {
    let bytes = |grouped| {
        let of = parts.iter().filter(|part| part.grouped == grouped);
        of.map(|part| part.bytes(snapshot))
            .fold(0, u64::saturating_add)
    };
    bytes(true) > bytes(false)
}

/// The other fields of one component through which `parts` were found, the largest first.
fn further_fields(parts: &mut [Part]) -> Vec<(String, u64)> {
    let all = parts.iter_mut().flat_map(|part| part.shared_with.drain(..));
    let mut all: Vec<(String, u64)> = all.collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// How many different holders `parts` have. What nothing but a GC root holds stands for itself: so do its neighbours whose
/// owner was not looked for.
fn holders(parts: &[Part]) -> u64 {
    let mut found: Vec<Option<ObjectIndex>> = parts.iter().map(|part| part.holder.object).collect();
    found.sort_unstable();
    found.dedup();
    let themselves = parts
        .iter()
        .filter(|part| part.holder.object == Some(part.top));
    let alike: usize = themselves.map(|part| part.alike.len()).sum();
    (found.len() + alike) as u64
}

/// Static fields of the application or a library that refer to the same object as the holder does.
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

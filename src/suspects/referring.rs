//! Owners off the path: who else refers to what accumulates.
//!
//! The path from the GC root to an object is one of many. Where it meets nobody's own code (a worker thread of a pool, a timer
//! thread), or where the members of a group are shared, the other referrers tell more. They cost one pass over the dump,
//! so all questions are asked in that pass, and only for what is large.

use rustc_hash::FxHashSet;

use super::group::Suspect;
use super::holder::{Holder, HolderKind, Owners};
use super::naming;
use crate::heap::{Link, ObjectIndex, Snapshot};

/// Suspects that are asked about.
const MOST_SUSPECTS: usize = 10;
/// Objects of a path that are asked about, from what accumulates upwards.
const MOST_STEPS: usize = 24;
/// Members of a group that are asked about.
const SAMPLE: usize = 3;
/// Referrers of one object that are followed.
const MOST_REFERRERS: usize = 64;

/// Gives suspects of at least `least` bytes a better holder where there is one, and names further ones.
pub fn improve(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, all: &mut [Suspect], least: u64) {
    let questions: Vec<Vec<ObjectIndex>> = all
        .iter()
        .take(MOST_SUSPECTS)
        .map(|suspect| {
            if suspect.retained_bytes >= least {
                questions(suspect)
            } else {
                Vec::new()
            }
        })
        .collect();
    let asked: Vec<ObjectIndex> = questions.iter().flatten().copied().collect();
    if asked.is_empty() {
        return;
    }
    let pairs = snapshot.referrers_of(&asked);
    let referrers = |object: ObjectIndex| {
        let from = pairs.partition_point(|&(to, _)| to < object);
        pairs[from..]
            .iter()
            .take_while(move |&&(to, _)| to == object)
            .take(MOST_REFERRERS)
            .map(|&(_, from)| from)
    };
    for (suspect, objects) in all.iter_mut().zip(questions) {
        let on_path: FxHashSet<ObjectIndex> = suspect.path.iter().copied().collect();
        for object in objects {
            for from in referrers(object).filter(|from| !on_path.contains(from)) {
                let Some(other) = owner_through(snapshot, owners, from, object) else {
                    continue;
                };
                note(snapshot, suspect, other);
            }
        }
        suspect
            .shared_with
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        suspect.shared_with.dedup_by(|a, b| a.0 == b.0);
    }
}

/// What to ask about a suspect: the path below a holder that is nobody's own, members of a group.
fn questions(suspect: &Suspect) -> Vec<ObjectIndex> {
    if !suspect.holder.is_application() {
        let below = suspect.path.iter().rev();
        let stop = suspect
            .path
            .iter()
            .position(|&object| object == suspect.holder.target)
            .unwrap_or(0);
        let steps = (suspect.path.len() - stop).min(MOST_STEPS);
        return below.take(steps).copied().collect();
    }
    if suspect.grouped
        && !matches!(
            suspect.holder.kind,
            HolderKind::Thread | HolderKind::ThreadLocal
        )
    {
        let step = suspect.tops.len().div_ceil(SAMPLE).max(1);
        return suspect.tops.iter().step_by(step).copied().collect();
    }
    Vec::new()
}

/// The owner that holds `to` by way of `from`, if it is somebody's own.
fn owner_through(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    from: ObjectIndex,
    to: ObjectIndex,
) -> Option<Holder> {
    if snapshot.strength(from) != crate::graph::Strength::Strong {
        return None;
    }
    if naming::is_owner(&snapshot.class(from).name)
        && let Some(Link::Field {
            declared_by,
            name_id,
        }) = snapshot.link(from, to)
    {
        return Some(Holder {
            kind: HolderKind::InstanceField,
            class: snapshot.classes().get(declared_by).name.clone(),
            field: Some(snapshot.name(name_id)),
            thread: None,
            frame: None,
            object: Some(from),
            target: to,
        });
    }
    let (holder, _) = owners.find(from);
    holder.is_application().then_some(holder)
}

/// Takes `other` as the holder if the present one is nobody's own, else as a further one.
fn note(snapshot: &Snapshot<'_>, suspect: &mut Suspect, other: Holder) {
    if other.title() == suspect.holder.title() {
        return;
    }
    let alone = |holder: &Holder| {
        let inside = suspect.tops.contains(&holder.target);
        if inside {
            0
        } else {
            snapshot.blamed(holder.target)
        }
    };
    if suspect.holder.is_application() {
        let row = (other.title(), alone(&other));
        suspect.shared_with.push(row);
    } else {
        let row = (suspect.holder.title(), 0);
        suspect.shared_with.push(row);
        suspect.holder = other;
        suspect.holders = 1;
    }
}

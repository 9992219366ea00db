//! Threads without a name, in masses: virtual ones. The code that they run says what they do; the field that has them all, a set or an
//! executor, is what a developer can go and change.
//!
//! What a thread waits for, owns or works on refers to it as well, and has none of them: only what keeps a thread as an element, or in a
//! field of the application's own, is asked for its owner.

use std::collections::BTreeMap;

use super::content::content;
use super::group::Suspect;
use super::holder::{Holder, HolderKind, Owners};
use super::own_collection::ELEMENTS;
use super::transparent::Transparency;
use crate::graph::Strength;
use crate::heap::{Link, ObjectIndex, Snapshot};

/// Suspects that are looked at.
const MOST_SUSPECTS: usize = 10;
/// Threads that are masses.
const FEWEST: usize = 8;
/// Threads that are asked who refers to them.
const SAMPLE: usize = 16;
/// Referrers of one thread that are followed.
const MOST_REFERRERS: usize = 16;

/// Names the field that has the threads of a suspect, where there is one.
pub(super) fn by_field(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    all: &mut [Suspect],
    least: u64,
) {
    let large = all.iter_mut().take(MOST_SUSPECTS);
    for suspect in large.filter(|suspect| suspect.retained_bytes >= least) {
        let is_told = suspect.holder.is_field() && !owners.is_vague(&suspect.holder);
        let asked = match is_told {
            true => Vec::new(),
            false => nameless(snapshot, suspect),
        };
        if let Some(holder) = field_of_all(snapshot, owners, &asked) {
            take_over(snapshot, owners, transparent, suspect, holder);
        }
    }
}

/// A sample of the threads that `suspect` is made of; none if any of them has a name.
fn nameless(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Vec<ObjectIndex> {
    if suspect.tops.len() < FEWEST {
        return Vec::new();
    }
    let step = suspect.tops.len().div_ceil(SAMPLE);
    let sample = suspect.tops.iter().step_by(step);
    let sample: Vec<ObjectIndex> = sample.map(|run| snapshot.at(run.start).0).collect();
    let is_nameless = |&object: &ObjectIndex| {
        let class = snapshot.class_of(object);
        let name = snapshot.thread_name(object);
        snapshot.classes().is_a(class, "java.lang.Thread")
            && name.is_none_or(|name| name.is_empty())
    };
    match sample.iter().all(is_nameless) {
        true => sample,
        false => Vec::new(),
    }
}

/// The field of the application that leads to all of `threads`, the first by name of several.
fn field_of_all(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    threads: &[ObjectIndex],
) -> Option<Holder> {
    if threads.is_empty() {
        return None;
    }
    let mut found: BTreeMap<String, (usize, Holder)> = BTreeMap::new();
    let pairs = snapshot.referrers_of(threads);
    for &thread in threads {
        let from = pairs.partition_point(|&(to, _)| to < thread);
        let referrers = pairs[from..].iter().take_while(|&&(to, _)| to == thread);
        let keepers = referrers.filter(|&&(_, from)| keeps(snapshot, owners, from, thread));
        let holders = keepers.take(MOST_REFERRERS);
        let holders = holders.filter_map(|&(_, from)| owner(owners, from, thread));
        let of_thread: BTreeMap<String, Holder> =
            holders.map(|holder| (holder.title(), holder)).collect();
        for (title, holder) in of_thread {
            found.entry(title).or_insert((0, holder)).0 += 1;
        }
    }
    let all = found.into_values();
    let mut all = all.filter(|&(times, _)| times == threads.len());
    all.next().map(|(_, holder)| holder)
}

/// Whether `from` has `thread` as an element, or is an object of the application's.
fn keeps(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    from: ObjectIndex,
    thread: ObjectIndex,
) -> bool {
    if snapshot.strength(from) != Strength::Strong || snapshot.dominates(thread, from) {
        return false;
    }
    match snapshot.link(from, thread) {
        Some(Link::Element { .. }) => true,
        Some(Link::Field { name_id, .. }) => {
            owners.is_own(snapshot.class_of(from))
                || ELEMENTS.contains(&snapshot.name(name_id).as_str())
        }
        _ => false,
    }
}

/// The application's field behind `from`, which has `thread`.
fn owner(owners: &Owners<'_, '_>, from: ObjectIndex, thread: ObjectIndex) -> Option<Holder> {
    let (_, mut path) = owners.find(from);
    path.push(thread);
    let holder = owners.owner_on(&path);
    (holder.is_field() && !owners.is_vague(&holder)).then_some(holder)
}

/// Makes `holder` that of `suspect`, and tells the code that the threads run inside of it.
fn take_over(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    suspect: &mut Suspect,
    holder: Holder,
) {
    let threads = suspect.holder.kind == HolderKind::Thread;
    if threads && suspect.holder.frame.is_some() {
        let running = suspect.holder.title_with("threads");
        suspect.inside.push((running, suspect.retained_bytes));
    }
    suspect.via = owners.via(&holder);
    suspect.holder = holder;
    suspect.holders = 1;
    suspect.place = None;
    suspect.content = content(snapshot, transparent, &suspect.tops);
    suspect.lead_through_holder(snapshot);
}

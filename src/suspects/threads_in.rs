//! Threads without a name, in masses: virtual ones. The code that they run says what they do; the field that has them all, a set or an
//! executor, is what a developer can go and change.
//!
//! What a thread waits for, owns or works on refers to it as well, and has none of them: only what keeps a thread as an element, or in a
//! field of the application's own, is asked for its owner.

use std::collections::BTreeMap;

use super::content::content;
use super::holder::{Holder, HolderKind};
use super::own_collection::ELEMENTS;
use super::owners::Owners;
use super::referring::owner_through;
use super::suspect::Suspect;
use super::transparent::Transparency;
use crate::graph::Strength;
use crate::heap::{Link, ObjectIndex, Snapshot, referrers_in};

/// Suspects that are looked at.
const MOST_SUSPECTS: usize = 10;
/// Threads that are masses.
const FEWEST: usize = 8;
/// Threads that are asked who refers to them.
const SAMPLE: usize = 16;
/// Objects of a path that are asked about.
const MOST_STEPS: usize = 12;
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
    let (mut known, mut ways) = (Vec::new(), Vec::new());
    let mut passed: Vec<ObjectIndex> = Vec::new();
    let pairs = match threads {
        [] => return None,
        threads => snapshot.referrers_of(threads),
    };
    for &thread in threads {
        let keepers =
            referrers_in(&pairs, thread).filter(|&from| keeps(snapshot, owners, from, thread));
        let (mut fields, mut way) = (Vec::new(), Vec::new());
        for from in keepers.take(MOST_REFERRERS) {
            match way_to(snapshot, owners, from, thread) {
                Ok(holder) => fields.push(holder),
                Err(objects) => way.extend(objects),
            }
        }
        passed.extend(&way);
        known.push(fields);
        ways.push(way);
    }
    in_all(known).or_else(|| {
        passed.sort_unstable();
        passed.dedup();
        // All threads of one collection have the way to it in common.
        passed.retain(|object| ways.iter().all(|way| way.contains(object)));
        let pairs = snapshot.referrers_of(&passed);
        let all = passed.iter().flat_map(|&object| {
            // Each thread refers to its executor.
            let own = |&from: &ObjectIndex| owners.is_own(snapshot.class_of(from));
            let from = referrers_in(&pairs, object)
                .filter(own)
                .take(MOST_REFERRERS);
            let fields = from.filter_map(move |from| owner_through(snapshot, owners, from, object));
            owners.static_holder(object).into_iter().chain(fields)
        });
        in_all(vec![
            all.filter(|holder| is_field(owners, holder)).collect(),
        ])
    })
}

/// The first by name of the holders that occur in all of `lists`.
fn in_all(lists: Vec<Vec<Holder>>) -> Option<Holder> {
    let number = lists.len();
    let mut found: BTreeMap<String, (usize, Holder)> = BTreeMap::new();
    for list in lists {
        let by_title = list.into_iter().map(|holder| (holder.title(), holder));
        for (title, holder) in by_title.collect::<BTreeMap<String, Holder>>() {
            found.entry(title).or_insert((0, holder)).0 += 1;
        }
    }
    let mut all = found.into_values().filter(|&(times, _)| times == number);
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

/// Whether a field of the application's holds.
fn is_field(owners: &Owners<'_, '_>, holder: &Holder) -> bool {
    holder.is_field() && !owners.is_vague(holder)
}

/// The application's field behind `from`, which has `thread`; else the objects from which the way to it leads on: an executor is reached
/// through each of its threads as well.
fn way_to(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    from: ObjectIndex,
    thread: ObjectIndex,
) -> Result<Holder, Vec<ObjectIndex>> {
    let (_, mut path) = owners.find(from);
    path.push(thread);
    let holder = owners.owner_on(&path);
    if is_field(owners, &holder) {
        return Ok(holder);
    }
    let above = &path[..path.len() - 1];
    let is_thread = |&object: &ObjectIndex| {
        let class = snapshot.class_of(object);
        snapshot.classes().is_a(class, "java.lang.Thread")
    };
    let below = above.iter().rposition(is_thread).map_or(0, |at| at + 1);
    let way = above[below..].iter().rev().take(MOST_STEPS).copied();
    Err(way.collect())
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

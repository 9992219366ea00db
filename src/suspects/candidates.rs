//! Where memory accumulates: the large part of the dominator tree, walked once. Sizes are without what was there before the
//! application ([`Snapshot::retained_by_application`]), so that Android's zygote and boot image are nobody's fault.

use rustc_hash::FxHashMap;

use super::thread_holder::CLASS_VALUES;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// How many classes back a chain is recognised by its repeating classes: `Node -> Item -> Node -> Item`.
const CHAIN: usize = 4;
/// Members of a class that are asked whether their dominator refers to them.
const SAMPLE: usize = 5;

/// One place where memory accumulates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// An object that splits into many small ones, or the first of a chain whose members do.
    Point(ObjectIndex),
    /// Many objects of one class, each below the floor: topmost ones, or those that one object dominates without referring
    /// to them.
    Class {
        /// Their class.
        class: ClassIndex,
        /// Their positions in preorder, ascending.
        members: Vec<usize>,
        /// The object that dominates them, `None` for topmost ones.
        under: Option<ObjectIndex>,
    },
}

/// Finds all candidates that keep at least `floor` bytes. Linear in the number of objects that retain that much and of
/// their children.
pub fn candidates(snapshot: &Snapshot<'_>, floor: u64) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut work = Vec::new();
    let mut small: FxHashMap<ClassIndex, (u64, Vec<usize>)> = FxHashMap::default();
    for position in snapshot.child_positions(None) {
        if !counts(snapshot, position) {
            continue;
        }
        let (top, class) = snapshot.at(position);
        let retained = snapshot.retained_by_application_at(position);
        if retained >= floor {
            work.push(top);
        } else {
            let entry = small.entry(class).or_default();
            entry.0 += retained;
            entry.1.push(position);
        }
    }
    while let Some(start) = work.pop() {
        walk(snapshot, start, floor, &mut work, &mut found);
    }
    let mut groups: Vec<_> = small
        .into_iter()
        .filter(|(_, (bytes, _))| *bytes >= floor)
        .collect();
    groups.sort_unstable_by_key(|&(class, _)| class);
    found.extend(
        groups
            .into_iter()
            .map(|(class, (_, members))| Candidate::Class {
                class,
                members,
                under: None,
            }),
    );
    found
}

/// Whether the topmost object at `position` can be the fault of the application or a library: strongly held, waiting for its finalizer, or the value of a
/// `ClassValue`. Class objects hold the latter by a field that dumps do not show, so no path leads there.
fn counts(snapshot: &Snapshot<'_>, position: usize) -> bool {
    match snapshot.strength_at(position) {
        Strength::Strong | Strength::Final => true,
        Strength::NoPath => {
            let (_, class) = snapshot.at(position);
            snapshot.classes().get(class).name == CLASS_VALUES
        }
        _ => false,
    }
}

/// Follows `start` down as long as one large child of a repeating class goes on (a chain) and sums what is not part of
/// large children. Large children that are no part of the chain go to `work`.
fn walk(
    snapshot: &Snapshot<'_>,
    start: ObjectIndex,
    floor: u64,
    work: &mut Vec<ObjectIndex>,
    found: &mut Vec<Candidate>,
) {
    let mut recent: Vec<ClassIndex> = Vec::new();
    let mut at = start;
    let mut accumulated = 0u64;
    loop {
        let large: Vec<ObjectIndex> = snapshot
            .child_positions(Some(at))
            .filter(|&child| snapshot.retained_by_application_at(child) >= floor)
            .map(|child| snapshot.at(child).0)
            .collect();
        let large_bytes: u64 = large
            .iter()
            .map(|&child| snapshot.retained_by_application(child))
            .sum();
        accumulated += snapshot
            .retained_by_application(at)
            .saturating_sub(large_bytes);
        recent.push(snapshot.class_of(at));
        if recent.len() > CHAIN {
            recent.remove(0);
        }
        let next = large
            .iter()
            .copied()
            .filter(|&child| recent.contains(&snapshot.class_of(child)))
            .max_by_key(|&child| {
                (
                    snapshot.retained_by_application(child),
                    std::cmp::Reverse(child),
                )
            });
        work.extend(large.into_iter().filter(|&child| Some(child) != next));
        match next {
            Some(child) => at = child,
            None => break,
        }
    }
    if accumulated >= floor && at == start {
        accumulated -= shared(snapshot, start, floor, found).min(accumulated);
    }
    if accumulated >= floor {
        found.push(Candidate::Point(start));
    }
}

/// Classes of small children that `object` dominates without referring to them: others below it share them (two maps
/// with the same elements), so their owners are to be looked for one by one. Gives the bytes that they retain.
fn shared(
    snapshot: &Snapshot<'_>,
    object: ObjectIndex,
    floor: u64,
    found: &mut Vec<Candidate>,
) -> u64 {
    let mut groups: FxHashMap<ClassIndex, (u64, Vec<usize>)> = FxHashMap::default();
    for position in snapshot.child_positions(Some(object)) {
        let retained = snapshot.retained_by_application_at(position);
        if retained < floor {
            let (_, class) = snapshot.at(position);
            let entry = groups.entry(class).or_default();
            entry.0 += retained;
            entry.1.push(position);
        }
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .filter(|(_, (bytes, _))| *bytes >= floor)
        .collect();
    groups.sort_unstable_by_key(|&(class, _)| class);
    let mut bytes = 0;
    for (class, (retained, members)) in groups {
        let sample = members.iter().step_by(members.len().div_ceil(SAMPLE));
        let (direct, seen) = sample.fold((0, 0), |(direct, seen), &member| {
            let refers = snapshot.link(object, snapshot.at(member).0).is_some();
            (direct + usize::from(refers), seen + 1)
        });
        if direct * 2 < seen {
            bytes += retained;
            found.push(Candidate::Class {
                class,
                members,
                under: Some(object),
            });
        }
    }
    bytes
}

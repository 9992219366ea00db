//! Registries of the JDK's and of libraries: a static map of all open archives, of all that wait for a time-out.
//!
//! What is in there gets out when the application closes it. So the application's field is what to change. It refers to each of the things
//! by way of another object: the archive to what it shares with others of the same file. The path to what accumulates leads through the
//! registry, and nothing else refers to an object on that path. So some of the things are asked for their owners, and the field that has
//! most of them holds them.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::holder::{Holder, HolderKind};
use super::owners::Owners;
use super::referring::{leads_on, note, owner_through};
use super::suspect::Suspect;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, referrers_in};

/// Suspects that are looked at.
const MOST_SUSPECTS: usize = 4;
/// Things of a registry that are asked for their owners.
const SAMPLE: usize = 16;
/// Places of the dominator tree that are looked at to find them: what lies first there is largest.
const PLACES: usize = 1 << 18;
/// Passes over the dump: who refers to those that refer to the things.
const ROUNDS: usize = 2;
/// Referrers of one object that are followed.
const MOST_REFERRERS: usize = 16;

/// Gives what is in a registry of the JDK's or of a library's the owner that the application has for most of it.
pub(super) fn owners_of_what_is_in(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    all: &mut [Suspect],
    least: u64,
) {
    let large = all.iter_mut().take(MOST_SUSPECTS);
    for suspect in large.filter(|suspect| suspect.retained_bytes >= least) {
        let is_registry =
            suspect.holder.kind == HolderKind::StaticField && owners.is_vague(&suspect.holder);
        if let Some(owner) = is_registry
            .then(|| owner_of_most(snapshot, owners, suspect))
            .flatten()
        {
            note(snapshot, owners, suspect, owner);
        }
    }
}

/// The field of the application's that leads to most of what `suspect` holds.
fn owner_of_most(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &Suspect,
) -> Option<Holder> {
    let mut at: Vec<(ObjectIndex, usize)> =
        sample(snapshot, suspect).into_iter().zip(0..).collect();
    let number = at.len();
    let mut found: BTreeMap<String, (FxHashSet<usize>, Holder)> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let asked: Vec<ObjectIndex> = at.iter().map(|&(object, _)| object).collect();
        if asked.is_empty() {
            break;
        }
        let pairs = snapshot.referrers_of(&asked);
        let mut next = Vec::new();
        for &(object, thing) in &at {
            let from = referrers_in(&pairs, object).take(MOST_REFERRERS);
            for from in from.filter(|&from| !suspect.tops.cover(snapshot, from)) {
                match owner_through(snapshot, owners, from, object) {
                    Some(owner) if owner.is_field() && owners.is_of_application(&owner) => {
                        let of_field = found.entry(owner.title());
                        let of_field = of_field.or_insert_with(|| (FxHashSet::default(), owner));
                        of_field.0.insert(thing);
                    }
                    _ if leads_on(snapshot, owners, from, object) => next.push((from, thing)),
                    _ => {}
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        at = next;
    }
    let (things, owner) = found
        .into_values()
        .rev()
        .max_by_key(|(things, _)| things.len())?;
    (things.len() * 2 > number).then_some(owner)
}

/// Some objects of the class that `suspect` tells, from all over it.
fn sample(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Vec<ObjectIndex> {
    let classes: Vec<ClassIndex> = snapshot.classes().named(&suspect.content.class).collect();
    let places = suspect.tops.sample(PLACES);
    let things = places.map(|position| snapshot.at(position));
    let things = things.filter(|(_, class)| classes.contains(class));
    let all: Vec<ObjectIndex> = things.map(|(object, _)| object).collect();
    let step = all.len().div_ceil(SAMPLE).max(1);
    all.into_iter().step_by(step).collect()
}

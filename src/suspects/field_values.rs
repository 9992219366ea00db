//! Whose fields they are: values to which several refer lie beside the objects that they belong to.
//!
//! The name of a customer that is also the key of an index is dominated by neither, since each has it. Such strings may be most
//! of what is held, and yet it is customers that somebody keeps.

use rustc_hash::{FxHashMap, FxHashSet};

use super::naming;
use super::tally::ByClass;
use crate::heap::{ClassIndex, ObjectIndex, Runs, Snapshot};

/// Fewer values than this are things of their own.
const FEWEST: u64 = 100;
/// Values of one object, at most.
const MOST_EACH: u64 = 8;
/// Classes that are tried, those that keep most first.
const MOST_CLASSES: usize = 4;
/// Objects of a class of which the fields are read.
const SAMPLE: usize = 64;
/// Sampled objects from which on what they refer to is what is held.
const FEWEST_SAMPLED: usize = 8;
/// References of a sampled object that are read.
const MOST_LINKS: usize = 32;
/// Places of the dominator tree that are looked at to find them.
const PLACES: usize = 1 << 18;

/// The class of the application or a library to whose fields the `count` objects for which `is_value` holds belong, found among `elements`, the
/// topmost objects below `tops`.
pub fn with_values(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    elements: &ByClass,
    is_value: impl Fn(ClassIndex) -> bool,
    count: u64,
) -> Option<ClassIndex> {
    if count < FEWEST {
        return None;
    }
    let own = |class: ClassIndex| naming::is_owner(&snapshot.classes().get(class).name);
    let mut classes: Vec<ClassIndex> = elements
        .iter()
        .filter(|(class, amount)| amount.objects.saturating_mul(MOST_EACH) >= count && own(**class))
        .map(|(&class, _)| class)
        .collect();
    classes.sort_unstable_by_key(|class| (std::cmp::Reverse(elements[class].bytes), *class));
    classes.truncate(MOST_CLASSES);
    if classes.is_empty() {
        return None;
    }
    let refers = |&object: &ObjectIndex| {
        let mut fields = snapshot.outgoing(object).into_iter();
        fields.any(|(_, id)| {
            snapshot.find(id).is_some_and(|value| {
                is_value(snapshot.class_of(value))
                    && !snapshot.dominates(object, value)
                    && tops.cover(snapshot, value)
            })
        })
    };
    let samples = samples(snapshot, tops, &classes).into_iter();
    let mut tried = classes.into_iter().zip(samples);
    let found = tried.find(|(_, sample)| {
        let hits = sample.iter().filter(|object| refers(object)).count();
        hits > 0 && hits * 2 >= sample.len()
    });
    found.map(|(class, _)| class)
}

/// The class of the objects to which those of `classes` refer, each to one of its own: the listener in a library's subscription, the
/// key in a library's entry. `is_own` says of which classes such objects may be.
pub fn charge(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    classes: &[ClassIndex],
    is_own: impl Fn(ClassIndex) -> bool,
) -> Option<ClassIndex> {
    let sample: Vec<ObjectIndex> = samples(snapshot, tops, classes).concat();
    let mut found: FxHashMap<ClassIndex, FxHashSet<ObjectIndex>> = FxHashMap::default();
    for &object in &sample {
        let links = snapshot.outgoing(object).into_iter();
        for (_, id) in links.take(MOST_LINKS) {
            let target = snapshot.find(id).filter(|_| id != 0);
            if let Some((target, class)) = target.map(|target| (target, snapshot.class_of(target)))
                && is_own(class)
            {
                found.entry(class).or_default().insert(target);
            }
        }
    }
    let most = found.into_iter();
    let most = most.max_by_key(|(class, objects)| (objects.len(), std::cmp::Reverse(*class)));
    let (class, objects) = most?;
    // A few may have none; one that all have is no charge of each.
    (sample.len() >= FEWEST_SAMPLED && objects.len() * 5 >= sample.len() * 4).then_some(class)
}

/// Some objects of each of `classes` from all over what is in `runs`.
pub(super) fn samples(
    snapshot: &Snapshot<'_>,
    runs: &Runs,
    classes: &[ClassIndex],
) -> Vec<Vec<ObjectIndex>> {
    let mut found = vec![Vec::new(); classes.len()];
    for position in runs.sample(PLACES) {
        let (object, class) = snapshot.at(position);
        if let Some(at) = classes.iter().position(|&wanted| wanted == class)
            && found[at].len() < SAMPLE
        {
            found[at].push(object);
        }
    }
    found
}

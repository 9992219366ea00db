//! Whose fields they are: values to which several refer lie beside the objects that they belong to.
//!
//! The name of a customer that is also the key of an index is dominated by neither, since each has it. Such strings may be most
//! of what is held, and yet it is customers that somebody keeps.

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
/// Places of the dominator tree that are looked at to find them.
const PLACES: usize = 1 << 18;

/// The class of somebody's own to whose fields the `count` objects for which `is_value` holds belong, found among `elements`, the
/// topmost objects below `tops`.
pub fn bearer(
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

/// Some objects of each of `classes` from all over what is in `runs`.
fn samples(snapshot: &Snapshot<'_>, runs: &Runs, classes: &[ClassIndex]) -> Vec<Vec<ObjectIndex>> {
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

//! How many of what is held there are, those included that somebody else holds as well: 3,000 orders in a map, although a list has one of
//! them too, so that neither keeps that one alone.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::suspect::Suspect;
use crate::graph::Strength;
use crate::heap::{ClassIndex, Runs, Snapshot};

/// One in so many may be held elsewhere: more are a matter of their own.
const FEW: u64 = 20;
/// Suspects that are looked at, all of them in one walk over the objects.
const MOST_SUSPECTS: usize = 16;

/// Makes the number of what each of `suspects` holds that of the entries of its collection, where the few that are missing lie elsewhere.
pub(super) fn with_those_held_elsewhere<'s>(
    snapshot: &Snapshot<'_>,
    suspects: impl Iterator<Item = &'s mut Suspect>,
) {
    let short = suspects.filter(|suspect| missing(suspect).is_some());
    let short: Vec<&mut Suspect> = short.take(MOST_SUSPECTS).collect();
    let counted: Vec<(&str, &Runs)> = short
        .iter()
        .map(|suspect| (suspect.content.class.as_str(), &suspect.tops))
        .collect();
    let outside = outside(snapshot, &counted);
    for (suspect, outside) in short.into_iter().zip(outside) {
        // An entry that is there twice is no further object.
        if let Some(missing) = missing(suspect).filter(|&missing| outside >= missing) {
            suspect.content.objects += missing;
        }
    }
}

/// How many entries of its collection are not among what `suspect` holds, if these are few and of the class that it holds.
fn missing(suspect: &Suspect) -> Option<u64> {
    let content = &suspect.content;
    let around = suspect.collection.as_ref();
    let around = around.filter(|around| around.value_class.as_ref() == Some(&content.class))?;
    let missing = around.entries.saturating_sub(content.objects);
    (missing > 0 && missing <= content.objects / FEW).then_some(missing)
}

/// For each class and what is held: the strongly reachable objects of the class that lie outside of that.
fn outside(snapshot: &Snapshot<'_>, counted: &[(&str, &Runs)]) -> Vec<u64> {
    let mut by_class: FxHashMap<ClassIndex, Vec<usize>> = FxHashMap::default();
    for (number, (name, _)) in counted.iter().enumerate() {
        for class in snapshot.classes().named(name) {
            by_class.entry(class).or_default().push(number);
        }
    }
    let none = || vec![0; counted.len()];
    if by_class.is_empty() {
        return none();
    }
    let count = |mut counts: Vec<u64>, position: usize| {
        let (_, class) = snapshot.at(position);
        for &number in by_class.get(&class).into_iter().flatten() {
            counts[number] += u64::from(!counted[number].1.contain(position));
        }
        counts
    };
    let join = |a: Vec<u64>, b: Vec<u64>| a.iter().zip(b).map(|(a, b)| a + b).collect();
    let strong = snapshot.positions_of(Strength::Strong).into_par_iter();
    strong.fold(none, count).reduce(none, join)
}

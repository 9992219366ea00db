//! Sources that contradict each other.

use super::Observed;
use crate::sentence;
use crate::sentence::{Change, Sentence};
use crate::verdict::evidence::{Evidence, Quantity, Resident};
use std::collections::BTreeMap;

/// Two measurements of one thing differ when they are further apart than this share and this many bytes.
fn differ(a: i64, b: i64) -> bool {
    let difference = a.abs_diff(b);
    difference > 32 << 20 && difference > a.max(b).unsigned_abs() / 10
}

/// Measurements further apart than this many milliseconds may differ.
const MOST_DISTANCE_MS: u64 = 60_000;

/// The last measurements of two formats that are of about one time; just the last ones where a time is missing, since that is their
/// current value.
fn at_one_time<'e>(
    first: &[&'e Evidence],
    other: &[&'e Evidence],
) -> Option<(&'e Evidence, &'e Evidence)> {
    let (a, b) = (*first.last()?, *other.last()?);
    let distance_ms = |a: &Evidence, b: &Evidence| Some(a.time?.0.abs_diff(b.time?.0));
    match distance_ms(a, b) {
        None => Some((a, b)),
        Some(_) => {
            let near = first
                .iter()
                .copied()
                .min_by_key(|a| distance_ms(a, b).unwrap_or(u64::MAX))?;
            (distance_ms(near, b)? <= MOST_DISTANCE_MS).then_some((near, b))
        }
    }
}

/// Finds sources that contradict each other.
pub(super) fn find(observed: &Observed, evidence: &[Evidence]) -> Vec<Sentence> {
    let say = |what: &str, a: &Evidence, b: &Evidence| {
        sentence!(
            "{}: {} ({}) against {} ({})",
            what,
            Change(a.bytes),
            a.source.to_string(),
            Change(b.bytes),
            b.source.to_string()
        )
    };
    let mut found = Vec::new();
    for (quantity, what) in [
        (
            Quantity::Resident(Resident::Process),
            "resident set of the process",
        ),
        (Quantity::MaxHeap, "maximum heap"),
        (Quantity::Limit, "limit"),
    ] {
        // Several measurements of one format are a series, not a contradiction.
        let of_jvm = |e: &&Evidence| {
            e.quantity == quantity
                && (super::is_given(e) || observed.is_own(e))
                && (e.subject.container.is_none() || observed.is_jvm(e))
        };
        let mut facts: BTreeMap<&str, Vec<&Evidence>> = BTreeMap::new();
        for fact in evidence.iter().filter(of_jvm) {
            facts.entry(fact.source.format).or_default().push(fact);
        }
        let mut values = facts.values();
        let pair = values.next().and_then(|first| {
            let pairs = values.filter_map(|other| at_one_time(first, other));
            pairs
                .filter(|(a, b)| differ(a.bytes, b.bytes))
                .map(|(a, b)| say(what, a, b))
                .next()
        });
        found.extend(pair);
    }
    let process = evidence
        .iter()
        .rev()
        .filter(|e| super::is_given(e) || observed.is_own(e))
        .find(|e| e.quantity == Quantity::Resident(Resident::Process));
    if let (Some(process), Some(container)) = (process, observed.jvm())
        && process.bytes > container.resident
        && differ(process.bytes, container.resident)
    {
        found.push(sentence!(
            "the process has {} resident ({}), its container `{}` only {} ({}): another process, or another time",
            Change(process.bytes),
            process.source.to_string(),
            &container.name,
            Change(container.resident),
            &container.source
        ));
    }
    found
}

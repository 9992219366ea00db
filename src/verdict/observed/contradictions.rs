//! Sources that contradict each other.

use super::Observed;
use crate::sentence;
use crate::sentence::{Change, Sentence};
use crate::verdict::evidence::{Evidence, Quantity, Resident};
use std::collections::BTreeMap;

/// Two measurements of one thing differ when they are further apart than this share and this many bytes.
fn differ(a: i64, b: i64) -> bool {
    let apart = a.abs_diff(b);
    apart > 32 << 20 && apart > a.max(b).unsigned_abs() / 10
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
        // The last of each format is its current value.
        let mut facts: BTreeMap<&str, &Evidence> = BTreeMap::new();
        facts.extend(evidence.iter().filter(of_jvm).map(|e| (e.source.format, e)));
        let mut values = facts.values();
        let pair = values.next().and_then(|a| {
            values
                .find(|b| differ(a.bytes, b.bytes))
                .map(|b| say(what, a, b))
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

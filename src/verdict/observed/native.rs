//! Native Memory Tracking over time: growth between summaries of one process, without a baseline.

use super::series::Series;
use crate::verdict::evidence::{Evidence, Quantity, Resident, Time};
use std::collections::BTreeMap;

/// By category: the growth from the first to the last summary of one process, in one life of it.
///
/// Summaries say neither their time nor when the process was started, and the process of a container is always number 1. So only those
/// count that have a time, between two measurements of the same process that show no restart.
pub(super) fn growth<'e>(
    evidence: &[&'e Evidence],
    series: &[Series<'_>],
) -> BTreeMap<&'e str, i64> {
    let life = |pid: &str| {
        let of_process = |series: &&Series<'_>| {
            series.measure == Resident::Process && series.subject.pid.as_deref() == Some(pid)
        };
        series.iter().filter(of_process).find_map(Series::life)
    };
    let mut lives: BTreeMap<&str, Option<[Time; 2]>> = BTreeMap::new();
    let mut ends: BTreeMap<(&str, &str), [(Time, i64); 2]> = BTreeMap::new();
    for fact in evidence {
        let Quantity::NativeCommitted(name) = &fact.quantity else {
            continue;
        };
        let (Some(pid), Some(time)) = (fact.subject.pid.as_deref(), fact.time) else {
            continue;
        };
        let known = *lives.entry(pid).or_insert_with(|| life(pid));
        if !known.is_some_and(|[from, to]| from <= time && time <= to) {
            continue;
        }
        let now = (time, fact.bytes);
        let [first, last] = ends.entry((pid, name)).or_insert([now, now]);
        if time < first.0 {
            *first = now;
        } else if time >= last.0 {
            *last = now;
        }
    }
    let grown = ends
        .into_iter()
        .filter(|(_, [first, last])| first.0 < last.0);
    grown
        .map(|((_, name), [first, last])| (name, last.1.saturating_sub(first.1)))
        .collect()
}

//! `jfr print`: events of a JFR recording that carry sizes of memory. The last event of each kind counts.

use super::super::table::binary;
use super::super::{Evidence, Found, Here, Line, Quantity, Resident};
use super::{Format, Letters};
use crate::verdict::clean_name;
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    name: "jfr print",
    letters: &[Letters::of("jdk. {")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    event_name(here.first().text)?;
    let lines =
        here.run(|l| l.is_empty() || l.starts_with(' ') || l == "}" || event_name(l).is_some());
    let mut facts: BTreeMap<(&'static str, String), Evidence> = BTreeMap::new();
    let mut event: &[Line<'_>] = &[];
    let mut at = 0;
    let rows = &here.lines[..lines];
    while at < rows.len() {
        if let Some(name) = event_name(rows[at].text) {
            let end = rows[at..]
                .iter()
                .position(|l| l.text == "}")
                .unwrap_or(rows.len() - at);
            event = &rows[at..at + end];
            for fact in facts_of(name, event) {
                let category = fact.quantity.category().unwrap_or("").to_owned();
                facts.insert((fact.quantity.name(), category), fact);
            }
        }
        at += event.len().max(1);
        event = &[];
    }
    if facts.is_empty() {
        return Some(Found::refused(
            lines,
            "events of a JFR recording without sizes of memory: take `jfr print --events jdk.ResidentSetSize,jdk.GCHeapSummary`",
        ));
    }
    Some(Found::new(lines, facts.into_values().collect()))
}

/// `jdk.GCHeapSummary {`.
fn event_name(line: &str) -> Option<&str> {
    line.strip_suffix(" {")
        .filter(|name| name.starts_with("jdk.") && !name.contains(' '))
}

fn facts_of(name: &str, rows: &[Line<'_>]) -> Vec<Evidence> {
    let text = |key: &str| {
        rows.iter().find_map(|l| {
            let (name, value) = l.text.trim().split_once(" = ")?;
            (name == key).then_some((value.trim(), l.number))
        })
    };
    let size = |key: &str, quantity: Quantity| {
        let (value, line) = text(key)?;
        Some(Evidence::new(quantity, binary(value)?, line))
    };
    let tracked = |name: &str| {
        vec![
            size("reserved", Quantity::NativeReserved(name.to_owned())),
            size("committed", Quantity::NativeCommitted(name.to_owned())),
        ]
    };
    let found = match name {
        "jdk.ResidentSetSize" => vec![size("size", Quantity::Resident(Resident::Process))],
        "jdk.GCHeapSummary" => vec![
            size("heapUsed", Quantity::HeapUsed),
            size("committedSize", Quantity::HeapCommitted),
            size("reservedSize", Quantity::MaxHeap),
        ],
        "jdk.NativeMemoryUsageTotal" => tracked("Total"),
        "jdk.NativeMemoryUsage" => match text("type") {
            Some((kind, _)) => tracked(&clean_name(kind.trim_matches('"'))),
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

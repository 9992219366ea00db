//! The ledger as a bar: what is a part of what.

use super::describe;
use super::model::{LedgerEntry, Report};
use super::units::Units;

/// The whole that the bar stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// In words.
    pub label: String,
    /// Bytes.
    pub bytes: u64,
}

/// One part of the bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Component of the ledger; `rest` for what no component explains for sure.
    pub component: String,
    /// In words.
    pub label: String,
    /// Bytes that the bar gives it: the number, or the lower end of the range.
    pub bytes: u64,
}

/// The bar: parts in the order of the ledger, then the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerBar {
    /// What it is a bar of.
    pub whole: Whole,
    /// Its parts; their bytes add up to the whole.
    pub parts: Vec<Part>,
}

/// Components that are a whole or a difference, not memory beside the others.
const NOT_A_PART: [&str; 6] = [
    "java_heap_max",
    "resident",
    "limit",
    "growth",
    "unexplained",
    "direct_memory_max",
];

/// Lays the ledger out as one bar: of the resident memory when it is known, else of the maximum heap and the native
/// memory that the dump reveals. `None` when nothing is known.
pub fn bar(report: &Report) -> Option<LedgerBar> {
    let value = |name: &str| {
        report
            .ledger
            .iter()
            .find(|e| e.component == name)
            .and_then(amount)
    };
    let mut parts: Vec<Part> = report
        .ledger
        .iter()
        .filter(|entry| !NOT_A_PART.contains(&entry.component.as_str()))
        .filter_map(|entry| part(&entry.component, amount(entry)?))
        .collect();
    let known: u64 = parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(part.bytes));
    let live = parts
        .iter()
        .find(|part| part.component == "java_heap_live")
        .map_or(0, |part| part.bytes);
    let whole = match (value("resident"), value("java_heap_max")) {
        (Some(resident), _) if resident >= known => {
            parts.extend(
                value("unexplained")
                    .and_then(|bytes| part("unexplained", bytes.min(resident - known))),
            );
            Whole {
                label: "resident memory".to_owned(),
                bytes: resident,
            }
        }
        (None, Some(max)) if max > live => Whole {
            label: "maximum heap and known native memory".to_owned(),
            bytes: known.saturating_add(max - live),
        },
        _ => Whole {
            label: "known memory".to_owned(),
            bytes: known,
        },
    };
    let sum = parts
        .iter()
        .fold(0u64, |sum, part| sum.saturating_add(part.bytes));
    if whole.bytes > sum {
        let label = if whole.label == "resident memory" {
            "garbage, free heap or native"
        } else {
            "heap not in use by live objects"
        };
        parts.push(Part {
            component: "rest".to_owned(),
            label: label.to_owned(),
            bytes: whole.bytes - sum,
        });
    }
    (whole.bytes > 0).then_some(LedgerBar { whole, parts })
}

/// One number for an entry: what is known, else the lower end (a bar must not promise more).
pub fn amount(entry: &LedgerEntry) -> Option<u64> {
    entry.bytes.or(entry.low)
}

/// The number or range of an entry in words.
pub fn amount_text(entry: &LedgerEntry, units: Units) -> String {
    match (entry.bytes, entry.low, entry.high) {
        (None, Some(low), Some(high)) => units.range(low, high),
        (None, Some(low), None) => format!("at least {}", units.bytes(low)),
        (None, None, Some(high)) => format!("at most {}", units.bytes(high)),
        (bytes, _, _) => units.bytes_or_unknown(bytes),
    }
}

/// What qualifies an entry and where it was read.
pub fn about(entry: &LedgerEntry) -> String {
    match &entry.note {
        Some(note) if !entry.source.is_empty() => format!("{note}; {}", entry.source),
        Some(note) => note.clone(),
        None => entry.source.clone(),
    }
}

/// Components that the answer hangs on: never left out.
const TELLING: [&str; 6] = [
    "java_heap_live",
    "java_heap_max",
    "resident",
    "limit",
    "growth",
    "unexplained",
];

/// At most `limit` entries in their order: those that the answer hangs on and the largest of the others.
pub fn most_telling(ledger: &[LedgerEntry], limit: usize) -> Vec<&LedgerEntry> {
    let mut order: Vec<usize> = (0..ledger.len()).collect();
    let telling = |i: &usize| {
        ledger
            .get(*i)
            .is_some_and(|e| TELLING.contains(&e.component.as_str()))
    };
    let upper = |i: &usize| {
        ledger
            .get(*i)
            .and_then(|e| e.high.or(e.bytes).or(e.low))
            .unwrap_or(0)
    };
    order.sort_by_key(|i| std::cmp::Reverse((telling(i), upper(i))));
    order.truncate(limit);
    order.sort_unstable();
    order.iter().filter_map(|&i| ledger.get(i)).collect()
}

fn part(component: &str, bytes: u64) -> Option<Part> {
    let label = describe::component(component);
    (bytes > 0).then(|| Part {
        component: component.to_owned(),
        label,
        bytes,
    })
}

/// How many of `cells` each part gets: proportional, at least one for each part while there is room, `cells` in sum.
pub fn cells(parts: &[Part], cells: usize) -> Vec<usize> {
    let whole: u128 = parts.iter().map(|part| u128::from(part.bytes)).sum();
    if whole == 0 || parts.is_empty() {
        return vec![0; parts.len()];
    }
    let mut out = Vec::with_capacity(parts.len());
    let (mut before, mut used) = (0u128, 0usize);
    for (i, part) in parts.iter().enumerate() {
        before += u128::from(part.bytes);
        // The border after this part, rounded; never beyond what the parts behind need.
        let border = ((before * cells as u128 + whole / 2) / whole) as usize;
        let reserve = parts.len() - 1 - i;
        let end = border
            .max(used + 1)
            .min(cells.saturating_sub(reserve))
            .max(used);
        out.push(end - used);
        used = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: &[u64]) -> Vec<Part> {
        bytes
            .iter()
            .map(|&bytes| Part {
                component: String::new(),
                label: String::new(),
                bytes,
            })
            .collect()
    }

    #[test]
    fn cells_add_up_and_small_parts_are_seen() {
        assert_eq!(cells(&parts(&[1, 1, 998]), 50), [1, 1, 48]);
        assert_eq!(cells(&parts(&[998, 1, 1]), 50), [48, 1, 1]);
        assert_eq!(cells(&parts(&[1, 1]), 10), [5, 5]);
        assert_eq!(cells(&parts(&[u64::MAX, u64::MAX]), 10), [5, 5]);
        assert_eq!(cells(&parts(&[1, 1, 1]), 2).iter().sum::<usize>(), 2);
    }
}

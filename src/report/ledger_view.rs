//! The ledger as a bar: what is a part of what.

use super::model::{LedgerEntry, LedgerKind, Report};
use super::units::{Units, percent, share};
use crate::sentence::Sentence;

/// One part of the bar. Several entries of one component are one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Component of the ledger, or one of the two that begin with [`REST`].
    pub component: String,
    /// Bytes, or the lower end of the range.
    pub low: u64,
    /// Bytes, or the upper end of the range.
    pub high: u64,
}

/// What the components of the part that no component explains begin with.
pub const REST: &str = "rest_of_";

/// The bar: parts in the order of the ledger, then the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerBar {
    /// What it is a bar of, in words.
    pub label: String,
    /// Bytes of the whole.
    pub bytes: u64,
    /// Its parts; their [`Part::width`]s add up to the whole.
    pub parts: Vec<Part>,
}

/// Components that are a whole, a difference or counted elsewhere, not memory beside the others.
const NOT_A_PART: [&str; 7] = [
    "java_heap_max",
    "direct_memory_max",
    "native_tracked",
    "resident",
    "limit",
    "growth",
    "unexplained",
];

/// Lays the ledger out as one bar: of the resident memory when it is known, else of the maximum heap and the native
/// memory that the dump reveals. `None` when nothing is known.
pub fn bar(report: &Report) -> Option<LedgerBar> {
    let mut parts: Vec<Part> = Vec::new();
    for entry in &report.ledger {
        if !NOT_A_PART.contains(&entry.component.as_str()) {
            add(&mut parts, entry);
        }
    }
    let find = |name: &str| report.ledger.iter().find(|e| e.component == name);
    let value = |name: &str| find(name).and_then(ends).map(|(low, _)| low);
    let known = sum(&parts, |part| part.low);
    let heap = sum(&parts, |part| {
        if part.component.starts_with("java_heap") {
            part.low
        } else {
            0
        }
    });
    let (label, bytes) = match (value("resident"), value("java_heap_max")) {
        (Some(resident), _) if resident >= known => {
            // No more of it than there is room for: the ranges of the others overlap with it.
            if let Some((low, _)) = find("unexplained").and_then(ends) {
                let low = low.min(resident - known);
                parts.extend(part("unexplained", low, low));
            }
            let least = resident.saturating_sub(sum(&parts, |part| part.high));
            let most = resident - sum(&parts, |part| part.low);
            parts.extend(part("rest_of_resident", least, most));
            ("resident memory", resident)
        }
        (None, Some(max)) if max > heap => {
            parts.extend(part("rest_of_maximum", max - heap, max - heap));
            (
                "maximum heap and known native memory",
                known.saturating_add(max - heap),
            )
        }
        // The bar of lower ends; the upper ends of estimates may be a multiple of it.
        _ => ("known memory, at least", known),
    };
    (bytes > 0).then(|| LedgerBar {
        label: label.to_owned(),
        bytes,
        parts,
    })
}

impl Part {
    /// Bytes that the bar gives it: the lower end, so that it does not promise more; the rest gets what that leaves.
    pub fn width(&self) -> u64 {
        if self.component.starts_with(REST) {
            self.high
        } else {
            self.low
        }
    }
}

impl LedgerBar {
    /// The part of the bar that an entry is in.
    pub fn index(&self, entry: &LedgerEntry) -> Option<usize> {
        self.parts
            .iter()
            .position(|part| part.component == entry.component)
    }

    /// What an entry is of the whole, in percent; empty when it is no part of it.
    pub fn share(&self, entry: &LedgerEntry) -> String {
        let (Some(_), Some((low, high))) = (self.index(entry), ends(entry)) else {
            return String::new();
        };
        let beyond = high > self.bytes;
        let of_whole = |bytes| share(bytes, self.bytes).map(percent).unwrap_or_default();
        let (low, high) = (of_whole(low), of_whole(high));
        if low == high {
            return low;
        }
        // Of a whole that is a lower bound itself, more than all of it says nothing.
        let high = if beyond { "> 100 %" } else { &high };
        format!("{} to {high}", low.trim_end_matches(" %"))
    }

    /// The rest as an entry of the ledger, to be shown below the others.
    pub fn rest(&self) -> Option<LedgerEntry> {
        let rest = self
            .parts
            .last()
            .filter(|part| part.component.starts_with(REST))?;
        let signed = |bytes| Some(i64::try_from(bytes).unwrap_or(i64::MAX));
        Some(LedgerEntry {
            component: rest.component.clone(),
            bytes: if rest.low == rest.high {
                signed(rest.low)
            } else {
                None
            },
            low: signed(rest.low),
            high: signed(rest.high),
            kind: LedgerKind::Derived,
            source: format!("{} less the parts above", self.label).into(),
            note: None,
        })
    }
}

/// Both ends of an entry's range in bytes, where at least one number is known and none is negative.
fn ends(entry: &LedgerEntry) -> Option<(u64, u64)> {
    let low = entry.bytes.or(entry.low).or(entry.high.map(|_| 0))?;
    let high = entry.bytes.or(entry.high).unwrap_or(low);
    Some((u64::try_from(low).ok()?, u64::try_from(high.max(low)).ok()?))
}

/// The number or range of an entry in words.
pub fn amount_text(entry: &LedgerEntry, units: Units) -> String {
    match (entry.bytes, entry.low, entry.high) {
        (Some(bytes), _, _) => units.signed_bytes(bytes),
        (None, Some(low), Some(high)) => match (u64::try_from(low), u64::try_from(high)) {
            (Ok(low), Ok(high)) => units.range(low, high),
            _ => format!(
                "{} to {}",
                units.signed_bytes(low),
                units.signed_bytes(high)
            ),
        },
        (None, Some(low), None) => format!("at least {}", units.signed_bytes(low)),
        (None, None, Some(high)) => format!("at most {}", units.signed_bytes(high)),
        (None, None, None) => "?".to_owned(),
    }
}

/// What qualifies an entry and where it was read.
pub fn about(entry: &LedgerEntry, units: Units) -> String {
    let source = (!entry.source.is_empty()).then_some(&entry.source);
    let parts = entry.note.iter().chain(source).cloned();
    Sentence::joined(parts, "; ").written(units)
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
pub fn most_important(ledger: &[LedgerEntry], limit: usize) -> Vec<&LedgerEntry> {
    let mut order: Vec<usize> = (0..ledger.len()).collect();
    let telling = |i: &usize| {
        ledger
            .get(*i)
            .is_some_and(|e| TELLING.contains(&e.component.as_str()))
    };
    let upper = |i: &usize| {
        ledger
            .get(*i)
            .and_then(|e| e.bytes.or(e.high).or(e.low))
            .unwrap_or(0)
    };
    order.sort_by_key(|i| std::cmp::Reverse((telling(i), upper(i))));
    order.truncate(limit);
    order.sort_unstable();
    order.iter().filter_map(|&i| ledger.get(i)).collect()
}

fn add(parts: &mut Vec<Part>, entry: &LedgerEntry) {
    let Some((low, high)) = ends(entry) else {
        return;
    };
    match parts
        .iter_mut()
        .find(|part| part.component == entry.component)
    {
        Some(part) => {
            part.low = part.low.saturating_add(low);
            part.high = part.high.saturating_add(high);
        }
        None => parts.extend(part(&entry.component, low, high)),
    }
}

fn part(component: &str, low: u64, high: u64) -> Option<Part> {
    (high > 0).then(|| Part {
        component: component.to_owned(),
        low,
        high,
    })
}

fn sum(parts: &[Part], of: impl Fn(&Part) -> u64) -> u64 {
    parts
        .iter()
        .fold(0u64, |sum, part| sum.saturating_add(of(part)))
}

/// How many of `cells` each part of this size gets: proportional, at least one for each part while there is room, `cells` in sum.
pub fn cells(parts: &[u64], cells: usize) -> Vec<usize> {
    let whole: u128 = parts.iter().map(|&bytes| u128::from(bytes)).sum();
    if whole == 0 || parts.is_empty() {
        return vec![0; parts.len()];
    }
    let mut out = Vec::with_capacity(parts.len());
    let (mut before, mut used) = (0u128, 0usize);
    for (i, bytes) in parts.iter().enumerate() {
        before += u128::from(*bytes);
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

    #[test]
    fn cells_add_up_and_small_parts_are_seen() {
        assert_eq!(cells(&[1, 1, 998], 50), [1, 1, 48]);
        assert_eq!(cells(&[998, 1, 1], 50), [48, 1, 1]);
        assert_eq!(cells(&[1, 1], 10), [5, 5]);
        assert_eq!(cells(&[u64::MAX, u64::MAX], 10), [5, 5]);
        assert_eq!(cells(&[1, 1, 1], 2).iter().sum::<usize>(), 2);
    }

    fn report(entries: &[(&str, i64, i64)]) -> Report {
        let ledger = entries.iter().map(|&(component, low, high)| LedgerEntry {
            component: component.to_owned(),
            bytes: (low == high).then_some(low),
            low: Some(low),
            high: Some(high),
            ..LedgerEntry::default()
        });
        Report {
            ledger: ledger.collect(),
            ..Report::default()
        }
    }

    #[test]
    fn of_resident_memory_the_rest_is_a_range() {
        let entries = [
            ("java_heap_live", 40, 40),
            ("thread_stacks", 2, 10),
            ("resident", 100, 100),
            ("unexplained", 5, 60),
        ];
        let bar = bar(&report(&entries)).expect("a bar");
        assert_eq!(
            (bar.bytes, bar.parts.iter().map(Part::width).sum::<u64>()),
            (100, 100)
        );
        let rest = bar.rest().expect("a rest");
        assert_eq!((rest.low, rest.high), (Some(45), Some(53)));
        assert_eq!(bar.share(&rest), "45 to 53 %");
    }

    #[test]
    fn without_resident_memory_the_rest_is_unused_heap() {
        let entries = [
            ("java_heap_live", 40, 40),
            ("java_heap_max", 100, 100),
            ("direct_memory", 5, 5),
            ("direct_memory", 7, 7),
        ];
        let bar = bar(&report(&entries)).expect("a bar");
        assert_eq!(bar.bytes, 112);
        let found: Vec<(&str, u64)> = bar
            .parts
            .iter()
            .map(|p| (p.component.as_str(), p.width()))
            .collect();
        assert_eq!(
            found,
            [
                ("java_heap_live", 40),
                ("direct_memory", 12),
                ("rest_of_maximum", 60)
            ]
        );
    }

    #[test]
    fn no_share_is_more_than_all() {
        let entries = [("java_heap_live", 40, 40), ("class_metadata", 60, 250)];
        let report = report(&entries);
        let bar = bar(&report).expect("a bar");
        assert_eq!(bar.share(&report.ledger[1]), "60 to > 100 %");
    }

    #[test]
    fn what_contradicts_or_is_negative_makes_no_wrong_bar() {
        let entries = [
            ("java_heap_live", 40, 40),
            ("resident", 30, 30),
            ("growth", -5, -5),
        ];
        let report = report(&entries);
        let bar = bar(&report).expect("a bar");
        assert_eq!(
            (bar.label.as_str(), bar.bytes, bar.rest()),
            ("known memory, at least", 40, None)
        );
        assert_eq!(amount_text(&report.ledger[2], Units::default()), "-5 B");
        assert_eq!(bar.share(&report.ledger[2]), "");
    }
}

//! Known patterns: what they clear, and what they say of the suspects.

use crate::heap::Snapshot;
use crate::report::model::{Assessment, Cleared, PatternMatch, Report};
use crate::report::units::{Units, count, measured as of_unit};
use crate::suspects::patterns::{self, Finding};
use crate::suspects::{Suspect, Suspects};
use crate::verdict::facts;
use crate::verdict::sentence::marked;

/// Lines of what was checked and cleared.
const MOST_CLEARED: usize = 20;
/// A bounded component of which nobody complains is worth a line from so many bytes on.
const WORTH_A_LINE: u64 = 1 << 20;

/// The advice where there are no more than usual.
const FEW_BUT_LARGE: &str = "So many are usual: look at what each of them keeps.";
/// The same where there is one.
const ONE_BUT_LARGE: &str = "One is no mass: look at what it keeps.";

/// Compares the suspects with the known patterns: takes out what is harmless, fills `checked_and_cleared` of `report`. Gives
/// back the harmless components that others accuse: those that would have been suspects first.
pub fn apply(snapshot: &Snapshot<'_>, found: &mut Suspects, report: &mut Report) -> Vec<Harmless> {
    let findings = patterns::find(snapshot, found.floor);
    let cleared = patterns::match_suspects(snapshot, found, &findings, report.heap.max_bytes);
    // A bound that is too large for the heap clears nothing.
    let suspected: Vec<Finding> = found
        .list
        .iter()
        .filter_map(|suspect| suspect.pattern.clone())
        .filter(|finding| finding.assessment != patterns::Assessment::ByDesign)
        .collect();
    let suspected = |finding: &Finding| {
        let mut alike = suspected
            .iter()
            .filter(|s| s.pattern.id == finding.pattern.id);
        let first = finding.extent.first();
        first.is_some_and(|first| alike.any(|suspected| suspected.extent.contains(first)))
    };
    let same = |a: &Finding, b: &Finding| a.pattern.id == b.pattern.id && a.object == b.object;
    let others: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.assessment == patterns::Assessment::ByDesign && finding.bounded)
        .filter(|finding| finding.pattern.accused || finding.retained_bytes >= WORTH_A_LINE)
        .filter(|finding| !cleared.iter().any(|known| same(known, finding)))
        .filter(|finding| !suspected(finding))
        .collect();
    let rows = cleared.iter().chain(others.iter().copied());
    report.checked_and_cleared = rows.take(MOST_CLEARED).map(cleared_row).collect();
    let accused = others.into_iter().filter(|finding| finding.pattern.accused);
    cleared
        .iter()
        .chain(accused)
        .map(|finding| Harmless {
            component: finding.pattern.component.to_owned(),
            bytes: finding.retained_bytes,
            filled: filled_of(finding),
        })
        .collect()
}

/// A component that is harmless at this instant.
pub struct Harmless {
    /// What it is.
    pub component: String,
    /// Bytes that it retains.
    pub bytes: u64,
    /// How much of its bound it uses, where it has room.
    pub filled: Option<facts::Filled>,
}

/// Bytes as the tables round them, exact on demand.
fn size(bytes: u64) -> String {
    marked(bytes, &Units::default().bytes(bytes))
}

/// So many of a pattern's unit: `2,048 spans`, `400 B`.
fn in_unit(unit: &str, n: u64) -> String {
    match unit {
        "bytes" => size(n),
        unit => of_unit(n, unit),
    }
}

/// `400 B, queue 0 of 2,048 spans, by design`.
fn cleared_row(finding: &Finding) -> Cleared {
    let pattern = finding.pattern;
    let number = |n: u64| in_unit(pattern.unit, n);
    let mut measure = String::new();
    if finding.components > 1 {
        measure.push_str(&format!("{} of them, at most ", count(finding.components)));
    }
    if !pattern.what.is_empty() {
        measure.push_str(&format!("{} ", pattern.what));
    }
    match (finding.measured, finding.bound) {
        (Some(measured), Some(bound)) if pattern.unit == "bytes" => {
            measure.push_str(&format!("{} of {}", number(measured), number(bound)))
        }
        (Some(measured), Some(bound)) => {
            measure.push_str(&format!("{} of {}", count(measured), number(bound)))
        }
        (Some(measured), None) => measure.push_str(&number(measured)),
        (None, _) => {}
    }
    let bytes = size(finding.retained_bytes);
    let parts = [bytes.as_str(), &measure, &finding.note, "by design"];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Cleared {
        id: pattern.id.to_owned(),
        title: pattern.component.to_owned(),
        measured: finding.measured,
        bound: finding.bound,
        unit: pattern.unit.to_owned(),
        retained_bytes: Some(finding.retained_bytes),
        text: parts.join(", "),
    }
}

/// The pattern that `suspect` matches, with what else the pattern has to say.
pub fn row(suspect: &Suspect) -> (Option<PatternMatch>, Vec<String>) {
    let Some(finding) = &suspect.pattern else {
        return (None, Vec::new());
    };
    let pattern = PatternMatch {
        id: finding.pattern.id.to_owned(),
        title: finding.pattern.title.to_owned(),
        measured: finding.measured,
        bound: finding.bound,
        unit: finding.pattern.unit.to_owned(),
        assessment: match finding.assessment {
            patterns::Assessment::ByDesign => Assessment::ByDesign,
            patterns::Assessment::AboveBound => Assessment::AboveBound,
            patterns::Assessment::Unbounded => Assessment::Unbounded,
            patterns::Assessment::Unknown => Assessment::Unknown,
        },
        advice: match finding.is_few_but_large() {
            true if finding.measured == Some(1) => ONE_BUT_LARGE.to_owned(),
            true => FEW_BUT_LARGE.to_owned(),
            false => finding.advice().to_owned(),
        },
    };
    let note =
        (!finding.note.is_empty()).then(|| format!("{}: {}.", finding.pattern.title, finding.note));
    (Some(pattern), note.into_iter().collect())
}

/// How much of its bound what `suspect` holds uses, where it is not above it.
pub fn filled(suspect: &Suspect) -> Option<facts::Filled> {
    filled_of(suspect.pattern.as_ref()?)
}

fn filled_of(finding: &Finding) -> Option<facts::Filled> {
    let (now, most) = (finding.measured?, finding.bound?);
    // Of several only the largest measure is known.
    if finding.components > 1 || now > most {
        return None;
    }
    let unit = finding.pattern.unit;
    Some(facts::Filled {
        now: match unit {
            "bytes" => size(now),
            _ => count(now),
        },
        most: in_unit(unit, most),
        when_full: finding.when_full().filter(|_| now < most),
    })
}

/// What the verdict needs to know of the pattern that `suspect` matches.
pub fn assessment(suspect: &Suspect) -> facts::Assessment {
    // Reference data lies in static collections as well: that they have no bound accuses nobody. To be full clears all the same.
    let by_design = patterns::Assessment::ByDesign;
    let known = suspect
        .pattern
        .as_ref()
        .filter(|finding| !finding.pattern.general || finding.assessment == by_design);
    match known.map(|finding| finding.assessment) {
        None | Some(patterns::Assessment::Unknown) => facts::Assessment::Unknown,
        Some(patterns::Assessment::ByDesign) => facts::Assessment::ByDesign,
        Some(patterns::Assessment::AboveBound) => facts::Assessment::AboveBound,
        Some(patterns::Assessment::Unbounded) => facts::Assessment::Unbounded,
    }
}

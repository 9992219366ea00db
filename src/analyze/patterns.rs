//! Known patterns: what they clear, and what they say of the suspects.

use crate::growth::{Bound, Course, HolderCourse};
use crate::heap::ObjectIndex;
use crate::report::model::{Cleared, PatternMatch};
use crate::report::units::measured as of_unit;
use crate::sentence;
use crate::sentence::{Count, Sentence, Size};
pub use crate::suspects::patterns::wanted;
use crate::suspects::patterns::{self, Finding};
use crate::suspects::{Owners, Suspect, Suspects};
use crate::verdict::facts;

/// A component that takes more than one of so many parts of the maximum heap when it is full is not harmless by its bound.
pub const FITS: u64 = 4;

/// Components with a bound whose owners are looked for.
const MOST_BOUNDED: usize = 200;
/// Lines of what was checked and cleared.
const MOST_CLEARED: usize = 20;
/// A bounded component of which nobody complains is worth a line from so many bytes on.
const WORTH_A_LINE: u64 = 1 << 20;

/// The advice where there are no more than usual.
const FEW_BUT_LARGE: &str = "This number is usual. Look at what each of them keeps.";
/// The same where there is one.
const ONE_BUT_LARGE: &str = "One alone is usual. Look at what it keeps.";

/// The same where earlier inputs show no growth.
const STAYED: &str = "It stayed as large as it was in the earlier inputs.";

/// What was checked and is harmless.
pub struct Harmless {
    /// The components, as the report lists them.
    pub rows: Vec<Cleared>,
    /// Components that others accuse, with their bytes: those that would have been suspects first.
    pub by_design: Vec<(String, u64)>,
    /// Those of them of which it is known how much of the bound is used: component, bytes, how much that is.
    pub filled: Vec<(String, u64, facts::Filled)>,
    /// Executors that were not shut down, and threads in masses.
    pub thread_masses: Vec<facts::ThreadMass>,
    /// Components within a bound, with what they use of it: what grows there fills.
    pub bounds: Vec<(ObjectIndex, Bound)>,
}

/// Compares the suspects with the known patterns, and takes out of `found` what is harmless. Where `numbers_zeroed`, no bound clears
/// anything: measure and bound are numbers.
pub fn apply(
    owners: &Owners<'_, '_>,
    found: &mut Suspects,
    max_heap: Option<u64>,
    numbers_zeroed: bool,
) -> Harmless {
    let snapshot = owners.snapshot();
    let mut findings = patterns::find(snapshot, owners.instances(), found.floor);
    findings.retain(|finding| !numbers_zeroed || !finding.bounded && finding.may_take.is_none());
    let cleared = patterns::match_suspects(snapshot, found, &findings, max_heap);
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
    let rows = rows.take(MOST_CLEARED).map(cleared_row).collect();
    let accused = others.into_iter().filter(|finding| finding.pattern.accused);
    let by_design: Vec<&Finding> = cleared.iter().chain(accused).collect();
    let filled = by_design.iter().filter_map(|finding| {
        let component = finding.pattern.component.to_owned();
        Some((component, finding.retained_bytes, filled_of(finding)?))
    });
    let bounded = findings
        .iter()
        .chain(&cleared)
        .filter(|finding| finding.bounded);
    let bounds = bounded.filter_map(|finding| bound(finding, max_heap));
    Harmless {
        thread_masses: thread_masses(&findings),
        bounds: bounds.take(MOST_BOUNDED).collect(),
        rows,
        filled: filled.collect(),
        by_design: by_design
            .iter()
            .map(|finding| (finding.pattern.component.to_owned(), finding.retained_bytes))
            .collect(),
    }
}

/// What is to be reported of threads however little they take of the heap: their stacks lie outside of it.
fn thread_masses(findings: &[Finding]) -> Vec<facts::ThreadMass> {
    let masses = findings.iter().filter(|finding| {
        finding.assessment == patterns::Assessment::Unbounded
            && patterns::are_threads(finding.pattern)
    });
    masses
        .map(|finding| facts::ThreadMass {
            count: finding.measured.unwrap_or(0),
            executors: finding.unit() == "executors",
            held_by: finding.held_by.clone(),
            note: finding.note.clone(),
        })
        .collect()
}

/// A component of `finding` with its bound.
fn bound(finding: &Finding, max_heap: Option<u64>) -> Option<(ObjectIndex, Bound)> {
    let (measured, most) = (finding.measured?, finding.bound?);
    let when_full = finding.when_full();
    let fits = when_full
        .zip(max_heap)
        .is_some_and(|(full, max)| full <= max / FITS);
    let bound = Bound {
        measured,
        most,
        fits: fits && measured <= most,
    };
    Some((*finding.extent.first()?, bound))
}

/// So many of a pattern's unit: `2,048 spans`, `400 B`.
fn in_unit(unit: &str, n: u64) -> Sentence {
    match unit {
        "bytes" => Size(n).into(),
        unit => of_unit(n, unit).into(),
    }
}

/// `400 B, queue 0 of 2,048 spans, by design`.
fn cleared_row(finding: &Finding) -> Cleared {
    let pattern = finding.pattern;
    let unit = finding.unit();
    let number = |n: u64| in_unit(unit, n);
    let mut measure = Sentence::default();
    if finding.components > 1 {
        measure.push(sentence!("{} of them, at most ", Count(finding.components)));
    }
    if !pattern.what.is_empty() {
        measure.push(sentence!("{} ", pattern.what));
    }
    match (finding.measured, finding.bound) {
        (Some(measured), Some(bound)) if unit == "bytes" => {
            measure.push(sentence!("{} of {}", number(measured), number(bound)))
        }
        (Some(measured), Some(bound)) => {
            measure.push(sentence!("{} of {}", Count(measured), number(bound)))
        }
        (Some(measured), None) => measure.push(number(measured)),
        (None, _) => {}
    }
    let bytes = Size(finding.retained_bytes).into();
    let parts = [bytes, measure, (&finding.note).into(), "by design".into()];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    Cleared {
        id: pattern.id.to_owned(),
        title: pattern.component.to_owned(),
        measured: finding.measured,
        bound: finding.bound,
        unit: unit.to_owned(),
        retained_bytes: Some(finding.retained_bytes),
        text: Sentence::joined(parts, ", "),
    }
}

/// Whether an owner keeps more and more objects.
fn grows_in_number(row: &HolderCourse) -> bool {
    row.course.is_some_and(Course::is_growing) && row.grew_objects.is_some_and(|grew| grew > 0)
}

/// Whether an owner keeps as much as it did in the earlier inputs.
fn stays(course: Option<&HolderCourse>) -> bool {
    course.is_some_and(|row| row.course == Some(Course::Constant))
}

/// What to do about `finding`. A number that grows from dump to dump is not called usual, and what stays as it is needs no advice.
fn advice(finding: &Finding, course: Option<&HolderCourse>) -> &'static str {
    let grows = course.is_some_and(grows_in_number);
    match finding.is_few_but_large() && !grows {
        _ if stays(course) => STAYED,
        true if finding.measured == Some(1) => ONE_BUT_LARGE,
        true => FEW_BUT_LARGE,
        false => finding.advice(),
    }
}

/// The pattern that `suspect` matches, with what else the pattern has to say. `course` is what a comparison with earlier inputs says of its
/// holder.
pub fn row(
    suspect: &Suspect,
    course: Option<&HolderCourse>,
) -> (Option<PatternMatch>, Vec<Sentence>) {
    let Some(finding) = &suspect.pattern else {
        let note = stays(course).then(|| STAYED.into());
        return (None, note.into_iter().collect());
    };
    let pattern = PatternMatch {
        id: finding.pattern.id.to_owned(),
        title: finding.pattern.title.to_owned(),
        measured: finding.measured,
        bound: finding.bound,
        unit: finding.unit().to_owned(),
        assessment: finding.assessment,
        advice: advice(finding, course).to_owned(),
    };
    let note = (!finding.note.is_empty())
        .then(|| sentence!("{}: {}.", finding.pattern.title, &finding.note));
    (Some(pattern), note.into_iter().collect())
}

/// How much of its bound what `suspect` holds uses, where it is not above it.
pub fn filled(suspect: &Suspect) -> Option<facts::Filled> {
    filled_of(suspect.pattern.as_ref()?)
}

fn filled_of(finding: &Finding) -> Option<facts::Filled> {
    let (now, most) = (finding.measured?, finding.bound?);
    // Of several only the largest measure is known.
    if finding.components > 1 || finding.assessment == patterns::Assessment::AboveBound {
        return None;
    }
    let unit = finding.unit();
    Some(facts::Filled {
        now: match unit {
            "bytes" => Size(now).into(),
            _ => Count(now).into(),
        },
        most: in_unit(unit, most),
        is_full: finding.bounded && Bound::of(now, most).is_full(),
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
        .filter(|finding| !finding.pattern.is_fallback || finding.assessment == by_design);
    known.map_or(facts::Assessment::Unknown, |finding| finding.assessment)
}

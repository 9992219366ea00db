//! What is said of a fleet in words: the same in every format.

use super::model::{
    Cause, CauseCourse, CauseService, Change, Comparison, Fleet, PodCourse, Verdicts,
};
use crate::growth::Course;
use crate::numbers::{Units, count, counted, percent};

/// Services that are named of a cause.
const MOST_SERVICES: usize = 3;

/// The first line: fit for a title.
pub(super) fn summary(fleet: &Fleet) -> String {
    let causes = fleet.causes.len() as u64 + fleet.more_causes;
    let mut text = format!(
        "{} in {}",
        counted(causes, "cause"),
        counted(fleet.dumps, "dump")
    );
    let services = fleet.services.len() as u64;
    if services > 1 || fleet.services.iter().any(|row| row.service.is_some()) {
        text.push_str(&format!(" of {}", counted(services, "service")));
    }
    if let Some(period) = period(fleet.first_seen.as_deref(), fleet.last_seen.as_deref()) {
        text.push_str(&format!(", {period}"));
    }
    if fleet.dumps > 0 {
        text.push_str(&format!("; Java heap {}", verdicts(fleet.verdicts)));
    }
    text
}

/// What was left out, one sentence each.
pub(super) fn notes(fleet: &Fleet) -> Vec<String> {
    let mut notes = Vec::new();
    if fleet.values_shown {
        notes.push("Some of the reports were made with --show-values: names are as they were in the dumps.".to_owned());
    }
    match fleet.repeated {
        0 => {}
        1 => notes.push(
            "1 report is of a dump that another one is of, too: it does not count.".to_owned(),
        ),
        many => notes.push(format!(
            "{} reports are of a dump that another one is of, too: they do not count.",
            count(many)
        )),
    }
    match fleet.not_read_count {
        0 => {}
        1 => notes.push("1 file was not read.".to_owned()),
        many => notes.push(format!("{} files were not read.", count(many))),
    }
    notes
}

/// `2026-11-01`, `2026-11-01 to 2026-11-30`.
pub(super) fn period(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let (first, last) = (day(first?), day(last?));
    Some(match first == last {
        true => first,
        false => format!("{first} to {last}"),
    })
}

/// The day of a time.
pub(super) fn day(time: &str) -> String {
    time.chars().take("2026-11-01".len()).collect()
}

/// `31 suspected, 2 ruled out`.
pub(super) fn verdicts(verdicts: Verdicts) -> String {
    let all = [
        (verdicts.suspected, "suspected"),
        (verdicts.inconclusive, "inconclusive"),
        (verdicts.ruled_out, "ruled out"),
    ];
    let some = all.into_iter().filter(|(number, _)| *number > 0);
    let words: Vec<String> = some
        .map(|(number, word)| format!("{} {word}", count(number)))
        .collect();
    words.join(", ")
}

/// `31 of 214 dumps`.
pub(super) fn share(cause: &Cause, fleet: &Fleet) -> String {
    format!("{} of {} dumps", count(cause.dumps), count(fleet.dumps))
}

/// Where it is seen and since when.
pub(super) fn places(cause: &Cause) -> String {
    let mut named: Vec<String> = cause
        .services
        .iter()
        .take(MOST_SERVICES)
        .map(place)
        .collect();
    let more = cause.services.len().saturating_sub(MOST_SERVICES) as u64;
    if more > 0 {
        named.push(format!("{} more", counted(more, "service")));
    }
    named.join("; ")
}

fn place(row: &CauseService) -> String {
    let mut text = row
        .service
        .clone()
        .unwrap_or_else(|| "service unknown".to_owned());
    if let Some(version) = &row.since_version {
        text.push_str(&format!(" since {version}"));
        if let Some(before) = &row.version_before {
            text.push_str(&format!(" (not in {before} before)"));
        }
    }
    let mut facts = vec![counted(row.dumps, "dump")];
    if row.pods > 0 {
        facts.push(counted(row.pods, "pod"));
    }
    facts.extend(period(row.first_seen.as_deref(), row.last_seen.as_deref()));
    format!("{text}: {}", facts.join(", "))
}

/// How it grew; nothing where nothing compares.
pub(super) fn grew(cause: &Cause, units: Units) -> Option<String> {
    let growth = &cause.growth;
    if growth.compared == 0 {
        return None;
    }
    let of = format!(
        "{} of {}",
        count(growth.grew),
        counted(growth.compared, "comparison")
    );
    let most = growth.most_bytes.filter(|bytes| *bytes > 0);
    let most = most.map(|bytes| format!(", by at most {}", units.signed_bytes(bytes)));
    Some(format!("still grew in {of}{}", most.unwrap_or_default()))
}

/// A pod: `shop / shop-1: 3 dumps, 5.0 → 20 → 78 MiB live`.
pub(super) fn pod(pod: &PodCourse) -> String {
    match &pod.service {
        Some(service) => format!("{service} / {}", pod.pod),
        None => pod.pod.clone(),
    }
}

/// How its heap developed.
pub(super) fn pod_facts(pod: &PodCourse, units: Units) -> String {
    let reports = pod.reports.len() as u64 + pod.more_reports;
    let live: Vec<Option<u64>> = pod
        .reports
        .iter()
        .map(|report| Some(report.live_bytes))
        .collect();
    let mut facts = vec![
        counted(reports, "dump"),
        format!("{} live", row(&live, units)),
    ];
    let (first, last) = (pod.reports.first(), pod.reports.last());
    let time = |report: Option<&super::model::PodReport>| report?.captured_at.clone();
    facts.extend(period(time(first).as_deref(), time(last).as_deref()));
    match pod.processes {
        0 | 1 => {}
        2 => facts.push("restarted once".to_owned()),
        many => facts.push(format!("restarted {} times", many - 1)),
    }
    facts.join(", ")
}

/// Numbers that a row shows: where there are more, the first and the last ones.
const MOST_NUMBERS: usize = 6;

fn row(bytes: &[Option<u64>], units: Units) -> String {
    let one =
        |bytes: &Option<u64>| bytes.map_or_else(|| "?".to_owned(), |bytes| units.bytes(bytes));
    let words: Vec<String> = match bytes.len() > MOST_NUMBERS {
        true => {
            let last = &bytes[bytes.len() - MOST_NUMBERS + 2..];
            let dots = std::iter::once("...".to_owned());
            bytes
                .iter()
                .take(1)
                .map(one)
                .chain(dots)
                .chain(last.iter().map(one))
                .collect()
        }
        false => bytes.iter().map(one).collect(),
    };
    words.join(" → ")
}

/// How a cause developed in a pod.
pub(super) fn course(course: &CauseCourse, units: Units) -> String {
    let word = match course.course {
        Some(Course::Grew) => "grew",
        Some(Course::Appeared) => "appeared and grew",
        Some(Course::WarmedUp) => "grew and stopped",
        Some(Course::Peaked) => "was larger in between",
        Some(Course::Shrank) => "shrank",
        Some(Course::Gone) => "is gone",
        Some(Course::Constant) => "stayed as it was",
        None => "not judged (no two dumps of one process tell)",
    };
    format!("{word}: {}", row(&course.retained_bytes, units))
}

/// What the baseline is.
pub(super) fn baseline(comparison: &Comparison) -> String {
    let period = period(
        comparison.first_seen.as_deref(),
        comparison.last_seen.as_deref(),
    );
    let period = period
        .map(|period| format!(", {period}"))
        .unwrap_or_default();
    format!("against {}{period}", counted(comparison.dumps, "dump"))
}

/// What a change is, by its list.
pub(super) fn change(change: &Change, units: Units) -> String {
    let bytes = |bytes: Option<u64>| units.bytes_or_unknown(bytes);
    match (change.median_before_bytes, change.median_retained_bytes) {
        (None, _) => format!(
            "{}, median {}, largest {}",
            counted(change.dumps, "dump"),
            bytes(change.median_retained_bytes),
            bytes(change.largest_retained_bytes)
        ),
        (Some(_), None) => format!(
            "{} before, median {}",
            counted(change.dumps_before, "dump"),
            bytes(change.median_before_bytes)
        ),
        (before, now) => format!(
            "median {} → {} (+{}), {} → {}",
            bytes(before),
            bytes(now),
            percent(change.grew_share.unwrap_or(0.0)),
            count(change.dumps_before),
            counted(change.dumps, "dump")
        ),
    }
}

/// The lists of a comparison with their titles.
pub(super) fn changes(comparison: &Comparison) -> [(&'static str, &[Change]); 3] {
    [
        ("new", &comparison.new),
        ("larger", &comparison.larger),
        ("gone", &comparison.gone),
    ]
}

//! What grew, in words that every format uses.

use super::super::model::{
    AgainstBaseline, ClassCourse, Course, GroupCourse, Growth, HolderCourse, HolderKind, InputKind,
};
use super::super::units::{Units, count, counted, duration, percent};

/// Growth that nobody explains is reported from so many bytes on.
const LEAST_REST: u64 = 64 << 10;
/// Native memory that grew by less is not told to have grown.
const LEAST_NATIVE: u64 = 1 << 20;

/// One owner over time, ready for a line or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderLine {
    /// What happened, in one or two words.
    pub word: &'static str,
    /// The owner.
    pub owner: String,
    /// What it keeps, and how many at each time: `3,000 → 24,000 × com.acme.Order`.
    pub content: String,
    /// Bytes at each time.
    pub course: Vec<Option<u64>>,
    /// The same in words: `0.9 → 3.7 → 7.4 MiB`.
    pub bytes: String,
    /// What else is to be said of it: its share of the growth, its bound, where it lies.
    pub notes: Vec<String>,
}

/// The owners that still grow; then the others that changed or are large.
pub fn holders(growth: &Growth, units: Units) -> (Vec<HolderLine>, Vec<HolderLine>) {
    let growing = |row: &&HolderCourse| row.course.is_some_and(Course::is_growing);
    let line = |row: &HolderCourse| holder_line(row, units);
    let grown = growth.holders.iter().filter(growing).map(line).collect();
    let others = growth.holders.iter().filter(|row| !growing(row));
    (grown, others.map(line).collect())
}

fn holder_line(row: &HolderCourse, units: Units) -> HolderLine {
    let mut notes = Vec::new();
    if let Some(share) = row
        .share_of_growth
        .filter(|_| row.course.is_some_and(Course::is_growing))
    {
        notes.push(format!("{} of the heap's growth", percent(share.min(1.0))));
    }
    if let Some(share) = row
        .share_of_observed
        .filter(|&share| share > 0.0 && row.course.is_some_and(Course::is_growing))
    {
        notes.push(format!("{} of the growth outside", percent(share.min(1.0))));
    }
    if let Some(rate) = row.bytes_per_hour.filter(|&rate| rate > 0) {
        let objects = row.objects_per_hour.filter(|&objects| objects > 0);
        let objects = objects.map(|objects| format!(", {} objects", count(objects.unsigned_abs())));
        notes.push(format!(
            "{}{} an hour",
            units.signed_bytes(rate),
            objects.unwrap_or_default()
        ));
    }
    if row.by_class && row.course == Some(Course::Constant) {
        notes.push("earlier histograms count as many objects of the class".to_owned());
    } else if row.by_class {
        let more = count(row.grew_objects.unwrap_or(0).unsigned_abs());
        notes.push(match row.holder.kind {
            HolderKind::Thread => {
                format!("at least {more} more threads than in an earlier histogram")
            }
            _ => format!("at least {more} more objects of the class than in an earlier histogram"),
        });
    }
    if row.at_bound {
        notes.push("at its bound".to_owned());
    } else if row.bounded && row.course == Some(Course::WarmedUp) {
        notes.push("below its bound".to_owned());
    }
    if let Some(native) = &row.off_heap_bytes {
        notes.push(format!("native memory {}", course(native, units)));
    }
    let latest = row
        .instances
        .iter()
        .rev()
        .copied()
        .flatten()
        .next()
        .unwrap_or(1);
    if row.holder.kind == HolderKind::InstanceField && latest > 1 {
        let class = row.holder.class.rsplit('.').next().unwrap_or_default();
        notes.push(format!("in {} {class}", count(latest)));
    }
    if let Some(inside) = &row.inside {
        notes.push(format!("inside {inside}"));
    }
    HolderLine {
        word: word(row),
        owner: row.holder.title(),
        content: content(row),
        course: row.retained_bytes.clone(),
        bytes: course(&row.retained_bytes, units),
        notes,
    }
}

fn word(row: &HolderCourse) -> &'static str {
    match row.course {
        Some(Course::WarmedUp) if row.at_bound => "full",
        Some(Course::WarmedUp) if row.bounded => "fills",
        Some(Course::Constant) if native_grew(row) => "grew outside the heap",
        None => match row.against_baseline {
            Some(AgainstBaseline::Larger) => "larger than in the baseline",
            Some(AgainstBaseline::New) => "not in the baseline",
            Some(AgainstBaseline::Smaller) => "smaller than in the baseline",
            Some(AgainstBaseline::AsLarge) => "as large as in the baseline",
            None => course_word(None),
        },
        course => course_word(course),
    }
}

/// Whether the native memory that it gives access to grew.
fn native_grew(row: &HolderCourse) -> bool {
    let known = || row.off_heap_bytes.iter().flatten().copied().flatten();
    let ends = known().next().zip(known().last());
    ends.is_some_and(|(first, last)| last.saturating_sub(first) >= LEAST_NATIVE)
}

fn course_word(course: Option<Course>) -> &'static str {
    match course {
        Some(Course::Grew) => "grew",
        Some(Course::Appeared) => "appeared",
        Some(Course::WarmedUp) => "warmed up",
        Some(Course::Peaked) => "peaked",
        Some(Course::Shrank) => "shrank",
        Some(Course::Gone) => "gone",
        Some(Course::Constant) => "constant",
        None => "not judged",
    }
}

fn content(row: &HolderCourse) -> String {
    if row.content.class.is_empty() {
        return String::new();
    }
    format!("{} × {}", numbers(&row.objects), row.content.class)
}

/// One class over time, ready for a line or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassCourseLine {
    /// What happened, in one or two words.
    pub word: &'static str,
    /// The class.
    pub class: String,
    /// Objects at each time.
    pub counts: Vec<Option<u64>>,
    /// The same in words.
    pub objects: String,
    /// Bytes of these objects at each time.
    pub bytes: String,
    /// The owner that keeps most of them now; empty where that is not known.
    pub kept_by: String,
}

/// The classes of which there are more and more, at most `most`.
pub fn classes(growth: &Growth, units: Units, most: usize) -> Vec<ClassCourseLine> {
    let growing = |row: &&ClassCourse| row.course.is_some_and(Course::is_growing);
    // The JDK's are what every program is made of.
    let mut rows: Vec<&ClassCourse> = growth.classes.iter().filter(growing).collect();
    rows.sort_by_key(|row| row.jdk);
    let line = |row: &ClassCourse| ClassCourseLine {
        word: course_word(row.course),
        class: row.class.clone(),
        counts: row.objects.clone(),
        objects: numbers(&row.objects),
        bytes: course(&row.shallow_bytes, units),
        kept_by: row.kept_by.clone().unwrap_or_default(),
    };
    rows.into_iter().take(most).map(line).collect()
}

/// Threads and class loaders that became more: `threads "mail-sender-*": 20 → 80 → 160`.
pub fn groups(growth: &Growth) -> Vec<String> {
    let kinds = [
        ("threads", &growth.threads),
        ("class loaders", &growth.class_loaders),
    ];
    let mut lines = Vec::new();
    for (kind, rows) in kinds {
        let growing = |row: &&GroupCourse| row.course.is_some_and(Course::is_growing);
        for row in rows.iter().filter(growing) {
            let numbers = numbers(&row.count);
            lines.push(format!("{kind} \"{}\": {numbers}", row.name));
        }
    }
    lines
}

/// What is to be said where no owner grew; `None` where nothing that names owners was compared.
pub fn nobody(growth: &Growth) -> Option<&'static str> {
    match growth.intervals() {
        0 if growth.judged.is_empty() => None,
        0 if growth.holders.iter().any(|row| row.by_class) => {
            Some("No owner is known to have grown since the last class histogram.")
        }
        0 => {
            Some("Class histograms name no owners: compare two dumps, or a dump with a later one.")
        }
        _ => Some("No owner grew in the last interval."),
    }
}

/// Numbers at each time; one where all are the same.
pub fn numbers(row: &[Option<u64>]) -> String {
    let number = |number: &Option<u64>| number.map_or_else(|| "?".to_owned(), count);
    steps(row.iter().map(number).collect())
}

/// Sizes at each time with their unit once where all have the same: `2.1 → 6.3 → 13 MiB`.
pub fn course(row: &[Option<u64>], units: Units) -> String {
    let sizes: Vec<String> = row
        .iter()
        .map(|&bytes| units.bytes_or_unknown(bytes))
        .collect();
    let unit = |size: &String| size.rsplit_once(' ').map(|(_, unit)| unit.to_owned());
    let all: Vec<Option<String>> = sizes.iter().filter(|size| *size != "?").map(unit).collect();
    let Some(Some(common)) = all
        .first()
        .filter(|first| all.iter().all(|unit| unit == *first))
        .cloned()
    else {
        return steps(sizes);
    };
    let bare = |size: String| {
        size.rsplit_once(' ')
            .map(|(number, _)| number.to_owned())
            .unwrap_or(size)
    };
    format!("{} {common}", steps(sizes.into_iter().map(bare).collect()))
}

/// Numbers that a line has room for.
const MOST_STEPS: usize = 7;

/// The steps with arrows between them; one where all are alike, some where there are many.
fn steps(mut steps: Vec<String>) -> String {
    steps.dedup_by(|a, b| a == "?" && b == "?");
    let last = steps.len().saturating_sub(1);
    if last >= MOST_STEPS {
        let at = (0..MOST_STEPS).map(|step| step * last / (MOST_STEPS - 1));
        steps = at.filter_map(|at| steps.get(at).cloned()).collect();
    }
    match steps.split_first() {
        Some((first, rest)) if rest.iter().all(|step| step == first) => first.clone(),
        _ => steps.join(" → "),
    }
}

/// The heap as a whole in one sentence.
pub fn summary(growth: &Growth, units: Units) -> String {
    let live = course(&growth.live_bytes, units);
    let inputs = inputs(growth);
    match growth.grew_bytes {
        Some(grew) if grew > 0 => {
            let time = growth
                .seconds
                .map(|seconds| format!(" in {}", duration(seconds)));
            let rate = growth
                .bytes_per_hour
                .map(|rate| format!(" ({} an hour)", units.signed_bytes(rate)))
                .unwrap_or_default();
            let outside = growth.observed_grew_bytes.zip(growth.observed.as_ref());
            let outside = outside.map(|(grew, observed)| {
                format!("; {} grew by {}", observed.of, units.signed_bytes(grew))
            });
            let outside = outside.unwrap_or_default();
            format!(
                "{inputs}: {live} live; it grew by {}{}{rate}{outside}",
                units.signed_bytes(grew),
                time.unwrap_or_default()
            )
        }
        Some(_) => format!("{inputs}: {live} live; the heap did not grow"),
        None if growth.judged.len() > 1 && are_histograms(growth) => {
            format!("{inputs}: {live}, garbage included")
        }
        None if growth.same_as_histograms().is_some() => {
            format!("{inputs}: {live} live; the earlier histograms count as many bytes")
        }
        None if growth.judged.len() > 1 => {
            format!("{inputs}: {live} live; a histogram and a dump do not count the same bytes")
        }
        None => {
            format!("{inputs}: {live} live; growth is not judged, since no two are of one process")
        }
    }
}

fn are_histograms(growth: &Growth) -> bool {
    let mut inputs = growth.inputs.iter();
    inputs.all(|input| input.kind == InputKind::Histogram)
}

fn inputs(growth: &Growth) -> String {
    let of = |kind| {
        growth
            .inputs
            .iter()
            .filter(|input| input.kind == kind)
            .count() as u64
    };
    let kinds = [
        (InputKind::Dump, "dump"),
        (InputKind::Report, "report"),
        (InputKind::Histogram, "histogram"),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(kind, _)| of(*kind) > 0)
        .map(|(kind, noun)| counted(of(*kind), noun))
        .collect();
    parts.join(", ")
}

/// Bytes of the heap's growth that no listed owner explains, where they are a fifth of it or more.
pub fn unexplained(growth: &Growth) -> Option<u64> {
    let grew = u64::try_from(growth.grew_bytes?).ok()?;
    let rows = growth.holders.iter();
    let known = rows.filter_map(|row| u64::try_from(row.grew_bytes?).ok());
    let known = known.fold(0, u64::saturating_add);
    Some(grew.saturating_sub(known)).filter(|&rest| rest >= LEAST_REST && rest > grew / 5)
}

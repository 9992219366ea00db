//! What grew, in words that every format uses.

use super::super::model::{ClassCourse, Course, Growth, HolderCourse, InputKind};
use super::super::units::{Units, count, counted, percent};

/// Growth that nobody explains is told from so many bytes on.
const LEAST_REST: u64 = 64 << 10;

/// One owner over time, ready for a line or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened, in one or two words.
    pub word: &'static str,
    /// The owner.
    pub owner: String,
    /// What it keeps, and how many at each time: `3,000 → 24,000 x com.acme.Order`.
    pub content: String,
    /// Bytes at each time: `0.9 → 3.7 → 7.4 MiB`.
    pub bytes: String,
    /// What else is to be said of it: its share of the growth, its bound, where it lies.
    pub notes: Vec<String>,
}

/// The owners that still grow; then the others that changed or are large.
pub fn holders(growth: &Growth, units: Units, arrow: &str) -> (Vec<Told>, Vec<Told>) {
    let growing = |row: &&HolderCourse| row.course.is_some_and(Course::is_growing);
    let told = |row: &HolderCourse| told(row, units, arrow);
    let grown = growth.holders.iter().filter(growing).map(told).collect();
    let others = growth.holders.iter().filter(|row| !growing(row));
    (grown, others.map(told).collect())
}

/// Whether anything is said of owners: two inputs of one process know them, or none does.
pub fn is_judged(growth: &Growth) -> bool {
    let judged = growth.judged.iter();
    let inputs = judged.filter_map(|&i| growth.inputs.get(i as usize));
    let (mut with, mut without) = (0, 0);
    for input in inputs {
        match input.kind {
            InputKind::Histogram => without += 1,
            _ => with += 1,
        }
    }
    with > 1 || without == 0
}

/// The classes whose objects became more, where histograms tell that and nobody tells of owners: the application's first. With the owner
/// that keeps them at the end, where the last input knows it.
pub fn classes(growth: &Growth, units: Units, arrow: &str) -> Vec<Told> {
    if is_judged(growth) {
        return Vec::new();
    }
    let growing = |row: &&ClassCourse| row.course.is_some_and(Course::is_growing);
    let mut rows: Vec<&ClassCourse> = growth.classes.iter().filter(growing).collect();
    rows.sort_by_key(|row| is_of_jdk(&row.class));
    let told = |row: &&ClassCourse| Told {
        word: match row.course {
            Some(Course::Appeared) => "appeared",
            _ => "grew",
        },
        owner: row.class.clone(),
        content: format!("{} objects", numbers(&row.objects, arrow)),
        bytes: course(&row.shallow_bytes, units, arrow),
        notes: keeper(growth, row).into_iter().collect(),
    };
    rows.iter().map(told).collect()
}

/// Whether a class says nothing of who made its objects.
fn is_of_jdk(class: &str) -> bool {
    !class.contains('.') && class.ends_with("[]")
        || ["java.", "javax.", "jdk.", "sun.", "com.sun."]
            .iter()
            .any(|start| class.starts_with(start))
}

/// Who keeps most objects of a class at the end.
fn keeper(growth: &Growth, class: &ClassCourse) -> Option<String> {
    let all = class.objects.last().copied().flatten()?;
    let kept = |row: &HolderCourse| row.objects.last().copied().flatten().unwrap_or(0);
    let of_class = growth
        .holders
        .iter()
        .filter(|row| row.content.class == class.class);
    let keeper = of_class.max_by_key(|row| kept(row))?;
    let objects = kept(keeper);
    (objects.saturating_mul(2) > all)
        .then(|| format!("{} keeps {} of them", keeper.holder.title(), count(objects)))
}

fn told(row: &HolderCourse, units: Units, arrow: &str) -> Told {
    let mut notes = Vec::new();
    if let Some(share) = row
        .share_of_growth
        .filter(|_| row.course.is_some_and(Course::is_growing))
    {
        notes.push(format!("{} of the heap's growth", percent(share.min(1.0))));
    }
    if row.at_bound {
        notes.push("at its bound".to_owned());
    }
    if let Some(native) = &row.off_heap_bytes {
        notes.push(format!("native memory {}", course(native, units, arrow)));
    }
    let latest = row
        .instances
        .iter()
        .rev()
        .copied()
        .flatten()
        .next()
        .unwrap_or(1);
    if row.holder.kind == "instance_field" && latest > 1 {
        let class = row.holder.class.rsplit('.').next().unwrap_or_default();
        notes.push(format!("in {} {class}", count(latest)));
    }
    if let Some(inside) = &row.inside {
        notes.push(format!("inside {inside}"));
    }
    Told {
        word: word(row),
        owner: row.holder.title(),
        content: content(row, arrow),
        bytes: course(&row.retained_bytes, units, arrow),
        notes,
    }
}

fn word(row: &HolderCourse) -> &'static str {
    match row.course {
        Some(Course::Grew) => "grew",
        Some(Course::Appeared) => "appeared",
        Some(Course::WarmedUp) if row.at_bound => "full",
        Some(Course::WarmedUp) => "warmed up",
        Some(Course::Peaked) => "peaked",
        Some(Course::Shrank) => "shrank",
        Some(Course::Gone) => "gone",
        Some(Course::Constant) => "constant",
        None => "not judged",
    }
}

fn content(row: &HolderCourse, arrow: &str) -> String {
    if row.content.class.is_empty() {
        return String::new();
    }
    format!("{} x {}", numbers(&row.objects, arrow), row.content.class)
}

/// Numbers at each time; one where all are the same.
pub fn numbers(row: &[Option<u64>], arrow: &str) -> String {
    let number = |number: &Option<u64>| number.map_or_else(|| "?".to_owned(), count);
    steps(row.iter().map(number).collect(), arrow)
}

/// Sizes at each time with their unit once where all have the same: `2.1 → 6.3 → 13 MiB`.
pub fn course(row: &[Option<u64>], units: Units, arrow: &str) -> String {
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
        return steps(sizes, arrow);
    };
    let bare = |size: String| {
        size.rsplit_once(' ')
            .map(|(number, _)| number.to_owned())
            .unwrap_or(size)
    };
    format!(
        "{} {common}",
        steps(sizes.into_iter().map(bare).collect(), arrow)
    )
}

/// Numbers that a line has room for.
const MOST_STEPS: usize = 7;

/// The steps with arrows between them; one where all are alike, some where there are many.
fn steps(mut steps: Vec<String>, arrow: &str) -> String {
    steps.dedup_by(|a, b| a == "?" && b == "?");
    let last = steps.len().saturating_sub(1);
    if last >= MOST_STEPS {
        let at = (0..MOST_STEPS).map(|step| step * last / (MOST_STEPS - 1));
        steps = at.filter_map(|at| steps.get(at).cloned()).collect();
    }
    match steps.split_first() {
        Some((first, rest)) if rest.iter().all(|step| step == first) => first.clone(),
        _ => steps.join(arrow),
    }
}

/// The heap as a whole in one sentence.
pub fn summary(growth: &Growth, units: Units, arrow: &str) -> String {
    let live = course(&growth.live_bytes, units, arrow);
    let inputs = inputs(growth);
    match growth.grew_bytes {
        Some(grew) if grew > 0 => {
            let time = growth
                .seconds
                .map(|seconds| format!(" in {}", duration(seconds)));
            let rate = rate(grew, growth.seconds, units);
            format!(
                "{inputs}: {live} live; it grew by {}{}{rate}",
                units.signed_bytes(grew),
                time.unwrap_or_default()
            )
        }
        Some(_) => format!("{inputs}: {live} live; the heap did not grow"),
        None if growth.judged.len() > 1 => format!("{inputs}: {live}, garbage included"),
        None => format!("{inputs}: {live} live; no two of one process, so growth is not judged"),
    }
}

fn rate(grew: i64, seconds: Option<u64>, units: Units) -> String {
    let rate = seconds
        .filter(|&seconds| seconds >= 60)
        .map(|seconds| grew.unsigned_abs().saturating_mul(3_600) / seconds);
    rate.map(|rate| format!(" ({} an hour)", units.bytes(rate)))
        .unwrap_or_default()
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

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Bytes of the heap's growth that no listed owner explains, where they are a fifth of it or more.
pub fn unexplained(growth: &Growth) -> Option<u64> {
    let grew = u64::try_from(growth.grew_bytes?).ok()?;
    let rows = growth.holders.iter();
    let known = rows.filter_map(|row| u64::try_from(row.grew_bytes?).ok());
    let known = known.fold(0, u64::saturating_add);
    Some(grew.saturating_sub(known)).filter(|&rest| rest >= LEAST_REST && rest > grew / 5)
}

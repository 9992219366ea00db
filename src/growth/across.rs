//! Inputs of different processes. What one keeps more than the other says nothing of a course of time: only sizes are compared.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::course::NOISE_BYTES;
use super::inventory::Owner;
use super::model::{Across, AgainstBaseline, HolderCourse, InputKind};
use super::owners::{Whole, row};
use super::rows::Rows;
use super::series::{Series, difference, objects_of};
use crate::suspects::Level;

/// Owners that are listed because they are larger than in the baseline.
const MOST_LARGER: usize = 20;
/// Objects that come and go in a collection.
const NOISE_OBJECTS: u64 = 2;

/// The last input and the one before it, of another process; `None` where growth up to the last one is judged.
pub(super) fn pair(series: &Series<'_>) -> Option<Across> {
    let lists =
        |&i: &usize| series.usable[i] && series.inputs[i].facts.kind != InputKind::Histogram;
    let mut listing = (0..series.inputs.len()).rev().filter(lists);
    let (later, baseline) = (listing.next()?, listing.next()?);
    let layout = |i: usize| series.inputs[i].layout;
    let known = layout(baseline).zip(layout(later));
    (!series.judged.contains(&later)).then_some(Across {
        baseline: u32::try_from(baseline).ok()?,
        later: u32::try_from(later).ok()?,
        bytes_compared: known.is_some_and(|(a, b)| a == b),
    })
}

/// What `owners`, the same at the baseline and later, are against each other.
fn against(
    series: &Series<'_>,
    across: Across,
    owners: (Option<&Owner>, Option<&Owner>),
) -> Option<AgainstBaseline> {
    let (before, now) = match owners {
        (None, Some(now)) => {
            let floor = series.inputs[across.baseline as usize]
                .inventory
                .owners_floor_bytes;
            let is_new = now.bytes >= floor.saturating_add(NOISE_BYTES);
            return is_new.then_some(AgainstBaseline::New);
        }
        (before, now) => before.zip(now)?,
    };
    let content = now.content().filter(|content| content.objects > 0);
    let counts = content.and_then(|content| {
        let counted = objects_of(before, &content.class);
        Some((counted?, content.objects))
    });
    let is_more = |a: u64, b: u64, least: u64| b.saturating_sub(a) > least.max(a / 10);
    let more = |a: &Owner, b: &Owner, counts: Option<(u64, u64)>| {
        let by_count = counts.map(|(a, b)| is_more(a, b, NOISE_OBJECTS));
        let by_bytes = across
            .bytes_compared
            .then(|| is_more(a.bytes, b.bytes, NOISE_BYTES));
        match (by_count, by_bytes) {
            // More of them, or each keeps more.
            (Some(count), Some(bytes)) => Some(bytes && (count || b.bytes / 2 >= a.bytes)),
            (count, bytes) => count.or(bytes),
        }
    };
    let swapped = counts.map(|(a, b)| (b, a));
    Some(
        match (more(before, now, counts)?, more(now, before, swapped)?) {
            (true, _) => AgainstBaseline::Larger,
            (_, true) => AgainstBaseline::Smaller,
            _ => AgainstBaseline::AsLarge,
        },
    )
}

/// Notes in `holders` what each is in the later input against the baseline, after those that are larger or new there, the one with the
/// largest difference first.
pub(super) fn compared(
    series: &Series<'_>,
    rows: &Rows<'_>,
    whole: Whole,
    across: Across,
    holders: Vec<HolderCourse>,
) -> Vec<HolderCourse> {
    let mut against_baseline: BTreeMap<&str, AgainstBaseline> = BTreeMap::new();
    for entry in &rows.list {
        let ends = [across.baseline, across.later].map(|i| entry.row[i as usize]);
        if let Some(found) = against(series, across, (ends[0], ends[1])) {
            against_baseline.insert(&entry.signature, found);
        }
    }
    let larger = larger(series, rows, across, &against_baseline);
    let mut listed: Vec<HolderCourse> = larger
        .into_iter()
        .map(|i| row(series, rows, i, i, whole))
        .collect();
    let first: BTreeSet<String> = listed.iter().map(|row| row.signature.clone()).collect();
    // What is judged in the process before the last one comes first all the same.
    let (judged, others): (Vec<HolderCourse>, Vec<HolderCourse>) =
        holders.into_iter().partition(|row| row.course.is_some());
    let known: BTreeSet<String> = judged.iter().map(|row| row.signature.clone()).collect();
    listed.retain(|row| !known.contains(&row.signature));
    let others = others
        .into_iter()
        .filter(|row| !first.contains(&row.signature));
    let mut all: Vec<HolderCourse> = judged.into_iter().chain(listed).chain(others).collect();
    for row in &mut all {
        row.against_baseline = against_baseline.get(row.signature.as_str()).copied();
    }
    all
}

/// The owners that are larger than in the baseline or new, as numbers in `rows`, the one with the largest difference first.
fn larger(
    series: &Series<'_>,
    rows: &Rows<'_>,
    across: Across,
    against: &BTreeMap<&str, AgainstBaseline>,
) -> Vec<usize> {
    let bytes = |owner: Option<&Owner>| owner.map_or(0, |owner| owner.bytes);
    let (baseline, later) = (across.baseline as usize, across.later as usize);
    let places = rows.places(series);
    let more = rows.own(&places, &|entry| {
        difference(bytes(entry.row[baseline]), bytes(entry.row[later]))
    });
    let mut list: Vec<(i64, usize)> = Vec::new();
    for (i, entry) in rows.list.iter().enumerate().filter(|(i, _)| places[*i]) {
        let whole = difference(bytes(entry.row[baseline]), bytes(entry.row[later]));
        let found = against.get(entry.signature.as_str());
        let is_larger = matches!(found, Some(AgainstBaseline::Larger | AgainstBaseline::New));
        // What lies inside is reported by itself; the JDK's own caches are not the program's.
        let own = more[i].saturating_mul(4) >= whole && entry.latest.level != Level::Jdk;
        if is_larger && own {
            list.push((more[i], i));
        }
    }
    list.sort_by_key(|&(more, i)| (Reverse(more), i));
    list.truncate(MOST_LARGER);
    list.into_iter().map(|(_, i)| i).collect()
}

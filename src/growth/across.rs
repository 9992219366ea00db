//! Inputs of different processes. What one keeps more than the other says nothing of a course of time: only sizes are compared.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::course::NOISE_BYTES;
use super::inventory::{Level, Owner};
use super::model::{Across, AgainstBaseline, HolderCourse, InputKind};
use super::owners::Rows;
use super::series::{Series, difference, objects_of};

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

/// The owners that are larger than in the baseline or new, the one with the largest difference first. `row` writes the row of an owner.
pub(super) fn larger<'i>(
    series: &Series<'i>,
    rows: &Rows<'i>,
    (places, across): (&[bool], Across),
    taken: &mut BTreeSet<usize>,
    row: impl Fn(usize) -> HolderCourse,
) -> Vec<HolderCourse> {
    let (baseline, later) = (across.baseline as usize, across.later as usize);
    let bytes = |owner: Option<&Owner>| owner.map_or(0, |owner| owner.bytes);
    let grew = rows.own(places, &|entry| {
        difference(bytes(entry.row[baseline]), bytes(entry.row[later]))
    });
    let mut list: Vec<(i64, usize, AgainstBaseline)> = Vec::new();
    for (i, entry) in rows.list.iter().enumerate().filter(|(i, _)| places[*i]) {
        let whole = difference(bytes(entry.row[baseline]), bytes(entry.row[later]));
        let found = against(series, across, (entry.row[baseline], entry.row[later]));
        let found = found.filter(|it| matches!(it, AgainstBaseline::Larger | AgainstBaseline::New));
        // What lies inside is told by itself; the JDK's own caches are not the program's.
        let own = grew[i].saturating_mul(4) >= whole && entry.latest.level != Level::Jdk;
        list.extend(found.filter(|_| own).map(|found| (grew[i], i, found)));
    }
    list.sort_by_key(|&(grew, i, _)| (Reverse(grew), i));
    list.truncate(MOST_LARGER);
    taken.extend(list.iter().map(|&(_, i, _)| i));
    let told = |(_, i, found)| HolderCourse {
        against_baseline: Some(found),
        ..row(i)
    };
    list.into_iter().map(told).collect()
}

/// Notes what the owners of `holders`, which are those of `rows`, are against the baseline.
pub(super) fn note(
    series: &Series<'_>,
    rows: &Rows<'_>,
    across: Across,
    holders: &mut [HolderCourse],
) {
    let (baseline, later) = (across.baseline as usize, across.later as usize);
    for holder in holders
        .iter_mut()
        .filter(|it| it.against_baseline.is_none())
    {
        let mut entries = rows.list.iter();
        let entry = entries.find(|entry| entry.signature == holder.signature);
        holder.against_baseline = entry
            .and_then(|entry| against(series, across, (entry.row[baseline], entry.row[later])));
    }
}

//! Which owners grew. Owners lie inside one another (a service, its map, the entries' own lists): the growth belongs to the innermost one
//! of which there are as many as before.

use std::collections::BTreeSet;

use super::by_class::{self, Histograms};
use super::course::{self, NOISE_BYTES, Point, course_of};
use super::held::{self, lifted};
use super::inventory::{Bound, Owner};
use super::model::{Course, CourseContent, HolderCourse};
use super::rows::{Entry, Rows, content_of, holder};
use super::series::{Row, Series, difference, objects_of};
use crate::suspects::Level;

/// Owners that are listed because they changed, and because they are large and did not.
const MOST_CHANGED: usize = 40;
const MOST_CONSTANT: usize = 10;
/// Native memory that grew by less is not told.
const NATIVE_NOISE: u64 = 1 << 20;
/// The JDK itself is an owner only where it grew by so many bytes: its own caches warm up.
const JDK_NOISE: u64 = 256 << 10;

/// What an owner's growth is a share of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole {
    /// Bytes by which the live heap grew.
    pub heap: Option<i64>,
    /// Bytes by which what was measured outside grew.
    pub observed: Option<i64>,
}

impl Whole {
    /// `grew` of a growth that was seen, 0 to 1 or more.
    pub fn share(grew: Option<i64>, of: Option<i64>) -> Option<f64> {
        let of = of.filter(|&of| of > 0)?;
        Some(grew? as f64 / of as f64)
    }
}

/// The owners that changed, the one that grew most first, then the largest of those that did not.
pub(super) fn holders(series: &Series<'_>, rows: &Rows<'_>, whole: Whole) -> Vec<HolderCourse> {
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let places = rows.places(series);
    let mut changed = changed(series, rows, &places, whole, &mut taken);
    let histograms = Histograms::before(series);
    if let Some(histograms) = &histograms {
        changed.extend(histograms.grown(|owner| {
            let at = rows.place(owner)?;
            let around = lifted(rows, at);
            taken
                .insert(around)
                .then(|| row(series, rows, rows.content_at(at), around, whole))
        }));
    }
    changed.sort_by(|a, b| {
        b.grew_bytes
            .cmp(&a.grew_bytes)
            .then_with(|| a.signature.cmp(&b.signature))
    });
    let growing = changed
        .iter()
        .filter(|row| row.course.is_some_and(Course::is_growing))
        .count();
    changed.sort_by_key(|row| !row.course.is_some_and(Course::is_growing));
    changed.truncate(MOST_CHANGED.max(growing.min(2 * MOST_CHANGED)));
    let mut constant = constant(series, rows, &places, whole, &taken);
    if let Some(histograms) = &histograms {
        for row in &mut constant {
            let owner = rows.list.iter().find(|it| it.signature == row.signature);
            if owner.is_some_and(|owner| histograms.is_constant(owner.latest)) {
                (row.course, row.by_class) = (Some(Course::Constant), true);
            }
        }
    }
    changed.extend(constant);
    changed
}

fn changed(
    series: &Series<'_>,
    rows: &Rows<'_>,
    places: &[bool],
    whole: Whole,
    taken: &mut BTreeSet<usize>,
) -> Vec<HolderCourse> {
    let grew = rows.own(places, &|entry| entry.grew());
    let native = rows.own(places, &|entry| native_growth(series, entry));
    // What went away in between, or was larger.
    let risen = |entry: &Entry<'_>| {
        let least = entry
            .points
            .iter()
            .map(|point| point.bytes)
            .min()
            .unwrap_or(0);
        let most = entry
            .points
            .iter()
            .map(|point| point.bytes)
            .max()
            .unwrap_or(0);
        difference(least, most)
    };
    let moved = rows.own(places, &risen);
    let noise = NOISE_BYTES as i64;
    let mut list = Vec::new();
    for (i, entry) in rows.list.iter().enumerate().filter(|(i, _)| places[*i]) {
        let own = grew[i];
        let of_native = native[i] >= NATIVE_NOISE as i64;
        let grown = own >= noise && own * 4 >= entry.grew();
        let moves = moved[i] >= noise && moved[i] * 4 >= risen(entry);
        if !grown && !moves && !of_native {
            continue;
        }
        let at = lifted(rows, i);
        if taken.insert(at) {
            let row = row(series, rows, rows.content_at(i), at, whole);
            if of_native || row.course != Some(Course::Constant) {
                list.push(row);
            } else {
                taken.remove(&at);
            }
        }
    }
    list
}

/// Native bytes by which what `entry` keeps grew.
fn native_growth(series: &Series<'_>, entry: &Entry<'_>) -> i64 {
    let at = |i: &usize| entry.row[*i].map_or(0, |owner| owner.off_heap_bytes);
    match series.ends() {
        Some((first, last)) => difference(at(&first), at(&last)),
        None => 0,
    }
}

/// The largest of those that did not change, without what is a field of their content.
fn constant(
    series: &Series<'_>,
    rows: &Rows<'_>,
    places: &[bool],
    whole: Whole,
    taken: &BTreeSet<usize>,
) -> Vec<HolderCourse> {
    let live = series
        .inputs
        .last()
        .and_then(|input| input.facts.live_bytes)
        .unwrap_or(0);
    // A field of the things that an owner keeps belongs to that owner.
    let separate = (0..places.len()).map(|i| places[i] && !rows.is_of_content(i));
    let separate: Vec<bool> = separate.collect();
    let own = rows.own(&separate, &|entry| difference(0, entry.latest.bytes));
    let mut list: Vec<(i64, usize)> = Vec::new();
    for (i, entry) in rows.list.iter().enumerate() {
        let is_large = own[i] >= difference(0, (live / 50).max(NOISE_BYTES));
        if is_large
            && !rows.is_of_content(i)
            && entry.latest.level == Level::Application
            && !taken.contains(&i)
        {
            list.push((own[i], i));
        }
    }
    list.sort_by_key(|&(own, i)| (std::cmp::Reverse(own), i));
    list.truncate(MOST_CONSTANT);
    let rows = list
        .into_iter()
        .map(|(_, i)| row(series, rows, i, i, whole));
    rows.filter(|row| !row.course.is_some_and(Course::is_growing))
        .collect()
}

/// The row of owner `at`, with the content of the owner `inner` in it (or of itself).
pub(super) fn row(
    series: &Series<'_>,
    rows: &Rows<'_>,
    inner: usize,
    at: usize,
    whole: Whole,
) -> HolderCourse {
    let (entry, inside) = (&rows.list[at], &rows.list[inner]);
    let class = content_of(inside.latest).map_or_else(String::new, |it| it.class.clone());
    let each = |value: &dyn Fn(&Owner) -> Option<u64>, row: &Row<'_, Owner>| -> Vec<Option<u64>> {
        row.iter().map(|owner| owner.and_then(value)).collect()
    };
    let objects = each(&|owner| objects_of(owner, &class), &inside.row);
    let retained_bytes = each(&|owner| Some(owner.bytes), &entry.row);
    let native = each(&|owner| Some(owner.off_heap_bytes), &entry.row);
    let points = series.points(&entry.row, None);
    let points: Vec<Point> = points
        .into_iter()
        .zip(&inside.points)
        .map(|(point, inner)| Point {
            objects: inner.objects,
            ..point
        })
        .collect();
    let bound = entry.latest.bound;
    let grew_bytes = match points[..] {
        [first, .., last] => Some(difference(first.bytes, last.bytes)),
        _ => None,
    };
    let native_grew = native_growth(series, entry);
    // Native memory grew: what gives access to it on the heap is no matter of its own.
    let by_native =
        native_grew >= NATIVE_NOISE as i64 && native_grew / 8 >= grew_bytes.unwrap_or(0);
    let course = match by_native {
        true => Some(Course::Constant).filter(|_| points.len() > 1),
        // What has a bound that the heap has room for fills: that convicts nobody.
        false => {
            let bounded = bound.is_some_and(|bound| bound.fits || bound.is_full());
            let course = course_of(&points, bounded).map(|course| match course.is_growing() {
                true => between(series, &class, &points).unwrap_or(course),
                false => course,
            });
            jdk_course(entry, course, grew_bytes)
        }
    };
    let grew_objects = series.difference(&objects);
    HolderCourse {
        signature: entry.signature.clone(),
        holder: held::field(entry).unwrap_or_else(|| holder(entry.latest)),
        content: CourseContent { class },
        grew_objects,
        interval_bytes: series.intervals(&retained_bytes),
        interval_objects: series.intervals(&objects),
        bytes_per_hour: series.per_hour(grew_bytes),
        objects_per_hour: series.per_hour(grew_objects),
        share_of_growth: Whole::share(grew_bytes, whole.heap),
        share_of_observed: Whole::share(grew_bytes, whole.observed),
        intervals_grown: course::intervals_grown(&points),
        at_bound: bound.is_some_and(Bound::is_full),
        bounded: bound.is_some_and(|bound| bound.fits),
        by_class: false,
        against_baseline: None,
        inside: held::inside(rows, at),
        instances: each(&|owner| Some(owner.instances), &entry.row),
        off_heap_bytes: native
            .iter()
            .flatten()
            .any(|&bytes| bytes > 0)
            .then_some(native),
        retained_bytes,
        objects,
        grew_bytes,
        course,
    }
}

/// What class histograms in between say of an owner that grew, if it got more objects of `class`, and no larger ones.
fn between(series: &Series<'_>, class: &str, points: &[Point]) -> Option<Course> {
    let (first, last) = (points.first()?, points.last()?);
    let (before, now) = (first.objects?, last.objects?);
    let larger = u128::from(last.bytes) * u128::from(before) * 10
        > u128::from(first.bytes) * u128::from(now) * 11;
    match now > before && !larger {
        true => by_class::between(series, class, before, now),
        false => None,
    }
}

/// The JDK's own caches warm up.
fn jdk_course(entry: &Entry<'_>, course: Option<Course>, grew: Option<i64>) -> Option<Course> {
    let small = grew.unwrap_or(0) < JDK_NOISE as i64;
    let is_jdk = entry.latest.level == Level::Jdk;
    course.map(|course| match course.is_growing() && is_jdk && small {
        true => Course::WarmedUp,
        false => course,
    })
}

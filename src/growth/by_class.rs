//! What class histograms say of an owner: they name none, but an owner that keeps more objects of a class now than there were of that
//! class at all before has grown by the difference at least; one that keeps nearly all objects of a class of which there were as many before
//! is constant.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::course::{NOISE_BYTES, Point, course_of};
use super::inventory::{Contents, Owner};
use super::model::{Course, GrowthInput, HolderCourse, InputKind, same_as_histograms};
use super::series::{Series, difference};
use crate::heap::Totals;
use crate::suspects::{HolderKind, naming};

/// Objects with a field that may be places of their own although nothing is known of how many there were.
pub(super) const FEW: u64 = 8;
/// Objects that come and go.
const NOISE_OBJECTS: u64 = 2;

/// What follows for one owner.
pub(super) struct Concluded {
    /// Objects by which it grew at least.
    pub objects: i64,
    /// What so many keep now.
    pub bytes: i64,
    /// How the class developed.
    pub course: Course,
}

/// The objects of each class in each histogram before the only judged input that lists owners.
pub(super) struct Histograms<'s, 'i> {
    series: &'s Series<'i>,
    /// The input that lists owners.
    last: usize,
    /// What each histogram before has of a class that it does not list; `None` where it lists its largest classes only.
    unlisted: Vec<Option<Totals>>,
    counts: BTreeMap<&'i str, Vec<Option<Totals>>>,
}

/// What the histograms between the compared inputs say of an owner that keeps `objects` of `class` at the last and kept fewer, `before`, at
/// first: it kept many more in between, or stopped growing. `None` where they say nothing against growth.
pub(super) fn between(
    series: &Series<'_>,
    class: &str,
    before: u64,
    objects: u64,
) -> Option<Course> {
    let (first, last) = series.ends()?;
    let now = objects_at(series, last, class).max(objects);
    let inside = series
        .judged
        .iter()
        .filter(|&&i| first < i && i < last && !series.compared.contains(&i));
    let counts: Vec<u64> = inside.map(|&i| objects_at(series, i, class)).collect();
    let latest = *counts.last()?;
    let is_peak = |&then: &u64| then > now.saturating_add(now / 2);
    if !is_nearly_all(objects, now) {
        // Others keep objects of the class as well: there became as many more of them all as it got, and none after that.
        let grew = objects.saturating_sub(before);
        let added = latest.saturating_sub(objects_at(series, first, class).max(before));
        let ended = now.abs_diff(latest) <= NOISE_OBJECTS.max(grew / 20);
        return (ended && is_nearly_all(added, grew)).then_some(Course::WarmedUp);
    }
    match counts.iter().any(is_peak) {
        true => Some(Course::Peaked),
        false => are_as_many(latest, now).then_some(Course::WarmedUp),
    }
}

/// How many objects of `class` an input lists.
fn objects_at(series: &Series<'_>, input: usize, class: &str) -> u64 {
    series.inputs[input].objects_of(class).unwrap_or(0)
}

/// Whether an owner with `objects` of a class keeps nearly all of them.
pub(super) fn is_nearly_all(objects: u64, all: u64) -> bool {
    objects.saturating_mul(10) >= all.saturating_mul(9)
}

fn are_as_many(then: u64, now: u64) -> bool {
    then.abs_diff(now) <= NOISE_OBJECTS.max(now / 100)
}

/// Whether objects of `class` are arrays of numbers, which keep nothing but themselves.
fn is_of_numbers(class: &str) -> bool {
    class.strip_suffix("[]").is_some_and(naming::is_primitive)
}

/// What of `owner` a histogram counts: the objects that it keeps, of a pool its threads.
fn counted(owner: &Owner) -> Option<Cow<'_, Contents>> {
    let content = match owner.kind {
        HolderKind::Thread => Some(Cow::Owned(Contents {
            class: owner.class.clone(),
            objects: owner.targets,
            bytes: owner.bytes,
        })),
        _ => owner.content().map(Cow::Borrowed),
    };
    content.filter(|content| content.objects > 0)
}

impl<'s, 'i> Histograms<'s, 'i> {
    /// The histograms before the only judged input that lists owners; `None` where there are none, or dumps can be compared.
    pub fn before(series: &'s Series<'i>) -> Option<Histograms<'s, 'i>> {
        let [last] = series.compared[..] else {
            return None;
        };
        let before: Vec<usize> = series
            .judged
            .iter()
            .copied()
            .filter(|&i| i < last)
            .collect();
        if before.is_empty() || series.inputs[last].facts.kind == InputKind::Histogram {
            return None;
        }
        let floor = |&i: &usize| series.inputs[i].inventory.classes_floor_bytes;
        let whole = before.iter().map(|i| floor(i) == 0);
        let unlisted: Vec<Option<Totals>> =
            whole.map(|whole| whole.then(Totals::default)).collect();
        let mut counts: BTreeMap<&str, Vec<Option<Totals>>> = BTreeMap::new();
        for (time, &input) in before.iter().enumerate() {
            for row in &series.inputs[input].inventory.classes {
                let known = counts.entry(&row.class).or_insert_with(|| unlisted.clone());
                let row = Totals {
                    objects: row.objects,
                    bytes: row.bytes,
                };
                known[time] = Some(known[time].unwrap_or_default().join(row));
            }
        }
        Some(Histograms {
            series,
            last,
            unlisted,
            counts,
        })
    }

    /// How many objects of `class` each histogram has, and their bytes; `None` where one of them does not say.
    fn before_of(&self, class: &str) -> Option<Vec<Totals>> {
        let known = self.counts.get(class).unwrap_or(&self.unlisted);
        known.iter().copied().collect()
    }

    /// What follows for `owner`, if it grew.
    pub fn concluded(&self, owner: &Owner) -> Option<Concluded> {
        let content = counted(owner)?;
        let before = self.before_of(&content.class)?;
        // An array of numbers may become longer. As many others as there were of the class keep what each keeps now.
        let keep = |then: &Totals| match is_of_numbers(&content.class) {
            true => then.bytes,
            false => {
                let bytes = u128::from(content.bytes) * u128::from(then.objects);
                u64::try_from(bytes / u128::from(content.objects)).unwrap_or(u64::MAX)
            }
        };
        let now = Totals {
            objects: content.objects,
            bytes: content.bytes,
        };
        let added = now.bytes.checked_sub(keep(before.first()?))?;
        let bytes = Some(added).filter(|&bytes| bytes >= NOISE_BYTES)?;
        let point = |then: &Totals| Point {
            bytes: keep(then),
            objects: Some(then.objects),
            listed: then.objects > 0,
        };
        let points: Vec<Point> = before.iter().chain([&now]).map(point).collect();
        let course = course_of(&points, false)?;
        let has_course = match course {
            Course::Grew | Course::Appeared => true,
            Course::WarmedUp => self.has_ended(&content, before.last()?),
            _ => false,
        };
        // Native memory grew: what gives access to it on the heap is no matter of its own.
        let is_native = owner.off_heap_bytes / 8 >= bytes;
        (has_course && !is_native).then_some(Concluded {
            objects: difference(before.first()?.objects, now.objects).max(0),
            bytes: difference(0, bytes),
            course,
        })
    }

    /// Whether an owner with `content` stopped growing by the last histogram, which has as many objects of the class as `then`: it keeps
    /// nearly all of them, and the heap as a whole is no larger now.
    fn has_ended(&self, content: &Contents, then: &Totals) -> bool {
        let now = objects_at(self.series, self.last, &content.class).max(content.objects);
        let before = self.series.judged.iter().rfind(|&&i| i < self.last);
        let inputs = before.into_iter().chain([&self.last]);
        let inputs: Vec<&GrowthInput> = inputs.map(|&i| &self.series.inputs[i].facts).collect();
        is_nearly_all(content.objects, now)
            && are_as_many(then.objects, now)
            && same_as_histograms(&inputs).is_some()
    }

    /// Whether `owner` keeps nearly all objects of its content's class, every histogram before has as many of them, and each counts as many
    /// bytes in all: no content became larger either.
    pub fn is_constant(&self, owner: &Owner) -> bool {
        let Some(content) = owner.content().filter(|content| content.objects > 0) else {
            return false;
        };
        let now = objects_at(self.series, self.last, &content.class).max(content.objects);
        let judged = self.series.judged.iter();
        let inputs: Vec<&GrowthInput> = judged.map(|&i| &self.series.inputs[i].facts).collect();
        if same_as_histograms(&inputs).is_none() {
            return false;
        }
        let Some(before) = self.before_of(&content.class) else {
            return false;
        };
        is_nearly_all(content.objects, now)
            && before.iter().all(|then| are_as_many(then.objects, now))
    }

    /// Whether there were as many objects with the field before: else it is a field of what somebody keeps more and more of.
    fn is_place(&self, owner: &Owner) -> bool {
        let before = self.before_of(&owner.class).unwrap_or_default();
        let then = before.first().map_or(0, |then| then.objects);
        if self.is_of_new_threads(owner) {
            return false;
        }
        let few = owner.instances <= FEW || owner.kind != HolderKind::InstanceField;
        few || owner.instances <= then.saturating_add(then / 10) || self.are_old_elements(owner)
    }

    /// The owner inside which `owner` lies.
    fn around(&self, owner: &Owner) -> Option<&'i Owner> {
        let owners = &self.series.inputs[self.last].inventory.owners;
        owners.get(owner.within? as usize)
    }

    /// Whether `owner` lies inside threads of which there are more than all of their class before.
    fn is_of_new_threads(&self, owner: &Owner) -> bool {
        let around = self
            .around(owner)
            .filter(|around| around.kind == HolderKind::Thread);
        around.is_some_and(|threads| {
            let before = self.before_of(&threads.class).unwrap_or_default();
            let then = before.first().map_or(0, |then| then.objects);
            !before.is_empty() && threads.targets > then.saturating_add(then / 10)
        })
    }

    /// Whether the field is one of a base class, and there were as many objects of each subclass before that is known.
    fn are_old_elements(&self, owner: &Owner) -> bool {
        let as_many = |content: &Contents| {
            let before = self.before_of(&content.class).unwrap_or_default();
            let then = before.first().map_or(0, |then| then.objects);
            content.class != owner.class && are_as_many(then, content.objects)
        };
        let around = self.around(owner);
        around.is_some_and(|around| {
            !around.contents.is_empty() && around.contents.iter().all(as_many)
        })
    }

    /// The owners that grew, with what follows for them, the one that grew most first.
    pub fn grown(&self, mut row: impl FnMut(&Owner) -> Option<HolderCourse>) -> Vec<HolderCourse> {
        let owners = self.series.inputs[self.last].inventory.owners.iter();
        let mut by_content: BTreeMap<&str, (u64, &Owner)> = BTreeMap::new();
        for owner in owners.filter(|owner| self.is_place(owner)) {
            let (class, objects) = match (owner.kind, owner.content()) {
                (HolderKind::Thread, _) => (owner.class.as_str(), owner.targets),
                (_, Some(content)) => (content.class.as_str(), content.objects),
                _ => continue,
            };
            let known = by_content.entry(class).or_insert((objects, owner));
            if objects > known.0 {
                *known = (objects, owner);
            }
        }
        let mut rows: Vec<HolderCourse> = Vec::new();
        for (_, owner) in by_content.into_values() {
            let Some(concluded) = self.concluded(owner) else {
                continue;
            };
            let Some(mut row) = row(owner) else {
                continue;
            };
            row.course = Some(match (concluded.course, row.at_bound || row.bounded) {
                (_, true) => Course::WarmedUp,
                (course, false) => course,
            });
            row.grew_bytes = Some(concluded.bytes);
            row.grew_objects = Some(concluded.objects);
            row.intervals_grown = 1;
            row.by_class = true;
            rows.push(row);
        }
        rows
    }
}

//! What class histograms say of an owner: they name none, but an owner that keeps more objects of a class now than there were of that
//! class at all before has grown by the difference at least.

use std::collections::BTreeMap;

use super::course::{NOISE_BYTES, Point, course_of};
use super::inventory::Owner;
use super::model::{Course, HolderCourse, InputKind};
use super::series::{Series, difference};

/// Objects with a field that may be places of their own although nothing is known of how many there were.
pub(super) const FEW: u64 = 8;

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
    /// How many histograms there are before.
    times: usize,
    counts: BTreeMap<&'i str, Vec<u64>>,
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
        let mut counts: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (time, &input) in before.iter().enumerate() {
            for row in &series.inputs[input].inventory.classes {
                // A histogram that is whole lists every class: what is missing was not there.
                let known = counts
                    .entry(&row.class)
                    .or_insert_with(|| vec![0; before.len()]);
                known[time] = known[time].saturating_add(row.objects);
            }
        }
        Some(Histograms {
            series,
            last,
            times: before.len(),
            counts,
        })
    }

    /// How many objects of `class` each histogram has.
    fn before_of(&self, class: &str) -> Vec<u64> {
        let known = self.counts.get(class).cloned();
        known.unwrap_or_else(|| vec![0; self.times])
    }

    /// What follows for `owner`, if it grew.
    pub fn concluded(&self, owner: &Owner) -> Option<Concluded> {
        let content = owner.content().filter(|content| content.objects > 0)?;
        let mut counts = self.before_of(&content.class);
        let added = content.objects.checked_sub(*counts.first()?)?;
        counts.push(content.objects);
        let keep = |objects: u64| {
            let bytes = u128::from(content.bytes) * u128::from(objects);
            u64::try_from(bytes / u128::from(content.objects)).unwrap_or(u64::MAX)
        };
        let bytes = Some(keep(added)).filter(|&bytes| bytes >= NOISE_BYTES)?;
        // As many of them as there were of the class at all: what each keeps now.
        let point = |objects: u64| Point {
            bytes: keep(objects),
            objects: Some(objects),
            listed: objects > 0,
        };
        let points: Vec<Point> = counts.into_iter().map(point).collect();
        let course = course_of(&points, false)?;
        course.is_growing().then_some(Concluded {
            objects: difference(0, added),
            bytes: difference(0, bytes),
            course,
        })
    }

    /// Whether there were as many objects with the field before: else it is a field of what somebody keeps more and more of.
    fn is_place(&self, owner: &Owner) -> bool {
        let then = self.before_of(&owner.class).first().copied().unwrap_or(0);
        let few = owner.instances <= FEW || owner.kind != "instance_field";
        few || owner.instances <= then.saturating_add(then / 10)
    }

    /// The owners that grew, with what follows for them, the one that grew most first.
    pub fn grown(&self, mut row: impl FnMut(&Owner) -> Option<HolderCourse>) -> Vec<HolderCourse> {
        let owners = self.series.inputs[self.last].inventory.owners.iter();
        let mut by_content: BTreeMap<&str, (u64, &Owner)> = BTreeMap::new();
        for owner in owners.filter(|owner| self.is_place(owner)) {
            let Some(content) = owner.content() else {
                continue;
            };
            let known = by_content
                .entry(&content.class)
                .or_insert((content.objects, owner));
            if content.objects > known.0 {
                *known = (content.objects, owner);
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

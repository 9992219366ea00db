//! How threads and class loaders developed, by their names without numbers.

use std::collections::BTreeMap;

use super::course::{Point, course_of};
use super::inventory::Owner;
use super::model::{Course, GroupCourse};
use super::series::Series;
use crate::suspects::HolderKind;

/// Groups that are listed.
const MOST: usize = 30;
/// Fewer threads or loaders more are no matter.
const NOISE: u64 = 2;

/// The groups of owners of `kind` whose number changed, the one that grew most first.
pub(super) fn courses(series: &Series<'_>, kind: HolderKind) -> Vec<GroupCourse> {
    let mut groups: BTreeMap<String, Vec<Option<(u64, u64)>>> = BTreeMap::new();
    for (_, row) in series.owners() {
        let named = row
            .iter()
            .flatten()
            .next()
            .filter(|owner| owner.kind == kind);
        let Some(name) = named.map(|owner| name(owner)) else {
            continue;
        };
        let sums = groups
            .entry(name)
            .or_insert_with(|| vec![None; series.inputs.len()]);
        for (sum, owner) in sums.iter_mut().zip(&row) {
            if let Some(owner) = owner {
                let (count, bytes) = sum.unwrap_or_default();
                *sum = Some((count + owner.targets, bytes.saturating_add(owner.bytes)));
            }
        }
    }
    let mut rows: Vec<GroupCourse> = groups
        .into_iter()
        .map(|(name, sums)| row(series, name, &sums))
        .collect();
    rows.retain(|row| row.course.is_some_and(|course| course != Course::Constant));
    let latest = |row: &GroupCourse| row.count.last().copied().flatten().unwrap_or(0);
    rows.sort_by(|a, b| latest(b).cmp(&latest(a)).then_with(|| a.name.cmp(&b.name)));
    rows.truncate(MOST);
    rows
}

fn name(owner: &Owner) -> String {
    owner
        .name
        .clone()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| owner.class.clone())
}

fn row(series: &Series<'_>, name: String, sums: &[Option<(u64, u64)>]) -> GroupCourse {
    // Their number counts here: a thread that keeps little on the heap has a stack outside.
    let point = |&i: &usize| Point {
        bytes: sums[i].map_or(0, |(count, _)| count.saturating_sub(NOISE) << 20),
        objects: sums[i].map(|(count, _)| count),
        listed: sums[i].is_some(),
    };
    let points: Vec<Point> = series.compared.iter().map(point).collect();
    let count: Vec<Option<u64>> = sums.iter().map(|sum| sum.map(|(count, _)| count)).collect();
    GroupCourse {
        name,
        grew: series.difference(&count),
        count,
        retained_bytes: sums.iter().map(|sum| sum.map(|(_, bytes)| bytes)).collect(),
        course: course_of(&points, false),
    }
}

//! How classes developed.

use super::compare::{by_growth, course_of};
use super::course::Point;
use super::inventory::ClassAmount;
use super::model::{ClassCourse, Course};
use super::series::{Row, Series, difference};

/// Classes that are listed.
const MOST: usize = 40;

/// The classes whose objects became more or fewer, the one that grew most first.
pub(super) fn courses(series: &Series<'_>) -> Vec<ClassCourse> {
    let mut rows: Vec<(i64, ClassCourse)> = Vec::new();
    for ((class, loader), row) in series.classes() {
        let points = points(series, &row);
        let course = course_of(&points, false);
        if course == Some(Course::Constant) {
            continue;
        }
        let grew = match points[..] {
            [first, .., last] => difference(first.bytes, last.bytes),
            _ => row
                .iter()
                .rev()
                .copied()
                .flatten()
                .next()
                .map_or(0, |row| difference(0, row.bytes)),
        };
        rows.push((
            grew,
            ClassCourse {
                class,
                loader,
                objects: row.iter().map(|row| row.map(|row| row.objects)).collect(),
                shallow_bytes: row.iter().map(|row| row.map(|row| row.bytes)).collect(),
                course,
            },
        ));
    }
    by_growth(&mut rows);
    rows.truncate(MOST);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn points(series: &Series<'_>, row: &Row<'_, ClassAmount>) -> Vec<Point> {
    let point = |&i: &usize| match row[i] {
        Some(row) => Point {
            bytes: row.bytes,
            objects: Some(row.objects),
            listed: true,
        },
        None => Point {
            bytes: series.inputs[i].inventory.classes_floor_bytes,
            objects: None,
            listed: false,
        },
    };
    series.judged.iter().map(point).collect()
}

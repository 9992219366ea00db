//! How classes developed.

use super::course::{Point, course_of};
use super::inventory::{ClassAmount, Owner};
use super::model::{ClassCourse, Course};
use super::rows::title;
use super::series::{Row, Series, difference, objects_of};
use crate::suspects::{HolderKind, naming};

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
        let objects: Vec<Option<u64>> = row.iter().map(|row| row.map(|row| row.objects)).collect();
        rows.push((
            grew,
            ClassCourse {
                jdk: !naming::is_owner(&class),
                kept_by: None,
                class,
                loader,
                grew_objects: ends(series, &objects),
                grew_bytes: (points.len() > 1).then_some(grew),
                objects,
                shallow_bytes: row.iter().map(|row| row.map(|row| row.bytes)).collect(),
                course,
            },
        ));
    }
    by_growth(&mut rows);
    rows.truncate(MOST);
    // Owners are looked for where a row is listed only: there may be hundreds of thousands of classes.
    let with_owner = |(_, row): (i64, ClassCourse)| ClassCourse {
        kept_by: kept_by(series, &row.class),
        ..row
    };
    rows.into_iter().map(with_owner).collect()
}

/// By how much a row grew from the first to the last of the judged inputs. Histograms count as dumps do: objects of a class.
fn ends(series: &Series<'_>, row: &[Option<u64>]) -> Option<i64> {
    match series.judged[..] {
        [first, .., last] => Some(difference(row[first]?, row[last]?)),
        _ => None,
    }
}

/// The innermost owner that keeps at least half of the objects of `class`, as the last input says that lists owners.
fn kept_by(series: &Series<'_>, class: &str) -> Option<String> {
    let last = series.compared.last().or(series.judged.last())?;
    let inventory = &series.inputs[*last].inventory;
    let mut objects = inventory.classes.iter().filter(|row| row.class == class);
    let all = objects.next()?.objects;
    let keeps =
        |owner: &&Owner| objects_of(owner, class).is_some_and(|kept| kept >= all.div_ceil(2));
    let owners = inventory
        .owners
        .iter()
        .filter(|owner| owner.kind != HolderKind::ClassLoader);
    owners
        .filter(keeps)
        .min_by_key(|owner| owner.bytes)
        .map(title)
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
    let mut points: Vec<Point> = series.judged.iter().map(point).collect();
    // Where garbage was counted, there were at most as many live objects as later on: what goes away was garbage.
    let mut least: Option<Point> = None;
    for (point, &i) in points.iter_mut().zip(&series.judged).rev() {
        if let (true, Some(later)) = (series.inputs[i].counts_garbage(), least) {
            point.bytes = point.bytes.min(later.bytes);
            point.objects = point
                .objects
                .zip(later.objects)
                .map(|(a, b)| a.min(b))
                .or(point.objects);
        }
        least = Some(*point);
    }
    points
}

/// The order in which classes are listed: by growth, then by name.
fn by_growth(rows: &mut [(i64, ClassCourse)]) {
    rows.sort_by(|(a, of_a), (b, of_b)| {
        b.cmp(a)
            .then_with(|| (&of_a.class, &of_a.loader).cmp(&(&of_b.class, &of_b.loader)))
    });
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::super::input::Input;
    use super::super::inventory::{ClassAmount, Inventory};
    use super::super::model::{Course, GrowthInput, InputKind};

    fn input(live_only: bool, leak: u64, churn: u64) -> Input {
        let row = |class: &str, objects: u64| ClassAmount {
            class: class.to_owned(),
            loader: None,
            objects,
            bytes: objects * 24,
        };
        Input {
            facts: GrowthInput {
                kind: InputKind::Histogram,
                complete: true,
                live_only: Some(live_only),
                live_bytes: Some((leak + churn) * 24),
                ..GrowthInput::default()
            },
            inventory: Inventory {
                classes: vec![row("com.acme.Leak", leak), row("byte[]", churn)],
                ..Inventory::default()
            },
            ..Input::default()
        }
    }

    /// Garbage goes up and down between samples; the leak only goes up.
    #[test]
    fn garbage_is_no_growth() {
        let samples = [
            (10_000, 90_000),
            (20_000, 30_000),
            (30_000, 120_000),
            (40_000, 31_000),
        ];
        let samples: Vec<Input> = samples
            .map(|(leak, churn)| input(false, leak, churn))
            .into();
        let growth = compare(&samples);
        let names: Vec<&str> = growth
            .classes
            .iter()
            .map(|row| row.class.as_str())
            .collect();
        assert_eq!(names, ["com.acme.Leak"], "{:?}", growth.classes);
        assert_eq!(growth.classes[0].course, Some(Course::Grew));
        assert_eq!(growth.grew_bytes, None, "nothing is known of what is live");
        // With live ones at both ends that is known, and what went was garbage.
        let ends = [
            input(true, 10_000, 30_000),
            samples[2].clone(),
            input(true, 40_000, 30_000),
        ];
        assert_eq!(compare(&ends).grew_bytes, Some(30_000 * 24));
    }
}

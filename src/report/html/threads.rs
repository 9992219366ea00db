//! Threads with what they hold in words; those that stand in the same frames are one row.

use std::collections::HashMap;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::super::model::{ThreadKind, ThreadRow};
use super::super::units::Units;
use super::super::{describe, neutralise};

/// How much is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Rows, names in a row, and frames of a stack.
    pub rows: usize,
    /// Characters of a name.
    pub name: usize,
}

/// A row for each stack, by what its threads retain together, and how many threads have no row.
pub(super) fn rows(threads: &[ThreadRow], limits: Limits, units: Units) -> (Vec<Value>, u64) {
    let mut groups = by_stack(threads);
    groups.sort_by_key(|group| {
        let threw = group.iter().any(|row| row.threw_out_of_memory);
        (!threw, std::cmp::Reverse(retained(group)))
    });
    let shown = groups.iter().take(limits.rows);
    let rows = shown.map(|group| row(group, limits, units)).collect();
    let left = groups.iter().skip(limits.rows).map(|group| count(group));
    (rows, left.fold(0, u64::saturating_add))
}

/// Rows with the same frames together; a row without frames stands alone.
fn by_stack(threads: &[ThreadRow]) -> Vec<Vec<&ThreadRow>> {
    let mut groups: Vec<Vec<&ThreadRow>> = Vec::new();
    let mut known: HashMap<(ThreadKind, &[String]), usize> = HashMap::new();
    for thread in threads {
        let next = groups.len();
        let group = if thread.frames.is_empty() {
            next
        } else {
            *known.entry((thread.kind, &thread.frames)).or_insert(next)
        };
        match groups.get_mut(group) {
            Some(group) => group.push(thread),
            None => groups.push(vec![thread]),
        }
    }
    groups
}

fn retained(group: &[&ThreadRow]) -> u64 {
    let sizes = group.iter().map(|row| row.retained_bytes);
    sizes.fold(0, u64::saturating_add)
}

fn count(group: &[&ThreadRow]) -> u64 {
    let threads = group.iter().map(|row| row.count);
    threads.fold(0, u64::saturating_add)
}

fn row(group: &[&ThreadRow], limits: Limits, units: Units) -> Value {
    let shown = group.iter().take(limits.rows);
    let each: Vec<Value> = shown.map(|thread| one(thread, limits, units)).collect();
    let first = group.first();
    context! {
        t => first.map(|thread| Value::from(Serde(&shortened(thread, limits)))),
        retained => retained(group),
        count => count(group),
        rows => group.len(),
        more => group.len() - each.len(),
        threw => group.iter().any(|row| row.threw_out_of_memory),
        first => each.first().cloned(),
        each => if group.len() > 1 { each } else { Vec::new() },
    }
}

/// What the row says of all its threads.
fn shortened(thread: &ThreadRow, limits: Limits) -> ThreadRow {
    let cut = |text: &String| neutralise::shorten(text, limits.name, "…");
    ThreadRow {
        name: cut(&thread.name),
        frames: thread.frames.iter().take(limits.rows).map(cut).collect(),
        ..thread.clone()
    }
}

/// What one thread holds.
fn one(thread: &ThreadRow, limits: Limits, units: Units) -> Value {
    let local = thread.biggest_local.as_ref();
    context! {
        name => neutralise::shorten(&thread.name, limits.name, "…"),
        id => thread.object_id.clone(),
        bytes => thread.retained_bytes,
        local => local.map(|local| describe::local(local, units)),
        values => describe::thread_locals(thread.thread_locals, units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(name: &str, frame: &str, retained_bytes: u64) -> ThreadRow {
        ThreadRow {
            name: name.to_owned(),
            kind: ThreadKind::Platform,
            count: 1,
            retained_bytes,
            frames: [frame].map(str::to_owned).into(),
            ..ThreadRow::default()
        }
    }

    #[test]
    fn threads_in_the_same_frames_are_one_row_before_rows_are_cut() {
        let mut threads: Vec<ThreadRow> =
            (0..500).map(|_| thread("w", "a.Pool.take", 20)).collect();
        threads.insert(0, thread("main", "a.Main.main", 3_000));
        threads.push(thread("late", "a.Late.run", 1));
        let none = thread("native", "", 7);
        threads.extend([none.clone(), none].map(|row| ThreadRow {
            frames: Vec::new(),
            ..row
        }));
        let limits = Limits { rows: 2, name: 100 };
        let (rows, left) = super::rows(&threads, limits, Units::default());
        let number =
            |row: &Value, key: &str| row.get_attr(key).ok().and_then(|n| u64::try_from(n).ok());
        let shown: Vec<_> = rows
            .iter()
            .map(|row| {
                [
                    number(row, "count"),
                    number(row, "retained"),
                    number(row, "more"),
                ]
            })
            .collect();
        assert_eq!(
            shown,
            [
                [Some(500), Some(10_000), Some(498)],
                [Some(1), Some(3_000), Some(0)]
            ]
        );
        assert_eq!(left, 3, "one of another stack, two without frames");
    }
}

//! Threads with what they hold in words; those that stand in the same frames are one row.

use std::collections::HashMap;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::super::describe;
use super::super::model::{Report, ThreadRow};
use super::super::units::Units;

/// A row for each stack, in the order of the report by what the threads of a row retain together.
pub(super) fn rows(report: &Report, units: Units) -> Vec<Value> {
    let mut groups = by_stack(&report.threads);
    groups.sort_by_key(|group| {
        let threw = group.iter().any(|row| row.threw_out_of_memory);
        (!threw, std::cmp::Reverse(retained(group)))
    });
    groups.iter().map(|group| row(group, units)).collect()
}

/// Rows with the same frames together; a row without frames stands alone.
fn by_stack(threads: &[ThreadRow]) -> Vec<Vec<&ThreadRow>> {
    let mut groups: Vec<Vec<&ThreadRow>> = Vec::new();
    let mut known: HashMap<(&str, &[String]), usize> = HashMap::new();
    for thread in threads {
        let next = groups.len();
        let group = if thread.frames.is_empty() {
            next
        } else {
            *known.entry((&thread.kind, &thread.frames)).or_insert(next)
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

fn row(group: &[&ThreadRow], units: Units) -> Value {
    let threads = group.iter().map(|row| row.count);
    let each: Vec<Value> = group.iter().map(|thread| one(thread, units)).collect();
    let first = group.first();
    context! {
        t => first.map(|thread| Value::from(Serde(thread))),
        retained => retained(group),
        count => threads.fold(0, u64::saturating_add),
        threw => group.iter().any(|row| row.threw_out_of_memory),
        first => each.first().cloned(),
        each => if each.len() > 1 { each } else { Vec::new() },
    }
}

/// What one thread holds.
fn one(thread: &ThreadRow, units: Units) -> Value {
    let local = thread.biggest_local.as_ref();
    context! {
        name => thread.name.clone(),
        id => thread.object_id.clone(),
        bytes => thread.retained_bytes,
        local => local.map(|local| describe::local(local, units)),
        values => describe::thread_locals(thread.thread_locals, units),
    }
}

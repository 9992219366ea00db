//! Threads with state, stack and what they keep alive.

use std::collections::BTreeMap;

use super::super::tables::{address, label};
use super::short;
use crate::heap::{ObjectIndex, Snapshot, Thread};
use crate::report::model::{ThreadLocalVariable, ThreadRow};
use crate::report::privacy;

/// All threads, platform threads before virtual ones, by retained size; virtual threads with the same stack are one row.
/// Names are shown as they are only with `values`.
pub fn threads(snapshot: &Snapshot<'_>, values: bool) -> Vec<ThreadRow> {
    let (virtuals, platform): (Vec<&Thread>, Vec<&Thread>) = snapshot
        .threads()
        .iter()
        .partition(|thread| is_virtual(snapshot, thread));
    let mut rows: Vec<(u32, ThreadRow)> = platform
        .into_iter()
        .map(|thread| (thread.serial, row(snapshot, thread, values)))
        .collect();
    let mut groups: BTreeMap<Vec<String>, Vec<&Thread>> = BTreeMap::new();
    for thread in virtuals {
        groups
            .entry(frames(snapshot, thread))
            .or_default()
            .push(thread);
    }
    rows.extend(groups.into_values().map(|group| {
        let mut first = row(snapshot, group[0], values);
        if group.len() > 1 {
            first.object_id = None;
            first.count = group.len() as u64;
            first.retained_bytes = retained_together(snapshot, &group);
        }
        (group[0].serial, first)
    }));
    rows.sort_by(|(a_serial, a), (b_serial, b)| {
        let size = b.retained_bytes.cmp(&a.retained_bytes);
        a.kind.cmp(&b.kind).then(size).then(a_serial.cmp(b_serial))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn is_virtual(snapshot: &Snapshot<'_>, thread: &Thread) -> bool {
    let class = snapshot.class_of(thread.object);
    snapshot
        .classes()
        .is_a(class, "java.lang.BaseVirtualThread")
}

fn row(snapshot: &Snapshot<'_>, thread: &Thread, values: bool) -> ThreadRow {
    let is_virtual = is_virtual(snapshot, thread);
    let name = match &thread.name {
        Some(name) if values => name.clone(),
        Some(name) => privacy::thread_name(name),
        None => format!("(thread {} without a name)", thread.serial),
    };
    ThreadRow {
        name: short(name),
        kind: if is_virtual { "virtual" } else { "platform" }.to_owned(),
        class: short(label(snapshot, thread.object)),
        object_id: Some(address(snapshot, thread.object)),
        count: 1,
        state: status(snapshot, thread.object).map(|bits| state(bits).to_owned()),
        daemon: daemon(snapshot, thread.object),
        retained_bytes: snapshot.retained(thread.object),
        biggest_local: biggest_local(snapshot, thread),
        threw_out_of_memory: threw_out_of_memory(snapshot, thread),
        frames: frames(snapshot, thread),
        ..ThreadRow::default()
    }
}

fn frames(snapshot: &Snapshot<'_>, thread: &Thread) -> Vec<String> {
    let stack = snapshot.stack(thread);
    stack.iter().map(|frame| short(frame.to_string())).collect()
}

/// Since JDK 19 state and daemon are kept in a holder of their own.
fn in_holder(snapshot: &Snapshot<'_>, thread: ObjectIndex, field: &str) -> Option<i64> {
    let holder = snapshot.field_object(thread, "holder");
    holder
        .and_then(|holder| snapshot.field_integer(holder, field))
        .or_else(|| snapshot.field_integer(thread, field))
}

fn status(snapshot: &Snapshot<'_>, thread: ObjectIndex) -> Option<i64> {
    in_holder(snapshot, thread, "threadStatus")
}

fn daemon(snapshot: &Snapshot<'_>, thread: ObjectIndex) -> Option<bool> {
    in_holder(snapshot, thread, "daemon").map(|daemon| daemon != 0)
}

/// `java.lang.Thread.State` from the bits that the JVM keeps (`jdk.internal.misc.VM.toThreadState`; the bits are JVMTI's).
fn state(bits: i64) -> &'static str {
    match bits {
        bits if bits & 0x0004 != 0 => "RUNNABLE",
        bits if bits & 0x0400 != 0 => "BLOCKED",
        bits if bits & 0x0010 != 0 => "WAITING",
        bits if bits & 0x0020 != 0 => "TIMED_WAITING",
        bits if bits & 0x0002 != 0 => "TERMINATED",
        bits if bits & 0x0001 == 0 => "NEW",
        _ => "RUNNABLE",
    }
}

/// The local variable that retains most, unless that is the thread itself.
fn biggest_local(snapshot: &Snapshot<'_>, thread: &Thread) -> Option<ThreadLocalVariable> {
    let locals = thread.locals.iter();
    let &(frame, object) = locals
        .filter(|(_, object)| *object != thread.object && snapshot.as_class(*object).is_none())
        .max_by_key(|(frame, object)| {
            (
                snapshot.retained(*object),
                std::cmp::Reverse((*frame, *object)),
            )
        })?;
    let frame = snapshot.stack(thread).into_iter().nth(frame as usize);
    Some(ThreadLocalVariable {
        class: short(label(snapshot, object)),
        object_id: address(snapshot, object),
        retained_bytes: snapshot.retained(object),
        frame: frame.map(|frame| short(frame.to_string())),
    })
}

/// HotSpot writes the dump while the error is being made.
fn threw_out_of_memory(snapshot: &Snapshot<'_>, thread: &Thread) -> bool {
    let stack = snapshot.stack(thread);
    let constructor = |frame: &crate::heap::StackFrame| {
        frame.class == "java.lang.OutOfMemoryError" && frame.method == "<init>"
    };
    stack.iter().take(4).any(constructor)
}

/// What several threads retain, each byte once: a thread may keep another one alive.
fn retained_together(snapshot: &Snapshot<'_>, threads: &[&Thread]) -> u64 {
    // Everything below an object is one run of the tree's order, so the place of a run tells what lies inside what.
    let mut runs: Vec<(usize, usize, u64)> = threads
        .iter()
        .map(|thread| {
            let run = snapshot.dominated(thread.object).as_ptr_range();
            (
                run.start as usize,
                run.end as usize,
                snapshot.retained(thread.object),
            )
        })
        .collect();
    runs.sort_unstable();
    let (mut covered, mut sum) = (0, 0u64);
    for (start, end, retained) in runs {
        if start >= covered {
            sum = sum.saturating_add(retained);
            covered = end;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::state;

    #[test]
    fn states_as_java_names_them() {
        // What jcmd Thread.print and Thread.getState say for the values of real dumps.
        for (bits, name) in [
            (0x005, "RUNNABLE"),
            (0x401, "BLOCKED"),
            (0x191, "WAITING"),
            (0x291, "WAITING"),
            (0x0e1, "TIMED_WAITING"),
            (0x1a1, "TIMED_WAITING"),
            (0x002, "TERMINATED"),
            (0x000, "NEW"),
        ] {
            assert_eq!(state(bits), name, "{bits:#x}");
        }
    }
}

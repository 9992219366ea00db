//! What threads keep in thread-locals: the entries of the JDK's `ThreadLocalMap`, and the slots of Netty's `InternalThreadLocalMap`.

use super::fast_thread_local;
use crate::heap::{ObjectIndex, Snapshot};

/// A map has at most so many slots before it is taken for nonsense.
const MOST_SLOTS: u64 = 1 << 22;

/// The fields of a thread in which it keeps maps of its own; the last is that of Netty's threads.
pub const OWN: &[&str] = &["threadLocals", "threadLocalMap"];
/// The field for what it inherited from the thread that started it.
pub const INHERITED: &[&str] = &["inheritableThreadLocals"];
/// All of them.
pub const ALL: &[&str] = &["threadLocals", "threadLocalMap", "inheritableThreadLocals"];

/// A value that a thread keeps.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The object that holds it: an entry of a `ThreadLocalMap`, or the value itself in a slot of Netty's.
    pub entry: ObjectIndex,
    /// The `ThreadLocal` or `FastThreadLocal`, `None` when it was collected.
    pub key: Option<ObjectIndex>,
    /// What it stands for in this thread.
    pub value: Option<ObjectIndex>,
}

/// The maps in `fields` of `thread`. A map belongs to one thread: what others refer to as well is none.
pub fn maps(snapshot: &Snapshot<'_>, thread: ObjectIndex, fields: &[&str]) -> Vec<ObjectIndex> {
    let found = fields
        .iter()
        .filter_map(|field| snapshot.field_object(thread, field));
    let table = |map| {
        let table = snapshot.field_object(map, "table");
        table.or_else(|| fast_thread_local::slots(snapshot, map))
    };
    found
        .filter(|&map| table(map).is_some_and(|table| snapshot.dominates(thread, table)))
        .collect()
}

/// What is in `map`, one of [`maps`] of `thread`. In threads that are not Netty's, its map is the value of a plain `ThreadLocal`:
/// the slots stand in the place of that entry.
pub fn entries(snapshot: &Snapshot<'_>, thread: ObjectIndex, map: ObjectIndex) -> Vec<Entry> {
    let Some(plain) = plain_entries(snapshot, map) else {
        return netty_entries(snapshot, thread, map).unwrap_or_default();
    };
    let mut all = plain;
    let is_netty = |value| fast_thread_local::slots(snapshot, value).is_some();
    // A thread has one map of Netty's.
    let at = all
        .iter()
        .position(|entry| entry.value.is_some_and(is_netty));
    let netty = at.and_then(|at| Some((at, netty_entries(snapshot, thread, all[at].value?)?)));
    if let Some((at, entries)) = netty {
        all.splice(at..=at, entries);
    }
    all
}

/// The entries of a `ThreadLocalMap` in the order of its table; `None` when `map` does not look like one. Their keys are weak.
pub fn plain_entries(snapshot: &Snapshot<'_>, map: ObjectIndex) -> Option<Vec<Entry>> {
    if snapshot.class(map).name != "java.lang.ThreadLocal$ThreadLocalMap" {
        return None;
    }
    let table = snapshot.field_object(map, "table")?;
    if snapshot.array_length(table)? > MOST_SLOTS {
        return None;
    }
    let is_entry = |&slot: &ObjectIndex| {
        snapshot.class(slot).name == "java.lang.ThreadLocal$ThreadLocalMap$Entry"
    };
    let read = |entry| {
        let [key, value] = snapshot.field_objects(entry, ["referent", "value"]);
        Entry { entry, key, value }
    };
    let slots = snapshot.each_element(table).flatten();
    Some(slots.filter(is_entry).map(read).collect())
}

/// The filled slots of Netty's `map`.
fn netty_entries(
    snapshot: &Snapshot<'_>,
    thread: ObjectIndex,
    map: ObjectIndex,
) -> Option<Vec<Entry>> {
    let table = fast_thread_local::slots(snapshot, map)?;
    if snapshot.array_length(table)? > MOST_SLOTS || !snapshot.dominates(thread, table) {
        return None;
    }
    let read = |(key, value)| Entry {
        entry: value,
        key: Some(key),
        value: Some(value),
    };
    let values = fast_thread_local::values(snapshot, table).into_iter();
    Some(values.map(read).collect())
}

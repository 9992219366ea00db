//! `ThreadLocalMap`s: how many values a thread keeps, which have lost their key, which field declares the key.

use std::collections::BTreeMap;

use super::instances::{references, retained_together};
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::{ThreadLocalField, ThreadLocals};
use crate::suspects::statics::Statics;

/// A map has at most so many slots before it is taken for nonsense.
const MOST_SLOTS: u64 = 1 << 22;
/// Rows of the table by field.
const MOST_FIELDS: usize = 50;

/// An entry of a `ThreadLocalMap`.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The entry object.
    pub entry: ObjectIndex,
    /// The `ThreadLocal`, `None` when it was collected.
    pub key: Option<ObjectIndex>,
    /// What it stands for in this thread.
    pub value: Option<ObjectIndex>,
}

/// The entries of the map that `map` is, in the order of its table; `None` when it does not look like a `ThreadLocalMap`.
pub fn entries(snapshot: &Snapshot<'_>, map: ObjectIndex) -> Option<Vec<Entry>> {
    if snapshot.class(map).name != "java.lang.ThreadLocal$ThreadLocalMap" {
        return None;
    }
    let table = snapshot.field_object(map, "table")?;
    if snapshot.array_length(table)? > MOST_SLOTS {
        return None;
    }
    let slots = snapshot.elements(table).into_iter().flatten();
    let is_entry = |&slot: &ObjectIndex| {
        snapshot.class(slot).name == "java.lang.ThreadLocal$ThreadLocalMap$Entry"
    };
    let read = |entry| {
        let [key, value] = references(snapshot, entry, ["referent", "value"]);
        Entry { entry, key, value }
    };
    Some(slots.filter(is_entry).map(read).collect())
}

/// The numbers of a thread whose maps (`threadLocals`, `inheritableThreadLocals`) are `maps`; `None` if it has neither.
pub fn of_thread(
    snapshot: &Snapshot<'_>,
    maps: &[ObjectIndex],
) -> Option<(ThreadLocals, Vec<Entry>)> {
    let known: Vec<(ObjectIndex, Vec<Entry>)> = maps
        .iter()
        .filter_map(|&map| Some((map, entries(snapshot, map)?)))
        .collect();
    if known.is_empty() {
        return None;
    }
    let maps: Vec<ObjectIndex> = known.iter().map(|(map, _)| *map).collect();
    let entries: Vec<Entry> = known.into_iter().flat_map(|(_, entries)| entries).collect();
    let numbers = ThreadLocals {
        entries: entries.len() as u64,
        stale: entries.iter().filter(|entry| entry.key.is_none()).count() as u64,
        retained_bytes: retained_together(snapshot, &maps),
    };
    Some((numbers, entries))
}

/// The entries of all threads by the field that declares the key, largest first. `threads` are the entries of each thread.
pub fn by_field(
    snapshot: &Snapshot<'_>,
    statics: &Statics,
    threads: &[Vec<Entry>],
) -> Vec<ThreadLocalField> {
    #[derive(Default)]
    struct Sum {
        row: ThreadLocalField,
        entries: Vec<ObjectIndex>,
        values: BTreeMap<String, u64>,
    }
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for thread in threads {
        let mut of_thread: Vec<String> = Vec::new();
        for entry in thread {
            let field = declared_by(snapshot, statics, entry.key);
            let sum = sums.entry(field.clone()).or_default();
            sum.row.entries += 1;
            sum.row.stale += u64::from(entry.key.is_none());
            sum.entries.push(entry.entry);
            if let Some(value) = entry.value {
                let class = snapshot.class(value).name.clone();
                *sum.values.entry(class).or_default() += snapshot.retained(entry.entry);
            }
            of_thread.push(field);
        }
        of_thread.sort_unstable();
        of_thread.dedup();
        for field in of_thread {
            if let Some(sum) = sums.get_mut(&field) {
                sum.row.threads += 1;
            }
        }
    }
    let mut rows: Vec<ThreadLocalField> = sums
        .into_iter()
        .map(|(field, sum)| {
            let largest = sum.values.into_iter().rev().max_by_key(|(_, bytes)| *bytes);
            ThreadLocalField {
                field,
                value_class: largest.map(|(class, _)| class),
                retained_bytes: retained_together(snapshot, &sum.entries),
                ..sum.row
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.retained_bytes, b.entries)
            .cmp(&(a.retained_bytes, a.entries))
            .then_with(|| a.field.cmp(&b.field))
    });
    rows.truncate(MOST_FIELDS);
    rows
}

/// The static field that refers to the key, or else the class of the key.
fn declared_by(snapshot: &Snapshot<'_>, statics: &Statics, key: Option<ObjectIndex>) -> String {
    let Some(key) = key else {
        return "(key was collected)".to_owned();
    };
    let fields = statics.of(key).iter().map(|&(class, name_id)| {
        let class = &snapshot.classes().get(class).name;
        format!("{class}.{}", snapshot.name(name_id))
    });
    let own = statics.owner(snapshot, key).map(|(class, name_id)| {
        let class = &snapshot.classes().get(class).name;
        format!("{class}.{}", snapshot.name(name_id))
    });
    own.or_else(|| fields.min())
        .unwrap_or_else(|| format!("{} in no static field", snapshot.class(key).name))
}

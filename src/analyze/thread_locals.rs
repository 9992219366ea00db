//! What threads keep in thread-locals: how much, what has lost its key, which field declares the key.

use std::collections::BTreeMap;

use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::{ThreadLocalField, ThreadLocals};
use crate::suspects::statics::Statics;
use crate::suspects::thread_locals::{self, Entry};

/// Rows of the table by field.
const MOST_FIELDS: usize = 50;

/// The numbers of `thread` with its entries; `None` if it has no map of thread-locals.
pub fn of_thread(
    snapshot: &Snapshot<'_>,
    thread: ObjectIndex,
) -> Option<(ThreadLocals, Vec<Entry>)> {
    let maps = thread_locals::maps(snapshot, thread, thread_locals::ALL);
    if maps.is_empty() {
        return None;
    }
    let of_map = |&map| thread_locals::entries(snapshot, thread, map);
    let entries: Vec<Entry> = maps.iter().flat_map(of_map).collect();
    let numbers = ThreadLocals {
        entries: entries.len() as u64,
        stale: entries.iter().filter(|entry| entry.key.is_none()).count() as u64,
        retained_bytes: snapshot.retained_together(&maps),
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
                retained_bytes: snapshot.retained_together(&sum.entries),
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

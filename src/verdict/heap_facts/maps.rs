//! Entries of the JDK's own maps: `HashMap`, `Hashtable`, `Properties`, and unmodifiable views of them.

use crate::heap::{ObjectIndex, Snapshot};

/// The most entries that are looked at; system properties are about a hundred.
const MOST_ENTRIES: usize = 100_000;

/// The text that `map` has for `key`, up to 4,000 characters. `None` when it has none or is another kind of map.
pub(super) fn text_of(snapshot: &Snapshot, map: ObjectIndex, key: &str) -> Option<String> {
    let table = table_of(snapshot, map)?;
    let mut left = MOST_ENTRIES;
    for first in snapshot.elements(table).into_iter().flatten() {
        let mut entry = Some(first);
        // A damaged chain may be a ring, so the entries are counted.
        while let Some(at) = entry.filter(|_| left > 0) {
            left -= 1;
            let found =
                field(snapshot, at, &["key"]).and_then(|k| snapshot.string(k, key.len() + 1));
            if found.as_deref() == Some(key) {
                return snapshot.string(field(snapshot, at, &["value", "val"])?, 4_000);
            }
            entry = field(snapshot, at, &["next"]);
        }
    }
    None
}

/// The table of a map, through `Collections.unmodifiableMap` (`m`) and the map of `Properties` since JDK 9 (`map`).
fn table_of(snapshot: &Snapshot, map: ObjectIndex) -> Option<ObjectIndex> {
    let mut at = map;
    for _ in 0..4 {
        if let Some(inner) = field(snapshot, at, &["m", "map"]) {
            at = inner;
        } else {
            return field(snapshot, at, &["table"]);
        }
    }
    None
}

/// The object in the first of the fields that refers to one.
fn field(snapshot: &Snapshot, object: ObjectIndex, names: &[&str]) -> Option<ObjectIndex> {
    names
        .iter()
        .find_map(|name| snapshot.field_object(object, name))
}

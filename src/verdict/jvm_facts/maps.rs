//! Maps from text to text as the JDK keeps them, looked up by key. Values that nobody asks for are never read.

use crate::heap::{ObjectIndex, Snapshot};

/// Longest text that is read, in UTF-16 units: arguments in an environment variable may be long.
const LONGEST: usize = 4_000;
/// Most entries that are looked at.
const MOST_ENTRIES: usize = 10_000;

/// A map of the JDK: `HashMap`, `ConcurrentHashMap`, `Hashtable`, `Properties`, `Map.of`.
pub(super) struct StringMap<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    entries: Vec<(ObjectIndex, ObjectIndex)>,
}

impl<'s, 'a> StringMap<'s, 'a> {
    /// The entries of `map`, unread; empty for what is no map.
    pub fn new(snapshot: &'s Snapshot<'a>, map: ObjectIndex) -> Self {
        let mut entries = Vec::new();
        // `Properties` since JDK 9, unmodifiable wrappers.
        let inner = ["map", "m"]
            .iter()
            .find_map(|field| snapshot.field_object(map, field))
            .unwrap_or(map);
        if let (Some(key), Some(value)) = (
            snapshot.field_object(inner, "k0"),
            snapshot.field_object(inner, "v0"),
        ) {
            entries.push((key, value));
        }
        if let Some(table) = snapshot.field_object(inner, "table") {
            let elements = snapshot.elements(table);
            if snapshot.class(inner).name == "java.util.ImmutableCollections$MapN" {
                entries.extend(
                    elements
                        .chunks_exact(2)
                        .filter_map(|pair| Some((pair[0]?, pair[1]?))),
                );
            } else {
                chains(snapshot, &elements, &mut entries);
            }
        }
        StringMap { snapshot, entries }
    }

    /// The value for `key`.
    pub fn get(&self, key: &str) -> Option<String> {
        let (_, value) = self
            .entries
            .iter()
            .find(|(it, _)| self.text(*it).as_deref() == Some(key))?;
        self.text(*value)
    }

    /// A string, or the string in an entry of `ProcessEnvironment`.
    fn text(&self, object: ObjectIndex) -> Option<String> {
        match self.snapshot.field_object(object, "str") {
            Some(inner) => self.snapshot.string(inner, LONGEST),
            None => self.snapshot.string(object, LONGEST),
        }
    }
}

/// Entries of the chains that begin in a hash table.
fn chains(
    snapshot: &Snapshot,
    table: &[Option<ObjectIndex>],
    entries: &mut Vec<(ObjectIndex, ObjectIndex)>,
) {
    for head in table.iter().flatten() {
        // A tree of `ConcurrentHashMap` keeps its nodes as a list as well.
        let first = snapshot.field_object(*head, "first").unwrap_or(*head);
        let next = |node| snapshot.field_object(node, "next");
        for node in snapshot.chain(Some(first), next) {
            if entries.len() >= MOST_ENTRIES {
                return;
            }
            let [key, value, val] = snapshot.field_objects(node, ["key", "value", "val"]);
            let (Some(key), Some(value)) = (key, value.or(val)) else {
                break;
            };
            entries.push((key, value));
        }
    }
}

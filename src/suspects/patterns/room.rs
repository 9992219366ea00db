//! What is behind a collection: the one it is a view of, the table or array, and whether that is what takes the memory.

use super::context::Context;
use crate::heap::{ClassKind, ObjectIndex};
use crate::suspects::own_collection;

/// Wrappers around wrappers that are looked into.
const MOST_WRAPPERS: usize = 8;
/// A table of which fewer than one slot of so many is used was made for more than there is: those that grow are half full or more.
const SPARE: u64 = 8;

impl Context<'_, '_> {
    /// `collection`, and what it is a synchronized or unmodifiable view of, outermost first.
    pub fn views(&self, collection: ObjectIndex) -> impl Iterator<Item = ObjectIndex> {
        let around = |&at: &ObjectIndex| {
            let class = &self.heap.class(at).name;
            let is_view = class.starts_with("java.util.Collections$");
            self.heap.follow(at, "m|c").filter(|_| is_view)
        };
        std::iter::successors(Some(collection), around).take(MOST_WRAPPERS)
    }

    /// The table or array behind `collection` where that alone is most of `bytes`, with room for many times the `entries` in it.
    pub fn spare_table(
        &self,
        collection: ObjectIndex,
        entries: u64,
        bytes: u64,
    ) -> Option<ObjectIndex> {
        let is_table =
            |&object: &ObjectIndex| self.heap.class(object).kind == ClassKind::ObjectArray;
        let own = || own_collection::storage(self.heap, collection).map(|storage| storage.object);
        let table = Some(collection)
            .filter(is_table)
            .or_else(|| self.heap.table(collection).filter(is_table))
            .or_else(|| own().filter(is_table))?;
        let room = self.heap.array_length(table)?;
        let most = self.heap.shallow(table).saturating_mul(2) >= bytes;
        (most && entries.saturating_mul(SPARE) <= room).then_some(table)
    }
}

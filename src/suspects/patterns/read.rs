//! Questions about objects that several patterns ask.

use super::context::Context;
use crate::heap::{ClassIndex, ObjectIndex};

/// Entries that are asked who else holds them.
const MOST_SHARED: usize = 100_000;

impl Context<'_, '_> {
    /// The object in static field `field` of `class`.
    pub fn static_of(&self, class: ClassIndex, field: &str) -> Option<ObjectIndex> {
        self.heap
            .find(self.heap.static_field(class, field)?.reference()?)
    }

    /// Whether `object` is an instance of `class` or a subclass of it.
    pub fn is_a(&self, object: ObjectIndex, class: &str) -> bool {
        self.heap.classes().is_a(self.heap.class_of(object), class)
    }

    /// Entries of `collection` that hang beside it in the dominator tree, since something next to it refers to them as well. Asked
    /// only where enough hangs there.
    pub fn shared(&self, collection: ObjectIndex) -> Vec<ObjectIndex> {
        let Some(above) = self.heap.dominator(collection) else {
            return Vec::new();
        };
        let [all, own] = [above, collection].map(|object| self.heap.retained(object));
        if all.saturating_sub(own) < self.floor {
            return Vec::new();
        }
        let pairs = self.heap.pairs(collection, MOST_SHARED).into_iter();
        let entries = pairs.flat_map(|(key, value)| [key, value]).flatten();
        let beside = |&entry: &ObjectIndex| self.heap.dominator(entry) == Some(above);
        entries.filter(beside).collect()
    }

    /// The class that most of `objects` have, with how many.
    pub fn most_common(
        &self,
        objects: impl IntoIterator<Item = ObjectIndex>,
    ) -> Option<(String, u64)> {
        let mut counts: std::collections::BTreeMap<&str, u64> = Default::default();
        for object in objects {
            *counts
                .entry(self.heap.class(object).name.as_str())
                .or_default() += 1;
        }
        let best = counts
            .into_iter()
            .max_by_key(|&(name, n)| (n, std::cmp::Reverse(name)))?;
        Some((best.0.to_owned(), best.1))
    }
}

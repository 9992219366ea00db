//! Reading fields by path, and collections of the JDK and of libraries by their fields. Every value is checked for sense:
//! what cannot be is unknown.

use super::context::Context;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, ObjectIndex};

/// Class, and where the number of elements stands: an integral field, or a field with another collection.
const SIZES: &[(&str, &str)] = &[
    ("java.util.HashMap", "size"),
    ("java.util.HashSet", "map"),
    ("java.util.TreeMap", "size"),
    ("java.util.TreeSet", "m"),
    ("java.util.WeakHashMap", "size"),
    ("java.util.IdentityHashMap", "size"),
    ("java.util.Hashtable", "count"),
    ("java.util.Vector", "elementCount"),
    ("java.util.ArrayList", "size"),
    ("java.util.LinkedList", "size"),
    ("java.util.PriorityQueue", "size"),
    ("java.util.concurrent.PriorityBlockingQueue", "size"),
    ("java.util.concurrent.DelayQueue", "q"),
    ("java.util.concurrent.LinkedBlockingQueue", "count.value"),
    ("java.util.concurrent.LinkedBlockingDeque", "count"),
    ("java.util.concurrent.ArrayBlockingQueue", "count"),
    (
        "java.util.concurrent.ConcurrentHashMap$CollectionView",
        "map",
    ),
    (
        "java.util.concurrent.CopyOnWriteArrayList",
        "array|elements",
    ),
    ("java.util.concurrent.CopyOnWriteArraySet", "al"),
    ("java.util.Collections$SetFromMap", "m"),
    ("java.util.Collections$SynchronizedMap", "m"),
    ("java.util.Collections$UnmodifiableMap", "m"),
    ("java.util.Collections$SynchronizedCollection", "c"),
    ("java.util.Collections$UnmodifiableCollection", "c"),
    (
        "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue",
        "size",
    ),
];

/// Entries that are asked who else holds them.
const MOST_SHARED: usize = 100_000;

/// Wrappers around wrappers that are looked into.
const MOST_WRAPPERS: usize = 8;

/// The number of elements of a collection.
enum Size {
    /// So many.
    Is(i64),
    /// As many as another collection has.
    Of(ObjectIndex),
}

impl Context<'_, '_> {
    /// The object at the end of `path` (`worker.queue`) from `from`; the first alternative (`a|b`) that leads anywhere.
    pub fn follow(&self, from: ObjectIndex, path: &str) -> Option<ObjectIndex> {
        path.split('|').find_map(|path| {
            path.split('.')
                .filter(|name| !name.is_empty())
                .try_fold(from, |at, name| self.heap.field_object(at, name))
        })
    }

    /// The integral value at the end of `path`; of an atomic number its value.
    pub fn integer(&self, from: ObjectIndex, path: &str) -> Option<i64> {
        path.split('|').find_map(|path| {
            let (at, name) = match path.rsplit_once('.') {
                Some((before, name)) => (self.follow(from, before)?, name),
                None => (from, path),
            };
            let value = self.heap.field(at, name)?;
            value.integer().or_else(|| {
                let number = self.heap.find(value.reference()?)?;
                self.heap
                    .field_integer(number, "value")
                    .or_else(|| self.long_adder(number))
            })
        })
    }

    /// The integral value at the end of `path` where it is a number of things.
    pub fn number(&self, from: ObjectIndex, path: &str) -> Option<u64> {
        u64::try_from(self.integer(from, path)?).ok()
    }

    /// The object in static field `field` of `class`.
    pub fn static_of(&self, class: ClassIndex, field: &str) -> Option<ObjectIndex> {
        self.heap
            .find(self.heap.static_field(class, field)?.reference()?)
    }

    fn long_adder(&self, adder: ObjectIndex) -> Option<i64> {
        let base = self.heap.field_integer(adder, "base")?;
        Some(self.add_cells(base, self.follow(adder, "cells")))
    }

    fn add_cells(&self, base: i64, cells: Option<ObjectIndex>) -> i64 {
        let cells = cells.map(|cells| self.heap.slots(cells));
        let cells = cells.into_iter().flatten().take(1 << 16);
        cells
            .filter_map(|cell| self.heap.field_integer(cell, "value"))
            .fold(base, i64::saturating_add)
    }

    /// Whether `object` is an instance of `class` or a subclass of it.
    pub fn is_a(&self, object: ObjectIndex, class: &str) -> bool {
        self.heap.classes().is_a(self.heap.class_of(object), class)
    }

    /// Number of elements of a collection, map, queue or array; `None` where its layout is not known or makes no sense.
    pub fn entries(&self, collection: ObjectIndex) -> Option<u64> {
        let mut at = collection;
        // Wrappers around wrappers end somewhere.
        for _ in 0..MOST_WRAPPERS {
            match self.heap.class(at).kind {
                ClassKind::ObjectArray => return self.heap.array_length(at),
                ClassKind::PrimitiveArray(_) => return None,
                ClassKind::Instance => {}
            }
            let known = SIZES.iter().find(|(class, _)| self.is_a(at, class));
            let size = match known {
                Some((_, path)) => match self.integer(at, path) {
                    Some(size) => Size::Is(size),
                    None => Size::Of(self.follow(at, path)?),
                },
                None => self.other_entries(at)?,
            };
            match size {
                Size::Is(size) => return self.plausible(size),
                Size::Of(inner) => at = inner,
            }
        }
        None
    }

    /// Each element takes a reference at least: no collection of the heap has more elements than those it has room for.
    fn plausible(&self, size: i64) -> Option<u64> {
        let bytes = [
            Strength::Strong,
            Strength::Soft,
            Strength::Weak,
            Strength::Final,
            Strength::Phantom,
        ]
        .map(|strength| self.heap.totals(strength).bytes);
        let most = bytes
            .iter()
            .fold(0, |sum, &bytes| bytes.saturating_add(sum))
            / 4;
        u64::try_from(size).ok().filter(|&size| size <= most)
    }

    fn other_entries(&self, object: ObjectIndex) -> Option<Size> {
        if self.is_a(object, "java.util.concurrent.ConcurrentSkipListMap")
            || self.is_a(object, "java.util.concurrent.ConcurrentSkipListSet")
        {
            let counted = self.integer(object, "adder").map(Size::Is);
            return counted.or_else(|| Some(Size::Of(self.follow(object, "m")?)));
        }
        self.counted(object).map(Size::Is)
    }

    fn counted(&self, object: ObjectIndex) -> Option<i64> {
        let name = self.heap.class(object).name.as_str();
        let part = |part: &str| name.contains(part);
        // The JDK's `ConcurrentHashMap` and the copies that libraries have of it.
        if let Some(base) = self.integer(object, "baseCount") {
            return Some(self.add_cells(base, self.follow(object, "counterCells")));
        }
        if self.is_a(object, "java.util.ArrayDeque") {
            let slots = self.heap.array_length(self.follow(object, "elements")?)?;
            let slots = i64::try_from(slots).ok()?.max(1);
            let (head, tail) = (self.integer(object, "head")?, self.integer(object, "tail")?);
            return Some(tail.checked_sub(head)?.rem_euclid(slots));
        }
        if part("java.util.concurrent.SynchronousQueue") {
            return Some(0);
        }
        if part("java.util.concurrent.ConcurrentLinked") || part("LinkedTransferQueue") {
            return i64::try_from(self.in_linked_queue(object)?).ok();
        }
        if let Some(segments) = self.follow(object, "segments") {
            let counts = self.heap.slots(segments).take(1 << 16);
            let counts = counts.filter_map(|segment| self.integer(segment, "count"));
            return Some(counts.fold(0, i64::saturating_add));
        }
        if let (Some(producer), Some(consumer)) = (
            self.integer(object, "producerIndex"),
            self.integer(object, "consumerIndex"),
        ) {
            // JCTools; the queues that grow keep a mark in the lowest bit.
            let shift = u32::from(part("Unbounded") || part("Chunked") || part("Growable"));
            return Some(producer.checked_sub(consumer)? >> shift);
        }
        if self.follow(object, "_kvs").is_some() {
            return i64::try_from(self.slots_of_pairs(object, usize::MAX).len()).ok();
        }
        if part("java.util.ImmutableCollections") && self.integer(object, "size").is_none() {
            let elements = self.follow(object, "elements")?;
            return i64::try_from(self.heap.array_length(elements)?).ok();
        }
        // Scala counts as `contentSize` or `tableSize`, Eclipse Collections as `occupied`.
        self.integer(
            object,
            "size|count|elementCount|contentSize|tableSize|occupied",
        )
    }

    /// How many elements fit in a queue: its capacity field, or the array behind it.
    pub fn capacity(&self, queue: ObjectIndex) -> Option<u64> {
        if let Some(capacity) = self.number(queue, "capacity|maxCapacity") {
            return Some(capacity);
        }
        if self.is_a(queue, "java.util.concurrent.ArrayBlockingQueue") {
            return self.entries(self.follow(queue, "items")?);
        }
        // JCTools' array queues; growing ones keep a limit of their own.
        if let Some(most) = self.number(queue, "maxQueueCapacity") {
            return Some(most >> 1);
        }
        // Reactor's and RxJava's linked ones have a mask as well, that of one link.
        let name = &self.heap.class(queue).name;
        let grows = name.contains("Unbounded") || name.contains("LinkedArrayQueue");
        if name.contains("ArrayQueue") && !grows {
            return self.number(queue, "mask").map(|mask| mask + 1);
        }
        None
    }

    /// The first `most` elements of an array, or of an array list or queue on an array.
    pub fn items(&self, collection: ObjectIndex, most: usize) -> Vec<ObjectIndex> {
        let array = if self.heap.is_array(self.heap.class_of(collection)) {
            Some(collection)
        } else {
            self.follow(collection, "elementData|queue|array|items|elements")
        };
        let elements = array.map(|array| self.heap.each_element(array));
        elements
            .into_iter()
            .flatten()
            .flatten()
            .take(most)
            .collect()
    }

    /// The first `most` elements of a linked queue.
    pub fn queued(&self, queue: ObjectIndex, most: usize) -> Vec<ObjectIndex> {
        let first = self.follow(queue, "head|first");
        let next = |node| self.heap.field_object(node, "next");
        // The first node of some is empty.
        let nodes = self.heap.chain(first, next).take(most.saturating_add(1));
        nodes
            .filter_map(|node| self.heap.field_object(node, "item"))
            .collect()
    }

    /// Keys and values of a hash table in order of its slots, up to `most`; a chain that runs in a circle ends.
    pub fn pairs(
        &self,
        map: ObjectIndex,
        most: usize,
    ) -> Vec<(Option<ObjectIndex>, Option<ObjectIndex>)> {
        let Some(table) = self.follow(map, "table|map.table|m.table") else {
            return self.slots_of_pairs(map, most);
        };
        let nodes = self.heap.slots(table).flat_map(|slot| {
            // A tree bin keeps its nodes in a list as well.
            let first = self.heap.field_object(slot, "first").unwrap_or(slot);
            let next = |node| self.heap.field_object(node, "next");
            self.heap.chain(Some(first), next)
        });
        let pairs = nodes.map(|node| {
            let key = self.follow(node, "key|referent");
            (key, self.follow(node, "value|val"))
        });
        let pairs = pairs.filter(|(key, value)| key.is_some() || value.is_some());
        pairs.take(most).collect()
    }

    /// Keys and values that lie by turns in one array, behind two slots of its own: high-scale-lib's maps.
    fn slots_of_pairs(
        &self,
        map: ObjectIndex,
        most: usize,
    ) -> Vec<(Option<ObjectIndex>, Option<ObjectIndex>)> {
        let slots = self.follow(map, "_kvs").into_iter();
        let mut slots = slots
            .flat_map(|slots| self.heap.each_element(slots))
            .skip(2);
        let pairs = std::iter::from_fn(|| Some((slots.next()?, slots.next()?)));
        // What was removed leaves its key with a mark of a plain object.
        let is_value = |value: ObjectIndex| self.heap.class(value).name != "java.lang.Object";
        pairs
            .filter(|(key, value)| key.is_some() && value.is_some_and(is_value))
            .take(most)
            .collect()
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
        let pairs = self.pairs(collection, MOST_SHARED).into_iter();
        let items = self.items(collection, MOST_SHARED).into_iter();
        let entries = pairs.flat_map(|(key, value)| [key, value]).flatten();
        let entries = entries
            .chain(items)
            .chain(self.queued(collection, MOST_SHARED));
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

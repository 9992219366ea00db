//! JDK collections as JDK 17 builds them, with the right tables, counts and links.

use super::{Heap, Obj, Value};

/// Smallest table of a hash map that holds `entries` at load factor 0.75.
fn table_length(entries: usize) -> usize {
    let mut length = 16;
    while length * 3 / 4 < entries {
        length *= 2;
    }
    length
}

impl Heap {
    /// The object in a static field.
    pub fn static_ref(&self, class: super::Class, field: &str) -> Option<Obj> {
        let found = self
            .class_data(class)
            .statics
            .iter()
            .find(|(name, _)| name == field);
        match found {
            Some((_, Value::Ref(object))) => Some(*object),
            _ => None,
        }
    }

    fn nodes(&mut self, class: &str, value_field: &str, entries: &[(Value, Value)]) -> Vec<Obj> {
        let node_class = self.jdk(class);
        let make = |(hash, &(key, value)): (usize, &(Value, Value))| {
            let node = self.instance(node_class);
            self.set(node, "hash", hash as i32)
                .set(node, "key", key)
                .set(node, value_field, value);
            node
        };
        entries.iter().enumerate().map(make).collect()
    }

    fn table(&mut self, node_class: &str, nodes: &[Obj]) -> Obj {
        let mut slots = vec![Value::Null; table_length(nodes.len())];
        for (hash, &node) in nodes.iter().enumerate() {
            slots[hash] = node.into();
        }
        let class = self.jdk(node_class);
        self.object_array(class, &slots)
    }

    fn fill_hash_map(
        &mut self,
        map: Obj,
        node_class: &str,
        entries: &[(Value, Value)],
    ) -> Vec<Obj> {
        let nodes = self.nodes(node_class, "value", entries);
        let table = self.table("java.util.HashMap$Node", &nodes);
        self.set(map, "table", table)
            .set(map, "size", entries.len() as i32)
            .set(map, "loadFactor", 0.75f32);
        self.set(map, "modCount", entries.len() as i32);
        self.set(
            map,
            "threshold",
            (table_length(entries.len()) * 3 / 4) as i32,
        );
        nodes
    }

    pub fn hash_map(&mut self, entries: &[(Value, Value)]) -> Obj {
        let map = self.new_object("java.util.HashMap");
        self.fill_hash_map(map, "java.util.HashMap$Node", entries);
        map
    }

    pub fn linked_hash_map(&mut self, entries: &[(Value, Value)]) -> Obj {
        let map = self.new_object("java.util.LinkedHashMap");
        let nodes = self.fill_hash_map(map, "java.util.LinkedHashMap$Entry", entries);
        for pair in nodes.windows(2) {
            self.set(pair[0], "after", pair[1])
                .set(pair[1], "before", pair[0]);
        }
        self.set(map, "head", nodes.first().copied())
            .set(map, "tail", nodes.last().copied());
        map
    }

    pub fn hash_set(&mut self, elements: &[Value]) -> Obj {
        let set = self.new_object("java.util.HashSet");
        let present = self.new_object("java.lang.Object");
        let class = self.jdk("java.util.HashSet");
        if self.static_ref(class, "PRESENT").is_none() {
            self.add_static(class, "PRESENT", present);
        }
        let present = self.static_ref(class, "PRESENT");
        let entries: Vec<_> = elements
            .iter()
            .map(|&element| (element, present.into()))
            .collect();
        let map = self.hash_map(&entries);
        self.set(set, "map", map);
        set
    }

    pub fn concurrent_hash_map(&mut self, entries: &[(Value, Value)]) -> Obj {
        let map = self.new_object("java.util.concurrent.ConcurrentHashMap");
        let nodes = self.nodes(
            "java.util.concurrent.ConcurrentHashMap$Node",
            "val",
            entries,
        );
        let table = self.table("java.util.concurrent.ConcurrentHashMap$Node", &nodes);
        self.set(map, "table", table)
            .set(map, "baseCount", entries.len() as i64);
        self.set(map, "sizeCtl", (table_length(entries.len()) * 3 / 4) as i32);
        map
    }

    pub fn array_list<V: Copy + Into<Value>>(&mut self, elements: &[V]) -> Obj {
        let list = self.new_object("java.util.ArrayList");
        let object = self.jdk("java.lang.Object");
        let data = self.object_array(object, elements);
        self.set(list, "elementData", data)
            .set(list, "size", elements.len() as i32);
        list
    }

    pub fn linked_list<V: Copy + Into<Value>>(&mut self, elements: &[V]) -> Obj {
        let list = self.new_object("java.util.LinkedList");
        let mut last: Option<Obj> = None;
        for &element in elements {
            let node = self.new_object("java.util.LinkedList$Node");
            self.set(node, "item", element.into())
                .set(node, "prev", last);
            match last {
                Some(before) => self.set(before, "next", node),
                None => self.set(list, "first", node),
            };
            last = Some(node);
        }
        self.set(list, "last", last)
            .set(list, "size", elements.len() as i32);
        list
    }

    fn reentrant_lock(&mut self) -> Obj {
        let lock = self.new_object("java.util.concurrent.locks.ReentrantLock");
        let sync = self.new_object("java.util.concurrent.locks.ReentrantLock$NonfairSync");
        self.set(lock, "sync", sync);
        lock
    }

    fn condition(&mut self) -> Obj {
        self.new_object("java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject")
    }

    /// A queue with room for `capacity` elements, the first places taken.
    pub fn array_blocking_queue<V: Copy + Into<Value>>(
        &mut self,
        capacity: usize,
        elements: &[V],
    ) -> Obj {
        assert!(
            elements.len() <= capacity,
            "more elements than the queue can hold"
        );
        let queue = self.new_object("java.util.concurrent.ArrayBlockingQueue");
        let mut items: Vec<Value> = elements.iter().map(|&element| element.into()).collect();
        items.resize(capacity, Value::Null);
        let object = self.jdk("java.lang.Object");
        let items = self.object_array(object, &items);
        let (lock, not_empty, not_full) =
            (self.reentrant_lock(), self.condition(), self.condition());
        self.set(queue, "items", items)
            .set(queue, "count", elements.len() as i32);
        self.set(queue, "putIndex", (elements.len() % capacity.max(1)) as i32);
        self.set(queue, "lock", lock)
            .set(queue, "notEmpty", not_empty)
            .set(queue, "notFull", not_full);
        queue
    }

    /// A queue bounded by `capacity` (`i32::MAX` when made without a bound).
    pub fn linked_blocking_queue<V: Copy + Into<Value>>(
        &mut self,
        capacity: i32,
        elements: &[V],
    ) -> Obj {
        let queue = self.new_object("java.util.concurrent.LinkedBlockingQueue");
        let count = self.new_object("java.util.concurrent.atomic.AtomicInteger");
        self.set(count, "value", elements.len() as i32);
        // The head is a dummy whose item is always null.
        let head = self.new_object("java.util.concurrent.LinkedBlockingQueue$Node");
        let mut last = head;
        for &element in elements {
            let node = self.new_object("java.util.concurrent.LinkedBlockingQueue$Node");
            self.set(node, "item", element.into())
                .set(last, "next", node);
            last = node;
        }
        self.set(queue, "capacity", capacity)
            .set(queue, "count", count)
            .set(queue, "head", head)
            .set(queue, "last", last);
        for field in ["takeLock", "putLock"] {
            let lock = self.reentrant_lock();
            self.set(queue, field, lock);
        }
        for field in ["notEmpty", "notFull"] {
            let condition = self.condition();
            self.set(queue, field, condition);
        }
        queue
    }

    /// A boxed `java.lang.Integer`.
    pub fn integer(&mut self, value: i32) -> Obj {
        let object = self.new_object("java.lang.Integer");
        self.set(object, "value", value);
        object
    }
}

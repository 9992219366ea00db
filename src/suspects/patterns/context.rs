//! What patterns look at: the heap, and the instances of the classes that they want.

use crate::heap::{ClassIndex, Found, Instances, ObjectIndex, Snapshot};

/// Instances of which fields are read: those that retain most.
const MOST_READ: usize = 2_000;

/// The heap as patterns see it.
pub struct Context<'s, 'a> {
    /// The heap.
    pub heap: &'s Snapshot<'a>,
    /// Bytes below which nothing is worth accusing.
    pub floor: u64,
    /// Those of the wanted classes; `None` for what is read of objects that are known already.
    instances: Option<&'s Instances>,
}

impl<'s, 'a> Context<'s, 'a> {
    /// `instances` has the wanted classes of all patterns.
    pub fn new(heap: &'s Snapshot<'a>, instances: &'s Instances, floor: u64) -> Context<'s, 'a> {
        Context {
            instances: Some(instances),
            ..Context::without_instances(heap, floor)
        }
    }

    /// For what is read of objects that are known already.
    pub fn without_instances(heap: &'s Snapshot<'a>, floor: u64) -> Context<'s, 'a> {
        Context {
            heap,
            floor,
            instances: None,
        }
    }

    /// Instances of the wanted class `name` and its subclasses that have a path from a root.
    pub fn instances(&self, name: &str) -> Found {
        let instances = self.instances.map(|all| all.with_path(name));
        instances.unwrap_or_default()
    }

    /// Instances of subclasses of the wanted class `name` only.
    pub fn derived(&self, name: &str) -> Vec<ObjectIndex> {
        let derived = self.instances.map(|all| all.derived(name));
        derived.unwrap_or_default()
    }

    /// The classes called `name`, copies in other packages included.
    pub fn classes(&self, name: &str) -> &[ClassIndex] {
        self.instances.map_or(&[], |all| all.classes(name))
    }

    /// Instances of the wanted class `name` worth reading: all, or the largest of very many.
    pub fn readable(&self, name: &str) -> Vec<ObjectIndex> {
        let mut objects = self.instances(name).objects;
        if objects.len() > MOST_READ {
            objects.sort_by_key(|&object| (std::cmp::Reverse(self.heap.retained(object)), object));
            objects.truncate(MOST_READ);
            objects.sort_unstable();
        }
        objects
    }
}

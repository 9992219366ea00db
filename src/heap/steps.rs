//! How many steps walks along references may take.

use std::sync::atomic::{AtomicU64, Ordering};

/// Reading an object costs as much as reading so many elements of an array.
pub(super) const OBJECT: u64 = 8;
/// Steps of every run, however small the heap, in elements of arrays.
const LEAST: u64 = 2 << 20;
/// Steps that are left to a run, in elements of arrays.
#[derive(Debug)]
pub struct Steps {
    left: AtomicU64,
    /// Objects that were read.
    read: AtomicU64,
}

impl Steps {
    /// Steps for a heap of `bytes`: each object can be visited several times.
    pub fn for_heap(bytes: u64) -> Steps {
        Steps::new(bytes.saturating_add(LEAST))
    }

    /// Steps for a run of its own that reads `objects`.
    pub fn for_objects(objects: u64) -> Steps {
        Steps::new(objects.saturating_mul(OBJECT).saturating_add(LEAST))
    }

    fn new(steps: u64) -> Steps {
        Steps {
            left: AtomicU64::new(steps),
            read: AtomicU64::new(0),
        }
    }

    /// Counts an object that is read: how many before it.
    pub(super) fn count_object(&self) -> u64 {
        self.read.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes `steps`; false where fewer are left.
    pub(super) fn take(&self, steps: u64) -> bool {
        let rest = |left: u64| left.checked_sub(steps);
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
        taken.is_ok()
    }
}

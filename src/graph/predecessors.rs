//! The first referrer of every node, and all references beyond it.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::zeroed;

/// A reference: from, to.
pub type Edge = (u32, u32);

/// Marks a node whose references do not matter because it is a GC root.
pub(crate) const ENTRY: u32 = u32::MAX;
/// The largest number of nodes: a number of 32 bits for each, one for none and one for roots.
pub const MOST_NODES: usize = u32::MAX as usize - 1;

/// For each node the first referrer that was met. Which one is first depends on the threads; first and further ones
/// together do not.
#[derive(Debug, Default)]
pub struct Predecessors {
    /// 0: none; [`ENTRY`]: a GC root; otherwise referrer + 1.
    pub(crate) first: Vec<AtomicU32>,
}

impl Predecessors {
    /// No references between `n` nodes, of which `roots` are GC roots.
    pub fn new(n: usize, roots: &[u32]) -> Predecessors {
        let first: Vec<AtomicU32> = zeroed(n);
        for &root in roots {
            first[root as usize].store(ENTRY, Relaxed);
        }
        Predecessors { first }
    }

    /// Notes the reference `from -> to`; if `to` has another referrer already, the reference goes to `further`.
    #[inline(always)]
    pub fn add(&self, from: u32, to: u32, further: &mut Vec<Edge>) {
        let cell = &self.first[to as usize];
        let mut seen = cell.load(Relaxed);
        if seen == 0 && from != to {
            match cell.compare_exchange(0, from + 1, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
        if seen != from + 1 && seen != ENTRY && from != to {
            further.push((from, to));
        }
    }

    /// Brings what [`Predecessors::add`] needs of `nodes` into the cache, all at once. Numbers that are no nodes do no harm.
    #[inline]
    pub fn fetch(&self, nodes: &[u32]) {
        let mut any = 0;
        for &node in nodes {
            any |= self
                .first
                .get(node as usize)
                .map_or(0, |cell| cell.load(Relaxed));
        }
        std::hint::black_box(any);
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

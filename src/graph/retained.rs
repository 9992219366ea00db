//! Retained sizes and counts: sums over the dominator tree.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rayon::prelude::*;

use super::{AtomicBits, CHUNK, Dominators, atomic_column};

/// The size of every node.
pub trait Sizes: Sync {
    /// Size of `node` in units (see [`Retained::unit`]).
    fn units(&self, node: u32) -> u64;
    /// Bytes in a unit: all sizes are multiples of it.
    fn unit(&self) -> u64;
}

/// Sums wide enough for this heap: 32 bits of units where those suffice, to save memory.
#[derive(Debug)]
enum Sums {
    Narrow(Vec<AtomicU32>),
    Wide(Vec<AtomicU64>),
}

/// Retained size and number of retained nodes, for every node.
#[derive(Debug)]
pub struct Retained {
    sums: Sums,
    counts: Vec<AtomicU32>,
    unit: u64,
}

impl Retained {
    /// Sums the sizes up the tree: leaves first, then whichever node has all its children's sums. Nodes that are not in
    /// the tree get 0.
    pub fn compute(dominators: &Dominators, sizes: &dyn Sizes) -> Retained {
        let n = dominators.len();
        let waiting = atomic_column(n);
        let inner = AtomicBits::new(n);
        each_chunk(n, |node| {
            if let Some(above) = dominators.immediate(node) {
                waiting[above as usize].fetch_add(1, Relaxed);
                inner.insert(above);
            }
        });
        let total: u64 = (0..n as u32)
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|node| sizes.units(node))
            .reduce(|| 0, u64::saturating_add);
        let sums = if total <= u64::from(u32::MAX) {
            Sums::Narrow(atomic_column(n))
        } else {
            Sums::Wide(bytemuck::allocation::zeroed_vec(n))
        };
        let retained = Retained {
            sums,
            counts: atomic_column(n),
            unit: sizes.unit(),
        };
        each_chunk(n, |node| {
            if !inner.contains(node) && dominators.contains(node) {
                retained.climb(node, dominators, sizes, &waiting);
            }
        });
        retained
    }

    /// Finishes `node` and every ancestor whose last child this was.
    fn climb(&self, node: u32, dominators: &Dominators, sizes: &dyn Sizes, waiting: &[AtomicU32]) {
        let mut at = node;
        loop {
            let (units, count) = self.finish(at, sizes.units(at));
            let Some(above) = dominators.immediate(at) else {
                return;
            };
            self.add(above, units, count);
            // Whoever takes the last child off sees the sums of all of them.
            if waiting[above as usize].fetch_sub(1, Ordering::AcqRel) != 1 {
                return;
            }
            at = above;
        }
    }

    fn finish(&self, node: u32, own: u64) -> (u64, u32) {
        let i = node as usize;
        let count = self.counts[i].load(Relaxed).saturating_add(1);
        self.counts[i].store(count, Relaxed);
        let units = match &self.sums {
            Sums::Narrow(sums) => {
                let units = sums[i].load(Relaxed).saturating_add(own as u32);
                sums[i].store(units, Relaxed);
                u64::from(units)
            }
            Sums::Wide(sums) => {
                let units = sums[i].load(Relaxed).saturating_add(own);
                sums[i].store(units, Relaxed);
                units
            }
        };
        (units, count)
    }

    fn add(&self, node: u32, units: u64, count: u32) {
        let i = node as usize;
        self.counts[i].fetch_add(count, Relaxed);
        match &self.sums {
            // The total fits, so every partial sum does.
            Sums::Narrow(sums) => drop(sums[i].fetch_add(units as u32, Relaxed)),
            Sums::Wide(sums) => drop(sums[i].fetch_add(units, Relaxed)),
        }
    }

    /// Retained size of `node` in bytes.
    #[inline]
    pub fn bytes(&self, node: u32) -> u64 {
        let units = match &self.sums {
            Sums::Narrow(sums) => u64::from(sums[node as usize].load(Relaxed)),
            Sums::Wide(sums) => sums[node as usize].load(Relaxed),
        };
        units.saturating_mul(self.unit)
    }

    /// Number of nodes that `node` dominates, itself included.
    #[inline]
    pub fn count(&self, node: u32) -> u32 {
        self.counts[node as usize].load(Relaxed)
    }
}

/// Calls `work` for every node, chunks in parallel.
fn each_chunk(n: usize, work: impl Fn(u32) + Sync) {
    (0..n.div_ceil(CHUNK)).into_par_iter().for_each(|chunk| {
        for node in chunk * CHUNK..((chunk + 1) * CHUNK).min(n) {
            work(node as u32);
        }
    });
}

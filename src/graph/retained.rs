//! Sizes and their sums.

use rayon::prelude::*;

/// The size of every node.
pub trait Sizes: Sync {
    /// Size of `node` in units.
    fn units(&self, node: u32) -> u64;
    /// Bytes in a unit: all sizes are multiples of it.
    fn unit(&self) -> u64;

    /// The sum of the sizes of all nodes, `0..nodes`, in units.
    fn total(&self, nodes: usize) -> u64 {
        (0..nodes as u32)
            .into_par_iter()
            .map(|node| self.units_in(node, self.group(node)))
            .reduce(|| 0, u64::saturating_add)
    }

    /// How many groups the nodes are in, such as classes; 0 where groups do not matter.
    fn groups(&self) -> usize {
        0
    }

    /// The group of `node`.
    fn group(&self, _node: u32) -> u32 {
        0
    }

    /// The size of `node`, which is in `group`, in units.
    #[inline(always)]
    fn units_in(&self, node: u32, _group: u32) -> u64 {
        self.units(node)
    }
}

/// Sums wide enough for this heap: 32 bits of units where those suffice, to save memory.
#[derive(Debug)]
pub(crate) enum Sums {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Default for Sums {
    fn default() -> Sums {
        Sums::Narrow(Vec::new())
    }
}

impl Sums {
    #[inline]
    pub fn get(&self, node: u32) -> u64 {
        match self {
            Sums::Narrow(sums) => u64::from(sums[node as usize]),
            Sums::Wide(sums) => sums[node as usize],
        }
    }
}

/// A number of units as wide as need be. Running totals wrap around no earlier than their type is too narrow for the total.
pub(crate) trait Sum: bytemuck::Zeroable + Copy + Default + Send + Sync {
    /// The finished column.
    fn sums(column: Vec<Self>) -> Sums;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

impl Sum for u32 {
    fn sums(column: Vec<u32>) -> Sums {
        Sums::Narrow(column)
    }
    #[inline(always)]
    fn plus(self, other: u32) -> u32 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: u32) -> u32 {
        self.wrapping_sub(other)
    }
}

impl Sum for u64 {
    fn sums(column: Vec<u64>) -> Sums {
        Sums::Wide(column)
    }
    #[inline(always)]
    fn plus(self, other: u64) -> u64 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: u64) -> u64 {
        self.wrapping_sub(other)
    }
}

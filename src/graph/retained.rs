//! Sizes and their sums.

/// The size of every node.
pub trait Sizes: Sync {
    /// Size of `node` in units.
    fn units(&self, node: u32) -> u64;
    /// Bytes in a unit: all sizes are multiples of it.
    fn unit(&self) -> u64;
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

//! Sets of nodes as bitmaps.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A set of nodes that several threads may add to.
#[derive(Debug, Default)]
pub struct AtomicBits {
    words: Vec<AtomicU64>,
}

impl AtomicBits {
    /// The empty set over nodes `0..n`.
    pub fn new(n: usize) -> AtomicBits {
        AtomicBits {
            words: bytemuck::allocation::zeroed_vec(n.div_ceil(64)),
        }
    }

    /// A copy of the set as it is now.
    pub fn duplicate(&self) -> AtomicBits {
        AtomicBits {
            words: self
                .words
                .iter()
                .map(|word| AtomicU64::new(word.load(Relaxed)))
                .collect(),
        }
    }

    /// Adds `node`; whether it was new.
    #[inline]
    pub fn insert(&self, node: u32) -> bool {
        let bit = 1 << (node & 63);
        let word = &self.words[(node >> 6) as usize];
        word.load(Relaxed) & bit == 0 && word.fetch_or(bit, Relaxed) & bit == 0
    }

    /// Removes `node`.
    #[inline]
    pub fn remove(&self, node: u32) {
        self.words[(node >> 6) as usize].fetch_and(!(1 << (node & 63)), Relaxed);
    }

    /// Whether `node` is in the set.
    #[inline(always)]
    pub fn contains(&self, node: u32) -> bool {
        self.words[(node >> 6) as usize].load(Relaxed) >> (node & 63) & 1 != 0
    }

    /// The nodes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(i, word)| {
            let mut rest = word.load(Relaxed);
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    (i as u32) << 6 | bit
                })
            })
        })
    }

    /// The set as it is now, its members numbered.
    pub fn ranked(&self) -> Ranked {
        let mut total = 0u32;
        let words: Vec<u64> = self.words.iter().map(|word| word.load(Relaxed)).collect();
        let before = words
            .iter()
            .map(|word| {
                let here = total;
                total += word.count_ones();
                here
            })
            .collect();
        Ranked {
            words,
            before,
            total,
        }
    }
}

/// A set of nodes whose members are numbered `0..len` in ascending order.
#[derive(Debug, Default)]
pub struct Ranked {
    words: Vec<u64>,
    before: Vec<u32>,
    total: u32,
}

impl Ranked {
    /// Number of members.
    #[inline]
    pub fn len(&self) -> usize {
        self.total as usize
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Whether `node` is a member.
    #[inline(always)]
    pub fn contains(&self, node: u32) -> bool {
        self.words[(node >> 6) as usize] >> (node & 63) & 1 != 0
    }

    /// The number of a member: how many members are smaller.
    #[inline(always)]
    pub fn rank(&self, node: u32) -> u32 {
        let word = (node >> 6) as usize;
        self.before[word] + (self.words[word] & ((1 << (node & 63)) - 1)).count_ones()
    }

    /// The members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    (i as u32) << 6 | bit
                })
            })
        })
    }

    /// The same as a list.
    pub fn members(&self) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.len());
        out.extend(self.iter());
        out
    }
}

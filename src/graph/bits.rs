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
        Ranked::of(self.words.iter().map(|word| word.load(Relaxed)).collect())
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
    /// The set whose bitmap is `words`.
    fn of(words: Vec<u64>) -> Ranked {
        let mut total = 0u32;
        let before = words.iter().map(|word| {
            let here = total;
            total += word.count_ones();
            here
        });
        Ranked {
            before: before.collect(),
            words,
            total,
        }
    }

    /// The same for words of nodes below `n`, from a file. `None` where they have others.
    pub(crate) fn of_words(words: Vec<u64>, n: usize) -> Option<Ranked> {
        let is_full = words.len() == n.div_ceil(64);
        let beyond = match n % 64 {
            0 => 0,
            bits => words.last().map_or(0, |last| last >> bits),
        };
        (is_full && beyond == 0 && u32::try_from(n).is_ok()).then(|| Ranked::of(words))
    }

    /// The bitmap.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

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

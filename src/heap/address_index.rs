//! Addresses to object indexes: a bitmap of the address space with ranks, no hash map and no sorting.
//!
//! An object's index is its rank among all addresses. One 64-bit word covers 32 possible addresses: the low half says which
//! are objects, the high half how many objects lie before, so a look-up touches one word. The address space is paged,
//! since it may have holes of terabytes; where even pages would be mostly empty, a sorted list takes over.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use foldhash::HashMap;

/// Addresses in a page: 2^16 possible ones.
const PAGE_BITS: u32 = 16;
/// Words in a page.
pub(super) const PAGE_WORDS: usize = 1 << (PAGE_BITS - 5);
/// Page tables up to this length are plain arrays.
const LONGEST_TABLE: u64 = 1 << 22;
/// What a page may cost for each object in it, in bytes, before a sorted list is better.
const COST_OF_SPARSE: u64 = 64;

/// Number of an object: its rank by address.
pub type ObjectIndex = u32;

/// The shape of the address space: smallest and largest address and the alignment of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressSpace {
    /// Smallest address.
    pub smallest: u64,
    /// Largest address.
    pub largest: u64,
    /// Bits in which any two addresses differ, or-ed.
    pub differing: u64,
}

impl AddressSpace {
    /// The space of no address.
    pub const EMPTY: AddressSpace = AddressSpace {
        smallest: u64::MAX,
        largest: 0,
        differing: 0,
    };

    /// Takes `address` in.
    #[inline(always)]
    pub fn add(&mut self, address: u64) {
        if self.smallest > self.largest {
            *self = AddressSpace {
                smallest: address,
                largest: address,
                differing: 0,
            };
        }
        self.differing |= address ^ self.smallest;
        self.smallest = self.smallest.min(address);
        self.largest = self.largest.max(address);
    }

    /// The space that covers both.
    pub fn join(mut self, other: AddressSpace) -> AddressSpace {
        if other.smallest <= other.largest {
            self.add(other.smallest);
            self.add(other.largest);
            self.differing |= other.differing;
        }
        self
    }

    /// How many addresses there could be, given the alignment.
    pub fn possible(&self) -> u64 {
        (self.largest.saturating_sub(self.smallest) >> self.shift()).saturating_add(1)
    }

    fn shift(&self) -> u32 {
        if self.differing == 0 {
            0
        } else {
            self.differing.trailing_zeros()
        }
    }
}

pub(super) enum Table {
    Flat(Vec<u32>),
    Hashed(HashMap<u64, u32>),
}

impl Table {
    /// For the pages `pages`, ascending.
    pub(super) fn new(pages: &[u64]) -> Table {
        let span = pages.last().map_or(0, |last| last + 1);
        let numbers = pages.iter().zip(1..);
        if span > LONGEST_TABLE {
            return Table::Hashed(numbers.map(|(&page, number)| (page, number)).collect());
        }
        let mut table = vec![0; span as usize];
        for (&page, number) in numbers {
            table[page as usize] = number;
        }
        Table::Flat(table)
    }

    #[inline(always)]
    fn page(&self, key: u64) -> usize {
        match self {
            Table::Flat(table) => table.get(key as usize).copied().unwrap_or(0) as usize,
            Table::Hashed(table) => table.get(&key).copied().unwrap_or(0) as usize,
        }
    }
}

/// Finds out which pages are needed, then which addresses are objects.
pub struct Builder {
    space: AddressSpace,
    shift: u32,
    pages: Vec<u64>,
    table: Table,
    words: Vec<AtomicU64>,
    /// Set instead of `words` where addresses are too sparse.
    sorted: Option<std::sync::Mutex<Vec<u64>>>,
}

impl Builder {
    /// Number of the page of `address`, for [`Builder::new`].
    #[inline(always)]
    pub fn page_key(space: &AddressSpace, address: u64) -> u64 {
        (address - space.smallest) >> space.shift() >> PAGE_BITS
    }

    /// Pages that `objects` objects have at most: with more of them their addresses are listed.
    pub(super) fn most_pages(objects: u64) -> u64 {
        let bytes = (1 << 20) + objects.saturating_mul(COST_OF_SPARSE);
        bytes / (PAGE_WORDS as u64 * 8)
    }

    /// Prepares for `objects` addresses in `space` that lie in the pages `pages` (any order, with repetitions).
    pub fn new(space: AddressSpace, mut pages: Vec<u64>, objects: u64) -> Builder {
        pages.sort_unstable();
        pages.dedup();
        let too_sparse = pages.len() as u64 > Builder::most_pages(objects);
        if too_sparse {
            pages.clear();
        }
        Builder {
            shift: space.shift(),
            space,
            table: Table::new(&pages),
            // Page 0 stays empty: it stands for all that are not needed.
            words: crate::graph::zeroed((pages.len() + 1) * PAGE_WORDS),
            pages,
            sorted: too_sparse.then(Default::default),
        }
    }

    /// Notes that objects lie at `addresses`, which are inside the space. Those that were known already, as far as that can be said
    /// before [`Builder::finish`].
    pub fn add_all(&self, addresses: impl Iterator<Item = u64>) -> Vec<u64> {
        let Some(sorted) = &self.sorted else {
            return addresses.filter(|&address| !self.add(address)).collect();
        };
        let mut addresses: Vec<u64> = addresses.collect();
        let mut sorted = sorted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        sorted.append(&mut addresses);
        Vec::new()
    }

    /// Notes one; whether it was new.
    #[inline(always)]
    fn add(&self, address: u64) -> bool {
        let slot = (address - self.space.smallest) >> self.shift;
        let word = self.table.page(slot >> PAGE_BITS) * PAGE_WORDS
            + ((slot >> 5) as usize & (PAGE_WORDS - 1));
        let bit = 1u64 << (slot & 31);
        // Most words are written by one thread only; a plain load first keeps the bus quiet.
        self.words[word].fetch_or(bit, Relaxed) & bit == 0
    }

    /// Numbers the objects. `first` is the index of the smallest address.
    pub fn finish(self, first: u32) -> AddressIndex {
        if let Some(sorted) = self.sorted {
            let mut sorted = sorted
                .into_inner()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            sorted.sort_unstable();
            let before = sorted.len();
            sorted.dedup();
            let duplicates = (before - sorted.len()) as u64;
            return AddressIndex {
                len: first + sorted.len() as u32,
                first,
                duplicates,
                kind: Kind::Sorted(sorted),
            };
        }
        let mut total = first;
        let words: Vec<u64> = self
            .words
            .into_iter()
            .map(|word| {
                let bits = word.into_inner() & 0xFFFF_FFFF;
                let here = u64::from(total) << 32 | bits;
                total += bits.count_ones();
                here
            })
            .collect();
        let paged = Paged {
            smallest: self.space.smallest,
            largest: self.space.largest,
            shift: self.shift,
            pages: self.pages,
            table: self.table,
            words,
        };
        AddressIndex {
            len: total,
            first,
            duplicates: 0,
            kind: Kind::Paged(paged),
        }
    }
}

pub(super) struct Paged {
    pub smallest: u64,
    pub largest: u64,
    pub shift: u32,
    pub pages: Vec<u64>,
    pub table: Table,
    pub words: Vec<u64>,
}

pub(super) enum Kind {
    Paged(Paged),
    Sorted(Vec<u64>),
}

/// Maps addresses to object indexes and back.
pub struct AddressIndex {
    pub(super) kind: Kind,
    pub(super) first: u32,
    pub(super) len: u32,
    /// How many addresses were added twice (known here for sparse spaces only).
    pub duplicates: u64,
}

impl AddressIndex {
    /// Number of indexes, those before the first address included.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no objects.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The index of the object at `address`, if there is one.
    #[inline(always)]
    pub fn find(&self, address: u64) -> Option<u32> {
        match &self.kind {
            Kind::Paged(paged) => paged.find(address),
            Kind::Sorted(sorted) => sorted
                .binary_search(&address)
                .ok()
                .map(|i| i as u32 + self.first),
        }
    }

    /// The address of object `index`; 0 for indexes before the first address.
    pub fn address(&self, index: u32) -> u64 {
        let Some(nth) = index.checked_sub(self.first) else {
            return 0;
        };
        match &self.kind {
            Kind::Paged(paged) => paged.address(index),
            Kind::Sorted(sorted) => sorted.get(nth as usize).copied().unwrap_or(0),
        }
    }

    /// The smallest address larger than `address`, if there is one nearby (within 2^20 possible addresses).
    pub fn next_after(&self, address: u64) -> Option<u64> {
        match &self.kind {
            Kind::Paged(paged) => paged.next_after(address),
            Kind::Sorted(sorted) => sorted
                .get(sorted.partition_point(|&a| a <= address))
                .copied(),
        }
    }

    /// All addresses in ascending order, from object `from` on.
    pub fn addresses_from(&self, from: u32) -> Box<dyn Iterator<Item = u64> + '_> {
        let zeros = std::iter::repeat_n(0, self.first.saturating_sub(from) as usize);
        let from = from.max(self.first);
        match &self.kind {
            Kind::Paged(paged) => Box::new(zeros.chain(paged.addresses_from(from))),
            Kind::Sorted(sorted) => Box::new(
                zeros.chain(
                    sorted[((from - self.first) as usize).min(sorted.len())..]
                        .iter()
                        .copied(),
                ),
            ),
        }
    }
}

impl Paged {
    #[inline(always)]
    fn find(&self, address: u64) -> Option<u32> {
        let offset = address.wrapping_sub(self.smallest);
        let slot = offset >> self.shift;
        if address > self.largest || address < self.smallest || slot << self.shift != offset {
            return None;
        }
        let word = self.words[self.table.page(slot >> PAGE_BITS) * PAGE_WORDS
            + ((slot >> 5) as usize & (PAGE_WORDS - 1))];
        let bit = slot & 31;
        (word >> bit & 1 != 0)
            .then(|| (word >> 32) as u32 + (word as u32 & ((1u32 << bit) - 1)).count_ones())
    }

    /// The word that holds object `index`: the last one with objects before it that number at most `index`.
    fn word_of(&self, index: u32) -> usize {
        let word = self
            .words
            .partition_point(|&word| (word >> 32) as u32 <= index);
        // Step back over empty words, whose count equals that of the next object.
        let mut word = word.saturating_sub(1);
        while word > 0 && self.words[word] as u32 == 0 {
            word -= 1;
        }
        word
    }

    fn address(&self, index: u32) -> u64 {
        let word = self.word_of(index);
        let mut bits = self.words[word] as u32;
        for _ in (self.words[word] >> 32) as u32..index {
            bits &= bits.wrapping_sub(1);
        }
        self.address_of(word, bits.trailing_zeros() & 31)
    }

    fn address_of(&self, word: usize, bit: u32) -> u64 {
        let page = match (word / PAGE_WORDS).checked_sub(1) {
            Some(page) => self.pages[page],
            None => return 0,
        };
        let slot = page << PAGE_BITS | ((word % PAGE_WORDS) as u64) << 5 | u64::from(bit);
        self.smallest.wrapping_add(slot << self.shift)
    }

    fn next_after(&self, address: u64) -> Option<u64> {
        let offset = address.checked_sub(self.smallest)?;
        let mut slot = (offset >> self.shift).checked_add(1)?;
        let stop = slot.saturating_add(1 << 20);
        let last = self.largest.checked_sub(self.smallest)? >> self.shift;
        while slot <= stop.min(last) {
            let page = self.table.page(slot >> PAGE_BITS);
            if page == 0 {
                slot = (slot | ((1 << PAGE_BITS) - 1)).checked_add(1)?;
                continue;
            }
            let word = self.words[page * PAGE_WORDS + ((slot >> 5) as usize & (PAGE_WORDS - 1))]
                as u32
                >> (slot & 31);
            if word != 0 {
                let slot = slot + u64::from(word.trailing_zeros());
                return Some(self.smallest.wrapping_add(slot << self.shift));
            }
            slot = (slot | 31).checked_add(1)?;
        }
        None
    }

    fn addresses_from(&self, from: u32) -> impl Iterator<Item = u64> + '_ {
        let start = self.word_of(from).max(PAGE_WORDS.min(self.words.len()));
        (start..self.words.len())
            .flat_map(move |word| {
                let mut bits = self.words[word] as u32;
                let mut index = (self.words[word] >> 32) as u32;
                std::iter::from_fn(move || {
                    (bits != 0).then(|| {
                        let item = (index, self.address_of(word, bits.trailing_zeros()));
                        bits &= bits - 1;
                        index += 1;
                        item
                    })
                })
            })
            .skip_while(move |&(index, _)| index < from)
            .map(|(_, address)| address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(addresses: &[u64], first: u32) -> AddressIndex {
        let mut space = AddressSpace::EMPTY;
        addresses.iter().for_each(|&a| space.add(a));
        let pages = addresses
            .iter()
            .map(|&a| Builder::page_key(&space, a))
            .collect();
        let builder = Builder::new(space, pages, addresses.len() as u64);
        builder.add_all(addresses.iter().copied());
        builder.finish(first)
    }

    fn check(addresses: &[u64], first: u32) {
        let index = build(addresses, first);
        assert_eq!(index.len(), addresses.len() + first as usize);
        for (i, &address) in addresses.iter().enumerate() {
            assert_eq!(index.find(address), Some(i as u32 + first), "{address:#x}");
            assert_eq!(index.address(i as u32 + first), address);
            assert_eq!(
                index.find(address.wrapping_add(1)).is_some(),
                addresses.contains(&(address + 1))
            );
            let next = index.next_after(address);
            let wanted = addresses.get(i + 1).copied();
            assert!(next == wanted || next.is_none() && wanted.unwrap() - address > 1 << 20);
            assert_eq!(index.addresses_from(i as u32 + first).next(), Some(address));
        }
        assert_eq!(index.addresses_from(first).collect::<Vec<_>>(), addresses);
        assert_eq!(index.find(0), None);
        assert_eq!(index.find(u64::MAX), None);
    }

    #[test]
    fn dense_sparse_and_wide() {
        check(&[], 0);
        check(&[8], 0);
        check(&[8, 16, 24, 4096], 1);
        check(
            &(0..100_000u64)
                .map(|i| 0x7_0000_0000 + i * 24)
                .collect::<Vec<_>>(),
            0,
        );
        check(
            &(1..2_000u64)
                .map(|i| i * 0x10_0000_0000_0000 / 3)
                .collect::<Vec<_>>(),
            1,
        );
        check(
            &(1..70_000u64)
                .flat_map(|i| [i * 3, (1 << 45) + i * 8])
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>(),
            0,
        );
        check(&[1, u64::MAX - 1], 0);
    }
}

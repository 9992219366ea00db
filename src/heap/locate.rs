//! Where in the file an object lies, without a table of all objects.
//!
//! The file is divided into blocks of a few kilobytes that begin at a sub-record. Most JVMs write objects in ascending order
//! of address, so blocks cover disjoint address ranges and a binary search finds the block; the record is found by reading
//! the block. ZGC and Shenandoah write in any order; then a column says which block each object is in.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::graph::{plain, zeroed};

/// Bytes of a block, but for a last record that is longer.
const BLOCK: u64 = 8 << 10;

/// A run of sub-records in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Block {
    /// File offset of the first sub-record.
    pub start: u64,
    /// File offset up to which to read.
    pub end: u64,
    smallest: u64,
    largest: u64,
}

/// All blocks.
#[derive(Debug, Default)]
pub struct Blocks {
    /// By file offset, or by smallest address where the ranges of addresses are disjoint.
    blocks: Vec<Block>,
    pub(super) ordered: bool,
    /// Block of each object, where blocks overlap.
    pub(super) column: Vec<u32>,
    /// The same while it is filled.
    filling: Vec<AtomicU32>,
}

impl Blocks {
    /// Adds the object at file offset `offset` to the last of `blocks`, or to a new one. `range_end` is where its range of
    /// sub-records ends.
    #[inline(always)]
    pub fn note(blocks: &mut Vec<Block>, offset: u64, range_end: u64, address: u64) {
        match blocks.last_mut() {
            Some(block) if offset - block.start < BLOCK && block.end == range_end => {
                block.smallest = block.smallest.min(address);
                block.largest = block.largest.max(address);
            }
            last => {
                if let Some(block) = last {
                    block.end = block.end.min(offset);
                }
                blocks.push(Block {
                    start: offset,
                    end: range_end,
                    smallest: address,
                    largest: address,
                });
            }
        }
    }

    /// Ends the blocks of the range that was to end at `range_end` at `end` instead: the rest cannot be read.
    pub fn cut(blocks: &mut [Block], range_end: u64, end: u64) {
        if let Some(block) = blocks.last_mut().filter(|block| block.end == range_end) {
            block.end = end;
        }
    }

    /// Puts the blocks of all units together.
    pub fn new(mut blocks: Vec<Block>) -> Blocks {
        let mut by_address = blocks.clone();
        by_address.sort_unstable_by_key(|block| (block.smallest, block.start));
        let ordered = by_address
            .windows(2)
            .all(|pair| pair[0].largest < pair[1].smallest);
        if ordered {
            blocks = by_address;
        }
        Blocks {
            blocks,
            ordered,
            ..Blocks::default()
        }
    }

    /// Makes the column of `objects` entries if it is needed; fill it with [`Blocks::place`].
    pub fn prepare(&mut self, objects: usize) {
        if !self.ordered {
            self.filling = zeroed(objects);
        }
    }

    /// Ends the filling of the column.
    pub fn placed(&mut self) {
        self.column = plain(std::mem::take(&mut self.filling));
    }

    /// Blocks that were found before, in files of `bytes` bytes. `None` where they do not lie in it.
    pub fn restore(
        blocks: Vec<Block>,
        ordered: bool,
        column: Vec<u32>,
        bytes: u64,
    ) -> Option<Blocks> {
        let is_inside = |block: &Block| block.start <= block.end && block.end <= bytes;
        blocks.iter().all(is_inside).then_some(Blocks {
            blocks,
            ordered,
            column,
            filling: Vec::new(),
        })
    }

    /// Whether [`Blocks::place`] has to be called for every object.
    pub fn needs_places(&self) -> bool {
        !self.ordered
    }

    /// The number of the block that holds file offset `offset`; blocks are in file order where this is needed.
    pub fn block_at(&self, offset: u64) -> u32 {
        (self.blocks.partition_point(|block| block.start <= offset) as u32).saturating_sub(1)
    }

    /// Where the block after `block` starts.
    pub fn next_start(&self, block: u32) -> u64 {
        self.blocks
            .get(block as usize + 1)
            .map_or(u64::MAX, |block| block.start)
    }

    /// Notes that `object` lies in `block`.
    #[inline]
    pub fn place(&self, object: u32, block: u32) {
        self.filling[object as usize].store(block, Relaxed);
    }

    /// All blocks; together they cover every sub-record of an object.
    pub fn all(&self) -> &[Block] {
        &self.blocks
    }

    /// The block in which `object` with address `address` lies.
    pub fn find(&self, object: u32, address: u64) -> Option<Block> {
        self.blocks.get(self.number(object, address)?).copied()
    }

    /// The number of that block.
    pub fn number(&self, object: u32, address: u64) -> Option<usize> {
        if self.ordered {
            let smallest = |block: &Block| block.smallest <= address;
            self.blocks.partition_point(smallest).checked_sub(1)
        } else {
            let block = self.column.get(object as usize)?;
            Some(*block as usize)
        }
    }
}

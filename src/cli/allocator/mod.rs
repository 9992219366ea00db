//! The program's allocator: large blocks go from phase to phase without the system in between.
//!
//! A run allocates the columns of one phase when those of another have just been freed. Through the system each of these
//! pages is cleared again, and in a virtual machine often fetched from the host: a fifth of all processor time on the
//! benchmark dumps. So freed blocks of [`LARGE`] bytes and more stay here until the next one is asked for. New memory is only mapped
//! when every freed page is in use again, so the resident peak is that of the columns alone.
//!
//! All `unsafe` code of this module keeps one promise: a byte belongs to exactly one live block or one free run. Runs are what
//! [`System`] never sees: memory mapped here, in steps of [`BLOCK`].

#![allow(unsafe_code)]

mod store;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::platform::pages::{self, MAPS_MEMORY};
use store::{BLOCK, Store};

/// Blocks from this many bytes on are recycled.
const LARGE: usize = 256 << 10;

/// From now on new large blocks lie in `file`, which is empty, and on whose disk room for `reserve` bytes is taken. Their pages count as
/// those of a file: the system writes them out when memory is short.
///
/// # Errors
/// When the disk has not so much room, or the system is none that can.
pub fn spill_to(file: std::fs::File, reserve: u64) -> std::io::Result<()> {
    pages::spill_to(file, reserve)?;
    SPILLS.store(true, Relaxed);
    Ok(())
}

/// The allocator of the program, where it is this one.
static OF_PROGRAM: OnceLock<&'static Recycling> = OnceLock::new();
/// Whether large blocks lie in a file.
static SPILLS: AtomicBool = AtomicBool::new(false);

/// Gives the system what the program's allocator keeps for later blocks: another dump is read next, and begins with pages of its file
/// in memory. Blocks in a file stay, since their place in it is not used again.
pub fn give_back() {
    if let Some(allocator) = OF_PROGRAM.get().filter(|_| !SPILLS.load(Relaxed)) {
        allocator.give_back();
    }
}

/// The system's allocator with a store of large free blocks.
#[derive(Debug)]
pub struct Recycling {
    store: Mutex<Store>,
}

impl Default for Recycling {
    fn default() -> Recycling {
        Recycling::new()
    }
}

impl Recycling {
    /// An allocator with an empty store.
    pub const fn new() -> Recycling {
        Recycling {
            store: Mutex::new(Store::new()),
        }
    }

    /// Says that this is the allocator of the program.
    pub fn serve(&'static self) {
        // A second call changes nothing.
        let _ = OF_PROGRAM.set(self);
    }

    /// Unmaps all free blocks.
    fn give_back(&self) {
        self.store().give_back();
    }

    /// The store. It allocates nothing, so it never waits for its own lock.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of whole blocks for `layout`; `None` for what the system's allocator is for.
fn large(size: usize, align: usize) -> Option<usize> {
    if !MAPS_MEMORY || size < LARGE || align > BLOCK {
        return None;
    }
    size.checked_next_multiple_of(BLOCK)
}

// SAFETY: large blocks come from `Store::take`, which gives every byte away once until it comes back through `Store::give`; they are aligned to
// `BLOCK`, and whether a block is large follows from its layout alone, so each returns to where it came from. All others are the
// system allocator's.
unsafe impl GlobalAlloc for Recycling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match large(layout.size(), layout.align()) {
            Some(len) => {
                let taken = self.store().take(len);
                taken.map_or(std::ptr::null_mut(), |(start, _)| start as *mut u8)
            }
            // SAFETY: the caller keeps the contract of `alloc`.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(len) = large(layout.size(), layout.align()) else {
            // SAFETY: the caller keeps the contract of `alloc_zeroed`.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let taken = self.store().take(len);
        let Some((start, used)) = taken else {
            return std::ptr::null_mut();
        };
        let block = start as *mut u8;
        // SAFETY: `used` bytes from `start` on belong to the new block alone; fresh pages are zero already.
        unsafe { block.write_bytes(0, used) };
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match large(layout.size(), layout.align()) {
            Some(len) => self.store().give(block as usize, len),
            // SAFETY: the caller keeps the contract of `dealloc`, and the block is the system allocator's.
            None => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let old = large(layout.size(), layout.align());
        let new = large(size, layout.align());
        match (old, new) {
            // SAFETY: the caller keeps the contract of `realloc`, and the block is the system allocator's.
            (None, None) => return unsafe { System.realloc(block, layout, size) },
            (Some(old), Some(new)) if self.store().resize(block as usize, old, new) => {
                return block;
            }
            _ => {}
        }
        // SAFETY: the caller vouches for `size` with this alignment; both blocks are live, distinct and as long as is copied.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::platform::pages::{HUGE, MOVES_FAIL};

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).expect("a layout")
    }

    /// A block of `size` bytes, each of which is `mark`.
    fn filled(store: &Recycling, size: usize, mark: u8) -> *mut u8 {
        // SAFETY: the size is not zero, and the block is written within its size.
        unsafe {
            let block = store.alloc(layout(size));
            assert!(!block.is_null());
            block.write_bytes(mark, size);
            block
        }
    }

    fn holds(block: *mut u8, size: usize, mark: u8) -> bool {
        // SAFETY: only called for live blocks of `size` written bytes.
        let bytes = unsafe { std::slice::from_raw_parts(block, size) };
        bytes.iter().all(|&byte| byte == mark)
    }

    fn free_bytes(store: &Recycling) -> usize {
        store.store().runs().iter().map(|run| run.len).sum()
    }

    #[test]
    fn freed_blocks_are_used_again_in_parts_and_put_together() {
        let store = Recycling::new();
        let (six, four) = (layout(6 * HUGE), layout(4 * HUGE + 5));
        let a = filled(&store, six.size(), 1);
        let b = filled(&store, four.size(), 2);
        // SAFETY: both blocks are live and of these layouts.
        unsafe {
            store.dealloc(a, six);
            store.dealloc(b, four);
        }
        assert_eq!(free_bytes(&store), 10 * HUGE + BLOCK);
        let part = filled(&store, 2 * HUGE, 3);
        assert_eq!(free_bytes(&store), 8 * HUGE + BLOCK);
        // Larger than any run: what is free moves there.
        let whole = filled(&store, 10 * HUGE, 4);
        assert_eq!(free_bytes(&store), 0);
        assert!(holds(part, 2 * HUGE, 3) && holds(whole, 10 * HUGE, 4));
    }

    #[test]
    fn free_blocks_go_back_and_live_ones_stay() {
        let store = Recycling::new();
        let freed = filled(&store, 6 * HUGE, 1);
        let live = filled(&store, 3 * HUGE, 2);
        // SAFETY: the block is live and of this layout.
        unsafe { store.dealloc(freed, layout(6 * HUGE)) };
        assert_eq!(free_bytes(&store), 6 * HUGE);
        store.give_back();
        assert_eq!(free_bytes(&store), 0);
        assert!(holds(live, 3 * HUGE, 2));
        // SAFETY: the size is not zero.
        let next = unsafe { store.alloc_zeroed(layout(8 * HUGE)) };
        assert!(holds(next, 8 * HUGE, 0) && holds(live, 3 * HUGE, 2));
    }

    /// Older kernels unmap where pages should go before they refuse to move them.
    #[test]
    fn pages_that_do_not_move_are_replaced() {
        let store = Recycling::new();
        let a = filled(&store, 4 * HUGE, 1);
        // SAFETY: the block is live and of this layout.
        unsafe { store.dealloc(a, layout(4 * HUGE)) };
        MOVES_FAIL.set(true);
        // SAFETY: the size is not zero.
        let b = unsafe { store.alloc_zeroed(layout(6 * HUGE)) };
        MOVES_FAIL.set(false);
        assert!(holds(b, 6 * HUGE, 0));
        assert_eq!(free_bytes(&store), 4 * HUGE, "they are still there");
        let c = filled(&store, 4 * HUGE, 2);
        assert!(holds(b, 6 * HUGE, 0) && holds(c, 4 * HUGE, 2));
    }

    /// What lies side by side came from several mappings: before Linux 6.17 no move may cross their borders.
    #[test]
    #[cfg_attr(miri, ignore = "asks the system for mappings")]
    fn pages_move_mapping_by_mapping() {
        let store = Recycling::new();
        for round in 1..40usize {
            let sizes = [round, 2 * round + 1, 40 - round].map(|n| n * BLOCK + LARGE);
            let blocks = sizes.map(|size| (filled(&store, size, round as u8), size));
            for (block, size) in blocks {
                assert!(holds(block, size, round as u8));
                // SAFETY: the block is live and of this layout.
                unsafe { store.dealloc(block, layout(size)) };
            }
            for step in [HUGE, BLOCK] {
                let mut from = 0;
                while let Some(piece) = store.store().piece(step, from) {
                    assert!(is_one_mapping(piece.start, piece.len), "round {round}");
                    from = piece.start + piece.len;
                }
            }
        }
    }

    /// More live blocks than any list of the store has room for. All of them as the program's allocator would be used: by several
    /// threads, and freed in another order.
    #[test]
    #[cfg_attr(miri, ignore = "takes 25 GB where blocks are not only addresses")]
    fn any_number_of_blocks_may_be_alive() {
        const BLOCKS: usize = 100_000;
        let store = Recycling::new();
        let part = || {
            let block = |_| {
                // SAFETY: the size is not zero.
                let block = unsafe { store.alloc(layout(LARGE)) };
                assert!(!block.is_null());
                block as usize
            };
            // Nobody writes to them: they take addresses and no memory.
            (0..BLOCKS / 4).map(block).collect::<Vec<usize>>()
        };
        let parts: Vec<Vec<usize>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(part)).collect();
            let done = threads.into_iter().map(|thread| thread.join());
            done.map(|part| part.expect("no panic")).collect()
        });
        let mut blocks: Vec<usize> = parts.into_iter().flatten().collect();
        let (odd, even): (Vec<usize>, Vec<usize>) =
            blocks.iter().partition(|&&block| block / LARGE % 2 == 1);
        assert_eq!(odd.len() + even.len(), BLOCKS);
        blocks.sort_unstable();
        blocks.dedup();
        assert_eq!(blocks.len(), BLOCKS, "every block is given away once");
        for block in odd.into_iter().chain(even) {
            // SAFETY: the block is live and of this layout.
            unsafe { store.dealloc(block as *mut u8, layout(LARGE)) };
        }
        assert!(store.store().runs().len() <= 1024);
        let again = filled(&store, 3 * HUGE, 7);
        assert!(holds(again, 3 * HUGE, 7));
    }

    fn is_one_mapping(start: usize, len: usize) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
        let bounds = maps.lines().filter_map(|line| {
            let (from, rest) = line.split_once('-')?;
            let to = rest.split(' ').next()?;
            let number = |text| usize::from_str_radix(text, 16).ok();
            Some((number(from)?, number(to)?))
        });
        let mut bounds = bounds;
        bounds.any(|(from, to)| from <= start && start + len <= to)
    }

    #[test]
    fn zeroed_blocks_are_zero_whoever_had_them_before() {
        let store = Recycling::new();
        let a = filled(&store, 4 * HUGE, 0xff);
        // SAFETY: the block is live and of this layout.
        unsafe { store.dealloc(a, layout(4 * HUGE)) };
        for size in [LARGE, 5 * HUGE] {
            // SAFETY: the size is not zero.
            let block = unsafe { store.alloc_zeroed(layout(size)) };
            assert!(holds(block, size, 0));
        }
    }

    #[test]
    fn blocks_keep_their_contents_whatever_happens_around_them() {
        let store = Recycling::new();
        // Block, size, mark; sizes on both sides of the limit.
        let mut live: Vec<(*mut u8, usize, u8)> = Vec::new();
        let mut random = 12_345u64;
        let mut next = |limit: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 33) as usize % limit
        };
        let steps = if cfg!(miri) { 6 } else { 300 };
        for step in 0..steps {
            let size = 1 + next(4 * HUGE);
            match next(4) {
                0 | 1 if live.len() < 12 => {
                    live.push((filled(&store, size, step as u8), size, step as u8));
                }
                2 if !live.is_empty() => {
                    let at = next(live.len());
                    let (block, old, mark) = live.swap_remove(at);
                    // SAFETY: the block is live and of this layout; the new size is not zero.
                    let block = unsafe { store.realloc(block, layout(old), size) };
                    assert!(holds(block, old.min(size), mark), "step {step}");
                    // SAFETY: the block is live and of this size.
                    unsafe { block.write_bytes(mark, size) };
                    live.push((block, size, mark));
                }
                _ if !live.is_empty() => {
                    let at = next(live.len());
                    let (block, size, mark) = live.swap_remove(at);
                    assert!(holds(block, size, mark), "step {step}");
                    // SAFETY: the block is live and of this layout.
                    unsafe { store.dealloc(block, layout(size)) };
                }
                _ => {}
            }
        }
        for (block, size, mark) in live {
            assert!(holds(block, size, mark));
            // SAFETY: the block is live and of this layout.
            unsafe { store.dealloc(block, layout(size)) };
        }
        let runs = store.store().runs().to_vec();
        assert!(
            runs.windows(2)
                .all(|two| two[0].start + two[0].len < two[1].start)
        );
    }

    #[test]
    fn small_and_oddly_aligned_blocks_are_the_systems() {
        assert_eq!(large(LARGE - 1, 8), None);
        assert_eq!(large(LARGE, 2 * BLOCK), None);
        assert_eq!(large(LARGE + 1, 8), Some(LARGE + BLOCK));
        assert_eq!(large(usize::MAX - 5, 1), None);
    }
}

//! The program's allocator: large blocks go from phase to phase without the system in between.
//!
//! A run allocates the columns of one phase when those of another have just been freed. Through the system each of these
//! pages is cleared again, and in a virtual machine often fetched from the host: a fifth of all processor time on the
//! benchmark dumps. So freed blocks of [`LARGE`] bytes and more stay here until the next one is asked for. New memory is only mapped
//! when every freed page is in use again, so the resident peak is that of the columns alone.
//!
//! All `unsafe` code of this module keeps one promise: a byte belongs to exactly one live block or one free run. Runs are what
//! [`System`] never sees: memory mapped here, in steps of [`BLOCK`].

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks from this size on are recycled.
const LARGE: usize = 256 << 10;
/// Runs begin and end at multiples of this.
const BLOCK: usize = 128 << 10;
/// A huge page where they are most common. New mappings begin at one, and pages only move by whole ones, so that columns lie on
/// huge pages nearly from their first byte to their last.
const HUGE: usize = 2 << 20;
/// More free runs than this are not kept: so many small ones have no use.
const MOST_RUNS: usize = 1024;

/// Blocks of at least this many bytes are mapped by the C library, and unmapped when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM: libc::c_int = 128 << 10;

/// Keeps glibc from raising the size from which on it maps blocks of their own. It does so when such blocks are freed, and
/// then keeps the memory of finished phases where nothing else fits into it.
///
/// Call it first in `main`, before there are other threads.
pub fn give_back_middling_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a number inside the allocator, which takes its own lock; no memory of ours is involved.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM);
    }
}

/// Memory that nobody uses: `len` bytes from address `start` on, both multiples of [`BLOCK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: usize,
    len: usize,
}

/// The system's allocator with a store of large free blocks.
#[derive(Debug, Default)]
pub struct Recycling {
    /// By address; no two touch.
    free: Mutex<Vec<Run>>,
}

impl Recycling {
    /// An allocator with an empty store.
    pub const fn new() -> Recycling {
        Recycling {
            free: Mutex::new(Vec::new()),
        }
    }

    /// The store. Its own list is far below [`LARGE`], so it never asks itself for memory.
    fn store(&self) -> MutexGuard<'_, Vec<Run>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `len` bytes: address, and how many from there on have been used before. Null when there are none.
    fn take(&self, len: usize) -> (*mut u8, usize) {
        let mut free = self.store();
        let fitting = (0..free.len()).filter(|&at| free[at].len >= len);
        if let Some(at) = fitting.min_by_key(|&at| free[at].len) {
            let start = free[at].start;
            free[at].start += len;
            free[at].len -= len;
            if free[at].len == 0 {
                free.remove(at);
            }
            return (start as *mut u8, len);
        }
        let Some(start) = pages::map(len) else {
            return (std::ptr::null_mut(), 0);
        };
        let used = self.move_free_pages(&mut free, start, len);
        (start as *mut u8, used)
    }

    /// Moves free pages to the `len` bytes at `start`, which are mapped and untouched; how many bytes. The pages move, their
    /// contents are not copied. Whole huge pages go first and to where they stay whole.
    fn move_free_pages(&self, free: &mut Vec<Run>, start: usize, len: usize) -> usize {
        let whole = start.next_multiple_of(HUGE).min(start + len);
        let moved = move_pieces(free, whole, start + len - whole, HUGE);
        let rest = whole + moved;
        let behind = move_pieces(free, rest, start + len - rest, BLOCK);
        let before = move_pieces(free, start, whole - start, BLOCK);
        // What was used before is one stretch only if no untouched page lies in between.
        match before == whole - start {
            true => before + moved + behind,
            false => len.min(rest + behind - start),
        }
    }

    /// Takes back what nobody uses any more.
    fn give(&self, start: usize, len: usize) {
        let mut free = self.store();
        let at = free.partition_point(|run| run.start < start);
        let after = free.get(at).is_some_and(|run| run.start == start + len);
        let before = at > 0 && free[at - 1].start + free[at - 1].len == start;
        match (before, after) {
            (true, true) => {
                free[at - 1].len += len + free[at].len;
                free.remove(at);
            }
            (true, false) => free[at - 1].len += len,
            (false, true) => {
                free[at].start = start;
                free[at].len += len;
            }
            (false, false) if free.len() < MOST_RUNS => free.insert(at, Run { start, len }),
            (false, false) => pages::unmap(start, len),
        }
    }

    /// Makes the block of `old` bytes at `start` one of `new` bytes without copying it. `None` where that is not possible, or
    /// where there is a free run to copy it to.
    fn resize(&self, start: usize, old: usize, new: usize) -> Option<usize> {
        if new <= old {
            if new < old {
                self.give(start + new, old - new);
            }
            return Some(start);
        }
        let more = new - old;
        let mut free = self.store();
        let at = free.partition_point(|run| run.start < start + old);
        if let Some(run) = free.get_mut(at)
            && run.start == start + old
            && run.len >= more
        {
            run.start += more;
            run.len -= more;
            if run.len == 0 {
                free.remove(at);
            }
            return Some(start);
        }
        if free.iter().any(|run| run.len >= new) {
            return None;
        }
        let moved = pages::map(new)?;
        if pages::move_to(start, old, moved) {
            self.move_free_pages(&mut free, moved + old, more);
            return Some(moved);
        }
        pages::unmap(moved, new);
        None
    }
}

/// Moves free pages to `start` and the following `len` bytes, in multiples of `step` at multiples of `step`; how many bytes.
fn move_pieces(free: &mut Vec<Run>, start: usize, len: usize, step: usize) -> usize {
    let mut moved = 0;
    let mut at = free.len();
    while at > 0 && len - moved >= step {
        at -= 1;
        let run = free[at];
        let from = run.start.next_multiple_of(step);
        let whole = ((run.start + run.len) / step * step).saturating_sub(from);
        let piece = whole.min((len - moved) / step * step);
        if piece == 0 {
            continue;
        }
        // What cannot be moved goes back to the system.
        if pages::move_to(from, piece, start + moved) {
            moved += piece;
        } else {
            pages::unmap(from, piece);
        }
        let rest = Run {
            start: from + piece,
            len: run.start + run.len - from - piece,
        };
        free[at].len = from - run.start;
        if rest.len > 0 {
            free.insert(at + 1, rest);
        }
        if free[at].len == 0 {
            free.remove(at);
        }
    }
    moved
}

/// Bytes of whole blocks for `layout`; `None` for what the system's allocator is for.
fn large(size: usize, align: usize) -> Option<usize> {
    if !cfg!(target_os = "linux") || size < LARGE || align > BLOCK {
        return None;
    }
    size.checked_next_multiple_of(BLOCK)
}

// SAFETY: large blocks come from `take`, which gives every byte away once until it comes back through `give`; they are aligned to
// `BLOCK`, and whether a block is large follows from its layout alone, so each returns to where it came from. All others are the
// system allocator's.
unsafe impl GlobalAlloc for Recycling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match large(layout.size(), layout.align()) {
            Some(len) => self.take(len).0,
            // SAFETY: the caller keeps the contract of `alloc`.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(len) = large(layout.size(), layout.align()) else {
            // SAFETY: the caller keeps the contract of `alloc_zeroed`.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let (start, used) = self.take(len);
        // SAFETY: `used` bytes from `start` on belong to the new block alone; fresh pages are zero already.
        unsafe { start.write_bytes(0, used) };
        start
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match large(layout.size(), layout.align()) {
            Some(len) => self.give(block as usize, len),
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
            (Some(old), Some(new)) => {
                if let Some(start) = self.resize(block as usize, old, new) {
                    return start as *mut u8;
                }
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

/// What the system knows of pages. Addresses and lengths are multiples of [`BLOCK`].
#[cfg(target_os = "linux")]
mod pages {
    use super::HUGE;
    use libc::{c_void, madvise, mmap, mremap, munmap};

    /// Maps `len` zero bytes at a multiple of [`HUGE`], on huge pages where the system allows.
    pub fn map(len: usize) -> Option<usize> {
        let room = len.checked_add(HUGE)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let found = unsafe { mmap(std::ptr::null_mut(), room, access, kind, -1, 0) };
        if found == libc::MAP_FAILED {
            return None;
        }
        let found = found as usize;
        let start = found.next_multiple_of(HUGE);
        if start > found {
            unmap(found, start - found);
        }
        if found + room > start + len {
            unmap(start + len, found + room - start - len);
        }
        // SAFETY: advice on the mapping that was just made; it changes neither contents nor access.
        unsafe { madvise(start as *mut c_void, len, libc::MADV_HUGEPAGE) };
        Some(start)
    }

    /// Moves the pages of `from` to the address `to`, where `len` bytes are mapped that nobody uses yet.
    pub fn move_to(from: usize, len: usize, to: usize) -> bool {
        let how = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        // SAFETY: the caller owns both ranges, and nothing refers to either: the block is on its way to its next owner.
        let moved = unsafe { mremap(from as *mut c_void, len, len, how, to as *mut c_void) };
        moved != libc::MAP_FAILED
    }

    /// Gives `len` bytes back to the system.
    pub fn unmap(start: usize, len: usize) {
        // SAFETY: the caller owns the range, and nothing refers to it. Failure leaves it mapped and unused.
        unsafe { munmap(start as *mut c_void, len) };
    }
}

/// Elsewhere no block is large.
#[cfg(not(target_os = "linux"))]
mod pages {
    pub fn map(_len: usize) -> Option<usize> {
        None
    }
    pub fn move_to(_from: usize, _len: usize, _to: usize) -> bool {
        false
    }
    pub fn unmap(_start: usize, _len: usize) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

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
        store.store().iter().map(|run| run.len).sum()
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
        for step in 0..300 {
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
        let runs = store.store().clone();
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

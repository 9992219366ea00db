//! What the system knows of pages, for the allocator of the command (`cli::allocator`). Addresses and lengths are multiples of its
//! blocks.

#![allow(unsafe_code)]

/// A huge page where they are most common. New mappings begin at one.
pub const HUGE: usize = 2 << 20;

/// Whether memory is mapped here at all; elsewhere no block is large.
pub const MAPS_MEMORY: bool = cfg!(target_os = "linux");

#[cfg(test)]
thread_local! {
    /// Whether the system refuses to move pages, as it may.
    pub static MOVES_FAIL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

#[cfg(target_os = "linux")]
pub use linux::{map, move_to, restore, unmap};

#[cfg(target_os = "linux")]
mod linux {
    use libc::{c_int, c_void, madvise, mmap, mremap, munmap};

    use super::HUGE;

    const ACCESS: c_int = libc::PROT_READ | libc::PROT_WRITE;
    const KIND: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

    /// Maps `len` zero bytes at a multiple of [`HUGE`], on huge pages where the system allows.
    pub fn map(len: usize) -> Option<usize> {
        let room = len.checked_add(HUGE)?;
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let found = unsafe { mmap(std::ptr::null_mut(), room, ACCESS, KIND, -1, 0) };
        if found == libc::MAP_FAILED {
            return None;
        }
        let found = found as usize;
        let start = found.next_multiple_of(HUGE);
        unmap(found, start - found);
        unmap(start + len, found + room - start - len);
        advise_huge(start, len);
        Some(start)
    }

    /// Moves the pages of `from`, all of one mapping, to the address `to`, where `len` bytes are mapped that nobody uses yet. Where
    /// that fails the pages are where they were, and nothing may be mapped at `to` any more: older kernels unmap it first.
    pub fn move_to(from: usize, len: usize, to: usize) -> bool {
        #[cfg(test)]
        if super::MOVES_FAIL.get() {
            unmap(to, len);
            return false;
        }
        let how = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        // SAFETY: the caller owns both ranges, and nothing refers to either: free pages on their way to the next block.
        let moved = unsafe { mremap(from as *mut c_void, len, len, how, to as *mut c_void) };
        moved != libc::MAP_FAILED
    }

    /// Maps `len` zero bytes at `at`, where a move may have left nothing, whether anything is left of the old mapping or not. Never
    /// replaces what another thread has mapped there meanwhile: fails then.
    pub fn restore(at: usize, len: usize) -> bool {
        let kind = KIND | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: does not replace what exists; kernels that do not know the flag take the address as a wish.
        let found = unsafe { mmap(at as *mut c_void, len, ACCESS, kind, -1, 0) };
        if found as usize == at {
            advise_huge(at, len);
            return true;
        }
        if found != libc::MAP_FAILED {
            unmap(found as usize, len);
        }
        false
    }

    /// Gives `len` bytes back to the system.
    pub fn unmap(start: usize, len: usize) {
        if len > 0 {
            // SAFETY: the caller owns the range, and nothing refers to it. Failure leaves it mapped and unused.
            unsafe { munmap(start as *mut c_void, len) };
        }
    }

    fn advise_huge(start: usize, len: usize) {
        // SAFETY: advice on a mapping that was just made; it changes neither contents nor access.
        unsafe { madvise(start as *mut c_void, len, libc::MADV_HUGEPAGE) };
    }
}

/// Elsewhere no block is large, so nobody calls these.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    pub fn map(_len: usize) -> Option<usize> {
        None
    }
    pub fn move_to(_from: usize, _len: usize, _to: usize) -> bool {
        false
    }
    pub fn restore(_at: usize, _len: usize) -> bool {
        false
    }
    pub fn unmap(_start: usize, _len: usize) {}
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{map, move_to, restore, unmap};

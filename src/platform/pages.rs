//! What the system knows of pages, for the allocator of the command (`cli::allocator`). Addresses and lengths are multiples of its
//! blocks.

#![allow(unsafe_code)]

/// A huge page where they are most common. New mappings begin at one. Miri is slow, so what it looks at is small.
pub const HUGE: usize = if cfg!(miri) { 256 << 10 } else { 2 << 20 };

/// Whether memory is mapped here at all; elsewhere no block is large.
pub const MAPS_MEMORY: bool = cfg!(target_os = "linux");

#[cfg(test)]
thread_local! {
    /// Whether the system refuses to move pages, as it may.
    pub static MOVES_FAIL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

#[cfg(all(target_os = "linux", not(miri)))]
pub use linux::{map, move_to, restore, spill_to, unmap};

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use std::fs::File;
    use std::os::fd::IntoRawFd;
    use std::sync::atomic::{AtomicI32, AtomicI64, Ordering::Relaxed};

    use libc::{c_int, c_void, fallocate, madvise, mmap, mremap, munmap};

    use super::HUGE;

    const ACCESS: c_int = libc::PROT_READ | libc::PROT_WRITE;
    const KIND: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

    /// The file that new mappings are parts of; -1 for none.
    static SPILL: AtomicI32 = AtomicI32::new(-1);
    /// Bytes of that file that are parts of mappings.
    static SPILLED: AtomicI64 = AtomicI64::new(0);

    /// From now on new mappings are parts of `file`, which is empty and stays open to the end. The system can write them out and take
    /// their memory back. Room for `reserve` bytes is taken on the disk at once.
    ///
    /// # Errors
    /// When the disk has not so much room.
    pub fn spill_to(file: File, reserve: u64) -> std::io::Result<()> {
        let length = i64::try_from(reserve).map_err(std::io::Error::other)?;
        if length > 0 {
            let flags = rustix::fs::FallocateFlags::empty();
            rustix::fs::fallocate(&file, flags, 0, reserve)?;
        }
        SPILL.store(file.into_raw_fd(), Relaxed);
        Ok(())
    }

    /// The next `len` bytes of the file, mapped anywhere. `None` without a file, or when its disk is full: a page without room on the
    /// disk would end the process when it is written to.
    fn map_file(len: usize) -> Option<usize> {
        let file = SPILL.load(Relaxed);
        let length = i64::try_from(len).ok()?;
        if file < 0 {
            return None;
        }
        let offset = SPILLED.fetch_add(length, Relaxed);
        // SAFETY: the file is open to the end of the process; a number is all that the call takes.
        if unsafe { fallocate(file, 0, offset, length) } != 0 {
            return None;
        }
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists. This part of the file is in no
        // other mapping.
        let found = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                ACCESS,
                libc::MAP_SHARED,
                file,
                offset,
            )
        };
        if found == libc::MAP_FAILED {
            return None;
        }
        // Columns are mostly read here and there: what lies around a page would only push others out.
        // SAFETY: advice on a mapping that was just made; it changes neither contents nor access.
        unsafe { madvise(found, len, libc::MADV_RANDOM) };
        Some(found as usize)
    }

    fn map_memory(len: usize) -> Option<usize> {
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let found = unsafe { mmap(std::ptr::null_mut(), len, ACCESS, KIND, -1, 0) };
        (found != libc::MAP_FAILED).then_some(found as usize)
    }

    /// Maps `len` zero bytes at a multiple of [`HUGE`], on huge pages where the system allows. Not in a file: there each look at a page
    /// that was written out would read a huge one, and each change would write one.
    pub fn map(len: usize) -> Option<usize> {
        let room = len.checked_add(HUGE)?;
        let in_file = map_file(room);
        let found = in_file.or_else(|| map_memory(room))?;
        let start = found.next_multiple_of(HUGE);
        unmap(found, start - found);
        unmap(start + len, found + room - start - len);
        if in_file.is_none() {
            advise_huge(start, len);
        }
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

/// For Miri, which knows no mappings: memory of the system's allocator, which stays when it is unmapped.
#[cfg(all(target_os = "linux", miri))]
mod simulated {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::ptr::{with_exposed_provenance as read, with_exposed_provenance_mut as write};

    use super::HUGE;

    pub fn map(len: usize) -> Option<usize> {
        let layout = Layout::from_size_align(len, HUGE).ok()?;
        // SAFETY: no block of the store has no bytes.
        let block = unsafe { System.alloc_zeroed(layout) };
        (!block.is_null()).then(|| block.expose_provenance())
    }

    pub fn move_to(from: usize, len: usize, to: usize) -> bool {
        #[cfg(test)]
        if super::MOVES_FAIL.get() {
            return false;
        }
        // SAFETY: the caller owns both ranges, which are apart.
        unsafe { write::<u8>(to).copy_from_nonoverlapping(read::<u8>(from), len) };
        true
    }

    pub fn restore(at: usize, len: usize) -> bool {
        // SAFETY: nobody uses what is there.
        unsafe { write::<u8>(at).write_bytes(0, len) };
        true
    }

    pub fn unmap(_start: usize, _len: usize) {}

    pub fn spill_to(_file: std::fs::File, _reserve: u64) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(target_os = "linux", miri))]
pub use simulated::{map, move_to, restore, spill_to, unmap};

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

/// Elsewhere the system's allocator has everything, and a dump that does not fit is refused.
#[cfg(not(target_os = "linux"))]
pub fn spill_to(_file: std::fs::File, _reserve: u64) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{map, move_to, restore, unmap};

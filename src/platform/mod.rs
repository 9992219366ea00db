//! What differs between operating systems: the only place that asks which one it is, besides [`crate::collect`], which is for Linux only.
//!
//! | | Linux | macOS | Windows |
//! | --- | --- | --- | --- |
//! | the file of a dump | mapped | mapped | read into memory or a temporary file ([`MAPS_FILES`]) |
//! | a mapped file that is cut short | one line, code 1 ([`guard_mappings`]) | the same | cannot happen: nothing of the user's is mapped |
//! | pages of the dump that were read | given back ([`give_back`]) | given back | stay resident as long as there is room |
//! | FIFOs | waited for | waited for | read like a file |
//! | free space of the disk | looked at while unpacking | the same | not looked at: a full disk is an error when it is full |
//! | memory that is left, time and memory of a phase | `/proc`, cgroups | not known: see [`crate::input::limits`] | not known |
//! | large freed blocks | kept for the next phase ([`pages`]) | the system's allocator | the system's allocator |

pub(crate) mod pages;
pub(crate) mod usage;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as here;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(not(unix))]
use elsewhere as here;

pub use here::guard::install as guard_mappings;
pub(crate) use here::{
    MAPS_FILES, advise_sequential, disk_space, fifo, forget_mapping, give_back, guard_mapping,
    is_link_loop, is_memory, like_any_new_file, name_file, owner_only, read_at, same_file, signals,
    stdin_file, unnamed_file,
};

use std::time::Duration;

/// How long a FIFO without a writer is waited for: someone may be starting it, but a run must not hang for ever.
pub(crate) const WRITER_WAIT: Duration = Duration::from_secs(5);

/// Whether every terminal takes the escape sequences of xterm. Old consoles of Windows show them instead.
pub(crate) const TERMINALS_LIKE_XTERM: bool = cfg!(unix);

/// A disk: what a user may still write, and all of it, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DiskSpace {
    pub free: u64,
    pub total: u64,
}

/// What came of opening a path that may be a FIFO.
#[cfg_attr(not(unix), allow(dead_code))]
pub(crate) enum Fifo {
    /// It is something else.
    Other,
    /// Nobody opened it for writing within [`WRITER_WAIT`].
    NoWriter,
    /// Opened, with the byte that was read while waiting, if there was one.
    Open(std::fs::File, Option<u8>),
}

/// Keeps glibc from raising the size from which on it maps blocks of their own. It does so when such blocks are freed, and
/// then keeps the memory of finished phases where nothing else fits into it.
///
/// Call it first in `main`, before there are other threads.
#[allow(unsafe_code)]
pub fn give_back_middling_blocks() {
    /// Blocks of at least this many bytes are mapped by the C library, and unmapped when they are freed.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    const MAPPED_FROM: libc::c_int = 128 << 10;
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a number inside the allocator, which takes its own lock; no memory of ours is involved.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM);
    }
}

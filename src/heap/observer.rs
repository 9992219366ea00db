//! How a caller watches the passes.

use crate::phase::Phase;

/// Watches the work. All methods may be called from several threads.
pub trait Observer: Sync {
    /// A phase begins that reads `bytes` bytes of the dump, 0 where it does not.
    fn phase(&self, _phase: Phase, _bytes: u64) {}
    /// The current phase has read file offsets `start..end` and will not come back to them.
    fn read(&self, _start: usize, _end: usize) {}
}

/// The file behind the bytes of a dump.
pub trait Pages: Sync {
    /// The bytes `range` will not be read soon: memory that only mirrors the file may be given back.
    fn release(&self, range: std::ops::Range<usize>);
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {}

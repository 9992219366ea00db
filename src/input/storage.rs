//! Where the bytes of a dump lie: in a mapping or in memory.

use std::ops::Range;

use super::mapping::Mapping;

/// One contiguous run of bytes.
#[derive(Debug)]
pub(super) enum Storage {
    /// A file of the user, or an unlinked temporary file of this program.
    Mapped(Mapping),
    /// Anonymous memory.
    Memory(Vec<u8>),
}

impl Storage {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Mapped(mapping) => mapping.as_slice(),
            Self::Memory(bytes) => bytes,
        }
    }

    /// Bytes of anonymous memory held.
    pub(super) fn memory_bytes(&self) -> u64 {
        match self {
            Self::Mapped(_) => 0,
            Self::Memory(bytes) => bytes.capacity() as u64,
        }
    }

    pub(super) fn advise_sequential(&self) {
        if let Self::Mapped(mapping) = self {
            mapping.advise_sequential();
        }
    }

    pub(super) fn release(&self, range: Range<usize>) {
        if let Self::Mapped(mapping) = self {
            mapping.release(range);
        }
    }
}

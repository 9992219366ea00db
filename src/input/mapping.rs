//! A read-only mapping of a file, the only place where files are mapped.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::Mmap;

use crate::platform;

/// The bytes of a file, mapped read-only and shared.
///
/// # Contract
///
/// A `&[u8]` over a mapping is only sound while nobody changes the file. Nothing in the operating system can promise that
/// for a file of the user, so the promise is weakened in three steps: the reader treats every byte as untrusted and checks
/// each length against the slice (a byte that changes between two reads can give a wrong number, never a wild access);
/// the size and time of the file are compared before and after ([`super::Input::check_unchanged`]); and a page that is gone because
/// the file was cut short ends the process with one clear line where [`platform::guard_mappings`] was called.
/// `OpenOptions::no_mmap` reads instead. Temporary files of this program are unlinked: nobody else can reach them.
#[derive(Debug)]
pub(super) struct Mapping {
    map: Mmap,
}

impl Mapping {
    /// Maps the whole of `file`. A file of 0 bytes cannot be mapped and is an error.
    #[allow(unsafe_code)]
    pub(super) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: see the contract of the type: read-only, checked accesses, changes are detected and reported.
        let map = unsafe { Mmap::map(file)? };
        platform::guard_mapping(map.as_ptr() as usize, map.len());
        Ok(Self { map })
    }

    /// The mapped bytes.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.map
    }

    /// Tells the system to read ahead.
    pub(super) fn advise_sequential(&self) {
        platform::advise_sequential(&self.map);
    }

    /// Gives the whole pages inside `range` (bytes of the mapping) back to the system; they are read from the file again
    /// when they are touched again.
    pub(super) fn release(&self, range: Range<usize>) {
        platform::give_back(&self.map, range.start, range.end);
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        platform::forget_mapping(self.map.as_ptr() as usize);
    }
}

//! A read-only mapping of a file, the only place where files are mapped.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::{Advice, Mmap, UncheckedAdvice};

/// The bytes of a file, mapped read-only and shared.
///
/// # Contract
///
/// A `&[u8]` over a mapping is only sound while nobody changes the file. Nothing in the operating system can promise that
/// for a file of the user, so the promise is weakened in three steps: the reader treats every byte as untrusted and checks
/// each length against the slice (a byte that changes between two reads can give a wrong number, never a wild access);
/// the size and time of the file are compared before and after ([`super::Input::check_unchanged`]); and a page that is gone because
/// the file was cut short ends the process with one clear line where [`super::sigbus::install`] was called.
/// `OpenOptions::no_mmap` reads instead. Temporary files of this program are unlinked: nobody else can reach them.
#[derive(Debug)]
pub(super) struct Mapping {
    map: Mmap,
}

impl Mapping {
    /// Maps the whole of `file`. A file of 0 bytes cannot be mapped and is an error.
    #[allow(unsafe_code)]
    pub(super) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: see the contract of the type: read-only, checked accesses, changes are detected and told.
        let map = unsafe { Mmap::map(file)? };
        super::sigbus::register(map.as_ptr() as usize, map.len());
        Ok(Self { map })
    }

    /// The mapped bytes.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.map
    }

    /// Tells the kernel to read ahead. A refusal only costs speed, so it is not reported.
    pub(super) fn advise_sequential(&self) {
        let _ = self.map.advise(Advice::Sequential);
    }

    /// Gives the whole pages inside `range` (bytes of the mapping) back to the kernel; they are read from the file again
    /// when they are touched again.
    #[allow(unsafe_code)]
    pub(super) fn release(&self, range: Range<usize>) {
        let page = rustix::param::page_size();
        let start = range.start.min(self.map.len()).next_multiple_of(page);
        // The last page of a file is rarely whole: it may go when the range reaches the end.
        let end = if range.end >= self.map.len() {
            self.map.len()
        } else {
            range.end / page * page
        };
        if start >= end {
            return;
        }
        // SAFETY: MADV_DONTNEED loses data in anonymous or privately written pages. This mapping is shared, backed by a
        // file and never written, so the next access reads the same bytes from the file again.
        let _ = unsafe {
            self.map
                .unchecked_advise_range(UncheckedAdvice::DontNeed, start, end - start)
        };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        super::sigbus::unregister(self.map.as_ptr() as usize);
    }
}

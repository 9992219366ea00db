//! What an analysis will take, known after the first pass: memory in bytes, and about how long.

use std::time::Duration;

use super::scan::Scan;

/// While the dominator tree is numbered, in bytes an object (see "Memory" in [`crate::graph`]), with what lies between columns.
const NUMBERING: u64 = 27;
/// While the core graph is built, in bytes an object.
const CORE: u64 = 15;
/// The same an element of an array of references: 20 for a reference beyond the first to its object (8 while it is written
/// down, 12 as rows of the core graph). The small benchmark dump keeps about 4 of 10 elements that way, a Spark driver's far fewer.
const CORE_ELEMENT: u64 = 8;
/// A class: its dump, names and fields, and what the report counts by class.
const CLASS: u64 = 1200;
/// While references are read, in bytes an object: its first referrer and its class, which each reference to it looks up.
const LOOKED_UP: u64 = 8;
/// The bitmap of addresses, in bytes a possible address: one word of 8 bytes covers 32.
const SLOTS_PER_BYTE: u64 = 4;
/// Stacks, buffers, and what small heaps take for each object more than large ones.
const FIXED: u64 = 32 << 20;
/// Processor time an object and a byte of the dump, in nanoseconds, fitted to the two generated benchmark dumps with the file in memory.
const NANOS_PER_OBJECT: u64 = 190;
/// The same a kibibyte of the dump.
const NANOS_PER_KIB: u64 = 600;

/// What the first pass tells of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Peak of anonymous memory in bytes. Pages of the mapped file are not in it: the system takes those back.
    pub bytes: u64,
    /// Bytes of tables that the references of the dump look up here and there. They have to be in memory, wherever tables lie: each
    /// look-up would read a page of the disk otherwise.
    pub resident: u64,
    /// Processor time that all threads together take.
    pub processor_time: Duration,
    /// Objects in the dump, class objects included.
    pub objects: u64,
    /// Bytes of heap records in the dump.
    pub heap_bytes: u64,
}

impl Need {
    /// From the numbers of the first pass over `heap_bytes` bytes.
    pub(crate) fn of(scan: &Scan, heap_bytes: u64) -> Need {
        let objects = scan.objects();
        let span = scan.space.possible().min(objects.saturating_mul(64));
        let numbering = objects.saturating_mul(NUMBERING);
        let core = objects
            .saturating_mul(CORE)
            .saturating_add(scan.elements.saturating_mul(CORE_ELEMENT));
        let beside = (span / SLOTS_PER_BYTE)
            .saturating_add((scan.class_dumps.len() as u64).saturating_mul(CLASS));
        let bytes = numbering
            .max(core)
            .saturating_add(beside)
            .saturating_add(FIXED);
        let resident = objects.saturating_mul(LOOKED_UP).saturating_add(beside);
        let nanos = objects
            .saturating_mul(NANOS_PER_OBJECT)
            .saturating_add((heap_bytes >> 10).saturating_mul(NANOS_PER_KIB));
        Need {
            bytes,
            resident,
            processor_time: Duration::from_nanos(nanos),
            objects,
            heap_bytes,
        }
    }

    /// The least memory, in bytes, with tables in a file: what is looked up here and there, and what never lies in the file, which is little in
    /// small heaps.
    pub fn least(&self) -> u64 {
        let least = self.resident.saturating_add(FIXED.min(self.resident / 2));
        least.min(self.bytes)
    }

    /// About how long the analysis takes on `threads` threads, the file being in memory. A third of the work is one
    /// thread's.
    pub fn wall_time(&self, threads: usize) -> Duration {
        let third = self.processor_time / 3;
        let threads = u32::try_from(threads.clamp(1, 8)).unwrap_or(1);
        third + third * 2 / threads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::address_index::AddressSpace;

    /// What a dump of `objects` objects needs that lie side by side and have no classes.
    // Columns of a scan are private to it.
    #[allow(clippy::field_reassign_with_default)]
    fn need(objects: u64) -> Need {
        let mut space = AddressSpace::EMPTY;
        space.add(8);
        space.add(objects.saturating_mul(24) / 8 * 8);
        let mut scan = Scan::default();
        scan.instances = objects;
        scan.space = space;
        Need::of(&scan, objects.saturating_mul(40))
    }

    /// Half of the memory is enough with tables in a file, a quarter is not, where tables are most of what is needed.
    #[test]
    fn half_of_the_memory_is_enough_and_a_quarter_is_not() {
        for objects in [9_000_000, 53_000_000, u64::from(u32::MAX) - 2] {
            let need = need(objects);
            assert!(need.least() <= need.bytes / 2, "{need:?}");
            assert!(need.least() > need.bytes / 4, "{need:?}");
        }
    }

    /// What no file can have does not overflow, and is never more than without a file.
    #[test]
    fn the_least_is_never_more_than_all() {
        for objects in [0, 1, 1000, 1 << 20, u64::MAX / 8, u64::MAX] {
            let need = need(objects);
            assert!(need.resident <= need.least(), "{need:?}");
            assert!(need.least() <= need.bytes, "{need:?}");
        }
    }
}

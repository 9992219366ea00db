//! The heaps of an Android dump. What lies in the zygote's heap or in the boot image was there before the application
//! started and is shared between processes: it is not the application's doing.

use super::snapshot::{ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, SubRecords};

/// The heaps that Android tells apart (ART, `hprof.cc`: `HprofHeapId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeapKind {
    /// 0: no heap was named.
    Default,
    /// 65, 'A': the application's own.
    App,
    /// 73, 'I': the boot image, mapped from a file.
    Image,
    /// 90, 'Z': what was allocated before the application was forked off.
    Zygote,
    /// Another number.
    Other(u32),
}

impl HeapKind {
    /// The heap with number `id`.
    pub fn from_id(id: u32) -> HeapKind {
        match id {
            0 => HeapKind::Default,
            65 => HeapKind::App,
            73 => HeapKind::Image,
            90 => HeapKind::Zygote,
            other => HeapKind::Other(other),
        }
    }

    /// Whether its objects were there before the application, so that they are not to be blamed on it.
    pub fn is_preloaded(self) -> bool {
        matches!(self, HeapKind::Image | HeapKind::Zygote)
    }
}

/// Which part of the file holds which heap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heaps {
    /// (file offset from which on it counts, heap), ascending.
    starts: Vec<(u64, HeapKind)>,
}

impl Heaps {
    /// From the HEAP_DUMP_INFO sub-records in file order: (file offset, number of the heap, identifier of its name).
    pub fn new(infos: &[(u64, u32, u64)]) -> Heaps {
        let mut starts: Vec<(u64, HeapKind)> = infos
            .iter()
            .map(|&(offset, id, _)| (offset, HeapKind::from_id(id)))
            .collect();
        starts.sort_by_key(|&(offset, _)| offset);
        starts.dedup_by_key(|&mut (_, heap)| heap);
        Heaps { starts }
    }

    /// Whether the dump names no heaps: every dump but Android's.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The heap of what lies at file offset `offset`.
    pub fn at(&self, offset: u64) -> HeapKind {
        let after = self.starts.partition_point(|&(start, _)| start <= offset);
        after
            .checked_sub(1)
            .map_or(HeapKind::Default, |i| self.starts[i].1)
    }
}

impl Snapshot<'_> {
    /// The heaps of the dump.
    pub fn heaps(&self) -> &Heaps {
        &self.heaps
    }

    /// The heap that `object` is in; `None` where the dump names no heaps.
    pub fn heap_of(&self, object: ObjectIndex) -> Option<HeapKind> {
        if self.heaps.is_empty() {
            return None;
        }
        let address = self.address(object);
        let block = self.blocks.find(object, address)?;
        let (start, end) = (block.start as usize, block.end as usize);
        let mut records = SubRecords::new(self.bytes, start, end, self.header.id_size);
        loop {
            let offset = records.position() as u64;
            match records.next().ok()?? {
                SubRecord::Instance { id, .. }
                | SubRecord::ObjectArray { id, .. }
                | SubRecord::PrimitiveArray { id, .. }
                | SubRecord::Class { id, .. }
                    if id == address =>
                {
                    return Some(self.heaps.at(offset));
                }
                _ => {}
            }
        }
    }
}

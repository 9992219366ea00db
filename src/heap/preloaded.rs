//! Which heap of an Android dump each object is in, and what an object retains without what was there before the application.

use super::address_index::ObjectIndex;
use super::heaps::{HeapKind, Heaps, Members};
use super::snapshot::Snapshot;
use super::totals::Totals;
use crate::hprof::{SubRecord, SubRecords};

impl Snapshot<'_> {
    /// The heaps of the dump.
    pub fn heaps(&self) -> &Heaps {
        &self.heaps
    }

    /// The heap that `object` is in; `None` where the dump names no heaps.
    pub fn heap_of(&self, object: ObjectIndex) -> Option<HeapKind> {
        self.members()?.heaps.get(object as usize).copied()
    }

    /// All objects of the dump by heap, ordered by heap; empty where the dump names no heaps.
    pub fn heap_totals(&self) -> Vec<(HeapKind, Totals)> {
        let mut totals = std::collections::BTreeMap::<HeapKind, Totals>::new();
        let members = self.members().map_or(&[][..], |members| &members.heaps);
        for (object, &heap) in members.iter().enumerate() {
            let bytes = self.shallow(object as ObjectIndex);
            totals.entry(heap).or_default().add(bytes);
        }
        totals.into_iter().collect()
    }

    /// What `object` retains, without what was there before the application: all of it but in Android's dumps.
    pub fn retained_by_application(&self, object: ObjectIndex) -> u64 {
        self.retained(object)
            .saturating_sub(self.preloaded(object).bytes)
    }

    /// The same for the object at `position` in preorder.
    pub fn retained_by_application_at(&self, position: usize) -> u64 {
        let preloaded = match self.heaps.is_empty() {
            true => 0,
            false => self.preloaded(self.at(position).0).bytes,
        };
        self.retained_at(position).saturating_sub(preloaded)
    }

    /// The number of objects in [`Snapshot::retained_by_application_at`].
    pub fn application_objects_at(&self, position: usize) -> u64 {
        let preloaded = match self.heaps.is_empty() {
            true => 0,
            false => self.preloaded(self.at(position).0).objects,
        };
        let objects = self.end_at(position) - position;
        (objects as u64).saturating_sub(preloaded)
    }

    /// Whether `object` was there before the application.
    pub fn is_preloaded(&self, object: ObjectIndex) -> bool {
        self.heap_of(object).is_some_and(HeapKind::is_preloaded)
    }

    fn preloaded(&self, object: ObjectIndex) -> Totals {
        let members = self.members();
        members.map_or_else(Totals::default, |members| {
            members.preloaded[object as usize]
        })
    }

    fn members(&self) -> Option<&Members> {
        let read = || {
            let heaps = self.read_heaps();
            Members {
                preloaded: self.sum_preloaded(&heaps),
                heaps,
            }
        };
        (!self.heaps.is_empty()).then(|| self.heaps.members.get_or_init(read))
    }

    /// The heap of every object: that of the last HEAP_DUMP_INFO before it in its segment. A segment begins in the default
    /// heap (`hprof.cc`, `StartNewHeapDumpSegment`).
    fn read_heaps(&self) -> Vec<HeapKind> {
        let mut heaps: Vec<Option<HeapKind>> = vec![None; self.len()];
        for &(start, end) in &self.container.segments {
            let mut heap = HeapKind::Default;
            let mut records = SubRecords::new(self.bytes, start, end, self.header.id_size);
            while let Ok(Some(record)) = records.next() {
                let id = match record {
                    SubRecord::HeapInfo { heap_id, .. } => {
                        heap = HeapKind::from_id(heap_id);
                        continue;
                    }
                    SubRecord::Instance { id, .. }
                    | SubRecord::ObjectArray { id, .. }
                    | SubRecord::PrimitiveArray { id, .. }
                    | SubRecord::Class { id, .. } => id,
                    SubRecord::Root(_) => continue,
                };
                if let Some(object) = self.index.find(id) {
                    // Of two records for one object the first counts, as everywhere.
                    heaps[object as usize].get_or_insert(heap);
                }
            }
        }
        heaps.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Sums the preloaded objects up the dominator tree: children come after their parent in its preorder.
    fn sum_preloaded(&self, heaps: &[HeapKind]) -> Vec<Totals> {
        let mut sums = vec![Totals::default(); heaps.len()];
        for position in (0..self.tree.len()).rev() {
            let object = self.tree.node(position);
            let sum = &mut sums[object as usize];
            if heaps[object as usize].is_preloaded() {
                sum.add(self.shallow(object));
            }
            let sum = *sum;
            if let Some(above) = self.dominator(object) {
                let above = &mut sums[above as usize];
                *above = above.join(sum);
            }
        }
        sums
    }
}

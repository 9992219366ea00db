//! Which label each object hangs on: the field through which its immediate dominator refers to it. One pass over the dump.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use rayon::prelude::*;

use super::labels::{LabelId, Labels, PASS, Plan};
use crate::graph::zeroed;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, SubRecords};

/// Blocks that one task reads.
const BLOCKS_PER_TASK: usize = 128;

/// Labels by position in the dominator tree: 0 where the dominator does not refer to the object through a field with a label.
pub(super) struct Links(Vec<AtomicU16>);

impl Links {
    /// Reads all objects of the application and of libraries, and all static fields.
    pub fn new(snapshot: &Snapshot<'_>, labels: &Labels) -> Links {
        let links = Links(zeroed(snapshot.len()));
        let blocks = snapshot.blocks.all();
        blocks.par_chunks(BLOCKS_PER_TASK).for_each(|blocks| {
            for block in blocks {
                links.read(snapshot, labels, (block.start as usize, block.end as usize));
            }
            if let (Some(first), Some(last)) = (blocks.first(), blocks.last()) {
                snapshot.release(first.start as usize..last.end as usize);
            }
        });
        for (index, class) in snapshot.classes().iter() {
            let Some(from) = snapshot.class_object(index) else {
                continue;
            };
            for field in &class.dump.statics {
                let label = labels.of_static(index, field.name_id);
                let target = field.value.reference().and_then(|id| snapshot.find(id));
                if let (Some(label), Some(target)) = (label, target) {
                    links.note(snapshot, from, target, label);
                }
            }
        }
        for (&object, &label) in &labels.objects {
            if let Some(position) = snapshot.position(object) {
                links.0[position].store(label, Relaxed);
            }
        }
        links
    }

    /// The label at `position`; 0 for none, [`PASS`] for what belongs to whoever keeps its dominator.
    #[inline(always)]
    pub fn at(&self, position: usize) -> LabelId {
        self.0[position].load(Relaxed)
    }

    /// Hangs the object at `position` on `label`.
    pub fn set(&self, position: usize, label: LabelId) {
        self.0[position].store(label, Relaxed);
    }

    fn read(&self, snapshot: &Snapshot<'_>, labels: &Labels, (start, end): (usize, usize)) {
        let mut records = SubRecords::new(snapshot.bytes, start, end, snapshot.header.id_size);
        while let Ok(Some(record)) = records.next() {
            let SubRecord::Instance { id, class_id, data } = record else {
                continue;
            };
            let class = snapshot.classes.find(class_id);
            let plan = class.and_then(|class| labels.plans[class.0 as usize].as_ref());
            if let (Some(plan), Some(from)) = (plan, snapshot.find(id)) {
                self.read_instance(snapshot, plan, from, data);
            }
        }
    }

    fn read_instance(&self, snapshot: &Snapshot<'_>, plan: &Plan, from: ObjectIndex, data: &[u8]) {
        let id_size = snapshot.header.id_size;
        for &(offset, label, declaring) in plan {
            let offset = offset as usize;
            let Some(bytes) = data.get(offset..offset + id_size.bytes()) else {
                return;
            };
            let id = id_size.read(bytes);
            let Some(target) = snapshot.find(id).filter(|_| id != 0) else {
                continue;
            };
            // The next one of a list, the parent of a node: part of the same structure.
            let label = match is_of(snapshot, target, declaring) {
                true => PASS,
                false => label,
            };
            self.note(snapshot, from, target, label);
        }
    }

    /// Of several labels the first by name counts.
    fn note(&self, snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex, label: LabelId) {
        if snapshot.dominator(to) != Some(from) {
            return;
        }
        if let Some(position) = snapshot.position(to) {
            let known = self.0[position].load(Relaxed);
            if known == 0 || label < known {
                self.0[position].store(label, Relaxed);
            }
        }
    }
}

/// Whether `object` is of `class` or of a class that extends it.
pub(super) fn is_of(snapshot: &Snapshot<'_>, object: ObjectIndex, class: ClassIndex) -> bool {
    let mut at = Some(snapshot.class_of(object));
    for _ in 0..64 {
        match at {
            Some(here) if here == class => return true,
            Some(here) => at = snapshot.classes().get(here).super_class,
            None => return false,
        }
    }
    false
}

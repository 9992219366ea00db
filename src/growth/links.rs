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
        let id_size = snapshot.header.id_size;
        let mut records = SubRecords::new(snapshot.bytes, start, end, id_size);
        let mut last: (u64, Option<&Plan>) = (0, None);
        let mut batch = Batch::default();
        while let Ok(Some(record)) = records.next() {
            let SubRecord::Instance { id, class_id, data } = record else {
                continue;
            };
            if last.0 != class_id {
                let class = snapshot.classes.find(class_id);
                let plan = class.and_then(|class| labels.plans[class.0 as usize].as_ref());
                last = (class_id, plan);
            }
            let Some(plan) = last.1 else {
                continue;
            };
            let Some(from) = snapshot.find(id) else {
                continue;
            };
            // What dominates nothing keeps nothing.
            let Some(below) = below(snapshot, from) else {
                continue;
            };
            for &(offset, label, declaring) in plan {
                let offset = offset as usize;
                let Some(bytes) = data.get(offset..offset + id_size.bytes()) else {
                    break;
                };
                let to = id_size.read(bytes);
                if to == 0 {
                    continue;
                }
                batch.push(Reference {
                    from,
                    below,
                    to,
                    label,
                    declaring,
                });
                if batch.is_full() {
                    self.note_all(snapshot, &mut batch);
                }
            }
        }
        self.note_all(snapshot, &mut batch);
    }

    /// Notes the references of a batch. Their look-ups do not wait for each other.
    #[inline(never)]
    fn note_all(&self, snapshot: &Snapshot<'_>, batch: &mut Batch) {
        const NOWHERE: (ObjectIndex, usize) = (0, usize::MAX);
        let mut found = [NOWHERE; BATCH];
        for (found, reference) in found.iter_mut().zip(&batch.0) {
            found.0 = snapshot.find(reference.to).unwrap_or(ObjectIndex::MAX);
        }
        for (found, reference) in found.iter_mut().zip(&batch.0) {
            if found.0 != ObjectIndex::MAX
                && let Some(position) = snapshot.position(found.0)
                && position > reference.below.0 as usize
                && position < reference.below.1 as usize
            {
                found.1 = position;
            }
        }
        for (&(to, position), reference) in found.iter().zip(&batch.0) {
            if position == usize::MAX || snapshot.dominator(to) != Some(reference.from) {
                continue;
            }
            // The next one of a list, the parent of a node: part of the same structure.
            let label = match is_of(snapshot, to, reference.declaring) {
                true => PASS,
                false => reference.label,
            };
            self.note_at(position, label);
        }
        batch.0.clear();
    }

    fn note(&self, snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex, label: LabelId) {
        if snapshot.dominator(to) != Some(from) {
            return;
        }
        if let Some(position) = snapshot.position(to) {
            self.note_at(position, label);
        }
    }

    /// Of several labels the first by name counts.
    fn note_at(&self, position: usize, label: LabelId) {
        let known = self.0[position].load(Relaxed);
        if known == 0 || label < known {
            self.0[position].store(label, Relaxed);
        }
    }
}

/// References that are looked up together.
const BATCH: usize = 64;

/// One reference of an object through a field.
struct Reference {
    from: ObjectIndex,
    /// The position of `from`, and the one after all that it dominates.
    below: (u32, u32),
    /// The identifier of what is referred to.
    to: u64,
    label: LabelId,
    /// The class that declares the field.
    declaring: ClassIndex,
}

/// Up to [`BATCH`] references.
struct Batch(Vec<Reference>);

impl Default for Batch {
    fn default() -> Batch {
        Batch(Vec::with_capacity(BATCH))
    }
}

impl Batch {
    fn push(&mut self, reference: Reference) {
        self.0.push(reference);
    }

    fn is_full(&self) -> bool {
        self.0.len() == BATCH
    }
}

/// The position of `object`, and the one after all that it dominates; `None` where that is nothing.
#[inline]
fn below(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<(u32, u32)> {
    let position = snapshot.position(object)?;
    let end = snapshot.end_at(position);
    (end > position + 1).then_some((position as u32, end as u32))
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

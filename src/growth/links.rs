//! Which label each object hangs on: the field through which its immediate dominator refers to it.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use super::labels::{LabelId, Labels, PASS};
use crate::graph::zeroed;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Labels by position in the dominator tree: 0 where the dominator does not refer to the object through a field with a label.
pub(super) struct Links(Vec<AtomicU16>);

impl Links {
    /// What static fields refer to.
    pub fn new(snapshot: &Snapshot<'_>, labels: &Labels) -> Links {
        let links = Links(zeroed(snapshot.len()));
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
        links
    }

    /// Gives threads, and what they keep in thread-locals, the labels that they have by what they are, whoever else refers to them.
    pub fn note_objects(&self, snapshot: &Snapshot<'_>, labels: &Labels) {
        for (&object, &label) in &labels.objects {
            if let Some(position) = snapshot.position(object) {
                self.0[position].store(label, Relaxed);
            }
        }
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

    /// Notes the references of a batch. Their look-ups do not wait for each other.
    #[inline(never)]
    pub fn note_all(&self, snapshot: &Snapshot<'_>, batch: &mut Batch) {
        const NOWHERE: ObjectIndex = ObjectIndex::MAX;
        let mut found = [NOWHERE; BATCH];
        for (found, reference) in found.iter_mut().zip(&batch.0) {
            *found = snapshot.find(reference.to).unwrap_or(NOWHERE);
        }
        for (found, reference) in found.iter_mut().zip(&batch.0) {
            if *found != NOWHERE && snapshot.dominator(*found) != Some(reference.from) {
                *found = NOWHERE;
            }
        }
        for (&to, reference) in found.iter().zip(&batch.0).filter(|(to, _)| **to != NOWHERE) {
            let Some(position) = snapshot.position(to) else {
                continue;
            };
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
pub(super) struct Reference {
    pub from: ObjectIndex,
    /// The identifier of what is referred to.
    pub to: u64,
    pub label: LabelId,
    /// The class that declares the field.
    pub declaring: ClassIndex,
}

/// Up to [`BATCH`] references.
pub(super) struct Batch(Vec<Reference>);

impl Default for Batch {
    fn default() -> Batch {
        Batch(Vec::with_capacity(BATCH))
    }
}

impl Batch {
    /// Adds `reference`; whether the batch is full now.
    #[inline(always)]
    pub fn push(&mut self, reference: Reference) -> bool {
        self.0.push(reference);
        self.0.len() == BATCH
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

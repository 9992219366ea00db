//! Who refers to an object: the heap is read once, by all threads.
//!
//! Nobody keeps a table of all references (it would be as large as the dump), so the question costs one pass over the file.

use rayon::prelude::*;

use super::class::Class;
use super::snapshot::{ObjectIndex, Snapshot};
use crate::hprof::{FieldType, SubRecord, SubRecords};

/// Blocks that one task reads.
const BLOCKS_PER_TASK: usize = 128;
/// Up to so many referrers are read again to be sure that they are what counts.
const CHECKED: usize = 100_000;

impl Snapshot<'_> {
    /// The objects that refer to `object` by a field, an element, a static field or a local variable of a thread; ascending,
    /// each once. That every object refers to its class object is left out. Referents of weak references count.
    pub fn referrers(&self, object: ObjectIndex) -> Vec<ObjectIndex> {
        let address = self.address(object);
        let mut found: Vec<ObjectIndex> = self
            .blocks
            .all()
            .par_chunks(BLOCKS_PER_TASK)
            .flat_map_iter(|blocks| {
                let mut found = Vec::new();
                for block in blocks {
                    self.referrers_in(
                        block.start as usize,
                        block.end as usize,
                        address,
                        &mut found,
                    );
                }
                found
            })
            .collect();
        let locals = self.roots.locals.iter();
        found.extend(
            locals
                .filter(|local| local.object == object)
                .map(|local| local.thread),
        );
        for (class, described) in self.classes.iter() {
            let dump = &described.dump;
            let rest = [
                dump.super_id,
                dump.loader_id,
                dump.signers_id,
                dump.protection_domain_id,
            ];
            let statics = dump
                .statics
                .iter()
                .filter_map(|field| field.value.reference());
            let mut all = statics.chain(rest).chain(dump.constants.iter().copied());
            if all.any(|id| id == address) {
                found.extend(self.class_object(class));
            }
        }
        found.par_sort_unstable();
        found.dedup();
        // Of an identifier that is used twice only one object counts: the other one's references are nobody's.
        if found.len() <= CHECKED {
            found.retain(|&from| self.link(from, object).is_some());
        }
        found
    }

    fn referrers_in(&self, start: usize, end: usize, address: u64, found: &mut Vec<ObjectIndex>) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let mut records = SubRecords::new(self.bytes, start, end, id_size);
        while let Ok(Some(record)) = records.next() {
            let from = match record {
                SubRecord::Instance { id, class_id, data } => {
                    let class = self
                        .classes
                        .find(class_id)
                        .map(|class| self.classes.get(class));
                    class
                        .is_some_and(|class| self.instance_refers(class, data, address))
                        .then_some(id)
                }
                SubRecord::ObjectArray { id, elements, .. } => elements
                    .chunks_exact(width)
                    .any(|element| id_size.read(element) == address)
                    .then_some(id),
                _ => None,
            };
            found.extend(from.and_then(|id| self.find(id)));
        }
    }

    fn instance_refers(&self, class: &Class, data: &[u8], address: u64) -> bool {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let at = |at: usize| {
            data.get(at..at + width)
                .is_some_and(|bytes| id_size.read(bytes) == address)
        };
        class.references.iter().any(|&offset| at(offset as usize))
            || class
                .referent
                .is_some_and(|(offset, _)| at(offset as usize))
            || class.deep && self.deep_refers(class, data, address)
    }

    /// The same for an instance whose chain of super classes was too long to flatten. Linear in the data.
    #[cold]
    fn deep_refers(&self, class: &Class, data: &[u8], address: u64) -> bool {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let (mut at, mut class) = (0usize, Some(class));
        while let Some(declaring) = class.filter(|_| at < data.len()) {
            for field in &declaring.dump.fields {
                let bytes = data.get(at..at + width);
                if field.kind == FieldType::Object
                    && bytes.is_some_and(|bytes| id_size.read(bytes) == address)
                {
                    return true;
                }
                at += field.kind.width(width);
            }
            class = declaring.super_class.map(|above| self.classes.get(above));
        }
        false
    }
}

//! Who refers to an object: the heap is read once, by all threads.
//!
//! Nobody keeps a table of all references (it would be as large as the dump), so the question costs one pass over the file. But whatever
//! refers to an object, and is reachable as strongly, lies below the object's immediate dominator; where that is not much, only
//! those parts of the file are read.

use rayon::prelude::*;

use super::class::Class;
use super::locate::Block;
use super::snapshot::{ObjectIndex, Snapshot};
use crate::hprof::{FieldType, SubRecord, SubRecords};

/// Blocks that one task reads.
const BLOCKS_PER_TASK: usize = 128;
/// Objects of which is asked together, beyond which a pass over the dump is worth it.
const SEVERAL: usize = 64;
/// Objects that may refer to one, up to which they are looked up one by one.
const FEW: usize = 1 << 18;
/// Up to so many referrers are read again to be sure that they are what counts.
const CHECKED: usize = 100_000;

impl Snapshot<'_> {
    /// The objects that refer to `object` by a field, an element, a static field or a local variable of a thread; ascending,
    /// each once. That every object refers to its class object is left out. Referents of weak references count.
    pub fn referrers(&self, object: ObjectIndex) -> Vec<ObjectIndex> {
        let pairs = self.referrers_of(&[object]);
        pairs.into_iter().map(|(_, from)| from).collect()
    }

    /// The same for several objects in one pass over the dump: (object, who refers to it), ascending, each pair once.
    pub fn referrers_of(&self, objects: &[ObjectIndex]) -> Vec<(ObjectIndex, ObjectIndex)> {
        let wanted: Wanted = objects
            .iter()
            .map(|&object| (self.address(object), object))
            .collect();
        let few = self.blocks_of_referrers(objects);
        let blocks = few.as_deref().unwrap_or(self.blocks.all());
        let mut found: Vec<(ObjectIndex, ObjectIndex)> = blocks
            .par_chunks(BLOCKS_PER_TASK)
            .flat_map_iter(|blocks| {
                let mut found = Vec::new();
                for block in blocks {
                    let range = (block.start as usize, block.end as usize);
                    self.referrers_in(range, &wanted, &mut found);
                }
                self.release_blocks(blocks);
                found
            })
            .collect();
        let locals = self.roots.locals.iter();
        found.extend(
            locals
                .filter(|local| wanted.contains_key(&self.address(local.object)))
                .map(|local| (local.object, local.thread)),
        );
        for (class, described) in self.classes.iter() {
            let Some(from) = self.class_object(class) else {
                continue;
            };
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
            let all = statics.chain(rest).chain(dump.constants.iter().copied());
            found.extend(all.filter_map(|id| Some((*wanted.get(&id)?, from))));
        }
        found.par_sort_unstable();
        found.dedup();
        // Of an identifier that is used twice only one object counts: the other one's references are nobody's.
        if found.len() <= CHECKED {
            found.retain(|&(object, from)| self.link(from, object).is_some());
        }
        found
    }

    /// The parts of the file in which whatever refers to `objects` lies, in their order; `None` where those are not much less than
    /// the whole.
    fn blocks_of_referrers(&self, objects: &[ObjectIndex]) -> Option<Vec<Block>> {
        // By MAT's rules, and where roots are missing, what is outside of the tree may refer to what is in it.
        let is_whole = self.roots.complete && self.tree.len() == self.len();
        if self.compat.is_mat() || !is_whole || objects.len() > SEVERAL {
            return None;
        }
        let mut few: Vec<ObjectIndex> = Vec::new();
        for &object in objects {
            let below = self.positions(self.dominator(object)?);
            let weaker = self.positions_of(self.strength(object)).end..self.tree.len();
            if few.len() + below.len() + weaker.len() > FEW {
                return None;
            }
            let positions = below.chain(weaker);
            few.extend(positions.map(|position| self.at(position).0));
        }
        // References that hold weakly do not count for dominators.
        let weak = self.referents.iter();
        few.extend(
            weak.filter(|(_, to, _)| objects.contains(to))
                .map(|&(from, ..)| from),
        );
        let number = |&object: &ObjectIndex| self.blocks.number(object, self.address(object));
        let mut numbers: Vec<usize> = few.par_iter().filter_map(number).collect();
        numbers.par_sort_unstable();
        numbers.dedup();
        let all = self.blocks.all();
        let block = |number: usize| all.get(number).copied();
        Some(numbers.into_iter().filter_map(block).collect())
    }

    fn referrers_in(
        &self,
        (start, end): (usize, usize),
        wanted: &Wanted,
        found: &mut Vec<(ObjectIndex, ObjectIndex)>,
    ) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let mut records = SubRecords::new(self.bytes, start, end, id_size);
        let mut hits: Vec<ObjectIndex> = Vec::new();
        while let Ok(Some(record)) = records.next() {
            let from = match record {
                SubRecord::Instance { id, class_id, data } => {
                    if let Some(class) = self.classes.find(class_id) {
                        self.instance_refers(self.classes.get(class), data, wanted, &mut hits);
                    }
                    id
                }
                SubRecord::ObjectArray { id, elements, .. } => {
                    let ids = elements
                        .chunks_exact(width)
                        .map(|element| id_size.read(element));
                    hits.extend(ids.filter_map(|id| wanted.get(&id)));
                    id
                }
                _ => continue,
            };
            if !hits.is_empty() {
                let from = self.find(from);
                found.extend(hits.drain(..).filter_map(|object| Some((object, from?))));
            }
        }
    }

    fn instance_refers(
        &self,
        class: &Class,
        data: &[u8],
        wanted: &Wanted,
        hits: &mut Vec<ObjectIndex>,
    ) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let at = |at: usize| {
            wanted
                .get(&id_size.read(data.get(at..at + width)?))
                .copied()
        };
        hits.extend(
            class
                .references
                .iter()
                .filter_map(|&offset| at(offset as usize)),
        );
        hits.extend(class.referent.and_then(|(offset, _)| at(offset as usize)));
        if class.deep {
            self.deep_refers(class, data, wanted, hits);
        }
    }

    /// The same for an instance whose chain of super classes was too long to flatten. Linear in the data.
    #[cold]
    fn deep_refers(
        &self,
        class: &Class,
        data: &[u8],
        wanted: &Wanted,
        hits: &mut Vec<ObjectIndex>,
    ) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let (mut at, mut class) = (0usize, Some(class));
        while let Some(declaring) = class.filter(|_| at < data.len()) {
            for field in &declaring.dump.fields {
                if field.kind == FieldType::Object {
                    let id = data.get(at..at + width).map(|bytes| id_size.read(bytes));
                    hits.extend(id.and_then(|id| wanted.get(&id)));
                }
                at += field.kind.width(width);
            }
            class = declaring.super_class.map(|above| self.classes.get(above));
        }
    }
}

/// Objects by address.
type Wanted = foldhash::HashMap<u64, ObjectIndex>;

//! Who refers to an object: the heap is read once, by all threads.
//!
//! Nobody keeps a table of all references in memory (it would be as large as the dump), so the question costs one pass over the file. But
//! whatever refers to an object, and is reachable as strongly, lies below the object's immediate dominator; where that is not much, only
//! those parts of the file are read. An index that `--keep` wrote has what the dominator tree does not tell
//! ([`super::referrer_rows`]); then nothing is read.

use std::cell::Cell;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::address_index::ObjectIndex;
use super::class::Class;
use super::locate::Block;
use super::referrer_rows::ReferrerRows;
use super::snapshot::Snapshot;
use crate::hprof::{DamageCode, FieldType, SubRecord, SubRecords};

/// Blocks that one task reads.
const BLOCKS_PER_TASK: usize = 128;
/// Objects of which is asked together, beyond which a pass over the dump is worth it.
const SEVERAL: usize = 64;
/// Objects that may refer to one, up to which they are looked up one by one.
const FEW: usize = 1 << 18;
/// Up to so many referrers are read again to be sure that they are what counts.
const CHECKED: usize = 100_000;
/// Readings of the dump for rows that are made beside other work: they take memory that the report has given back by then, and no more.
const ROUNDS: usize = 8;
/// References that are looked up together.
const BATCH: usize = 64;
/// Tasks that are given to the threads together: whoever else wants an answer waits for these and not for all.
const TASKS: usize = 8;
/// Runs of objects whose rows are made one after the other, so that not all references are in memory as they are.
const RUNS: usize = 256;

/// An object, and one that refers to it.
type Pair = (ObjectIndex, ObjectIndex);

/// Who refers to `object` by `pairs` of an object and who refers to it, which ascend.
pub fn referrers_in(pairs: &[Pair], object: ObjectIndex) -> impl Iterator<Item = ObjectIndex> {
    let from = pairs.partition_point(|&(to, _)| to < object);
    let own = pairs[from..]
        .iter()
        .take_while(move |pair| pair.0 == object);
    own.map(|&(_, from)| from)
}

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
        let rows = self.referrer_rows.get();
        let mut found = match rows {
            Some(rows) => self.known_referrers(objects, rows),
            None => self.read_referrers(objects, &wanted),
        };
        let locals = self.roots.locals.iter();
        found.extend(
            locals
                .filter(|local| wanted.contains_key(&self.address(local.object)))
                .map(|local| (local.object, local.thread)),
        );
        self.classes_refer(&wanted, &mut found);
        found.par_sort_unstable();
        found.dedup();
        // Of an identifier that is used twice only one object counts: the other one's references are nobody's. Rows have none of those.
        if rows.is_none() && found.len() <= CHECKED {
            found.retain(|&(object, from)| self.link(from, object).is_some());
        }
        found
    }

    /// What instances and arrays refer to `objects`, from the file.
    fn read_referrers(&self, objects: &[ObjectIndex], wanted: &Wanted) -> Vec<Pair> {
        let few = self.blocks_of_referrers(objects);
        let blocks = few.as_deref().unwrap_or(self.blocks.all());
        let tasks = blocks.par_chunks(BLOCKS_PER_TASK);
        let found = tasks.flat_map_iter(|blocks| {
            let mut found = Vec::new();
            for &block in blocks {
                self.references_in(block, &mut |from, to| {
                    if let Some(&object) = wanted.get(&to) {
                        found.extend(self.who_refers(from).map(|from| (object, from)));
                    }
                });
            }
            self.release_blocks(blocks);
            found
        });
        found.collect()
    }

    /// The same from the rows and the dominator tree.
    fn known_referrers(&self, objects: &[ObjectIndex], rows: &ReferrerRows) -> Vec<Pair> {
        let mut found = Vec::new();
        for &object in objects {
            let referrers = rows.of(object);
            let referrers = referrers.take_while(|&from| (from as usize) < self.len());
            found.extend(referrers.map(|from| (object, from)));
            let above = self.dominator(object).filter(|&above| {
                self.follows_from_tree(above, object) && self.link(above, object).is_some()
            });
            found.extend(above.map(|above| (object, above)));
        }
        found
    }

    /// Whether the dominator tree tells that `from` refers to `to`.
    #[inline]
    fn follows_from_tree(&self, from: ObjectIndex, to: ObjectIndex) -> bool {
        self.dominator(to) == Some(from) && !self.dominators.is_joint(to)
    }

    /// What the dominator tree does not tell of who refers to whom; `None` where that is not sure, or it `is_over` before the end. Reads
    /// all of the dump so many times: in each of the `rounds` only some of the references are in memory as they are.
    pub fn rows_of_referrers(
        &self,
        rounds: usize,
        is_over: &dyn Fn() -> bool,
    ) -> Option<ReferrerRows> {
        let repeats = |damage: &crate::hprof::Damage| damage.code == DamageCode::DuplicateObject;
        let is_whole = self.tree.len() == self.len();
        if self.compat.is_mat() || !is_whole || self.damage.iter().any(repeats) {
            return None;
        }
        let size = self.len().div_ceil(rounds).max(1);
        let was_over = Cell::new(false);
        let runs = (0..rounds).flat_map(|round| {
            let targets = (round * size) as u32..((round + 1) * size).min(self.len()) as u32;
            let found = self.untold_to(targets, is_over);
            was_over.set(was_over.get() || found.is_none());
            found.into_iter().flatten()
        });
        let rows = ReferrerRows::new(self.len(), runs);
        (!was_over.get()).then_some(rows)
    }

    /// The references to `targets` that do not follow from the dominator tree, in runs that ascend; `None` where it was over before.
    fn untold_to(
        &self,
        targets: Range<u32>,
        is_over: &dyn Fn() -> bool,
    ) -> Option<impl Iterator<Item = Vec<Pair>> + use<>> {
        let size = (targets.len().div_ceil(RUNS) as u32).max(1);
        let run_of = |pair: &Pair| ((pair.0 - targets.start) / size) as usize;
        let runs: Vec<Mutex<Vec<Pair>>> = (0..RUNS).map(|_| Mutex::default()).collect();
        for blocks in self.blocks.all().chunks(TASKS * BLOCKS_PER_TASK) {
            if is_over() {
                return None;
            }
            blocks.par_chunks(BLOCKS_PER_TASK).for_each(|blocks| {
                let mut found = self.untold_references(blocks, &targets);
                found.sort_unstable();
                found.dedup();
                for run in found.chunk_by(|a, b| run_of(a) == run_of(b)) {
                    let all = &runs[run_of(&run[0])];
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    // Twice the room would be half of it for nothing.
                    if all.capacity() - all.len() < run.len() {
                        let more = run.len().max(all.len() / 8);
                        all.reserve_exact(more);
                    }
                    all.extend_from_slice(run);
                }
            });
            // All at once: what a task gave back while another one reads beside it would stay.
            self.release_blocks(blocks);
        }
        let sorted = |run: Mutex<Vec<Pair>>| {
            let mut run = run.into_inner().unwrap_or_else(PoisonError::into_inner);
            run.par_sort_unstable();
            run.dedup();
            run
        };
        Some(runs.into_iter().map(sorted))
    }

    /// Makes those rows for later questions, where there are none.
    pub fn know_referrers(&self, is_over: &dyn Fn() -> bool) {
        if self.referrer_rows.get().is_none()
            && let Some(rows) = self.rows_of_referrers(ROUNDS, is_over)
        {
            self.referrer_rows.set(rows);
        }
    }

    /// Whether who refers to an object is known without reading the dump.
    pub fn knows_referrers(&self) -> bool {
        self.referrer_rows.get().is_some()
    }

    /// The references of `blocks` to these objects that do not follow from the dominator tree.
    fn untold_references(&self, blocks: &[Block], to: &Range<u32>) -> Vec<Pair> {
        let (mut batch, mut found) = (Vec::with_capacity(BATCH), Vec::new());
        for &block in blocks {
            self.references_in(block, &mut |from, referred| {
                batch.push((from, referred));
                if batch.len() == BATCH {
                    self.untold_of(&mut batch, to, &mut found);
                }
            });
        }
        self.untold_of(&mut batch, to, &mut found);
        found
    }

    /// Adds those of `batch`, which are addresses, to `found`. Its look-ups do not wait for each other.
    fn untold_of(&self, batch: &mut Vec<(u64, u64)>, to: &Range<u32>, found: &mut Vec<Pair>) {
        let mut targets = [None; BATCH];
        for (target, &(_, address)) in targets.iter_mut().zip(batch.iter()) {
            let number = self.find(address).filter(|_| address != 0);
            *target = number.filter(|number| to.contains(number));
        }
        let dominators = targets.map(|target| target.and_then(|target| self.dominator(target)));
        // Neighbours in a batch are references of one object.
        let mut last = (0, None);
        let targets = targets.into_iter().zip(dominators);
        for ((from, _), (target, dominator)) in batch.drain(..).zip(targets) {
            let Some(to) = target else { continue };
            if last.0 != from {
                last = (from, self.who_refers(from));
            }
            let Some(from) = last.1 else { continue };
            if dominator != Some(from) || self.dominators.is_joint(to) {
                found.push((to, from));
            }
        }
    }

    /// Of an object that refers, by its address: its number. A class object's own references are those of its class dump.
    fn who_refers(&self, from: u64) -> Option<ObjectIndex> {
        let number = self.find(from)?;
        let class = self.classes.find(from);
        let is_class = class.is_some_and(|class| self.class_object(class) == Some(number));
        (!is_class).then_some(number)
    }

    /// What class dumps refer to `wanted`.
    fn classes_refer(&self, wanted: &Wanted, found: &mut Vec<Pair>) {
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

    /// Tells `visit` every reference of an instance or array in `block`: the addresses of who refers, and to what.
    #[inline]
    fn references_in(&self, block: Block, visit: &mut impl FnMut(u64, u64)) {
        let id_size = self.header.id_size;
        let (start, end) = (block.start as usize, block.end as usize);
        let mut records = SubRecords::new(self.bytes, start, end, id_size);
        while let Ok(Some(record)) = records.next() {
            match record {
                SubRecord::Instance { id, class_id, data } => {
                    if let Some(class) = self.classes.find(class_id) {
                        let class = self.classes.get(class);
                        self.references_of_instance(class, data, &mut |to| visit(id, to));
                    }
                }
                SubRecord::ObjectArray { id, elements, .. } => {
                    let elements = elements.chunks_exact(id_size.bytes());
                    elements.for_each(|element| visit(id, id_size.read(element)));
                }
                _ => {}
            }
        }
    }

    #[inline]
    fn references_of_instance(&self, class: &Class, data: &[u8], visit: &mut impl FnMut(u64)) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let referent = class.referent.map(|(offset, _)| offset);
        let offsets = class.references.iter().copied().chain(referent);
        for offset in offsets {
            let at = offset as usize;
            if let Some(bytes) = data.get(at..at + width) {
                visit(id_size.read(bytes));
            }
        }
        if class.deep {
            self.references_of_deep_instance(class, data, visit);
        }
    }

    /// The same for an instance whose chain of super classes was too long to flatten. Linear in the data.
    #[cold]
    fn references_of_deep_instance(&self, class: &Class, data: &[u8], visit: &mut impl FnMut(u64)) {
        let id_size = self.header.id_size;
        let width = id_size.bytes();
        let (mut at, mut class) = (0usize, Some(class));
        while let Some(declaring) = class.filter(|_| at < data.len()) {
            for field in &declaring.dump.fields {
                if field.kind == FieldType::Object
                    && let Some(bytes) = data.get(at..at + width)
                {
                    visit(id_size.read(bytes));
                }
                at += field.kind.width(width);
            }
            class = declaring.super_class.map(|above| self.classes.get(above));
        }
    }
}

/// Objects by address.
type Wanted = foldhash::HashMap<u64, ObjectIndex>;

//! The passage over the file that an inventory needs: the fields that refer to each object, and who refers to what is asked.

use foldhash::HashMap;
use rayon::prelude::*;

use super::asked::{Asked, Referrers};
use super::labels::{Labels, Plan};
use super::links::{Batch, Links, Reference};
use crate::heap::locate::Block;
use crate::heap::{Class, ClassIndex, ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, SubRecords};

/// Blocks that one task reads, and tasks that are done at a time: 16 MiB, so that few pages are mapped.
const BLOCKS_PER_TASK: usize = 64;
const TASKS: usize = 32;
/// Referrers of one object and of one class that one task keeps: the tasks of an executor refer to it as its owner does.
const MOST_BY_TASK: u8 = 4;
/// Referrers of all objects that one task keeps.
const MOST_OF_TASK: usize = 1 << 15;

/// Reads all objects once: gives `links` their labels, if there are any yet to be given, and tells who refers to what is `asked`. The
/// answers are the same for any number of threads.
pub(super) fn read(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: Option<&Links>,
    asked: Asked,
) -> Referrers {
    let mut referrers = Referrers::of(asked);
    of_classes(snapshot, &mut referrers);
    for batch in snapshot.blocks.all().chunks(BLOCKS_PER_TASK * TASKS) {
        let asked = referrers.asked();
        let part = |blocks| {
            let mut reader = Reader {
                snapshot,
                labels,
                links,
                asked,
                batch: Batch::default(),
                recent: [(0, None); RECENT],
                found: Vec::new(),
                counts: HashMap::default(),
            };
            reader.read(blocks);
            reader.found
        };
        let parts: Vec<Vec<(u32, ObjectIndex)>> =
            batch.par_chunks(BLOCKS_PER_TASK).map(part).collect();
        for (number, from) in parts.into_iter().flatten() {
            referrers.keep(number, from, snapshot.class_of(from));
        }
        // All at once: what a task gave back while another one reads beside it would stay.
        snapshot.release_blocks(batch);
    }
    referrers.arrange();
    referrers
}

/// Static fields and local variables that refer to what is asked.
fn of_classes(snapshot: &Snapshot<'_>, referrers: &mut Referrers) {
    for (index, class) in snapshot.classes().iter() {
        let Some(from) = snapshot.class_object(index) else {
            continue;
        };
        let statics = class.dump.statics.iter();
        for id in statics.filter_map(|field| field.value.reference()) {
            if let Some(number) = referrers.asked().get(id) {
                referrers.keep(number, from, index);
            }
        }
    }
    for local in &snapshot.roots.locals {
        if let Some(number) = referrers.asked().number(local.object) {
            let class = snapshot.class_of(local.thread);
            referrers.keep(number as u32, local.thread, class);
        }
    }
}

/// A class, and what to look for in its instances.
type Described<'r> = (&'r Class, Option<&'r Plan>);

/// Classes that are remembered: instances of the same few alternate. A power of two, for which 58 bits of a number are shifted out.
const RECENT: usize = 64;

struct Reader<'r, 'a> {
    snapshot: &'r Snapshot<'a>,
    labels: &'r Labels,
    links: Option<&'r Links>,
    asked: &'r Asked,
    batch: Batch,
    /// The classes of the last instances, by their identifiers.
    recent: [(u64, Option<Described<'r>>); RECENT],
    /// Number of what is asked, who refers to it.
    found: Vec<(u32, ObjectIndex)>,
    counts: HashMap<(u32, u64), u8>,
}

impl<'r> Reader<'r, '_> {
    fn read(&mut self, blocks: &[Block]) {
        let snapshot = self.snapshot;
        for block in blocks {
            let (start, end) = (block.start as usize, block.end as usize);
            let mut records = SubRecords::new(snapshot.bytes, start, end, snapshot.header.id_size);
            while let Ok(Some(record)) = records.next() {
                match record {
                    SubRecord::Instance { id, class_id, data } => {
                        self.instance(id, class_id, data);
                    }
                    SubRecord::ObjectArray {
                        id,
                        elements,
                        class_id,
                        ..
                    } => {
                        let width = snapshot.header.id_size.bytes();
                        for bytes in elements.chunks_exact(width) {
                            self.refers((id, class_id), snapshot.header.id_size.read(bytes));
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(links) = self.links {
            links.note_all(snapshot, &mut self.batch);
        }
    }

    #[inline(always)]
    fn instance(&mut self, id: u64, class_id: u64, data: &[u8]) {
        let place = (class_id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize;
        if self.recent[place].0 != class_id {
            self.recent[place] = (class_id, self.class_of(class_id));
        }
        let Some((class, plan)) = self.recent[place].1 else {
            return;
        };
        let id_size = self.snapshot.header.id_size;
        for &offset in &class.references {
            let offset = offset as usize;
            if let Some(bytes) = data.get(offset..offset + id_size.bytes()) {
                self.refers((id, class_id), id_size.read(bytes));
            }
        }
        if let (Some(links), Some(plan)) = (self.links, plan) {
            self.fields(links, plan, id, data);
        }
    }

    #[inline(never)]
    fn class_of(&self, class_id: u64) -> Option<Described<'r>> {
        let class: ClassIndex = self.snapshot.classes.find(class_id)?;
        let plan = self.labels.plans[class.0 as usize].as_ref();
        Some((self.snapshot.classes.get(class), plan))
    }

    /// Notes that the object `from`, told with its class, refers to what is at `to`, if that is asked.
    #[inline(always)]
    fn refers(&mut self, from: (u64, u64), to: u64) {
        if let Some(number) = self.asked.get(to) {
            self.keep(number, from);
        }
    }

    #[inline(never)]
    fn keep(&mut self, number: u32, (from, class): (u64, u64)) {
        let count = self.counts.entry((number, class)).or_default();
        if *count < MOST_BY_TASK
            && self.found.len() < MOST_OF_TASK
            && let Some(from) = self.snapshot.find(from)
        {
            *count += 1;
            self.found.push((number, from));
        }
    }

    /// Notes to what the fields of `plan` refer.
    #[inline(always)]
    fn fields(&mut self, links: &Links, plan: &'r Plan, id: u64, data: &[u8]) {
        let id_size = self.snapshot.header.id_size;
        let Some(from) = self.snapshot.find(id) else {
            return;
        };
        // What dominates nothing keeps nothing.
        if !self.snapshot.dominates_others(from) {
            return;
        }
        for &(offset, label, declaring) in plan {
            let offset = offset as usize;
            let Some(bytes) = data.get(offset..offset + id_size.bytes()) else {
                break;
            };
            let to = id_size.read(bytes);
            if to == 0 {
                continue;
            }
            let reference = Reference {
                from,
                to,
                label,
                declaring,
            };
            if self.batch.push(reference) {
                links.note_all(self.snapshot, &mut self.batch);
            }
        }
    }
}

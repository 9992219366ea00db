//! The second pass: every object is read once for its class, its size and its references.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use foldhash::HashMap;
use rayon::prelude::*;

use super::address_index::AddressIndex;
use super::class::{Class, ClassIndex, Classes};
use super::layout::Layout;
use super::locate::Blocks;
use super::sizes::SizesBuilder;
use crate::graph::{Edge, Predecessors, Strength};
use crate::hprof::{IdSize, SubRecord, SubRecords, Unit, Units};

/// Class column of an object whose class has no class dump, until it gets one.
pub const UNKNOWN_CLASS: u32 = u32::MAX;

/// What the pass reads from.
pub struct Pass<'a> {
    /// The dump.
    pub bytes: &'a [u8],
    /// Width of identifiers.
    pub id: IdSize,
    /// The pieces of the heap.
    pub units: &'a Units,
    /// Addresses to indexes.
    pub index: &'a AddressIndex,
    /// The classes.
    pub classes: &'a Classes,
    /// How large arrays are.
    pub layout: &'a Layout,
    /// Identifiers used more than once, with the file offset of the object that counts.
    pub repeated: &'a HashMap<u64, u64>,
    /// Where to note which block an object lies in, if need be.
    pub blocks: &'a Blocks,
}

/// What the pass fills.
pub struct Columns {
    /// Class number of each object.
    pub class: Vec<AtomicU32>,
    /// Sizes of arrays.
    pub sizes: SizesBuilder,
    /// First referrers.
    pub predecessors: Predecessors,
}

/// What it found besides.
#[derive(Default)]
pub struct Found {
    /// References beyond the first to each object.
    pub further: Vec<Vec<Edge>>,
    /// (reference object, referent, kind).
    pub referents: Vec<(u32, u32, Strength)>,
    /// Objects whose class has no class dump: (object, class identifier, is an array).
    pub unknown_class: Vec<(u32, u64, bool)>,
    /// References to identifiers that are not in the dump.
    pub dangling: u64,
    /// Instances whose data is shorter or longer than their class says.
    pub odd_length: u64,
    /// All references that are not null.
    pub references: u64,
}

impl Pass<'_> {
    /// Reads everything.
    pub fn run(&self, columns: &Columns, done: &(dyn Fn(&Unit) + Sync)) -> Found {
        let parts: Vec<Found> = self
            .units
            .units
            .par_iter()
            .map(|unit| {
                let found = self.unit(*unit, columns);
                done(unit);
                found
            })
            .collect();
        let mut all = Found::default();
        for part in parts {
            all.further
                .extend(part.further.into_iter().filter(|edges| !edges.is_empty()));
            all.referents.extend(part.referents);
            all.unknown_class.extend(part.unknown_class);
            all.dangling += part.dangling;
            all.odd_length += part.odd_length;
            all.references += part.references;
        }
        all
    }

    fn unit(&self, unit: Unit, columns: &Columns) -> Found {
        let mut reader = Reader {
            pass: self,
            columns,
            found: Found::default(),
            further: Vec::new(),
            batch: Batch {
                from: [0; BATCH],
                to: [0; BATCH],
                len: 0,
            },
            last_class: (0, None),
            block: (0, 0),
        };
        for &(start, end) in self.units.ranges_of(unit) {
            let mut records = SubRecords::new(self.bytes, start, end, self.id);
            loop {
                let offset = records.position();
                let Ok(Some(record)) = records.next() else {
                    break;
                };
                reader.take(record, offset as u64);
            }
        }
        reader.flush();
        reader.further.shrink_to_fit();
        reader.found.further.push(reader.further);
        reader.found
    }
}

/// References collected before they are looked up together. The look-ups of a batch do not wait for each other, where one
/// after the other every branch on a value that comes from memory would.
const BATCH: usize = 64;

struct Batch {
    from: [u32; BATCH],
    to: [u64; BATCH],
    len: usize,
}

struct Reader<'a> {
    pass: &'a Pass<'a>,
    columns: &'a Columns,
    found: Found,
    further: Vec<Edge>,
    batch: Batch,
    last_class: (u64, Option<ClassIndex>),
    /// The block that the last object was in, and where the next one starts.
    block: (u32, u64),
}

impl<'a> Reader<'a> {
    #[inline(always)]
    fn take(&mut self, record: SubRecord<'_>, offset: u64) {
        match record {
            SubRecord::Instance { id, class_id, data } => {
                let Some(object) = self.object(id, offset) else {
                    return;
                };
                match self.class(class_id) {
                    Some(class) => {
                        self.columns.class[object as usize].store(class.0, Relaxed);
                        self.instance(object, self.pass.classes.get(class), data);
                    }
                    None => self.unknown(object, class_id, false),
                }
            }
            SubRecord::ObjectArray {
                id,
                class_id,
                elements,
            } => {
                let Some(object) = self.object(id, offset) else {
                    return;
                };
                match self.class(class_id) {
                    Some(class) => self.columns.class[object as usize].store(class.0, Relaxed),
                    None => self.unknown(object, class_id, true),
                }
                let width = self.pass.id.bytes();
                self.columns.sizes.set(
                    object,
                    self.pass
                        .layout
                        .object_array_bytes((elements.len() / width) as u64),
                );
                for element in elements.chunks_exact(width) {
                    self.reference(object, self.pass.id.read(element));
                }
            }
            SubRecord::PrimitiveArray {
                id,
                element,
                length,
                ..
            } => {
                let Some(object) = self.object(id, offset) else {
                    return;
                };
                let class = self.pass.classes.primitive_array(element);
                self.columns.class[object as usize].store(class.0, Relaxed);
                self.columns.sizes.set(
                    object,
                    self.pass
                        .layout
                        .primitive_array_bytes(element, u64::from(length)),
                );
            }
            SubRecord::Class { .. } | SubRecord::Root(_) | SubRecord::HeapInfo { .. } => {}
        }
    }

    /// The index of the object, unless another object with its identifier counts.
    #[inline(always)]
    fn object(&mut self, id: u64, offset: u64) -> Option<u32> {
        if !self.pass.repeated.is_empty()
            && self
                .pass
                .repeated
                .get(&id)
                .is_some_and(|&first| first != offset)
        {
            return None;
        }
        let object = self.pass.index.find(id)?;
        if self.pass.blocks.needs_places() {
            if offset >= self.block.1 || self.block.1 == 0 {
                let block = self.pass.blocks.block_at(offset);
                self.block = (block, self.pass.blocks.next_start(block));
            }
            self.pass.blocks.place(object, self.block.0);
        }
        Some(object)
    }

    #[inline(always)]
    fn class(&mut self, id: u64) -> Option<ClassIndex> {
        if self.last_class.0 != id {
            self.last_class = (id, self.pass.classes.find(id));
        }
        self.last_class.1
    }

    fn unknown(&mut self, object: u32, class_id: u64, array: bool) {
        self.columns.class[object as usize].store(UNKNOWN_CLASS, Relaxed);
        self.found.unknown_class.push((object, class_id, array));
    }

    #[inline(always)]
    fn instance(&mut self, object: u32, class: &Class, data: &[u8]) {
        self.found.odd_length += u64::from(data.len() != class.data_bytes as usize);
        let width = self.pass.id.bytes();
        for &at in class.references.iter() {
            if let Some(bytes) = data.get(at as usize..at as usize + width) {
                self.reference(object, self.pass.id.read(bytes));
            }
        }
        if class.deep {
            self.deep(object, class, data);
        }
        if let Some((at, kind)) = class.referent {
            let bytes = data.get(at as usize..at as usize + width);
            let referent = bytes.map_or(0, |bytes| self.pass.id.read(bytes));
            if let Some(referent) = self.pass.index.find(referent).filter(|_| referent != 0) {
                self.found.referents.push((object, referent, kind));
            }
        }
    }

    /// References of an instance whose chain of super classes was too long to flatten. Linear in the data.
    #[cold]
    fn deep(&mut self, object: u32, class: &Class, data: &[u8]) {
        let (mut at, mut class) = (0usize, Some(class));
        while let Some(declaring) = class {
            if at >= data.len() {
                return;
            }
            for field in &declaring.dump.fields {
                let width = field.kind.width(self.pass.id.bytes());
                let Some(bytes) = data.get(at..at + width) else {
                    return;
                };
                if field.kind == crate::hprof::FieldType::Object {
                    self.reference(object, self.pass.id.read(bytes));
                }
                at += width;
            }
            class = declaring
                .fields_above
                .map(|above| self.pass.classes.get(above));
        }
    }

    #[inline(always)]
    fn reference(&mut self, from: u32, to: u64) {
        if to == 0 {
            return;
        }
        let at = self.batch.len;
        self.batch.from[at] = from;
        self.batch.to[at] = to;
        self.batch.len = at + 1;
        if self.batch.len == BATCH {
            self.flush();
        }
    }

    /// Looks up the references of the batch and notes them.
    #[inline(never)]
    fn flush(&mut self) {
        const MISSING: u32 = u32::MAX;
        let len = self.batch.len;
        let mut found = [MISSING; BATCH];
        for (found, &to) in found.iter_mut().zip(&self.batch.to[..len]) {
            *found = self.pass.index.find(to).unwrap_or(MISSING);
        }
        self.columns.predecessors.fetch(&found[..len]);
        for (&from, &to) in self.batch.from.iter().zip(&found[..len]) {
            if to == MISSING {
                self.found.dangling += 1;
            } else {
                self.columns.predecessors.add(from, to, &mut self.further);
            }
        }
        self.found.references += len as u64;
        self.batch.len = 0;
    }
}

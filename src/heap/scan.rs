//! The first pass: what there is, and where. One hop over all sub-records, in parallel.

use foldhash::HashMap;
use rayon::prelude::*;

use super::address_index::{AddressIndex, AddressSpace, Builder};
use super::locate::{Block, Blocks};
use crate::hprof::damage::add;
use crate::hprof::unit::lost_rest;
use crate::hprof::{ClassDump, Damage, DamageCode, GcRoot, IdSize, SubRecord, SubRecords, Units};

/// Granularity in which address pages are noted, in bits.
const COARSE: u32 = 16;

/// What the first hop found.
#[derive(Default)]
pub struct Scan {
    /// Instances, by number.
    pub instances: u64,
    /// Arrays of references.
    pub object_arrays: u64,
    /// Arrays of primitive values.
    pub primitive_arrays: u64,
    /// Elements of all arrays of references.
    pub elements: u64,
    /// GC roots in file order.
    pub roots: Vec<GcRoot>,
    /// Class dumps in file order.
    pub class_dumps: Vec<ClassDump>,
    /// The address space, class objects included.
    pub space: AddressSpace,
    /// Whether MAT would take references to be compressed: two arrays of references lie closer than they could otherwise.
    pub mat_compressed: bool,
    /// Heap names of Android: (file offset from which on it counts, heap, name).
    pub heaps: Vec<(u64, u32, u64)>,
    pages: Vec<u64>,
    addresses: Vec<AddressLog>,
    blocks: Vec<Block>,
}

/// The addresses of one unit's objects in file order, in two bytes each as a rule: distance to the one before.
#[derive(Default)]
struct AddressLog {
    /// Distance in units of eight bytes, or [`AddressLog::FAR`]: look in `far`.
    near: Vec<u16>,
    far: Vec<u64>,
    last: u64,
}

impl AddressLog {
    const FAR: u16 = u16::MAX;

    #[inline(always)]
    fn push(&mut self, address: u64) {
        let distance = address.wrapping_sub(self.last);
        self.last = address;
        if distance & 7 == 0 && distance >> 3 < u64::from(Self::FAR) {
            self.near.push((distance >> 3) as u16);
        } else {
            self.near.push(Self::FAR);
            self.far.push(address);
        }
    }

    fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let (mut far, mut at) = (self.far.iter(), 0u64);
        self.near.iter().map(move |&distance| {
            at = match distance {
                Self::FAR => far.next().copied().unwrap_or(0),
                near => at.wrapping_add(u64::from(near) << 3),
            };
            at
        })
    }
}

impl Scan {
    /// Number of objects, class objects included.
    pub fn objects(&self) -> u64 {
        self.instances + self.object_arrays + self.primitive_arrays + self.class_dumps.len() as u64
    }
}

/// Reads all units once. Ranges that turn out to be damaged are cut in `units`, so that later passes see sound ones.
pub fn scan(
    bytes: &[u8],
    units: &mut Units,
    id: IdSize,
    damage: &mut Vec<Damage>,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Scan {
    let parts: Vec<Part> = units
        .units
        .par_iter()
        .map(|unit| {
            let part = scan_unit(bytes, units.ranges_of(*unit), id);
            let (start, end) = units.span(*unit);
            done(start, end);
            part
        })
        .collect();
    let mut scan = Scan {
        space: AddressSpace {
            ..AddressSpace::EMPTY
        },
        ..Scan::default()
    };
    let mut nulls = (0, 0);
    let mut last_array: Option<(u64, u64)> = None;
    for part in parts {
        for (range, end, found) in part.cuts {
            if let Some(range) = units
                .ranges
                .binary_search_by_key(&range, |r| r.0)
                .ok()
                .and_then(|i| units.ranges.get_mut(i))
            {
                range.1 = end;
            }
            add(damage, found);
        }
        scan.instances += part.counts[0];
        scan.object_arrays += part.counts[1];
        scan.primitive_arrays += part.counts[2];
        scan.elements += part.elements;
        scan.roots.extend(part.roots);
        scan.class_dumps.extend(part.class_dumps);
        scan.heaps.extend(part.heaps);
        scan.space = scan.space.join(part.space);
        scan.pages.extend(part.pages);
        scan.addresses.push(part.addresses);
        scan.blocks.extend(part.blocks);
        scan.mat_compressed |= part.arrays_close;
        if let (Some(before), Some((first, _))) = (last_array, part.first_array) {
            scan.mat_compressed |= close(before, first);
        }
        last_array = part.last_array.or(last_array);
        if part.nulls.0 > 0 && nulls.0 == 0 {
            nulls.1 = part.nulls.1;
        }
        nulls.0 += part.nulls.0;
    }
    scan.pages.sort_unstable();
    scan.pages.dedup();
    if nulls.0 > 0 {
        let message = format!(
            "{} objects have identifier 0, which means null; they are left out",
            nulls.0
        );
        damage.push(Damage::new(DamageCode::NullObject, nulls.1, 0, message).with_count(nulls.0));
    }
    scan
}

#[derive(Default)]
struct Part {
    counts: [u64; 3],
    elements: u64,
    roots: Vec<GcRoot>,
    class_dumps: Vec<ClassDump>,
    heaps: Vec<(u64, u32, u64)>,
    space: AddressSpace,
    pages: Vec<u64>,
    addresses: AddressLog,
    blocks: Vec<Block>,
    /// (start of a range, where it had to be cut, why).
    cuts: Vec<(usize, usize, Damage)>,
    first_array: Option<(u64, u64)>,
    last_array: Option<(u64, u64)>,
    arrays_close: bool,
    /// Objects with identifier 0: how many, offset of the first.
    nulls: (u64, usize),
}

impl Default for AddressSpace {
    fn default() -> AddressSpace {
        AddressSpace::EMPTY
    }
}

fn scan_unit(bytes: &[u8], ranges: &[(usize, usize)], id: IdSize) -> Part {
    let mut part = Part::default();
    for &(start, end) in ranges {
        let mut records = SubRecords::new(bytes, start, end, id);
        loop {
            let offset = records.position();
            match records.next() {
                Ok(Some(record)) => part.take(bytes, record, offset, end, id),
                Ok(None) => break,
                Err(error) => {
                    Blocks::cut(&mut part.blocks, end as u64, error.offset as u64);
                    part.cuts.push((start, error.offset, lost_rest(error, end)));
                    break;
                }
            }
        }
    }
    part.pages.sort_unstable();
    part.pages.dedup();
    part.addresses.near.shrink_to_fit();
    part
}

impl Part {
    #[inline(always)]
    fn take(&mut self, bytes: &[u8], record: SubRecord<'_>, offset: usize, end: usize, id: IdSize) {
        let address = match record {
            SubRecord::Instance { id, .. } => {
                self.counts[0] += 1;
                id
            }
            SubRecord::ObjectArray {
                id: address,
                elements,
                ..
            } => {
                self.counts[1] += 1;
                let length = (elements.len() / id.bytes()) as u64;
                self.elements += length;
                self.array(address, length);
                address
            }
            SubRecord::PrimitiveArray { id, .. } => {
                self.counts[2] += 1;
                id
            }
            SubRecord::Class { id: address, body } => {
                let mut cursor = crate::hprof::cursor::Cursor::new(bytes, body, bytes.len());
                self.class_dumps
                    .extend(ClassDump::read(&mut cursor, id).filter(|_| address != 0));
                address
            }
            SubRecord::Root(root) => return self.roots.push(root),
            SubRecord::HeapInfo { heap_id, name_id } => {
                return self.heaps.push((offset as u64, heap_id, name_id));
            }
        };
        if address == 0 {
            if self.nulls.0 == 0 {
                self.nulls.1 = offset;
            }
            self.nulls.0 += 1;
            return;
        }
        self.space.add(address);
        self.addresses.push(address);
        // Class objects are found by their class: their dumps come first, in no order, and lie all over the heap.
        if !matches!(record, SubRecord::Class { .. }) {
            Blocks::note(&mut self.blocks, offset as u64, end as u64, address);
        }
        let page = address >> COARSE;
        if self.pages.last() != Some(&page) {
            self.pages.push(page);
        }
    }

    fn array(&mut self, address: u64, length: u64) {
        if let Some(before) = self.last_array {
            self.arrays_close |= close(before, address);
        }
        self.first_array.get_or_insert((address, length));
        self.last_array = Some((address, length));
    }
}

/// MAT's test for compressed references (`HprofParserHandlerImpl`): this array starts where the one before it, with
/// references of 8 bytes, would not have ended yet.
fn close((before, length): (u64, u64), address: u64) -> bool {
    before < address
        && address
            < before
                .saturating_add(16)
                .saturating_add(length.saturating_mul(8))
}

/// Numbers all objects and remembers where in the file to look for them. `first` is the index of the smallest address.
pub fn index(
    bytes: &[u8],
    units: &Units,
    id: IdSize,
    scan: &mut Scan,
    classes: u64,
    first: u32,
    damage: &mut Vec<Damage>,
) -> (AddressIndex, Blocks, HashMap<u64, u64>) {
    let objects = scan.instances + scan.object_arrays + scan.primitive_arrays + classes;
    let space = scan.space;
    let pages = scan
        .pages
        .iter()
        .flat_map(|&page| {
            let low = (page << COARSE).max(space.smallest);
            let high = (page << COARSE | ((1 << COARSE) - 1)).min(space.largest);
            Builder::page_key(&space, low)..=Builder::page_key(&space, high)
        })
        .collect();
    let builder = Builder::new(space, pages, objects);
    let addresses = std::mem::take(&mut scan.addresses);
    let duplicates: Vec<Vec<u64>> = addresses
        .into_par_iter()
        .map(|log| builder.add_all(log.iter()))
        .collect();
    let duplicates = duplicates.into_iter().flatten();
    let mut repeated: HashMap<u64, u64> = duplicates.map(|address| (address, u64::MAX)).collect();
    let index = builder.finish(first);
    if !repeated.is_empty() || index.duplicates > 0 {
        find_first(bytes, units, id, &mut repeated, index.duplicates > 0);
        let count = repeated.len() as u64;
        let message = repeated_message(count);
        damage.push(Damage::new(DamageCode::DuplicateObject, 0, 0, message).with_count(count));
    }
    (
        index,
        Blocks::new(std::mem::take(&mut scan.blocks)),
        repeated,
    )
}

/// What is said of `count` identifiers that are used again.
pub fn repeated_message(count: u64) -> String {
    format!("{count} identifiers are used by more than one object; the first object counts")
}

/// Finds where the objects whose identifier is used again were dumped first. `all` looks for repetitions itself.
fn find_first(
    bytes: &[u8],
    units: &Units,
    id: IdSize,
    repeated: &mut HashMap<u64, u64>,
    all: bool,
) {
    let mut seen: HashMap<u64, u64> = HashMap::default();
    for &(start, end) in &units.ranges {
        each_object(bytes, start, end, id, |offset, address| {
            if all {
                let first = *seen.entry(address).or_insert(offset as u64);
                if first != offset as u64 {
                    repeated.insert(address, first);
                }
            } else if let Some(first) = repeated.get_mut(&address) {
                *first = (*first).min(offset as u64);
            }
        });
    }
}

/// Calls `visit` with the file offset and address of every object, class objects included.
pub fn each_object(
    bytes: &[u8],
    start: usize,
    end: usize,
    id: IdSize,
    mut visit: impl FnMut(usize, u64),
) {
    let mut records = SubRecords::new(bytes, start, end, id);
    loop {
        let offset = records.position();
        match records.next() {
            Ok(Some(
                SubRecord::Instance { id, .. }
                | SubRecord::ObjectArray { id, .. }
                | SubRecord::PrimitiveArray { id, .. }
                | SubRecord::Class { id, .. },
            )) if id != 0 => visit(offset, id),
            Ok(Some(_)) => {}
            _ => return,
        }
    }
}

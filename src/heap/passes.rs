//! The passes of an analysis in their order. Each takes what the one before gives: [`Records`], [`Placed`], [`Referred`],
//! [`Measured`], and then the [`Snapshot`].

use std::sync::OnceLock;

use foldhash::HashMap;

use super::address_index::AddressIndex;
use super::array_classes;
use super::class::Classes;
use super::class_edges::{self, ClassEdges};
use super::class_instances;
use super::class_sizes::{self, Shallow, Sizing};
use super::compat::Compat;
use super::heaps::Heaps;
use super::layout::Layout;
use super::load_error::LoadError;
use super::locate::Blocks;
use super::need::Need;
use super::observer::Observer;
use super::provisional;
use super::references::{Columns, Found, Pass};
use super::referrer_rows::KnownRows;
use super::roots::Roots;
use super::scan::{self, Scan};
use super::sizes::{ShallowSizes, SizesBuilder};
use super::snapshot::Snapshot;
use super::steps::Steps;
use super::totals::{self, ReferenceTotals, Totals};
use crate::graph::predecessors::MOST_NODES;
use crate::graph::{Column, Dominators, Input, Predecessors, TooManyReferences, Tree, Unrooted};
use crate::hprof::{Container, Damage, DamageCode, Header, IdSize, Unit, Units, sequence};
use crate::phase::Phase;

/// What the first pass over the file gives: its records, and how many objects of which kind there are.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    header: Header,
    container: Container,
    units: Units,
    scan: Scan,
    damage: Vec<Damage>,
    /// Bytes of heap records.
    heap_bytes: u64,
}

/// Every object has its number, and the GC roots are known.
pub(super) struct Placed<'a> {
    records: Records<'a>,
    compat: Compat,
    classes: Classes,
    index: AddressIndex,
    blocks: Blocks,
    /// Identifiers used more than once, with the file offset of the object that counts.
    repeated: HashMap<u64, u64>,
    layout: Layout,
    roots: Roots,
}

/// Every object has its class, and its references are known.
pub(super) struct Referred<'a> {
    placed: Placed<'a>,
    /// Objects of the classes, by class number.
    class_objects: Vec<u32>,
    /// Class number of each object.
    class_column: Vec<u32>,
    sizes: SizesBuilder,
    predecessors: Predecessors,
    found: Found,
}

/// Every object has its shallow size.
pub(super) struct Measured<'a> {
    placed: Placed<'a>,
    class_objects: Vec<u32>,
    class_column: Column,
    sizes: ShallowSizes,
    predecessors: Predecessors,
    found: Found,
}

impl<'a> Records<'a> {
    /// Reads the records of the dump with `number` in the file, from 1.
    ///
    /// # Errors
    /// When there is no such dump, it has no heap, or it has too many objects.
    pub(super) fn read(
        bytes: &'a [u8],
        number: usize,
        observer: &dyn Observer,
    ) -> Result<Records<'a>, LoadError> {
        observer.phase(Phase::Records, 0);
        let (header, mut container) =
            sequence::pick(bytes, number, &|start, end| observer.read(start, end))?;
        let mut damage = std::mem::take(&mut container.damage);
        if container.segments.iter().all(|(start, end)| start == end) {
            let why = damage.iter().find(|damage| damage.code.loses_data());
            let end = format!("it ends at byte {}, before the first object", bytes.len());
            return Err(LoadError::Empty(
                why.map_or(end, |damage| damage.message.clone()),
            ));
        }
        let mut units = Units::cut(bytes, &container, header.id_size, &mut damage);
        let heap_bytes = units.bytes();
        observer.phase(Phase::Scan, heap_bytes);
        let done = |start, end| observer.read(start, end);
        let scan = scan::scan(bytes, &mut units, header.id_size, &mut damage, &done);
        if scan.objects() > MOST_NODES as u64 {
            return Err(LoadError::TooMany(scan.objects()));
        }
        Ok(Records {
            bytes,
            header,
            container,
            units,
            scan,
            damage,
            heap_bytes,
        })
    }

    /// What the further passes take of memory.
    pub(super) fn need(&self) -> Need {
        Need::of(&self.scan, self.heap_bytes)
    }

    fn id(&self) -> IdSize {
        self.header.id_size
    }

    /// Numbers the objects by address, and finds the GC roots.
    pub(super) fn place(mut self, compat: Compat, observer: &dyn Observer) -> Placed<'a> {
        let (bytes, id) = (self.bytes, self.id());
        let dumps = std::mem::take(&mut self.scan.class_dumps);
        let class_count = dumps.len() as u64;
        let damage = &mut self.damage;
        let mut classes = Classes::new(bytes, &self.container, dumps, id.bytes(), compat, damage);
        if !compat.is_mat() {
            array_classes::link(&mut classes);
        }
        observer.phase(Phase::Addresses, 0);
        let first = u32::from(compat.is_mat());
        let (units, scan) = (&self.units, &mut self.scan);
        let (index, mut blocks, mut repeated) =
            scan::index(bytes, units, id, scan, class_count, first, damage);
        class_instances::merge(bytes, units, id, &classes, &mut repeated, damage);
        blocks.prepare(index.len());
        let layout = match compat {
            Compat::Jvm => Layout::infer(bytes, units, id, &index, alignment(scan)),
            Compat::Mat => Layout::mat(
                id,
                scan.mat_compressed,
                class_sizes::mat_alignment(&index, first),
            ),
        };
        let heap = provisional::Heap {
            bytes,
            container: &self.container,
            units,
            id,
        };
        let roots = provisional::find_roots(&heap, &scan.roots, &index, &classes, compat, damage);
        Placed {
            records: self,
            compat,
            classes,
            index,
            blocks,
            repeated,
            layout,
            roots,
        }
    }
}

/// What all addresses are multiples of, in bytes.
fn alignment(scan: &Scan) -> u64 {
    match scan.space.differing {
        0 => 8,
        differing => 1 << differing.trailing_zeros().min(8),
    }
}

impl<'a> Placed<'a> {
    /// The second pass over the file: the class of every object, the sizes of arrays, who refers to whom.
    pub(super) fn refer(mut self, observer: &dyn Observer) -> Referred<'a> {
        observer.phase(Phase::References, self.records.heap_bytes);
        let columns = Columns {
            class: crate::graph::zeroed(self.index.len()),
            sizes: SizesBuilder::new(self.index.len()),
            predecessors: Predecessors::new(self.index.len(), &self.roots.objects),
        };
        let pass = Pass {
            bytes: self.records.bytes,
            id: self.records.id(),
            units: &self.records.units,
            index: &self.index,
            classes: &self.classes,
            layout: &self.layout,
            repeated: &self.repeated,
            blocks: &self.blocks,
        };
        let mut found = pass.run(&columns, &|unit: &Unit| {
            let (start, end) = self.records.units.span(*unit);
            observer.read(start, end);
        });
        self.blocks.placed();
        let class_objects = self.refer_from_classes(&columns, &mut found);
        if found.odd_length > 0 {
            let message = format!(
                "{} instances are shorter or longer than their class says; missing fields count as null",
                found.odd_length
            );
            let damage = Damage::new(DamageCode::InstanceLength, 0, 0, message);
            self.records
                .damage
                .push(damage.with_count(found.odd_length));
        }
        Referred {
            placed: self,
            class_objects,
            class_column: crate::graph::plain(columns.class),
            sizes: columns.sizes,
            predecessors: columns.predecessors,
            found,
        }
    }

    /// Gives classes without a class dump a name, and adds what class objects refer to. Gives the objects of the classes.
    fn refer_from_classes(&mut self, columns: &Columns, found: &mut Found) -> Vec<u32> {
        class_edges::name_unknown_classes(
            self.records.bytes,
            &self.records.container,
            &mut self.classes,
            columns,
            found,
            &mut self.records.damage,
        );
        let (classes, index) = (&self.classes, &self.index);
        let class_objects =
            class_edges::place_class_objects(classes, index, &columns.class, self.compat);
        found.further.push(class_edges::class_references(
            classes,
            &class_objects,
            index,
            &self.roots,
            &columns.predecessors,
            self.compat,
        ));
        class_objects
    }
}

impl<'a> Referred<'a> {
    /// Shallow sizes of all objects.
    pub(super) fn measure(mut self, observer: &dyn Observer) -> Measured<'a> {
        observer.phase(Phase::Sizes, 0);
        let placed = &mut self.placed;
        let sizing = Sizing {
            classes: &placed.classes,
            class_objects: &self.class_objects,
            class_column: &self.class_column,
            index: &placed.index,
            bytes: placed.records.bytes,
            container: &placed.records.container,
            blocks: &placed.blocks,
            id: placed.records.header.id_size,
        };
        let sizes = sizing.sizes(&mut placed.layout, self.sizes);
        Measured {
            class_column: Column::new(self.class_column, self.placed.classes.len()),
            placed: self.placed,
            class_objects: self.class_objects,
            sizes,
            predecessors: self.predecessors,
            found: self.found,
        }
    }
}

impl<'a> Measured<'a> {
    /// The dominator tree and the retained sizes.
    ///
    /// # Errors
    /// When there are more references than can be numbered.
    pub(super) fn dominate(self, observer: &dyn Observer) -> Result<Snapshot<'a>, LoadError> {
        let Measured {
            placed,
            class_objects,
            class_column,
            sizes,
            predecessors,
            found,
        } = self;
        let (compat, roots) = (placed.compat, &placed.roots);
        let implicit = ClassEdges::new(&class_objects, &class_column, roots);
        let mut dominators = Dominators::compute(Input {
            predecessors,
            further: found.further,
            roots: &roots.objects,
            referents: found.referents.clone(),
            implicit: &implicit,
            unrooted: match compat {
                Compat::Mat => Unrooted::LeaveOut,
                Compat::Jvm if roots.complete => Unrooted::Keep,
                Compat::Jvm => Unrooted::ProvisionalRoots,
            },
            phase: &mut |phase| observer.phase(phase, 0),
        })
        .map_err(|TooManyReferences(references)| LoadError::TooManyReferences(references))?;
        drop(implicit);
        observer.phase(Phase::RetainedSizes, 0);
        let shallow = Shallow {
            sizes: &sizes,
            classes: &class_column,
            count: placed.classes.len(),
        };
        let tree = Tree::new(&mut dominators, &shallow);
        let totals = totals::totals(&tree, &shallow);
        let bytes_of_heap = totals.iter().map(|totals| totals.bytes);
        let steps = Steps::for_heap(bytes_of_heap.fold(0, u64::saturating_add));
        let records = placed.records;
        let mut snapshot = Snapshot {
            bytes: records.bytes,
            header: records.header,
            class_serials: class_serials(&records.container),
            container: records.container,
            compat,
            layout: placed.layout,
            classes: placed.classes,
            class_objects,
            index: placed.index,
            blocks: placed.blocks,
            class_column,
            sizes,
            roots: placed.roots,
            threads: Vec::new(),
            dominators,
            tree,
            totals,
            fillers: Totals::default(),
            references: ReferenceTotals {
                references: found.references,
                dangling: found.dangling,
            },
            referents: found.referents,
            heaps: Heaps::new(&records.scan.heaps),
            damage: records.damage,
            steps,
            shapes: OnceLock::new(),
            pages: None,
            values_shown: false,
            vocabulary: OnceLock::new(),
            asked: std::sync::Mutex::default(),
            referrer_rows: KnownRows::default(),
        };
        snapshot.threads = snapshot.find_threads();
        if !compat.is_mat() {
            snapshot.separate_fillers();
        }
        Ok(snapshot)
    }
}

/// Identifiers of the names of classes, by the serial numbers that frames use.
pub(super) fn class_serials(container: &Container) -> HashMap<u32, u64> {
    let loaded = container.load_classes.iter();
    loaded
        .map(|loaded| (loaded.serial, loaded.name_id))
        .collect()
}

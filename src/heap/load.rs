//! From the bytes of a dump to a [`Snapshot`]: the passes in order.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::address_index::AddressIndex;
use super::class::{ClassIndex, ClassKind, Classes};
use super::compat::Compat;
use super::gaps;
use super::heaps::Heaps;
use super::layout::Layout;
use super::locate::Blocks;
use super::packing;
use super::provisional;
use super::references::{Columns, Found, Pass, UNKNOWN_CLASS};
use super::roots::Roots;
use super::scan;
use super::sizes::{ShallowSizes, SizesBuilder, UNIT};
use super::snapshot::{ReferenceTotals, Snapshot, Totals};
use super::stack_chunks;
use crate::graph::predecessors::MOST_NODES;
use crate::graph::{
    Dominators, Edge, Implicit, Input, Predecessors, Retained, Sizes, Strength, Tree, Unrooted,
};
use crate::hprof::{
    Container, Damage, DamageCode, FieldType, IdSize, PickError, Unit, Units, sequence,
};

/// Stands for "no class object".
const NONE: u32 = u32::MAX;

/// How to analyse.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// Whose rules to follow.
    pub compat: Compat,
    /// Which of several dumps in the file, from 1.
    pub dump_number: usize,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions {
            compat: Compat::default(),
            dump_number: 1,
        }
    }
}

/// Why a dump cannot be analysed at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It does not begin as a dump, or there is no dump of that number.
    #[error(transparent)]
    Pick(#[from] PickError),
    /// The file ends, or is damaged, before the first object.
    #[error(
        "the dump holds no heap data: {0}; take it again (where files ending in .p0, .p1 lie beside it, the JVM was stopped before it put them together)"
    )]
    Empty(String),
    /// More objects than indexes.
    #[error("the dump has {0} objects; at most {MOST_NODES} can be analysed")]
    TooMany(u64),
}

/// Watches the work. All methods may be called from several threads.
pub trait Observer: Sync {
    /// A phase begins that reads `bytes` bytes of the dump, 0 where it does not.
    fn phase(&self, _name: &'static str, _bytes: u64) {}
    /// The current phase has read file offsets `start..end` and will not come back to them.
    fn read(&self, _start: usize, _end: usize) {}
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {}

/// Analyses the dump in `bytes`.
///
/// # Errors
/// When the bytes are no dump. Damage is not an error: see [`Snapshot::damage`].
pub fn load<'a>(
    bytes: &'a [u8],
    options: LoadOptions,
    observer: &dyn Observer,
) -> Result<Snapshot<'a>, LoadError> {
    observer.phase("records", 0);
    let (header, mut container) = sequence::pick(bytes, options.dump_number)?;
    let id = header.id_size;
    let compat = options.compat;
    let mut damage = std::mem::take(&mut container.damage);
    if container.segments.iter().all(|(start, end)| start == end) {
        let why = damage.iter().find(|damage| damage.code.loses_data());
        return Err(LoadError::Empty(why.map_or_else(
            || {
                format!(
                    "it ends at byte {}, before the first heap record",
                    bytes.len()
                )
            },
            |damage| damage.message.clone(),
        )));
    }
    let mut units = Units::cut(bytes, &container, id, &mut damage);
    let size: usize = units.ranges.iter().map(|(start, end)| end - start).sum();
    let done = |units: &Units, unit: &Unit| {
        let (start, end) = units.span(*unit);
        observer.read(start, end);
    };
    observer.phase("scan", size as u64);
    let mut scan = scan::scan(bytes, &mut units, id, &mut damage, &|start, end| {
        observer.read(start, end)
    });
    let objects =
        scan.instances + scan.object_arrays + scan.primitive_arrays + scan.class_dumps.len() as u64;
    if objects > MOST_NODES as u64 {
        return Err(LoadError::TooMany(objects));
    }
    let dumps = std::mem::take(&mut scan.class_dumps);
    let class_count = dumps.len() as u64;
    let mut classes = Classes::new(bytes, &container, dumps, id.bytes(), compat, &mut damage);
    observer.phase("addresses", size as u64);
    let first = u32::from(compat.is_mat());
    let (index, mut blocks, repeated) = scan::index(
        bytes,
        &units,
        id,
        &scan,
        class_count,
        first,
        &mut damage,
        &|unit| done(&units, unit),
    );
    blocks.prepare(index.len());
    let alignment = if scan.space.differing == 0 {
        8
    } else {
        1 << scan.space.differing.trailing_zeros().min(8)
    };
    let mut layout = match compat {
        Compat::Jvm => Layout::infer(bytes, &units, id, &index, alignment),
        Compat::Mat => Layout::mat(id, scan.mat_compressed, mat_alignment(&index, first)),
    };
    let roots = provisional::find_roots(
        &provisional::Heap {
            bytes,
            container: &container,
            units: &units,
            id,
        },
        &scan.roots,
        &index,
        &classes,
        compat,
        &mut damage,
    );
    observer.phase("references", size as u64);
    let columns = Columns {
        class: crate::graph::atomic_column(index.len()),
        sizes: SizesBuilder::new(index.len()),
        predecessors: Predecessors::new(index.len(), &roots.objects),
    };
    let pass = Pass {
        bytes,
        id,
        units: &units,
        index: &index,
        classes: &classes,
        layout: &layout,
        repeated: &repeated,
        blocks: &blocks,
    };
    let mut found = pass.run(&columns, &|unit| done(&units, unit));
    name_unknown_classes(
        bytes,
        &container,
        &mut classes,
        &columns,
        &mut found,
        &mut damage,
    );
    let class_objects = place_class_objects(&classes, &index, &columns.class, compat);
    found.further.push(class_references(
        &classes,
        &class_objects,
        &index,
        &roots,
        &columns.predecessors,
        compat,
    ));
    if found.odd_length > 0 {
        let message = format!(
            "{} instances are shorter or longer than their class says; missing fields count as null",
            found.odd_length
        );
        damage.push(
            Damage::new(DamageCode::InstanceLength, 0, 0, message).with_count(found.odd_length),
        );
    }
    let Columns {
        class: class_column,
        sizes,
        predecessors,
    } = columns;
    let class_column = crate::graph::plain(class_column);
    observer.phase("sizes", 0);
    let sizes = size_objects(
        &mut layout,
        &classes,
        &class_objects,
        &class_column,
        &index,
        sizes,
        bytes,
        &container,
        (&blocks, id),
    );
    observer.phase("dominators", 0);
    let implicit = ClassEdges::new(&class_objects, &class_column, &roots);
    let dominators = Dominators::compute(Input {
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
        phase: &mut |name| observer.phase(name, 0),
    });
    drop(implicit);
    observer.phase("retained sizes", 0);
    let retained = Retained::compute(
        &dominators,
        &Shallow {
            sizes: &sizes,
            classes: &class_column,
        },
    );
    let tree = Tree::new(&dominators, &retained);
    let totals = totals(&dominators, &sizes, &class_column);
    let class_serials: FxHashMap<u32, u64> = container
        .load_classes
        .iter()
        .map(|loaded| (loaded.serial, loaded.name_id))
        .collect();
    let mut snapshot = Snapshot {
        bytes,
        header,
        container,
        compat,
        layout,
        classes,
        class_objects,
        index,
        blocks,
        class_column,
        sizes,
        roots,
        threads: Vec::new(),
        class_serials,
        dominators,
        retained,
        tree,
        totals,
        fillers: Totals::default(),
        references: ReferenceTotals {
            references: found.references,
            dangling: found.dangling,
        },
        referents: found.referents,
        heaps: Heaps::new(&scan.heaps),
        damage,
    };
    snapshot.threads = snapshot.find_threads();
    if !compat.is_mat() {
        snapshot.set_fillers_apart();
    }
    Ok(snapshot)
}

/// The greatest common divisor of the distances between objects, as MAT takes it.
fn mat_alignment(index: &AddressIndex, first: u32) -> u64 {
    let mut addresses = index.addresses_from(first);
    let Some(base) = addresses.next() else {
        return 8;
    };
    addresses.fold(0u64, |divisor, address| gcd(divisor, address - base))
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Gives a class to the objects whose class has no class dump.
fn name_unknown_classes(
    bytes: &[u8],
    container: &Container,
    classes: &mut Classes,
    columns: &Columns,
    found: &mut Found,
    damage: &mut Vec<Damage>,
) {
    let unknown = std::mem::take(&mut found.unknown_class);
    for &(object, class_id, array) in &unknown {
        let class = classes.add_missing(bytes, container, class_id, array);
        columns.class[object as usize].store(class.0, Relaxed);
    }
    if !unknown.is_empty() {
        let count = unknown.len() as u64;
        let message = format!(
            "{count} objects are of classes without a class dump; their references are not known"
        );
        damage.push(Damage::new(DamageCode::ClassMissing, 0, 0, message).with_count(count));
    }
    debug_assert!(
        columns
            .class
            .iter()
            .all(|class| class.load(Relaxed) != UNKNOWN_CLASS)
    );
}

/// Finds the class object of every class and makes it an object of class `java.lang.Class`.
fn place_class_objects(
    classes: &Classes,
    index: &AddressIndex,
    column: &[AtomicU32],
    compat: Compat,
) -> Vec<u32> {
    let boot = |name: &str| {
        let of_boot_loader = classes
            .named(name)
            .find(|&class| classes.get(class).dump.loader_id == 0);
        of_boot_loader.or_else(|| classes.named(name).next())
    };
    let class_class = boot("java.lang.Class");
    if compat.is_mat() && !column.is_empty() {
        // MAT's made-up boot loader is object 0.
        column[0].store(
            boot("java.lang.ClassLoader").map_or(0, |class| class.0),
            Relaxed,
        );
    }
    classes
        .iter()
        .map(|(_, class)| {
            let object = if class.dumped {
                index.find(class.id)
            } else {
                None
            };
            let Some(object) = object else { return NONE };
            if let Some(ClassIndex(class)) = class_class {
                column[object as usize].store(class, Relaxed);
            }
            object
        })
        .collect()
}

/// The references of class objects: super class, loader, statics; signers, protection domain and constants but under
/// MAT's rules. Locals of threads are added here too.
fn class_references(
    classes: &Classes,
    class_objects: &[u32],
    index: &AddressIndex,
    roots: &Roots,
    predecessors: &Predecessors,
    compat: Compat,
) -> Vec<Edge> {
    let mut further = Vec::new();
    for (class_index, class) in classes.iter() {
        let from = class_objects[class_index.0 as usize];
        if from == NONE {
            continue;
        }
        let dump = &class.dump;
        let statics = dump
            .statics
            .iter()
            .filter_map(|field| field.value.reference());
        let more = [dump.signers_id, dump.protection_domain_id]
            .into_iter()
            .chain(dump.constants.iter().copied());
        let more = more.filter(|_| !compat.is_mat());
        let loader = if compat.is_mat() && index.find(dump.loader_id).is_none() {
            0
        } else {
            dump.loader_id
        };
        for id in statics.chain(more).chain([dump.super_id]) {
            if let Some(to) = index.find(id).filter(|_| id != 0) {
                predecessors.add(from, to, &mut further);
            }
        }
        if compat.is_mat() && loader == 0 {
            predecessors.add(from, 0, &mut further);
        } else if let Some(to) = index.find(loader).filter(|_| loader != 0) {
            predecessors.add(from, to, &mut further);
        }
    }
    for local in &roots.locals {
        predecessors.add(local.thread, local.object, &mut further);
    }
    further
}

/// Sizes instances and class objects.
#[expect(
    clippy::too_many_arguments,
    reason = "called once, from the list of passes"
)]
fn size_objects(
    layout: &mut Layout,
    classes: &Classes,
    class_objects: &[u32],
    class_column: &[u32],
    index: &AddressIndex,
    builder: SizesBuilder,
    bytes: &[u8],
    container: &Container,
    (blocks, id): (&Blocks, IdSize),
) -> ShallowSizes {
    let sizes = if layout.packing == packing::Packing::Gaps {
        let mut mirrors = vec![false; index.len()];
        class_objects
            .iter()
            .filter(|&&object| object != NONE)
            .for_each(|&object| mirrors[object as usize] = true);
        let instance = |object: u32| {
            let class = class_column[object as usize];
            (classes.get(ClassIndex(class)).kind == ClassKind::Instance
                && !mirrors[object as usize])
                .then_some(class)
        };
        let gaps = gaps::measure(index, classes.len(), instance);
        gaps::instance_sizes(layout, classes, &gaps)
    } else {
        packing::instance_bytes(layout, classes)
    };
    let pseudo = |name: u64| {
        container
            .string(bytes, name)
            .is_some_and(|name| name.starts_with(b"<"))
    };
    let gap = |object: u32| Some(index.next_after(index.address(object))? - index.address(object));
    // What a class object without statics takes: arrays and interfaces have none.
    let plain = classes
        .iter()
        .filter(|(_, class)| class.dumped && class.dump.statics.is_empty());
    let smallest = plain
        .filter_map(|(i, _)| {
            gap(class_objects[i.0 as usize]).filter(|_| class_objects[i.0 as usize] != NONE)
        })
        .min();
    let formula = classes
        .named("java.lang.Class")
        .next()
        .map_or(0, |class| sizes[class.0 as usize]);
    let base = if layout.packing == packing::Packing::Gaps {
        smallest.unwrap_or(formula)
    } else {
        formula
    };
    for (i, &object) in class_objects.iter().enumerate() {
        if object != NONE {
            let gap = if layout.packing == packing::Packing::Gaps {
                gap(object)
            } else {
                None
            };
            builder.set(
                object,
                gaps::class_object_bytes(layout, classes, base, i, gap, pseudo),
            );
        }
    }
    if layout.packing != packing::Packing::Mat {
        let chunks = stack_chunks::sizes(
            stack_chunks::Heap {
                bytes,
                container,
                classes,
                layout,
                index,
                blocks,
                id,
            },
            class_column,
        );
        chunks
            .into_iter()
            .for_each(|(object, bytes)| builder.set(object, bytes));
    }
    let mut sizes_column = builder.finish();
    sizes_column.set_classes(&sizes);
    sizes_column
}

/// Object -> class object, where that is no GC root.
struct ClassEdges<'a> {
    class_column: &'a [u32],
    target: Vec<u32>,
    targets: Vec<u32>,
}

impl<'a> ClassEdges<'a> {
    fn new(class_objects: &[u32], class_column: &'a [u32], roots: &Roots) -> ClassEdges<'a> {
        let keep = |object: u32| {
            if object == NONE || roots.kinds.contains_key(&object) {
                NONE
            } else {
                object
            }
        };
        let target: Vec<u32> = class_objects.iter().map(|&object| keep(object)).collect();
        let mut targets: Vec<u32> = target
            .iter()
            .copied()
            .filter(|&object| object != NONE)
            .collect();
        targets.sort_unstable();
        ClassEdges {
            class_column,
            target,
            targets,
        }
    }
}

impl Implicit for ClassEdges<'_> {
    #[inline]
    fn target(&self, node: u32) -> Option<u32> {
        let target = *self.target.get(self.class_column[node as usize] as usize)?;
        (target != NONE && target != node).then_some(target)
    }

    fn targets(&self) -> &[u32] {
        &self.targets
    }
}

struct Shallow<'a> {
    sizes: &'a ShallowSizes,
    classes: &'a [u32],
}

impl Sizes for Shallow<'_> {
    #[inline]
    fn units(&self, node: u32) -> u64 {
        self.sizes.units(node, self.classes[node as usize])
    }

    fn unit(&self) -> u64 {
        UNIT
    }
}

fn totals(dominators: &Dominators, sizes: &ShallowSizes, classes: &[u32]) -> [Totals; 6] {
    let join = |mut a: [Totals; 6], b: [Totals; 6]| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a = a.join(b));
        a
    };
    (0..classes.len() as u32)
        .into_par_iter()
        .with_min_len(1 << 14)
        .filter(|&node| dominators.contains(node))
        .fold(<[Totals; 6]>::default, |mut totals, node| {
            totals[dominators.strength(node) as usize]
                .add(sizes.units(node, classes[node as usize]) * UNIT);
            totals
        })
        .reduce(<[Totals; 6]>::default, join)
}

impl Snapshot<'_> {
    /// Fillers are dead space that HotSpot makes look like objects: instances of `jdk.internal.vm.FillerObject` and
    /// arrays of class `jdk.internal.vm.FillerElement[]` (JDK 21 and later), which a dump shows as zeroed `int[]` that
    /// nothing refers to. The arrays get their own class back.
    fn set_fillers_apart(&mut self) {
        let ints = self.classes.primitive_array(FieldType::Int);
        let objects: Vec<ClassIndex> = self.classes.named("jdk.internal.vm.FillerObject").collect();
        let arrays = self.classes.named("jdk.internal.vm.FillerElement[]").next();
        let is_filler = |&object: &u32| {
            let class = self.class_of(object);
            if class != ints && !objects.contains(&class) {
                return false;
            }
            let lone =
                self.strength(object) == Strength::NoPath && self.dominator(object).is_none();
            lone && match self.object(object) {
                Some(super::Object::PrimitiveArray { length, .. }) => {
                    length > 0 && arrays.is_some()
                }
                _ => true,
            }
        };
        let fillers: Vec<u32> = (0..self.len() as u32)
            .into_par_iter()
            .with_min_len(1 << 14)
            .filter(is_filler)
            .collect();
        for object in fillers {
            self.fillers.add(self.shallow(object));
            if let (true, Some(arrays)) = (self.class_of(object) == ints, arrays) {
                self.class_column[object as usize] = arrays.0;
            }
        }
    }
}

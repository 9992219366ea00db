//! From the bytes of a dump to a [`Snapshot`]: the passes in order.

use std::sync::OnceLock;

use foldhash::HashMap;

use super::bounded_walk::Steps;
use super::class::Classes;
use super::class_edges::{self, ClassEdges};
use super::class_sizes::{self, Shallow};
use super::compat::Compat;
use super::heaps::Heaps;
use super::layout::Layout;
use super::mirrors;
use super::need::Need;
pub use super::observer::{Observer, Unobserved};
use super::provisional;
use super::references::{Columns, Pass};
use super::scan::{self, Scan};
use super::sizes::SizesBuilder;
use super::snapshot::{ReferenceTotals, Snapshot, Totals};
use super::totals;
use crate::graph::predecessors::MOST_NODES;
use crate::graph::{Column, Dominators, Input, Predecessors, TooManyReferences, Tree, Unrooted};
use crate::hprof::{Container, Damage, DamageCode, Header, PickError, Unit, Units, sequence};
use crate::input::limits::Available;
use crate::phase::Phase;

/// How to analyse.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// Whose rules to follow.
    pub compat: Compat,
    /// Which of several dumps in the file, from 1.
    pub dump_number: usize,
    /// Most anonymous memory to use, and who says so; `None` for no limit.
    pub limit: Option<Available>,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions {
            compat: Compat::default(),
            dump_number: 1,
            limit: None,
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
        "the dump holds no heap data: {0}; take it again (where files ending in .p0, .p1 lie beside it, \
         the JVM was stopped before it put them together)"
    )]
    Empty(String),
    /// More objects than indexes.
    #[error("the dump has {0} objects; at most {MOST_NODES} can be analysed")]
    TooMany(u64),
    /// More references than can be numbered.
    #[error(
        "the dump has {0} references to objects with several referrers; at most {most} can be analysed",
        most = u32::MAX
    )]
    TooManyReferences(u64),
    /// It does not fit the memory that may be used.
    #[error(
        "the analysis needs about {needed} MiB of memory for {} objects, and only {} MiB may be used, {}; \
         run it where more is free, or go on with --max-memory {needed}MiB",
        need.objects, limit.bytes >> 20, limit.source.told(), needed = need.bytes.div_ceil(1 << 20)
    )]
    NeedsMemory {
        /// What it would take.
        need: Need,
        /// What may be used.
        limit: Available,
    },
}

/// What the first pass over a dump gives.
struct Records {
    header: Header,
    container: Container,
    units: Units,
    scan: Scan,
    damage: Vec<Damage>,
    /// Bytes of heap records.
    heap_bytes: u64,
}

impl Records {
    fn read(bytes: &[u8], number: usize, observer: &dyn Observer) -> Result<Records, LoadError> {
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
            header,
            container,
            units,
            scan,
            damage,
            heap_bytes,
        })
    }

    fn need(&self) -> Need {
        Need::of(&self.scan, self.heap_bytes)
    }
}

/// What an analysis of the dump in `bytes` will take. Reads it once, without building anything.
///
/// # Errors
/// When the bytes are no dump.
pub fn estimate(
    bytes: &[u8],
    options: LoadOptions,
    observer: &dyn Observer,
) -> Result<Need, LoadError> {
    Ok(Records::read(bytes, options.dump_number, observer)?.need())
}

/// Analyses the dump in `bytes`.
///
/// # Errors
/// When the bytes are no dump, or the analysis would not fit [`LoadOptions::limit`]. Damage is not an error: see
/// [`Snapshot::damage`].
pub fn load<'a>(
    bytes: &'a [u8],
    options: LoadOptions,
    observer: &dyn Observer,
) -> Result<Snapshot<'a>, LoadError> {
    let records = Records::read(bytes, options.dump_number, observer)?;
    let need = records.need();
    if let Some(limit) = options.limit.filter(|limit| need.bytes > limit.bytes) {
        return Err(LoadError::NeedsMemory { need, limit });
    }
    let Records {
        header,
        container,
        units,
        mut scan,
        mut damage,
        heap_bytes,
    } = records;
    let id = header.id_size;
    let compat = options.compat;
    let done = |unit: &Unit| {
        let (start, end) = units.span(*unit);
        observer.read(start, end);
    };
    let dumps = std::mem::take(&mut scan.class_dumps);
    let class_count = dumps.len() as u64;
    let mut classes = Classes::new(bytes, &container, dumps, id.bytes(), compat, &mut damage);
    observer.phase(Phase::Addresses, 0);
    let first = u32::from(compat.is_mat());
    let (index, mut blocks, mut repeated) = scan::index(
        bytes,
        &units,
        id,
        &mut scan,
        class_count,
        first,
        &mut damage,
    );
    mirrors::settle(bytes, &units, id, &classes, &mut repeated, &mut damage);
    blocks.prepare(index.len());
    let alignment = if scan.space.differing == 0 {
        8
    } else {
        1 << scan.space.differing.trailing_zeros().min(8)
    };
    let mut layout = match compat {
        Compat::Jvm => Layout::infer(bytes, &units, id, &index, alignment),
        Compat::Mat => Layout::mat(
            id,
            scan.mat_compressed,
            class_sizes::mat_alignment(&index, first),
        ),
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
    observer.phase(Phase::References, heap_bytes);
    let columns = Columns {
        class: crate::graph::zeroed(index.len()),
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
    let mut found = pass.run(&columns, &done);
    class_edges::name_unknown_classes(
        bytes,
        &container,
        &mut classes,
        &columns,
        &mut found,
        &mut damage,
    );
    let class_objects = class_edges::place_class_objects(&classes, &index, &columns.class, compat);
    found.further.push(class_edges::class_references(
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
    observer.phase(Phase::Sizes, 0);
    let sizes = class_sizes::size_objects(
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
    let class_column = Column::new(class_column, classes.len());
    let implicit = ClassEdges::new(&class_objects, &class_column, &roots);
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
        count: classes.len(),
    };
    let tree = Tree::new(&mut dominators, &shallow);
    let totals = totals::totals(&tree, &shallow);
    let class_serials: HashMap<u32, u64> = container
        .load_classes
        .iter()
        .map(|loaded| (loaded.serial, loaded.name_id))
        .collect();
    let bytes_of_heap = totals.iter().map(|totals| totals.bytes);
    let steps = Steps::for_heap(bytes_of_heap.fold(0, u64::saturating_add));
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
        steps,
        shapes: OnceLock::new(),
        pages: None,
        values_shown: false,
        vocabulary: OnceLock::new(),
        asked: std::sync::Mutex::default(),
    };
    snapshot.threads = snapshot.find_threads();
    if !compat.is_mat() {
        snapshot.set_fillers_apart();
    }
    Ok(snapshot)
}

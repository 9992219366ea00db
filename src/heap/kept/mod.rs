//! A snapshot as columns of a file, and back: what the passes over the dump and the dominators gave. Names, records and contents are
//! read from the dump as ever.
//!
//! What is read is checked wherever it is used as a number of something, so that a forged file can give wrong answers, as a forged
//! dump can, but no more than that.

mod addresses;
mod classes;
mod roots;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::class::Classes;
use super::class_sizes::Shallow;
use super::heaps::Heaps;
use super::layout::Layout;
use super::load::LoadOptions;
use super::locate::Blocks;
use super::passes;
use super::referrer_rows::{KnownRows, ReferrerRows};
use super::sizes::{ShallowSizes, UNIT};
use super::snapshot::Snapshot;
use super::steps::Steps;
use super::totals;
use super::totals::{ReferenceTotals, Totals};
use crate::graph::{Column, Strength, kept as tree};
use crate::hprof::{Damage, sequence};
use crate::kept::{Columns, Kept, Unfit};

/// Longest text of what is kept besides numbers.
const LONGEST_TEXT: usize = 4 << 20;
/// What a restored snapshot takes, in parts of what is read.
const MEMORY: u64 = 2;
/// Bytes in memory of which a byte of the dump can tell. No real dump has a tenth of it.
const LARGEST: u64 = 64;

const MISMATCH: Unfit = Unfit("it does not fit the dump");

/// What is no column.
#[derive(Serialize, Deserialize)]
struct Facts {
    layout: Layout,
    damage: Vec<Damage>,
    references: ReferenceTotals,
    fillers: Totals,
    /// Whether the dump names heaps.
    heaps: bool,
    /// Whether blocks are in the order of addresses.
    ordered: bool,
    /// All shallow sizes, in units.
    units: u64,
    addresses: addresses::Facts,
    roots: roots::Facts,
}

/// Adds the columns of `snapshot`, and of its [`Snapshot::rows_of_referrers`] where it has them.
pub fn keep<'s>(
    snapshot: &'s Snapshot<'_>,
    rows: Option<&'s ReferrerRows>,
    columns: &mut Columns<'s>,
) {
    let facts = Facts {
        layout: snapshot.layout.clone(),
        damage: snapshot.damage.clone(),
        references: snapshot.references,
        fillers: snapshot.fillers,
        heaps: !snapshot.heaps.is_empty(),
        ordered: snapshot.blocks.ordered,
        units: snapshot.sizes.total,
        addresses: addresses::keep(&snapshot.index, columns),
        roots: roots::keep(&snapshot.roots, columns),
    };
    columns.put_owned("facts", serde_json::to_vec(&facts).unwrap_or_default());
    columns.put_owned("classes", classes::keep(&snapshot.classes));
    columns.put("class_objects", &snapshot.class_objects);
    match &snapshot.class_column {
        Column::Narrow(classes) => columns.put("class", classes),
        Column::Wide(classes) => columns.put("class", classes),
    }
    columns.put("blocks", snapshot.blocks.all());
    columns.put("block", &snapshot.blocks.column);
    keep_sizes(&snapshot.sizes, columns);
    let referents = snapshot.referents.iter();
    let referents = referents.flat_map(|&(from, to, strength)| [from, to, strength as u32]);
    columns.put_owned("referents", referents.collect());
    tree::keep(&snapshot.dominators, &snapshot.tree, columns);
    if let Some(rows) = rows {
        rows.keep(columns);
    }
}

fn keep_sizes<'s>(sizes: &'s ShallowSizes, columns: &mut Columns<'s>) {
    columns.put("size", &sizes.narrow);
    let listed = sizes.listed.iter();
    columns.put_owned(
        "listed",
        listed.clone().map(|&(object, _)| object).collect(),
    );
    columns.put_owned("listed_units", listed.map(|&(_, units)| units).collect());
    columns.put("class_units", &sizes.class_units);
    columns.put("class_fixed", &sizes.fixed);
}

/// The snapshot of the dump in `bytes` that [`keep`] added.
///
/// # Errors
/// When it is not that of this dump, or would not fit [`LoadOptions::limit`].
pub fn restore<'a>(
    bytes: &'a [u8],
    options: &LoadOptions,
    kept: Kept,
) -> Result<Snapshot<'a>, Unfit> {
    let memory = kept.bytes().saturating_mul(MEMORY);
    if options.limit.is_some_and(|limit| limit.bytes < memory) {
        return Err(Unfit("it needs more memory than may be used"));
    }
    let facts: Vec<u8> = kept.take("facts", LONGEST_TEXT)?;
    let facts: Facts = serde_json::from_slice(&facts).map_err(|_| MISMATCH)?;
    let (header, mut container) =
        sequence::pick(bytes, options.dump_number, &|_, _| {}).map_err(|_| MISMATCH)?;
    container.damage.clear();
    let most = bytes.len() / (1 + header.id_size.bytes());
    let index = addresses::restore(&kept, &facts.addresses, options.compat, most)?;
    let dump = classes::Dump {
        bytes,
        container: &container,
        id: header.id_size,
    };
    let words = kept.take("classes", bytes.len())?;
    let classes = classes::restore(&words, dump, options.compat).ok_or(MISMATCH)?;
    let class_column = class_column(&kept, index.len(), classes.len())?;
    let class_objects = class_objects(&kept, &classes, index.len())?;
    let blocks = blocks(&kept, facts.ordered, index.len(), bytes.len())?;
    let sizes = sizes(&kept, facts.units, index.len(), classes.len())?;
    let roots = roots::restore(&kept, facts.roots, index.len(), most)?;
    let referents = referents(&kept, index.len())?;
    let (dominators, tree) = tree::restore(&kept, &class_column, UNIT)?;
    let shallow = Shallow {
        sizes: &sizes,
        classes: &class_column,
        count: classes.len(),
    };
    let totals = totals::totals(&tree, &shallow);
    let heap = totals.iter().map(|totals| totals.bytes);
    let heap = heap.fold(0, u64::saturating_add);
    let steps = Steps::for_heap(heap.min((bytes.len() as u64).saturating_mul(LARGEST)));
    let mut snapshot = Snapshot {
        bytes,
        header,
        class_serials: passes::class_serials(&container),
        container,
        compat: options.compat,
        layout: facts.layout.checked().ok_or(MISMATCH)?,
        classes,
        class_objects,
        index,
        blocks,
        class_column,
        sizes,
        roots,
        threads: Vec::new(),
        dominators,
        tree,
        totals,
        fillers: facts.fillers,
        references: facts.references,
        referents,
        heaps: Heaps::named(facts.heaps),
        damage: facts.damage,
        steps,
        shapes: OnceLock::new(),
        pages: None,
        values_shown: false,
        vocabulary: OnceLock::new(),
        asked: std::sync::Mutex::default(),
        referrer_rows: KnownRows::default(),
    };
    snapshot.threads = snapshot.find_threads();
    snapshot.referrer_rows = KnownRows::in_file(kept, snapshot.len(), bytes.len());
    Ok(snapshot)
}

/// The class of every object.
fn class_column(kept: &Kept, objects: usize, classes: usize) -> Result<Column, Unfit> {
    // As wide as a column of so many classes is.
    let (column, is_sound) = match Column::is_narrow(classes) {
        true => {
            let column: Vec<u16> = kept.exactly("class", objects)?;
            let largest = column.iter().copied().max();
            let is_sound = largest.is_none_or(|largest| usize::from(largest) < classes);
            (Column::Narrow(column), is_sound)
        }
        false => {
            let column: Vec<u32> = kept.exactly("class", objects)?;
            let largest = column.iter().copied().max();
            let is_sound = largest.is_none_or(|largest| (largest as usize) < classes);
            (Column::Wide(column), is_sound)
        }
    };
    if is_sound { Ok(column) } else { Err(MISMATCH) }
}

fn class_objects(kept: &Kept, classes: &Classes, objects: usize) -> Result<Vec<u32>, Unfit> {
    let found: Vec<u32> = kept.exactly("class_objects", classes.len())?;
    let is_sound = |&object: &u32| object == u32::MAX || (object as usize) < objects;
    match found.iter().all(is_sound) {
        true => Ok(found),
        false => Err(MISMATCH),
    }
}

fn blocks(kept: &Kept, ordered: bool, objects: usize, bytes: usize) -> Result<Blocks, Unfit> {
    let blocks = kept.take("blocks", bytes)?;
    let column = kept.exactly("block", if ordered { 0 } else { objects })?;
    Blocks::restore(blocks, ordered, column, bytes as u64).ok_or(MISMATCH)
}

fn sizes(kept: &Kept, total: u64, objects: usize, classes: usize) -> Result<ShallowSizes, Unfit> {
    let listed: Vec<u32> = kept.take("listed", objects)?;
    let units: Vec<u64> = kept.exactly("listed_units", listed.len())?;
    Ok(ShallowSizes {
        narrow: kept.exactly("size", objects)?,
        listed: listed.into_iter().zip(units).collect(),
        class_units: kept.exactly("class_units", classes)?,
        fixed: kept.exactly("class_fixed", classes)?,
        total,
    })
}

fn referents(kept: &Kept, objects: usize) -> Result<Vec<(u32, u32, Strength)>, Unfit> {
    let numbers: Vec<u32> = kept.take("referents", objects.saturating_mul(3))?;
    let referent = |numbers: &[u32; 3]| {
        let &[from, to, strength] = numbers;
        let strength = Strength::from_number(u8::try_from(strength).ok()?)?;
        let is_sound = (from as usize) < objects && (to as usize) < objects;
        is_sound.then_some((from, to, strength))
    };
    let (all, rest) = numbers.as_chunks::<3>();
    let all: Option<Vec<_>> = all.iter().map(referent).collect();
    all.filter(|_| rest.is_empty()).ok_or(MISMATCH)
}

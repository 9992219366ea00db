//! One suspect for one holder: merging, floor, order.

use foldhash::HashMap;
use rayon::prelude::*;

use super::candidates::candidates;
use super::counts;
use super::elements;
use super::holder::{Holder, HolderKind};
use super::join;
use super::merge::merge;
use super::one_field;
use super::opened::with_many_fields;
use super::owners::Owners;
use super::parts::{Part, owned, part};
use super::referring;
use super::registries;
use super::siblings::fields_of_one;
use super::suspect::Suspect;
use super::threads_in;
use super::transparent::Transparency;
use super::views;
use crate::graph::Strength;
use crate::heap::{Link, Snapshot};

/// What counts as suspect.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Nothing below this many bytes is a suspect.
    pub floor_bytes: u64,
    /// Nothing below this share of the strongly reachable heap is.
    pub floor_share: f64,
    /// The maximum heap in bytes, where known: what is below one hundredth of it is not a suspect either.
    pub max_heap: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            floor_bytes: 1 << 20,
            floor_share: 0.01,
            max_heap: None,
        }
    }
}

/// Suspects that are kept however small they are.
const MOST_SMALL: usize = 100;

/// All suspects, and what the verdict needs to know besides.
#[derive(Clone, Debug, Default)]
pub struct Suspects {
    /// The suspects, largest first.
    pub list: Vec<Suspect>,
    /// The largest holder of all, suspect or not.
    pub largest: Option<Suspect>,
    /// Nothing below this many bytes was called a suspect.
    pub floor: u64,
}

/// Finds the suspects of `snapshot`.
pub fn find(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, options: Options) -> Suspects {
    let strong = snapshot.totals(Strength::Strong).bytes;
    let by_share = (strong as f64 * options.floor_share) as u64;
    let floor = options.floor_bytes.max(by_share);
    // Something has to be the largest even in a small heap; look for it below the floor of suspects.
    let smallest = floor.min((strong / 50).max(1)).max(1);
    let found = candidates(snapshot, smallest);
    let mut parts: HashMap<String, Vec<Part>> = HashMap::default();
    let owned: Vec<Vec<Part>> = found
        .into_par_iter()
        .with_max_len(1)
        .map(|candidate| owned(snapshot, owners, candidate))
        .collect();
    let owned = fields_of_one(snapshot, owned.into_iter().flatten().collect());
    for part in owned {
        parts.entry(part.holder.signature()).or_default().push(part);
    }
    let transparent = Transparency::new(owners);
    let mut all: Vec<Suspect> = parts
        .into_par_iter()
        .flat_map_iter(|(_, parts)| owners.apart(parts, floor))
        .map(|parts| merge(snapshot, owners, &transparent, parts))
        .collect();
    all.sort_by_cached_key(order);
    let least = floor.max(options.max_heap.unwrap_or(0) / 100);
    referring::improve(snapshot, owners, &mut all, least);
    registries::owners_of_what_is_in(snapshot, owners, &mut all, least);
    views::owners_of_the_whole(snapshot, owners, &mut all, least);
    threads_in::by_field(snapshot, owners, &transparent, &mut all, least);
    join::owners_of_the_same(snapshot, &transparent, &mut all);
    all.sort_by_cached_key(order);
    without_small(&mut all, smallest);
    one_field::into_fields(snapshot, owners, &transparent, &mut all, least);
    let seeds = one_field::seeds(snapshot, owners, &transparent, &all);
    // The application's own field says more than a loader or a thread around it.
    all.retain(|suspect| {
        let explained = seeds
            .iter()
            .any(|seed| one_field::explains(snapshot, seed, suspect));
        !(explained && owners.is_vague(&suspect.holder))
    });
    all.extend(seeds);
    let of_many_fields = of_many_fields(snapshot, owners, &transparent, &all, least);
    all.extend(of_many_fields);
    let tables = without_loaders(snapshot, owners, &mut all);
    all.sort_by_cached_key(order);
    nest(snapshot, &mut all, least);
    all.sort_by_cached_key(order);
    views::behind_what_they_show(snapshot, owners, &mut all);
    // What a loader has in its tables neither hides nor precedes what fields hold.
    all.extend(tables);
    let mut largest = all
        .iter()
        .find(|suspect| suspect.holder.is_application())
        .or(all.first())
        .cloned();
    // What keeps most of a heap that is small against its maximum is told all the same.
    let most = |suspect: &Suspect| {
        suspect.retained_bytes >= floor.max(strong.div_ceil(2)) && suspect.holder.is_application()
    };
    all.retain(|suspect| suspect.retained_bytes >= least || most(suspect));
    for suspect in all.iter_mut().chain(&mut largest) {
        if suspect.holder.is_field() {
            suspect.lead_through_holder(snapshot);
        }
        suspect.accumulate_at_collection(snapshot);
        suspect.collection = super::collection::around(snapshot, suspect);
        elements::describe_elements(snapshot, suspect);
        suspect.tell_large_fields(snapshot, &transparent);
    }
    counts::with_those_held_elsewhere(snapshot, largest.iter_mut().chain(&mut all));
    Suspects {
        list: all,
        largest,
        floor: least,
    }
}

/// Who holds the objects of which no field is a suspect, but all fields together are.
fn of_many_fields(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    all: &[Suspect],
    least: u64,
) -> Vec<Suspect> {
    let small = all.iter();
    let small = small.filter(|suspect| suspect.retained_bytes < least && suspect.holders == 1);
    let small = small.map(|suspect| (&suspect.holder, suspect.retained_bytes));
    let large = with_many_fields(snapshot, small, least).into_iter();
    let suspect = |object| {
        merge(
            snapshot,
            owners,
            transparent,
            vec![part(snapshot, owners, object)],
        )
    };
    large.map(suspect).collect()
}

/// Drops those that are too small to matter: a group that is large together may have thousands of owners, and the rest of the work
/// compares each with each. `all` are sorted.
fn without_small(all: &mut Vec<Suspect>, smallest: u64) {
    let mut kept = 0;
    all.retain(|suspect| {
        kept += 1;
        kept <= MOST_SMALL || suspect.retained_bytes >= smallest
    });
}

/// Takes the loaders of the JVM out, and gives back those that keep more than static fields and others keep: a loader has all classes
/// in a list, and whoever shares something lies below that.
fn without_loaders(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    all: &mut Vec<Suspect>,
) -> Vec<Suspect> {
    let is_loader = |suspect: &Suspect| {
        let object = suspect.holder.object;
        object.is_some_and(|object| owners.is_built_in_loader(object))
    };
    let (loaders, mut others): (Vec<Suspect>, Vec<Suspect>) =
        all.drain(..).partition(|suspect| is_loader(suspect));
    let explained = |loader: &Suspect| {
        let runs = others.iter().flat_map(|other| other.tops.iter());
        let inside = runs.map(|run| run.start);
        let inside = inside.filter(|&position| loader.tops.contain(position));
        snapshot.runs_at(inside.collect()).retained(snapshot)
    };
    let unexplained = loaders
        .into_iter()
        .filter(|loader| explained(loader) < loader.retained_bytes / 2);
    let (tables, files): (Vec<Suspect>, Vec<Suspect>) =
        unexplained.partition(|loader| is_table(snapshot, &loader.holder));
    others.extend(files);
    all.extend(others);
    tables
}

/// Whether `holder` is a field that every class loader has: its classes, their packages and locks.
fn is_table(snapshot: &Snapshot<'_>, holder: &Holder) -> bool {
    let link = holder
        .object
        .and_then(|loader| snapshot.link(loader, holder.target));
    match link {
        Some(Link::Field { declared_by, .. }) => {
            snapshot.classes().get(declared_by).name == "java.lang.ClassLoader"
        }
        _ => false,
    }
}

/// Largest first. The signature is a text that is put together: once for each suspect, not once for each comparison.
fn order(suspect: &Suspect) -> (std::cmp::Reverse<u64>, String) {
    let size = std::cmp::Reverse(suspect.retained_bytes);
    (size, suspect.holder.signature())
}

/// Whether `inner` is a field of the object that `outer` holds, or of one of many in it, and what `outer` holds besides is nothing.
fn explains(inner: &Suspect, outer: &Suspect, least: u64) -> bool {
    let of_outer = inner.holder.class == outer.content.class
        || inner.holder.object == Some(outer.holder.target);
    inner.holder.kind == HolderKind::InstanceField
        && inner.holders == 1
        && inner.holder.is_application()
        && of_outer
        && outer.retained_bytes - inner.retained_bytes.min(outer.retained_bytes)
            < least.min(outer.retained_bytes / 5)
}

/// Whether `inner` lies inside `outer`, but for next to nothing. There may be millions of tops: those of another part of the heap
/// are not all looked at.
fn is_inside(snapshot: &Snapshot<'_>, inner: &Suspect, outer: &Suspect) -> bool {
    let mut outside = 0u64;
    inner.tops.iter().all(|run| {
        if !outer.tops.contain(run.start) {
            outside = outside.saturating_add(snapshot.retained_by_application_at(run.start));
        }
        outside <= inner.retained_bytes / 20
    })
}

/// A suspect that lies inside another is told under it, once.
fn nest(snapshot: &Snapshot<'_>, all: &mut Vec<Suspect>, least: u64) {
    let mut kept: Vec<Suspect> = Vec::new();
    'next: for suspect in all.drain(..) {
        for outer in &mut kept {
            if is_inside(snapshot, &suspect, outer) {
                if explains(&suspect, outer, least) {
                    // One of many alike holds nearly all: that one is the suspect, not all of them.
                    *outer = suspect;
                    continue 'next;
                }
                if suspect.holder.class != outer.content.class {
                    outer
                        .inside
                        .push((suspect.holder.title(), suspect.retained_bytes));
                }
                continue 'next;
            }
        }
        kept.push(suspect);
    }
    all.extend(kept);
}

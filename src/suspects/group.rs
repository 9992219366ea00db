//! One suspect for one holder: merging, floor, order.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::candidates::{Candidate, candidates};
use super::content::{Content, Plumbing, content};
use super::holder::{Holder, HolderKind, Owners};
use super::join;
use super::naming;
use super::referring;
use crate::graph::Strength;
use crate::heap::{ObjectIndex, Snapshot, privacy};

/// Members of a class group whose owner is looked for; beyond, every n-th, and its neighbours by address go with it.
const MOST_MEMBERS: usize = 4_000;
/// The same for threads: each is a holder of its own, so none may stand for others.
const MOST_THREADS: usize = 200_000;
/// Steps of paths that are walked for the members of one class group.
const MOST_STEPS: usize = 4_000_000;

/// Members of a class group that are looked at before the pages of the dump that were read for them are given back.
const MOST_IN_MEMORY: usize = 500;

/// What counts as suspect.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Nothing below this many bytes is a suspect.
    pub floor_bytes: u64,
    /// Nothing below this share of the strongly reachable heap is.
    pub floor_share: f64,
    /// The maximum heap in bytes, where known: what is below one hundredth of it is not a suspect either.
    pub max_heap: Option<u64>,
    /// At most so many suspects.
    pub most: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            floor_bytes: 1 << 20,
            floor_share: 0.01,
            max_heap: None,
            most: 5,
        }
    }
}

/// Somebody who keeps a lot of memory alive.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Who.
    pub holder: Holder,
    /// How many holders with the same signature were merged.
    pub holders: u64,
    /// What is held.
    pub content: Content,
    /// The topmost objects that would be freed with the holder, largest first.
    pub tops: Vec<ObjectIndex>,
    /// Sum of their retained sizes in bytes.
    pub retained_bytes: u64,
    /// Sum of the objects that they retain.
    pub retained_objects: u64,
    /// Their own shallow sizes in bytes.
    pub shallow_bytes: u64,
    /// Where the largest member splits into many.
    pub accumulation_point: ObjectIndex,
    /// Path from a GC root to the accumulation point.
    pub path: Vec<ObjectIndex>,
    /// Further owners: title, and what would be freed with that owner alone in bytes.
    pub shared_with: Vec<(String, u64)>,
    /// What lies inside, by title and retained size.
    pub inside: Vec<(String, u64)>,
    /// Whether it is made of many objects that were found one by one, not below one object.
    pub grouped: bool,
    /// How the object with the holder's field is held itself: `com.acme.Cache.INSTANCE`.
    pub via: Option<String>,
    /// The known pattern it matches.
    pub pattern: Option<super::patterns::Finding>,
}

impl Suspect {
    /// Stable over runs, hosts and dump times.
    pub fn signature(&self) -> String {
        format!(
            "{} holds {}",
            self.holder.signature(),
            naming::stable(&self.content.class)
        )
    }
}

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
    let plumbing = Plumbing::new(snapshot);
    // Something has to be the largest even in a small heap; look for it below the floor of suspects.
    let found = candidates(snapshot, floor.min((strong / 50).max(1)).max(1));
    let mut parts: FxHashMap<String, Vec<Part>> = FxHashMap::default();
    for candidate in found {
        for part in owned(snapshot, owners, candidate) {
            parts.entry(part.holder.signature()).or_default().push(part);
        }
    }
    let mut all: Vec<Suspect> = parts
        .into_par_iter()
        .map(|(_, parts)| parts)
        .map(|parts| merge(snapshot, owners, &plumbing, parts))
        .collect();
    all.sort_by(order);
    let least = floor.max(options.max_heap.unwrap_or(0) / 100);
    referring::improve(snapshot, owners, &mut all, least);
    join::owners_of_the_same(snapshot, &plumbing, &mut all);
    all.sort_by(order);
    let largest = all
        .iter()
        .find(|suspect| suspect.holder.is_application())
        .or(all.first())
        .cloned();
    nest(snapshot, &mut all, least);
    all.sort_by(order);
    all.retain(|suspect| suspect.retained_bytes >= least);
    all.truncate(options.most);
    Suspects {
        list: all,
        largest,
        floor: least,
    }
}

/// Largest first.
fn order(a: &Suspect, b: &Suspect) -> std::cmp::Ordering {
    let by_size = b.retained_bytes.cmp(&a.retained_bytes);
    by_size.then_with(|| a.holder.signature().cmp(&b.holder.signature()))
}

/// A holder with one thing that it holds.
struct Part {
    holder: Holder,
    top: ObjectIndex,
    point: ObjectIndex,
    path: Vec<ObjectIndex>,
    /// Whether it was found as one of many.
    grouped: bool,
    /// Neighbours in the group that go with it: their owner was not looked for.
    alike: Vec<ObjectIndex>,
}

fn owned(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, candidate: Candidate) -> Vec<Part> {
    match candidate {
        Candidate::Point(point) => vec![part(snapshot, owners, point)],
        Candidate::Class(class, members) => {
            let most = match snapshot.classes().is_a(class, "java.lang.Thread") {
                true => MOST_THREADS,
                false => MOST_MEMBERS,
            };
            let step = members.len().div_ceil(most).max(1);
            let mut parts: Vec<Part> = Vec::new();
            let mut walked = 0;
            for alike in members.chunks(step) {
                match parts.last_mut() {
                    // Members deep in long lists have long paths: after so many steps, the rest goes with the last one.
                    Some(last) if walked >= MOST_STEPS => last.alike.extend(alike),
                    _ => {
                        if parts.len() % MOST_IN_MEMORY == MOST_IN_MEMORY - 1 {
                            snapshot.release_all();
                        }
                        let mut part = member_part(snapshot, owners, alike[0]);
                        walked += part.path.len();
                        part.alike.extend(&alike[1..]);
                        parts.push(part);
                    }
                }
            }
            parts
        }
    }
}

/// The owner of what accumulates at `point`, and the topmost object below the owner that dominates it.
fn part(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, point: ObjectIndex) -> Part {
    let (holder, path) = owners.find(point);
    let from = path
        .iter()
        .position(|&object| object == holder.target)
        .unwrap_or(0);
    // The first object below the holder that dominates the point: nothing but the holder's side is freed with it.
    let here = place(snapshot, point).start;
    let dominates = |&object: &ObjectIndex| place(snapshot, object).contains(&here);
    let top = path[from..]
        .iter()
        .copied()
        .find(dominates)
        .unwrap_or(point);
    Part {
        holder,
        top,
        point,
        path,
        grouped: false,
        alike: Vec::new(),
    }
}

/// A topmost object below the floor: follow the largest child while it keeps most of the object, then look for the owner
/// of that; all of the object counts.
fn member_part(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, member: ObjectIndex) -> Part {
    let mut point = member;
    for _ in 0..100 {
        let largest = snapshot
            .children(Some(point))
            .max_by_key(|&child| (snapshot.blamed(child), std::cmp::Reverse(child)));
        match largest {
            Some(child) if snapshot.blamed(child) * 2 > snapshot.blamed(member) => point = child,
            _ => break,
        }
    }
    let mut part = part(snapshot, owners, point);
    part.grouped = true;
    let whole_thread = part.holder.kind == HolderKind::Thread && part.holder.object == Some(member);
    let small = snapshot.blamed(part.top) * 2 < snapshot.blamed(member);
    if whole_thread || small || !part.path.contains(&part.top) {
        part.top = member;
    }
    part
}

fn merge(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    plumbing: &Plumbing,
    mut parts: Vec<Part>,
) -> Suspect {
    parts.sort_by_key(|part| (std::cmp::Reverse(snapshot.blamed(part.point)), part.point));
    let mut tops: Vec<ObjectIndex> = parts
        .iter()
        .flat_map(|part| std::iter::once(part.top).chain(part.alike.iter().copied()))
        .collect();
    tops.sort_unstable();
    tops.dedup();
    keep_outermost(snapshot, &mut tops);
    tops.par_sort_unstable_by_key(|&top| (std::cmp::Reverse(snapshot.blamed(top)), top));
    let mut holders: Vec<Option<ObjectIndex>> =
        parts.iter().map(|part| part.holder.object).collect();
    holders.sort_unstable();
    holders.dedup();
    let is_thread = parts[0].holder.kind == HolderKind::Thread;
    let inner: Vec<ObjectIndex> = if is_thread {
        let mut targets: Vec<ObjectIndex> = parts.iter().map(|part| part.holder.target).collect();
        targets.sort_unstable();
        targets.dedup();
        let retained = |objects: &[ObjectIndex]| {
            let sizes = objects.iter().map(|&object| snapshot.retained(object));
            sizes.fold(0, u64::saturating_add)
        };
        // What the thread refers to may share what it works on with others, and keep next to nothing itself.
        if retained(&targets) * 2 < retained(&tops) {
            tops.clone()
        } else {
            targets
        }
    } else {
        tops.clone()
    };
    let mut content = content(snapshot, plumbing, &inner);
    if is_thread {
        content.classes = super::content::content(snapshot, plumbing, &tops).classes;
    }
    let sum = |value: &dyn Fn(ObjectIndex) -> u64| {
        tops.iter()
            .map(|&top| value(top))
            .fold(0, u64::saturating_add)
    };
    let (retained_bytes, retained_objects) = (
        sum(&|top| snapshot.blamed(top)),
        sum(&|top| snapshot.blamed_objects(top)),
    );
    let shallow_bytes = sum(&|top| match snapshot.is_preloaded(top) {
        true => 0,
        false => snapshot.shallow(top),
    });
    let first = parts.swap_remove(0);
    let mut holder = first.holder;
    if holders.len() > 1 {
        holder.thread = holder.thread.map(|thread| privacy::shortened(&thread));
    }
    let shared_with = other_owners(snapshot, owners, &holder);
    let via = (holders.len() == 1).then(|| owners.via(&holder)).flatten();
    Suspect {
        holders: holders.len() as u64,
        content,
        retained_bytes,
        retained_objects,
        shallow_bytes,
        accumulation_point: first.point,
        path: first.path,
        shared_with,
        inside: Vec::new(),
        grouped: first.grouped,
        pattern: None,
        via,
        tops,
        holder,
    }
}

/// The place of `object` and of all it dominates in the dominator tree's preorder. Only for comparing.
pub(super) fn place(
    snapshot: &Snapshot<'_>,
    object: ObjectIndex,
) -> std::ops::Range<*const ObjectIndex> {
    snapshot.dominated(object).as_ptr_range()
}

/// Drops what another of `tops` dominates; leaves them in preorder.
pub(super) fn keep_outermost(snapshot: &Snapshot<'_>, tops: &mut Vec<ObjectIndex>) {
    tops.par_sort_unstable_by_key(|&top| {
        (
            place(snapshot, top).start,
            std::cmp::Reverse(place(snapshot, top).end),
        )
    });
    tops.dedup();
    let mut end = std::ptr::null();
    tops.retain(|&top| {
        let here = place(snapshot, top);
        let outside = here.start >= end;
        if outside {
            end = here.end;
        }
        outside
    });
}

/// Static fields of somebody's own that refer to the same object as the holder does.
fn other_owners(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    holder: &Holder,
) -> Vec<(String, u64)> {
    let mut names: Vec<String> = owners
        .statics()
        .of(holder.target)
        .iter()
        .filter(|field| naming::is_owner(&snapshot.classes().get(field.0).name))
        .map(|&(class, name_id)| {
            format!(
                "{}.{}",
                snapshot.classes().get(class).name,
                snapshot.name(name_id)
            )
        })
        .filter(|name| *name != holder.title())
        .collect();
    names.sort_unstable();
    names.dedup();
    // Each alone would free nothing: the other ones hold the same object.
    names.into_iter().map(|name| (name, 0)).collect()
}

/// Whether `inner` is a field of an object that is but one of many in `outer`, and what `outer` holds besides is nothing.
fn explains(inner: &Suspect, outer: &Suspect, least: u64) -> bool {
    inner.holder.kind == HolderKind::InstanceField
        && !inner.grouped
        && inner.holders == 1
        && inner.holder.is_application()
        && inner.holder.class == outer.content.class
        && outer.retained_bytes - inner.retained_bytes.min(outer.retained_bytes)
            < least.min(outer.retained_bytes / 5)
}

/// A suspect that lies inside another is told under it, once.
fn nest(snapshot: &Snapshot<'_>, all: &mut Vec<Suspect>, least: u64) {
    let mut kept: Vec<(Suspect, Vec<std::ops::Range<*const ObjectIndex>>)> = Vec::new();
    'next: for suspect in all.drain(..) {
        for (outer, places) in &mut kept {
            let inside = |&top: &ObjectIndex| {
                let here = place(snapshot, top);
                let after = places.partition_point(|place| place.start <= here.start);
                after > 0 && here.end <= places[after - 1].end
            };
            if suspect.tops.iter().all(inside) {
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
        let mut places: Vec<_> = suspect
            .tops
            .iter()
            .map(|&top| place(snapshot, top))
            .collect();
        places.sort_by_key(|place| place.start);
        kept.push((suspect, places));
    }
    all.extend(kept.into_iter().map(|(suspect, _)| suspect));
}

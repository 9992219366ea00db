//! Who keeps what several refer to: objects that hang on no field of their dominator, since two collections have them, or two fields the
//! same collection. Samples are asked who refers to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::inventory::{FLOOR, Level};
use super::labels::{LabelId, Labels, PASS, Role};
use super::links::{Links, is_of};
use super::sweep::{Kept, Shared, SharedKey};
use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, SubRecords};

/// Groups that are looked at, the largest.
const MOST_GROUPS: usize = 200;
/// Objects of one group that are asked who refers to them.
const SAMPLE: usize = 32;
/// Referrers of one object that are looked at.
const MOST_REFERRERS: usize = 24;
/// Referrers of one object that one task keeps.
const MOST_BY_TASK: usize = 4;
/// Blocks that one task reads, and tasks whose results are kept at a time.
const BLOCKS_PER_TASK: usize = 128;
const TASKS: usize = 64;
/// Times that what refers to the sample is asked in turn who refers to it.
const LEVELS: usize = 3;
/// The fields in which a thread has what it is to do.
const OF_TASKS: [&str; 2] = ["target", "task"];
/// Steps up the dominator tree to a label.
const MOST_STEPS: usize = 10_000;

/// Gives what is shared the label that keeps it, where one does.
pub(super) fn resolve(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    shared: FxHashMap<SharedKey, Shared>,
    kept: &[Kept],
) {
    let mut groups: Vec<(SharedKey, Shared)> = shared
        .into_iter()
        .filter(|(_, shared)| shared.bytes >= FLOOR)
        .collect();
    groups.sort_by_key(|((label, class), shared)| (Reverse(shared.bytes), *label, *class));
    groups.truncate(MOST_GROUPS);
    let samples: Vec<Vec<ObjectIndex>> = groups
        .iter()
        .map(|(_, shared)| sample(snapshot, shared))
        .collect();
    let found = labels_of(snapshot, labels, links, &samples);
    for (((outer, _), shared), found) in groups.into_iter().zip(found) {
        let members = shared.positions.len() as u64;
        if let Some(owner) = choose(labels, kept, &found, members).filter(|&owner| owner != outer) {
            for &position in &shared.positions {
                links.set(position as usize, owner);
            }
        }
    }
}

/// Objects of `shared`, spread evenly.
fn sample(snapshot: &Snapshot<'_>, shared: &Shared) -> Vec<ObjectIndex> {
    let step = shared.positions.len().div_ceil(SAMPLE).max(1);
    let positions = shared.positions.iter().step_by(step);
    positions
        .map(|&position| snapshot.at(position as usize).0)
        .collect()
}

/// How many objects of a sample each label refers to, through collections.
type Found = BTreeMap<LabelId, usize>;

/// The label that keeps a group: of those that refer to most of the sample the application's before others, one in few objects before
/// one in many, then the first by name.
fn choose(labels: &Labels, kept: &[Kept], found: &Found, members: u64) -> Option<LabelId> {
    let most = *found.values().max()?;
    let fitting = found.iter().filter(|(_, count)| **count * 2 > most);
    let rank = |label: LabelId| {
        let targets = kept[usize::from(label)].targets;
        (
            labels.get(label).level,
            targets.saturating_mul(8) > members,
            label,
        )
    };
    fitting
        .map(|(&label, _)| label)
        .min_by_key(|&label| rank(label))
}

/// An object to be asked, and the group that it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    object: ObjectIndex,
    group: usize,
    member: usize,
}

fn labels_of(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    samples: &[Vec<ObjectIndex>],
) -> Vec<Found> {
    let mut found: Vec<BTreeMap<LabelId, BTreeSet<usize>>> = vec![BTreeMap::new(); samples.len()];
    let mut asked: Vec<Asked> = Vec::new();
    for (group, sample) in samples.iter().enumerate() {
        let ask = |(member, &object)| Asked {
            object,
            group,
            member,
        };
        asked.extend(sample.iter().enumerate().map(ask));
    }
    let most = asked.len() * 2;
    for level in 0..LEVELS {
        if asked.is_empty() {
            break;
        }
        asked.sort_unstable();
        let mut objects: Vec<ObjectIndex> = asked.iter().map(|asked| asked.object).collect();
        objects.dedup();
        let referrers = referrers(snapshot, &objects);
        let mut next: BTreeSet<Asked> = BTreeSet::new();
        for one in &asked {
            for &from in referrers.get(&one.object).into_iter().flatten() {
                match owner(snapshot, labels, links, from, one.object) {
                    // The JDK refers to everything in the end.
                    Step::Label(label) if level > 0 && labels.get(label).level == Level::Jdk => {}
                    Step::Label(label) => {
                        found[one.group]
                            .entry(label)
                            .or_default()
                            .insert(one.member);
                    }
                    Step::Above(object) if next.len() < most => {
                        next.insert(Asked { object, ..*one });
                    }
                    _ => {}
                }
            }
        }
        asked = next.into_iter().collect();
    }
    let counts = |found: BTreeMap<LabelId, BTreeSet<usize>>| {
        let counts = found
            .into_iter()
            .map(|(label, members)| (label, members.len()));
        counts.collect()
    };
    found.into_iter().map(counts).collect()
}

/// Where a reference leads on the way up.
enum Step {
    Label(LabelId),
    /// To an object that no label keeps alone either.
    Above(ObjectIndex),
    Nowhere,
}

/// Who keeps `object` by the reference of `from`.
fn owner(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    from: ObjectIndex,
    object: ObjectIndex,
) -> Step {
    // What an object keeps itself refers back to it.
    if snapshot.dominates(object, from) {
        return Step::Nowhere;
    }
    match snapshot.link(from, object) {
        Some(Link::Static { class, name_id }) => {
            return labels
                .of_static(class, name_id)
                .map_or(Step::Nowhere, Step::Label);
        }
        Some(Link::Local { .. }) => {
            return labels
                .objects
                .get(&from)
                .map_or(Step::Nowhere, |&label| Step::Label(label));
        }
        Some(Link::Field {
            declared_by,
            name_id,
        }) => {
            if labels.role(snapshot.class_of(from)) == Role::Element {
                if is_of(snapshot, object, declared_by) {
                    return Step::Nowhere;
                }
                if let Some(label) = labels.of_field(declared_by, name_id) {
                    return Step::Label(label);
                }
            }
            // What a thread has in the fields of every thread, such as the loader of its classes, is not there for it alone.
            if let Some(&label) = labels.objects.get(&from) {
                let is_task = OF_TASKS
                    .iter()
                    .any(|field| snapshot.is_name(name_id, field));
                return if is_task {
                    Step::Label(label)
                } else {
                    Step::Nowhere
                };
            }
        }
        Some(Link::Element(_)) => {}
        _ => return Step::Nowhere,
    }
    above(snapshot, labels, links, from)
}

/// The label around `from`, if all between is transparent.
fn above(snapshot: &Snapshot<'_>, labels: &Labels, links: &Links, from: ObjectIndex) -> Step {
    let mut at = from;
    for _ in 0..MOST_STEPS {
        if labels.is_built_in_loader(snapshot.class_of(at)) {
            return Step::Nowhere;
        }
        let Some(position) = snapshot.position(at) else {
            return Step::Nowhere;
        };
        let label = links.at(position);
        if label != 0 && label != PASS {
            return Step::Label(label);
        }
        match snapshot.dominator(at) {
            Some(dominator)
                if label == PASS || labels.role(snapshot.class_of(dominator)) != Role::Element =>
            {
                at = dominator;
            }
            _ => return Step::Above(at),
        }
    }
    Step::Nowhere
}

/// Some of those that refer to each of `objects`, in the order of the file; the same ones whatever the number of threads.
fn referrers(
    snapshot: &Snapshot<'_>,
    objects: &[ObjectIndex],
) -> FxHashMap<ObjectIndex, Vec<ObjectIndex>> {
    let wanted = Wanted::new(snapshot, objects);
    let mut found: FxHashMap<ObjectIndex, Vec<ObjectIndex>> = FxHashMap::default();
    let mut keep = |object: ObjectIndex, from: ObjectIndex| {
        let known = found.entry(object).or_default();
        if known.len() < MOST_REFERRERS && known.last() != Some(&from) {
            known.push(from);
        }
    };
    for (index, class) in snapshot.classes().iter() {
        let targets = class
            .dump
            .statics
            .iter()
            .filter_map(|field| field.value.reference());
        for object in targets.filter_map(|id| wanted.get(id)) {
            if let Some(from) = snapshot.class_object(index) {
                keep(object, from);
            }
        }
    }
    for local in &snapshot.roots.locals {
        if wanted.get(snapshot.address(local.object)) == Some(local.object) {
            keep(local.object, local.thread);
        }
    }
    let blocks = snapshot.blocks.all();
    for batch in blocks.chunks(BLOCKS_PER_TASK * TASKS) {
        let parts: Vec<Vec<(ObjectIndex, u64)>> = batch
            .par_chunks(BLOCKS_PER_TASK)
            .map(|blocks| part(snapshot, &wanted, blocks))
            .collect();
        for (object, id) in parts.into_iter().flatten() {
            if let Some(from) = snapshot.find(id) {
                keep(object, from);
            }
        }
    }
    found
}

/// Objects that are looked for, by address.
struct Wanted {
    /// One bit for each of some addresses: nearly all references are told by it that nobody looks for them.
    may: Vec<u64>,
    objects: foldhash::HashMap<u64, ObjectIndex>,
}

impl Wanted {
    /// Bits of the set: few enough for the processor's cache.
    const BITS: u32 = 18;

    fn new(snapshot: &Snapshot<'_>, objects: &[ObjectIndex]) -> Wanted {
        let mut may = vec![0; 1 << (Wanted::BITS - 6)];
        let mut by_address = foldhash::HashMap::default();
        for &object in objects {
            let address = snapshot.address(object);
            let (word, bit) = Wanted::place(address);
            may[word] |= 1 << bit;
            by_address.insert(address, object);
        }
        Wanted {
            may,
            objects: by_address,
        }
    }

    #[inline(always)]
    fn place(address: u64) -> (usize, u32) {
        let mixed = address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Wanted::BITS);
        ((mixed >> 6) as usize, (mixed & 63) as u32)
    }

    #[inline(always)]
    fn get(&self, address: u64) -> Option<ObjectIndex> {
        let (word, bit) = Wanted::place(address);
        if self.may[word] >> bit & 1 == 0 {
            return None;
        }
        self.objects.get(&address).copied()
    }
}

/// What refers to `wanted` in `blocks`: object, identifier of what refers to it.
fn part(
    snapshot: &Snapshot<'_>,
    wanted: &Wanted,
    blocks: &[crate::heap::locate::Block],
) -> Vec<(ObjectIndex, u64)> {
    let id_size = snapshot.header.id_size;
    let width = id_size.bytes();
    let mut found = Vec::new();
    let mut counts: FxHashMap<ObjectIndex, usize> = FxHashMap::default();
    let mut keep = |target: u64, from: u64| {
        if let Some(object) = wanted.get(target) {
            let count = counts.entry(object).or_default();
            *count += 1;
            if *count <= MOST_BY_TASK {
                found.push((object, from));
            }
        }
    };
    let mut last = (0, None);
    for block in blocks {
        let mut records = SubRecords::new(
            snapshot.bytes,
            block.start as usize,
            block.end as usize,
            id_size,
        );
        while let Ok(Some(record)) = records.next() {
            match record {
                SubRecord::Instance { id, class_id, data } => {
                    if last.0 != class_id {
                        last = (class_id, snapshot.classes.find(class_id));
                    }
                    let Some(class) = last.1 else {
                        continue;
                    };
                    for &offset in &snapshot.classes.get(class).references {
                        let offset = offset as usize;
                        if let Some(bytes) = data.get(offset..offset + width) {
                            keep(id_size.read(bytes), id);
                        }
                    }
                }
                SubRecord::ObjectArray { id, elements, .. } => {
                    for bytes in elements.chunks_exact(width) {
                        keep(id_size.read(bytes), id);
                    }
                }
                _ => {}
            }
        }
    }
    if let (Some(first), Some(last)) = (blocks.first(), blocks.last()) {
        snapshot.release(first.start as usize..last.end as usize);
    }
    found
}

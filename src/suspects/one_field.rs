//! One field in many objects: `TenantContext.auditTrail` in 200 contexts, not "200 × TenantContext"; `BaseCache.entries` in the caches
//! of 60 subclasses, none of which is large.
//!
//! - [`into_fields`] goes down from what a suspect holds, as long as one field of those objects keeps most of every one.
//! - [`seeds`] finds fields whose objects lie all over the heap: no suspect has them together.
//!
//! Many objects with a few things each are what is held themselves, and the field is one of theirs: an order has lines.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::accumulation::accumulation;
use super::by_field::{Field, Kept, fields};
use super::content::{Content, content};
use super::holder::{Holder, HolderKind};
use super::naming;
use super::owners::Owners;
use super::series;
use super::suspect::Suspect;
use super::transparent::{Role, Transparency};
use super::weight::Weight;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Runs, Snapshot};

/// Suspects whose content is looked into.
const MOST_SUSPECTS: usize = 20;
/// Objects that may share one field, at most: more are what is held.
const MOST_SOURCES: usize = 5_000;
/// Nodes of a tree that are looked through for the field that leads out of it, at most.
const MOST_NODES: usize = 50_000;
/// Levels of objects that have one thing each, between objects and the field that has much.
const MOST_BETWEEN: usize = 3;
/// So many objects with one field are few: whatever each has in it, the field is the owner.
const FEW: u64 = 8;
/// So many things in the field of each object are many, however many objects there are.
const MANY: u64 = 50;
/// Levels of fields below a suspect.
const MOST_LEVELS: usize = 4;
/// Part of every object, in percent, that its one field keeps.
const MOST: u64 = 70;
/// Part of all objects together, in percent, that one field keeps although some of them have nothing in it.
const NEARLY_ALL: u64 = 90;
/// Objects of the application that are read in search of fields.
const MOST_READ: usize = 50_000;
/// What fields keep is gone through for all of them together, in live heaps: fields that lie inside each other have the same objects.
const MOST_TIMES: u64 = 16;
/// The objects of a field keep one in so many bytes of the live heap together, at least.
const LEAST: u64 = 20;

/// Names the field of what suspects hold where one field keeps most of it.
pub(super) fn into_fields(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    all: &mut [Suspect],
    least: u64,
) {
    let large = all.iter_mut().take(MOST_SUSPECTS);
    for suspect in large.filter(|suspect| suspect.retained_bytes >= least) {
        for _ in 0..MOST_LEVELS {
            if !descend(snapshot, owners, transparent, suspect) {
                break;
            }
        }
    }
}

/// Makes the field that keeps most of what `suspect` holds its holder. Gives back whether there is one.
fn descend(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    suspect: &mut Suspect,
) -> bool {
    if !suspect.holder.is_field() {
        return false;
    }
    let Some(Inner {
        field,
        below,
        between,
    }) = below_content(snapshot, owners, transparent, suspect)
        .or_else(|| below_outermost(snapshot, owners, transparent, suspect))
        .or_else(|| below_links(snapshot, owners, transparent, suspect))
    else {
        return false;
    };
    let between = between.iter().rev();
    let mut outer: Vec<String> = between.map(|&field| title(snapshot, field)).collect();
    outer.push(suspect.holder.title());
    let others = suspect.shared_with.drain(..).map(|(title, _)| title);
    outer.extend(others.filter(|title| !title.starts_with("thread ")));
    suspect.held_by.splice(0..0, outer);
    suspect.via = None;
    suspect.place = None;
    below.put_into(snapshot, field, suspect);
    true
}

/// A field below what a suspect holds.
struct Inner {
    field: Field,
    below: Below,
    /// Fields on the way to it, of objects that have one thing each.
    between: Vec<Field>,
}

impl Inner {
    fn direct((field, below): (Field, Below)) -> Inner {
        Inner {
            field,
            below,
            between: Vec::new(),
        }
    }
}

fn title(snapshot: &Snapshot<'_>, (class, name_id): Field) -> String {
    let class = naming::stable(&snapshot.classes().get(class).name);
    format!("{class}.{}", snapshot.name(name_id))
}

/// The field of what `suspect` holds that keeps most of every one. Where each object has one other object in it, such as a queue of its own,
/// the field of those counts.
fn below_content(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    suspect: &Suspect,
) -> Option<Inner> {
    let mut classes = content_classes(snapshot, owners, &suspect.content, MOST_SOURCES)?;
    let mut members = outermost(snapshot, &suspect.tops, |class| classes.contains(&class));
    let mut between = Vec::new();
    for _ in 0..=MOST_BETWEEN {
        let (field, kept) = most_of_every_one(snapshot, owners, &members)?;
        let below = Below::of(snapshot, transparent, &kept);
        // One object with one thing in it: nothing accumulates.
        let alone = below.sources == 1 && below.content.objects < 2;
        if alone || below.content.class == suspect.content.class {
            return None;
        }
        if below.is_fanned_out() {
            return Some(Inner {
                field,
                below,
                between,
            });
        }
        if below.content.objects != below.sources {
            return None;
        }
        classes = content_classes(snapshot, owners, &below.content, MOST_SOURCES)?;
        members = outermost(snapshot, &below.tops, |class| classes.contains(&class));
        between.push(field);
    }
    None
}

/// The field of several objects between the holder and what they hold together: they may be of many classes that inherit it.
fn below_outermost(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    suspect: &Suspect,
) -> Option<Inner> {
    let is_member = |class| transparent.role(class) == Role::Element && owners.is_own(class);
    let members = outermost(snapshot, &suspect.tops, is_member);
    if members.len() < 2 || bytes_of(snapshot, &members) < suspect.retained_bytes / 2 {
        return None;
    }
    let (field, kept) = most_of_every_one(snapshot, owners, &members)?;
    let below = Below::of(snapshot, transparent, &kept);
    (below.sources > 1 && below.is_fanned_out()).then(|| Inner::direct((field, below)))
}

/// The field of the nodes of a tree that keeps most of it and leads to no other node.
fn below_links(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    suspect: &Suspect,
) -> Option<Inner> {
    let classes = content_classes(snapshot, owners, &suspect.content, MOST_NODES)?;
    let nodes = all_of(snapshot, &suspect.tops, &classes);
    let outermost = snapshot.runs(&nodes);
    if outermost.iter().count() == nodes.len() {
        return None;
    }
    let least = percent_of(outermost.retained(snapshot), MOST);
    let links_to_node = |kept: &Kept| {
        let below = snapshot.runs(&kept.targets);
        let mut positions = nodes.iter().filter_map(|&node| snapshot.position(node));
        positions.any(|position| below.contain(position))
    };
    let found = fields(snapshot, &nodes).into_iter();
    let found = found.filter(|(field, kept)| {
        is_shown(snapshot, owners, *field) && kept.bytes >= least && !links_to_node(kept)
    });
    let (field, kept) = found.max_by_key(|(field, kept)| (kept.bytes, Reverse(*field)))?;
    let below = Below::of(snapshot, transparent, &kept);
    let is_said = below.content.class == suspect.content.class;
    let leads_out = below.sources > 1 && below.is_fanned_out() && !is_said;
    leads_out.then(|| Inner::direct((field, below)))
}

/// The classes that `content` is of, if they are the application's and there are `most` objects at most.
fn content_classes(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    content: &Content,
    most: usize,
) -> Option<Vec<ClassIndex>> {
    let classes: Vec<ClassIndex> = snapshot.classes().named(&content.class).collect();
    let own = !classes.is_empty() && classes.iter().all(|&class| owners.is_own(class));
    (own && content.objects <= most as u64).then_some(classes)
}

/// The outermost objects of the classes `wanted` in `runs`; none where there are too many.
fn outermost(
    snapshot: &Snapshot<'_>,
    runs: &Runs,
    wanted: impl Fn(ClassIndex) -> bool,
) -> Vec<ObjectIndex> {
    let mut found = Vec::new();
    for run in runs.iter() {
        let mut position = run.start;
        while position < run.end {
            let (object, class) = snapshot.at(position);
            position = match wanted(class) {
                true => {
                    found.push(object);
                    snapshot.end_at(position)
                }
                false => position + 1,
            };
            if found.len() > MOST_SOURCES {
                return Vec::new();
            }
        }
    }
    found
}

/// All objects of `classes` in `runs`; none where there are too many.
fn all_of(snapshot: &Snapshot<'_>, runs: &Runs, classes: &[ClassIndex]) -> Vec<ObjectIndex> {
    let all = runs.iter().flatten().map(|position| snapshot.at(position));
    let of_classes = all.filter(|(_, class)| classes.contains(class));
    let found: Vec<ObjectIndex> = of_classes
        .map(|(object, _)| object)
        .take(MOST_NODES + 1)
        .collect();
    match found.len() > MOST_NODES {
        true => Vec::new(),
        false => found,
    }
}

/// What `objects` keep, one by one.
fn bytes_of(snapshot: &Snapshot<'_>, objects: &[ObjectIndex]) -> u64 {
    let sizes = objects
        .iter()
        .map(|&object| snapshot.retained_by_application(object));
    sizes.fold(0, u64::saturating_add)
}

/// `percent` of `whole`, rounded up.
fn percent_of(whole: u64, percent: u64) -> u64 {
    let part = (u128::from(whole) * u128::from(percent)).div_ceil(100);
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Whether `field` is one that a developer has written.
fn is_shown(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, field: Field) -> bool {
    owners.is_own(field.0) && !naming::is_capture(&snapshot.name(field.1))
}

/// Whether a field leads from objects to others of their class: the next one of a chain holds no more than the chain does.
fn leads_on(snapshot: &Snapshot<'_>, kept: &Kept) -> bool {
    let links = kept.sources.iter().zip(&kept.targets);
    let alike = links.filter(|&(&from, &to)| snapshot.class_of(from) == snapshot.class_of(to));
    alike.count() * 2 > kept.sources.len()
}

/// The field that keeps most of every one of `members`.
fn most_of_every_one(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    members: &[ObjectIndex],
) -> Option<(Field, Kept)> {
    let total = bytes_of(snapshot, members);
    let found = fields(snapshot, members).into_iter();
    let found = found.filter(|(field, kept)| {
        let every = kept.sources.iter().zip(&kept.targets);
        let most = every.filter(|&(&source, &target)| {
            snapshot.retained_by_application(target)
                >= percent_of(snapshot.retained_by_application(source), MOST)
        });
        let of_nearly_all = || most.count() * 5 >= members.len() * 4;
        is_shown(snapshot, owners, *field)
            && !leads_on(snapshot, kept)
            && kept.bytes >= percent_of(total, MOST)
            && (kept.bytes >= percent_of(total, NEARLY_ALL) || of_nearly_all())
    });
    found.max_by_key(|(field, kept)| (kept.bytes, Reverse(*field)))
}

/// What lies below one field of several objects.
struct Below {
    sources: u64,
    /// Whether each of a few objects has a long array in it.
    are_long: bool,
    tops: Runs,
    largest: ObjectIndex,
    content: Content,
}

impl Below {
    fn of(snapshot: &Snapshot<'_>, transparent: &Transparency, kept: &Kept) -> Below {
        let sources = kept.different_sources();
        let by_size =
            |&&target: &&ObjectIndex| (snapshot.retained_by_application(target), Reverse(target));
        let largest = kept.targets.iter().max_by_key(by_size);
        let few = sources <= MANY;
        let tops = kept.tops(snapshot);
        let arrays = match few {
            true => series::long(snapshot, &kept.targets),
            false => Vec::new(),
        };
        let are_long = few && arrays.len() == kept.targets.len();
        Below {
            sources,
            are_long,
            largest: largest.copied().unwrap_or_default(),
            content: match are_long {
                true => series::content(snapshot, &arrays, content(snapshot, transparent, &tops)),
                false => content(snapshot, transparent, &tops),
            },
            tops,
        }
    }

    /// Whether each of the objects has much in the field, or more than there are objects; a few objects may have one thing each.
    fn is_fanned_out(&self) -> bool {
        self.sources < FEW
            || self.content.objects / self.sources >= self.sources.min(MANY)
            || self.are_long
    }

    /// Makes `field` the holder of `suspect`.
    fn put_into(self, snapshot: &Snapshot<'_>, field: Field, suspect: &mut Suspect) {
        let weight = Weight::of(snapshot, &self.tops);
        let (class, name_id) = field;
        suspect.holder = Holder {
            kind: HolderKind::InstanceField,
            class: snapshot.classes().get(class).name.clone(),
            field: Some(snapshot.name(name_id)),
            thread: None,
            frame: None,
            object: snapshot.dominator(self.largest),
            target: self.largest,
            by_stack: false,
        };
        suspect.holders = self.sources;
        suspect.content = self.content;
        suspect.retained_bytes = weight.retained_bytes;
        suspect.retained_objects = weight.retained_objects;
        suspect.shallow_bytes = weight.shallow_bytes;
        suspect.largest = weight.largest();
        suspect.accumulation_point = accumulation(snapshot, self.largest);
        suspect.path = snapshot.path(suspect.accumulation_point);
        suspect.tops = self.tops;
    }
}

/// Fields of the application whose objects, 2 to a few thousand, keep much of the live heap together although no suspect in `known` has
/// them.
pub(super) fn seeds(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    known: &[Suspect],
) -> Vec<Suspect> {
    let least = snapshot.totals(Strength::Strong).bytes / LEAST;
    let mut found: Vec<(Field, Kept)> = fields(snapshot, &candidates(snapshot, owners))
        .into_iter()
        .filter(|(field, kept)| is_shown(snapshot, owners, *field) && kept.bytes >= least.max(1))
        .collect();
    found.sort_unstable_by_key(|(field, kept)| (Reverse(kept.bytes), *field));
    let named: Vec<&Suspect> = known
        .iter()
        .filter(|suspect| !owners.is_vague(&suspect.holder))
        .collect();
    let mut left = snapshot
        .totals(Strength::Strong)
        .objects
        .saturating_mul(MOST_TIMES);
    let mut seeds: Vec<Suspect> = Vec::new();
    for (field, kept) in found {
        let tops = kept.tops(snapshot);
        let bytes = tops.retained(snapshot);
        let covered = |suspect: &Suspect| covered(snapshot, &tops, &suspect.tops);
        let is_known = |of_known: u64| of_known >= bytes / 2;
        if kept.different_sources() < 2
            || bytes < least
            || is_known(
                named
                    .iter()
                    .map(|it| covered(it))
                    .fold(0, u64::saturating_add),
            )
            || is_known(seeds.iter().map(covered).fold(0, u64::saturating_add))
        {
            continue;
        }
        let Some(rest) = left.checked_sub(tops.objects() as u64) else {
            break;
        };
        left = rest;
        let below = Below::of(snapshot, transparent, &kept);
        if below.is_fanned_out() {
            let mut seed = Suspect::nameless(below.largest);
            below.put_into(snapshot, field, &mut seed);
            seeds.push(seed);
        }
    }
    seeds
}

/// Whether `seed` has most of what `suspect` retains.
pub(super) fn explains(snapshot: &Snapshot<'_>, seed: &Suspect, suspect: &Suspect) -> bool {
    covered(snapshot, &seed.tops, &suspect.tops) > suspect.retained_bytes / 2
}

/// Bytes that both retain: what of one lies below the other.
fn covered(snapshot: &Snapshot<'_>, tops: &Runs, others: &Runs) -> u64 {
    let below = |inner: &Runs, outer: &Runs| {
        let inside = inner.iter().filter(|run| outer.contain(run.start));
        let inside = inside.map(|run| snapshot.retained_by_application_at(run.start));
        inside.fold(0, u64::saturating_add)
    };
    below(tops, others).max(below(others, tops))
}

/// Objects of those classes of the application of which there are not too many, each with something below it; the largest.
fn candidates(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>) -> Vec<ObjectIndex> {
    let few: Vec<bool> = snapshot
        .classes()
        .iter()
        .map(|(class, _)| {
            owners.is_own(class) && (1..=MOST_SOURCES as u64).contains(&owners.count_of(class))
        })
        .collect();
    if !few.contains(&true) {
        return Vec::new();
    }
    let strong = snapshot.positions_of(Strength::Strong);
    let wanted = |&position: &usize| {
        let (_, class) = snapshot.at(position);
        few.get(class.0 as usize) == Some(&true)
            && snapshot.end_at(position) - position > 1
            && snapshot.retained_by_application_at(position) > 0
    };
    let mut found: Vec<(Reverse<u64>, ObjectIndex)> = strong
        .into_par_iter()
        .filter(wanted)
        .map(|position| {
            let (object, _) = snapshot.at(position);
            (
                Reverse(snapshot.retained_by_application_at(position)),
                object,
            )
        })
        .collect();
    found.par_sort_unstable();
    found.truncate(MOST_READ);
    found.into_iter().map(|(_, object)| object).collect()
}

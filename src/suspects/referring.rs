//! Owners off the path: who else refers to what accumulates.
//!
//! The path from the GC root to an object is one of many. Where it meets nobody's own code (a worker thread of a pool, a timer
//! thread), or where the members of a group are shared, the other referrers tell more. They cost one pass over the dump,
//! so all questions are asked in that pass, and only for what is large. A second and third pass are made only where the first
//! has met nothing but collections and pools.

use rustc_hash::FxHashSet;

use super::holder::{Holder, HolderKind};
use super::naming;
use super::owners::Owners;
use super::suspect::Suspect;
use super::views::is_view;
use crate::heap::{Link, ObjectIndex, Snapshot, referrers_in};

/// Suspects that are asked about.
const MOST_SUSPECTS: usize = 10;
/// Objects of a path that are asked about, at each end.
const MOST_STEPS: usize = 12;
/// Passes over the dump: who refers to those that refer to it.
const ROUNDS: usize = 3;
/// Members of a group that are asked about.
const SAMPLE: usize = 3;
/// The same of nodes of a list.
const MOST_NODES: usize = 1 << 17;
/// Referrers of one object that are followed.
const MOST_REFERRERS: usize = 64;

/// Gives suspects of at least `least` bytes a better holder where there is one, and names further ones.
pub fn improve(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, all: &mut [Suspect], least: u64) {
    let mut questions: Vec<Vec<ObjectIndex>> = all
        .iter()
        .take(MOST_SUSPECTS)
        .map(|suspect| {
            if suspect.retained_bytes < least {
                return Vec::new();
            }
            let mut asked = questions(snapshot, owners, suspect);
            // A thread is not held by what it waits for.
            asked.retain(|&object| !is_thread(snapshot, object));
            asked
        })
        .collect();
    for _ in 0..ROUNDS {
        let asked: Vec<ObjectIndex> = questions.iter().flatten().copied().collect();
        if asked.is_empty() {
            break;
        }
        let pairs = snapshot.referrers_of(&asked);
        for (suspect, objects) in all.iter_mut().zip(&mut questions) {
            *objects = answer(snapshot, owners, suspect, objects, &pairs);
        }
    }
    for suspect in all.iter_mut().take(MOST_SUSPECTS) {
        if let Some(holder) = static_behind_local(snapshot, owners, suspect) {
            suspect.holder = holder;
            suspect.lead_through_holder(snapshot);
        }
        suspect
            .shared_with
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        suspect.shared_with.dedup_by(|a, b| a.0 == b.0);
    }
}

/// The static field, of whatever class, of which a thread has a copy in a local variable: the JVM's MBean server.
fn static_behind_local(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &Suspect,
) -> Option<Holder> {
    let holder = &suspect.holder;
    let is_local = holder.kind == HolderKind::Thread && holder.frame.is_some();
    let of_target = owners.statics().of(holder.target).first();
    let &(class, name_id) = of_target.filter(|_| is_local && suspect.holders == 1)?;
    let object = snapshot.class_object(class);
    let kind = HolderKind::StaticField;
    Some(owners.field_holder(kind, class, name_id, object, holder.target))
}

/// Takes note of the owners among those that refer to `objects` by `pairs`. Gives back what to ask next where there is none:
/// the collections and other objects of the JDK on the way to one.
fn answer(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &mut Suspect,
    objects: &[ObjectIndex],
    pairs: &[(ObjectIndex, ObjectIndex)],
) -> Vec<ObjectIndex> {
    let mut next = Vec::new();
    for (object, from) in others(snapshot, suspect, objects, pairs) {
        let found = match owner_through(snapshot, owners, from, object) {
            Some(owner) if owners.is_library(&owner) => {
                // A field of the application's may refer to the library's object that holds.
                let object = owner.object.into_iter();
                next.extend(object.filter(|&object| snapshot.as_class(object).is_none()));
                None
            }
            found => found,
        };
        if asks_whose(owners, suspect, object) {
            // The smallest by name: the order of objects is chance.
            let other = found.map(|other| other.title());
            let via = suspect.via.take().into_iter().chain(other);
            suspect.via = via.min();
            continue;
        }
        match found {
            Some(other) => note(snapshot, owners, suspect, other),
            None if leads_on(snapshot, owners, from, object) => next.push(from),
            None => {}
        }
    }
    // A local variable's collection may be a part of that of a field.
    if !owners.is_vague(&suspect.holder) && suspect.holder.kind != HolderKind::Thread {
        next.clear();
    }
    next.sort_unstable();
    next.dedup();
    next.truncate(MOST_REFERRERS);
    next
}

/// Whether `object` is the one with the holder's field, of which no path says whose it is: a pool that is reached through the management
/// interface in which it is registered.
fn asks_whose(owners: &Owners<'_, '_>, suspect: &Suspect, object: ObjectIndex) -> bool {
    suspect.holder.object == Some(object)
        && suspect.holder.kind == HolderKind::InstanceField
        && suspect.holders == 1
        && !owners.is_vague(&suspect.holder)
}

/// Those of `pairs` that may tell another owner: an object that is asked about, and what refers to it from elsewhere.
fn others(
    snapshot: &Snapshot<'_>,
    suspect: &Suspect,
    objects: &[ObjectIndex],
    pairs: &[(ObjectIndex, ObjectIndex)],
) -> Vec<(ObjectIndex, ObjectIndex)> {
    let on_path: FxHashSet<ObjectIndex> = suspect.path.iter().copied().collect();
    // What is held may refer back by the thousand (tasks to their executor): none of that owns it, and it would take all room.
    let held = snapshot.positions(suspect.accumulation_point);
    let inside = |from| held.contains(&snapshot.positions(from).start);
    // A member of a group that refers to another one (an entity to its name, of which the session keeps a copy) is part of what
    // is held.
    let in_group = |from| suspect.grouped && suspect.tops.cover(snapshot, from);
    let mut found = Vec::new();
    for &object in objects {
        let referrers = referrers_in(pairs, object)
            .filter(|&from| !inside(from) && !snapshot.dominates(object, from))
            .take(MOST_REFERRERS)
            .filter(|from| !on_path.contains(from) && !in_group(*from))
            // Who holds a slice does not own the whole.
            .filter(|&from| !is_view(snapshot, from, object));
        found.extend(referrers.map(|from| (object, from)));
    }
    found
}

/// Whether an owner may be behind `object`, which refers to `to`: a collection, something of the JDK's or of a library's that is neither
/// a thread nor a class, or the application's subclass of a library's component by a field that it inherits: an actor with its mailbox.
pub(super) fn leads_on(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    object: ObjectIndex,
    to: ObjectIndex,
) -> bool {
    let class = snapshot.class_of(object);
    let inherits = || match snapshot.link(object, to) {
        Some(Link::Field { declared_by, .. }) => !owners.is_own(declared_by),
        _ => false,
    };
    snapshot.as_class(object).is_none()
        && (!owners.is_own(class) || owners.own.is_transparent(snapshot, object) || inherits())
        && !is_thread(snapshot, object)
        && snapshot.strength(object) == crate::graph::Strength::Strong
}

/// What to ask about a suspect: the path below a holder that is nobody's own, members of a group.
fn questions(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &Suspect,
) -> Vec<ObjectIndex> {
    if owners.is_vague(&suspect.holder) {
        let stop = suspect
            .path
            .iter()
            .position(|&object| object == suspect.holder.target)
            .unwrap_or(0);
        // Of a long list both ends: its owner refers to the first nodes, the last ones are what accumulates.
        let below = &suspect.path[stop..];
        let first = below.len().min(MOST_STEPS);
        let last = first.max(below.len().saturating_sub(MOST_STEPS));
        // The library's object that holds: a field of the application's may refer to it.
        let object = suspect.holder.object.into_iter();
        let of_library = suspect.holder.is_field() && owners.is_library(&suspect.holder);
        let object = object.filter(|&object| of_library && snapshot.as_class(object).is_none());
        let above = suspect.path[..stop].iter().rev().copied();
        // What a static field of the library's keeps is there for everybody; its own threads end with their component.
        let of_thread = of_library
            && suspect
                .path
                .iter()
                .any(|&object| is_thread(snapshot, object));
        let above = above.filter(|&object| of_thread && is_component(snapshot, owners, object));
        let below = below[..first].iter().chain(&below[last..]).copied();
        return object.chain(above.take(MOST_STEPS)).chain(below).collect();
    }
    if suspect.holder.kind == HolderKind::Thread && suspect.holder.frame.is_some() {
        return questions_of_a_local(snapshot, owners, suspect);
    }
    let mut asked = match suspect.holder.kind {
        HolderKind::Thread | HolderKind::ThreadLocal => Vec::new(),
        _ if suspect.grouped => of_group(snapshot, suspect),
        _ => Vec::new(),
    };
    let lone = suspect.holder.object.filter(|_| suspect.via.is_none());
    asked.extend(lone.filter(|&object| asks_whose(owners, suspect, object)));
    asked
}

/// Whether `object` is a component of a library's, a server or a broker, of which there are few: what its own threads keep alive belongs to
/// the field of the application's that holds it. What a library has by the dozen (a logger, a connection) says nothing of that.
fn is_component(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, object: ObjectIndex) -> bool {
    let class = snapshot.class_of(object);
    snapshot.as_class(object).is_none()
        && naming::is_owner(&snapshot.classes().get(class).name)
        && !owners.is_own(class)
        && !owners.is_general(class)
}

/// A local variable may be a copy of a field, or an iterator over a collection that a field holds: ask who else refers to it, and to the
/// collections below it that keep most of the suspect.
fn questions_of_a_local(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &Suspect,
) -> Vec<ObjectIndex> {
    let target = suspect.holder.target;
    let from = suspect.path.iter().position(|&object| object == target);
    let below = from.map_or(&[][..], |from| &suspect.path[from..]);
    let most =
        |object| snapshot.retained_by_application(object) >= suspect.retained_bytes.div_ceil(2);
    // Objects of the JDK's and of libraries: a collection, a selector with its keys, a queue.
    let passing = |object| {
        let class = snapshot.class_of(object);
        !owners.is_own(class) || owners.own.is_transparent(snapshot, object)
    };
    let collections = below.iter().copied();
    let collections = collections.filter(|&object| passing(object) && most(object));
    let copies = std::iter::once(target).filter(|_| suspect.holders == 1);
    let asked = copies.chain(collections).take(MOST_STEPS);
    let group = suspect.grouped.then(|| of_group(snapshot, suspect));
    asked.chain(group.into_iter().flatten()).collect()
}

/// Members of a group that are asked about: of nodes of a list all, since only its ends are referred to from elsewhere.
fn of_group(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Vec<ObjectIndex> {
    let class = |object: &ObjectIndex| &snapshot.class(*object).name;
    let of_list = suspect.largest.first().map(class).is_some_and(|class| {
        naming::is_transparent(class) && class.contains("Linked") && !class.contains("Hash")
    });
    let most = if of_list { MOST_NODES } else { SAMPLE };
    let step = suspect.tops.len().div_ceil(most).max(1);
    let sample = suspect.tops.iter().step_by(step);
    sample.map(|run| snapshot.at(run.start).0).collect()
}

fn is_thread(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    let class = snapshot.class_of(object);
    snapshot.classes().is_a(class, "java.lang.Thread")
}

/// The owner that holds `to` by way of `from`, if it is somebody's own.
pub(super) fn owner_through(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    from: ObjectIndex,
    to: ObjectIndex,
) -> Option<Holder> {
    // What lies below it and refers back (an entry to its cache) does not own it, nor does its like (a child its parent).
    if snapshot.dominates(to, from)
        || snapshot.class_of(to) == snapshot.class_of(from)
        || snapshot.strength(from) != crate::graph::Strength::Strong
    {
        return None;
    }
    if owners.is_own(snapshot.class_of(from))
        && !owners.own.is_transparent(snapshot, from)
        && let Some(Link::Field {
            declared_by,
            name_id,
        }) = snapshot.link(from, to)
        && owners.is_own(declared_by)
        && !naming::is_capture(&snapshot.name(name_id))
    {
        if owners.is_one_of_many(from, &snapshot.name(name_id)) {
            let (above, _) = owners.find(from);
            // What one of many refers to that a thread works on is part of that work.
            if above.kind == HolderKind::Thread {
                return None;
            }
            if !owners.is_vague(&above) {
                return Some(above);
            }
        }
        return Some(Holder {
            kind: HolderKind::InstanceField,
            class: snapshot.classes().get(declared_by).name.clone(),
            field: Some(snapshot.name(name_id)),
            thread: None,
            frame: None,
            object: Some(from),
            target: to,
            by_stack: false,
        });
    }
    let (holder, _) = owners.find(from);
    let another = holder.kind == HolderKind::Thread || owners.is_vague(&holder);
    let of_library = holder.is_field() && owners.is_library(&holder);
    (!another || of_library).then_some(holder)
}

/// Takes `other` as the holder if it is more of an owner than the present one, else as a further one.
pub(super) fn note(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    suspect: &mut Suspect,
    other: Holder,
) {
    if other.title() == suspect.holder.title() {
        return;
    }
    let alone = |holder: &Holder| {
        let position = snapshot.position(holder.target);
        if position.is_some_and(|position| suspect.tops.begin_at(position)) {
            0
        } else {
            snapshot.retained_by_application(holder.target)
        }
    };
    let present = &suspect.holder;
    let vague = owners.is_vague(present) || present.kind == HolderKind::Thread && other.is_field();
    let of_group =
        suspect.grouped && suspect.holders == 1 && present.is_field() && other.is_field();
    let (theirs, ours) = (alone(&other), alone(present));
    if of_group && present.kind == HolderKind::InstanceField && present.object == other.object {
        // Two fields of one component: what each has for itself is freed with it.
        let own = [present.target, other.target].map(|target| snapshot.position(target));
        let new = own.into_iter().flatten();
        let new: Vec<usize> = new.filter(|&at| !suspect.tops.contain(at)).collect();
        if !new.is_empty() {
            suspect.keep_also(snapshot, new.into_iter());
        }
    }
    let present = &suspect.holder;
    let is_better = vague || of_group && has_more(snapshot, &other, present);
    if !is_better {
        suspect.shared_with.push((other.title(), theirs));
        return;
    }
    let by_chance = present
        .object
        .is_some_and(|object| naming::is_reference_thread(&snapshot.class(object).name));
    let of_library = present.is_field() && owners.is_library(present);
    if of_library {
        // The library's own field stays behind that of the application, with the others of its object.
        let of_object = format!("{}.", naming::stable(&present.class));
        let beside = |title: &str| {
            title
                .strip_prefix(&of_object)
                .is_some_and(|field| !field.contains('.'))
        };
        suspect.place = suspect.place.take().or(Some(present.title()));
        suspect.shared_with.retain(|(title, _)| !beside(title));
    } else if !by_chance {
        let bytes = if vague { 0 } else { ours };
        suspect.shared_with.push((present.title(), bytes));
    }
    suspect.via = owners.via(&other);
    suspect.holder = other;
    suspect.holders = 1;
    suspect.lead_through_holder(snapshot);
}

/// Whether `other` has more for itself than `present`: through which of two fields the members of a group were reached is chance, and
/// one that only takes note of them is no owner. Of two alike the name decides, so that it is the same one in the next dump.
fn has_more(snapshot: &Snapshot<'_>, other: &Holder, present: &Holder) -> bool {
    let own = |holder: &Holder| snapshot.retained_by_application(holder.target);
    let (theirs, ours) = (own(other), own(present));
    match theirs.abs_diff(ours) <= theirs.max(ours) / 10 {
        true => other.title() < present.title(),
        false => theirs > ours,
    }
}

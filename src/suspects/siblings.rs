//! Fields of one component that share what they hold: a registry with its meters in three maps, a session whose entities are
//! in its persistence context and in its queue of actions, a cache with a second map for when each key expires.
//!
//! The entries are freed with the component, not with one of the fields, and which of the fields the shortest path to an entry
//! leads through is chance. So the field that keeps most, with the entries that are reached through it, stands for all of them.

use foldhash::HashMap;
use rustc_hash::FxHashMap;

use super::holder::HolderKind;
use super::naming;
use super::parts::Part;
use crate::heap::{Link, Object, ObjectIndex, Snapshot};

/// Objects of a field that are asked whether they refer to what is shared.
const SAMPLE: usize = 2_000;
/// One in so many of those asked has to.
const SHARES: usize = 20;
/// Fields of one component that are asked.
const MOST_FIELDS: usize = 64;

/// Gives all that one object dominates, without referring to it, to one of the fields below that object.
pub(super) fn fields_of_one(snapshot: &Snapshot<'_>, mut parts: Vec<Part>) -> Vec<Part> {
    let mut fields: FxHashMap<ObjectIndex, HashMap<String, Field>> = FxHashMap::default();
    for (i, part) in parts.iter().enumerate() {
        let Some(under) = part.under.filter(|&under| is_below(snapshot, under, part)) else {
            continue;
        };
        let of_one = fields.entry(under).or_default();
        let field = of_one
            .entry(part.holder.signature())
            .or_insert_with(|| Field::new(snapshot, under, part));
        field.parts.push(i);
        field.bytes = field.bytes.saturating_add(part.bytes(snapshot));
    }
    let mut gone = vec![false; parts.len()];
    for (under, of_one) in fields {
        let mut of_one: Vec<Field> = of_one.into_values().collect();
        silent(snapshot, under, &parts, &mut of_one);
        if of_one.len() < 2 {
            continue;
        }
        of_one.sort_by(|a, b| {
            b.weight()
                .cmp(&a.weight())
                .then_with(|| a.title.cmp(&b.title))
                .then_with(|| a.target.cmp(&b.target))
        });
        // One through which nothing was found has nothing to stand for the others with.
        let Some(first) = of_one.iter().position(|field| !field.parts.is_empty()) else {
            continue;
        };
        let first = of_one.remove(first);
        let most = first.parts[0];
        for field in of_one {
            parts[most].shared_with.push((field.title, field.own));
            for &i in &field.parts {
                let all: Vec<usize> = parts[i].members(snapshot).collect();
                parts[most].alike.extend(all);
                gone[i] = true;
            }
            // With what the field has for itself: the table of its map.
            parts[most].alike.extend(field.inside);
        }
    }
    let kept = parts.into_iter().zip(gone).filter(|(_, gone)| !gone);
    kept.map(|(part, _)| part).collect()
}

/// A field with the parts that were found through it.
struct Field {
    title: String,
    target: ObjectIndex,
    /// The position of its target, where the component dominates it.
    inside: Option<usize>,
    /// Bytes that are its own part of the tree: the entries stay with the others.
    own: u64,
    /// Bytes of the parts.
    bytes: u64,
    parts: Vec<usize>,
}

impl Field {
    fn new(snapshot: &Snapshot<'_>, under: ObjectIndex, part: &Part) -> Field {
        Field::of(snapshot, under, part.holder.title(), part.holder.target)
    }

    fn of(
        snapshot: &Snapshot<'_>,
        under: ObjectIndex,
        title: String,
        target: ObjectIndex,
    ) -> Field {
        let inside = snapshot.dominates(under, target);
        Field {
            title,
            target,
            inside: snapshot.position(target).filter(|_| inside),
            own: snapshot.retained_by_application(target),
            bytes: 0,
            parts: Vec::new(),
        }
    }

    /// What speaks for it: what it keeps alone, and what is reached through it.
    fn weight(&self) -> u64 {
        let own = self.inside.map_or(0, |_| self.own);
        own.saturating_add(self.bytes)
    }
}

/// Adds the fields of `under` through which no shared entry was found, but which refer to them as well.
fn silent(snapshot: &Snapshot<'_>, under: ObjectIndex, parts: &[Part], of_one: &mut Vec<Field>) {
    let found = of_one.iter().flat_map(|field| &field.parts);
    let mut shared: Vec<usize> = found.flat_map(|&i| parts[i].members(snapshot)).collect();
    shared.sort_unstable();
    for (link, id) in snapshot.outgoing(under).into_iter().take(MOST_FIELDS) {
        let (
            Link::Field {
                declared_by,
                name_id,
            },
            Some(target),
        ) = (link, snapshot.find(id))
        else {
            continue;
        };
        let known = of_one.iter().any(|field| field.target == target);
        if known
            || snapshot.dominator(target) != Some(under)
            || !refers_to(snapshot, target, &shared)
        {
            continue;
        }
        let class = naming::stable(&snapshot.classes().get(declared_by).name);
        let title = format!("{class}.{}", snapshot.name(name_id));
        let mut field = Field::of(snapshot, under, title, target);
        let own = |part: &Part| {
            let holder = &part.holder;
            let of_field = holder.kind == HolderKind::InstanceField && holder.target == target;
            of_field && holder.object == Some(under) && part.top == target
        };
        if let Some(part) = parts.iter().position(own) {
            // The part brings the target with it.
            field.parts.push(part);
            field.bytes = field.own;
            field.inside = None;
        }
        of_one.push(field);
    }
}

/// Whether many of the objects that `target` dominates refer to objects at the positions `shared`, which are sorted.
fn refers_to(snapshot: &Snapshot<'_>, target: ObjectIndex, shared: &[usize]) -> bool {
    let all = snapshot.positions(target);
    let is_shared = |id: u64| {
        let position = snapshot
            .find(id)
            .and_then(|object| snapshot.position(object));
        position.is_some_and(|position| shared.binary_search(&position).is_ok())
    };
    let (mut asked, mut refer) = (0, 0);
    for position in all.clone().step_by(all.len().div_ceil(SAMPLE).max(1)) {
        let (object, _) = snapshot.at(position);
        let shared = match snapshot.object(object) {
            // Elements of a list: there may be millions.
            Some(Object::ObjectArray { elements, .. }) => {
                let ids = snapshot.element_ids(elements).take(SAMPLE);
                ids.filter(|&id| is_shared(id)).count()
            }
            _ => {
                let links = snapshot.outgoing(object).into_iter().take(MOST_FIELDS);
                links.filter(|&(_, id)| is_shared(id)).count()
            }
        };
        asked += 1;
        refer += shared;
    }
    refer > 0 && refer * SHARES >= asked
}

/// Whether `under` is a component of the application or a library, and the holder of `part` a field of it or of something that it dominates.
/// A collection, a loader or a class dominates things that have nothing to do with each other.
fn is_below(snapshot: &Snapshot<'_>, under: ObjectIndex, part: &Part) -> bool {
    let covers = |object| snapshot.dominates(under, object);
    let class = snapshot.class_of(under);
    snapshot.as_class(under).is_none()
        && naming::is_owner(&snapshot.classes().get(class).name)
        && !snapshot.classes().is_a(class, "java.lang.Thread")
        && part.holder.kind == HolderKind::InstanceField
        && part.holder.object.is_some_and(covers)
}

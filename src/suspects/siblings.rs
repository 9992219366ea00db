//! Fields of one component that share what they hold: a registry with its meters in three maps, a session whose entities are
//! in its persistence context and in its queue of actions.
//!
//! The entries are freed with the component, not with one of the fields, and which of the fields the shortest path to an entry
//! leads through is chance. So the field through which most of the bytes are reached stands for all of them.

use rustc_hash::FxHashMap;

use super::holder::HolderKind;
use super::naming;
use super::parts::Part;
use crate::heap::{ObjectIndex, Snapshot};

/// Gives all that one object dominates, without referring to it, to one of the fields below that object.
pub(super) fn fields_of_one(snapshot: &Snapshot<'_>, mut parts: Vec<Part>) -> Vec<Part> {
    let mut fields: FxHashMap<ObjectIndex, FxHashMap<String, Field>> = FxHashMap::default();
    for (i, part) in parts.iter().enumerate() {
        let Some(under) = part.under.filter(|&under| is_below(snapshot, under, part)) else {
            continue;
        };
        let of_one = fields.entry(under).or_default();
        let field = of_one.entry(part.holder.signature()).or_default();
        field.parts.push(i);
        field.bytes = field.bytes.saturating_add(part.bytes(snapshot));
    }
    let mut gone = vec![false; parts.len()];
    for of_one in fields.into_values().filter(|of_one| of_one.len() > 1) {
        let mut of_one: Vec<(String, Field)> = of_one.into_iter().collect();
        of_one.sort_by(|a, b| b.1.bytes.cmp(&a.1.bytes).then_with(|| a.0.cmp(&b.0)));
        let most = of_one[0].1.parts[0];
        for (_, field) in &of_one[1..] {
            let other = &parts[field.parts[0]].holder;
            // Its own part of the tree: the entries stay with the others.
            let row = (other.title(), snapshot.blamed(other.target));
            parts[most].shared_with.push(row);
            for &i in &field.parts {
                // With what the field has for itself: the table of its map.
                let target = parts[i].holder.target;
                let inside = parts[i]
                    .under
                    .is_some_and(|under| snapshot.dominates(under, target));
                let own = snapshot.position(target).filter(|_| inside);
                let all: Vec<usize> = parts[i].members(snapshot).chain(own).collect();
                parts[most].alike.extend(all);
                gone[i] = true;
            }
        }
    }
    let kept = parts.into_iter().zip(gone).filter(|(_, gone)| !gone);
    kept.map(|(part, _)| part).collect()
}

/// A field with the parts that were found through it.
#[derive(Default)]
struct Field {
    bytes: u64,
    parts: Vec<usize>,
}

/// Whether `under` is a component of somebody's own, and the holder of `part` a field of it or of something that it dominates.
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

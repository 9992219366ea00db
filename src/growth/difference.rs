//! The heap at two times, by owner inside owner: what profiles and pictures of a difference show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::inventory::{Inventory, Owner};
use super::model::{Difference, DifferenceNode};
use super::rows::title;
use super::series::Series;
use crate::suspects::HolderKind;

/// Levels of owners inside owners that are looked up.
const DEEPEST: usize = 64;

/// One owner or class, before and after.
#[derive(Default)]
struct Both {
    name: String,
    bytes: [u64; 2],
    /// The signature of the owner around it, as the later input says that lists it.
    around: Option<String>,
}

/// The difference between the ends of the comparison; by class where they are class histograms.
pub(super) fn difference(series: &Series<'_>) -> Option<Difference> {
    let (from, to) = series.ends()?;
    let of = [from, to].map(|i| &series.inputs[i]);
    let live = of.map(|input| input.facts.live_bytes.unwrap_or(0));
    let inventories = of.map(|input| &input.inventory);
    let both = match inventories.iter().all(|it| it.owners.is_empty()) {
        true => by_class(inventories),
        false => by_owner(inventories),
    };
    Some(Difference {
        from: u32::try_from(from).ok()?,
        to: u32::try_from(to).ok()?,
        before_bytes: live[0],
        after_bytes: live[1],
        nodes: nodes(both, live),
    })
}

fn by_class(inventories: [&Inventory; 2]) -> BTreeMap<String, Both> {
    let mut both: BTreeMap<String, Both> = BTreeMap::new();
    for (time, inventory) in inventories.into_iter().enumerate() {
        for row in &inventory.classes {
            let known = both.entry(row.class.clone()).or_default();
            known.name.clone_from(&row.class);
            known.bytes[time] = known.bytes[time].saturating_add(row.bytes);
        }
    }
    both
}

fn by_owner(inventories: [&Inventory; 2]) -> BTreeMap<String, Both> {
    let mut both: BTreeMap<String, Both> = BTreeMap::new();
    for (time, inventory) in inventories.into_iter().enumerate() {
        // What a loader keeps are the fields of its classes.
        let owners = inventory.owners.iter();
        for owner in owners.filter(|owner| owner.kind != HolderKind::ClassLoader) {
            let around = owner
                .within
                .and_then(|outer| inventory.owners.get(outer as usize));
            let known = both.entry(owner.signature()).or_default();
            known.name = title(owner);
            known.bytes[time] = known.bytes[time].max(owner.bytes);
            known.around = around.map(Owner::signature);
        }
    }
    both
}

/// The nodes, each after its parent and no larger than what is left of it: the bytes of all add up to those of the heap.
fn nodes(both: BTreeMap<String, Both>, live: [u64; 2]) -> Vec<DifferenceNode> {
    let depth = |signature: &str| {
        let around = |signature: &str| both.get(signature)?.around.as_deref();
        let mut at = around(signature);
        let mut depth = 0;
        // What lies inside of nothing that is known lies at the top.
        while let Some(outer) = at.filter(|outer| depth < DEEPEST && both.contains_key(*outer)) {
            depth += 1;
            at = around(outer);
        }
        depth
    };
    let mut order: Vec<(usize, Reverse<u64>, &String)> = both
        .iter()
        .map(|(signature, it)| (depth(signature), Reverse(it.bytes[1]), signature))
        .collect();
    order.sort_unstable();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes: Vec<DifferenceNode> = Vec::new();
    let (mut top, mut left): ([u64; 2], Vec<[u64; 2]>) = (live, Vec::new());
    for (_, _, signature) in order {
        let Some(it) = both.get(signature) else {
            continue;
        };
        // Saved reports may say anything: an owner that lies inside itself lies at the top.
        let parent = it
            .around
            .as_deref()
            .and_then(|around| places.get(around).copied());
        let room = match parent {
            Some(parent) => &mut left[parent],
            None => &mut top,
        };
        let bytes = [0, 1].map(|time| it.bytes[time].min(room[time]));
        for time in [0, 1] {
            room[time] -= bytes[time];
        }
        places.insert(signature, nodes.len());
        left.push(bytes);
        nodes.push(DifferenceNode {
            parent: parent.and_then(|parent| u32::try_from(parent).ok()),
            name: it.name.clone(),
            before_bytes: bytes[0],
            after_bytes: bytes[1],
        });
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(name: &str, bytes: [u64; 2], around: Option<&str>) -> (String, Both) {
        let around = around.map(str::to_owned);
        (
            name.to_owned(),
            Both {
                name: name.to_owned(),
                bytes,
                around,
            },
        )
    }

    #[test]
    fn what_lies_inside_is_no_larger_than_what_is_around_it() {
        let all = [
            both("map", [60, 200], Some("service")),
            both("service", [50, 90], None),
            both("lost", [7, 8], Some("nobody")),
            both("a", [1, 1], Some("b")),
            both("b", [1, 1], Some("a")),
        ];
        let nodes = nodes(all.into_iter().collect(), [100, 100]);
        let rows: Vec<(&str, Option<u32>, u64, u64)> = nodes
            .iter()
            .map(|it| (it.name.as_str(), it.parent, it.before_bytes, it.after_bytes))
            .collect();
        assert_eq!(
            rows[..3],
            [
                ("service", None, 50, 90),
                ("lost", None, 7, 8),
                ("map", Some(0), 50, 90)
            ][..]
        );
        assert!(rows[3..].iter().all(|row| row.2 <= 1), "{rows:?}");
    }
}

//! The dominator tree cut to what a picture can show.

use rustc_hash::FxHashMap;

use super::suspects::reference;
use super::tables::{address, label};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::report::model::{DominatorTree, TreeNode};

/// Nodes smaller than this part of the whole are left out.
const SMALLEST: u64 = 400;
/// Most nodes.
const MOST: usize = 1_500;
/// Deepest level: a list is as deep as it is long.
const DEEPEST: usize = 60;
/// Beyond so many bytes of an array of references, the place of an element in it is not looked for.
const LONGEST_ARRAY: u64 = 1 << 20;

/// Cuts the tree: large objects one by one, small siblings of a class together, in levels from the top.
pub fn tree(snapshot: &Snapshot<'_>) -> DominatorTree {
    let total = snapshot.totals(Strength::Strong).bytes;
    let smallest = (total / SMALLEST).max(1);
    let mut out = DominatorTree {
        total_bytes: total,
        smallest_bytes: smallest,
        nodes: Vec::new(),
    };
    let mut level: Vec<(Option<u32>, Option<ObjectIndex>)> = vec![(None, None)];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for (parent, object) in level {
            if out.nodes.len() < MOST {
                add_children(snapshot, parent, object, &mut out, &mut next);
            }
        }
        level = next;
    }
    out
}

fn add_children(
    snapshot: &Snapshot<'_>,
    parent: Option<u32>,
    object: Option<ObjectIndex>,
    out: &mut DominatorTree,
    next: &mut Vec<(Option<u32>, Option<ObjectIndex>)>,
) {
    let mut nodes: Vec<(TreeNode, Option<ObjectIndex>)> = Vec::new();
    let mut groups: FxHashMap<ClassIndex, (u64, u64, u64)> = FxHashMap::default();
    for position in snapshot.child_positions(object) {
        if object.is_none() && snapshot.strength_at(position) != Strength::Strong {
            continue;
        }
        let (child, class) = snapshot.at(position);
        let retained = snapshot.retained_at(position);
        if retained < out.smallest_bytes {
            let group = groups.entry(class).or_default();
            *group = (
                group.0 + 1,
                group.1 + retained,
                group.2 + snapshot.shallow_of(child, class),
            );
            continue;
        }
        let known = object.filter(|&object| snapshot.shallow(object) <= LONGEST_ARRAY);
        let node = TreeNode {
            parent,
            class: label(snapshot, child),
            reference: known.and_then(|object| reference(snapshot, object, child)),
            object_id: Some(address(snapshot, child)),
            objects: 1,
            retained_bytes: retained,
            self_bytes: snapshot.shallow(child),
        };
        nodes.push((node, Some(child)));
    }
    for (class, (objects, retained_bytes, self_bytes)) in groups {
        if retained_bytes >= out.smallest_bytes {
            let node = TreeNode {
                parent,
                class: snapshot.classes().get(class).name.clone(),
                reference: None,
                object_id: None,
                objects,
                retained_bytes,
                self_bytes,
            };
            nodes.push((node, None));
        }
    }
    nodes.sort_by(|(a, _), (b, _)| {
        let key = |node: &TreeNode| {
            (
                std::cmp::Reverse(node.retained_bytes),
                node.class.clone(),
                node.object_id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    for (node, child) in nodes {
        if child.is_some() {
            next.push((Some(out.nodes.len() as u32), child));
        }
        out.nodes.push(node);
    }
}

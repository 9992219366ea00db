//! The dominator tree cut to what a picture can show: large objects one by one, alike siblings together, through arrays, entries and
//! views of collections to what is in them.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::suspects::reference;
use super::tables::{address, label};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, ObjectIndex, Snapshot};
use crate::report::model::{DominatorTree, TreeNode};
use crate::suspects::naming;

/// Nodes smaller than this part of the whole are left out.
const SMALLEST: u64 = 400;
/// Most nodes.
const MOST: usize = 1_500;
/// Deepest level: a list is as deep as it is long.
const DEEPEST: usize = 60;
/// Beyond so many bytes of an array of references, the place of an element in it is not looked for.
const LONGEST_ARRAY: u64 = 1 << 20;
/// Objects below groups and behind collections that are visited.
const MOST_VISITED: usize = 8_000_000;
/// Siblings of a class from which on they are one node, unless one of them is large among them.
const ALIKE: usize = 20;
/// Members of a group that are asked how they are referred to.
const SAMPLE: usize = 5;

/// Objects that are one node, and the place of that node; none at the top.
struct Group {
    node: Option<u32>,
    members: Vec<ObjectIndex>,
}

/// An object below a node.
#[derive(Clone, Copy)]
struct Child {
    object: ObjectIndex,
    retained: u64,
    /// The object that the node refers to, where that is an array or entry on the way here.
    via: ObjectIndex,
    /// What dominates `via`.
    from: Option<ObjectIndex>,
}

/// Cuts the tree, in levels from the top. It has everything to which a path leads, by whatever references.
pub fn tree(snapshot: &Snapshot<'_>) -> DominatorTree {
    let strengths = Strength::ALL.into_iter();
    let reachable = strengths.filter(|&strength| strength != Strength::NoPath);
    let total = reachable
        .map(|strength| snapshot.totals(strength).bytes)
        .fold(0, u64::saturating_add);
    let mut cut = Cut {
        snapshot,
        left: MOST_VISITED,
        out: DominatorTree {
            total_bytes: total,
            smallest_bytes: (total / SMALLEST).max(1),
            nodes: Vec::new(),
        },
    };
    let mut level = vec![Group {
        node: None,
        members: Vec::new(),
    }];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for group in level {
            if cut.out.nodes.len() < MOST {
                next.extend(cut.add_children(&group));
            }
        }
        level = next;
    }
    cut.out
}

/// The tree that is being cut.
struct Cut<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    /// Objects that may still be visited.
    left: usize,
    out: DominatorTree,
}

impl Cut<'_, '_> {
    /// Adds the nodes below `group`; gives back those that have something below them.
    fn add_children(&mut self, group: &Group) -> Vec<Group> {
        let mut by_class = self.children(group);
        self.look_through(group, &mut by_class);
        let mut nodes: Vec<(TreeNode, Vec<ObjectIndex>)> = Vec::new();
        for (class, children) in by_class {
            let sum = sum(&children);
            let largest = children.iter().map(|child| child.retained).max();
            let is_alike = children.len() >= ALIKE && largest <= Some(sum / 10);
            let smallest = self.out.smallest_bytes;
            let (large, small): (Vec<Child>, Vec<Child>) = children
                .into_iter()
                .partition(|child| child.retained >= smallest && !is_alike);
            nodes.extend(large.into_iter().map(|child| self.single(group, child)));
            nodes.extend(self.several(group, class, small));
        }
        nodes.sort_by(|(a, _), (b, _)| {
            let key = |node: &TreeNode| {
                let names = (node.class.clone(), node.object_id.clone());
                (Reverse(node.retained_bytes), names)
            };
            key(a).cmp(&key(b))
        });
        let groups = nodes.into_iter().map(|(node, members)| {
            self.out.nodes.push(node);
            let node = Some(self.out.nodes.len() as u32 - 1);
            Group { node, members }
        });
        groups.collect()
    }

    /// What `group` dominates, by class; only classes that are worth a node.
    fn children(&mut self, group: &Group) -> FxHashMap<ClassIndex, Vec<Child>> {
        if group.members.len() > 1 {
            self.left = self.left.saturating_sub(group.members.len());
        }
        let tops = group.members.iter().map(|&member| Some(member));
        let tops: Vec<_> = match group.node {
            Some(_) => tops.collect(),
            None => vec![None],
        };
        let snapshot = self.snapshot;
        let all = || {
            let positions = tops.iter().flat_map(|&top| {
                let below = snapshot.child_positions(top);
                below.map(move |position| (top, position))
            });
            positions.filter(|&(_, position)| snapshot.strength_at(position) != Strength::NoPath)
        };
        let mut sums: FxHashMap<ClassIndex, u64> = FxHashMap::default();
        for (_, position) in all() {
            let sum = sums.entry(snapshot.at(position).1).or_default();
            *sum = sum.saturating_add(snapshot.retained_at(position));
        }
        let mut by_class: FxHashMap<ClassIndex, Vec<Child>> = FxHashMap::default();
        for (from, position) in all() {
            let (object, class) = snapshot.at(position);
            if sums[&class] >= self.out.smallest_bytes {
                by_class.entry(class).or_default().push(Child {
                    object,
                    retained: snapshot.retained_at(position),
                    via: object,
                    from,
                });
            }
        }
        by_class
    }

    /// Puts what arrays, entries and views hold in their place. Their own bytes count as those of the node above.
    fn look_through(&mut self, group: &Group, by_class: &mut FxHashMap<ClassIndex, Vec<Child>>) {
        let Some(node) = group.node else { return };
        let snapshot = self.snapshot;
        let above = group
            .members
            .first()
            .map(|&member| &snapshot.class(member).name);
        let in_collection = above.is_some_and(|class| is_collection(class));
        let mut own = 0u64;
        let mut work: Vec<Child> = Vec::new();
        let passed: Vec<ClassIndex> = by_class
            .keys()
            .copied()
            .filter(|&class| is_passed(snapshot, class, in_collection))
            .collect();
        for class in passed {
            work.extend(by_class.remove(&class).into_iter().flatten());
        }
        // The same in every run.
        work.sort_unstable_by_key(|child| Reverse(child.object));
        while let Some(child) = work.pop() {
            let class = snapshot.class_of(child.object);
            let shallow = snapshot.shallow(child.object);
            let passes =
                is_passed(snapshot, class, true) && shallow <= child.retained / 2 && self.left > 0;
            if !passes {
                by_class.entry(class).or_default().push(child);
                continue;
            }
            own = own.saturating_add(shallow);
            for position in snapshot.child_positions(Some(child.object)) {
                self.left = self.left.saturating_sub(1);
                work.push(Child {
                    object: snapshot.at(position).0,
                    retained: snapshot.retained_at(position),
                    ..child
                });
            }
        }
        let node = &mut self.out.nodes[node as usize];
        node.self_bytes = node.self_bytes.saturating_add(own);
    }

    /// A node of one object.
    fn single(&self, group: &Group, child: Child) -> (TreeNode, Vec<ObjectIndex>) {
        let node = TreeNode {
            parent: group.node,
            class: label(self.snapshot, child.object),
            reference: self.reference(&[child]),
            object_id: Some(address(self.snapshot, child.object)),
            objects: 1,
            retained_bytes: child.retained,
            self_bytes: self.snapshot.shallow(child.object),
        };
        (node, vec![child.object])
    }

    /// A node of all `children` of `class`, if it is large enough.
    fn several(
        &self,
        group: &Group,
        class: ClassIndex,
        children: Vec<Child>,
    ) -> Option<(TreeNode, Vec<ObjectIndex>)> {
        let retained_bytes = sum(&children);
        if children.is_empty() || retained_bytes < self.out.smallest_bytes {
            return None;
        }
        let shallow = children
            .iter()
            .map(|child| self.snapshot.shallow(child.object));
        let node = TreeNode {
            parent: group.node,
            class: self.snapshot.classes().get(class).name.clone(),
            reference: self
                .reference(&children)
                .filter(|name| !name.starts_with('[')),
            object_id: None,
            objects: children.len() as u64,
            retained_bytes,
            self_bytes: shallow.fold(0, u64::saturating_add),
        };
        // At the top there are unrelated objects: below them is what nobody looks for.
        let members = match group.node {
            Some(_) if self.left > 0 => children.iter().map(|child| child.object).collect(),
            _ => Vec::new(),
        };
        Some((node, members))
    }

    /// How the node above refers to `children`, if that is the same for all that are asked. How collections refer to their parts is
    /// left out.
    fn reference(&self, children: &[Child]) -> Option<String> {
        let snapshot = self.snapshot;
        let step = children.len().div_ceil(SAMPLE).max(1);
        let mut names = children.iter().step_by(step).map(|child| {
            let from = child.from?;
            let passed = child.via != child.object;
            let hidden = passed && is_collection(&snapshot.class(from).name);
            let readable = snapshot.shallow(from) <= LONGEST_ARRAY && !hidden;
            readable
                .then(|| reference(snapshot, from, child.via))
                .flatten()
        });
        let first = names.next()??;
        names
            .all(|name| name.as_ref() == Some(&first))
            .then_some(first)
    }
}

fn sum(children: &[Child]) -> u64 {
    let retained = children.iter().map(|child| child.retained);
    retained.fold(0, u64::saturating_add)
}

/// Whether objects of `class` are not shown where they hold something: arrays of references, and parts and views of collections; within a
/// collection also other collections.
fn is_passed(snapshot: &Snapshot<'_>, class: ClassIndex, in_collection: bool) -> bool {
    let class = snapshot.classes().get(class);
    class.kind == ClassKind::ObjectArray
        || is_collection(&class.name) && (in_collection || class.name.contains('$'))
}

/// Whether `class` is that of a collection or a part of one. Threads, classes and references of the JDK hold things as well.
fn is_collection(class: &str) -> bool {
    let of_jvm = ["java.lang.", "jdk.", "sun."];
    naming::is_plumbing(class) && !of_jvm.iter().any(|prefix| class.starts_with(prefix))
}

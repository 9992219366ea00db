//! The dominator tree cut to what a picture can show: large objects one by one, alike siblings together, through arrays, entries and
//! views of collections to what is in them.

use std::cmp::Reverse;

use super::shown::address;
use super::suspects::reference;
use super::tables::label;
use crate::graph::Strength;
use crate::heap::{Class, ClassIndex, ClassKind, ObjectIndex, Snapshot};
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
    /// Positions in the dominator tree.
    members: Vec<u32>,
}

/// An object below a node, by positions in the dominator tree.
#[derive(Clone, Copy)]
struct Child {
    position: u32,
    /// The object that the node refers to, where that is an array or entry on the way here.
    via: u32,
    /// What dominates `via`; [`NONE`] at the top.
    from: u32,
}

/// No position.
const NONE: u32 = u32::MAX;

/// Children of one class.
struct OfClass {
    class: ClassIndex,
    children: Vec<Child>,
}

/// What is known of a class: found out once, since there are many objects of it.
#[derive(Clone, Copy)]
struct Shown {
    /// An array of references, or a part or view of a collection: its contents are shown in its place.
    is_passed: bool,
    /// Within a collection also another collection.
    is_passed_within: bool,
    is_collection: bool,
}

/// Cuts the tree, in levels from the top. It has everything to which a path leads, by whatever references.
pub fn tree(snapshot: &Snapshot<'_>) -> DominatorTree {
    let strengths = Strength::ALL.into_iter();
    let reachable = strengths.filter(|&strength| strength != Strength::NoPath);
    let total = reachable
        .map(|strength| snapshot.totals(strength).bytes)
        .fold(0, u64::saturating_add);
    let classes = snapshot.classes();
    let mut cut = Cut {
        snapshot,
        shown: classes.iter().map(|(_, class)| shown(class)).collect(),
        sums: vec![0; classes.len()],
        places: vec![NONE; classes.len()],
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
    /// By class.
    shown: Vec<Shown>,
    /// By class: bytes that its objects below the current group retain; 0 between groups.
    sums: Vec<u64>,
    /// By class: its place among the children of the current group, or [`NONE`]; that between groups.
    places: Vec<u32>,
    /// Objects that may still be visited.
    left: usize,
    out: DominatorTree,
}

impl Cut<'_, '_> {
    /// Adds the nodes below `group`; gives back those that have something below them.
    fn add_children(&mut self, group: &Group) -> Vec<Group> {
        let mut by_class = self.children(group);
        self.look_through(group, &mut by_class);
        for of_class in &by_class {
            self.places[of_class.class.0 as usize] = NONE;
        }
        let mut nodes: Vec<(TreeNode, Vec<u32>)> = Vec::new();
        for OfClass { class, children } in by_class {
            let retained = children.iter().map(|child| self.retained(child));
            let (sum, largest) = retained.fold((0u64, 0), |(sum, largest), bytes| {
                (sum.saturating_add(bytes), bytes.max(largest))
            });
            let is_alike = children.len() >= ALIKE && largest <= sum / 10;
            let smallest = self.out.smallest_bytes;
            let (large, small): (Vec<Child>, Vec<Child>) = match is_alike {
                true => (Vec::new(), children),
                false => children
                    .into_iter()
                    .partition(|child| self.retained(child) >= smallest),
            };
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

    fn retained(&self, child: &Child) -> u64 {
        self.snapshot.retained_at(child.position as usize)
    }

    fn object(&self, position: u32) -> ObjectIndex {
        self.snapshot.at(position as usize).0
    }

    /// What `group` dominates, by class; only classes that are worth a node.
    fn children(&mut self, group: &Group) -> Vec<OfClass> {
        if group.members.len() > 1 {
            self.left = self.left.saturating_sub(group.members.len());
        }
        let mut touched: Vec<ClassIndex> = Vec::new();
        self.each_child(group, |cut, _, position| {
            let class = cut.snapshot.at(position).1;
            let sum = &mut cut.sums[class.0 as usize];
            if *sum == 0 {
                touched.push(class);
            }
            // An object has one byte at least, so a class that was seen is not seen for the first time again.
            *sum = sum.saturating_add(cut.snapshot.retained_at(position).max(1));
        });
        let mut by_class: Vec<OfClass> = Vec::new();
        let smallest = self.out.smallest_bytes;
        let is_worth = |class: &ClassIndex| self.sums[class.0 as usize] >= smallest;
        if touched.iter().any(is_worth) {
            self.each_child(group, |cut, from, position| {
                let class = cut.snapshot.at(position).1;
                if cut.sums[class.0 as usize] >= smallest {
                    let child = Child {
                        position: position as u32,
                        via: position as u32,
                        from,
                    };
                    cut.add(&mut by_class, class, child);
                }
            });
        }
        for class in touched {
            self.sums[class.0 as usize] = 0;
        }
        by_class
    }

    /// Calls `visit` with each object that `group` dominates and the member that does; at the top with each topmost object to which a
    /// path leads.
    fn each_child(&mut self, group: &Group, mut visit: impl FnMut(&mut Self, u32, usize)) {
        let snapshot = self.snapshot;
        if group.node.is_none() {
            let all = snapshot.child_positions(None);
            let all = all.filter(|&at| snapshot.strength_at(at) != Strength::NoPath);
            all.for_each(|position| visit(self, NONE, position));
        }
        for &member in &group.members {
            let below = snapshot.child_positions_at(member as usize);
            below.for_each(|position| visit(self, member, position));
        }
    }

    /// Adds `child` to those of its class.
    fn add(&mut self, by_class: &mut Vec<OfClass>, class: ClassIndex, child: Child) {
        let place = &mut self.places[class.0 as usize];
        if *place == NONE {
            *place = by_class.len() as u32;
            let children = Vec::new();
            by_class.push(OfClass { class, children });
        }
        by_class[*place as usize].children.push(child);
    }

    /// Puts what arrays, entries and views hold in their place. Their own bytes count as those of the node above.
    fn look_through(&mut self, group: &Group, by_class: &mut Vec<OfClass>) {
        let Some(node) = group.node else { return };
        let snapshot = self.snapshot;
        let above = group.members.first();
        let in_collection = above.is_some_and(|&member| {
            let class = snapshot.at(member as usize).1;
            self.shown[class.0 as usize].is_collection
        });
        let mut own = 0u64;
        let mut work: Vec<Child> = Vec::new();
        for of_class in by_class.iter_mut() {
            let shown = self.shown[of_class.class.0 as usize];
            if shown.is_passed || in_collection && shown.is_passed_within {
                work.append(&mut of_class.children);
            }
        }
        // The same in every run.
        work.sort_unstable_by_key(|child| Reverse(child.position));
        while let Some(child) = work.pop() {
            let position = child.position as usize;
            let (object, class) = snapshot.at(position);
            let passes = self.shown[class.0 as usize].is_passed_within && self.left > 0 && {
                let shallow = snapshot.shallow_of(object, class);
                let half = snapshot.retained_at(position) / 2;
                own = own.saturating_add(if shallow <= half { shallow } else { 0 });
                shallow <= half
            };
            if !passes {
                self.add(by_class, class, child);
                continue;
            }
            for below in snapshot.child_positions_at(position) {
                self.left = self.left.saturating_sub(1);
                work.push(Child {
                    position: below as u32,
                    ..child
                });
            }
        }
        let node = &mut self.out.nodes[node as usize];
        node.self_bytes = node.self_bytes.saturating_add(own);
    }

    /// A node of one object.
    fn single(&self, group: &Group, child: Child) -> (TreeNode, Vec<u32>) {
        let object = self.object(child.position);
        let node = TreeNode {
            parent: group.node,
            class: label(self.snapshot, object),
            reference: self.reference(&[child]),
            object_id: Some(address(self.snapshot, object)),
            objects: 1,
            retained_bytes: self.retained(&child),
            self_bytes: self.snapshot.shallow(object),
        };
        (node, vec![child.position])
    }

    /// A node of all `children` of `class`, if it is large enough.
    fn several(
        &self,
        group: &Group,
        class: ClassIndex,
        children: Vec<Child>,
    ) -> Option<(TreeNode, Vec<u32>)> {
        let retained = children.iter().map(|child| self.retained(child));
        let retained_bytes = retained.fold(0, u64::saturating_add);
        if children.is_empty() || retained_bytes < self.out.smallest_bytes {
            return None;
        }
        let shallow = children
            .iter()
            .map(|child| self.snapshot.shallow_of(self.object(child.position), class));
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
            Some(_) if self.left > 0 => children.iter().map(|child| child.position).collect(),
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
            if child.from == NONE {
                return None;
            }
            let (from, class) = snapshot.at(child.from as usize);
            let passed = child.via != child.position;
            let hidden = passed && self.shown[class.0 as usize].is_collection;
            let readable = snapshot.shallow(from) <= LONGEST_ARRAY && !hidden;
            readable
                .then(|| reference(snapshot, from, self.object(child.via)))
                .flatten()
        });
        let first = names.next()??;
        names
            .all(|name| name.as_ref() == Some(&first))
            .then_some(first)
    }
}

fn shown(class: &Class) -> Shown {
    let is_array = class.kind == ClassKind::ObjectArray;
    let is_collection = is_collection(&class.name);
    Shown {
        is_passed: is_array || is_collection && class.name.contains('$'),
        is_passed_within: is_array || is_collection,
        is_collection,
    }
}

/// Whether `class` is that of a collection or a part of one. Threads, classes and references of the JDK hold things as well.
fn is_collection(class: &str) -> bool {
    let of_jvm = ["java.lang.", "jdk.", "sun."];
    naming::is_transparent(class) && !of_jvm.iter().any(|prefix| class.starts_with(prefix))
}

//! The dominator tree, level by level: objects, or groups of them by class, loader or package.

use foldhash::HashMap;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::super::shown::{address, short, thread_name};
use super::super::tables::{label, loader_label};
use super::{Listed, cheap_reference, largest, row};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Most nodes of one answer.
const MOST: usize = 100_000;

/// What one row of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// One object.
    Object,
    /// All siblings of a class.
    Class,
    /// All siblings whose classes one loader defined.
    Loader,
    /// All siblings whose classes are in one package.
    Package,
}

/// What to show of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// The object whose children come first; `None` for the topmost objects.
    pub under: Option<ObjectIndex>,
    /// How many levels.
    pub depth: u32,
    /// Rows below each node; 0 for all.
    pub top: usize,
    /// What a row is.
    pub by: By,
}

/// A part of the tree. Retained sizes of siblings add up: no byte is in two of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DominatorNodes {
    /// What all rows of the first level retain together, in bytes.
    pub total_bytes: u64,
    /// The rows in preorder.
    pub nodes: Vec<Node>,
    /// True when there would have been more than 100,000 rows: the deepest ones are missing.
    pub cut: bool,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Level, 0 for the first.
    pub depth: u32,
    /// Class, loader or package; `None` where the row stands for all that is not listed.
    pub name: Option<String>,
    /// Name of a thread, with what identifies a request or a user replaced.
    pub thread: Option<String>,
    /// Address, where the row is one object.
    pub object_id: Option<String>,
    /// How its dominator refers to it, if it does so directly.
    pub reference: Option<String>,
    /// Objects that the row stands for.
    pub objects: u64,
    /// Their bytes, shallow.
    pub shallow_bytes: u64,
    /// Bytes they retain.
    pub retained_bytes: u64,
    /// Objects they retain, themselves included.
    pub retained_objects: u64,
}

/// A row that is still to be written, with the objects it stands for.
struct Pending {
    node: Node,
    members: Vec<ObjectIndex>,
}

/// Reads the tree.
pub fn dominators(snapshot: &Snapshot<'_>, query: Query) -> DominatorNodes {
    let mut tops: Vec<ObjectIndex> = snapshot.children(query.under).collect();
    if query.under.is_none() {
        tops.retain(|&object| snapshot.strength(object) != Strength::NoPath);
    }
    let mut out = DominatorNodes {
        total_bytes: sum(&tops, |object| snapshot.retained(object)),
        nodes: Vec::new(),
        cut: false,
    };
    let mut stack = level(snapshot, query, query.under, tops, 0);
    while let Some(Pending { node, members }) = stack.pop() {
        if out.nodes.len() >= MOST {
            out.cut = true;
            break;
        }
        let depth = node.depth + 1;
        let open = node.name.is_some() && depth < query.depth;
        out.nodes.push(node);
        if open {
            let children = members
                .iter()
                .flat_map(|&member| snapshot.children(Some(member)));
            let parent = match members[..] {
                [only] => Some(only),
                _ => None,
            };
            let children: Vec<ObjectIndex> = children.collect();
            stack.extend(level(snapshot, query, parent, children, depth));
        }
    }
    out
}

/// The objects that one row of [`dominators`] stands for, where it is a group: those below `under` in the group `name`; the `top` that
/// retain most.
pub fn members(
    snapshot: &Snapshot<'_>,
    under: Option<ObjectIndex>,
    (by, name): (By, &str),
    top: usize,
) -> Listed {
    // Of class objects alone it is asked which class they are: that costs a look at their address.
    let classes = snapshot.classes().iter();
    let class_objects = classes.filter_map(|(class, _)| snapshot.class_object(class));
    let of_class_objects: FxHashSet<ClassIndex> = class_objects
        .map(|object| snapshot.class_of(object))
        .collect();
    let mut is_member: FxHashMap<(ClassIndex, bool), bool> = FxHashMap::default();
    let mut found: Vec<ObjectIndex> = Vec::new();
    for position in snapshot.child_positions(under) {
        let (object, class) = snapshot.at(position);
        let key = match of_class_objects.contains(&class) {
            true => group_key(snapshot, by, object),
            false => (class, false),
        };
        let same = || short(group_name(snapshot, by, key.0)) == name;
        let reachable = under.is_some() || snapshot.strength_at(position) != Strength::NoPath;
        if reachable && *is_member.entry(key).or_insert_with(same) {
            found.push(object);
        }
    }
    let total = found.len() as u64;
    largest(snapshot, &mut found, top);
    let reference = |object| under.and_then(|under| cheap_reference(snapshot, under, object));
    let rows = found.into_iter();
    Listed {
        total,
        rows: rows
            .map(|object| row(snapshot, object, reference(object)))
            .collect(),
    }
}

/// What decides which group `object` belongs to. A class object belongs to the loader and the package of the class it is.
fn group_key(snapshot: &Snapshot<'_>, by: By, object: ObjectIndex) -> (ClassIndex, bool) {
    match snapshot.as_class(object) {
        Some(class) if by != By::Class => (class, true),
        _ => (snapshot.class_of(object), false),
    }
}

/// The rows of one level below one node, last first.
fn level(
    snapshot: &Snapshot<'_>,
    query: Query,
    parent: Option<ObjectIndex>,
    objects: Vec<ObjectIndex>,
    depth: u32,
) -> Vec<Pending> {
    let mut rows = if query.by == By::Object {
        single(snapshot, query, parent, objects, depth)
    } else {
        grouped(snapshot, query, objects, depth)
    };
    rows.reverse();
    rows
}

fn single(
    snapshot: &Snapshot<'_>,
    query: Query,
    parent: Option<ObjectIndex>,
    mut objects: Vec<ObjectIndex>,
    depth: u32,
) -> Vec<Pending> {
    let all = node(snapshot, &objects, depth);
    largest(snapshot, &mut objects, query.top);
    let shown = node(snapshot, &objects, depth);
    let mut rows: Vec<Pending> = objects
        .into_iter()
        .map(|object| Pending {
            node: Node {
                name: Some(short(label(snapshot, object))),
                thread: thread_name(snapshot, object),
                object_id: Some(address(snapshot, object)),
                reference: parent
                    .and_then(|parent| cheap_reference(snapshot, parent, object))
                    .map(short),
                ..node(snapshot, &[object], depth)
            },
            members: vec![object],
        })
        .collect();
    rows.extend(rest(all, &shown));
    rows
}

fn grouped(
    snapshot: &Snapshot<'_>,
    query: Query,
    objects: Vec<ObjectIndex>,
    depth: u32,
) -> Vec<Pending> {
    let all = node(snapshot, &objects, depth);
    let mut by_class: FxHashMap<(ClassIndex, bool), Vec<ObjectIndex>> = FxHashMap::default();
    for object in objects {
        let key = group_key(snapshot, query.by, object);
        by_class.entry(key).or_default().push(object);
    }
    let mut groups: HashMap<String, Vec<ObjectIndex>> = HashMap::default();
    for ((class, _), members) in by_class {
        groups
            .entry(short(group_name(snapshot, query.by, class)))
            .or_default()
            .extend(members);
    }
    let mut rows: Vec<Pending> = groups
        .into_iter()
        .map(|(name, mut members)| {
            members.sort_unstable();
            let node = Node {
                name: Some(name),
                ..node(snapshot, &members, depth)
            };
            Pending { node, members }
        })
        .collect();
    rows.sort_by(|a, b| {
        let size = b.node.retained_bytes.cmp(&a.node.retained_bytes);
        size.then_with(|| a.node.name.cmp(&b.node.name))
    });
    if query.top > 0 {
        rows.truncate(query.top);
    }
    let mut shown = Node::default();
    for row in &rows {
        shown.objects += row.node.objects;
        shown.shallow_bytes += row.node.shallow_bytes;
        shown.retained_bytes += row.node.retained_bytes;
        shown.retained_objects += row.node.retained_objects;
    }
    rows.extend(rest(all, &shown));
    rows
}

/// The row of what is in `all` and not in `shown`.
fn rest(all: Node, shown: &Node) -> Option<Pending> {
    let node = Node {
        objects: all.objects.saturating_sub(shown.objects),
        shallow_bytes: all.shallow_bytes.saturating_sub(shown.shallow_bytes),
        retained_bytes: all.retained_bytes.saturating_sub(shown.retained_bytes),
        retained_objects: all.retained_objects.saturating_sub(shown.retained_objects),
        ..all
    };
    (node.objects > 0).then(|| Pending {
        node,
        members: Vec::new(),
    })
}

fn group_name(snapshot: &Snapshot<'_>, by: By, class: ClassIndex) -> String {
    let name = &snapshot.classes().get(class).name;
    match by {
        By::Loader => loader_label(snapshot, class).unwrap_or_else(|| "(unknown)".to_owned()),
        By::Package => package(name),
        By::Object | By::Class => name.clone(),
    }
}

/// The package of a class; that of an array is the one of its elements.
fn package(class: &str) -> String {
    let element = class.trim_end_matches("[]");
    match element.rsplit_once('.') {
        Some((package, _)) => package.to_owned(),
        None if crate::suspects::naming::is_primitive(element) => "(primitive arrays)".to_owned(),
        None => "(no package)".to_owned(),
    }
}

/// The sums of `objects`.
fn node(snapshot: &Snapshot<'_>, objects: &[ObjectIndex], depth: u32) -> Node {
    Node {
        depth,
        objects: objects.len() as u64,
        shallow_bytes: sum(objects, |object| snapshot.shallow(object)),
        retained_bytes: sum(objects, |object| snapshot.retained(object)),
        retained_objects: sum(objects, |object| snapshot.retained_objects(object)),
        ..Node::default()
    }
}

fn sum(objects: &[ObjectIndex], of: impl Fn(ObjectIndex) -> u64) -> u64 {
    objects
        .iter()
        .fold(0, |sum, &object| sum.saturating_add(of(object)))
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn packages() {
        assert_eq!(package("java.util.HashMap$Node[]"), "java.util");
        assert_eq!(package("byte[][]"), "(primitive arrays)");
        assert_eq!(package("Main"), "(no package)");
    }
}

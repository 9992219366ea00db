//! Collections that an application wrote itself, recognised by their shape.
//!
//! Nobody changes `com.acme.LongMap.buckets`; what is changed is the field that holds the map. So a class whose fields show
//! that it is a collection and nothing else is transparent, like those of the JDK:
//!
//! - its references lead to storage only: arrays of `Object`, or nodes of its own and arrays of them; besides to locks, counters,
//!   comparators, views of itself, arrays of primitive values (hash codes), and, of an inner class, to the object around it;
//! - one with nodes may find them through a collection of the JDK's: the index of a cache that keeps them in order of use;
//! - one of a plain `Object[]` also counts its elements in an integral field;
//! - a node is a class beside it, called or nested like one, whose references all have the names that links and elements
//!   have, at least one of each.
//!
//! One reference to anything else (a name, a `Map`, an array of `Order`) makes it a thing of the application, whose fields say
//! more than the field above it.

use std::sync::Mutex;

use foldhash::HashSet;
use rustc_hash::FxHashMap;

use super::naming;
use crate::heap::{Class, ClassIndex, ClassKind, Object, ObjectIndex, Snapshot};
use crate::hprof::{FieldType, InstanceField};

/// Fields by which nodes refer to nodes.
const LINKS: &[&str] = &[
    "next",
    "nxt",
    "prev",
    "prv",
    "previous",
    "before",
    "after",
    "above",
    "below",
    "left",
    "right",
    "parent",
    "child",
    "children",
    "kids",
    "up",
    "down",
    "forward",
    "head",
    "tail",
    "link",
    "chain",
    "sibling",
    "nextInBucket",
    "nextInChain",
    "nextNode",
    "nextEntry",
];
/// Fields by which lists refer to their nodes, besides.
const ENDS: &[&str] = &["first", "last"];
/// Fields by which nodes refer to what was put in.
pub(super) const ELEMENTS: &[&str] = &[
    "key", "keys", "value", "values", "val", "vals", "item", "items", "element", "elements",
    "elem", "data", "datum", "payload", "first", "second", "k", "v", "e", "referent", "car",
];
/// Fields of a list that is made of its first element and a list of the other ones.
const HEADS: &[&str] = &["head", "first", "car"];
const TAILS: &[&str] = &["tail", "rest", "cdr"];
/// Ends of names of nodes that are not nested in their collection.
const NODES: &[&str] = &["Node", "Entry", "Link", "Cell", "Bucket"];
/// Packages and classes of the JDK that help a collection and hold nothing for it.
const HELPERS: &[&str] = &[
    "java.util.concurrent.locks.",
    "java.util.concurrent.atomic.AtomicInteger",
    "java.util.concurrent.atomic.AtomicLong",
    "java.util.concurrent.atomic.LongAdder",
    "java.util.Comparator",
    "java.util.Collections$ReverseComparator",
];
/// References of a class beyond which it is no collection, whatever they lead to.
const MOST_FIELDS: usize = 16;
/// Levels of collections within collections.
const SEGMENTS: u8 = 1;
/// Objects of an index that are asked what they refer to.
const INDEX_SAMPLE: usize = 100;
/// Classes of a hierarchy that are looked at.
const MOST_CLASSES: usize = 16;

/// Knows which classes are collections, each decided with the first object of it that lies on a path.
#[derive(Default)]
pub struct OwnCollections(Mutex<FxHashMap<ClassIndex, Shape>>);

/// What a class is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Other,
    Node,
    /// A collection; made of several of this class.
    Collection(Option<ClassIndex>),
}

impl OwnCollections {
    /// Whether `object`, of a class of the application or a library, is a collection or a node of one.
    pub fn is_transparent(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
        let class = snapshot.class_of(object);
        // What another thread left half done is still true.
        let mut known = self.0.lock().unwrap_or_else(|known| known.into_inner());
        let shape = || match storage(snapshot, object) {
            _ if is_node(snapshot, class) => Shape::Node,
            Some(storage) => Shape::Collection(storage.segments),
            None => Shape::Other,
        };
        *known.entry(class).or_insert_with(shape) != Shape::Other
    }

    /// The collections met so far, and the nodes that lie beside them; of each whether it is a part of a collection. Nodes
    /// without a collection around them are what is held.
    pub fn classes(&self, snapshot: &Snapshot<'_>) -> Vec<(ClassIndex, bool)> {
        let known = self.0.lock().unwrap_or_else(|known| known.into_inner());
        let mut found = Vec::new();
        for (&class, &shape) in known.iter() {
            if let Shape::Collection(segments) = shape {
                found.push((class, false));
                found.extend(segments.map(|class| (class, true)));
            }
        }
        let beside: HashSet<&str> = found
            .iter()
            .map(|&(class, _)| package(&snapshot.classes().get(class).name))
            .collect();
        let all = snapshot.classes().iter().filter(|_| !beside.is_empty());
        let nodes = all
            .filter(|(_, class)| beside.contains(package(&class.name)))
            .filter(|&(index, _)| is_node(snapshot, index));
        found.extend(nodes.map(|(index, _)| (index, true)));
        // What is a collection by itself and a part of another one is a part.
        found.sort_unstable();
        found
    }
}

/// What a collection keeps its elements in.
#[derive(Clone, Copy)]
pub struct Storage {
    /// The array or first node, the largest of several.
    pub object: ObjectIndex,
    /// The class of its nodes, if it has any.
    pub nodes: Option<ClassIndex>,
    /// The class of the collections that it is made of, if it is.
    pub segments: Option<ClassIndex>,
}

/// Where the collection `object` keeps its elements. `None` if it is none.
pub fn storage(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<Storage> {
    storage_within(snapshot, object, SEGMENTS)
}

fn storage_within(snapshot: &Snapshot<'_>, object: ObjectIndex, levels: u8) -> Option<Storage> {
    let own = snapshot.class_of(object);
    let is_own = naming::is_owner(&snapshot.classes().get(own).name);
    if !is_own || !is_simple(snapshot, own) || is_node(snapshot, own) {
        return None;
    }
    let Object::Instance { class, data } = snapshot.object(object)? else {
        return None;
    };
    let (mut found, mut indexes, mut counts) = (Vec::new(), Vec::new(), false);
    for field in snapshot.fields(class, data) {
        counts |= is_count(snapshot, field.declared_by, field.name_id);
        let Some(to) = field.value.reference().and_then(|id| snapshot.find(id)) else {
            continue;
        };
        if snapshot.name(field.name_id).starts_with("this$") {
            continue;
        }
        match role(snapshot, own, to, levels) {
            Role::Storage(nodes, segments) => found.push(Storage {
                object: to,
                nodes,
                segments,
            }),
            Role::Helper => {}
            Role::Index => indexes.push(to),
            Role::Other => return None,
        }
    }
    let of_nodes = |&index: &ObjectIndex| {
        let nodes = found.iter().filter_map(|storage: &Storage| storage.nodes);
        nodes
            .into_iter()
            .any(|nodes| is_index(snapshot, index, nodes))
    };
    if !indexes.iter().all(of_nodes) {
        return None;
    }
    if !counts && found.iter().all(|storage| storage.nodes.is_none()) {
        return None;
    }
    found
        .into_iter()
        .max_by_key(|s| (snapshot.retained(s.object), std::cmp::Reverse(s.object)))
}

/// The nodes of class `nodes` in `collection`.
pub fn nodes_of<'s>(
    snapshot: &'s Snapshot<'_>,
    collection: ObjectIndex,
    nodes: ClassIndex,
) -> impl Iterator<Item = ObjectIndex> + 's {
    let all = snapshot.positions(collection);
    all.map(|position| snapshot.at(position))
        .filter(move |&(_, class)| class == nodes)
        .map(|(object, _)| object)
}

/// What a collection of class `own` may have `to` for.
enum Role {
    /// An `Object[]`; or a node, or an array of nodes, with their class; or an array of collections, with both classes.
    Storage(Option<ClassIndex>, Option<ClassIndex>),
    /// A lock, a comparator, a view.
    Helper,
    /// A collection of the JDK's, if its nodes are in there.
    Index,
    /// No collection has it.
    Other,
}

fn role(snapshot: &Snapshot<'_>, own: ClassIndex, to: ObjectIndex, levels: u8) -> Role {
    let classes = snapshot.classes();
    let (own_name, class) = (&classes.get(own).name, snapshot.class(to));
    let nested = |name: &str| name.len() > own_name.len() && name.starts_with(own_name.as_str());
    let node = |index: ClassIndex| {
        package(own_name) == package(&classes.get(index).name) && is_node(snapshot, index)
    };
    match class.kind {
        ClassKind::PrimitiveArray(_) => Role::Helper,
        ClassKind::ObjectArray if class.name == "java.lang.Object[]" => Role::Storage(None, None),
        ClassKind::ObjectArray => {
            let element = class.name.trim_end_matches("[]");
            let nodes = classes.named(element).find(|&index| node(index));
            if let Some(nodes) = nodes {
                return Role::Storage(Some(nodes), None);
            }
            match segments(snapshot, to, levels) {
                Some((nodes, class)) => Role::Storage(Some(nodes), Some(class)),
                None => Role::Other,
            }
        }
        ClassKind::Instance if node(snapshot.class_of(to)) => {
            Role::Storage(Some(snapshot.class_of(to)), None)
        }
        ClassKind::Instance => {
            let name = &class.name;
            let helps = snapshot.class_of(to) == own
                || name == "java.lang.Object"
                || HELPERS.iter().any(|prefix| name.starts_with(prefix))
                || naming::stable(name) != *name
                || nested(name)
                    && class
                        .dump
                        .fields
                        .iter()
                        .all(|field| is_outer(snapshot, field));
            match helps {
                true => Role::Helper,
                false if name.starts_with("java.util.") && naming::is_transparent(name) => {
                    Role::Index
                }
                false => Role::Other,
            }
        }
    }
}

/// Nodes and class of the collections in `array`: a concurrent map may be made of several.
fn segments(
    snapshot: &Snapshot<'_>,
    array: ObjectIndex,
    levels: u8,
) -> Option<(ClassIndex, ClassIndex)> {
    let levels = levels.checked_sub(1)?;
    let segment = snapshot.each_element(array).flatten().next()?;
    let nodes = storage_within(snapshot, segment, levels)?.nodes?;
    Some((nodes, snapshot.class_of(segment)))
}

/// Whether the collection `index` of the JDK's leads to objects of class `nodes`, as the first objects that it has for itself tell.
fn is_index(snapshot: &Snapshot<'_>, index: ObjectIndex, nodes: ClassIndex) -> bool {
    let own = snapshot.dominated(index).iter().take(INDEX_SAMPLE);
    own.flat_map(|&object| snapshot.outgoing(object))
        .filter_map(|(_, id)| snapshot.find(id))
        .any(|object| snapshot.class_of(object) == nodes)
}

/// The reference of an inner class to the object around it.
fn is_outer(snapshot: &Snapshot<'_>, field: &InstanceField) -> bool {
    snapshot.name(field.name_id).starts_with("this$")
}

/// Whether all classes up to `java.lang.Object` are of the application or a library, with few references.
fn is_simple(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let mut references = 0;
    for (steps, class) in snapshot.classes().chain(class).enumerate() {
        if class.name == "java.lang.Object" {
            return references <= MOST_FIELDS;
        }
        if steps >= MOST_CLASSES || !naming::is_owner(&class.name) {
            return false;
        }
        references += references_of(class).count();
    }
    references <= MOST_FIELDS
}

fn references_of(class: &Class) -> impl Iterator<Item = u64> {
    let fields = class.dump.fields.iter();
    fields
        .filter(|field| field.kind == FieldType::Object)
        .map(|field| field.name_id)
}

/// Whether a field counts: an integral one.
fn is_count(snapshot: &Snapshot<'_>, class: ClassIndex, name_id: u64) -> bool {
    let fields = &snapshot.classes().get(class).dump.fields;
    let declared = fields.iter().find(|field| field.name_id == name_id);
    declared.is_some_and(|field| matches!(field.kind, FieldType::Int | FieldType::Long))
}

/// Whether objects of `class`, of the application or a library, refer to nothing but the nodes that they link: the head of a list.
pub(super) fn has_only_links(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let mut links = 0;
    for (steps, class) in snapshot.classes().chain(class).enumerate() {
        if class.name == "java.lang.Object" {
            break;
        }
        if steps >= MOST_CLASSES || !naming::is_owner(&class.name) {
            return false;
        }
        for name_id in references_of(class) {
            let field = snapshot.name(name_id);
            if !LINKS.contains(&field.as_str()) && !ENDS.contains(&field.as_str()) {
                return false;
            }
            links += 1;
        }
    }
    links > 0
}

/// Whether `class` has the name and the fields of a node, and nothing else. A list that is made of heads and tails shows it by those.
pub(super) fn is_node(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let name = &snapshot.classes().get(class).name;
    let called = name.contains('$') || NODES.iter().any(|end| name.ends_with(end));
    if !naming::is_owner(name) {
        return false;
    }
    let (mut links, mut elements) = (false, false);
    let (mut head, mut tail) = (false, false);
    for (steps, class) in snapshot.classes().chain(class).enumerate() {
        // An entry may be a weak reference to its key.
        let above = class.name == "java.lang.Object" || class.name.starts_with("java.lang.ref.");
        elements |= class.name.starts_with("java.lang.ref.");
        if above {
            break;
        }
        if steps >= MOST_CLASSES || !naming::is_owner(&class.name) {
            return false;
        }
        for name_id in references_of(class) {
            let field = snapshot.name(name_id);
            let (link, element) = (
                LINKS.contains(&field.as_str()) || TAILS.contains(&field.as_str()),
                ELEMENTS.contains(&field.as_str()),
            );
            if !link && !element && !field.starts_with("this$") {
                return false;
            }
            links |= link;
            elements |= element;
            head |= HEADS.contains(&field.as_str());
            tail |= TAILS.contains(&field.as_str());
        }
    }
    called && links && elements || head && tail
}

fn package(class: &str) -> &str {
    class.rsplit_once('.').map_or("", |(package, _)| package)
}

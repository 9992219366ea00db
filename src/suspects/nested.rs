//! Objects of somebody's own that only lead on to what is held: roots of trees and graphs, and wrappers around one value.
//!
//! What grows below `com.acme.Dictionary.ROOT` is a tree of `TrieNode`: every node has a field `children`, and to name that of the
//! root says no more than that it is a tree. Nor does `com.acme.Holder.value` say who holds.

use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::naming;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::hprof::FieldType;

/// Names of the only reference of a wrapper.
const WRAPPED: &[&str] = &[
    "value",
    "val",
    "v",
    "item",
    "element",
    "elem",
    "e",
    "ref",
    "reference",
    "obj",
    "object",
    "wrapped",
    "t",
];

/// Names of references to what makes or guards the value of a wrapper: those of something lazy.
const MAKERS: &[&str] = &[
    "init",
    "initializer",
    "supplier",
    "factory",
    "loader",
    "lock",
    "mutex",
];

/// Knows which objects are roots of trees, each decided once: many paths lead through one, and a tree is large.
#[derive(Default)]
pub(super) struct Nested(Mutex<FxHashMap<ObjectIndex, bool>>);

impl Nested {
    /// Whether other objects of `root`'s class make up half of what it retains.
    pub(super) fn is_root(&self, snapshot: &Snapshot<'_>, root: ObjectIndex) -> bool {
        // What another thread left half done is still true.
        let mut known = self.0.lock().unwrap_or_else(|known| known.into_inner());
        *known.entry(root).or_insert_with(|| is_root(snapshot, root))
    }
}

fn is_root(snapshot: &Snapshot<'_>, root: ObjectIndex) -> bool {
    let class = snapshot.class_of(root);
    let half = snapshot.retained(root) / 2;
    let mut below = snapshot.positions(root);
    below.next();
    let (mut position, mut bytes) = (below.start, 0u64);
    while position < below.end {
        if snapshot.at(position).1 == class {
            bytes = bytes.saturating_add(snapshot.retained_at(position));
            if bytes > half {
                return true;
            }
            position = snapshot.end_at(position);
        } else {
            position += 1;
        }
    }
    false
}

/// Whether objects of `class` have one reference, under a name that tells nothing, besides what makes or guards it.
pub(super) fn is_wrapper(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let mut wrapped = 0;
    for class in snapshot.classes().chain(class) {
        for field in &class.dump.fields {
            if field.kind == FieldType::Object {
                let name = snapshot.name(field.name_id);
                let is_wrapped = WRAPPED.contains(&name.as_str());
                if !is_wrapped && !MAKERS.contains(&name.as_str()) {
                    return false;
                }
                wrapped += u32::from(is_wrapped);
            }
        }
    }
    wrapped == 1
}

/// Whether all references of objects of `class` are what a lambda or a local class captured.
pub(super) fn is_closure(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let fields = snapshot.classes().chain(class).flat_map(|class| {
        let fields = class.dump.fields.iter();
        fields.filter(|field| field.kind == FieldType::Object)
    });
    let mut captures = fields.map(|field| naming::is_capture(&snapshot.name(field.name_id)));
    captures.next() == Some(true) && captures.all(|capture| capture)
}

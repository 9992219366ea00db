//! Objects of somebody's own that only lead on to what is held: roots of trees and graphs, and wrappers around one value.
//!
//! What grows below `com.acme.Dictionary.ROOT` is a tree of `TrieNode`: every node has a field `children`, and to name that of the
//! root says no more than that it is a tree. Nor does `com.acme.Holder.value` say who holds.

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

/// Objects below a root that are asked what they belong to.
const SAMPLE: usize = 64;
/// Steps up the dominator tree from each of them.
const HIGHEST: usize = 1_000;

/// Whether other objects of `root`'s class hold half of the objects that it retains.
pub(super) fn is_root(snapshot: &Snapshot<'_>, root: ObjectIndex) -> bool {
    let class = snapshot.class_of(root);
    let belongs = |&object: &ObjectIndex| {
        let up = std::iter::successors(Some(object), |&at| snapshot.dominator(at));
        let mut up = up.take_while(|&at| at != root).take(HIGHEST);
        up.any(|at| snapshot.class_of(at) == class)
    };
    let below = snapshot.positions(root).skip(1);
    let step = below.len().div_ceil(SAMPLE).max(1);
    let sample = below.step_by(step).map(|position| snapshot.at(position).0);
    let sample: Vec<ObjectIndex> = sample.collect();
    sample.iter().filter(|object| belongs(object)).count() * 2 > sample.len()
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

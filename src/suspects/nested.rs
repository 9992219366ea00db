//! Objects of the application or a library that only lead on to what is held: roots of trees and graphs, and wrappers around one value.
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

/// What the references of a class and its super classes are.
#[derive(Clone, Copy, Default)]
struct References {
    /// Under a name that tells nothing.
    wrapped: u64,
    /// To what makes or guards that.
    makers: u64,
    /// What a lambda or a local class captured.
    captured: u64,
    all: u64,
}

/// Knows of every class whether its objects are wrappers or closures.
pub(super) struct Nested(Vec<References>);

impl Nested {
    /// For all classes of `snapshot`, super classes first: chains of them may be long.
    pub fn new(snapshot: &Snapshot<'_>) -> Nested {
        let classes = snapshot.classes();
        let mut all = vec![References::default(); classes.len()];
        for index in classes.super_classes_first() {
            let class = classes.get(ClassIndex(index));
            let above = class.super_class.map(|above| all[above.0 as usize]);
            let mut found = above.unwrap_or_default();
            for field in &class.dump.fields {
                if field.kind == FieldType::Object {
                    let name = snapshot.name(field.name_id);
                    found.wrapped += u64::from(WRAPPED.contains(&name.as_str()));
                    found.makers += u64::from(MAKERS.contains(&name.as_str()));
                    found.captured += u64::from(naming::is_capture(&name));
                    found.all += 1;
                }
            }
            all[index as usize] = found;
        }
        Nested(all)
    }

    /// Whether objects of `class` have one reference, under a name that tells nothing, besides what makes or guards it.
    pub fn is_wrapper(&self, class: ClassIndex) -> bool {
        let found = self.0[class.0 as usize];
        found.wrapped == 1 && found.makers + 1 == found.all
    }

    /// Whether all references of objects of `class` are what a lambda or a local class captured.
    pub fn is_closure(&self, class: ClassIndex) -> bool {
        let found = self.0[class.0 as usize];
        found.all > 0 && found.captured == found.all
    }
}

/// Objects below a root that are asked what they belong to.
const SAMPLE: usize = 64;
/// Steps up the dominator tree from each of them.
const HIGHEST: usize = 128;

/// Whether other objects of `root`'s class hold half of the objects that it retains.
fn is_root(snapshot: &Snapshot<'_>, root: ObjectIndex) -> bool {
    let class = snapshot.class_of(root);
    let belongs = |object: ObjectIndex| {
        let up = std::iter::successors(Some(object), |&at| snapshot.dominator(at));
        let mut up = up.take_while(|&at| at != root).take(HIGHEST);
        up.any(|at| snapshot.class_of(at) == class)
    };
    let below = snapshot.positions(root).skip(1);
    let step = below.len().div_ceil(SAMPLE).max(1);
    let half = below.len().div_ceil(step) / 2;
    let (mut belong, mut others) = (0, 0);
    for position in below.step_by(step) {
        match belongs(snapshot.at(position).0) {
            true => belong += 1,
            false => others += 1,
        }
        if belong > half || others > half {
            break;
        }
    }
    belong > half
}

/// Which objects are roots: each is looked at once, on however many paths it lies.
#[derive(Default)]
pub(super) struct Roots(Mutex<FxHashMap<ObjectIndex, bool>>);

impl Roots {
    /// Whether other objects of `object`'s class, of which there are `instances`, hold half of the objects that it retains.
    pub fn has(&self, snapshot: &Snapshot<'_>, object: ObjectIndex, instances: u64) -> bool {
        if instances < 2 {
            return false;
        }
        // What another thread left half done is still true.
        let known = || self.0.lock().unwrap_or_else(|known| known.into_inner());
        if let Some(&is_root) = known().get(&object) {
            return is_root;
        }
        let is_root = is_root(snapshot, object);
        known().insert(object, is_root);
        is_root
    }
}

//! Empty queues and other collections whose number of elements is in no field of their own.

use super::Hit;
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::patterns::Context;

/// Collections whose lock, nodes and array belong to them alone.
const WHOLE: &[&str] = &[
    "java.util.ArrayDeque",
    "java.util.concurrent.ConcurrentLinkedQueue",
    "java.util.concurrent.CopyOnWriteArrayList",
    "java.util.concurrent.LinkedBlockingDeque",
    "java.util.concurrent.LinkedBlockingQueue",
];
/// Sets around a map that counts by itself.
const SETS: &[&str] = &["java.util.HashSet", "java.util.TreeSet"];

/// Of every class what its objects are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Whole,
    Set,
}

/// Knows which classes are such collections, and how many elements their objects have.
pub struct Queues<'s, 'a> {
    kinds: Vec<Kind>,
    context: Context<'s, 'a>,
}

impl<'s, 'a> Queues<'s, 'a> {
    /// Looks at all classes of `snapshot`.
    pub fn new(snapshot: &'s Snapshot<'a>) -> Queues<'s, 'a> {
        let classes = snapshot.classes();
        let is_one = |class, names: &[&str]| names.iter().any(|name| classes.is_a(class, name));
        let kind = |class| match is_one(class, WHOLE) {
            true => Kind::Whole,
            false if is_one(class, SETS) => Kind::Set,
            false => Kind::Other,
        };
        Queues {
            kinds: classes.iter().map(|(class, _)| kind(class)).collect(),
            context: Context::without_instances(snapshot, 0),
        }
    }

    /// Adds `object` to `hits` if it is one of them without elements.
    pub fn look(&self, snapshot: &Snapshot<'_>, object: ObjectIndex, hits: &mut Vec<Hit>) {
        let class = snapshot.class_of(object);
        let bytes = match self.kinds[class.0 as usize] {
            Kind::Other => return,
            Kind::Whole => snapshot.retained(object),
            Kind::Set => snapshot.shallow(object),
        };
        if self.context.entries(object) == Some(0) {
            hits.push(Hit {
                kind: "empty_collections",
                class,
                object,
                bytes,
            });
        }
    }
}

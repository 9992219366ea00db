//! `OutOfMemoryError`s that the JVM threw before the dump was written.
//!
//! HotSpot makes `PreallocatedOutOfMemoryErrorCount` errors at its start and keeps them in an array that it refers to itself. Each error that
//! it throws takes one out of the array (JDK 21 and 25 take one, JDK 11 and 17 clear several slots at once: JDK-8278125). What Java
//! code throws (direct memory) takes none.

use rayon::prelude::*;

use crate::graph::Strength;
use crate::heap::{ClassIndex, Instances, ObjectIndex, Snapshot};
use crate::hprof::RootKind;
use crate::verdict::facts::RanOutBefore;

/// Most errors that HotSpot can be set to make.
const MOST: usize = 1_024;

/// What the JVM says in its errors; other messages come from Java code.
const MESSAGES: [&str; 8] = [
    "Java heap space",
    "GC overhead limit exceeded",
    "Metaspace",
    "Compressed class space",
    "Requested array size exceeds VM limit",
    "PermGen space",
    "Java heap space: failed reallocation of scalar replaced objects",
    "unable to create native thread",
];

/// What `snapshot` says of earlier errors; `None` where the JVM threw none, or the dump does not tell.
pub(super) fn before(snapshot: &Snapshot, instances: &Instances) -> Option<RanOutBefore> {
    let array = preallocated(snapshot)?;
    let slots: Vec<_> = snapshot.each_element(array).take(MOST).collect();
    let used = slots.iter().filter(|slot| slot.is_none()).count();
    // An error about threads takes none of them, but may still exist.
    let messages = messages(snapshot, instances);
    (used > 0 || !messages.is_empty()).then_some(RanOutBefore {
        used: used as u64,
        of: slots.len() as u64,
        messages,
    })
}

/// Whether `class` is that of these errors.
pub(super) fn is_error(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().get(class).name == "java.lang.OutOfMemoryError"
}

/// The array with the errors that are left: the JVM alone refers to it, and unlike those of its other array, the errors have no message
/// yet.
fn preallocated(snapshot: &Snapshot) -> Option<ObjectIndex> {
    let rooted = snapshot.roots().kinds.iter().filter(|(object, kinds)| {
        kinds.contains(&RootKind::JniGlobal)
            && snapshot.class(**object).name == "java.lang.OutOfMemoryError[]"
    });
    let without_message = |&array: &ObjectIndex| {
        let mut errors = snapshot.each_element(array).take(MOST).flatten();
        errors.all(|error| snapshot.field_object(error, "detailMessage").is_none())
    };
    rooted
        .map(|(&object, _)| object)
        .filter(without_message)
        .min()
}

/// The messages of the errors with a stack trace that something still holds, each once.
fn messages(snapshot: &Snapshot, instances: &Instances) -> Vec<String> {
    let errors = instances.of_wanted(|class| is_error(snapshot, class));
    let mut found: Vec<String> = errors
        .into_par_iter()
        .filter(|&object| snapshot.strength(object) != Strength::NoPath)
        .filter(|&object| snapshot.field_object(object, "backtrace").is_some())
        .filter_map(|object| {
            let text = snapshot.string(snapshot.field_object(object, "detailMessage")?, 100)?;
            let known = MESSAGES.iter().filter(|known| text.starts_with(**known));
            known
                .max_by_key(|known| known.len())
                .map(|known| (*known).to_owned())
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

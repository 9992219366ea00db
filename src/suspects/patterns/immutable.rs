//! Collections that never change: they can only be replaced by others.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::Suspect;

/// Collections that copy everything to change: the persistent ones of Scala or Clojure grow like others.
const IMMUTABLE: &[&str] = &[
    "java.util.ImmutableCollections$",
    "java.util.Collections$Singleton",
    "com.google.common.collect.Immutable",
    "com.google.common.collect.Regular",
    "com.google.common.collect.Singleton",
];

/// A suspect that is such a collection. It is asked of suspects only.
pub const COLLECTION: Pattern = Pattern {
    id: "immutable_collection",
    rows: &[21],
    title: "Immutable collection",
    component: "immutable collection",
    wanted: &[],
    rule: Rule::Code(|_, _| Vec::new()),
    advice: "It cannot grow: check whether all this reference data must be in memory, and whether old versions of it are kept too.",
    ..Pattern::PLAIN
};

/// The immutable collection that keeps most of `suspect`. It is as large as it will be, but a larger one may take its place.
pub fn of_suspect(snapshot: &Snapshot<'_>, suspect: &Suspect, floor: u64) -> Option<Finding> {
    if suspect.holders != 1 {
        return None;
    }
    let context = Context::without_instances(snapshot, floor);
    let most = |object: &ObjectIndex| {
        snapshot.retained(*object) >= suspect.retained_bytes - suspect.retained_bytes / 10
    };
    let below = suspect
        .path
        .iter()
        .position(|&object| object == suspect.holder.target);
    let below = below.map_or(&suspect.path[..], |at| &suspect.path[at..]);
    let is_collection = |object: &ObjectIndex| snapshot.shape(*object).is_some();
    let collection = *below
        .iter()
        .filter(|object| most(object))
        .find(|object| is_collection(object))?;
    let class = &snapshot.class(collection).name;
    let shaded = |name: &&str| {
        class
            .find(*name)
            .is_some_and(|at| at == 0 || class.as_bytes()[at - 1] == b'.')
    };
    IMMUTABLE.iter().find(|name| shaded(name))?;
    let entries = snapshot.entries(collection)?;
    let bound = Bound::Fixed {
        most: entries,
        bytes_each: u64::MAX,
    };
    let extent = vec![collection];
    let most = Some(entries);
    let mut found = finding(
        &context,
        &COLLECTION,
        bound,
        most,
        collection,
        extent,
        entries,
    );
    found.assessment = Assessment::Unknown;
    found.bounded = false;
    found.may_take = Some(found.retained_bytes);
    "it cannot grow, only be replaced".clone_into(&mut found.note);
    Some(found)
}

//! Static maps, lists and sets of the application: caches without eviction.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;
use crate::suspects::naming;

/// Static collections that are listed.
const MOST_FINDINGS: usize = 1_000;

/// A collection in a static field of a class of the application or a library.
pub const STATIC_COLLECTION: Pattern = Pattern {
    id: "static_collection",
    rows: &[21],
    title: "Static collection without a bound",
    component: "static collections",
    wanted: &[],
    rule: Rule::Code(collections),
    unit: "entries",
    advice: "A plain collection never drops an entry: remove entries that are no longer needed, or use a cache with a maximum. Reference data that is loaded once can stay.",
    is_fallback: true,
    ..Pattern::PLAIN
};

/// Entries from which on a collection is one that has grown.
const FEW: u64 = 4;

/// Parts of names of collections that nobody adds to, or that drop entries by themselves. What an unmodifiable view has for itself
/// can only be reached through it.
const CANNOT_GROW: &[&str] = &[
    "Weak",
    "Immutable",
    "Unmodifiable",
    "Arrays$",
    "Enum",
    "Collections$Singleton",
    "Collections$CopiesList",
];

fn collections(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, class) in context.heap.classes().iter() {
        if class.dump.statics.is_empty() || !naming::is_owner(&class.name) {
            continue;
        }
        let Some(owner) = context.heap.class_object(index) else {
            continue;
        };
        for field in &class.dump.statics {
            let target = field.value.reference().and_then(|id| context.heap.find(id));
            let Some(collection) = target.filter(|&o| is_plain_collection(context, o)) else {
                continue;
            };
            found.extend(collection_finding(context, pattern, owner, collection));
            if found.len() >= MOST_FINDINGS {
                return found;
            }
        }
    }
    found
}

/// Classes of `java.util` that hold whatever is put in; queues and weak maps have patterns and rules of their own.
fn is_plain_collection(context: &Context<'_, '_>, object: ObjectIndex) -> bool {
    // A view is as plain as what it is around.
    let mut all = context.views(object);
    all.all(|at| is_plain(&context.heap.class(at).name))
}

/// Whether collections of class `name` are plain ones of `java.util`.
pub fn is_plain(name: &str) -> bool {
    name.starts_with("java.util.")
        && (name.ends_with("Map")
            || name.ends_with("List")
            || name.ends_with("Set")
            || name.ends_with("Vector")
            || name.ends_with("Hashtable")
            || name.ends_with("KeySetView"))
        && !CANNOT_GROW.iter().any(|part| name.contains(part))
}

fn collection_finding(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    owner: ObjectIndex,
    collection: ObjectIndex,
) -> Option<Finding> {
    if context.heap.retained(collection) < context.floor {
        return None;
    }
    let entries = grown(context, collection)?;
    let bytes = context.heap.retained(collection);
    if context.spare_table(collection, entries, bytes).is_some() {
        // It is not the entries that take the memory.
        return None;
    }
    let bound = Bound::Usual(u64::MAX);
    let mut found = finding(
        context,
        pattern,
        bound,
        None,
        owner,
        vec![collection],
        entries,
    );
    found.assessment = Assessment::Unbounded;
    // A hash map counts its changes: each entry put in once and never taken out is one change.
    let hashed = is_hash_table(context, collection);
    if hashed && context.heap.number(collection, "modCount|map.modCount") == Some(entries) {
        "nothing was ever removed".clone_into(&mut found.note);
    }
    Some(found)
}

/// Entries of a collection that has grown; where they are few, those of the collections that are its values.
fn grown(context: &Context<'_, '_>, collection: ObjectIndex) -> Option<u64> {
    let entries = context.heap.entries(collection)?;
    if entries >= FEW {
        return Some(entries);
    }
    let pairs = context.heap.pairs(collection, FEW as usize).into_iter();
    let mut inner: Vec<ObjectIndex> = pairs.filter_map(|pair| pair.1).collect();
    if inner.is_empty() {
        inner = context.heap.values(collection, FEW as usize);
    }
    let plain = inner
        .into_iter()
        .filter(|&at| is_plain_collection(context, at));
    let all = plain.filter_map(|at| context.heap.entries(at));
    Some(all.fold(0, u64::saturating_add)).filter(|&all| all >= FEW)
}

fn is_hash_table(context: &Context<'_, '_>, collection: ObjectIndex) -> bool {
    let name = context.heap.class(collection).name.as_str();
    ["Map", "Set"].iter().any(|kind| {
        name.strip_prefix("java.util.")
            .and_then(|name| name.strip_suffix(kind))
            .is_some_and(|name| name == "Hash" || name == "LinkedHash")
    })
}

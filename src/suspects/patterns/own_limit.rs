//! Caches of an application's own that are filled to the limit that is written beside them.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::fields::Field;
use crate::heap::{Object, ObjectIndex, Snapshot};
use crate::suspects::{HolderKind, Suspect, naming};

/// Parts of the names of fields with a limit.
const LIMITS: &[&str] = &["max", "capacity", "limit", "bound"];
/// Fewer than so many may be as many by chance.
const LEAST: u64 = 100;

/// What a suspect holds against the limit that its holder has in a field. It is asked of suspects only: any class may have one.
pub const OWN_LIMIT: Pattern = Pattern {
    id: "own_bounded_cache",
    rows: &[21],
    title: "Cache filled to its own limit",
    component: "own cache",
    wanted: &[],
    rule: Rule::Code(|_, _| Vec::new()),
    advice: "Lower its limit, or let each entry hold less.",
    ..Pattern::PLAIN
};

/// The collection of `suspect` where it has exactly as many entries as a field beside it allows.
pub fn of_suspect(snapshot: &Snapshot<'_>, suspect: &Suspect, floor: u64) -> Option<Finding> {
    let context = Context::without_instances(snapshot, floor);
    let target = suspect.holder.target;
    // The target is a cache, or the collection in one.
    let inside = || {
        let maps = references(&context, target);
        let mut full = maps.filter_map(|map| Some((full(&context, map)?, target)));
        full.find_map(|(entries, cache)| judged(&context, cache, target, entries))
    };
    let around = || {
        let holder = suspect.holder.object?;
        let kind = suspect.holder.kind;
        let of_field = kind == HolderKind::InstanceField;
        let entries = full(&context, target)?;
        let counts = of_field && is_collection(snapshot, target);
        judged(&context, holder, target, entries).filter(|_| counts)
    };
    inside().or_else(around)
}

/// The entries of the collection `map`, unless it counts its changes and none of them took one out: it has yet to show that it is full.
fn full(context: &Context<'_, '_>, map: ObjectIndex) -> Option<u64> {
    let entries = context.entries(map)?;
    let changes = context.number(map, "modCount|map.modCount");
    (changes != Some(entries)).then_some(entries)
}

/// The collections of the JDK that `object`, which is not the JDK's, refers to.
fn references<'c>(
    context: &'c Context<'_, '_>,
    object: ObjectIndex,
) -> impl Iterator<Item = ObjectIndex> + 'c {
    let heap = context.heap;
    let instance = match heap.object(object) {
        Some(Object::Instance { class, data }) if !is_jdk(heap, object) => Some((class, data)),
        _ => None,
    };
    let fields = instance
        .into_iter()
        .flat_map(|(class, data)| heap.fields(class, data));
    let targets = fields.filter_map(|field| heap.find(field.value.reference()?));
    targets.filter(|&target| is_collection(heap, target))
}

/// Whether `object` is a collection of the JDK. The number of places of an array is a capacity, whatever is in it.
fn is_collection(heap: &Snapshot<'_>, object: ObjectIndex) -> bool {
    let name = heap.class(object).name.as_str();
    name.starts_with("java.util.") && !name.ends_with("[]")
}

fn is_jdk(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    naming::is_jdk(&snapshot.class(object).name)
}

/// A finding if `cache` has a limit and `entries` are exactly as many: a limit somebody chose is a round number, a maximum that was
/// observed is not.
fn judged(
    context: &Context<'_, '_>,
    cache: ObjectIndex,
    target: ObjectIndex,
    entries: u64,
) -> Option<Finding> {
    let heap = context.heap;
    let round = entries.is_multiple_of(100) || entries.is_multiple_of(64);
    if entries < LEAST || !round {
        return None;
    }
    let is_limit = |name: &str| LIMITS.iter().any(|part| name.contains(part));
    let limit = numbers(heap, cache, is_limit).into_iter();
    let (class, name) = limit
        .filter(|&(_, value)| value == entries as i64)
        .map(|(name, _)| name)
        .next()?;
    let bound = Bound::Fixed {
        most: entries,
        bytes_each: u64::MAX,
    };
    let (pattern, extent) = (&OWN_LIMIT, vec![target]);
    let mut found = finding(
        context,
        pattern,
        bound,
        Some(entries),
        cache,
        extent,
        entries,
    );
    found.note = format!("limit {class}.{name}");
    Some(found)
}

/// The numbers that `object` itself has in fields of somebody's own whose names, in lower case, fit: class, name, value. Static ones are
/// no limits: they may be how often somebody adds.
pub(super) fn numbers(
    heap: &Snapshot<'_>,
    object: ObjectIndex,
    fits: impl Fn(&str) -> bool,
) -> Vec<((String, String), i64)> {
    let Some(Object::Instance { class, data }) = heap.object(object) else {
        return Vec::new();
    };
    let number = |field: Field| {
        let class = &heap.classes().get(field.declared_by).name;
        let name = heap.name(field.name_id);
        let own = fits(&name.to_lowercase()) && !naming::is_jdk(class);
        let value = field.value.integer().filter(|_| own)?;
        Some(((class.clone(), name), value))
    };
    heap.fields(class, data).filter_map(number).collect()
}

//! Caches of an application's own against the limit that is written beside them.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::fields::Field;
use crate::heap::{Object, ObjectIndex, Snapshot};
use crate::suspects::{HolderKind, Suspect, naming};

/// Parts of the names of fields with a limit.
const LIMITS: &[&str] = &["max", "capacity", "limit", "bound"];
/// Parts of the names of limits of something else than a number of entries.
const NO_COUNT: &[&str] = &[
    "milli", "second", "nano", "minute", "time", "wait", "delay", "interval", "maxage", "byte",
    "length", "weight", "retr", "seen",
];
/// Fewer than so many may be as many by chance.
const LEAST: u64 = 16;
/// Up to so many, only a full cache shows which field is about it.
const FEW: u64 = 100;
/// Objects between the holder and what it keeps that are looked at.
const MOST_LEVELS: usize = 8;

/// What a suspect holds against the limit that its holder has in a field. It is asked of suspects only: any class may have one.
pub const OWN_LIMIT: Pattern = Pattern {
    id: "own_bounded_cache",
    rows: &[21],
    title: "Cache with a limit of its own",
    component: "own cache",
    wanted: &[],
    rule: Rule::Code(|_, _| Vec::new()),
    advice: "Lower its limit, or let each entry hold less.",
    ..Pattern::PLAIN
};

/// The collection of `suspect` where it has exactly as many entries as a field beside it allows, or at least half as many: with
/// fewer, that the field is about them would be a guess. The cache may be the application's or that of a library.
pub fn of_suspect(snapshot: &Snapshot<'_>, suspect: &Suspect, floor: u64) -> Option<Finding> {
    let context = Context::without_instances(snapshot, floor);
    let target = suspect.holder.target;
    // What the holder refers to is a cache, or has one on the way to what it keeps, or is the collection in one.
    let below = suspect.path.iter().position(|&object| object == target);
    let alone = [target];
    let below = below.map_or(&alone[..], |at| &suspect.path[at..]);
    let most = |object: &&ObjectIndex| snapshot.retained(**object) >= suspect.retained_bytes / 2;
    let caches = below
        .iter()
        .take(MOST_LEVELS)
        .filter(|&object| *object == target || most(&object));
    let inside = || {
        let mut caches = caches.copied();
        caches.find_map(|cache| {
            references(&context, cache).find_map(|map| judged(&context, cache, cache, map))
        })
    };
    let around = || {
        let holder = suspect.holder.object?;
        let of_field = suspect.holder.kind == HolderKind::InstanceField;
        let counts = of_field && is_collection(snapshot, target);
        judged(&context, holder, target, target).filter(|_| counts)
    };
    inside().or_else(around)
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

/// A finding if `cache` has a limit that the collection `map` in it is filled to, or has some room to: a limit somebody chose is a
/// round number, a maximum that was observed is not.
fn judged(
    context: &Context<'_, '_>,
    cache: ObjectIndex,
    target: ObjectIndex,
    map: ObjectIndex,
) -> Option<Finding> {
    let entries = context
        .heap
        .entries(map)
        .filter(|&entries| entries >= LEAST)?;
    let (limit, name) = limit(context.heap, cache, entries)?;
    let is_full = limit == entries;
    // What counts its changes, of which none took one out, has yet to show that it is full.
    if is_full && context.heap.number(map, "modCount|map.modCount") == Some(entries) {
        return None;
    }
    let bound = Bound::Fixed {
        most: limit,
        bytes_each: u64::MAX,
    };
    // Keys are often in a list of their order as well.
    let extent = [vec![target], context.shared(map)].concat();
    let (pattern, most) = (&OWN_LIMIT, Some(limit));
    let mut found = finding(context, pattern, bound, most, cache, extent, entries);
    found.note = format!("limit {name}");
    if !is_full {
        let percent = entries.saturating_mul(100) / limit.max(1);
        found.note.push_str(&format!(", {percent} % full"));
        found.bounded = false;
        found.assessment = Assessment::Unknown;
        found.may_take = found.when_full();
    }
    Some(found)
}

/// The limit in a field of `cache` that fits so many `entries`, with the field's name: the nearest that is not below them.
fn limit(heap: &Snapshot<'_>, cache: ObjectIndex, entries: u64) -> Option<(u64, String)> {
    let any = |parts: &[&str], name: &str| parts.iter().any(|part| name.contains(part));
    let is_limit = |name: &str| any(LIMITS, name);
    let all = numbers(heap, cache, is_limit).into_iter();
    let fitting = all.filter_map(|((class, field), value)| {
        let value = u64::try_from(value).ok()?;
        let round = match value {
            ..FEW => value.is_multiple_of(10) || value.is_power_of_two(),
            _ => value.is_multiple_of(100) || value.is_multiple_of(64),
        };
        let is_count = !any(NO_COUNT, &field.to_lowercase());
        let near = value >= FEW && (entries..=entries.saturating_mul(2)).contains(&value);
        let is_full = value == entries && (value >= FEW || is_count);
        (round && (is_full || near && is_count)).then(|| (value, format!("{class}.{field}")))
    });
    fitting.min()
}

/// The numbers that `object` itself has in fields of the application or a library whose names, in lower case, fit: class, name, value. Static ones are
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

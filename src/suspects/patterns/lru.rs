//! Own LRU caches: a subclass of `LinkedHashMap` that drops its eldest entry.

use super::context::Context;
use super::measure::finding;
use super::own_limit;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// A maximum of the map's own, by what such fields are called.
const LIMITS: &[&str] = &["max", "capacity", "limit", "bound", "cachesize", "size"];

/// The only reason to subclass `LinkedHashMap` with access order is `removeEldestEntry`.
pub const LRU: Pattern = Pattern {
    id: "linked_hash_map_lru",
    rows: &[21],
    title: "LRU cache",
    component: "LRU cache",
    wanted: &["java.util.LinkedHashMap"],
    rule: Rule::Code(caches),
    unit: "entries",
    advice: "It holds more than its own limit: `removeEldestEntry` is not called for all ways of adding, or returns false.",
    ..Pattern::PLAIN
};

/// The advice where the limit cannot be read.
const LIMIT_IN_CODE: &str = "Its limit is in the code of `removeEldestEntry`: check that there is one, and that so many entries fit into the heap.";

fn caches(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut maps = context.derived(pattern.wanted[0]);
    maps.retain(|&map| !context.heap.class(map).name.starts_with("java."));
    maps.sort_by_key(|&map| (std::cmp::Reverse(context.heap.retained(map)), map));
    maps.truncate(2_000);
    maps.into_iter()
        .filter_map(|map| cache(context, pattern, map))
        .collect()
}

fn cache(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    map: ObjectIndex,
) -> Option<Finding> {
    let entries = context.heap.entries(map)?;
    let by_access = context.heap.integer(map, "accessOrder")? == 1;
    let limit = limit(context, map);
    if !by_access && limit.is_none() {
        return None;
    }
    // The limit may be tested before the new entry is counted.
    let most = limit.unwrap_or(entries).saturating_add(1);
    let bound = Bound::Fixed {
        most,
        bytes_each: u64::MAX,
    };
    let mut found = finding(context, pattern, bound, Some(most), map, vec![map], entries);
    found.bound = limit;
    found.note = context.heap.class(map).name.clone();
    if limit.is_none() {
        found.note.push_str(", drops its eldest entries");
        // Its limit is in its code: a heap that is full of it says that it is too high, and a map that never dropped an entry
        // (each entry put in is one change of the map, each dropped one another) that there may be none.
        let strong = context.heap.totals(crate::graph::Strength::Strong).bytes;
        let dropped = context.heap.number(map, "modCount") != Some(entries);
        if !dropped || found.retained_bytes > (strong / 2).max(16 << 20) {
            if !dropped {
                found.note.truncate(context.heap.class(map).name.len());
                found.note.push_str(", has not dropped any entry yet");
            }
            found.assessment = Assessment::Unknown;
            found.bounded = false;
            found.advice = Some(LIMIT_IN_CODE);
        }
    }
    Some(found)
}

/// A number that the subclass itself, or the object around it, keeps as its limit.
fn limit(context: &Context<'_, '_>, map: ObjectIndex) -> Option<u64> {
    let around = [Some(map), context.heap.field_object(map, "this$0")];
    around
        .into_iter()
        .flatten()
        .find_map(|object| limit_field(context, object))
}

fn limit_field(context: &Context<'_, '_>, object: ObjectIndex) -> Option<u64> {
    let is_limit = |name: &str| {
        let name = name.trim_start_matches("val$");
        let mut limits = LIMITS.iter();
        limits.any(|limit| name.starts_with(limit) || name.ends_with(limit))
    };
    let mut values = own_limit::numbers(context.heap, object, is_limit)
        .into_iter()
        .filter_map(|(_, value)| u64::try_from(value).ok());
    let found = values.find(|&value| value > 0);
    found.filter(|&limit| limit < i32::MAX as u64)
}

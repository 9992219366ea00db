//! Up to JDK 7u5 a substring shares the characters of the whole text.

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::{ObjectIndex, Snapshot};

/// Strings that are looked at.
const MOST_STRINGS: usize = 200_000;
/// Characters below which a shared array is not worth it.
const LEAST_CHARACTERS: u64 = 1_000;
/// A text this many times longer than what is used of it is kept for nothing.
const TIMES: u64 = 10;

/// Short strings that keep long texts.
pub const SUBSTRINGS: Pattern = Pattern {
    id: "substring_sharing",
    rows: &[47],
    title: "Short strings that keep the text they were cut from",
    component: "substrings",
    wanted: &[],
    rule: Rule::Code(substrings),
    unit: "strings",
    advice: "Copy what is kept (`new String(part)`), or use JDK 7u6 or later; for equal strings see `--waste` and `-XX:+UseStringDeduplication`.",
    ..Pattern::PLAIN
};

fn substrings(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let heap = context.heap;
    let shares = |class: &crate::heap::ClassIndex| {
        let fields = &heap.classes().get(*class).dump.fields;
        let has = |name: &str| fields.iter().any(|field| heap.is_name(field.name_id, name));
        has("offset") && has("count") && has("value")
    };
    let Some(string) = heap.classes().named("java.lang.String").find(shares) else {
        return Vec::new();
    };
    let all = 0..heap.len() as ObjectIndex;
    let strings = all.filter(|&object| heap.class_of(object) == string);
    let found: Vec<ObjectIndex> = strings
        .take(MOST_STRINGS)
        .filter(|&string| keeps_more(heap, string))
        .collect();
    let texts = found.iter().filter_map(|&s| heap.field_object(s, "value"));
    let extent: Vec<ObjectIndex> = texts.chain(found.iter().copied()).collect();
    let count = found.len() as u64;
    counted_objects(context, pattern, Bound::Usual(1_000), extent, count)
        .into_iter()
        .collect()
}

fn keeps_more(heap: &Snapshot<'_>, string: ObjectIndex) -> bool {
    let text = heap.field_object(string, "value");
    let length = text.and_then(|text| heap.array_length(text));
    let used = heap.field_integer(string, "count");
    match (length, used.and_then(|used| u64::try_from(used).ok())) {
        (Some(length), Some(used)) => length >= LEAST_CHARACTERS && length / TIMES >= used.max(1),
        _ => false,
    }
}

//! Exceptions that are kept: each has its stack trace, and the suppressed ones with theirs.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Exceptions of one class.
pub const THROWABLES: Pattern = Pattern {
    id: "exceptions_kept",
    rows: &[50],
    title: "Exceptions of one class that are kept",
    component: "exceptions",
    wanted: &["java.lang.Throwable"],
    rule: Rule::Code(kept),
    unit: "exceptions",
    advice: "Something collects exceptions (a list, failed futures, the suppressed exceptions of one that is thrown again and again): keep a message or a count instead.",
    ..Pattern::PLAIN
};

fn kept(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut by_class: BTreeMap<&str, Vec<ObjectIndex>> = BTreeMap::new();
    let all = context.instances(pattern.wanted[0]);
    let complete = all.count == all.objects.len() as u64;
    for object in all.objects {
        by_class
            .entry(context.heap.class(object).name.as_str())
            .or_default()
            .push(object);
    }
    let found = by_class.into_iter().filter_map(|(class, objects)| {
        let count = objects.len() as u64;
        let bound = Bound::Usual(1_000);
        let mut found = counted_objects(context, pattern, bound, objects, count)?;
        if count <= 1_000 {
            found.assessment = Assessment::ByDesign;
        }
        found.note = match complete {
            true => format!("all {class}"),
            false => format!("at least this many {class}"),
        };
        Some(found)
    });
    found.collect()
}

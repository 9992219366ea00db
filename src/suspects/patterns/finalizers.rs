//! Objects with a finalizer live until the finalizer thread has come to them.

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::graph::Strength;
use crate::heap::ObjectIndex;

/// `java.lang.ref.Finalizer` objects: those waiting, and those of live objects.
pub const FINALIZERS: Pattern = Pattern {
    id: "finalizer_backlog",
    rows: &[28],
    title: "Objects with a finalizer",
    component: "Finalizer",
    wanted: &["java.lang.ref.Finalizer"],
    rule: Rule::Code(finalizers),
    unit: "objects",
    advice: "Look for what blocks the Finalizer thread; close such objects explicitly, and replace `finalize` by `Cleaner`.",
    ..Pattern::PLAIN
};

fn finalizers(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context.instances(pattern.wanted[0]);
    let sample = all.objects.iter().take(1 << 20);
    let referents: Vec<_> = sample
        .filter_map(|&finalizer| context.heap.field_object(finalizer, "referent"))
        .collect();
    let bound = Bound::Usual(10_000);
    // An object that something else holds as well is not there for its finalizer: only the others hang at theirs.
    let waits = |&referent: &ObjectIndex| context.heap.strength(referent) == Strength::Final;
    let waiting = referents.iter().copied().filter(waits);
    let extent: Vec<_> = all.objects.iter().copied().chain(waiting).collect();
    let Some(mut found) = counted_objects(context, pattern, bound, extent, all.count) else {
        return Vec::new();
    };
    // As many as are usual explain nothing, whatever lies below one of them.
    if found.assessment == Assessment::Unknown {
        found.assessment = Assessment::ByDesign;
    }
    let most = context.most_common(referents);
    let class = most.map_or_else(String::new, |(class, _)| format!("most are {class}"));
    let queues = context.classes(pattern.wanted[0]).iter();
    let waiting = queues
        .filter_map(|&class| {
            context
                .heap
                .number(context.static_of(class, "queue")?, "queueLength")
        })
        .max();
    found.note = match waiting.filter(|&waiting| waiting > 0) {
        Some(waiting) => format!("{waiting} wait for the Finalizer thread, {class}"),
        None => class,
    };
    vec![found]
}

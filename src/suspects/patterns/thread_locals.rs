//! Thread-locals of threads that do not end: what a request leaves behind stays until the next one overwrites it.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;
use crate::suspects::naming;
use crate::suspects::thread_locals::{self, Entry};

/// Threads whose thread-locals are read.
const MOST_THREADS: usize = 20_000;

/// `ThreadLocal` values in pool threads.
pub const THREAD_LOCALS: Pattern = Pattern {
    id: "thread_local_in_pool",
    rows: &[6],
    title: "ThreadLocal values of threads that live on",
    component: "ThreadLocal values",
    wanted: &[],
    rule: Rule::Code(|context, pattern| values(context, pattern, thread_locals::OWN)),
    unit: "threads",
    advice: "Call `remove()` in a `finally` block when the work is done: pool threads keep the value until they end.",
    ..Pattern::PLAIN
};

/// Values that threads inherited from whoever started them.
pub const INHERITABLE: Pattern = Pattern {
    id: "inheritable_thread_local",
    rows: &[7],
    title: "InheritableThreadLocal values of threads that live on",
    component: "InheritableThreadLocal values",
    rule: Rule::Code(|context, pattern| values(context, pattern, thread_locals::INHERITED)),
    advice: "A long-lived thread was started from a request and inherited its context: start such threads elsewhere, or clear what they inherit.",
    ..THREAD_LOCALS
};

/// The advice where threads do not share what they may have inherited.
const EACH_ITS_OWN: &str = "Each of these threads has values of its own: call `remove()` in a `finally` block when the work is done, since pool threads keep their values until they end. The values may also be copies (`childValue`) of those of the thread that started it.";

/// Values by class: objects, entries without a key.
#[derive(Default)]
struct Values {
    objects: Vec<ObjectIndex>,
    threads: u64,
    stale: u64,
    /// Values that nothing but their thread holds.
    own: u64,
}

/// One finding for each class of values that keeps at least the floor.
fn values(context: &Context<'_, '_>, pattern: &'static Pattern, fields: &[&str]) -> Vec<Finding> {
    let mut by_class: BTreeMap<&str, Values> = BTreeMap::new();
    for thread in context.heap.threads().iter().take(MOST_THREADS) {
        let mut classes: Vec<&str> = Vec::new();
        for Entry { key, value, .. } in entries(context, thread.object, fields) {
            let Some(value) = value else { continue };
            let class = context.heap.class(value).name.as_str();
            let values = by_class.entry(class).or_default();
            values.objects.push(value);
            values.stale += u64::from(key.is_none());
            values.own += u64::from(context.heap.dominates(thread.object, value));
            if !classes.contains(&class) {
                classes.push(class);
                values.threads += 1;
            }
        }
    }
    let found = by_class.into_iter().filter_map(|(class, values)| {
        let bytes = context.heap.retained_together(&values.objects);
        let first = *values.objects.first()?;
        let bound = Bound::Usual(u64::MAX);
        // What several threads inherited they share, unless each got a copy; or it has set itself what it has for itself.
        let own = values.own > 1 && values.own > values.objects.len() as u64 / 2;
        let may_be_set = own && pattern.id == INHERITABLE.id;
        let mut found = finding(
            context,
            pattern,
            bound,
            None,
            first,
            values.objects,
            values.threads,
        );
        found.retained_bytes = bytes;
        found.advice = may_be_set.then_some(EACH_ITS_OWN);
        found.assessment = match bytes >= context.floor {
            true if values.stale == 0 && is_buffer(class) => Assessment::Unknown,
            true => Assessment::Unbounded,
            false => Assessment::ByDesign,
        };
        found.note = match values.stale {
            0 => format!("values of {class}"),
            stale => format!("values of {class}, {stale} whose ThreadLocal is gone"),
        };
        Some(found)
    });
    found.collect()
}

/// Whether `class` is that of a buffer: one for each thread is as many as there are threads.
fn is_buffer(class: &str) -> bool {
    let element = class.strip_suffix("[]").is_some_and(naming::is_primitive);
    element
        || ["java.nio.", "java.lang.StringBu"]
            .iter()
            .any(|prefix| class.starts_with(prefix))
}

fn entries(context: &Context<'_, '_>, thread: ObjectIndex, fields: &[&str]) -> Vec<Entry> {
    let maps = thread_locals::maps(context.heap, thread, fields);
    let of_map = |map| thread_locals::entries(context.heap, thread, map);
    maps.into_iter().flat_map(of_map).collect()
}

//! Queues that never hold more than they were made for.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};

/// Queues of the JDK that were made with a capacity.
pub const QUEUES: Pattern = Pattern {
    id: "bounded_queue",
    rows: &[22],
    title: "Queue with a capacity",
    component: "bounded queue",
    wanted: &[
        "java.util.concurrent.ArrayBlockingQueue",
        "java.util.concurrent.LinkedBlockingQueue",
        "java.util.concurrent.LinkedBlockingDeque",
    ],
    rule: Rule::Code(bounded_queues),
    unit: "elements",
    advice: "It is below its capacity and may still grow: check whether its consumers keep up, and lower the capacity.",
    is_fallback: true,
    ..Pattern::PLAIN
};

/// A full one (a pool of what is idle, a buffer) cannot grow; one with room may be a backlog on its way, which matters where the heap
/// has no room for it.
fn bounded_queues(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let found = all.filter_map(|queue| {
        let most = context.heap.room(queue)?;
        if most >= i32::MAX as u64 {
            return None;
        }
        let measured = context.heap.entries(queue)?;
        let bytes_each = u64::MAX;
        let bound = Bound::Fixed { most, bytes_each };
        // What is in a pool may be in a list of all there are, too.
        let extent = [vec![queue], context.shared(queue)].concat();
        let mut found = finding(context, pattern, bound, Some(most), queue, extent, measured);
        if measured < most {
            found.bounded = false;
            if found.retained_bytes >= context.floor {
                found.assessment = Assessment::Unknown;
                found.may_take = found.when_full();
            }
        }
        Some(found)
    });
    found.collect()
}

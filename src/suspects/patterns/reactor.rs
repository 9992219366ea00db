//! Project Reactor: queues between a fast publisher and a slow subscriber, and what is kept for subscribers yet to come.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Bound, Finding, Pattern, Rule};

/// Signals that are usual where nothing bounds them.
const USUAL: u64 = 10_000;
/// Who sets a capacity has the size of a signal in mind.
const ANY_BYTES: u64 = u64::MAX;

/// `onBackpressureBuffer`, and sinks that wait for their subscribers.
pub const QUEUE: Pattern = Pattern {
    id: "reactor_queue",
    rows: &[19],
    title: "Reactor signals that nobody has requested",
    component: "Reactor queue",
    wanted: &[
        "reactor.core.publisher.SinkManyUnicast",
        "reactor.core.publisher.FluxOnBackpressureBuffer$BackpressureBufferSubscriber",
        "reactor.core.publisher.FluxOnBackpressureBufferStrategy$BackpressureBufferDropOldestSubscriber",
        "reactor.core.publisher.SinkManyEmitterProcessor",
    ],
    rule: Rule::Code(queues),
    unit: "signals",
    advice: "The subscriber requests fewer signals than arrive: give `onBackpressureBuffer` a maximum and the unicast sink a bounded queue, and decide what happens beyond it.",
    ..Pattern::PLAIN
};

fn queues(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = pattern.wanted.iter();
    let found = all.flat_map(|name| context.readable(name));
    let found = found.filter_map(|owner| {
        // That of the operators that drop signals is a queue itself.
        let queue = context.heap.follow(owner, "queue").unwrap_or(owner);
        let measured = context.heap.entries(queue)?;
        // The operator refuses signals beyond its capacity, whatever the queue behind it could take.
        let capacity = context.heap.number(owner, "capacityOrSkip|bufferSize");
        let most = capacity.or_else(|| context.heap.room(queue));
        let (bound, most) = bound(most);
        let extent = vec![queue];
        let most = Some(most);
        let mut found = finding(context, pattern, bound, most, owner, extent, measured);
        found.advice = bound.is_own().then_some(BOUNDED);
        Some(found)
    });
    found.collect()
}

/// The advice where there is a maximum.
const BOUNDED: &str = "The subscriber requests fewer signals than arrive: there is a maximum, so lower it, let each signal hold less, and look for what the subscriber waits for.";

/// The same of RxJava 2 and 3.
pub const RX_QUEUE: Pattern = Pattern {
    id: "rxjava_queue",
    title: "RxJava items that nobody has requested",
    component: "RxJava queue",
    wanted: &[
        "io.reactivex.rxjava3.internal.operators.flowable.FlowableOnBackpressureBuffer$BackpressureBufferSubscriber",
        "io.reactivex.internal.operators.flowable.FlowableOnBackpressureBuffer$BackpressureBufferSubscriber",
        "io.reactivex.rxjava3.processors.UnicastProcessor",
        "io.reactivex.processors.UnicastProcessor",
        "io.reactivex.rxjava3.subjects.UnicastSubject",
        "io.reactivex.subjects.UnicastSubject",
    ],
    unit: "items",
    advice: "The subscriber requests fewer items than arrive, or there is none: give `onBackpressureBuffer` a capacity and a strategy for what is beyond it, or drop (`onBackpressureLatest`).",
    ..QUEUE
};

/// The advice where a limit is set.
const LIMITED: &str = "A limit is set: lower it, or let each signal hold less.";

/// `replay()`, `cache()` and replaying sinks.
pub const REPLAY: Pattern = Pattern {
    id: "reactor_replay",
    title: "Reactor signals kept for later subscribers",
    component: "Reactor replay buffer",
    wanted: &[
        "reactor.core.publisher.FluxReplay$UnboundedReplayBuffer",
        "reactor.core.publisher.FluxReplay$SizeBoundReplayBuffer",
    ],
    rule: Rule::Code(buffers),
    advice: "`replay()`, `cache()` and `Sinks.many().replay().all()` keep all signals for as long as they live: set a limit or a duration.",
    ..QUEUE
};

fn buffers(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = pattern.wanted.iter();
    let found = all.flat_map(|name| context.readable(name));
    let found = found.filter_map(|buffer| {
        let measured = context.heap.number(buffer, "size")?;
        let (bound, most) = bound(context.heap.number(buffer, "limit"));
        let extent = vec![buffer];
        let most = Some(most);
        let mut found = finding(context, pattern, bound, most, buffer, extent, measured);
        found.advice = bound.is_own().then_some(LIMITED);
        Some(found)
    });
    found.collect()
}

/// `Integer.MAX_VALUE` stands for no maximum.
fn bound(most: Option<u64>) -> (Bound, u64) {
    match most.filter(|&most| most < i32::MAX as u64) {
        Some(most) => {
            let bytes_each = ANY_BYTES;
            (Bound::Fixed { most, bytes_each }, most)
        }
        None => (Bound::Usual(USUAL), USUAL),
    }
}

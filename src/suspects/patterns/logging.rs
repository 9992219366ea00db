//! Asynchronous logging: ring buffers and queues of a fixed size. What is large in them are the arguments of log messages.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Bound, Finding, Pattern, Rule};

/// An event with its message; Log4j2 trims its buffers to about a kilobyte.
const EVENT_BYTES: u64 = 2 << 10;
/// A waiting event with its arguments.
const QUEUED_BYTES: u64 = 16 << 10;
/// Elements before the first slot of a ring buffer: padding against false sharing.
const PADDING: usize = 128;

/// Log4j2 asynchronous loggers.
pub const LOG4J_RING: Pattern = Pattern {
    id: "log4j2_ring_buffer",
    rows: &[4],
    title: "Log4j2 ring buffer",
    component: "Log4j2 ring buffer",
    wanted: &["com.lmax.disruptor.RingBufferFields"],
    rule: Rule::Code(|context, pattern| {
        rings(context, pattern, "async.RingBufferLogEvent", EVENT_BYTES)
    }),
    what: "ring",
    unit: "slots",
    advice: "The ring has a fixed number of slots and keeps the largest message each has seen: do not log large parameters, or lower `log4j2.asyncLoggerRingBufferSize`.",
    accused: true,
    ..Pattern::PLAIN
};

/// logstash-logback-encoder's asynchronous appenders.
pub const DISRUPTOR: Pattern = Pattern {
    id: "logstash_ring_buffer",
    rows: &[5],
    title: "Logstash appender ring buffer",
    component: "Logstash appender ring buffer",
    rule: Rule::Code(|context, pattern| {
        rings(
            context,
            pattern,
            "AsyncDisruptorAppender$LogEvent",
            QUEUED_BYTES,
        )
    }),
    advice: "Waiting events keep their arguments: log strings instead of objects, and use version 4.4 or later.",
    ..LOG4J_RING
};

/// Ring buffers whose slots hold events of a class whose name ends with `event`.
fn rings(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    event: &str,
    bytes_each: u64,
) -> Vec<Finding> {
    let found = context.readable(pattern.wanted[0]).into_iter();
    let found = found.filter_map(|ring| {
        let entries = context.heap.follow(ring, "entries")?;
        let slots = context.heap.elements(entries);
        let first = slots.iter().take(PADDING + 1).flatten().next()?;
        let size = context.heap.number(ring, "bufferSize")?;
        let right = context.heap.class(*first).name.ends_with(event);
        let bound = Bound::Fixed {
            most: size,
            bytes_each,
        };
        (right && size <= slots.len() as u64).then(|| {
            finding(
                context,
                pattern,
                bound,
                Some(size),
                ring,
                vec![entries],
                size,
            )
        })
    });
    found.collect()
}

/// Log4j2's asynchronous appender.
pub const LOG4J_QUEUE: Pattern = Pattern {
    id: "log4j2_async_appender",
    rows: &[4],
    title: "Log4j2 events waiting to be written",
    component: "Log4j2 AsyncAppender",
    wanted: &["org.apache.logging.log4j.core.appender.AsyncAppender"],
    rule: Rule::Entries(
        "queue",
        Bound::Field {
            path: "",
            bytes_each: QUEUED_BYTES,
        },
    ),
    what: "queue",
    unit: "events",
    advice: "The queue is bounded; events this large keep their arguments: log strings instead of objects.",
    accused: true,
    ..Pattern::PLAIN
};

/// Logback's asynchronous appender: 256 events unless configured otherwise.
pub const LOGBACK_QUEUE: Pattern = Pattern {
    id: "logback_async_appender",
    rows: &[5],
    title: "Logback events waiting to be written",
    component: "Logback AsyncAppender",
    wanted: &["ch.qos.logback.core.AsyncAppenderBase"],
    rule: Rule::Entries(
        "blockingQueue",
        Bound::Field {
            path: "",
            bytes_each: QUEUED_BYTES,
        },
    ),
    ..LOG4J_QUEUE
};

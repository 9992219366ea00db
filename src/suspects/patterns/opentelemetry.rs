//! OpenTelemetry: the batch processors are bounded and often accused; what leaks is around them.

use super::context::Context;
use super::measure::{finding, holders};
use super::pattern::{Bound, Finding, Pattern, Rule};

/// A span or log record with ordinary attributes stays far below this.
const RECORD_BYTES: u64 = 16 << 10;

/// Spans of a batch that are looked at; 512 unless configured otherwise.
const MOST_IN_BATCH: usize = 100_000;

/// `BatchSpanProcessor`: 2,048 spans unless configured otherwise, held by a queue that never grows.
pub const SPAN_QUEUE: Pattern = Pattern {
    id: "otel_batch_span_processor",
    rows: &[1],
    title: "OpenTelemetry spans waiting for export",
    component: "BatchSpanProcessor",
    wanted: &["io.opentelemetry.sdk.trace.export.BatchSpanProcessor"],
    rule: Rule::Code(queues),
    what: "queue",
    unit: "spans",
    advice: "The queue is bounded; spans this large carry huge attributes: limit them with `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, and look whether the exporter is down.",
    accused: true,
    ..Pattern::PLAIN
};

/// What waits in the queue, and the batch that the worker has taken from it: of at most `maxExportBatchSize`, and it stays full
/// for as long as an export takes.
fn queues(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let paths = pattern.wanted.iter();
    let found = paths.flat_map(|name| holders(context, name, "worker.queue|queue"));
    let found = found.filter_map(|(processor, queue)| {
        let waiting = context.heap.entries(queue)?;
        let capacity = context.heap.room(queue);
        let batch = context.heap.follow(processor, "worker.batch|batch");
        let batch = batch.and_then(|batch| Some((batch, context.heap.entries(batch)?)));
        // An empty one is part of the processor's shell.
        let (batch, in_batch) = batch.filter(|&(_, spans)| spans > 0).unzip();
        let in_batch = in_batch.unwrap_or(0);
        let bound = Bound::Field {
            path: "",
            bytes_each: RECORD_BYTES,
        };
        // An export in flight refers to the spans of the batch as well: the batch does not dominate them.
        let spans = batch.map_or_else(Vec::new, |batch| context.heap.values(batch, MOST_IN_BATCH));
        let extent = std::iter::once(queue).chain(batch).chain(spans).collect();
        let most = capacity.map(|most| most.saturating_add(in_batch));
        let all = waiting.saturating_add(in_batch);
        let mut found = finding(context, pattern, bound, most, processor, extent, all);
        found.measured = Some(waiting);
        found.bound = found.bound.and(capacity);
        Some(found)
    });
    found.collect()
}

/// The same for log records.
pub const LOG_QUEUE: Pattern = Pattern {
    id: "otel_batch_log_processor",
    rows: &[1],
    title: "OpenTelemetry log records waiting for export",
    component: "BatchLogRecordProcessor",
    wanted: &[
        "io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor",
        "io.opentelemetry.sdk.logs.export.BatchLogProcessor",
    ],
    unit: "log records",
    ..SPAN_QUEUE
};

/// Exports in flight: marshalers pile up where the exporter is slower than the spans.
pub const MARSHALERS: Pattern = Pattern {
    id: "otel_export_in_flight",
    rows: &[1],
    title: "OpenTelemetry exports in flight",
    component: "OpenTelemetry exporter",
    wanted: &[
        "io.opentelemetry.exporter.internal.otlp.KeyValueMarshaler",
        "io.opentelemetry.exporter.internal.otlp.traces.SpanMarshaler",
    ],
    rule: Rule::Count(Bound::Usual(200_000)),
    unit: "marshalers",
    advice: "Requests to the collector do not complete: give the exporter a timeout, look at the collector, and upgrade (exports in flight were not limited in older versions).",
    ..Pattern::PLAIN
};

/// The agent's record of which task carries which context.
pub const CONTEXTS: Pattern = Pattern {
    id: "otel_agent_contexts",
    rows: &[1],
    title: "OpenTelemetry agent contexts of tasks",
    component: "OpenTelemetry agent",
    wanted: &[
        "io.opentelemetry.javaagent.bootstrap.executors.PropagatedContext",
        "io.opentelemetry.javaagent.bootstrap.executors.TaskAdviceHelper$PropagatedContext",
    ],
    rule: Rule::Count(Bound::Usual(100_000)),
    unit: "contexts",
    advice: "Tasks that never end keep their context: see what the executors wait for, and upgrade the agent.",
    ..Pattern::PLAIN
};

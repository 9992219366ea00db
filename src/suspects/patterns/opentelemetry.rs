//! OpenTelemetry: the batch processors are bounded and often accused; what leaks is around them.

use super::pattern::{Bound, Pattern, Rule};

/// A span or log record with ordinary attributes stays far below this.
const RECORD_BYTES: u64 = 16 << 10;

/// `BatchSpanProcessor`: 2,048 spans unless configured otherwise, held by a queue that never grows.
pub const SPAN_QUEUE: Pattern = Pattern {
    id: "otel_batch_span_processor",
    rows: &[1],
    title: "OpenTelemetry spans waiting for export",
    component: "BatchSpanProcessor",
    wanted: &["io.opentelemetry.sdk.trace.export.BatchSpanProcessor"],
    rule: Rule::Entries(
        "worker.queue|queue",
        Bound::Field {
            path: "",
            bytes_each: RECORD_BYTES,
        },
    ),
    what: "queue",
    unit: "spans",
    advice: "The queue is bounded; spans this large carry huge attributes: limit them with `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, and look whether the exporter is down.",
    accused: true,
    ..Pattern::PLAIN
};

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

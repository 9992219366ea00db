//! gRPC: channels that are not shut down, and messages that nobody waits for.

use super::pattern::{Bound, Pattern, Rule};

/// Channels.
pub const CHANNELS: Pattern = Pattern {
    id: "grpc_channels",
    rows: &[16],
    title: "gRPC channels",
    component: "gRPC channels",
    wanted: &["io.grpc.internal.ManagedChannelImpl"],
    rule: Rule::Count(Bound::Usual(100)),
    unit: "channels",
    advice: "Share one channel for each target, and call `shutdown()` on those that are replaced.",
    ..Pattern::PLAIN
};

/// HTTP/2 streams of all connections, gRPC's and others'.
pub const STREAMS: Pattern = Pattern {
    id: "http2_streams",
    rows: &[16],
    title: "HTTP/2 streams",
    component: "HTTP/2 streams",
    wanted: &["io.netty.handler.codec.http2.DefaultHttp2Connection$DefaultStream"],
    rule: Rule::Count(Bound::Usual(10_000)),
    unit: "streams",
    advice: "Calls do not end: set deadlines, cancel calls whose result is not needed, and close server responses.",
    ..Pattern::PLAIN
};

/// Messages that wait to be written.
pub const WRITE_QUEUE: Pattern = Pattern {
    id: "grpc_write_queue",
    rows: &[16],
    title: "gRPC messages waiting to be written",
    component: "gRPC write queue",
    wanted: &["io.grpc.netty.WriteQueue"],
    rule: Rule::Entries("queue", Bound::Usual(10_000)),
    what: "queue",
    unit: "messages",
    advice: "The sender ignores flow control: send only while `isReady()`, continue in `onReady`.",
    ..Pattern::PLAIN
};

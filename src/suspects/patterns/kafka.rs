//! Kafka clients: the memory of producers and consumers is bounded by configuration, their number is not.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Producers.
pub const PRODUCERS: Pattern = Pattern {
    id: "kafka_producers",
    rows: &[14],
    title: "Kafka producers",
    component: "Kafka producers",
    wanted: &["org.apache.kafka.clients.producer.KafkaProducer"],
    rule: Rule::Count(Bound::Usual(50)),
    unit: "producers",
    advice: "Share one producer (it is thread-safe), and close those that are replaced; each may take 32 MiB and keeps its metrics.",
    ..Pattern::PLAIN
};

/// The memory in which a producer collects batches.
pub const PRODUCER_BUFFER: Pattern = Pattern {
    id: "kafka_producer_buffer",
    rows: &[14],
    title: "Memory of a Kafka producer for unsent batches",
    component: "Kafka producer buffer",
    wanted: &["org.apache.kafka.clients.producer.internals.RecordAccumulator"],
    rule: Rule::Code(buffers),
    unit: "bytes",
    advice: "Batches wait for a broker that does not answer; `buffer.memory` is the bound of their buffers. Let callbacks hold no more than an identifier.",
    accused: true,
    ..Pattern::PLAIN
};

/// The pool keeps free buffers, the accumulator those in use; together they never exceed `totalMemory`.
fn buffers(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let found = context.readable(pattern.wanted[0]).into_iter();
    let found = found.filter_map(|accumulator| {
        let pool = context.heap.follow(accumulator, "free")?;
        let total = context.heap.number(pool, "totalMemory")?;
        let unused = context
            .heap
            .number(pool, "nonPooledAvailableMemory|availableMemory")?;
        // Batches have a little besides their buffer.
        let bound = Bound::Fixed {
            most: total,
            bytes_each: 2,
        };
        // Each batch is in the queue of its partition and among the incomplete ones: the accumulator dominates it, neither of
        // those.
        let extent = ["batches", "topicInfoMap", "incomplete"]
            .iter()
            .filter_map(|field| context.heap.follow(accumulator, field))
            .chain([pool, accumulator])
            .collect();
        let used = total.checked_sub(unused)?;
        let most = Some(total);
        let mut found = finding(context, pattern, bound, most, accumulator, extent, used);
        if found.assessment == Assessment::Unknown {
            "callbacks and headers of the records hold most of it, and no limit counts these"
                .clone_into(&mut found.note);
        }
        Some(found)
    });
    found.collect()
}

/// Metrics of clients.
pub const METRICS: Pattern = Pattern {
    id: "kafka_metrics",
    rows: &[14],
    title: "Metrics of a Kafka client",
    component: "Kafka metrics",
    wanted: &["org.apache.kafka.common.metrics.Metrics"],
    rule: Rule::Entries("metrics", Bound::Usual(20_000)),
    unit: "metrics",
    advice: "Clients with ever new client ids register their metrics and are not closed: close them, and upgrade.",
    ..Pattern::PLAIN
};

/// Batches that were fetched and not yet polled.
pub const FETCHES: Pattern = Pattern {
    id: "kafka_fetched_records",
    rows: &[15],
    title: "Records fetched by a Kafka consumer",
    component: "Kafka consumer",
    wanted: &[
        "org.apache.kafka.clients.consumer.internals.Fetcher",
        "org.apache.kafka.clients.consumer.internals.AbstractFetch",
    ],
    rule: Rule::Code(fetches),
    unit: "bytes",
    advice: "Lower `fetch.max.bytes`, `max.partition.fetch.bytes` and `max.poll.records`.",
    accused: true,
    ..Pattern::PLAIN
};

/// `fetch.max.bytes` unless configured otherwise.
const FETCH_BYTES: u64 = 50 << 20;

/// Fetches that are looked at.
const MOST_FETCHES: usize = 10_000;

fn fetches(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let names = pattern.wanted.iter();
    let mut fetchers: Vec<ObjectIndex> = names.flat_map(|name| context.readable(name)).collect();
    // Newer ones are subclasses of another wanted class.
    fetchers.sort_unstable();
    fetchers.dedup();
    let found = fetchers.into_iter().filter_map(|fetcher| {
        let buffer = context
            .heap
            .follow(fetcher, "fetchBuffer")
            .unwrap_or(fetcher);
        let queue = context.heap.follow(buffer, "completedFetches")?;
        let set = context
            .heap
            .number(fetcher, "maxBytes|fetchConfig.maxBytes");
        let most = set.filter(|&most| most > 0).unwrap_or(FETCH_BYTES);
        // A batch that is larger than the limit is fetched all the same, so allow for one more.
        let bound = Bound::Fixed {
            most: most.saturating_mul(2),
            bytes_each: 2,
        };
        let next = context.heap.follow(buffer, "nextInLineFetch");
        let fetches = context
            .heap
            .values(queue, MOST_FETCHES)
            .into_iter()
            .chain(next);
        // One answer of a broker is one array, to which the batches of all its partitions refer: none of them dominates it.
        let answers = fetches.filter_map(|fetch| {
            context
                .heap
                .follow(fetch, "partitionData.records.buffer.hb")
        });
        let extent: Vec<ObjectIndex> = answers.chain([queue]).chain(next).collect();
        let bytes = context.heap.retained_together(&extent);
        let twice = Some(most.saturating_mul(2));
        let mut found = finding(context, pattern, bound, twice, fetcher, extent, bytes);
        found.bound = Some(most);
        Some(found)
    });
    found.collect()
}

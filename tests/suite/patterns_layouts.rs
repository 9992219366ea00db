//! Layouts as they are in real dumps of the libraries (OpenTelemetry 1.47 and 1.65, Kafka clients 4.3, Micrometer 1.15,
//! Hibernate 6.4): what a component holds in several places at once, behind wrappers and relocated queues.

use serde_json::Value as Json;

use crate::holders_support::{KB, json, payloads};
use crate::patterns_shapes::{component, in_static, keep, object};
use crate::synth::{Heap, Obj, Value};

fn cleared<'a>(json: &'a Json, id: &str) -> Option<&'a Json> {
    let rows = json["checked_and_cleared"].as_array()?;
    rows.iter().find(|row| row["id"] == id)
}

pub fn is_cleared(json: &Json, id: &str, measured: u64, bound: u64) {
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(json, id).unwrap_or_else(|| panic!("not told: {json}"));
    assert_eq!(
        (&row["measured"], &row["bound"]),
        (&measured.into(), &bound.into())
    );
}

/// Holder and pattern of the first suspect.
pub fn first(json: &Json) -> [&str; 4] {
    let suspect = &json["suspects"][0];
    let (holder, pattern) = (&suspect["holder"], &suspect["pattern"]);
    [
        &holder["class"],
        &holder["field"],
        &pattern["id"],
        &pattern["assessment"],
    ]
    .map(|value| value.as_str().unwrap_or("-"))
}

const SHADED: &str = "io.opentelemetry.sdk.trace.internal.shaded.jctools.queues.atomic";

/// A worker with spans in its queue of 2,048 and in its batch.
fn worker(heap: &mut Heap, waiting: &[Obj], batch: &[Obj]) {
    let slots = payload_array(heap, waiting, 2_048);
    let buffer = object(
        heap,
        "java.util.concurrent.atomic.AtomicReferenceArray",
        &[("array", slots.into())],
    );
    let base = format!("{SHADED}.ConcurrentCircularAtomicArrayQueue");
    let fields = "buffer:L mask:I producerIndex:J consumerIndex:J";
    let base = heap.class(&base).fields(fields).done();
    let class = heap.class(&format!("{SHADED}.MpscAtomicArrayQueue"));
    let class = class.superclass(base).done();
    let queue = heap.instance(class);
    heap.set(queue, "buffer", buffer)
        .set(queue, "mask", 2_047)
        .set(queue, "producerIndex", 5_000 + waiting.len() as i64)
        .set(queue, "consumerIndex", 5_000i64);
    let batch = heap.array_list(batch);
    let worker = object(
        heap,
        "io.opentelemetry.sdk.trace.export.BatchSpanProcessor$Worker",
        &[("queue", queue.into()), ("batch", batch.into())],
    );
    let class = "io.opentelemetry.sdk.trace.export.BatchSpanProcessor";
    component(heap, class, &[("worker", worker.into())]);
}

/// An array of `length` slots with these objects first.
pub fn payload_array(heap: &mut Heap, objects: &[Obj], length: usize) -> Obj {
    let mut slots: Vec<Value> = objects.iter().map(|&object| object.into()).collect();
    slots.resize(length, Value::Null);
    let class = heap.jdk("java.lang.Object");
    heap.object_array(class, &slots)
}

const SPAN: &str = "io.opentelemetry.sdk.trace.SdkSpan";

#[test]
fn a_relocated_queue_is_plumbing() {
    let mut heap = Heap::new();
    let spans = payloads(&mut heap, SPAN, 100, 20 * KB);
    worker(&mut heap, &spans, &[]);
    let json = json(&heap);
    let class = "io.opentelemetry.sdk.trace.export.BatchSpanProcessor$Worker";
    let told = [
        "com.acme.Keeper",
        "ALL",
        "otel_batch_span_processor",
        "unknown",
    ];
    assert_eq!(first(&json), told, "{json}");
    assert_eq!(
        json["suspects"][0]["holder"]["place"],
        format!("{class}.queue")
    );
}

#[test]
fn the_batch_in_export_belongs_to_the_processor() {
    let mut heap = Heap::new();
    let spans = payloads(&mut heap, SPAN, 512, 4 * KB);
    worker(&mut heap, &[], &spans);
    // So do the spans that the exporter is about to write.
    let exporter = heap.array_list(&spans);
    in_static(&mut heap, "com.acme.Exporter", "IN_FLIGHT", exporter);
    is_cleared(&json(&heap), "otel_batch_span_processor", 0, 2_048);
}

/// 128 batches of 16 KiB, each in the queue of its partition and among the incomplete ones; `callbacks` of so many bytes each.
fn accumulator(heap: &mut Heap, callbacks: usize) {
    let internals = "org.apache.kafka.clients.producer.internals";
    let class = format!("{internals}.ProducerBatch");
    let class = heap
        .class(&class)
        .fields("recordsBuilder:L thunks:L")
        .done();
    let mut batches: Vec<Value> = Vec::new();
    for _ in 0..128 {
        let batch = heap.instance(class);
        let (buffer, thunks) = (
            heap.bytes(&vec![0; 16 << 10]),
            heap.bytes(&vec![0; callbacks]),
        );
        heap.set(batch, "recordsBuilder", buffer)
            .set(batch, "thunks", thunks);
        batches.push(batch.into());
    }
    let queue = heap.array_list(&batches);
    let map = "org.apache.kafka.common.utils.CopyOnWriteMap";
    let partition = heap.integer(0);
    let queues = heap.hash_map(&[(partition.into(), queue.into())]);
    let queues = object(heap, map, &[("map", queues.into())]);
    let set = heap.hash_set(&batches);
    let incomplete = format!("{internals}.IncompleteBatches");
    let incomplete = object(heap, &incomplete, &[("incomplete", set.into())]);
    let pool = object(
        heap,
        &format!("{internals}.BufferPool"),
        &[
            ("totalMemory", Value::Long(32 << 20)),
            ("nonPooledAvailableMemory", Value::Long(30 << 20)),
        ],
    );
    let fields = [
        ("free", pool.into()),
        ("topicInfoMap", queues.into()),
        ("incomplete", incomplete.into()),
    ];
    component(heap, &format!("{internals}.RecordAccumulator"), &fields);
}

#[test]
fn batches_in_two_places_are_the_accumulators() {
    let mut heap = Heap::new();
    accumulator(&mut heap, 0);
    is_cleared(&json(&heap), "kafka_producer_buffer", 2 << 20, 32 << 20);
}

#[test]
fn callbacks_are_not_within_the_bound_of_the_buffers() {
    let mut heap = Heap::new();
    accumulator(&mut heap, 40_000);
    let json = json(&heap);
    let [class, _, pattern, assessment] = first(&json);
    assert_eq!(
        (class, pattern, assessment),
        ("com.acme.Keeper", "kafka_producer_buffer", "unknown")
    );
    let place = json["suspects"][0]["holder"]["place"].as_str();
    let accumulator = "org.apache.kafka.clients.producer.internals.RecordAccumulator.";
    assert!(
        place.is_some_and(|place| place.starts_with(accumulator)),
        "{place:?}"
    );
    let note = json["suspects"][0]["notes"][0].as_str().unwrap_or_default();
    assert!(note.contains("callbacks"), "{json}");
}

/// Both fetched partitions are slices of one answer, which somebody else refers to as well.
#[test]
fn an_answer_that_partitions_share_is_the_consumers() {
    let mut heap = Heap::new();
    let answer = heap.bytes(&vec![0; 3 << 20]);
    let slice = |heap: &mut Heap| object(heap, "java.nio.HeapByteBuffer", &[("hb", answer.into())]);
    let internals = "org.apache.kafka.clients.consumer.internals";
    let mut fetch = || {
        let buffer = slice(&mut heap);
        let mut at = buffer;
        for (class, field) in [
            (
                "org.apache.kafka.common.record.internal.MemoryRecords",
                "buffer",
            ),
            (
                "org.apache.kafka.common.message.FetchResponseData$PartitionData",
                "records",
            ),
            (
                "org.apache.kafka.clients.consumer.internals.CompletedFetch",
                "partitionData",
            ),
        ] {
            at = object(&mut heap, class, &[(field, at.into())]);
        }
        at
    };
    let fetches = [fetch(), fetch()];
    let elsewhere = slice(&mut heap);
    keep(&mut heap, &[elsewhere]);
    let node = "java.util.concurrent.ConcurrentLinkedQueue$Node";
    let node = object(
        &mut heap,
        node,
        &[("item", fetches[0].into()), ("next", Value::Null)],
    );
    let queue = "java.util.concurrent.ConcurrentLinkedQueue";
    let queue = object(&mut heap, queue, &[("head", node.into())]);
    let fields = [
        ("completedFetches", queue.into()),
        ("nextInLineFetch", fetches[1].into()),
    ];
    let buffer = object(&mut heap, &format!("{internals}.FetchBuffer"), &fields);
    let config = format!("{internals}.FetchConfig");
    let config = object(&mut heap, &config, &[("maxBytes", Value::Int(50 << 20))]);
    let base = heap.class(&format!("{internals}.AbstractFetch"));
    let base = base.fields("fetchBuffer:L fetchConfig:L").done();
    let class = heap.class(&format!("{internals}.Fetcher"));
    let class = class.superclass(base).done();
    let fetcher = heap.instance(class);
    heap.set(fetcher, "fetchBuffer", buffer)
        .set(fetcher, "fetchConfig", config);
    in_static(&mut heap, "com.acme.Reader", "FETCHER", fetcher);
    let json = json(&heap);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(&json, "kafka_fetched_records").expect("a row");
    assert!(row["measured"].as_u64() > Some(3 << 20), "{row}");
}

/// A hash map in which every second entry hangs on the one before it: those have a longer path.
fn chained(heap: &mut Heap, entries: &[(Value, Value)], first: usize) -> Obj {
    let class = heap.jdk("java.util.HashMap$Node");
    let map = heap.new_object("java.util.HashMap");
    let nodes: Vec<Obj> = entries
        .iter()
        .map(|&(key, value)| {
            let node = heap.instance(class);
            heap.set(node, "key", key).set(node, "value", value);
            node
        })
        .collect();
    let mut slots = Vec::new();
    for pair in nodes.chunks_exact(2) {
        heap.set(pair[first], "next", pair[1 - first]);
        slots.push(pair[first]);
    }
    let table = heap.object_array(class, &slots);
    heap.set(map, "table", table)
        .set(map, "size", entries.len() as i32);
    map
}

/// Meters in two maps of their registry: to one half of them the path through the one is shorter, to the others that through
/// the other.
#[test]
fn maps_with_the_same_meters_are_one_suspect() {
    let mut heap = Heap::new();
    let base = "io.micrometer.core.instrument.MeterRegistry";
    let base = heap
        .class(base)
        .fields("meterMap:L preFilterIdToMeterMap:L");
    let base = base.done();
    let class = "io.micrometer.core.instrument.simple.SimpleMeterRegistry";
    let class = heap.class(class).superclass(base).done();
    let meter = "io.micrometer.core.instrument.cumulative.CumulativeTimer";
    let meters = payloads(&mut heap, meter, 12_000, 400);
    let name = heap.string("http.server.requests");
    let entries: Vec<(Value, Value)> = meters
        .iter()
        .map(|&meter| {
            let id = "io.micrometer.core.instrument.Meter$Id";
            let id = object(&mut heap, id, &[("name", name.into())]);
            (id.into(), meter.into())
        })
        .collect();
    let (all, before_filters) = (
        chained(&mut heap, &entries, 0),
        chained(&mut heap, &entries, 1),
    );
    let registry = heap.instance(class);
    heap.set(registry, "meterMap", all)
        .set(registry, "preFilterIdToMeterMap", before_filters);
    in_static(&mut heap, "com.acme.Shop", "REGISTRY", registry);
    let json = json(&heap);
    let suspects = json["suspects"].as_array().expect("a list");
    assert_eq!(suspects.len(), 1, "{json}");
    assert_eq!(suspects[0]["content"]["objects"], 12_000, "{json}");
    let [class, field, pattern, assessment] = first(&json);
    assert_eq!([class, field], ["com.acme.Shop", "REGISTRY"]);
    assert_eq!(
        (pattern, assessment),
        ("micrometer_cardinality", "unbounded")
    );
}

/// Entities in the map of the persistence context and in the queue of actions beside it: the session keeps them.
#[test]
fn entities_are_the_sessions() {
    let mut heap = Heap::new();
    let entities = payloads(&mut heap, "com.acme.PurchaseOrder", 12_000, 200);
    let key = heap.string("key");
    let holder = "org.hibernate.engine.internal.StatefulPersistenceContext$EntityHolderImpl";
    let entries: Vec<(Value, Value)> = entities
        .iter()
        .map(|&entity| {
            let holder = object(&mut heap, holder, &[("entity", entity.into())]);
            (key.into(), holder.into())
        })
        .collect();
    let by_key = heap.hash_map(&entries);
    let context = "org.hibernate.engine.internal.StatefulPersistenceContext";
    let fields = [("entitiesByKey", by_key.into()), ("session", Value::Null)];
    let context = object(&mut heap, context, &fields);
    let queued = heap.array_list(&entities);
    let class = "org.hibernate.engine.spi.ExecutableList";
    let queued = object(&mut heap, class, &[("executables", queued.into())]);
    let fields = [
        ("actionQueue", queued.into()),
        ("persistenceContext", context.into()),
    ];
    let session = object(&mut heap, "org.hibernate.internal.SessionImpl", &fields);
    heap.set(context, "session", session);
    in_static(&mut heap, "com.acme.Importer", "SESSION", session);
    let json = json(&heap);
    let [.., pattern, assessment] = first(&json);
    assert_eq!(
        (pattern, assessment),
        ("hibernate_persistence_context", "unbounded"),
        "{json}"
    );
    let note = json["suspects"][0]["notes"][0].as_str().unwrap_or_default();
    assert!(note.contains("com.acme.PurchaseOrder"), "{note}");
}

//! Layouts as they are in real dumps of Ehcache 3.11 and Reactor 3.7: their own collections, and bounds in unusual places.

use serde_json::Value as Json;

use crate::holders_support::{KB, json, payloads};
use crate::patterns_layouts::{first, is_cleared, payload_array};
use crate::patterns_shapes::{Case, check, component, either, holding, object, unbounded};
use crate::synth::{Heap, Value};

/// 2,000 pages of 1 kB in the heap tier of Ehcache 3.
fn on_heap(heap: &mut Heap, capacity: i64, bytes: Option<i64>) {
    let pages = payloads(heap, "com.acme.Page", 2_000, KB);
    let entries: Vec<(Value, Value)> = pages
        .iter()
        .map(|&page| (page.into(), page.into()))
        .collect();
    let plain = heap.concurrent_hash_map(&entries);
    let table = heap.instance_ref(plain, "table").expect("a table");
    let map = object(
        heap,
        "org.ehcache.impl.internal.concurrent.ConcurrentHashMap",
        &[("table", table.into()), ("baseCount", Value::Long(2_000))],
    );
    let size = "java.util.concurrent.atomic.AtomicLong";
    let size = object(heap, size, &[("value", Value::Long(bytes.unwrap_or(0)))]);
    let backend = object(
        heap,
        "org.ehcache.impl.internal.store.heap.SimpleBackend",
        &[
            ("realMap", map.into()),
            ("byteSized", Value::Boolean(bytes.is_some())),
            ("byteSize", size.into()),
        ],
    );
    let expiry = object(heap, "org.ehcache.expiry.ExpiryPolicy$1", &[]);
    let store = object(
        heap,
        "org.ehcache.impl.internal.store.heap.OnHeapStore",
        &[
            ("map", backend.into()),
            ("capacity", Value::Long(capacity)),
            ("expiry", expiry.into()),
        ],
    );
    holding(heap, "org.ehcache.core.Ehcache", "store", store);
}

#[test]
fn ehcache_3_within_its_capacity_is_cleared() {
    let mut heap = Heap::new();
    on_heap(&mut heap, 2_000, None);
    is_cleared(&json(&heap), "ehcache3", 2_000, 2_000);
    let mut heap = Heap::new();
    on_heap(&mut heap, 4 << 20, Some(3 << 20));
    is_cleared(&json(&heap), "ehcache3_sized", 3 << 20, 4 << 20);
}

#[test]
fn ehcache_3_without_a_maximum_is_told_at_its_store() {
    let mut heap = Heap::new();
    on_heap(&mut heap, i64::MAX, None);
    let json = json(&heap);
    let place = "org.ehcache.impl.internal.store.heap.OnHeapStore.map";
    assert_eq!(json["suspects"][0]["holder"]["place"], place, "{json}");
    assert_eq!(
        first(&json),
        ["com.acme.Keeper", "ALL", "ehcache3", "unbounded"],
        "{json}"
    );
    let collection = &json["suspects"][0]["content"]["collection"];
    assert_eq!(collection["entries"], 2_000, "{collection}");
}

/// A queue of 1 kB events whose links have 256 slots each.
fn sink(heap: &mut Heap, events: usize) {
    let all = payloads(heap, "com.acme.Event", events, KB);
    let mut next = Value::Null;
    for chunk in all.chunks(256).rev() {
        let mut slots: Vec<Value> = chunk.iter().map(|&event| event.into()).collect();
        slots.resize(256, Value::Null);
        slots.push(next);
        let class = heap.jdk("java.lang.Object");
        let slots = heap.object_array(class, &slots);
        let class = "java.util.concurrent.atomic.AtomicReferenceArray";
        next = object(heap, class, &[("array", slots.into())]).into();
    }
    let queue = object(
        heap,
        "reactor.util.concurrent.SpscLinkedArrayQueue",
        &[
            ("mask", Value::Int(255)),
            ("producerIndex", Value::Long(events as i64)),
            ("consumerIndex", Value::Long(0)),
            ("consumerArray", next),
        ],
    );
    holding(
        heap,
        "reactor.core.publisher.SinkManyUnicast",
        "queue",
        queue,
    );
}

#[test]
fn a_linked_queue_of_reactor_has_no_bound() {
    let mut heap = Heap::new();
    sink(&mut heap, 11_000);
    let json = json(&heap);
    let place = "reactor.core.publisher.SinkManyUnicast.queue";
    assert_eq!(json["suspects"][0]["holder"]["place"], place, "{json}");
    assert_eq!(
        first(&json),
        ["com.acme.Keeper", "ALL", "reactor_queue", "unbounded"],
        "{json}"
    );
    assert_eq!(json["suspects"][0]["content"]["objects"], 11_000);
    // The mask is that of one link.
    let pattern = &json["suspects"][0]["pattern"];
    assert_eq!(
        (&pattern["measured"], &pattern["bound"]),
        (&11_000.into(), &Json::Null)
    );
}

/// A buffer of so many signals; one with a limit of 20,000 is within it.
fn replay(heap: &mut Heap, class: &str, limit: &str) {
    let events = payloads(heap, "com.acme.Event", 11_000, KB);
    let head = payload_array(heap, &events, 11_001);
    let buffer = object(
        heap,
        &format!("reactor.core.publisher.FluxReplay${class}"),
        &[
            ("head", head.into()),
            ("size", Value::Int(11_000)),
            (limit, Value::Int(20_000)),
        ],
    );
    let class = "reactor.core.publisher.SinkManyReplayProcessor";
    holding(heap, class, "buffer", buffer);
}

/// Cases of these libraries.
pub const CASES: &[Case] = &[
    unbounded("ehcache3", |heap, fire| {
        on_heap(heap, if fire { i64::MAX } else { 2_000 }, None);
    }),
    unbounded("ehcache3_sized", |heap, fire| {
        on_heap(heap, if fire { i64::MAX } else { 4 << 20 }, Some(3 << 20));
    }),
    unbounded("reactor_queue", |heap, fire| {
        sink(heap, either(fire, 11_000, 300));
    }),
    unbounded("reactor_replay", |heap, fire| match fire {
        true => replay(heap, "UnboundedReplayBuffer", "indexUpdateLimit"),
        false => replay(heap, "SizeBoundReplayBuffer", "limit"),
    }),
];

#[test]
fn own_queues_fire_and_stay_quiet() {
    check(CASES);
}

/// A worker of `boundedElastic`: a scheduled executor that refuses what is beyond its capacity.
#[test]
fn a_worker_that_refuses_tasks_is_within_its_bound() {
    let mut heap = Heap::new();
    let tasks = payloads(&mut heap, "com.acme.Task", 2_000, KB);
    let slots = payload_array(&mut heap, &tasks, 2_048);
    let class = "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue";
    let fields = [("queue", slots.into()), ("size", Value::Int(2_000))];
    let queue = object(&mut heap, class, &fields);
    let base = heap.class("java.util.concurrent.ScheduledThreadPoolExecutor");
    let base = base.fields("workQueue:L").done();
    let class = "reactor.core.scheduler.BoundedElasticScheduler$BoundedScheduledExecutorService";
    let class = heap.class(class).superclass(base);
    let class = class.fields("queueCapacity:I").done();
    let worker = heap.instance(class);
    heap.set(worker, "workQueue", queue)
        .set(worker, "queueCapacity", 100_000);
    component(
        &mut heap,
        "com.acme.Scheduler",
        &[("worker", worker.into())],
    );
    is_cleared(&json(&heap), "scheduled_tasks_cancelled", 2_000, 100_000);
}

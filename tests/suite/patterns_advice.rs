//! No advice tells to do what is done already, and none names a count where it means a weight.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, json, payloads};
use crate::patterns_shapes::{array, component, concurrent_map, find, holding, list, object};
use crate::synth::{Heap, Kind, Obj, Value};

const CAFFEINE: &str = "com.github.benmanes.caffeine.cache";

/// The advice of pattern `id` in a heap.
fn advice(id: &str, build: impl FnOnce(&mut Heap)) -> String {
    let mut heap = Heap::new();
    build(&mut heap);
    let findings = find(&heap.write().bytes);
    let found = findings.iter().find(|finding| finding.pattern.id == id);
    let found = found.unwrap_or_else(|| panic!("{id}: {findings:?}"));
    found.advice().to_owned()
}

/// A Caffeine cache with these fields beside its map.
fn caffeine(heap: &mut Heap, data: Obj, fields: &[(&str, Value)]) -> Obj {
    let base = heap.class(&format!("{CAFFEINE}.BoundedLocalCache"));
    let base = base.field("data", Kind::Object).done();
    let name = format!("{CAFFEINE}.SSMS");
    let mut class = heap.class(&name).superclass(base);
    for (field, value) in fields {
        class = class.field(field, value.kind());
    }
    class.done();
    let cache = heap.new_object(&name);
    heap.set(cache, "data", data);
    for (field, value) in fields {
        heap.set(cache, field, *value);
    }
    cache
}

fn cache_with(heap: &mut Heap, fields: &[(&str, Value)]) {
    let data = concurrent_map(heap, 12_000);
    let cache = caffeine(heap, data, fields);
    crate::patterns_shapes::keep(heap, &[cache]);
}

#[test]
fn what_is_set_is_not_advised() {
    let number = |n: i64| Value::Long(n);
    let limited = advice("caffeine_cache", |heap| {
        cache_with(
            heap,
            &[("maximum", number(4_000)), ("weightedSize", number(12_000))],
        );
    });
    assert_eq!(limited, "Lower its maximum, or let each entry hold less.");
    let expiring = advice("caffeine_cache", |heap| {
        cache_with(heap, &[("expiresAfterWriteNanos", number(60_000_000_000))]);
    });
    assert!(
        expiring.starts_with("Entries expire, but nothing limits"),
        "{expiring}"
    );
    let neither = advice("caffeine_cache", |heap| cache_with(heap, &[]));
    assert!(neither.contains("Set `maximumSize`"), "{neither}");

    let executor = |bounded: bool| {
        advice("executor_unbounded_queue", |heap| {
            let tasks: Vec<Obj> = (0..1_200)
                .map(|_| object(heap, "com.acme.MailTask", &[]))
                .collect();
            let queue = match bounded {
                true => heap.array_blocking_queue(2_000, &tasks),
                false => heap.linked_blocking_queue(i32::MAX, &tasks),
            };
            holding(
                heap,
                "java.util.concurrent.ThreadPoolExecutor",
                "workQueue",
                queue,
            );
        })
    };
    assert!(executor(false).starts_with("Bound the queue"));
    assert!(executor(true).starts_with("The queue is bounded"));

    let netty = |most: i32| {
        advice("netty_event_loop_tasks", |heap| {
            let tasks = list(heap, 10_001);
            let class = "io.netty.util.concurrent.SingleThreadEventExecutor";
            let fields = [
                ("taskQueue", tasks.into()),
                ("maxPendingTasks", Value::Int(most)),
            ];
            component(heap, class, &fields);
        })
    };
    assert!(netty(i32::MAX).contains("set a limit"));
    assert!(netty(20_000).contains("it has a limit"));

    let replay = |class: &str, limit: &str| {
        advice("reactor_replay", |heap| {
            let head = array(heap, 10);
            let fields = [
                ("head", head.into()),
                ("size", Value::Int(11_000)),
                (limit, Value::Int(20_000)),
            ];
            component(
                heap,
                &format!("reactor.core.publisher.FluxReplay${class}"),
                &fields,
            );
        })
    };
    assert!(replay("UnboundedReplayBuffer", "indexUpdateLimit").contains("set a limit"));
    assert!(replay("SizeBoundReplayBuffer", "limit").starts_with("A limit is set"));
}

#[test]
fn tasks_that_leave_when_they_are_cancelled_are_not_to_be_removed() {
    let scheduled = |removes: bool, state: i32| {
        advice("scheduled_tasks_cancelled", |heap| {
            let tasks: Vec<Obj> = (0..1_001)
                .map(|_| {
                    let fields = [("state", Value::Int(state))];
                    object(heap, "java.util.concurrent.FutureTask", &fields)
                })
                .collect();
            let class = heap.jdk("java.lang.Object");
            let slots = heap.object_array(class, &tasks);
            let class = "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue";
            let fields = [
                ("queue", slots.into()),
                ("size", Value::Int(tasks.len() as i32)),
            ];
            let queue = object(heap, class, &fields);
            let pool = heap.class("java.util.concurrent.ThreadPoolExecutor");
            let pool = pool.field("workQueue", Kind::Object).done();
            let class = "java.util.concurrent.ScheduledThreadPoolExecutor";
            let own = heap.class(class).superclass(pool);
            own.field("removeOnCancel", Kind::Boolean).done();
            let fields = [
                ("workQueue", queue.into()),
                ("removeOnCancel", Value::Boolean(removes)),
            ];
            component(heap, class, &fields);
        })
    };
    assert!(scheduled(false, 4).contains("setRemoveOnCancelPolicy"));
    for (removes, state) in [(true, 4), (true, 0), (false, 0)] {
        let told = scheduled(removes, state);
        assert!(
            !told.contains("setRemoveOnCancelPolicy"),
            "{removes} {state}: {told}"
        );
    }
}

/// 9,000 entries that weigh a thousand each, in a cache that may weigh ten million.
#[test]
fn a_weight_is_no_number_of_entries() {
    let mut heap = Heap::new();
    let images = payloads(&mut heap, "com.acme.Image", 9_000, KB);
    let pairs: Vec<(Value, Value)> = images
        .iter()
        .map(|&image| (heap.integer(1).into(), image.into()))
        .collect();
    let data = heap.concurrent_hash_map(&pairs);
    let fields = [
        ("maximum", Value::Long(10_000_000)),
        ("weightedSize", Value::Long(9_000_000)),
    ];
    let cache = caffeine(&mut heap, data, &fields);
    in_static(&mut heap, "com.acme.Images", "CACHE", cache);
    let report: Json = json(&heap);
    let rows = report["checked_and_cleared"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["id"] == "caffeine_cache");
    let row = row.unwrap_or_else(|| panic!("{report}"));
    assert_eq!(row["unit"], "weight");
    let text = row["text"].as_str().expect("a sentence");
    assert!(text.contains("9,000,000 of 10,000,000 weight"), "{text}");
    assert!(text.contains("weights of 9000 entries"), "{text}");
}

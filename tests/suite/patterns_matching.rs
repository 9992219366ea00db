//! Patterns in the report: what they clear, and what they say of a suspect.

use serde_json::Value as Json;

use crate::patterns_shapes::{component, holding, in_static, keep, object};
use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Obj, Value};

fn told(heap: &Heap) -> Json {
    report(&temporary(".hprof", &heap.write().bytes))
}

fn cleared<'a>(json: &'a Json, id: &str) -> Option<&'a Json> {
    let rows = json["checked_and_cleared"].as_array()?;
    rows.iter().find(|row| row["id"] == id)
}

/// `n` pages of 4,000 bytes.
fn pages(heap: &mut Heap, n: usize) -> Vec<Obj> {
    let class = heap.class_named("com.acme.Page").unwrap_or_else(|| {
        let class = heap.class("com.acme.Page").app();
        class.field("bytes", Kind::Object).done()
    });
    (0..n)
        .map(|_| {
            let (page, bytes) = (heap.instance(class), heap.bytes(&[1; 4_000]));
            heap.set(page, "bytes", bytes);
            page
        })
        .collect()
}

fn cache_with(heap: &mut Heap, maximum: i64) {
    let pages = pages(heap, 1_000);
    let entries: Vec<(Value, Value)> = pages
        .iter()
        .map(|&page| (page.into(), page.into()))
        .collect();
    let data = heap.concurrent_hash_map(&entries);
    let base = heap
        .class("com.github.benmanes.caffeine.cache.BoundedLocalCache")
        .field("data", Kind::Object)
        .done();
    let class = "com.github.benmanes.caffeine.cache.SSMS";
    heap.class(class)
        .superclass(base)
        .fields("maximum:J weightedSize:J")
        .done();
    let cache = object(heap, class, &[]);
    heap.set(cache, "data", data)
        .set(cache, "maximum", maximum)
        .set(cache, "weightedSize", 1_000i64);
    in_static(heap, "com.acme.Pages", "CACHE", cache);
}

#[test]
fn a_cache_within_its_maximum_is_no_suspect() {
    let mut heap = Heap::new();
    cache_with(&mut heap, 1_000);
    let json = told(&heap);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(&json, "caffeine_cache").unwrap_or_else(|| panic!("not told: {json}"));
    assert_eq!(row["measured"], 1_000);
    assert_eq!(row["bound"], 1_000);
    let text = row["text"].as_str().expect("a text");
    assert!(
        text.ends_with("1,000 of 1,000 entries, by design"),
        "{text}"
    );
}

#[test]
fn a_cache_above_its_maximum_stays_one() {
    let mut heap = Heap::new();
    cache_with(&mut heap, 100);
    let json = told(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "CACHE", "{json}");
    assert_eq!(suspect["pattern"]["id"], "caffeine_cache");
    assert_eq!(suspect["pattern"]["assessment"], "above_bound");
    assert!(cleared(&json, "caffeine_cache").is_none());
}

/// A thousand of a million entries take 4 MB of 64.
#[test]
fn a_maximum_that_does_not_fit_the_heap_clears_nothing() {
    let mut heap = Heap::new();
    cache_with(&mut heap, 1_000_000);
    let variable = |heap: &mut Heap, text: &str| {
        let text = heap.string(text);
        let class = "java.lang.ProcessEnvironment$ExternalData";
        Value::from(object(heap, class, &[("str", text.into())]))
    };
    let name = variable(&mut heap, "JAVA_TOOL_OPTIONS");
    let options = variable(&mut heap, "-Xmx64m");
    let variables = heap.hash_map(&[(name, options)]);
    let environment = heap.class("java.lang.ProcessEnvironment");
    environment.static_field("theEnvironment", variables).done();
    let json = told(&heap);
    assert_eq!(json["heap"]["max_bytes"], 64 << 20, "{json}");
    let pattern = &json["suspects"][0]["pattern"];
    assert_eq!(pattern["id"], "caffeine_cache", "{json}");
    assert_eq!(pattern["assessment"], "unknown");
    assert!(cleared(&json, "caffeine_cache").is_none(), "{json}");
}

#[test]
fn several_components_of_one_holder_explain_it_together() {
    let mut heap = Heap::new();
    let pools: Vec<Obj> = (0..3)
        .map(|_| {
            let tasks = pages(&mut heap, 1_200);
            let queue = heap.linked_blocking_queue(i32::MAX, &tasks);
            let class = "java.util.concurrent.ThreadPoolExecutor";
            object(&mut heap, class, &[("workQueue", queue.into())])
        })
        .collect();
    let pools = heap.array_list(&pools);
    in_static(&mut heap, "com.acme.Mailer", "POOLS", pools);
    let json = told(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "POOLS", "{json}");
    assert_eq!(suspect["pattern"]["id"], "executor_unbounded_queue");
    assert_eq!(suspect["pattern"]["assessment"], "unbounded");
}

#[test]
fn an_executor_queue_is_recognised_at_its_owner() {
    let mut heap = Heap::new();
    let tasks = pages(&mut heap, 2_000);
    let queue = heap.linked_blocking_queue(i32::MAX, &tasks);
    let pool = object(
        &mut heap,
        "java.util.concurrent.ThreadPoolExecutor",
        &[("workQueue", queue.into())],
    );
    in_static(&mut heap, "com.acme.Mailer", "POOL", pool);
    let json = told(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["class"], "com.acme.Mailer", "{json}");
    let pattern = &suspect["pattern"];
    assert_eq!(pattern["id"], "executor_unbounded_queue");
    assert_eq!(pattern["measured"], 2_000);
    assert_eq!(pattern["bound"], Json::Null);
    assert_eq!(pattern["assessment"], "unbounded");
    assert!(
        suspect["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("com.acme.Page"))
    );
}

/// Advice against making so many would mislead: there are three.
#[test]
fn few_that_keep_a_lot_are_not_advised_against() {
    for (n, few) in [(3, true), (60, false)] {
        let mut heap = Heap::new();
        let class = "org.glassfish.jersey.client.ClientRuntime";
        heap.class(class).field("body", Kind::Object).done();
        let pools: Vec<Obj> = (0..n)
            .map(|_| {
                let (pool, body) = (object(&mut heap, class, &[]), heap.bytes(&[1; 1 << 20]));
                heap.set(pool, "body", body);
                pool
            })
            .collect();
        let list = heap.array_list(&pools);
        component(&mut heap, "com.acme.Api", &[("pools", list.into())]);
        let json = told(&heap);
        let pattern = &json["suspects"][0]["pattern"];
        assert_eq!(pattern["id"], "jersey_clients", "{}", json["suspects"][0]);
        let advice = pattern["advice"].as_str().expect("an advice");
        assert_eq!(advice.starts_with("This number is usual"), few, "{advice}");
    }
}

/// A client keeps more than its pool, and a script more than its class.
#[test]
fn what_is_counted_need_not_be_what_keeps_most() {
    for (id, class, base) in [
        ("okhttp_clients", "okhttp3.OkHttpClient", None),
        ("groovy_scripts", "Script", Some("groovy.lang.Script")),
    ] {
        let mut heap = Heap::new();
        let base = base.map(|base| heap.class(base).done());
        let pool = heap.class("okhttp3.ConnectionPool").done();
        let all: Vec<Obj> = (0..600)
            .map(|i| {
                let body = heap.bytes(&[1; 8 << 10]);
                let fields = [("body", body.into()), ("pool", heap.instance(pool).into())];
                let Some(base) = base else {
                    return object(&mut heap, class, &fields);
                };
                let class = heap.class(&format!("{class}{i}")).superclass(base);
                let class = class.app().fields("body:L").done();
                let script = heap.instance(class);
                heap.set(script, "body", body);
                script
            })
            .collect();
        let list = heap.array_list(&all);
        in_static(&mut heap, "com.acme.Registry", "ALL", list);
        let suspect = &told(&heap)["suspects"][0];
        assert_eq!(suspect["pattern"]["id"], id, "{suspect}");
        assert_eq!(suspect["pattern"]["measured"], 600, "{suspect}");
    }
}

/// The queue is empty and harmless; the exporter beside it holds 4 MB.
#[test]
fn what_lies_beside_a_harmless_queue_stays_a_suspect() {
    let mut heap = Heap::new();
    let pages = pages(&mut heap, 1_000);
    let list = heap.array_list(&pages);
    let exporter = heap
        .class("com.acme.Exporter")
        .app()
        .field("pending", Kind::Object)
        .done();
    let exporter = heap.instance(exporter);
    heap.set(exporter, "pending", list);
    let queue = heap.array_blocking_queue::<Obj>(2_048, &[]);
    let worker = object(
        &mut heap,
        "io.opentelemetry.sdk.trace.export.BatchSpanProcessor$Worker",
        &[("queue", queue.into()), ("spanExporter", exporter.into())],
    );
    let class = "io.opentelemetry.sdk.trace.export.BatchSpanProcessor";
    component(&mut heap, class, &[("worker", worker.into())]);
    let json = told(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["content"]["class"], "com.acme.Page", "{json}");
    assert_eq!(suspect["pattern"], Json::Null);
}

/// Layouts that cannot be: sizes below nought, chains in a circle, arrays in the place of objects.
#[test]
fn nonsense_ends_and_clears_nothing() {
    let mut heap = Heap::new();
    let node = object(
        &mut heap,
        "java.util.concurrent.CompletableFuture$UniApply",
        &[("next", Value::Null)],
    );
    let other = object(
        &mut heap,
        "java.util.concurrent.CompletableFuture$UniApply",
        &[],
    );
    heap.set(node, "next", other).set(other, "next", node);
    holding(
        &mut heap,
        "java.util.concurrent.CompletableFuture",
        "stack",
        node,
    );
    let queue = heap.array_blocking_queue::<Obj>(4, &[]);
    heap.set(queue, "count", -5);
    let class = "io.opentelemetry.sdk.trace.export.BatchSpanProcessor";
    holding(&mut heap, class, "worker.queue", queue);
    let bytes = heap.bytes(&[0; 16]);
    holding(
        &mut heap,
        "ch.qos.logback.core.AsyncAppenderBase",
        "blockingQueue",
        bytes,
    );
    keep(&mut heap, &[node]);
    let json = told(&heap);
    assert!(
        cleared(&json, "otel_batch_span_processor").is_none(),
        "{json}"
    );
    assert!(cleared(&json, "logback_async_appender").is_none(), "{json}");
}

/// Three of five plugins are in the registry: its three entries do not explain what all five keep.
#[test]
fn a_static_collection_that_holds_half_explains_nothing() {
    let mut heap = Heap::new();
    let url = heap.jdk("java.net.URLClassLoader");
    let plugin = |heap: &mut Heap| {
        let loader = heap.url_class_loader(url, None);
        let data = heap.bytes(&[1; 1_000_000]);
        let class = heap.class("com.acme.Plugin").loader(loader);
        let class = class.static_field("DATA", data).done();
        heap.instance(class)
    };
    let plugins: Vec<Obj> = (0..5).map(|_| plugin(&mut heap)).collect();
    let entries: Vec<(Value, Value)> = plugins[..3]
        .iter()
        .map(|&plugin| (plugin.into(), plugin.into()))
        .collect();
    let registry = heap.hash_map(&entries);
    in_static(&mut heap, "com.acme.Registry", "ALL", registry);
    let class = heap.jdk("java.lang.Object");
    let others = heap.object_array(class, &plugins[3..]);
    in_static(&mut heap, "com.acme.Others", "ALL", others);
    let json = told(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "DATA", "{suspect}");
    assert_eq!(suspect["pattern"], Json::Null, "{suspect}");
}

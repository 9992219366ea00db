//! What is told to have grown, where the things that an owner keeps are as many as before, or an owner is listed once only.

use crate::growth_support::{compared, dump, grown, growth, heap, saved, with_course};
use crate::holders_support::{in_static, object, payloads};
use crate::synth::{Heap, Obj, Value};
use tempfile::TempPath;

/// Channels of a library, each with a list in a field that the JDK declares.
fn channels(frames: usize) -> Heap {
    let mut heap = heap(7);
    let mut all: Vec<(Value, Value)> = Vec::new();
    for i in 0..20 {
        let frames = payloads(&mut heap, "com.acme.Frame", frames, 200);
        let list = heap.array_list(&frames);
        let value = ("value", Value::from(list));
        let reference = object(
            &mut heap,
            "java.util.concurrent.atomic.AtomicStampedReference$Pair",
            &[value],
        );
        let channel = object(
            &mut heap,
            "io.netty.channel.LocalChannel",
            &[("attribute", reference.into())],
        );
        all.push((heap.string(&format!("channel {i}")).into(), channel.into()));
    }
    let map = heap.hash_map(&all);
    in_static(&mut heap, "com.acme.Hub", "CHANNELS", map);
    heap
}

/// As many channels as before, each with more frames: it is told how many frames there are.
#[test]
fn what_became_more_inside_of_what_is_kept() {
    let dumps = [100, 400, 800].map(|n| dump(&channels(n), n as u64));
    let of_dumps = growth(&dumps);
    let row = &of_dumps["holders"][0];
    assert_eq!(row["content"]["class"], "com.acme.Frame", "{of_dumps}");
    assert_eq!(
        row["objects"],
        serde_json::json!([2_000, 8_000, 16_000]),
        "{of_dumps}"
    );
    assert_eq!(row["grew_objects"], 14_000);
    assert_eq!(row["interval_objects"], serde_json::json!([6_000, 8_000]));
    let reports = [0, 1, 2].map(|i| saved(&dumps[i]));
    assert_eq!(growth(&reports)["holders"], of_dumps["holders"]);
}

/// A service of which there is one, and that is listed only once what it keeps has grown, does not hide its field.
#[test]
fn a_field_of_the_only_service() {
    let service = |calls: usize| {
        let mut heap = heap(7);
        let calls = payloads(&mut heap, "com.acme.Call", calls, 100);
        let list = heap.array_list(&calls);
        let gateway = object(&mut heap, "com.acme.Gateway", &[("waiting", list.into())]);
        in_static(&mut heap, "com.acme.App", "gateway", gateway);
        heap
    };
    let dumps = [(5, 0), (5_000, 60)].map(|(n, minutes)| dump(&service(n), minutes));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["com.acme.Gateway.waiting"], "{growth}");
}

/// Of threads it is told what they keep, not the JDK's objects in which they wait; and the next step asks who starts them.
#[test]
fn what_threads_keep() {
    let pool = |threads: usize| {
        let mut heap = heap(7);
        let key = heap.new_object("java.lang.ThreadLocal");
        in_static(&mut heap, "com.acme.Buffers", "LOCAL", key);
        for i in 0..threads {
            let thread = heap.thread(&format!("mail-sender-{i}"));
            let all = payloads(&mut heap, "com.acme.Buffer", 40, 500);
            let list = heap.array_list(&all);
            heap.set_thread_local(thread, key, list);
        }
        heap
    };
    let dumps = [20, 50, 80].map(|n| dump(&pool(n), n as u64));
    let growth = growth(&dumps);
    let row = &growth["holders"][0];
    assert_eq!(row["holder"]["kind"], "thread", "{growth}");
    assert_eq!(row["content"]["class"], "com.acme.Buffer", "{growth}");
    assert_eq!(row["objects"], serde_json::json!([800, 2_000, 3_200]));
    let text = compared(&dumps, &[]).succeeded().text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("what starts them, and what should end them (`hprof-suspects threads "),
        "{text}"
    );
}

/// The tasks of an executor refer to it, thousands of them, and so do its threads: its owner is the field all the same, however many there
/// are.
#[test]
fn an_executor_belongs_to_its_field() {
    let executor = |tasks: usize| {
        let mut heap = heap(7);
        let task = heap
            .class("java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask")
            .fields("this$0:L callable:L")
            .done();
        let mut all = Vec::new();
        for reminder in payloads(&mut heap, "com.acme.Reminder", tasks, 200) {
            let object = heap.instance(task);
            heap.set(object, "callable", reminder);
            all.push(object);
        }
        let future = heap.class("java.util.concurrent.RunnableScheduledFuture");
        let future = future.done();
        let array = heap.object_array(future, &all);
        let queue = "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue";
        let queue = object(&mut heap, queue, &[("queue", array.into())]);
        let pool = "java.util.concurrent.ScheduledThreadPoolExecutor";
        let pool = object(&mut heap, pool, &[("workQueue", queue.into())]);
        for &task in &all {
            heap.set(task, "this$0", pool);
        }
        let clock = object(&mut heap, "zoo.acme.Clock", &[("pool", pool.into())]);
        in_static(&mut heap, "com.acme.Main", "CLOCK", clock);
        let code = "java.util.concurrent.ScheduledThreadPoolExecutor";
        let code = heap.class_named(code).expect("declared");
        for number in 1..=2 {
            let worker = heap.thread(&format!("pool-1-thread-{number}"));
            let frame = heap.frame(worker, code, "take", None, 1);
            heap.local(worker, frame, queue);
            heap.local(worker, frame, pool);
        }
        heap
    };
    let dumps = [200, 3_000, 9_000].map(|n| dump(&executor(n), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["zoo.acme.Clock.pool"], "{growth}");
    let row = &growth["holders"][0];
    assert_eq!(row["objects"], serde_json::json!([200, 3_000, 9_000]));
}

/// An owner whose native memory grew is told so, although it keeps as much of the heap as before.
#[test]
fn what_grew_outside_the_heap_is_told_so() {
    let buffers = |count: usize| {
        let mut heap = heap(7);
        let all: Vec<_> = (0..count).map(|_| heap.direct_buffer(8 << 20)).collect();
        let list = heap.array_list(&all);
        in_static(&mut heap, "com.acme.Scratch", "BUFFERS", list);
        heap
    };
    let dumps = [2, 6, 12].map(|n| dump(&buffers(n), n as u64));
    let text = compared(&dumps, &[]).succeeded().text();
    assert!(
        text.contains("com.acme.Scratch.BUFFERS grew outside the heap: "),
        "{text}"
    );
}

/// A connection of the application's to the tables of a library, with which a thread of the library works, too.
fn connection(rows: usize) -> Heap {
    let mut heap = heap(7);
    let rows = payloads(&mut heap, "org.apache.tables.table.Row", rows, 200);
    let rows = heap.array_list(&rows);
    let tables = object(
        &mut heap,
        "org.apache.tables.table.Table",
        &[("rows", rows.into())],
    );
    let mut inner = object(
        &mut heap,
        "org.apache.tables.Store",
        &[("table", tables.into())],
    );
    let code = heap.class("org.apache.tables.Writer").done();
    let writer = heap.thread("tables writer");
    let frame = heap.frame(writer, code, "write", None, 1);
    heap.local(writer, frame, inner);
    for class in [
        "Database",
        "Session",
        "SessionLocal",
        "Remote",
        "Connection",
    ] {
        let class = format!("org.apache.tables.{class}");
        inner = object(&mut heap, &class, &[("inner", inner.into())]);
    }
    let journal = object(
        &mut heap,
        "com.acme.Journal",
        &[("connection", inner.into())],
    );
    in_static(&mut heap, "com.acme.App", "journal", journal);
    heap
}

/// What a library's field keeps is told with the application's field that the suspects name, and with what they say that it keeps.
#[test]
fn the_field_that_the_suspects_name() {
    let dumps = [1_000, 8_000, 16_000].map(|n| dump(&connection(n), n as u64));
    let of_dumps = growth(&dumps);
    assert_eq!(
        grown(&of_dumps),
        ["com.acme.Journal.connection"],
        "{of_dumps}"
    );
    let row = &of_dumps["holders"][0];
    assert_eq!(
        row["content"]["class"], "org.apache.tables.table.Row",
        "{of_dumps}"
    );
    let reports = [0, 1, 2].map(|i| saved(&dumps[i]));
    assert_eq!(growth(&reports)["holders"], of_dumps["holders"]);
}

/// A number that would be usual in one dump is not called so where it grows.
#[test]
fn what_grows_in_number_is_not_called_usual() {
    let api = |clients: usize| {
        let mut heap = heap(7);
        let class = "org.glassfish.jersey.client.ClientRuntime";
        let clients = payloads(&mut heap, class, clients, 600_000);
        let list = heap.array_list(&clients);
        let api = object(&mut heap, "com.acme.Api", &[("clients", list.into())]);
        in_static(&mut heap, "com.acme.App", "API", api);
        heap
    };
    let dumps = [2, 4, 6].map(|n| dump(&api(n), n as u64));
    let is_usual = |inputs: &[TempPath]| {
        let report = compared(inputs, &["--format", "json"]).succeeded().json();
        let advice = report["suspects"][0]["pattern"]["advice"].clone();
        let advice = advice.as_str().expect("an advice").to_owned();
        advice.starts_with("This number is usual")
    };
    assert!(is_usual(&dumps[2..]));
    assert!(!is_usual(&dumps));
}

/// What lies in the fields of the things that an owner keeps is the owner's: large and constant, it is cleared by name.
#[test]
fn a_large_owner_that_stays_is_told() {
    let site = |orders: usize| {
        let mut heap = heap(7);
        let pages = payloads(&mut heap, "com.acme.Page", 1_500, 900);
        let pages = heap.array_list(&pages);
        in_static(&mut heap, "com.acme.Site", "PAGES", pages);
        let orders = payloads(&mut heap, "com.acme.Order", orders, 200);
        let orders = heap.array_list(&orders);
        in_static(&mut heap, "com.acme.Store", "ORDERS", orders);
        heap
    };
    let dumps = [1_000, 6_000, 12_000].map(|n| dump(&site(n), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["com.acme.Store.ORDERS"], "{growth}");
    let constant = with_course(&growth, &["constant"]);
    assert_eq!(constant, ["com.acme.Site.PAGES"], "{growth}");
    let text = compared(&dumps, &[]).succeeded().text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = "It stayed as large as it was in the earlier inputs.";
    assert_eq!(text.matches(note).count(), 1, "{text}");
}

/// Where what grew decides, it is the first suspect however small it is; what stayed is a largest holder that nobody suspects.
#[test]
fn what_stayed_is_no_suspect() {
    let site = |orders: usize| {
        let mut heap = heap(7);
        let pages = payloads(&mut heap, "com.acme.Page", 3_000, 4_000);
        let pages = heap.array_list(&pages);
        in_static(&mut heap, "com.acme.Site", "PAGES", pages);
        let orders = payloads(&mut heap, "com.acme.Order", orders, 400);
        let orders = heap.array_list(&orders);
        in_static(&mut heap, "com.acme.Store", "ORDERS", orders);
        heap
    };
    let dumps = [1_000, 6_000, 12_000].map(|n| dump(&site(n), n as u64));
    let report = compared(&dumps, &["--format", "json"]).succeeded().json();
    let fields = |list: &str| -> Vec<String> {
        let rows = report[list].as_array().expect("a list");
        let field = |row: &serde_json::Value| row["holder"]["field"].as_str().map(str::to_owned);
        rows.iter().filter_map(field).collect()
    };
    assert_eq!(fields("suspects"), ["ORDERS"], "{report}");
    assert_eq!(fields("largest_holders"), ["PAGES"], "{report}");
    // One dump alone says nothing of growth: the larger comes first.
    let report = compared(&dumps[2..], &["--format", "json"])
        .succeeded()
        .json();
    let first = report["suspects"]
        .get(0)
        .or(report["largest_holders"].get(0));
    assert_eq!(
        first.expect("a holder")["holder"]["field"],
        "PAGES",
        "{report}"
    );
}

/// Objects of a library that wrap what was put in are not what grew: the row tells what the suspects of the last dump say.
#[test]
fn what_was_put_in_is_told_not_what_wraps_it() {
    let hub = |backends: usize| {
        let mut heap = heap(7);
        let backends = payloads(&mut heap, "com.acme.Backend", backends, 300);
        let class = "com.google.common.eventbus.Subscriber$SynchronizedSubscriber";
        let class = heap.class(class).fields("target:L").done();
        let wrap = |backend: &Obj| {
            let wrapper = heap.instance(class);
            heap.set(wrapper, "target", *backend);
            wrapper
        };
        let wrapped: Vec<Obj> = backends.iter().map(wrap).collect();
        let all = heap.array_list(&wrapped);
        let registry = object(
            &mut heap,
            "com.google.common.eventbus.SubscriberRegistry",
            &[("subscribers", all.into())],
        );
        let bus = object(
            &mut heap,
            "com.google.common.eventbus.EventBus",
            &[("subscribers", registry.into())],
        );
        in_static(&mut heap, "com.acme.Hub", "BUS", bus);
        heap
    };
    let dumps = [2_000, 8_000, 16_000].map(|n| dump(&hub(n), n as u64));
    let of_dumps = growth(&dumps);
    let row = &of_dumps["holders"][0];
    assert_eq!(row["holder"]["field"], "BUS", "{of_dumps}");
    assert_eq!(row["content"]["class"], "com.acme.Backend", "{of_dumps}");
    let counts = serde_json::json!([2_000, 8_000, 16_000]);
    assert_eq!(row["objects"], counts, "{of_dumps}");
    assert_eq!(row["interval_objects"], serde_json::json!([6_000, 8_000]));
    let reports = [0, 1, 2].map(|i| saved(&dumps[i]));
    assert_eq!(growth(&reports)["holders"], of_dumps["holders"]);
}

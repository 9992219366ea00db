//! Objects that only lead on to what is held: lambdas, wrappers, roots of trees, indexes. Who refers to them is the owner.

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::support::{run, temporary};
use crate::synth::{Heap, Kind, Obj, Root, Value};

const N: usize = 2_000;

#[test]
fn what_a_lambda_captured_is_held_by_the_field_that_holds_the_lambda() {
    // A lambda, a local class, an inner class.
    for (class, field) in [
        ("com.acme.Jobs$$Lambda+0x00007fbe48000c10", "arg$1"),
        ("com.acme.Jobs$1", "val$rows"),
        ("com.acme.Jobs$Tick", "this$0"),
    ] {
        let mut heap = Heap::new();
        let rows = payloads(&mut heap, "com.acme.Row", N, KB);
        let list = heap.array_list(&rows);
        let closure = object(&mut heap, class, &[(field, list.into())]);
        in_static(&mut heap, "com.acme.Hooks", "AFTER_COMMIT", closure);
        let json = json(&heap);
        let (kind, holder) = ("static_field", "com.acme.Hooks");
        expect(
            &json,
            kind,
            holder,
            "AFTER_COMMIT",
            "com.acme.Row",
            N as u64,
        );
    }
}

#[test]
fn what_many_lambdas_captured_is_what_is_held() {
    expect_listeners("com.acme.View", "com.acme.View");
    // Texts say less than the code that has them.
    expect_listeners("java.lang.String", "com.acme.View$$Lambda");
}

/// A list of lambdas, each of which captured an object of class `captured`, is told as one of `content`.
fn expect_listeners(captured: &str, content: &str) {
    let mut heap = Heap::new();
    let rows = payloads(&mut heap, captured, N, KB);
    let class = heap.class("com.acme.View$$Lambda+0x0000000800c03000");
    let class = class.field("arg$1", Kind::Object).done();
    let lambda = |heap: &mut Heap, row: Obj| {
        let lambda = heap.instance(class);
        heap.set(lambda, "arg$1", row);
        lambda
    };
    let lambdas: Vec<Obj> = rows.iter().map(|&row| lambda(&mut heap, row)).collect();
    let list = heap.array_list(&lambdas);
    let bus = object(&mut heap, "com.acme.Bus", &[("listeners", list.into())]);
    in_static(&mut heap, "com.acme.Main", "BUS", bus);
    let kind = "instance_field";
    expect(
        &json(&heap),
        kind,
        "com.acme.Bus",
        "listeners",
        content,
        N as u64,
    );
}

/// A static `com.acme.Live.RULES` that leads to rules through an object of `class` with `fields` around a list.
fn wrapped(class: &str, fields: &[&str]) -> Json {
    let mut heap = Heap::new();
    let rules = payloads(&mut heap, "com.acme.Rule", N, KB);
    let list = heap.array_list(&rules);
    let maker = object(&mut heap, "com.acme.Live$$Lambda+0x0000000800c03000", &[]);
    let value = |name: &str| match name {
        "init" => Value::from(maker),
        _ => list.into(),
    };
    let fields: Vec<_> = fields.iter().map(|&name| (name, value(name))).collect();
    let wrapper = object(&mut heap, class, &fields);
    in_static(&mut heap, "com.acme.Live", "RULES", wrapper);
    json(&heap)
}

#[test]
fn a_wrapper_that_serves_everybody_is_no_owner() {
    for fields in [&["value"] as &[&str], &["init", "value"]] {
        let json = wrapped("com.acme.Holder", fields);
        let (kind, content) = ("static_field", "com.acme.Rule");
        expect(&json, kind, "com.acme.Live", "RULES", content, N as u64);
    }
    let json = wrapped("com.acme.RuleEngine", &["active"]);
    let (kind, content) = ("instance_field", "com.acme.Rule");
    expect(
        &json,
        kind,
        "com.acme.RuleEngine",
        "active",
        content,
        N as u64,
    );
}

#[test]
fn a_tree_belongs_to_the_field_that_holds_its_root() {
    let mut heap = Heap::new();
    let node = heap
        .class("com.acme.Category")
        .app()
        .fields("children:L body:L")
        .done();
    let mut all = 0;
    let mut tree = |heap: &mut Heap, children: &[Obj]| {
        all += 1;
        let (object, body) = (heap.instance(node), heap.prim_array(Kind::Byte, KB));
        let list = heap.array_list(children);
        heap.set(object, "children", list).set(object, "body", body);
        object
    };
    let mut branches = Vec::new();
    for _ in 0..40 {
        let leaves: Vec<Obj> = (0..50).map(|_| tree(&mut heap, &[])).collect();
        branches.push(tree(&mut heap, &leaves));
    }
    let root = tree(&mut heap, &branches);
    let shop = object(&mut heap, "com.acme.Shop", &[("catalogue", root.into())]);
    in_static(&mut heap, "com.acme.Main", "SHOP", shop);
    let json = json(&heap);
    let (kind, content) = ("instance_field", "com.acme.Category");
    expect(&json, kind, "com.acme.Shop", "catalogue", content, all);
}

#[test]
fn an_own_cache_that_finds_its_nodes_through_a_map_is_a_collection() {
    let mut heap = Heap::new();
    let images = payloads(&mut heap, "com.acme.Image", N, KB);
    let node = heap
        .class("com.acme.Lru$Node")
        .app()
        .fields("key:L val:L prev:L next:L")
        .done();
    let mut nodes = Vec::new();
    for image in images {
        let (object, key) = (heap.instance(node), heap.string("key"));
        heap.set(object, "key", key).set(object, "val", image);
        nodes.push(object);
    }
    for pair in nodes.windows(2) {
        heap.set(pair[0], "next", pair[1])
            .set(pair[1], "prev", pair[0]);
    }
    let key = heap.string("key");
    let pairs: Vec<_> = nodes.iter().map(|&n| (key.into(), n.into())).collect();
    let index = heap.hash_map(&pairs);
    let fields = [
        ("index", index.into()),
        ("head", nodes[0].into()),
        ("tail", nodes[N - 1].into()),
        ("max", Value::Int(1 << 30)),
    ];
    let lru = object(&mut heap, "com.acme.Lru", &fields);
    let cache = object(&mut heap, "com.acme.ImageCache", &[("lru", lru.into())]);
    in_static(&mut heap, "com.acme.Main", "IMAGES", cache);
    let json = json(&heap);
    let (kind, content) = ("instance_field", "com.acme.Image");
    expect(&json, kind, "com.acme.ImageCache", "lru", content, N as u64);
}

#[test]
fn two_static_maps_of_one_class_share_their_elements() {
    let mut heap = Heap::new();
    let products = payloads(&mut heap, "com.acme.Product", N, KB);
    let key = heap.string("key");
    let pairs: Vec<_> = products.iter().map(|&p| (key.into(), p.into())).collect();
    // Large enough to be met by themselves, before their elements are.
    let (by_id, by_name) = (heap.hash_map(&pairs), heap.hash_map(&pairs));
    heap.class("com.acme.Catalog")
        .app()
        .static_field("BY_ID", by_id)
        .static_field("BY_NAME", by_name)
        .done();
    let dump = temporary(".hprof", &heap.write().bytes);
    let json = crate::support::report(&dump);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "BY_ID", "{suspect}");
    assert_eq!(suspect["content"]["objects"], N, "{suspect}");
    let shared = &suspect["shared_with"][0];
    assert_eq!(shared["title"], "com.acme.Catalog.BY_NAME", "{suspect}");
    for (format, told) in [
        (
            "text",
            "also held by com.acme.Catalog.BY_NAME; clearing any one frees at most",
        ),
        (
            "markdown",
            "**also held by**: com.acme.Catalog.BY_NAME; clearing any one",
        ),
        (
            "jira",
            "*also held by*: com.acme.Catalog.BY_NAME; clearing any one",
        ),
        (
            "html",
            "<dt>also held by</dt><dd>com.acme.Catalog.BY_NAME; clearing",
        ),
    ] {
        let dump = dump.to_str().expect("UTF-8");
        let report = run([dump, "--format", format]).succeeded().text();
        assert!(report.contains(told), "{report}");
    }
}

#[test]
fn what_native_code_holds_is_told_as_such_in_the_verdict() {
    let mut heap = Heap::new();
    let frames = payloads(&mut heap, "com.acme.Frame", N, KB);
    let list = heap.array_list(&frames);
    heap.root(Root::JniGlobal, list);
    let verdict = json(&heap)["verdict"].to_string();
    assert!(
        verdict.contains("`JNI global java.util.ArrayList`"),
        "{verdict}"
    );
}

#[test]
fn a_thread_s_work_is_named_by_its_field() {
    let mut heap = Heap::new();
    let documents = payloads(&mut heap, "com.acme.Document", N, KB);
    let job_class = heap
        .class("com.acme.SyncJob")
        .app()
        .fields("batch:L")
        .done();
    for (i, some) in documents.chunks(N / 10).enumerate() {
        let (batch, job) = (heap.array_list(some), heap.instance(job_class));
        heap.set(job, "batch", batch);
        let thread = heap.thread(&format!("sync-{i}"));
        let thread = heap.thread_object(thread);
        heap.set(thread, "target", job);
    }
    let dump = temporary(".hprof", &heap.write().bytes);
    let json = crate::support::report(&dump);
    let (class, content) = ("com.acme.SyncJob", "com.acme.Document");
    expect(&json, "thread", class, "batch", content, N as u64);
    assert_eq!(json["suspects"][0]["holder"]["count"], 10);
    let text = run([&dump]).succeeded().text();
    let told = "held by   thread sync-*, com.acme.SyncJob.batch (10 of them)";
    assert!(text.contains(told), "{text}");
}

#[test]
fn tasks_that_refer_back_to_their_executor_do_not_hide_its_owner() {
    let mut heap = Heap::new();
    let pool_class = "java.util.concurrent.ScheduledThreadPoolExecutor";
    let task = heap
        .class("java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask")
        .fields("this$0:L callable:L")
        .done();
    let mut tasks = Vec::new();
    for probe in payloads(&mut heap, "com.acme.Probe", N, KB) {
        let object = heap.instance(task);
        heap.set(object, "callable", probe);
        tasks.push(object);
    }
    let future = heap
        .class("java.util.concurrent.RunnableScheduledFuture")
        .done();
    let array = heap.object_array(future, &tasks);
    let queue = "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue";
    let queue = object(&mut heap, queue, &[("queue", array.into())]);
    let pool = object(&mut heap, pool_class, &[("workQueue", queue.into())]);
    for &task in &tasks {
        heap.set(task, "this$0", pool);
    }
    // Behind thousands of tasks.
    let watchdog = object(
        &mut heap,
        "com.acme.Watchdog",
        &[("scheduler", pool.into())],
    );
    in_static(&mut heap, "com.acme.Main", "WATCHDOG", watchdog);
    let worker = heap.thread("pool-1-thread-1");
    let code = heap.class_named(pool_class).expect("declared");
    let frame = heap.frame(worker, code, "take", None, 1);
    heap.local(worker, frame, queue);
    heap.local(worker, frame, pool);
    let json = json(&heap);
    let (kind, content) = ("instance_field", "com.acme.Probe");
    expect(
        &json,
        kind,
        "com.acme.Watchdog",
        "scheduler",
        content,
        N as u64,
    );
}

#[test]
fn exceptions_that_one_suppressed_are_what_it_holds() {
    let mut heap = Heap::new();
    let base = heap
        .class("java.lang.Throwable")
        .fields("detail:L suppressedExceptions:L")
        .done();
    let io = heap.class("java.io.IOException").superclass(base).done();
    let mut attempts = Vec::new();
    for _ in 0..N {
        let (attempt, text) = (heap.instance(io), heap.prim_array(Kind::Byte, KB));
        heap.set(attempt, "detail", text);
        attempts.push(attempt);
    }
    let list = heap.array_list(&attempts);
    let first = heap
        .class("java.lang.IllegalStateException")
        .superclass(base)
        .done();
    let first = heap.instance(first);
    heap.set(first, "suppressedExceptions", list);
    in_static(&mut heap, "com.acme.Client", "lastError", first);
    let json = json(&heap);
    let (kind, content) = ("static_field", "java.io.IOException");
    expect(
        &json,
        kind,
        "com.acme.Client",
        "lastError",
        content,
        N as u64,
    );
}

#[test]
fn a_collection_further_up_lends_no_pattern() {
    let mut heap = Heap::new();
    let items = payloads(&mut heap, "com.acme.Item", 5_000, KB);
    let seen = heap.array_list(&items);
    let service = object(&mut heap, "com.acme.Orders", &[("seen", seen.into())]);
    let others: Vec<Obj> = (0..5)
        .map(|_| heap.new_object("java.lang.Object"))
        .collect();
    let mut services = others;
    services.push(service);
    let list = heap.array_list(&services);
    in_static(&mut heap, "com.acme.Registry", "SERVICES", list);
    let json = json(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "seen", "{suspect}");
    // Six services are not what grows.
    assert_eq!(suspect["pattern"], Json::Null, "{suspect}");
}

#[test]
fn the_headline_names_the_first_of_the_list() {
    let mut heap = Heap::new();
    let tenant = heap.class("com.acme.Tenant").app();
    let tenant = tenant.field("blobs", Kind::Object).done();
    let mut tenants = Vec::new();
    for i in 0..30 {
        let n = if i == 7 { 6_000 } else { 8 };
        let blobs: Vec<Obj> = (0..n).map(|_| heap.prim_array(Kind::Byte, KB)).collect();
        let (object, blobs) = (heap.instance(tenant), heap.array_list(&blobs));
        heap.set(object, "blobs", blobs);
        tenants.push(object);
    }
    let list = heap.array_list(&tenants);
    let registry = object(&mut heap, "com.acme.Registry", &[("tenants", list.into())]);
    in_static(&mut heap, "com.acme.Main", "REGISTRY", registry);
    let json = json(&heap);
    let (_, class, field, ..) = told(&json);
    let headline = json["verdict"]["reasons"].to_string();
    assert!(
        headline.contains(&format!("`{class}.{field}`")),
        "{class}.{field}: {headline}"
    );
}

//! Shapes in which programs really keep things: is the owner still named, and what is held still counted?

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Heap, Kind, Obj, Value};

#[test]
fn a_subclass_of_a_collection_is_a_collection() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 2_000, KB);
    let pairs: Vec<(Value, Value)> = orders
        .iter()
        .map(|&order| (heap.string("key").into(), order.into()))
        .collect();
    let plain = heap.hash_map(&pairs);
    let registry = heap
        .class("com.acme.Registry")
        .app()
        .extends("java.util.HashMap")
        .done();
    let map = heap.instance(registry);
    let table = heap.instance_ref(plain, "table").expect("a table");
    heap.set(map, "table", table).set(map, "size", 2_000);
    let app = object(&mut heap, "com.acme.App", &[("registry", map.into())]);
    in_static(&mut heap, "com.acme.Main", "APP", app);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.App",
        "registry",
        "com.acme.Order",
        2_000,
    );
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["via"], "com.acme.Main.APP");
    let collection = &suspect["content"]["collection"];
    assert_eq!(collection["class"], "com.acme.Registry", "{collection}");
    assert_eq!(collection["entries"], 2_000);
    assert_eq!(collection["key_class"], "java.lang.String");
    assert_eq!(collection["value_class"], "com.acme.Order");
    assert_eq!(suspect["content"]["element_sizes"], Json::Null, "all alike");
}

#[test]
fn many_objects_that_are_maps_are_what_is_held() {
    let mut heap = Heap::new();
    let row = heap
        .class("com.acme.Row")
        .app()
        .extends("java.util.HashMap")
        .done();
    let mut rows = Vec::new();
    for _ in 0..2_000 {
        let text = heap.string(&"x".repeat(KB));
        let plain = heap.hash_map(&[(text.into(), text.into())]);
        let map = heap.instance(row);
        let table = heap.instance_ref(plain, "table").expect("a table");
        heap.set(map, "table", table);
        rows.push(map);
    }
    let list = heap.array_list(&rows);
    in_static(&mut heap, "com.acme.Rows", "ALL", list);
    expect(
        &json(&heap),
        "static_field",
        "com.acme.Rows",
        "ALL",
        "com.acme.Row",
        2_000,
    );
}

#[test]
fn a_pool_belongs_to_the_field_that_holds_it_not_to_its_worker() {
    let mut heap = Heap::new();
    let tasks = payloads(&mut heap, "com.acme.Task", 2_000, KB);
    let queue = heap.array_list(&tasks);
    let pool = object(
        &mut heap,
        "java.util.concurrent.ForkJoinPool$WorkQueue",
        &[("array", queue.into())],
    );
    let object_class = heap.jdk("java.lang.Object");
    let queues = heap.object_array(object_class, &[pool]);
    let executor = object(
        &mut heap,
        "java.util.concurrent.ForkJoinPool",
        &[("queues", queues.into())],
    );
    let mailer = object(
        &mut heap,
        "com.acme.Mailer",
        &[("executor", executor.into())],
    );
    in_static(&mut heap, "com.acme.Main", "MAILER", mailer);
    let thread = heap.thread("ForkJoinPool-1-worker-1");
    let (own, jdk) = (
        heap.class_named("com.acme.Task").expect("declared"),
        heap.class_named("java.util.concurrent.ForkJoinPool")
            .expect("declared"),
    );
    heap.frame(thread, own, "run", None, 1);
    let scan = heap.frame(thread, jdk, "scan", None, 2);
    // The worker has all of it on its stack: only the referrers of the referrers lead to the field.
    heap.local(thread, scan, pool);
    heap.local(thread, scan, queues);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Mailer",
        "executor",
        "com.acme.Task",
        2_000,
    );
    assert_eq!(json["suspects"][0]["holder"]["via"], "com.acme.Main.MAILER");
}

#[test]
fn a_local_that_copies_a_field_is_told_by_the_field() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 2_000, KB);
    let list = heap.array_list(&orders);
    let job = object(&mut heap, "com.acme.Job", &[("pending", list.into())]);
    let thread = heap.thread("main");
    let class = heap.class_named("com.acme.Job").expect("declared");
    let frame = heap.frame(thread, class, "run", None, 1);
    heap.local(thread, frame, list);
    heap.local(thread, frame, job);
    expect(
        &json(&heap),
        "instance_field",
        "com.acme.Job",
        "pending",
        "com.acme.Order",
        2_000,
    );
}

#[test]
fn a_local_that_copies_a_static_field_of_the_jdks_is_told_by_that() {
    let mut heap = Heap::new();
    let beans = payloads(&mut heap, "com.acme.JobStatus", 2_000, KB);
    let list = heap.array_list(&beans);
    let server = object(
        &mut heap,
        "com.sun.jmx.mbeanserver.JmxMBeanServer",
        &[("repository", list.into())],
    );
    heap.class("java.lang.management.ManagementFactory")
        .static_field("platformMBeanServer", server)
        .done();
    let thread = heap.thread("main");
    let class = heap.class("com.acme.Main").app().done();
    let frame = heap.frame(thread, class, "main", None, 1);
    heap.local(thread, frame, server);
    let json = json(&heap);
    let (kind, class, field, ..) = told(&json);
    let owner = (kind.as_str(), class.as_str(), field.as_str());
    let factory = "java.lang.management.ManagementFactory";
    assert_eq!(owner, ("static_field", factory, "platformMBeanServer"));
}

#[test]
fn what_refers_back_to_its_holder_does_not_own_it() {
    let mut heap = Heap::new();
    let list = heap.array_list::<Obj>(&[]);
    let session = heap
        .class("com.acme.Session")
        .app()
        .fields("all:L body:L")
        .done();
    let mut sessions = Vec::new();
    for _ in 0..2_000 {
        let (object, body) = (heap.instance(session), heap.prim_array(Kind::Byte, KB));
        heap.set(object, "body", body).set(object, "all", list);
        sessions.push(object);
    }
    let full = heap.array_list(&sessions);
    let elements = heap.instance_ref(full, "elementData").expect("an array");
    heap.set(list, "elementData", elements)
        .set(list, "size", 2_000);
    let thread = heap.thread("import");
    let class = heap.class("com.acme.Import").app().done();
    let frame = heap.frame(thread, class, "run", None, 1);
    heap.local(thread, frame, list);
    expect(
        &json(&heap),
        "thread",
        "com.acme.Import",
        "-",
        "com.acme.Session",
        2_000,
    );
}

#[test]
fn a_thread_local_of_an_object_is_named_by_the_field_of_that_object() {
    let mut heap = Heap::new();
    let key = heap.new_object("java.lang.ThreadLocal");
    let codec = object(&mut heap, "com.acme.Codec", &[("scratch", key.into())]);
    in_static(&mut heap, "com.acme.Main", "CODEC", codec);
    let buffers = payloads(&mut heap, "com.acme.Buffer", 4, 500 * KB);
    for (i, &buffer) in buffers.iter().enumerate() {
        let thread = heap.thread(&format!("worker-{i}"));
        heap.set_thread_local(thread, key, buffer);
    }
    let json = json(&heap);
    expect(
        &json,
        "thread_local",
        "com.acme.Codec",
        "scratch",
        "com.acme.Buffer",
        4,
    );
    assert_eq!(json["suspects"][0]["holder"]["count"], 4);
}

#[test]
fn owners_of_the_same_objects_are_one_suspect() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 3_000, KB);
    let (first, second) = (heap.array_list(&orders), heap.linked_list(&orders));
    in_static(&mut heap, "com.acme.First", "LIST", first);
    in_static(&mut heap, "com.acme.Second", "LIST", second);
    let json = json(&heap);
    let (_, class, _, content, objects) = told(&json);
    assert_eq!((content.as_str(), objects), ("com.acme.Order", 3_000));
    let other = match class.as_str() {
        "com.acme.First" => "com.acme.Second.LIST",
        _ => "com.acme.First.LIST",
    };
    let suspects = json["suspects"].as_array().expect("suspects");
    assert_eq!(suspects.len(), 1, "{suspects:?}");
    let shared = suspects[0]["shared_with"].as_array().expect("owners");
    let row = shared.iter().find(|row| row["title"] == other);
    let alone = row.expect("the other owner")["retained_bytes"].as_u64();
    assert!(
        alone < Some(200_000),
        "the list without the orders: {shared:?}"
    );
}

#[test]
fn who_remembers_the_application_s_loader_does_not_own_what_it_opened() {
    let mut heap = Heap::new();
    let loader = heap.app_loader();
    in_static(&mut heap, "org.acme.LogFactory", "thisClassLoader", loader);
    // A GC root of its own, so that the path begins there; and an object and a thread that refer to the loader.
    let boot = heap.class("org.acme.Boot");
    boot.static_field("appLoader", loader).done();
    let plugins = object(&mut heap, "com.acme.Plugins", &[("parent", loader.into())]);
    in_static(&mut heap, "com.acme.Main", "PLUGINS", plugins);
    let jars = payloads(&mut heap, "java.util.zip.ZipFile$Source", 2_000, KB);
    let files = heap.array_list(&jars);
    let path = object(
        &mut heap,
        "jdk.internal.loader.URLClassPath",
        &[("path", files.into())],
    );
    heap.set(loader, "ucp", path);
    expect(
        &json(&heap),
        "class_loader",
        "jdk.internal.loader.ClassLoaders$AppClassLoader",
        "ucp",
        "java.util.zip.ZipFile$Source",
        2_000,
    );
}

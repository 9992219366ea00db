//! Components with threads, large fields and tables of their own: servers, engines, class loaders.

use serde_json::Value as Json;

use crate::holders_fields::pool;
use crate::holders_support::{KB, expect, in_static, json as report_of, object, payloads};
use crate::synth::{Heap, Kind, Value};

/// The library's own thread works below its server, which the application's field holds.
#[test]
fn what_a_library_s_thread_leads_to_belongs_to_the_field_that_holds_its_server() {
    let mut heap = Heap::new();
    let pool = pool(&mut heap);
    let sessions = object(
        &mut heap,
        "org.apache.lib.Sessions",
        &[("pool", pool.into())],
    );
    let server = object(
        &mut heap,
        "org.apache.lib.Server",
        &[("sessions", sessions.into())],
    );
    let worker = heap
        .class("org.apache.lib.Worker")
        .app()
        .extends("java.lang.Thread")
        .field("server", Kind::Object)
        .done();
    let thread = heap.thread_of(worker, "lib-worker-1");
    let thread = heap.thread_object(thread);
    heap.set(thread, "server", server);
    let web = object(&mut heap, "com.acme.Web", &[("server", server.into())]);
    let first = heap.array_list(&[web]);
    let second = heap.array_list(&[first]);
    in_static(&mut heap, "com.acme.Main", "ALL", second);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Web",
        "server",
        "com.acme.Buffer",
        80,
    );
    assert_eq!(
        json["suspects"][0]["holder"]["place"],
        "org.apache.lib.Pool.all"
    );
}

/// The library's store has its jobs in two maps. Both are inside of what the application's field holds.
#[test]
fn fields_of_a_library_s_object_share_nothing_with_the_one_that_holds_it() {
    let mut heap = Heap::new();
    let jobs = payloads(&mut heap, "com.acme.Reminder", 2_000, KB);
    let mut fields = Vec::new();
    for (field, twist) in [("byKey", 0), ("byGroup", 1)] {
        let entries = jobs.iter().enumerate();
        let entries: Vec<(Value, Value)> = entries
            .map(|(i, &job)| (heap.integer(2 * i as i32 + twist).into(), job.into()))
            .collect();
        fields.push((field, heap.hash_map(&entries).into()));
    }
    let store = object(&mut heap, "org.apache.lib.Store", &fields);
    let server = object(
        &mut heap,
        "org.apache.lib.Server",
        &[("store", store.into())],
    );
    let worker = heap.class("org.apache.lib.Worker").app();
    let worker = worker.extends("java.lang.Thread");
    let worker = worker.field("server", Kind::Object).done();
    let thread = heap.thread_of(worker, "lib-worker-1");
    let thread = heap.thread_object(thread);
    heap.set(thread, "server", server);
    let web = object(&mut heap, "com.acme.Web", &[("server", server.into())]);
    let first = heap.array_list(&[web]);
    let second = heap.array_list(&[first]);
    in_static(&mut heap, "com.acme.Main", "ALL", second);
    let json = report_of(&heap);
    let content = "com.acme.Reminder";
    expect(
        &json,
        "instance_field",
        "com.acme.Web",
        "server",
        content,
        2_000,
    );
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["shared_with"], serde_json::json!([]), "{suspect}");
    let title = json["verdict"]["headline"].as_str().unwrap_or_default();
    assert!(!title.contains("Store"), "{title}");
}

/// A library's thread calls an object of the application's, of which there are copies; its field leads to a table that the library has in
/// another place as well.
#[test]
fn what_an_object_with_copies_uses_in_a_library_s_thread_is_told_by_its_field() {
    let mut heap = Heap::new();
    let table = pool(&mut heap);
    let state = object(
        &mut heap,
        "org.apache.lib.State",
        &[("table", table.into())],
    );
    let task = object(&mut heap, "com.acme.Collect", &[("open", state.into())]);
    let class = heap.class_named("com.acme.Collect").expect("declared");
    let mut copies = Vec::new();
    for _ in 0..3 {
        let copy = heap.instance(class);
        copies.push(copy);
    }
    let copies = heap.array_list(&copies);
    let graph = object(
        &mut heap,
        "org.apache.lib.Graph",
        &[("nodes", copies.into())],
    );
    in_static(&mut heap, "com.acme.Main", "GRAPH", graph);
    let fields = [("userFunction", task.into()), ("tables", table.into())];
    let operator = object(&mut heap, "org.apache.lib.Operator", &fields);
    let thread = heap.thread("operator-1");
    let operator_class = heap.class_named("org.apache.lib.Operator");
    let operator_class = operator_class.expect("declared");
    heap.frame(thread, class, "processElement", None, 3);
    let frame = heap.frame(thread, operator_class, "processElement", None, 5);
    heap.local(thread, frame, operator);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Collect",
        "open",
        "com.acme.Buffer",
        80,
    );
}

/// The tables of the loader keep 150 small tables alive by the static fields of its classes; a field of one keeps much.
#[test]
fn the_tables_of_a_loader_do_not_hide_what_a_field_holds() {
    let mut heap = Heap::new();
    heap.app_loader();
    for i in 0..150 {
        let table = heap.prim_array(Kind::Byte, 100 * KB);
        in_static(&mut heap, &format!("com.acme.Table{i}"), "DATA", table);
    }
    let rows = payloads(&mut heap, "com.acme.Row", 5_000, KB);
    let rows = heap.array_list(&rows);
    in_static(&mut heap, "com.acme.Rows", "ALL", rows);
    let json = report_of(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.Rows",
        "ALL",
        "com.acme.Row",
        5_000,
    );
}

/// `n` objects of `com.acme.Part` with one array of `bytes` bytes each, behind another object where `around`.
fn one_array_each(n: usize, element: Kind, bytes: usize, around: bool) -> Json {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Part").app();
    let class = class.field("data", Kind::Object).done();
    let mut parts = Vec::new();
    for _ in 0..n {
        let mut held = match element {
            Kind::Double => heap.prim_array(element, bytes / 8),
            Kind::Int => heap.prim_array(element, bytes / 4),
            _ => heap.prim_array(element, bytes),
        };
        if around {
            let fields = [("internal", held.into())];
            held = object(&mut heap, "org.apache.lib.Series", &fields);
        }
        let part = heap.instance(class);
        heap.set(part, "data", held);
        parts.push(part);
    }
    let list = heap.array_list(&parts);
    in_static(&mut heap, "com.acme.Parts", "ALL", list);
    report_of(&heap)
}

/// Thirty objects with a long series each are not many: the series are long. Three hundred with a short one are many, and thirty with
/// bytes or plain integers are pictures.
#[test]
fn one_long_array_in_each_of_several_objects_is_held_by_their_field() {
    let holder = |json: &Json| json["suspects"][0]["holder"].clone();
    let json = one_array_each(30, Kind::Double, 100 * KB, false);
    let kind = "instance_field";
    expect(&json, kind, "com.acme.Part", "data", "double[]", 30);
    assert_eq!(holder(&json)["count"], 30);
    assert_eq!(holder(&json)["held_by"][0], "com.acme.Parts.ALL");
    let json = one_array_each(30, Kind::Double, 100 * KB, true);
    expect(&json, kind, "com.acme.Part", "data", "double[]", 30);
    let others = [
        (300, Kind::Double, 10 * KB),
        (60, Kind::Double, 100 * KB),
        (30, Kind::Double, 50 * KB),
        (30, Kind::Byte, 100 * KB),
        (30, Kind::Int, 100 * KB),
    ];
    for (n, element, bytes) in others {
        let json = one_array_each(n, element, bytes, false);
        assert_eq!(holder(&json)["field"], "ALL", "{n} {bytes}");
    }
}

/// An engine with four large fields, none of which keeps most of it.
#[test]
fn the_large_fields_of_one_large_object_are_told() {
    let mut heap = Heap::new();
    let names = ["log", "index", "pages", "journal"];
    let fields = names.map(|name| {
        let rows = payloads(&mut heap, &format!("com.acme.{name}.Row"), 90, 10 * KB);
        (name, Value::from(heap.array_list(&rows)))
    });
    let engine = object(&mut heap, "com.acme.Engine", &fields);
    in_static(&mut heap, "com.acme.Main", "ENGINE", engine);
    let json = report_of(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "ENGINE", "{suspect}");
    let inside = suspect["inside"].to_string();
    for name in names {
        let told = format!("com.acme.Engine.{name} (90 × com.acme.{name}.Row)");
        assert!(inside.contains(&told), "{told} in {suspect}");
    }
}

/// What splits into many is the list, neither its first node nor the largest of its elements.
#[test]
fn the_accumulation_point_is_the_collection() {
    let mut heap = Heap::new();
    let rows = payloads(&mut heap, "com.acme.Row", 3_000, KB);
    let list = heap.linked_list(&rows);
    in_static(&mut heap, "com.acme.Rows", "ALL", list);
    let json = report_of(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(
        suspect["accumulation_point"]["class"],
        "java.util.LinkedList"
    );
    let path = suspect["path"].as_array().expect("a path");
    assert_eq!(path.last().expect("steps")["class"], "java.util.LinkedList");
}

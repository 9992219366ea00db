//! Threads at work on what somebody else holds: iterators, copies, trees that are being built, tasks, what a thread waits for.

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Heap, Kind, Obj, ThreadHandle, Value};

const N: usize = 2_000;

/// A thread whose topmost frame is `com.acme.Export.run`.
fn exporter(heap: &mut Heap, name: &str) -> ThreadHandle {
    let class = heap
        .class_named("com.acme.Export")
        .unwrap_or_else(|| heap.class("com.acme.Export").app().done());
    let thread = heap.thread(name);
    heap.frame(thread, class, "run", Some("Export.java"), 7);
    thread
}

/// `com.acme.Main.REPO.items`, the field that holds `collection`.
fn repository(heap: &mut Heap, collection: Obj) {
    let repository = object(heap, "com.acme.Repo", &[("items", collection.into())]);
    in_static(heap, "com.acme.Main", "REPO", repository);
}

fn expect_repository(heap: &Heap, objects: u64) {
    let json = json(heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Repo",
        "items",
        "com.acme.Doc",
        objects,
    );
    // One suspect, whatever part of it was reached through the thread.
    assert!(json["suspects"][1].is_null(), "{}", json["suspects"][1]);
}

/// A thread at work in code of `class` is the owner.
fn expect_thread(heap: &Heap, class: &str) {
    let json = json(heap);
    let (kind, found, ..) = told(&json);
    let told = (kind.as_str(), found.as_str());
    assert_eq!(told, ("thread", class), "{}", json["suspects"]);
}

#[test]
fn who_iterates_over_a_map_does_not_own_it() {
    for threads in [1, 4] {
        let mut heap = Heap::new();
        let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
        let entries: Vec<(Value, Value)> =
            docs.iter().map(|&doc| (doc.into(), doc.into())).collect();
        let map = heap.hash_map(&entries);
        repository(&mut heap, map);
        for i in 0..threads {
            let thread = exporter(&mut heap, &format!("exporter-{i}"));
            let fields = [("this$0", map.into())];
            let iterator = object(&mut heap, "java.util.HashMap$ValueIterator", &fields);
            heap.local(thread, 0, iterator);
        }
        expect_repository(&heap, N as u64);
    }
}

#[test]
fn who_iterates_over_the_table_of_a_concurrent_map_does_not_own_it() {
    let mut heap = Heap::new();
    let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
    let entries: Vec<(Value, Value)> = docs.iter().map(|&doc| (doc.into(), doc.into())).collect();
    let map = heap.concurrent_hash_map(&entries);
    repository(&mut heap, map);
    let table = heap.instance_ref(map, "table").expect("a table");
    let thread = exporter(&mut heap, "exporter");
    let class = "java.util.concurrent.ConcurrentHashMap$EntryIterator";
    let iterator = object(&mut heap, class, &[("tab", table.into())]);
    heap.local(thread, 0, iterator);
    expect_repository(&heap, N as u64);
}

#[test]
fn who_has_a_copy_of_a_list_or_a_node_of_it_does_not_own_it() {
    for linked in [false, true] {
        let mut heap = Heap::new();
        let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
        let list = match linked {
            true => heap.linked_list(&docs),
            false => heap.array_list(&docs),
        };
        repository(&mut heap, list);
        let thread = exporter(&mut heap, "exporter");
        let local = match linked {
            true => {
                let first = heap.instance_ref(list, "first").expect("nodes");
                let next = heap.instance_ref(first, "next").expect("nodes");
                let fields = [("next", next.into())];
                object(&mut heap, "java.util.LinkedList$ListItr", &fields)
            }
            false => heap.array_list(&docs),
        };
        heap.local(thread, 0, local);
        let json = json(&heap);
        let (_, class, field, content, objects) = told(&json);
        assert_eq!(
            (class.as_str(), field.as_str(), content.as_str()),
            ("com.acme.Repo", "items", "com.acme.Doc"),
            "{linked} {}",
            json["suspects"]
        );
        assert!(objects >= N as u64 - 2, "{objects}");
    }
}

/// A thread that only works for itself stays the owner: nobody else refers to its list.
#[test]
fn a_list_that_only_a_local_variable_holds_is_the_threads() {
    let mut heap = Heap::new();
    let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
    let list = heap.array_list(&docs);
    let thread = exporter(&mut heap, "exporter");
    heap.local(thread, 0, list);
    expect_thread(&heap, "com.acme.Export");
}

/// A parser has the outer element in one frame and the inner one, which refers back to it, in another.
#[test]
fn the_parent_of_a_node_is_not_held_by_the_node() {
    // By which of both locals the outer one is reached is chance.
    for inner_first in [true, false] {
        expect_thread(&parser(inner_first), "com.acme.Export");
    }
}

fn parser(inner_first: bool) -> Heap {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Tag")
        .app()
        .fields("parent:L children:L text:L")
        .done();
    let (one, other) = (heap.instance(class), heap.instance(class));
    let (inner, outer) = match inner_first {
        true => (one, other),
        false => (other, one),
    };
    heap.set(inner, "parent", outer);
    let child = |heap: &mut Heap| {
        let (child, text) = (heap.instance(class), heap.prim_array(Kind::Char, KB));
        heap.set(child, "parent", outer).set(child, "text", text);
        child
    };
    let children: Vec<Obj> = (0..N).map(|_| child(&mut heap)).collect();
    let list = heap.array_list(&children);
    heap.set(outer, "children", list);
    let thread = exporter(&mut heap, "parser");
    let export = heap.class_named("com.acme.Export").expect("a class");
    heap.frame(thread, export, "element", None, 0);
    heap.local(thread, 0, inner);
    heap.local(thread, 1, outer);
    heap
}

/// The node of a semaphore's queue refers to the thread that waits there.
#[test]
fn what_a_thread_waits_for_does_not_hold_what_its_frames_do() {
    let mut heap = Heap::new();
    let thread = heap.thread("crawler");
    let park = heap.class("java.util.concurrent.locks.LockSupport").done();
    heap.frame(thread, park, "park", None, 0);
    let helper = heap.class("com.acme.Limit").app().done();
    let crawler = heap.class("com.acme.Crawler").app().done();
    heap.frame(thread, helper, "await", None, 0);
    for i in 2..N as u32 {
        heap.frame(thread, crawler, "visit", None, 0);
        let buffer = heap.prim_array(Kind::Byte, KB);
        heap.local(thread, i, buffer);
    }
    let waiting = heap.thread_object(thread);
    let node = object(
        &mut heap,
        "java.util.concurrent.locks.AbstractQueuedSynchronizer$SharedNode",
        &[("waiter", waiting.into())],
    );
    let semaphore = object(
        &mut heap,
        "java.util.concurrent.Semaphore",
        &[("head", node.into())],
    );
    in_static(&mut heap, "com.acme.Limit", "SEMAPHORE", semaphore);
    // The frames that have the memory, not the helper that waits on top of them.
    expect_thread(&heap, "com.acme.Crawler");
}

/// A thread with these frames from the top, classes and methods.
fn with_stack(heap: &mut Heap, frames: &[(&str, &str)]) -> ThreadHandle {
    let thread = heap.thread("worker");
    for (class, method) in frames {
        let class = heap
            .class_named(class)
            .unwrap_or_else(|| heap.class(class).done());
        heap.frame(thread, class, method, None, 0);
    }
    thread
}

/// A stream collects for the method that asked it to, not for the code that it calls for each element.
#[test]
fn what_code_of_the_jdk_collects_is_told_by_the_frame_that_called_it() {
    let sink = ("java.util.stream.ReduceOps$3ReducingSink", "accept");
    let evaluate = ("java.util.stream.AbstractPipeline", "evaluate");
    let frames = [
        ("com.acme.Doc", "<init>"),
        sink,
        ("com.acme.Export$$Lambda", "apply"),
        evaluate,
        ("com.acme.Export", "fetch"),
        ("com.acme.Export", "run"),
        ("java.lang.Thread", "run"),
    ];
    for with_it in [vec![1], vec![3], vec![1, 3]] {
        let mut heap = Heap::new();
        let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
        let thread = with_stack(&mut heap, &frames);
        let list = heap.array_list(&docs);
        let fields = [("state", list.into())];
        let state = object(&mut heap, "java.util.stream.Sink", &fields);
        for &frame in &with_it {
            heap.local(thread, frame, state);
        }
        // What its own code has of it is little beside that.
        let item = heap.prim_array(Kind::Byte, 10 * KB);
        heap.local(thread, 0, item);
        let json = json(&heap);
        let frame = json["suspects"][0]["holder"]["frame"].as_str();
        let expected = "com.acme.Export.fetch";
        assert!(
            frame.is_some_and(|frame| frame.starts_with(expected)),
            "{with_it:?} {json}"
        );
    }
}

/// An executor keeps a task for the code of the task, not for that which started the executor's thread.
#[test]
fn what_an_executor_runs_is_told_by_the_frame_of_the_task() {
    let mut heap = Heap::new();
    let docs = payloads(&mut heap, "com.acme.Doc", N, KB);
    let frames = [
        ("com.acme.Doc", "<init>"),
        ("com.acme.Export", "run"),
        ("java.util.concurrent.ThreadPoolExecutor", "runWorker"),
        ("java.lang.Thread", "run"),
        ("com.acme.Starter", "run"),
    ];
    let thread = with_stack(&mut heap, &frames);
    let list = heap.array_list(&docs);
    heap.local(thread, 2, list);
    expect_thread(&heap, "com.acme.Export");
}

/// By which of its two references a thread's task is reached, the local variable or the thread's field, is chance.
#[test]
fn threads_with_the_same_work_are_one_suspect_however_it_is_reached() {
    let mut heap = Heap::new();
    let handler = heap
        .class("com.acme.Handler")
        .app()
        .field("buffer", Kind::Object)
        .done();
    for i in 0..40 {
        let thread = heap.thread(&format!("connection-{i}"));
        let work = heap.instance(handler);
        let buffer = heap.prim_array(Kind::Byte, 100 * KB);
        heap.set(work, "buffer", buffer);
        let object = heap.thread_object(thread);
        heap.set(object, "target", work);
        heap.frame(thread, handler, "run", None, 0);
        if i % 2 == 0 {
            heap.local(thread, 0, work);
        }
    }
    let json = json(&heap);
    expect(
        &json,
        "thread",
        "com.acme.Handler",
        "buffer",
        "com.acme.Handler",
        40,
    );
    assert_eq!(json["suspects"][0]["holder"]["count"], 40);
    assert!(json["suspects"][1].is_null(), "{}", json["suspects"][1]);
}

/// Many threads, each with work of its own in its frames, and a map of the futures that they wait for.
#[test]
fn what_many_threads_wait_for_does_not_hold_their_work() {
    let mut heap = Heap::new();
    let mut futures: Vec<Value> = Vec::new();
    for i in 0..40 {
        let thread = exporter(&mut heap, &format!("rpc-{i}"));
        for _ in 0..2 {
            let docs = payloads(&mut heap, "com.acme.Doc", 50, KB);
            let list = heap.array_list(&docs);
            heap.local(thread, 0, list);
        }
        let waiting = heap.thread_object(thread);
        let fields = [("thread", waiting.into())];
        let signaller = "java.util.concurrent.CompletableFuture$Signaller";
        futures.push(object(&mut heap, signaller, &fields).into());
    }
    let waiting = heap.hash_set(&futures);
    in_static(&mut heap, "com.acme.Export", "WAITING", waiting);
    expect_thread(&heap, "com.acme.Export");
}

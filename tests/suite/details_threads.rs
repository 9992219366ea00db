//! Threads, ThreadLocals, virtual threads, the thread that ran out of memory, the finalizer thread.

use serde_json::Value;

use crate::support::{golden, report, temporary};
use crate::synth::{Heap, Kind, Strength};

fn rows<'j>(json: &'j Value, field: &str, value: &str) -> Vec<&'j Value> {
    let rows = json["threads"].as_array().expect("threads");
    rows.iter().filter(|row| row[field] == value).collect()
}

#[test]
fn a_thread_tells_state_local_and_thread_locals() {
    let mut heap = Heap::new();
    let job = heap.class("com.acme.Job").app().done();
    let key = heap.new_object("java.lang.ThreadLocal");
    heap.class("com.acme.Render")
        .app()
        .static_field("BUFFER", key)
        .done();
    let thread = heap.thread("render-12");
    let object = heap.thread_object(thread);
    let loader = heap.app_loader();
    heap.set(object, "threadStatus", 0x4 | 0x1)
        .set(object, "daemon", true)
        .set(object, "contextClassLoader", loader);
    let (buffer, lost) = (heap.bytes(&[1; 5_000]), heap.bytes(&[2; 3_000]));
    heap.set_thread_local(thread, key, buffer);
    let gone = heap.new_object("java.lang.ThreadLocal");
    heap.set_thread_local(thread, gone, lost);
    heap.omit(gone);
    let (small, large) = (heap.bytes(&[1; 100]), heap.bytes(&[1; 900]));
    // Larger than both, but somebody else holds it too: not this thread's.
    let shared = heap.bytes(&[3; 9_000]);
    heap.class("com.acme.Shared")
        .app()
        .static_field("DATA", shared)
        .done();
    let top = heap.frame(thread, job, "step", Some("Job.java"), 7);
    let below = heap.frame(thread, job, "run", Some("Job.java"), 42);
    heap.local(thread, top, small);
    heap.local(thread, below, large);
    heap.local(thread, below, shared);
    let (large_bytes, buffer_bytes) = (heap.shallow_size(large), heap.shallow_size(buffer));
    let written = heap.write();
    let json = report(&temporary(".hprof", &written.bytes));
    let found = rows(&json, "name", "render-*");
    assert_eq!(found.len(), 1, "{}", json["threads"]);
    let row = found[0];
    assert_eq!(row["kind"], "platform");
    assert_eq!(row["state"], "RUNNABLE");
    assert_eq!(row["daemon"], true);
    assert_eq!(row["context_class_loader"], "app");
    assert_eq!(row["object_id"], format!("{:#x}", written.address(object)));
    assert_eq!(row["biggest_local"]["retained_bytes"], large_bytes);
    assert_eq!(row["biggest_local"]["class"], "byte[]");
    assert_eq!(
        row["biggest_local"]["frame"],
        "com.acme.Job.run(Job.java:42)"
    );
    assert_eq!(row["thread_locals"]["entries"], 2);
    assert_eq!(row["thread_locals"]["stale"], 1);
    assert_eq!(row["threw_out_of_memory"], false);
    let fields = json["thread_locals"].as_array().expect("fields");
    let declared = fields
        .iter()
        .find(|row| row["field"] == "com.acme.Render.BUFFER")
        .expect("the declaring field");
    assert_eq!(declared["threads"], 1);
    assert_eq!(declared["value_class"], "byte[]");
    assert!(declared["retained_bytes"].as_u64() > Some(buffer_bytes));
    let stale = fields.iter().find(|row| row["stale"] == 1);
    assert_eq!(
        stale.expect("a stale entry")["field"],
        "(key was collected)"
    );
}

#[test]
fn virtual_threads_are_one_row_for_each_stack() {
    let mut heap = Heap::new();
    let object = heap.jdk("java.lang.Thread");
    let base = heap
        .class("java.lang.BaseVirtualThread")
        .superclass(object)
        .done();
    let class = heap
        .class("java.lang.VirtualThread")
        .superclass(base)
        .fields("state:I runContinuation:L")
        .static_field("PARKED", 5i32)
        .static_field("TERMINATED", 99i32)
        .done();
    let session = heap.class("com.acme.Session").app().done();
    let mut retained = 0;
    for i in 0..300 {
        let thread = heap.thread_of(class, &format!("session-{i}"));
        let object = heap.thread_object(thread);
        heap.set(object, "state", if i < 290 { 5i32 } else { 99 });
        let line = if i < 250 { 10 } else { 20 };
        let frame = heap.frame(thread, session, "await", Some("Session.java"), line);
        let inbox = heap.bytes(&[1; 1_000]);
        heap.local(thread, frame, inbox);
        if i < 250 {
            retained += heap.shallow_size(inbox);
        }
    }
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let found = rows(&json, "kind", "virtual");
    assert_eq!(found.len(), 2, "two stacks: {found:?}");
    assert_eq!(found[0]["count"], 250);
    assert_eq!(found[0]["state"], "WAITING");
    assert_eq!(
        found[0]["frames"][0],
        "com.acme.Session.await(Session.java:10)"
    );
    assert!(found[0]["retained_bytes"].as_u64() > Some(retained));
    assert_eq!(found[1]["count"], 40, "those that ended are not counted");
    assert!(rows(&json, "kind", "platform").is_empty());
}

#[test]
fn the_finalizer_thread_tells_where_it_hangs() {
    for hangs in [true, false] {
        let mut heap = Heap::new();
        let class = heap
            .class("java.lang.ref.Finalizer$FinalizerThread")
            .extends("java.lang.Thread")
            .done();
        let queue_class = heap
            .class("java.lang.ref.ReferenceQueue")
            .fields("head:L queueLength:J")
            .done();
        let queue = heap.instance(queue_class);
        let own = heap.class("com.acme.Slow").app().done();
        for _ in 0..3 {
            let object = heap.instance(own);
            heap.finalizable(object);
        }
        let finalizer = heap.jdk("java.lang.ref.Finalizer");
        heap.add_static(finalizer, "queue", queue);
        heap.set(queue, "queueLength", 2i64);
        let thread = heap.thread_of(class, "Finalizer");
        let jdk = heap.jdk("java.lang.Object");
        if hangs {
            heap.frame(thread, jdk, "wait", Some("Object.java"), -3);
            heap.frame(thread, own, "finalize", Some("Slow.java"), 5);
            heap.frame(
                thread,
                finalizer,
                "runFinalizer",
                Some("Finalizer.java"),
                87,
            );
        } else {
            heap.frame(thread, jdk, "wait", Some("Object.java"), -3);
            heap.frame(
                thread,
                queue_class,
                "remove",
                Some("ReferenceQueue.java"),
                1,
            );
        }
        let json = report(&temporary(".hprof", &heap.write().bytes));
        let references = &json["references"];
        assert_eq!(references["finalizer_queue"], 2);
        let expected = if hangs {
            Value::from("com.acme.Slow.finalize(Slow.java:5)")
        } else {
            Value::Null
        };
        assert_eq!(references["finalizer_blocked_in"], expected);
        assert_eq!(references["kinds"][2]["kind"], "final");
        assert_eq!(references["kinds"][2]["references"], 3);
    }
}

#[test]
fn the_thread_that_ran_out_of_memory_comes_first() {
    let json = report(&golden("out-of-memory"));
    let first = &json["threads"][0];
    assert_eq!(first["threw_out_of_memory"], true, "{first}");
    assert_eq!(first["name"], "order-import");
    let frames = first["frames"].as_array().expect("frames");
    assert_eq!(
        frames
            .iter()
            .filter(|frame| frame.to_string().contains("com.acme.orders.OutOfMemory"))
            .count(),
        frames.len()
            - frames
                .iter()
                .filter(|frame| frame.to_string().contains("java."))
                .count(),
    );
    let marked = json["threads"].as_array().expect("threads").iter();
    assert_eq!(
        marked
            .filter(|row| row["threw_out_of_memory"] == true)
            .count(),
        1
    );
}

#[test]
fn the_pool_s_buffers_are_told_by_their_field() {
    let json = report(&golden("thread-locals"));
    let field = &json["thread_locals"][0];
    assert_eq!(field["field"], "com.acme.render.ThreadLocals.BUFFER");
    assert_eq!((&field["threads"], &field["stale"]), (&8.into(), &0.into()));
    assert!(field["retained_bytes"].as_u64() >= Some(8 * 200 * 1024));
    let collector = rows(&json, "name", "job-collector");
    assert_eq!(
        collector[0]["biggest_local"]["class"],
        "java.util.ArrayList"
    );
}

#[test]
fn parked_virtual_threads_are_counted() {
    for (name, with_stack) in [
        ("virtual-threads-jdk21", false),
        ("virtual-threads-jdk25", true),
    ] {
        let json = report(&golden(name));
        let rows = rows(&json, "kind", "virtual");
        let largest = rows.iter().max_by_key(|row| row["count"].as_u64());
        let largest = largest.expect("a group");
        assert_eq!(largest["count"], 40, "{name}: {rows:?}");
        assert_eq!(largest["state"], "WAITING", "{name}");
        let frames = largest["frames"].as_array().expect("frames");
        assert_eq!(!frames.is_empty(), with_stack, "{name}");
    }
}

#[test]
fn a_thread_local_that_its_own_value_keeps_is_told() {
    let mut heap = Heap::new();
    let holder = heap
        .class("com.acme.Holder")
        .app()
        .field("local", Kind::Object)
        .done();
    let thread = heap.thread("worker");
    let (kept, free) = (
        heap.new_object("java.lang.ThreadLocal"),
        heap.new_object("java.lang.ThreadLocal"),
    );
    let value = heap.instance(holder);
    heap.set(value, "local", kept);
    heap.set_thread_local(thread, kept, value);
    let other = heap.instance(holder);
    heap.set_thread_local(thread, free, other);
    // What the program itself still needs is no leak, even if its value refers to it.
    let used = heap.new_object("java.lang.ThreadLocal");
    heap.class("com.acme.Used")
        .app()
        .static_field("LOCAL", used)
        .done();
    let third = heap.instance(holder);
    heap.set(third, "local", used);
    heap.set_thread_local(thread, used, third);
    let weak = heap.reference(Strength::Weak, free);
    heap.class("com.acme.Weak")
        .app()
        .static_field("REF", weak)
        .done();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let told = json["references"]["self_referencing"]
        .as_array()
        .expect("rows");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["class"], "java.lang.ThreadLocal");
    assert_eq!(told[0]["count"], 1);
}

#[test]
fn a_thread_without_a_name_is_told_by_its_code_not_by_its_own_field() {
    let mut heap = Heap::new();
    let class = heap
        .class("java.lang.VirtualThread")
        .extends("java.lang.Thread")
        .field("cont", Kind::Object)
        .done();
    let thread = heap.thread_of(class, "");
    let reader = heap.class("com.acme.Reader").app().done();
    heap.frame(thread, reader, "read", Some("Reader.java"), 7);
    let body = heap.prim_array(Kind::Byte, 4 << 20);
    let stack = heap.array_list(&[body]);
    let thread = heap.thread_object(thread);
    heap.set(thread, "cont", stack);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(holder["kind"], "thread", "{holder}");
    assert_eq!(holder["field"], Value::Null, "{holder}");
    assert_eq!(holder["frame"], "com.acme.Reader.read(Reader.java:7)");
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(
        reasons.contains("`thread in com.acme.Reader.read(Reader.java:7)`"),
        "{reasons}"
    );
}

/// A method of the JDK that was given the object is not what the developer looks for.
#[test]
fn a_local_is_told_with_the_application_s_frame_that_has_it() {
    let mut heap = Heap::new();
    let locks = heap.class("java.util.concurrent.locks.LockSupport").done();
    let worker = heap.class("com.acme.Worker").app().done();
    let thread = heap.thread("worker-1");
    let top = heap.frame(thread, locks, "park", Some("LockSupport.java"), 211);
    let between = heap.frame(thread, worker, "await", Some("Worker.java"), 5);
    let below = heap.frame(thread, worker, "run", Some("Worker.java"), 9);
    let (batch, other) = (heap.prim_array(Kind::Byte, 4 << 20), heap.bytes(&[1]));
    heap.local(thread, top, batch);
    heap.local(thread, between, other);
    heap.local(thread, below, batch);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let row = rows(&json, "name", "worker-*")[0];
    let frame = "com.acme.Worker.run(Worker.java:9)";
    assert_eq!(row["biggest_local"]["frame"], frame, "{row}");
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(holder["frame"], frame, "{holder}");
}

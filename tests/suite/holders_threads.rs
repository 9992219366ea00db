//! Owners that are threads: values of Netty's thread-locals, and threads of the JVM that only happen to be at work.

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads};
use crate::synth::{Heap, Kind, Obj, Value};

const NETTY: &str = "io.netty.util.concurrent.FastThreadLocal";
const NETTY_MAP: &str = "io.netty.util.internal.InternalThreadLocalMap";

/// A key with this number.
fn key(heap: &mut Heap, class: &str, index: i32) -> Obj {
    let class = heap
        .class_named(class)
        .unwrap_or_else(|| heap.class(class).field("index", Kind::Int).done());
    let key = heap.instance(class);
    heap.set(key, "index", index);
    key
}

/// The map of one thread: the set of `keys` in its first slot, `values` by number.
fn netty_map(heap: &mut Heap, map: &str, keys: &[Obj], values: &[(usize, Obj)]) -> Obj {
    let yes = heap.new_object("java.lang.Object");
    let table: Vec<Value> = keys.iter().flat_map(|&k| [k.into(), yes.into()]).collect();
    let class = heap.jdk("java.lang.Object");
    let table = heap.object_array(class, &table);
    let identity = object(
        heap,
        "java.util.IdentityHashMap",
        &[("table", table.into())],
    );
    let set = object(
        heap,
        "java.util.Collections$SetFromMap",
        &[("m", identity.into())],
    );
    let mut slots = vec![Value::Null; 32];
    slots[0] = set.into();
    for &(slot, value) in values {
        slots[slot] = value.into();
    }
    let slots = heap.object_array(class, &slots);
    object(heap, map, &[("indexedVariables", slots.into())])
}

/// Threads of Netty's with a list of orders each in slot 7, and something small in slot 5.
fn netty_heap(threads: usize, plain: bool, key_class: &str, map_class: &str) -> Json {
    let mut heap = Heap::new();
    let orders = key(&mut heap, key_class, 7);
    let other = key(&mut heap, key_class, 5);
    in_static(&mut heap, "com.acme.Other", "OTHER", other);
    in_static(&mut heap, "com.acme.Orders", "PER_THREAD", orders);
    let slow = heap.new_object("java.lang.ThreadLocal");
    in_static(&mut heap, "io.netty.util.internal.Unpadded", "slow", slow);
    let base = heap.jdk("java.lang.Thread");
    let class = heap
        .class("io.netty.util.concurrent.FastThreadLocalThread")
        .superclass(base)
        .field("threadLocalMap", Kind::Object)
        .done();
    for i in 0..threads {
        let held = payloads(&mut heap, "com.acme.Order", 2_000, KB);
        let (list, small) = (heap.array_list(&held), heap.new_object("java.lang.Object"));
        let map = netty_map(
            &mut heap,
            map_class,
            &[other, orders],
            &[(7, list), (5, small)],
        );
        let name = format!("worker-{i}");
        if plain {
            let thread = heap.thread(&name);
            heap.set_thread_local(thread, slow, map);
        } else {
            let thread = heap.thread_of(class, &name);
            let object = heap.thread_object(thread);
            heap.set(object, "threadLocalMap", map);
        }
    }
    json(&heap)
}

#[test]
fn a_netty_thread_local_is_named_by_the_field_that_declares_it() {
    let shaded = "io.grpc.netty.shaded.";
    for (threads, plain, prefix) in [(1, false, ""), (4, false, shaded), (3, true, "")] {
        let (key, map) = (format!("{prefix}{NETTY}"), format!("{prefix}{NETTY_MAP}"));
        let json = netty_heap(threads, plain, &key, &map);
        let objects = 2_000 * threads as u64;
        let (class, field) = ("com.acme.Orders", "PER_THREAD");
        expect(
            &json,
            "thread_local",
            class,
            field,
            "com.acme.Order",
            objects,
        );
        assert_eq!(json["suspects"][0]["holder"]["count"], threads);
        // Both of Netty's slots are thread-locals like others: in the threads' table, by field, and as what a pool keeps.
        let table = json["threads"].as_array().expect("threads").iter();
        let entries = table.filter_map(|row| row["thread_locals"]["entries"].as_u64());
        assert_eq!(entries.sum::<u64>(), 2 * threads as u64, "{plain}");
        let fields = json["thread_locals"].as_array().expect("fields");
        let names: Vec<&str> = fields
            .iter()
            .filter_map(|row| row["field"].as_str())
            .collect();
        assert_eq!(
            names,
            ["com.acme.Orders.PER_THREAD", "com.acme.Other.OTHER"]
        );
        assert_eq!(fields[0]["threads"], threads);
        assert_eq!(fields[0]["value_class"], "java.util.ArrayList");
        assert_eq!(
            json["suspects"][0]["pattern"]["id"], "thread_local_in_pool",
            "{}",
            json["suspects"][0]
        );
    }
}

#[test]
fn slots_without_a_known_key_are_told_by_the_class_of_the_keys() {
    // The name alone makes nothing a key of Netty's.
    let json = netty_heap(2, false, "com.acme.NotNetty", NETTY_MAP);
    expect(&json, "thread_local", NETTY, "-", "com.acme.Order", 4_000);
}

/// The finalizer thread in a method of `class`, with these local variables.
fn finalizing(heap: &mut Heap, class: &str, locals: &[Obj]) {
    let base = heap.jdk("java.lang.Thread");
    let finalizer = heap
        .class("java.lang.ref.Finalizer$FinalizerThread")
        .superclass(base)
        .done();
    let thread = heap.thread_of(finalizer, "Finalizer");
    let own = heap.class_named(class).expect("declared");
    let frame = heap.frame(thread, own, "finalize", None, 1);
    for &local in locals {
        heap.local(thread, frame, local);
    }
}

#[test]
fn the_finalizer_thread_that_is_at_work_on_something_does_not_own_it() {
    let mut heap = Heap::new();
    let statements = payloads(&mut heap, "com.acme.Statement", 2_000, KB);
    let list = heap.array_list(&statements);
    let pool = object(&mut heap, "com.acme.Pool", &[("all", list.into())]);
    // The way from its static field is longer than that from the thread's stack.
    let app = object(&mut heap, "com.acme.App", &[("pool", pool.into())]);
    in_static(&mut heap, "com.acme.Main", "APP", app);
    finalizing(&mut heap, "com.acme.Pool", &[pool, list]);
    let json = json(&heap);
    let (class, field) = ("com.acme.Pool", "all");
    expect(
        &json,
        "instance_field",
        class,
        field,
        "com.acme.Statement",
        2_000,
    );
    let suspect = &json["suspects"][0];
    assert_ne!(suspect["holder"]["via"], "thread \"Finalizer\"");
    assert_eq!(suspect["shared_with"], serde_json::json!([]), "{suspect}");
}

#[test]
fn code_that_the_finalizer_thread_runs_does_not_own_what_a_static_field_holds() {
    let mut heap = Heap::new();
    let statements = payloads(&mut heap, "com.acme.Statement", 2_000, KB);
    let list = heap.array_list(&statements);
    let all = heap.array_list(&[list]);
    in_static(&mut heap, "com.acme.Main", "LISTS", all);
    finalizing(&mut heap, "com.acme.Statement", &[list]);
    let json = json(&heap);
    let (class, field) = ("com.acme.Main", "LISTS");
    expect(
        &json,
        "static_field",
        class,
        field,
        "com.acme.Statement",
        2_000,
    );
    assert_eq!(json["suspects"][0]["shared_with"], serde_json::json!([]));
}

/// Nameless threads with a request each, which the set `com.acme.Server.running` has if `in_set`, while all wait for one lock of another
/// field, whose queue refers to them as well.
fn nameless(name: &str, in_set: bool) -> Json {
    let mut heap = Heap::new();
    let base = heap.jdk("java.lang.Thread");
    let class = heap
        .class("java.lang.VirtualThread")
        .superclass(base)
        .done();
    let serve = heap.class("com.acme.Request").app().done();
    let requests = payloads(&mut heap, "com.acme.Request$Body", 300, 10 * KB);
    let (mut threads, mut waiter) = (Vec::new(), Value::Null);
    for request in requests {
        let thread = heap.thread_of(class, name);
        let frame = heap.frame(thread, serve, "serve", None, 7);
        heap.local(thread, frame, request);
        let thread = heap.thread_object(thread);
        threads.push(Value::from(thread));
        let node = "java.util.concurrent.locks.AbstractQueuedSynchronizer$Node";
        let fields = [("waiter", thread.into()), ("next", waiter)];
        waiter = object(&mut heap, node, &fields).into();
    }
    let lock = object(&mut heap, "com.acme.Gate", &[("lock", waiter)]);
    in_static(&mut heap, "com.acme.Main", "GATE", lock);
    let elements = if in_set { &threads[..] } else { &threads[..1] };
    let set = heap.hash_set(elements);
    let server = object(&mut heap, "com.acme.Server", &[("running", set.into())]);
    in_static(&mut heap, "com.acme.Main", "SERVER", server);
    json(&heap)
}

#[test]
fn threads_without_a_name_are_told_by_the_field_that_has_them_all() {
    let json = nameless("", true);
    let (class, field) = ("com.acme.Server", "running");
    let content = "com.acme.Request$Body";
    expect(&json, "instance_field", class, field, content, 300);
    let inside = json["suspects"][0]["inside"].to_string();
    assert!(inside.contains("com.acme.Request.serve"), "{inside}");
}

#[test]
fn threads_with_a_name_or_in_no_field_are_told_by_their_code() {
    for (name, in_set) in [("worker-1", true), ("", false)] {
        let json = nameless(name, in_set);
        let suspect = &json["suspects"][0];
        assert_eq!(suspect["holder"]["kind"], "thread", "{name} {suspect}");
    }
}

/// Each thread refers to the executor that has them all, so the shortest way to that begins at a thread.
#[test]
fn threads_of_an_executor_are_told_by_the_field_that_holds_it() {
    for of_class in [false, true] {
        let mut heap = Heap::new();
        let base = heap.jdk("java.lang.Thread");
        let class = heap.class("java.lang.VirtualThread").superclass(base);
        let class = class.field("container", Kind::Object).done();
        let executor = heap.class("java.util.concurrent.ThreadPerTaskExecutor");
        let executor = executor.field("threads", Kind::Object).done();
        let executor = heap.instance(executor);
        let mut threads = Vec::new();
        for _ in 0..300 {
            let thread = heap.thread_of(class, "");
            let frame = heap.frame(thread, class, "run", None, 7);
            let body = heap.prim_array(Kind::Byte, 10 * KB);
            heap.local(thread, frame, body);
            let thread = heap.thread_object(thread);
            heap.set(thread, "container", executor);
            threads.push(Value::from(thread));
        }
        let set = heap.hash_set(&threads);
        heap.set(executor, "threads", set);
        let (kind, field) = match of_class {
            true => {
                in_static(&mut heap, "com.acme.Gateway", "EXEC", executor);
                ("static_field", "EXEC")
            }
            false => {
                let gateway = object(&mut heap, "com.acme.Gateway", &[("exec", executor.into())]);
                let all = heap.array_list(&[gateway]);
                in_static(&mut heap, "com.acme.Main", "ALL", all);
                ("instance_field", "exec")
            }
        };
        let json = json(&heap);
        let content = "java.lang.VirtualThread";
        expect(&json, kind, "com.acme.Gateway", field, content, 300);
    }
}

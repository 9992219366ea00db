//! What a collection holds for each entry: sets, wrappers and components of the JDK's; nothing but its own table; many nodes.

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads};
use crate::support::{run, temporary};
use crate::synth::{Heap, Kind, Obj, Value};

const N: usize = 2_000;

/// `n` objects of a class of the JDK's with one reference each.
fn wrapped(heap: &mut Heap, class: &str, field: &str, inner: &[Obj]) -> Vec<Obj> {
    let class = heap.class(class).fields(&format!("{field}:L")).done();
    let wrap = |&inner: &Obj| {
        let object = heap.instance(class);
        heap.set(object, field, inner);
        object
    };
    inner.iter().map(wrap).collect()
}

/// The first suspect holds `objects` of `class`, and they are nearly all that it keeps.
fn expect_all(heap: &Heap, class: &str, objects: u64) {
    let json = json(heap);
    let suspect = &json["suspects"][0];
    let content = &suspect["content"];
    assert_eq!(content["class"], class, "{suspect}");
    assert_eq!(content["objects"], objects, "{suspect}");
    let bytes = |value: &Json| value["retained_bytes"].as_u64().unwrap_or(0);
    assert!(bytes(content) * 10 >= bytes(suspect) * 9, "{suspect}");
}

/// Numbers that all share, so that whoever has them keeps nothing but itself.
fn shared(heap: &mut Heap, n: usize) -> Vec<Value> {
    let numbers: Vec<Obj> = (0..n).map(|i| heap.integer(i as i32)).collect();
    let all = heap.array_list(&numbers);
    in_static(heap, "com.acme.Numbers", "ALL", all);
    numbers.into_iter().map(Value::from).collect()
}

#[test]
fn sets_of_what_is_shared_are_what_a_map_of_them_holds() {
    let mut heap = Heap::new();
    let numbers = shared(&mut heap, N);
    let set = |heap: &mut Heap, i: usize| {
        let set = heap.hash_set(&numbers[i % 1_000..][..30]);
        (numbers[i], Value::from(set))
    };
    let pairs: Vec<(Value, Value)> = (0..N).map(|i| set(&mut heap, i)).collect();
    let map = heap.hash_map(&pairs);
    in_static(&mut heap, "com.acme.Rights", "BY_USER", map);
    expect_all(&heap, "java.util.HashSet", N as u64);
}

#[test]
fn wrappers_around_collections_are_what_a_list_of_them_holds() {
    let mut heap = Heap::new();
    let numbers = shared(&mut heap, N);
    let list = |heap: &mut Heap, i: usize| heap.array_list(&numbers[i % 1_000..][..300]);
    let lists: Vec<Obj> = (0..N).map(|i| list(&mut heap, i)).collect();
    let view = "java.util.Collections$SynchronizedList";
    let views = wrapped(&mut heap, view, "c", &lists);
    let all = heap.array_list(&views);
    in_static(&mut heap, "com.acme.Rights", "ALL", all);
    expect_all(&heap, view, N as u64);
}

#[test]
fn a_component_of_the_jdk_is_told_not_what_it_is_made_of() {
    let mut heap = Heap::new();
    let arrays: Vec<Obj> = (0..N).map(|_| heap.bytes(&[0; KB])).collect();
    let buffers = wrapped(&mut heap, "java.nio.HeapCharBuffer", "hb", &arrays);
    let scanners = wrapped(&mut heap, "java.util.Scanner", "buf", &buffers);
    let all = heap.array_list(&scanners);
    in_static(&mut heap, "com.acme.Open", "ALL", all);
    expect_all(&heap, "java.util.Scanner", N as u64);
}

/// Strings in wrappers, or in lists of one, stay what is held; so do many in each.
#[test]
fn values_in_wrappers_are_what_is_held() {
    for (class, each) in [("", 1), ("", 20), ("java.util.Optional", 1)] {
        let mut heap = Heap::new();
        let element = |heap: &mut Heap| {
            let text = |heap: &mut Heap| heap.string(&"x".repeat(KB / each));
            let texts: Vec<Obj> = (0..each).map(|_| text(heap)).collect();
            match class {
                "" => heap.array_list(&texts),
                _ => texts[0],
            }
        };
        let mut elements: Vec<Obj> = (0..N).map(|_| element(&mut heap)).collect();
        if !class.is_empty() {
            elements = wrapped(&mut heap, class, "value", &elements);
        }
        let all = heap.array_list(&elements);
        in_static(&mut heap, "com.acme.Names", "ALL", all);
        let objects = (N * each) as u64;
        let json = json(&heap);
        expect(
            &json,
            "static_field",
            "com.acme.Names",
            "ALL",
            "java.lang.String",
            objects,
        );
    }
}

#[test]
fn locks_that_keep_more_than_their_keys_are_what_is_held() {
    let mut heap = Heap::new();
    let sync = "java.util.concurrent.locks.ReentrantReadWriteLock$FairSync";
    let sync = heap.class(sync).fields("a:J b:J c:J d:J e:J").done();
    let syncs: Vec<Obj> = (0..20 * N).map(|_| heap.instance(sync)).collect();
    let lock = "java.util.concurrent.locks.ReentrantReadWriteLock";
    let locks = wrapped(&mut heap, lock, "sync", &syncs);
    let pair = |heap: &mut Heap, (i, &lock): (usize, &Obj)| {
        (Value::from(heap.string(&i.to_string())), Value::from(lock))
    };
    let numbered = locks.iter().enumerate();
    let pairs: Vec<_> = numbered.map(|lock| pair(&mut heap, lock)).collect();
    let map = heap.concurrent_hash_map(&pairs);
    in_static(&mut heap, "com.acme.Locks", "BY_NAME", map);
    let json = json(&heap);
    let content = &json["suspects"][0]["content"];
    assert_eq!(content["class"], lock, "{content}");
    assert_eq!(content["objects"], 20 * N as u64, "{content}");
}

/// Small locks under names of `length` letters, which weigh more.
fn locks_by_name(length: usize) -> Json {
    let mut heap = Heap::new();
    let lock = "java.util.concurrent.locks.ReentrantLock";
    let class = heap.class(lock).fields("a:J b:J c:J d:J e:J").done();
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    for i in 0..20 * N {
        let name = heap.string(&format!("{i:0length$}"));
        pairs.push((name.into(), heap.instance(class).into()));
    }
    let map = heap.concurrent_hash_map(&pairs);
    in_static(&mut heap, "com.acme.Locks", "BY_NAME", map);
    json(&heap)["suspects"][0]["content"].clone()
}

#[test]
fn values_that_weigh_little_less_than_their_keys_are_what_is_held() {
    let content = locks_by_name(20);
    let lock = "java.util.concurrent.locks.ReentrantLock";
    assert_eq!(content["class"], lock, "{content}");
    assert_eq!(content["objects"], 20 * N as u64, "{content}");
    assert_eq!(locks_by_name(200)["class"], "java.lang.String");
}

/// A list of proxies around handlers of `class` that keep nearly all.
fn proxies(class: &str) -> Json {
    let mut heap = Heap::new();
    let base = heap.class("java.lang.reflect.Proxy");
    let base = base.field("h", Kind::Object).done();
    let proxy = heap.class("com.acme.$Proxy0").superclass(base).done();
    let mut all = Vec::new();
    for _ in 0..N {
        let body = heap.prim_array(Kind::Byte, KB);
        let handler = object(&mut heap, class, &[("body", body.into())]);
        let object = heap.instance(proxy);
        heap.set(object, "h", handler);
        all.push(object);
    }
    let list = heap.array_list(&all);
    in_static(&mut heap, "com.acme.Remotes", "STUBS", list);
    json(&heap)["suspects"][0]["content"]["class"].clone()
}

#[test]
fn the_application_s_handlers_are_what_proxies_are_there_for() {
    assert_eq!(proxies("com.acme.Call"), "com.acme.Call");
    let of_jdk = "sun.reflect.annotation.AnnotationInvocationHandler";
    assert_eq!(proxies(of_jdk), "com.acme.$Proxy0");
}

/// The buckets of a timer, each with a list of its own, and links between what is in there.
#[test]
fn heads_of_lists_are_passed_over_however_many_they_are() {
    let mut heap = Heap::new();
    let timeout = heap.class("com.acme.Timeout").app();
    let timeout = timeout.fields("task:L bucket:L next:L prev:L").done();
    let bucket = heap.class("com.acme.Bucket").app();
    let bucket = bucket.fields("head:L tail:L").done();
    let tasks = payloads(&mut heap, "com.acme.Task", 4 * N, KB);
    let mut buckets = Vec::new();
    for tasks in tasks.chunks(16) {
        let head = heap.instance(bucket);
        let mut last = None;
        for &task in tasks {
            let entry = heap.instance(timeout);
            heap.set(entry, "task", task)
                .set(entry, "bucket", head)
                .set(entry, "prev", last);
            match last {
                Some(before) => heap.set(before, "next", entry),
                None => heap.set(head, "head", entry),
            };
            last = Some(entry);
        }
        heap.set(head, "tail", last);
        buckets.push(head);
    }
    let wheel = heap.object_array(bucket, &buckets);
    let timer = object(&mut heap, "com.acme.Timer", &[("wheel", wheel.into())]);
    in_static(&mut heap, "com.acme.Client", "TIMER", timer);
    expect_all(&heap, "com.acme.Timeout", 4 * N as u64);
}

/// The text of the report, and what the first suspect holds, of a table of a million slots with `used` strings in it.
fn nearly_empty(used: usize, list: bool) -> (String, Json) {
    const ROOM: usize = 1_000_000;
    let mut heap = Heap::new();
    let names: Vec<Obj> = (0..used).map(|i| heap.string(&i.to_string())).collect();
    let (collection, table, element) = match list {
        true => (heap.array_list(&names), "elementData", "java.lang.Object"),
        false => {
            let pairs: Vec<_> = names.iter().map(|&n| (n.into(), n.into())).collect();
            (heap.hash_map(&pairs), "table", "java.util.HashMap$Node")
        }
    };
    let class = heap.jdk(element);
    let slots = heap.object_array(class, &vec![Value::Null; ROOM]);
    if !list && used > 0 {
        // All in one chain.
        let node = heap.jdk("java.util.HashMap$Node");
        let mut first = None;
        for &name in &names {
            let entry = heap.instance(node);
            heap.set(entry, "key", name)
                .set(entry, "value", name)
                .set(entry, "next", first);
            first = Some(entry);
        }
        heap.set_element(slots, 7, first);
    }
    heap.set(collection, table, slots);
    in_static(&mut heap, "com.acme.Lookup", "NAMES", collection);
    let dump = temporary(".hprof", &heap.write().bytes);
    let text = run([dump.as_os_str()]).succeeded().text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (text, json(&heap)["suspects"][0].clone())
}

#[test]
fn a_table_with_room_for_many_more_is_told_as_what_it_is() {
    for (used, list, class) in [
        (50, false, "java.util.HashMap$Node[]"),
        (0, true, "java.lang.Object[]"),
    ] {
        let (text, suspect) = nearly_empty(used, list);
        let content = &suspect["content"];
        assert_eq!(content["class"], class, "{suspect}");
        assert_eq!(content["objects"], 1, "{suspect}");
        assert_eq!(content["collection"]["entries"], used, "{suspect}");
        assert_eq!(content["collection"]["capacity"], 1_000_000, "{suspect}");
        assert!(content["retained_bytes"].as_u64() >= Some(4_000_000));
        assert!(suspect["pattern"].is_null(), "{suspect}");
        let told = format!("capacity 1,000,000, {used} used; the table itself");
        assert!(text.contains(&told), "{text}");
    }
}

/// A `ConcurrentLinkedQueue` with `items`; its last node refers to the node `back`, if there is one.
fn linked_queue(heap: &mut Heap, items: &[Obj], back: Option<usize>) -> Obj {
    let names = ["", "$Node"].map(|end| format!("java.util.concurrent.ConcurrentLinkedQueue{end}"));
    let fields = ["head:L tail:L", "item:L next:L"];
    let mut class = |i: usize| {
        let known = heap.class_named(&names[i]);
        known.unwrap_or_else(|| heap.class(&names[i]).fields(fields[i]).done())
    };
    let (queue, node) = (class(0), class(1));
    let nodes: Vec<Obj> = (0..=items.len()).map(|_| heap.instance(node)).collect();
    // The first node is empty.
    for (&item, &node) in items.iter().zip(&nodes[1..]) {
        heap.set(node, "item", item);
    }
    for pair in nodes.windows(2) {
        heap.set(pair[0], "next", pair[1]);
    }
    let last = nodes[items.len()];
    if let Some(back) = back {
        heap.set(last, "next", nodes[back]);
    }
    let queue = heap.instance(queue);
    heap.set(queue, "head", nodes[0]).set(queue, "tail", last);
    queue
}

/// What is told of a queue of events, one of which has a queue of its own.
fn queue_of(events: usize, back: Option<usize>) -> Json {
    let mut heap = Heap::new();
    let items = payloads(&mut heap, "com.acme.Event", events, 8);
    let few = payloads(&mut heap, "com.acme.Part", 9, 8);
    let inner = linked_queue(&mut heap, &few, None);
    heap.set(items[7], "body", inner);
    let queue = linked_queue(&mut heap, &items, back);
    in_static(&mut heap, "com.acme.Events", "QUEUE", queue);
    json(&heap)["suspects"][0]["content"].clone()
}

#[test]
fn the_entries_of_a_long_linked_queue_are_counted_to_the_end() {
    let content = queue_of(150_000, None);
    assert_eq!(content["class"], "com.acme.Event", "{content}");
    assert_eq!(content["collection"]["entries"], 150_000, "{content}");
}

#[test]
fn nodes_that_run_in_a_circle_count_once() {
    let content = queue_of(40_000, Some(77));
    assert_eq!(content["collection"]["entries"], 40_000, "{content}");
}

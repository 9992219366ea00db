//! Collections that an application wrote itself: the field that holds them is the owner, and what was put in is what is held.

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Class, Heap, Kind, Obj, Root, Value};

const N: usize = 2_000;

/// A class of nodes like a hash table's.
fn node_class(heap: &mut Heap, name: &str) -> Class {
    heap.class(name)
        .app()
        .field("hash", Kind::Int)
        .field("key", Kind::Object)
        .field("value", Kind::Object)
        .field("next", Kind::Object)
        .done()
}

/// Nodes of `class` with a payload each, two in a chain.
fn chained(heap: &mut Heap, class: Class) -> Vec<Obj> {
    let orders = payloads(heap, "com.acme.Order", N, KB);
    let mut firsts = Vec::new();
    for (i, order) in orders.into_iter().enumerate() {
        let (node, key) = (heap.instance(class), heap.string("key"));
        heap.set(node, "key", key).set(node, "value", order);
        match i % 2 {
            0 => firsts.push(node),
            _ => drop(heap.set(firsts[i / 2], "next", node)),
        }
    }
    firsts
}

/// A hash table of `class` with nodes of `node`, and further fields.
fn table(heap: &mut Heap, class: &str, node: &str, more: &[(&str, Value)]) -> Obj {
    let nodes = node_class(heap, node);
    let firsts = chained(heap, nodes);
    let buckets = heap.object_array(nodes, &firsts);
    let fields = [&[("buckets", buckets.into())], more].concat();
    object(heap, class, &fields)
}

#[test]
fn the_field_that_holds_an_own_map_is_the_owner() {
    let mut heap = Heap::new();
    let map = table(&mut heap, "com.acme.LongMap", "com.acme.LongMap$Node", &[]);
    in_static(&mut heap, "com.acme.UserCache", "CACHE", map);
    let json = json(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.UserCache",
        "CACHE",
        "com.acme.Order",
        N as u64,
    );
    let collection = &json["suspects"][0]["content"]["collection"];
    assert_eq!(collection["class"], "com.acme.LongMap");
    assert_eq!(collection["entries"], N, "chains are counted: {collection}");
    assert_eq!(collection["capacity"], N / 2);
    assert_eq!(collection["key_class"], "java.lang.String");
    assert_eq!(collection["value_class"], "com.acme.Order");
}

#[test]
fn a_field_of_an_object_that_holds_an_own_map_is_the_owner() {
    let mut heap = Heap::new();
    let lock = object(&mut heap, "java.util.concurrent.locks.ReentrantLock", &[]);
    let more = [("size", Value::Int(N as i32)), ("lock", lock.into())];
    let map = table(
        &mut heap,
        "com.acme.lib.Table",
        "com.acme.lib.TableEntry",
        &more,
    );
    let service = object(&mut heap, "com.acme.Service", &[("users", map.into())]);
    in_static(&mut heap, "com.acme.Main", "SERVICE", service);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Service",
        "users",
        "com.acme.Order",
        N as u64,
    );
    assert_eq!(
        json["suspects"][0]["holder"]["via"],
        "com.acme.Main.SERVICE"
    );
}

#[test]
fn a_map_with_a_name_is_a_thing_of_the_application() {
    let mut heap = Heap::new();
    let name = heap.string("users");
    let more = [("name", name.into())];
    let map = table(&mut heap, "com.acme.Region", "com.acme.Region$Node", &more);
    in_static(&mut heap, "com.acme.Main", "REGION", map);
    let json = json(&heap);
    assert_eq!(json["suspects"][0]["holder"]["class"], "com.acme.Region");
    assert_eq!(json["suspects"][0]["holder"]["field"], "buckets");
}

#[test]
fn an_own_list_on_an_array_is_a_collection_if_it_counts_and_takes_anything() {
    for (count, element, class, field) in [
        (true, "java.lang.Object", "com.acme.Main", "ALL"),
        (false, "java.lang.Object", "com.acme.Book", "items"),
        (true, "com.acme.Order", "com.acme.Book", "items"),
    ] {
        let mut heap = Heap::new();
        let orders = payloads(&mut heap, "com.acme.Order", N, KB);
        let known = heap.class_named(element);
        let element = known.unwrap_or_else(|| heap.jdk(element));
        let items = heap.object_array(element, &orders);
        let mut fields = vec![("items", items.into())];
        if count {
            fields.push(("n", Value::Int(N as i32)));
        }
        let book = object(&mut heap, "com.acme.Book", &fields);
        in_static(&mut heap, "com.acme.Main", "ALL", book);
        let json = json(&heap);
        let holder = &json["suspects"][0]["holder"];
        assert_eq!(holder["class"], class, "{count} {holder}");
        assert_eq!(holder["field"], field, "{count} {holder}");
        assert_eq!(json["suspects"][0]["content"]["class"], "com.acme.Order");
    }
}

#[test]
fn an_own_map_of_segments_is_one_collection() {
    let mut heap = Heap::new();
    let nodes = node_class(&mut heap, "com.acme.Striped$Node");
    let firsts = chained(&mut heap, nodes);
    let class = heap
        .class("com.acme.Striped$Segment")
        .app()
        .field("table", Kind::Object)
        .field("count", Kind::Int)
        .done();
    let mut segments = Vec::new();
    for part in firsts.chunks(N / 8) {
        let (segment, table) = (heap.instance(class), heap.object_array(nodes, part));
        heap.set(segment, "table", table);
        segments.push(segment);
    }
    let all = heap.object_array(class, &segments);
    let map = object(&mut heap, "com.acme.Striped", &[("segments", all.into())]);
    in_static(&mut heap, "com.acme.Main", "SESSIONS", map);
    let json = json(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.Main",
        "SESSIONS",
        "com.acme.Order",
        N as u64,
    );
    let collection = &json["suspects"][0]["content"]["collection"];
    assert_eq!(collection["entries"], N, "{collection}");
}

/// What is told of a chain without a collection around it, whose links have an order of `bytes` each and a key of `key` characters.
fn chain(bytes: usize, key: usize) -> (String, u64) {
    let mut heap = Heap::new();
    let class = node_class(&mut heap, "com.acme.Chain$Link");
    let orders = payloads(&mut heap, "com.acme.Order", N, bytes);
    let mut next = None;
    for order in orders {
        let (link, key) = (heap.instance(class), heap.string(&"k".repeat(key)));
        heap.set(link, "value", order).set(link, "key", key);
        if let Some(next) = next.replace(link) {
            heap.set(link, "next", next);
        }
    }
    in_static(&mut heap, "com.acme.Chain", "HEAD", next.expect("links"));
    let (_, class, field, content, objects) = told(&json(&heap));
    assert_eq!((class.as_str(), field.as_str()), ("com.acme.Chain", "HEAD"));
    (content, objects)
}

/// The links are there for what each carries, unless that is the smaller part of them.
#[test]
fn what_the_links_of_a_chain_carry_is_held_by_who_has_the_chain() {
    assert_eq!(chain(KB, 3), ("com.acme.Order".to_owned(), N as u64));
    assert_eq!(chain(40, KB), ("com.acme.Chain$Link".to_owned(), N as u64));
}

/// What is told of five documents with `N` revisions, each of which has `step` and the revisions before it in `before`.
fn documents(class: &str, step: &str, before: &str, more: &str) -> (String, String, String, u64) {
    let mut heap = Heap::new();
    let steps = payloads(&mut heap, "com.acme.Step", N, KB);
    let class = heap.class(class).app();
    let class = class.field(step, Kind::Object).field(before, Kind::Object);
    let class = class.field(more, Kind::Int).done();
    let document = heap.class("com.acme.Document").app();
    let document = document.fields("name:L past:L").done();
    let mut documents = Vec::new();
    for steps in steps.chunks(N / 5) {
        let mut last = None;
        for &one in steps {
            let revision = heap.instance(class);
            heap.set(revision, step, one);
            if let Some(earlier) = last.replace(revision) {
                heap.set(revision, before, earlier);
            }
        }
        let (document, name) = (heap.instance(document), heap.string("a document"));
        heap.set(document, "name", name);
        heap.set(document, "past", last.expect("one"));
        documents.push(document);
    }
    let list = heap.array_list(&documents);
    let store = object(&mut heap, "com.acme.Store", &[("all", list.into())]);
    in_static(&mut heap, "com.acme.Main", "STORE", store);
    let (_, class, field, content, objects) = told(&json(&heap));
    (class, field, content, objects)
}

/// A list of head and tail is a chain, whatever its class is called; and the field that leads from one of a kind to the next one owns nothing.
#[test]
fn what_lies_in_chains_belongs_to_who_has_each_chain() {
    let expected = |content: &str| {
        let [class, field, content] = ["com.acme.Document", "past", content].map(str::to_owned);
        (class, field, content, N as u64)
    };
    let told = documents("com.acme.Steps", "head", "tail", "size");
    assert_eq!(told, expected("com.acme.Step"));
    let told = documents("com.acme.Revision", "change", "before", "number");
    assert_eq!(told, expected("com.acme.Revision"));
}

#[test]
fn native_code_that_holds_many_is_their_owner() {
    let mut heap = Heap::new();
    // More than are looked at one by one.
    let n = 9_001;
    for order in payloads(&mut heap, "com.acme.Order", n, KB) {
        heap.root(Root::JniGlobal, order);
    }
    let json = json(&heap);
    let order = "com.acme.Order";
    expect(&json, "jni_global", order, "-", order, n as u64);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["count"], n, "each is held for itself");
    assert_eq!(suspect["retained_bytes"], n * (16 + 1_016), "whole objects");
}

#[test]
fn a_field_of_what_native_code_holds_tells_so() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", N, KB);
    let list = heap.array_list(&orders);
    let callback = object(&mut heap, "com.acme.Callback", &[("results", list.into())]);
    heap.root(Root::JniGlobal, callback);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Callback",
        "results",
        "com.acme.Order",
        N as u64,
    );
    assert_eq!(
        json["suspects"][0]["holder"]["via"],
        "JNI global com.acme.Callback"
    );
}

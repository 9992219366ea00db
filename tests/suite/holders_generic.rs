//! Classes that the application wrote once for several uses, wrappers of its own, and what stands in lists of the JDK's and of libraries.

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Class, Heap, Kind, Obj, Value};

/// A map with these values by number.
fn by_number(heap: &mut Heap, values: &[Obj]) -> Obj {
    let pairs: Vec<(Value, Value)> = values
        .iter()
        .zip(0..)
        .map(|(&value, key)| (heap.integer(key).into(), value.into()))
        .collect();
    heap.hash_map(&pairs)
}

/// What is told of 2,000 quotas in a cache of the application's own, of which another field has one, with other things in it or with
/// quotas.
fn two_caches(others: bool) -> Json {
    let mut heap = Heap::new();
    let cache = heap.class("com.acme.LruCache").app();
    let cache = cache.field("map", Kind::Object).done();
    let fields = [
        ("com.acme.Quotas", "byTenant"),
        ("com.acme.Rates", "recent"),
    ];
    let quotas = payloads(&mut heap, "com.acme.Quota", 2_005, KB);
    let (quotas, more) = quotas.split_at(2_000);
    let others = match others {
        true => payloads(&mut heap, "com.acme.Rate", 5, KB),
        false => more.to_vec(),
    };
    for (things, (owner, field)) in [quotas, &others].into_iter().zip(fields) {
        let map = by_number(&mut heap, things);
        let cache = around(&mut heap, cache, "map", &[map])[0];
        let owner_object = object(&mut heap, owner, &[(field, cache.into())]);
        let main = format!("{owner}Main");
        in_static(&mut heap, &main, "INSTANCE", owner_object);
    }
    json(&heap)
}

/// A class that serves two fields with different things is passed over; one with the same things in both is not known to be such.
#[test]
fn a_cache_written_once_is_told_by_the_field_that_has_the_large_one() {
    let json = two_caches(true);
    let kind = "instance_field";
    let content = "com.acme.Quota";
    expect(&json, kind, "com.acme.Quotas", "byTenant", content, 2_000);
    let json = two_caches(false);
    expect(&json, kind, "com.acme.LruCache", "map", content, 2_000);
}

/// `n` objects of `class` with `field`, each with one of `values`.
fn around(heap: &mut Heap, class: Class, field: &str, values: &[Obj]) -> Vec<Obj> {
    let one = |&value: &Obj| {
        let object = heap.instance(class);
        heap.set(object, field, value);
        object
    };
    values.iter().map(one).collect()
}

/// What is told of 500 canvases in objects of `slot` with a name each, in a pool.
fn slots(slot: &str, name: usize) -> (String, u64) {
    let mut heap = Heap::new();
    let canvases = payloads(&mut heap, "com.acme.Canvas", 500, 4 * KB);
    let class = heap.class(slot).app();
    let class = class.fields("canvas:L label:L").done();
    let slots = around(&mut heap, class, "canvas", &canvases);
    for &slot in &slots {
        let label = heap.prim_array(Kind::Byte, name);
        heap.set(slot, "label", label);
    }
    let list = heap.array_list(&slots);
    let pool = object(&mut heap, "com.acme.Pool", &[("all", list.into())]);
    in_static(&mut heap, "com.acme.Main", "POOL", pool);
    let (_, class, field, content, objects) = told(&json(&heap));
    assert_eq!((class.as_str(), field.as_str()), ("com.acme.Pool", "all"));
    (content, objects)
}

/// The slots of the pool's own class are there for what is in them. A class of its own may be what is held, and so may one with more in it.
#[test]
fn what_the_owner_s_own_wrappers_carry_is_the_content() {
    let content = |class: &str| (class.to_owned(), 500);
    assert_eq!(slots("com.acme.Pool$Slot", 16), content("com.acme.Canvas"));
    assert_eq!(slots("com.acme.Sheet", 16), content("com.acme.Sheet"));
    let full = slots("com.acme.Pool$Slot", 4 * KB);
    assert_eq!(full, content("com.acme.Pool$Slot"));
}

/// The library's thread has the mailbox of an actor, whose class is the application's and inherits the field.
#[test]
fn a_component_that_the_application_extends_is_told_by_the_field_that_has_it() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 2_000, 2 * KB);
    let (first, second) = orders.split_at(1_000);
    let lists = [first, second].map(|part| heap.array_list(part));
    let fields = [("in", lists[0].into()), ("out", lists[1].into())];
    let mailbox = object(&mut heap, "org.apache.act.Mailbox", &fields);
    let actor = heap.class("org.apache.act.Actor");
    actor.field("mailbox", Kind::Object).done();
    let clerk = heap.class("com.acme.Clerk").app();
    let clerk = clerk.extends("org.apache.act.Actor").done();
    let clerk = heap.instance(clerk);
    heap.set(clerk, "mailbox", mailbox);
    let worker = heap.class("org.apache.act.Worker").app();
    let worker = worker.extends("java.lang.Thread");
    let worker = worker.fields("mailbox:L actor:L").done();
    let thread = heap.thread_of(worker, "act-worker-1");
    let thread = heap.thread_object(thread);
    heap.set(thread, "mailbox", mailbox);
    heap.set(thread, "actor", clerk);
    let floor = object(&mut heap, "com.acme.Floor", &[("clerk", clerk.into())]);
    let list = heap.array_list(&[floor]);
    in_static(&mut heap, "com.acme.Main", "ALL", list);
    let json = json(&heap);
    let kind = "instance_field";
    expect(
        &json,
        kind,
        "com.acme.Floor",
        "clerk",
        "com.acme.Order",
        2_000,
    );
}

/// What is told where the JDK has all archives in a static map, and the application's lists refer to so many of them.
fn archives(of_application: usize) -> Json {
    let mut heap = Heap::new();
    let class = heap.class("java.util.zip.ZipFile$Source");
    let class = class.field("cen", Kind::Object).done();
    let bodies: Vec<Obj> = (0..400)
        .map(|_| heap.prim_array(Kind::Byte, 8 * KB))
        .collect();
    let sources = around(&mut heap, class, "cen", &bodies);
    let files = by_number(&mut heap, &sources);
    heap.add_static(class, "files", files);
    let class = heap.class("java.util.zip.ZipFile");
    let class = class.field("source", Kind::Object).done();
    let opened = around(&mut heap, class, "source", &sources[..of_application]);
    let list = heap.array_list(&opened);
    let inbox = object(&mut heap, "com.acme.Inbox", &[("opened", list.into())]);
    in_static(&mut heap, "com.acme.Main", "INBOX", inbox);
    json(&heap)
}

/// Closing is up to who has the archives open; few of many say nothing.
#[test]
fn what_the_jdk_has_a_list_of_belongs_to_the_field_that_has_most_of_it() {
    let source = "java.util.zip.ZipFile$Source";
    let most = archives(380);
    expect(
        &most,
        "instance_field",
        "com.acme.Inbox",
        "opened",
        source,
        400,
    );
    let shared = most["suspects"][0]["shared_with"].to_string();
    assert!(shared.contains("ZipFile$Source.files"), "{shared}");
    let few = archives(40);
    expect(&few, "static_field", source, "files", source, 400);
}

/// What is told of 2,000 messages of a library's in dispatches of the same package, which have a super class in common or have not.
fn dispatches(of_kind: bool) -> (String, u64) {
    let mut heap = Heap::new();
    heap.class("org.apache.mq.command.Command").done();
    let mut class = |name: &str, fields: &str| {
        let class = heap.class(name);
        let class = match of_kind {
            true => class.extends("org.apache.mq.command.Command"),
            false => class,
        };
        class.fields(fields).done()
    };
    let message = class("org.apache.mq.command.TextMessage", "text:L");
    let dispatch = class("org.apache.mq.command.Dispatch", "message:L");
    let texts: Vec<Obj> = (0..2_000)
        .map(|_| heap.prim_array(Kind::Byte, KB))
        .collect();
    let messages = around(&mut heap, message, "text", &texts);
    let dispatches = around(&mut heap, dispatch, "message", &messages);
    let list = heap.array_list(&dispatches);
    let channel = object(&mut heap, "org.apache.mq.Channel", &[("list", list.into())]);
    let app = object(&mut heap, "com.acme.Ticker", &[("slow", channel.into())]);
    in_static(&mut heap, "com.acme.Main", "APP", app);
    let (_, _, _, content, objects) = told(&json(&heap));
    (content, objects)
}

#[test]
fn a_message_in_an_envelope_of_its_own_kind_is_the_content() {
    let content = |class: &str| (format!("org.apache.mq.command.{class}"), 2_000);
    assert_eq!(dispatches(true), content("TextMessage"));
    assert_eq!(dispatches(false), content("Dispatch"));
}

/// What is told of a model of 3,000 statements about 1,500 values, each of which has a node with the set of its statements.
fn model(known: bool) -> (String, u64) {
    let mut heap = Heap::new();
    heap.class("org.apache.rdf.Statement").done();
    let statement = heap.class("org.apache.rdf.Model$ModelStatement");
    let statement = match known {
        true => statement.extends("org.apache.rdf.Statement"),
        false => statement,
    };
    let statement = statement.fields("subject:L object:L").done();
    let node = heap.class("org.apache.rdf.Model$Node");
    let node = node.fields("statements:L value:L").done();
    let nodes: Vec<Obj> = (0..1_500).map(|_| heap.instance(node)).collect();
    let mut all = Vec::new();
    for i in 0..3_000 {
        let one = heap.instance(statement);
        heap.set(one, "subject", nodes[i / 2]);
        heap.set(one, "object", nodes[(i / 2 + 1 + i % 2) % nodes.len()]);
        all.push(one);
    }
    for (i, &node) in nodes.iter().enumerate() {
        let value = heap.prim_array(Kind::Byte, KB);
        let own = [all[2 * i].into(), all[2 * i + 1].into()];
        let set = heap.hash_set(&own);
        heap.set(node, "value", value);
        heap.set(node, "statements", set);
    }
    let values = by_number(&mut heap, &nodes);
    let elements: Vec<Value> = all.iter().map(|&one| one.into()).collect();
    let statements = heap.hash_set(&elements);
    let fields = [("values", values.into()), ("statements", statements.into())];
    let model = object(&mut heap, "org.apache.rdf.Model", &fields);
    let base = object(&mut heap, "com.acme.Base", &[("facts", model.into())]);
    in_static(&mut heap, "com.acme.Main", "BASE", base);
    let (_, class, field, content, objects) = told(&json(&heap));
    assert_eq!((class.as_str(), field.as_str()), ("com.acme.Base", "facts"));
    (content, objects)
}

#[test]
fn what_links_the_nodes_of_a_library_s_index_is_the_content() {
    let content = |class: &str, n| (format!("org.apache.rdf.Model${class}"), n);
    assert_eq!(model(true), content("ModelStatement", 3_000));
    assert_eq!(model(false), content("Node", 1_500));
}

/// What is told first of a list of 2,000 trades and a larger sorted one of a library's, which shows that list or another, empty one.
fn sorted(shows: bool) -> (String, String) {
    let mut heap = Heap::new();
    let trades = payloads(&mut heap, "com.acme.Trade", 2_000, KB);
    let list = heap.array_list(&trades);
    let class = heap.class("org.apache.lists.BasicList");
    let class = class.field("data", Kind::Object).done();
    let list = around(&mut heap, class, "data", &[list])[0];
    let other = heap.instance(class);
    let node = heap.class("org.apache.lists.Node");
    let node = node.field("links", Kind::Object).done();
    let links: Vec<Obj> = (0..2_000)
        .map(|_| heap.prim_array(Kind::Byte, KB + 500))
        .collect();
    let nodes = around(&mut heap, node, "links", &links);
    let nodes = heap.array_list(&nodes);
    let source = if shows { list } else { other };
    let fields = [("nodes", nodes.into()), ("source", source.into())];
    let view = object(&mut heap, "org.apache.lists.SortedList", &fields);
    let blotter = object(&mut heap, "com.acme.Blotter", &[("trades", list.into())]);
    in_static(&mut heap, "com.acme.Main", "BLOTTER", blotter);
    let table = object(&mut heap, "com.acme.Table", &[("view", view.into())]);
    let tables = heap.array_list(&[table]);
    in_static(&mut heap, "com.acme.Tables", "ALL", tables);
    let (_, class, field, _, _) = told(&json(&heap));
    (class, field)
}

#[test]
fn a_sorted_view_comes_behind_the_list_that_it_shows() {
    let field = |class: &str, field: &str| (format!("com.acme.{class}"), field.to_owned());
    assert_eq!(sorted(true), field("Blotter", "trades"));
    assert_eq!(sorted(false), field("Table", "view"));
}

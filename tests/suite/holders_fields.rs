//! Owners by structure: one field in many objects, a library's field behind that of the application, what was put into a library's objects.

use serde_json::{Value as Json, json};

use crate::holders_support::{KB, expect, in_static, json as report_of, object, payloads};
use crate::synth::{Class, Heap, Kind, Obj, Value};

/// A static `com.acme.Directory.BY_ID` with `n` objects of a class with one list of `each` elements.
fn lists(heap: &mut Heap, owner: &str, field: &str, n: usize, element: &str, each: usize) {
    let class = heap.class(owner).app().field(field, Kind::Object).done();
    let mut entries: Vec<(Value, Value)> = Vec::new();
    let all = payloads(heap, element, n * each, 40);
    for (i, elements) in all.chunks(each).enumerate() {
        let list = heap.array_list(elements);
        let context = heap.instance(class);
        heap.set(context, field, list);
        let key = heap.integer(i as i32);
        entries.push((key.into(), context.into()));
    }
    let map = heap.hash_map(&entries);
    in_static(heap, "com.acme.Directory", "BY_ID", map);
}

#[test]
fn one_field_in_many_objects_is_the_owner() {
    let mut heap = Heap::new();
    lists(
        &mut heap,
        "com.acme.Tenant",
        "auditTrail",
        100,
        "com.acme.Event",
        300,
    );
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Tenant",
        "auditTrail",
        "com.acme.Event",
        30_000,
    );
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(holder["count"], 100);
    assert_eq!(holder["held_by"], json!(["com.acme.Directory.BY_ID"]));
}

/// An order has lines: there are more orders than lines in each.
#[test]
fn many_objects_with_a_few_things_each_are_what_is_held() {
    let mut heap = Heap::new();
    lists(
        &mut heap,
        "com.acme.Order",
        "lines",
        3_000,
        "com.acme.Line",
        5,
    );
    let json = report_of(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(
        suspect["holder"]["class"], "com.acme.Directory",
        "{suspect}"
    );
    assert_eq!(suspect["holder"]["field"], "BY_ID", "{suspect}");
}

/// Each subclass has one small instance, in a static field of its own: none of them is large.
#[test]
fn a_field_that_sixty_subclasses_inherit_is_one_suspect() {
    let mut heap = Heap::new();
    let base = heap.class("com.acme.BaseCache").app();
    let base = base.field("entries", Kind::Object).done();
    let all = payloads(&mut heap, "com.acme.Item", 12_000, 100);
    for (i, elements) in all.chunks(200).enumerate() {
        let list = heap.array_list(elements);
        let name = format!("com.acme.cache.Cache{i}x");
        let class = heap.class(&name).app().superclass(base).done();
        let cache = heap.instance(class);
        heap.set(cache, "entries", list);
        heap.add_static(class, "INSTANCE", cache);
    }
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.BaseCache",
        "entries",
        "com.acme.Item",
        12_000,
    );
    assert_eq!(json["suspects"][0]["holder"]["count"], 60);
}

/// A pool of a library's with 80 buffers of the application's.
pub fn pool(heap: &mut Heap) -> Obj {
    let buffers = payloads(heap, "com.acme.Buffer", 80, 20 * KB);
    let list = heap.array_list(&buffers);
    object(heap, "org.apache.lib.Pool", &[("all", list.into())])
}

#[test]
fn the_application_s_field_holds_and_the_library_s_stands_behind_it() {
    let mut heap = Heap::new();
    let pool = pool(&mut heap);
    let codec = object(&mut heap, "com.acme.Codec", &[("buffers", pool.into())]);
    in_static(&mut heap, "com.acme.Main", "CODEC", codec);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Codec",
        "buffers",
        "com.acme.Buffer",
        80,
    );
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(holder["place"], "org.apache.lib.Pool.all");
}

/// The library keeps the pool for everybody: a logger leads to it, but does not hold it.
#[test]
fn a_field_far_from_what_the_library_keeps_anyway_is_no_owner() {
    let mut heap = Heap::new();
    let pool = pool(&mut heap);
    let mut part = object(
        &mut heap,
        "org.apache.lib.Context",
        &[("pool", pool.into())],
    );
    heap.class("org.apache.lib.Contexts")
        .app()
        .static_field("ALL", part)
        .done();
    for class in ["org.apache.lib.Config", "org.apache.lib.Logger"] {
        part = object(&mut heap, class, &[("next", part.into())]);
    }
    in_static(&mut heap, "com.acme.Main", "LOG", part);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "org.apache.lib.Pool",
        "all",
        "com.acme.Buffer",
        80,
    );
}

/// The path to the pool leads through the library's own registry.
#[test]
fn the_application_s_field_is_found_off_the_path() {
    let mut heap = Heap::new();
    let pool = pool(&mut heap);
    heap.class("org.apache.lib.Pools")
        .app()
        .static_field("ALL", pool)
        .done();
    let codec = object(&mut heap, "com.acme.Codec", &[("buffers", pool.into())]);
    let wrapped = heap.array_list(&[codec]);
    in_static(&mut heap, "com.acme.Main", "CODECS", wrapped);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Codec",
        "buffers",
        "com.acme.Buffer",
        80,
    );
}

/// A thread waits on something of the JDK's that a field holds: thousands of keys in it refer back.
#[test]
fn what_a_thread_waits_on_belongs_to_the_field_that_holds_it() {
    let mut heap = Heap::new();
    let conns = payloads(&mut heap, "com.acme.Conn", 100, 20 * KB);
    let key = heap
        .class("sun.nio.ch.Key")
        .fields("selector:L attachment:L")
        .done();
    let selector = heap
        .class("sun.nio.ch.Selector")
        .field("keys", Kind::Object)
        .done();
    let selector = heap.instance(selector);
    let keys: Vec<Obj> = conns
        .iter()
        .map(|&conn| {
            let object = heap.instance(key);
            heap.set(object, "selector", selector)
                .set(object, "attachment", conn);
            object
        })
        .collect();
    let keys = heap.array_list(&keys);
    heap.set(selector, "keys", keys);
    let acceptor = object(
        &mut heap,
        "com.acme.Acceptor",
        &[("selector", selector.into())],
    );
    in_static(&mut heap, "com.acme.Main", "ACCEPTOR", acceptor);
    let code = heap.class_named("com.acme.Acceptor").expect("declared");
    let thread = heap.thread("acceptor");
    let frame = heap.frame(thread, code, "run", None, 1);
    heap.local(thread, frame, selector);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Acceptor",
        "selector",
        "com.acme.Conn",
        100,
    );
    let path = json["suspects"][0]["path"].as_array().expect("a path");
    let through = path.iter().any(|step| step["reference"] == "selector");
    assert!(through, "the path leads through the holder: {path:?}");
}

/// `n` objects of a library's class that refer to what `payload` gives.
fn wrapped(heap: &mut Heap, class: &str, payload: &[Obj]) -> Vec<Obj> {
    let class: Class = heap.class(class).fields("next:L payload:L").done();
    let wrap = |&payload: &Obj| {
        let object = heap.instance(class);
        heap.set(object, "payload", payload);
        object
    };
    payload.iter().map(wrap).collect()
}

#[test]
fn what_was_put_into_a_library_s_objects_is_the_content() {
    let mut heap = Heap::new();
    let contacts = payloads(&mut heap, "com.acme.Contact", 2_000, KB);
    let keys = wrapped(&mut heap, "org.apache.lib.CacheKey", &contacts);
    let list = heap.array_list(&keys);
    in_static(&mut heap, "com.acme.Book", "CONTACTS", list);
    let json = report_of(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.Book",
        "CONTACTS",
        "com.acme.Contact",
        2_000,
    );
}

/// The listeners are held elsewhere as well: a subscription does not keep its own alone.
#[test]
fn what_each_of_a_library_s_objects_refers_to_is_the_content() {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Backend")
        .app()
        .field("name", Kind::Object)
        .done();
    let backends: Vec<Obj> = (0..60_000).map(|_| heap.instance(class)).collect();
    let subscriptions = wrapped(&mut heap, "org.apache.lib.Subscription", &backends);
    let list = heap.array_list(&subscriptions);
    in_static(&mut heap, "com.acme.Bus", "SUBSCRIBERS", list);
    let other = heap.array_list(&backends);
    heap.class("org.apache.lib.Names")
        .static_field("ALL", other)
        .done();
    let json = report_of(&heap);
    let suspects = json["suspects"].as_array().expect("suspects").iter();
    let bus = |suspect: &&Json| suspect["holder"]["class"] == "com.acme.Bus";
    let bus = suspects.clone().find(bus).expect("the bus holds");
    assert_eq!(bus["content"]["class"], "com.acme.Backend", "{bus}");
    assert_eq!(bus["content"]["objects"], 60_000, "{bus}");
}

/// A tree of a library's: its elements, not the one object around them.
#[test]
fn the_root_of_a_library_s_tree_is_not_its_content() {
    let mut heap = Heap::new();
    let nodes = payloads(&mut heap, "org.apache.lib.ObjectNode", 2_000, KB);
    let list = heap.array_list(&nodes);
    let root = object(
        &mut heap,
        "org.apache.lib.ArrayNode",
        &[("children", list.into())],
    );
    let pipeline = object(&mut heap, "com.acme.Pipeline", &[("last", root.into())]);
    in_static(&mut heap, "com.acme.Main", "PIPELINE", pipeline);
    let json = report_of(&heap);
    let content = "org.apache.lib.ObjectNode";
    expect(
        &json,
        "instance_field",
        "com.acme.Pipeline",
        "last",
        content,
        2_000,
    );
}

/// No one of three fields frees the items: the title names all of them.
#[test]
fn fields_that_hold_the_same_are_named_together() {
    let mut heap = Heap::new();
    let items = payloads(&mut heap, "com.acme.Item", 3_000, KB);
    let [id, name] = [0, 1].map(|_| heap.array_list(&items));
    let fields = [("byId", id.into()), ("byName", name.into())];
    let catalog = object(&mut heap, "com.acme.Catalog", &fields);
    in_static(&mut heap, "com.acme.Main", "CATALOG", catalog);
    let json = report_of(&heap);
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    let both = "com.acme.Catalog.byId and com.acme.Catalog.byName together";
    let told = headline.contains(both) || !headline.contains("Catalog.byId");
    assert!(told, "{headline}");
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["content"]["objects"], 3_000);
    // Each has its array of 3,000 references for itself.
    let alone = suspect["freed_alone_bytes"].as_u64().expect("a size");
    assert!((12_000..14_000).contains(&alone), "{alone}");
    let frees = "; clearing any one frees at most 12 KiB";
    assert!(headline.contains(frees), "{headline}");
}

/// Connections with fewer frames each than there are connections, and a buffer beside them.
#[test]
fn one_field_of_many_objects_holds_however_many_objects_there_are() {
    let mut heap = Heap::new();
    let conn = heap.class("com.acme.Conn").app();
    let conn = conn.fields("sent:L buffer:L").done();
    let all = payloads(&mut heap, "com.acme.Frame", 18_000, 40);
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for (i, frames) in all.chunks(60).enumerate() {
        let (frames, buffer) = (heap.linked_list(frames), heap.prim_array(Kind::Byte, 500));
        let object = heap.instance(conn);
        heap.set(object, "sent", frames)
            .set(object, "buffer", buffer);
        entries.push((heap.integer(i as i32).into(), object.into()));
    }
    let map = heap.concurrent_hash_map(&entries);
    in_static(&mut heap, "com.acme.Registry", "OPEN", map);
    let json = report_of(&heap);
    let content = "com.acme.Frame";
    expect(
        &json,
        "instance_field",
        "com.acme.Conn",
        "sent",
        content,
        18_000,
    );
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(holder["held_by"], json!(["com.acme.Registry.OPEN"]));
}

/// The nodes of a tree of the application's own: children are nodes again, what grows is in the leaves.
#[test]
fn the_field_of_a_tree_s_nodes_that_leads_to_no_other_node_is_the_owner() {
    // Most nodes of a trie lead on only.
    for others in [0, 6_000] {
        let mut heap = Heap::new();
        let node = heap.class("com.acme.Node").app();
        let node = node.fields("children:L visits:L").done();
        let all = payloads(&mut heap, "com.acme.Visit", 12_000, 100);
        let mut leaves = Vec::new();
        for visits in all.chunks(120) {
            let (list, leaf) = (heap.array_list(visits), heap.instance(node));
            heap.set(leaf, "visits", list);
            leaves.push(leaf);
        }
        leaves.extend((0..others).map(|_| heap.instance(node)));
        let mut inner = Vec::new();
        for children in leaves.chunks(10) {
            let (list, above) = (heap.array_list(children), heap.instance(node));
            heap.set(above, "children", list);
            inner.push(above);
        }
        let (list, root) = (heap.array_list(&inner), heap.instance(node));
        heap.set(root, "children", list);
        let map = object(&mut heap, "com.acme.SiteMap", &[("root", root.into())]);
        in_static(&mut heap, "com.acme.Main", "SITE", map);
        let json = report_of(&heap);
        let (class, content) = ("com.acme.Node", "com.acme.Visit");
        expect(&json, "instance_field", class, "visits", content, 12_000);
    }
}

/// Each of many objects has one queue of its own, and that has much: the field of the queue is the owner.
#[test]
fn what_each_object_has_in_a_thing_of_its_own_is_held_by_the_field_of_that() {
    for (each, owner) in [(200, "com.acme.Outbox"), (5, "com.acme.Main")] {
        let mut heap = Heap::new();
        let session = heap.class("com.acme.Session").app();
        let session = session.fields("outbox:L").done();
        let outbox = heap.class("com.acme.Outbox").app();
        let outbox = outbox.fields("ring:L head:I").done();
        let frames = payloads(&mut heap, "com.acme.Frame", 100 * each, 20_000 / each);
        let frame = heap.class_named("com.acme.Frame").expect("it");
        let mut sessions = Vec::new();
        for frames in frames.chunks(each) {
            let ring = heap.object_array(frame, frames);
            let (one, queue) = (heap.instance(session), heap.instance(outbox));
            heap.set(queue, "ring", ring);
            heap.set(one, "outbox", queue);
            sessions.push(one);
        }
        let list = heap.array_list(&sessions);
        in_static(&mut heap, "com.acme.Main", "SESSIONS", list);
        let json = report_of(&heap);
        let suspect = &json["suspects"][0];
        assert_eq!(suspect["holder"]["class"], owner, "{each}: {suspect}");
        if each == 200 {
            let (field, content) = ("ring", "com.acme.Frame");
            expect(&json, "instance_field", owner, field, content, 20_000);
            let outer = json!(["com.acme.Session.outbox", "com.acme.Main.SESSIONS"]);
            assert_eq!(suspect["holder"]["held_by"], outer, "{suspect}");
        }
    }
}

/// The links of a chain are of two classes, and the first retains all: each class is told with what is its own.
#[test]
fn the_members_of_a_chain_are_told_by_their_classes() {
    for (weights, both) in [([900, 300], false), ([300, 300], true)] {
        let mut heap = Heap::new();
        let edit = heap.class("com.acme.Edit").app();
        let edit = edit.field("previous", Kind::Object).done();
        let kinds = ["com.acme.Insert", "com.acme.Style"].map(|name| {
            let class = heap.class(name).superclass(edit).app();
            class.field("what", Kind::Object).done()
        });
        let mut last: Option<Obj> = None;
        for i in 0..6_000 {
            let (one, what) = (
                heap.instance(kinds[i % 2]),
                heap.prim_array(Kind::Byte, weights[i % 2]),
            );
            heap.set(one, "what", what);
            if let Some(last) = last {
                heap.set(one, "previous", last);
            }
            last = Some(one);
        }
        let last = last.expect("an edit");
        let text = object(&mut heap, "com.acme.Document", &[("last", last.into())]);
        in_static(&mut heap, "com.acme.Main", "OPEN", text);
        let json = report_of(&heap);
        let (class, insert) = ("com.acme.Document", "com.acme.Insert");
        expect(&json, "instance_field", class, "last", insert, 3_000);
        let content = &json["suspects"][0]["content"];
        let least = 3_000 * (weights[0] as u64 + 16);
        let bytes = content["retained_bytes"].as_u64().expect("bytes");
        assert!((least..least * 3 / 2).contains(&bytes), "{content}");
        let told = content["contents"].as_array().map_or(0, Vec::len);
        assert_eq!(told == 2, both, "{content}");
    }
}

/// Both are told: neither is more than half of it.
#[test]
fn two_classes_of_equal_weight_are_both_in_the_title() {
    let mut heap = Heap::new();
    let mut all = payloads(&mut heap, "com.acme.Bid", 5_000, KB);
    all.extend(payloads(&mut heap, "com.acme.Ask", 5_000, KB));
    let list = heap.array_list(&all);
    in_static(&mut heap, "com.acme.Main", "EVENTS", list);
    let json = report_of(&heap);
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    let both = "5,000 × com.acme.Ask and 5,000 × com.acme.Bid";
    assert!(headline.contains(both), "{headline}");
    let of_class = |class| json!({ "class": class, "objects": 5_000 });
    let contents = [of_class("com.acme.Ask"), of_class("com.acme.Bid")];
    assert_eq!(json["suspects"][0]["content"]["contents"], json!(contents));
}

/// The loader has all classes in a list: what two of them share, and the small change of others, lies below it.
#[test]
fn the_loader_of_the_application_is_no_holder_of_what_its_classes_hold() {
    let mut heap = Heap::new();
    let items = payloads(&mut heap, "com.acme.Item", 3_000, KB);
    for class in ["com.acme.Index", "com.acme.Forecast"] {
        let list = heap.array_list(&items);
        in_static(&mut heap, class, "ALL", list);
    }
    for i in 0..20 {
        let small = heap.prim_array(Kind::Byte, 20 * KB);
        in_static(&mut heap, &format!("com.acme.Part{i}x"), "TABLE", small);
    }
    let json = report_of(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["kind"], "static_field", "{suspect}");
    assert_eq!(suspect["content"]["class"], "com.acme.Item", "{suspect}");
}

#[test]
fn a_field_of_threads_of_the_application_stands_before_them_in_the_title() {
    let mut heap = Heap::new();
    let base = heap.jdk("java.lang.Thread");
    let sender = heap.class("com.acme.Sender").app().superclass(base);
    let sender = sender.field("failed", Kind::Object).done();
    let all = payloads(&mut heap, "com.acme.Mail", 6_000, KB);
    for (i, mails) in all.chunks(500).enumerate() {
        let list = heap.array_list(mails);
        let thread = heap.thread_of(sender, &format!("sender-{i}"));
        let object = heap.thread_object(thread);
        heap.set(object, "failed", list);
    }
    let json = report_of(&heap);
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    let both = "com.acme.Sender.failed in 12 threads";
    assert!(headline.contains(both), "{headline}");
}

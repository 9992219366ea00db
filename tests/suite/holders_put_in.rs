//! What was put into a library's structure, and who owns the whole of which others hold a part.

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Heap, Kind, Obj, Value};

/// Objects of `class` with these fields, one for each of `values`.
fn each(heap: &mut Heap, class: &str, field: &str, values: &[Obj]) -> Vec<Obj> {
    let class = heap.class(class).field(field, Kind::Object).done();
    let one = |&value: &Obj| {
        let object = heap.instance(class);
        heap.set(object, field, value);
        object
    };
    values.iter().map(one).collect()
}

/// `parts` in a map of a library's store, in a field of the application's.
fn in_store(heap: &mut Heap, parts: &[Obj]) {
    let pairs: Vec<(Value, Value)> = parts
        .iter()
        .zip(0..)
        .map(|(&part, key)| (heap.integer(key).into(), part.into()))
        .collect();
    let map = heap.hash_map(&pairs);
    let store = object(
        heap,
        "org.apache.sched.store.JobStore",
        &[("jobs", map.into())],
    );
    let app = object(heap, "com.acme.Campaigns", &[("store", store.into())]);
    in_static(heap, "com.acme.Main", "APP", app);
}

/// What lies in a library's objects of a package of its own; and one of the same package, which is part of the library's.
#[test]
fn a_wrapper_of_a_librarys_store_is_not_what_was_put_in() {
    let inner = [
        (
            "org.apache.sched.impl.JobDetail",
            "org.apache.sched.impl.JobDetail",
        ),
        (
            "org.apache.sched.store.State",
            "org.apache.sched.store.JobWrapper",
        ),
    ];
    for (inner, told_class) in inner {
        let mut heap = Heap::new();
        let bodies: Vec<Obj> = (0..2_000)
            .map(|_| heap.prim_array(Kind::Byte, KB))
            .collect();
        let jobs = each(&mut heap, inner, "body", &bodies);
        let wrappers = each(&mut heap, "org.apache.sched.store.JobWrapper", "job", &jobs);
        in_store(&mut heap, &wrappers);
        let json = json(&heap);
        let (_, _, _, content, objects) = told(&json);
        assert_eq!((content.as_str(), objects), (told_class, 2_000));
    }
}

/// A trie of a library's that is larger than what is in it.
#[test]
fn what_the_application_put_into_a_tree_of_a_librarys_is_told_however_small() {
    const N: usize = 4_096;
    let mut heap = Heap::new();
    let items = payloads(&mut heap, "com.acme.Fix", N, 40);
    let class = heap
        .class("org.apache.geo.Quadtree$Node")
        .fields("items:L below:L boundary:L")
        .done();
    let element = heap.class("java.lang.Object").done();
    let node = |heap: &mut Heap, items: Option<Obj>, below: &[Obj]| {
        let (node, boundary) = (heap.instance(class), heap.prim_array(Kind::Double, 40));
        heap.set(node, "boundary", boundary);
        if let Some(items) = items {
            heap.set(node, "items", items);
        }
        let below = heap.object_array(element, below);
        heap.set(node, "below", below);
        node
    };
    let mut level: Vec<Obj> = Vec::new();
    for &item in &items {
        let list = heap.array_list(&[item]);
        level.push(node(&mut heap, Some(list), &[]));
    }
    while level.len() > 1 {
        level = level
            .chunks(4)
            .map(|four| node(&mut heap, None, four))
            .collect();
    }
    let tree = object(
        &mut heap,
        "org.apache.geo.Quadtree",
        &[("root", level[0].into())],
    );
    let index = object(
        &mut heap,
        "com.acme.FleetIndex",
        &[("positions", tree.into())],
    );
    in_static(&mut heap, "com.acme.Main", "INDEX", index);
    let json = json(&heap);
    let (_, class, field, content, objects) = told(&json);
    assert_eq!(
        (class.as_str(), field.as_str()),
        ("com.acme.FleetIndex", "positions")
    );
    assert_eq!((content.as_str(), objects), ("com.acme.Fix", N as u64));
}

/// A tree of pages: branches with references to pages, leaves with rows.
#[test]
fn rows_in_the_leaves_of_a_library_s_tree_were_put_in() {
    let mut heap = Heap::new();
    let body = |heap: &mut Heap| heap.prim_array(Kind::Byte, KB);
    let bodies: Vec<Obj> = (0..6_000).map(|_| body(&mut heap)).collect();
    let rows = each(&mut heap, "org.apache.db.result.Row", "body", &bodies);
    let lists: Vec<Obj> = rows.chunks(30).map(|page| heap.array_list(page)).collect();
    let leaves = each(&mut heap, "org.apache.db.Page$Leaf", "values", &lists);
    let references = each(&mut heap, "org.apache.db.Page$Reference", "page", &leaves);
    let lists: Vec<Obj> = references
        .chunks(20)
        .map(|page| heap.array_list(page))
        .collect();
    let branches = each(&mut heap, "org.apache.db.Page$Branch", "children", &lists);
    let children = heap.array_list(&branches);
    let root = object(
        &mut heap,
        "org.apache.db.Tree",
        &[("children", children.into())],
    );
    in_static(&mut heap, "com.acme.Table", "TREE", root);
    let json = json(&heap);
    let content = "org.apache.db.result.Row";
    expect(
        &json,
        "static_field",
        "com.acme.Table",
        "TREE",
        content,
        6_000,
    );
}

/// A queue of chunks with many messages each.
#[test]
fn the_pages_of_a_librarys_queue_are_not_what_was_put_in() {
    let mut heap = Heap::new();
    let bodies: Vec<Obj> = (0..4_000)
        .map(|_| heap.prim_array(Kind::Byte, 500))
        .collect();
    let messages = each(&mut heap, "org.apache.mq.Msg", "data", &bodies);
    let pages: Vec<Obj> = messages
        .chunks(100)
        .map(|page| heap.array_list(page))
        .collect();
    let chunks = each(&mut heap, "org.apache.mq.Queue$Chunk", "values", &pages);
    let list = heap.array_list(&chunks);
    let queue = object(&mut heap, "org.apache.mq.Queue", &[("chunks", list.into())]);
    let uplink = object(&mut heap, "com.acme.Uplink", &[("queue", queue.into())]);
    in_static(&mut heap, "com.acme.Main", "UPLINK", uplink);
    let json = json(&heap);
    let (_, _, _, content, objects) = told(&json);
    assert_eq!((content.as_str(), objects), ("org.apache.mq.Msg", 4_000));
}

/// Sixty classes of plugins, each with its loader: the plugins are held, not what each has in a static field.
#[test]
fn classes_of_many_loaders_are_what_is_held() {
    let mut heap = Heap::new();
    let loader = heap
        .class("java.net.URLClassLoader")
        .extends("java.lang.ClassLoader")
        .done();
    let mut mirrors = Vec::new();
    for i in 0..60 {
        let of_plugin = heap.url_class_loader(loader, None);
        let tables: Vec<Obj> = (0..40).map(|_| heap.prim_array(Kind::Long, 100)).collect();
        let tables = heap.array_list(&tables);
        let class = heap
            .class(&format!("plug{i}.Entry"))
            .loader(of_plugin)
            .static_field("TABLES", tables)
            .done();
        mirrors.push(heap.mirror(class));
    }
    let retired = heap.array_list(&mirrors);
    let host = object(&mut heap, "com.acme.Host", &[("retired", retired.into())]);
    in_static(&mut heap, "com.acme.Main", "HOST", host);
    let json = json(&heap.no_sticky_classes());
    let held: Vec<String> = json["suspects"]
        .as_array()
        .expect("suspects")
        .iter()
        .map(|suspect| {
            format!(
                "{} {}",
                suspect["holder"]["field"], suspect["content"]["class"]
            )
        })
        .collect();
    assert!(
        held.iter()
            .any(|held| held.starts_with("\"retired\" \"java.lang.Class\"")),
        "{held:?}"
    );
}

/// A configuration and its loader of templates, both held by one object of the application's: the field that is nearer.
#[test]
fn of_two_fields_of_one_object_the_nearer_one_holds_what_a_library_keeps() {
    let mut heap = Heap::new();
    let bodies: Vec<Obj> = (0..2_000)
        .map(|_| heap.prim_array(Kind::Byte, KB))
        .collect();
    let sources = each(&mut heap, "org.apache.tpl.Source", "text", &bodies);
    let list = heap.array_list(&sources);
    let loader = object(
        &mut heap,
        "org.apache.tpl.Loader",
        &[("templates", list.into())],
    );
    let cache = object(
        &mut heap,
        "org.apache.tpl.Cache",
        &[("loader", loader.into())],
    );
    let config = object(
        &mut heap,
        "org.apache.tpl.Config",
        &[("cache", cache.into())],
    );
    // The configuration comes first: it is by chance on the path.
    let mails = object(
        &mut heap,
        "com.acme.Mails",
        &[("config", config.into()), ("loader", loader.into())],
    );
    in_static(&mut heap, "com.acme.Main", "MAILS", mails);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Mails",
        "loader",
        "org.apache.tpl.Source",
        2_000,
    );
    let path = json["suspects"][0]["path"].as_array().expect("a path");
    assert!(
        path.iter().any(|step| step["reference"] == "loader"),
        "{path:?}"
    );
    assert!(
        path.iter().all(|step| step["reference"] != "config"),
        "{path:?}"
    );
}

/// Slices of three large arrays in a list of the application's; `pool`: a pool has the arrays as well, nearer
/// to its root or further away.
fn slices(heap: &mut Heap, pool: Option<bool>) -> Obj {
    let arrays: Vec<Obj> = (0..3)
        .map(|_| heap.prim_array(Kind::Byte, 4 << 20))
        .collect();
    let class = heap
        .class("org.apache.buf.Slice")
        .fields("memory:L offset:I length:I")
        .done();
    let slices: Vec<Obj> = arrays
        .iter()
        .map(|&array| {
            let slice = heap.instance(class);
            heap.set(slice, "memory", array).set(slice, "length", 256);
            slice
        })
        .collect();
    if let Some(further) = pool {
        let chunks = each(heap, "org.apache.buf.Chunk", "memory", &arrays);
        let list = heap.linked_list(&chunks);
        let arena = object(heap, "org.apache.buf.Arena", &[("chunks", list.into())]);
        let arenas = heap.array_list(&[arena]);
        let pool = object(heap, "org.apache.buf.Pool", &[("arenas", arenas.into())]);
        let pools = heap.class("org.apache.buf.Pools");
        let pools = if further { pools.app() } else { pools };
        pools.static_field("DEFAULT", pool).done();
    }
    heap.array_list(&slices)
}

#[test]
fn who_holds_a_slice_does_not_own_what_a_pool_has() {
    for pool in [Some(true), Some(false), None] {
        let mut heap = Heap::new();
        let slices = slices(&mut heap, pool);
        in_static(&mut heap, "com.acme.Proxy", "SESSIONS", slices);
        let json = json(&heap);
        let (_, class, field, ..) = told(&json);
        let owner = format!("{class}.{field}");
        let suspects = &json["suspects"];
        match pool {
            // Nobody but the slices has the arrays.
            None => assert_eq!(owner, "com.acme.Proxy.SESSIONS", "{suspects}"),
            Some(_) => assert_eq!(owner, "org.apache.buf.Arena.chunks", "{suspects}"),
        }
        assert_eq!(suspects[0]["content"]["objects"], 3, "{suspects}");
    }
}

/// The vertices of a graph are small keys; the library's pairs beside them have nothing but maps of its own in them.
#[test]
fn the_keys_are_what_was_put_in_where_the_values_are_a_librarys_links() {
    const N: usize = 6_000;
    let mut heap = Heap::new();
    let station = heap.class("com.acme.Station").app();
    let station = station.field("id", Kind::Int).done();
    let pair = heap.class("org.apache.graph.Pair");
    let pair = pair.fields("first:L second:L").done();
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for _ in 0..N {
        let (key, value) = (heap.instance(station), heap.instance(pair));
        for side in ["first", "second"] {
            let links = heap.hash_map(&[]);
            heap.set(value, side, links);
        }
        entries.push((key.into(), value.into()));
    }
    let vertices = heap.hash_map(&entries);
    let graph = object(
        &mut heap,
        "org.apache.graph.SparseGraph",
        &[("vertices", vertices.into())],
    );
    let net = object(&mut heap, "com.acme.Network", &[("graph", graph.into())]);
    in_static(&mut heap, "com.acme.Main", "NETWORK", net);
    let json = json(&heap);
    let (_, _, field, content, objects) = told(&json);
    let found = (field.as_str(), content.as_str(), objects);
    assert_eq!(found, ("graph", "com.acme.Station", N as u64));
}

/// What is told of 2,000 gauges of a library's, each with a callback of its own that has captured a callback of the application's, and
/// that an object of `class` with `bytes`.
fn callbacks(bytes: usize) -> (String, u64) {
    let mut heap = Heap::new();
    let uploads = payloads(&mut heap, "com.acme.Upload", 2_000, bytes);
    let own = each(&mut heap, "com.acme.Views$$Lambda+0x1", "arg$1", &uploads);
    let theirs = "org.apache.metric.Gauge$$Lambda+0x2";
    let theirs = each(&mut heap, theirs, "arg$1", &own);
    let class = "org.apache.metric.state.Registration";
    let class = heap.class(class).fields("run:L label:L").done();
    let label = |heap: &mut Heap| heap.prim_array(Kind::Byte, 400);
    let one = |heap: &mut Heap, &run: &Obj| {
        let (registration, label) = (heap.instance(class), label(heap));
        heap.set(registration, "run", run);
        heap.set(registration, "label", label);
        registration
    };
    let all: Vec<Obj> = theirs.iter().map(|run| one(&mut heap, run)).collect();
    let list = heap.array_list(&all);
    let state = [("callbacks", list.into())];
    let state = object(&mut heap, "org.apache.metric.state.Shared", &state);
    let app = object(&mut heap, "com.acme.Telemetry", &[("meter", state.into())]);
    in_static(&mut heap, "com.acme.Main", "APP", app);
    let (_, class, field, content, objects) = told(&json(&heap));
    let holder = (class.as_str(), field.as_str());
    assert_eq!(holder, ("com.acme.Telemetry", "meter"));
    (content, objects)
}

#[test]
fn what_the_callbacks_of_a_librarys_registrations_have_captured_was_put_in() {
    assert_eq!(callbacks(KB), ("com.acme.Upload".to_owned(), 2_000));
}

//! What the first suspect holds, and suspects that no path or no strong reference leads to.

use serde_json::json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Heap, Kind, Obj, Strength, Value};

#[test]
fn somebodys_objects_in_a_component_of_the_jdk_are_what_it_holds() {
    let mut heap = Heap::new();
    let beans = payloads(&mut heap, "com.acme.Stat", 2_000, KB);
    let wrapped: Vec<Obj> = {
        let class = heap
            .class("com.sun.jmx.mbeanserver.NamedObject")
            .field("object", Kind::Object)
            .done();
        let wrap = |&bean: &Obj| {
            let named = heap.instance(class);
            heap.set(named, "object", bean);
            named
        };
        beans.iter().map(wrap).collect()
    };
    let list = heap.array_list(&wrapped);
    let server = object(
        &mut heap,
        "com.sun.jmx.mbeanserver.JmxMBeanServer",
        &[("repository", list.into())],
    );
    heap.class("java.lang.management.ManagementFactory")
        .static_field("platformMBeanServer", server)
        .done();
    let json = json(&heap);
    let (_, class, _, content, objects) = told(&json);
    assert_eq!(class, "java.lang.management.ManagementFactory");
    assert_eq!((content.as_str(), objects), ("com.acme.Stat", 2_000));
}

#[test]
fn the_one_of_many_that_holds_nearly_all_is_the_suspect() {
    let mut heap = Heap::new();
    let socket = heap
        .class("com.acme.Socket")
        .app()
        .field("out", Kind::Object)
        .done();
    let mut sockets = Vec::new();
    for i in 0..200 {
        let n = if i == 3 { 5_000 } else { 2 };
        let messages: Vec<Obj> = (0..n).map(|_| heap.prim_array(Kind::Byte, KB)).collect();
        let (object, queue) = (heap.instance(socket), heap.array_list(&messages));
        heap.set(object, "out", queue);
        sockets.push(object);
    }
    let open = heap.array_list(&sockets);
    in_static(&mut heap, "com.acme.Server", "OPEN", open);
    let json = json(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Socket",
        "out",
        "byte[]",
        5_000,
    );
    assert_eq!(json["suspects"][0]["holder"]["via"], "com.acme.Server.OPEN");
}

/// Customers in two maps, each with a field of theirs as the key: neither map nor customer alone keeps the names.
#[test]
fn whose_fields_are_keys_as_well_is_what_is_held() {
    const N: usize = 3_000;
    for fields in ["name mail", ""] {
        let mut heap = Heap::new();
        let class = heap
            .class("com.acme.Customer")
            .app()
            .fields("name:L mail:L")
            .done();
        let (mut by_name, mut by_mail) = (Vec::new(), Vec::new());
        for i in 0..N {
            let customer = heap.instance(class);
            let name = heap.string(&format!("{i:0>200}"));
            let mail = heap.string(&format!("{i:0>300}@example.com"));
            for (field, key, map) in [("name", name, &mut by_name), ("mail", mail, &mut by_mail)] {
                if fields.contains(field) {
                    heap.set(customer, field, key);
                }
                map.push((Value::from(key), Value::from(customer)));
            }
        }
        let maps = [heap.hash_map(&by_name), heap.hash_map(&by_mail)];
        heap.class("com.acme.Directory")
            .app()
            .static_field("BY_NAME", maps[0])
            .static_field("BY_MAIL", maps[1])
            .done();
        let json = json(&heap);
        let (_, class, _, content, objects) = told(&json);
        assert_eq!(class, "com.acme.Directory");
        let expected = match fields {
            // Nothing says that the keys have to do with the customers.
            "" => ("java.lang.String", N as u64),
            _ => ("com.acme.Customer", N as u64),
        };
        assert_eq!((content.as_str(), objects), expected, "{fields}: {json}");
    }
}

#[test]
fn a_few_large_elements_show_in_the_sizes() {
    let mut heap = Heap::new();
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    for i in 0..300 {
        let n = if i == 7 { 3_000 } else { 1 };
        let events: Vec<Obj> = (0..n).map(|_| heap.prim_array(Kind::Byte, KB)).collect();
        let (key, list) = (heap.string("user"), heap.array_list(&events));
        pairs.push((key.into(), list.into()));
    }
    let map = heap.hash_map(&pairs);
    in_static(&mut heap, "com.acme.Events", "BY_USER", map);
    let json = json(&heap);
    let content = &json["suspects"][0]["content"];
    assert_eq!(content["collection"]["entries"], 300, "{content}");
    assert_eq!(content["collection"]["value_class"], "java.util.ArrayList");
    let sizes = &content["element_sizes"];
    let bytes = |name: &str| sizes[name].as_u64().unwrap_or(0);
    assert!(
        bytes("max") > 3_000_000 && bytes("median") < 2_000,
        "{sizes}"
    );
}

#[test]
fn a_finalizer_backlog_has_an_owner() {
    let mut heap = Heap::new();
    for object in payloads(&mut heap, "com.acme.Resource", 3_000, KB) {
        heap.finalizable(object);
    }
    let json = json(&heap);
    expect(
        &json,
        "vm_internal",
        "java.lang.ref.Finalizer",
        "queue",
        "com.acme.Resource",
        3_000,
    );
    let share = json["suspects"][0]["share_of_reachable"].as_f64();
    assert!(share > Some(0.5) && share <= Some(1.0), "{share:?}");
}

#[test]
fn values_of_a_class_value_have_an_owner_though_no_path_leads_there() {
    for (declared, own_field) in [(true, false), (true, true), (false, false)] {
        let mut heap = Heap::new();
        let key = heap.new_object("java.lang.Object");
        if declared {
            in_static(&mut heap, "com.acme.Registry", "INFO", key);
        }
        let version = object(
            &mut heap,
            "java.lang.ClassValue$Version",
            &[("classValue", key.into())],
        );
        heap.jdk("java.lang.ref.WeakReference");
        let mut builder = heap.class("java.lang.ClassValue$Entry");
        // JDK 25 keeps the weak reference in a field; before, the entry was one.
        builder = match own_field {
            true => builder.field("version", Kind::Object),
            false => builder.extends("java.lang.ref.WeakReference"),
        };
        let entry_class = builder.field("value", Kind::Object).done();
        let info = payloads(&mut heap, "com.acme.Info", 1, 3_000 * KB)[0];
        let entry = heap.instance(entry_class);
        match own_field {
            true => {
                let weak = heap.reference(Strength::Weak, version);
                heap.set(entry, "version", weak);
            }
            false => {
                heap.set(entry, "referent", version);
            }
        }
        heap.set(entry, "value", info);
        let table = heap.object_array(entry_class, &[entry]);
        object(
            &mut heap,
            "java.lang.ClassValue$ClassValueMap",
            &[("cacheArray", table.into())],
        );
        let json = json(&heap);
        let (class, field) = match declared {
            true => ("com.acme.Registry", "INFO"),
            false => ("java.lang.Class", "classValueMap"),
        };
        let (_, holder, name, content, _) = told(&json);
        assert_eq!(
            (holder.as_str(), name.as_str()),
            (class, field),
            "{}",
            json["suspects"]
        );
        assert_eq!(content, "com.acme.Info");
    }
}

#[test]
fn weak_and_soft_holders_accuse_nobody() {
    let mut heap = Heap::new();
    let images = payloads(&mut heap, "com.acme.Image", 2_000, KB);
    let references: Vec<Obj> = images
        .iter()
        .map(|&image| heap.reference(Strength::Soft, image))
        .collect();
    let list = heap.array_list(&references);
    in_static(&mut heap, "com.acme.Images", "CACHE", list);
    assert_eq!(json(&heap)["suspects"], json!([]));
}

#[test]
fn each_of_many_threads_counts() {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Worker").app().done();
    for i in 0..5_000 {
        let thread = heap.thread(&format!("worker-{i}"));
        let frame = heap.frame(thread, class, "serve", None, 1);
        let request = heap.prim_array(Kind::Byte, KB);
        heap.local(thread, frame, request);
    }
    let json = json(&heap);
    expect(&json, "thread", "com.acme.Worker", "-", "byte[]", 5_000);
    assert_eq!(json["suspects"][0]["holder"]["count"], 5_000);
}

#[test]
fn a_thread_that_shares_its_work_tells_what_the_work_holds() {
    let mut heap = Heap::new();
    let actions = payloads(&mut heap, "com.acme.Action", 2_000, KB);
    let list = heap.array_list(&actions);
    let work = object(
        &mut heap,
        "jdk.internal.ref.CleanerImpl",
        &[("list", list.into())],
    );
    let holder = object(
        &mut heap,
        "java.lang.Thread$FieldHolder",
        &[("task", work.into())],
    );
    heap.jdk("java.lang.Thread");
    let class = heap
        .class("jdk.internal.misc.InnocuousThread")
        .extends("java.lang.Thread")
        .field("holder", Kind::Object)
        .done();
    let thread = heap.thread_of(class, "Cleaner-0");
    let thread_object = heap.thread_object(thread);
    heap.set(thread_object, "holder", holder);
    // The work is on the stack as well, so its holder dominates nothing.
    let frame = heap.frame(thread, class, "run", None, 1);
    heap.local(thread, frame, work);
    let cleaner = object(&mut heap, "java.lang.ref.Cleaner", &[("impl", work.into())]);
    in_static(&mut heap, "com.acme.Main", "CLEANER", cleaner);
    expect(
        &json(&heap),
        "static_field",
        "com.acme.Main",
        "CLEANER",
        "com.acme.Action",
        2_000,
    );
}

/// The entries of a Caffeine cache with a maximum are linked in order of their use besides, so its map dominates none of them.
#[test]
fn a_cache_within_its_maximum_is_cleared_though_its_map_does_not_dominate_the_entries() {
    for entries in [3_000, 9_000] {
        let mut heap = Heap::new();
        let package = "com.github.benmanes.caffeine.cache";
        let node = heap
            .class(&format!("{package}.PSMS"))
            .app()
            .fields("value:L next:L")
            .done();
        let values = payloads(&mut heap, "com.acme.Page", entries, KB);
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        let mut first = None;
        for &value in &values {
            let (key, entry) = (heap.string("key"), heap.instance(node));
            heap.set(entry, "value", value);
            if let Some(next) = first.replace(entry) {
                heap.set(entry, "next", next);
            }
            pairs.push((key.into(), entry.into()));
        }
        let map = heap.concurrent_hash_map(&pairs);
        heap.class(&format!("{package}.BoundedLocalCache"))
            .app()
            .field("data", Kind::Object)
            .done();
        let class = heap
            .class(&format!("{package}.SSMS"))
            .app()
            .extends(&format!("{package}.BoundedLocalCache"))
            .fields("order:L maximum:J weightedSize:J")
            .done();
        let cache = heap.instance(class);
        heap.set(cache, "data", map)
            .set(cache, "order", first.expect("entries"))
            .set(cache, "maximum", 4_000i64)
            .set(cache, "weightedSize", entries as i64);
        in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
        let json = json(&heap);
        let cleared = json["checked_and_cleared"].as_array().expect("a list");
        let known = cleared.iter().any(|row| row["id"] == "caffeine_cache");
        if entries > 5_000 {
            expect(
                &json,
                "static_field",
                "com.acme.Pages",
                "CACHE",
                "com.acme.Page",
                entries as u64,
            );
            assert_eq!(json["suspects"][0]["pattern"]["assessment"], "above_bound");
        } else {
            assert!(known, "{cleared:?}");
            assert_eq!(json["suspects"], json!([]));
        }
    }
}

/// `n` classes with one object each, which holds a body; `end` makes a number at the end of their names.
fn scripts(n: usize, end: impl Fn(usize) -> String) -> serde_json::Value {
    let mut heap = Heap::new();
    let mut all = Vec::new();
    for i in 0..n {
        let class = heap.class(&format!("com.acme.Script{}", end(i)));
        let class = class.app().field("body", Kind::Object).done();
        let (object, body) = (heap.instance(class), heap.prim_array(Kind::Byte, 20_000));
        heap.set(object, "body", body);
        all.push(object);
    }
    let list = heap.array_list(&all);
    in_static(&mut heap, "com.acme.Engine", "SCRIPTS", list);
    json(&heap)
}

#[test]
fn objects_of_generated_classes_are_told_by_their_family() {
    let json = scripts(200, |i| i.to_string());
    let (class, field) = ("com.acme.Engine", "SCRIPTS");
    expect(&json, "static_field", class, field, "com.acme.Script*", 200);
    // Classes with names of their own are no family.
    let json = scripts(200, |i| format!("{i}x"));
    expect(&json, "static_field", class, field, "byte[]", 200);
}

/// Nobody fixes `1 × com.acme.Model`: what the JDK's class above it keeps for it is what there is much of.
#[test]
fn subclasses_of_the_jdks_keepers_are_looked_through() {
    let mut heap = Heap::new();
    let forms = payloads(&mut heap, "com.acme.Form", 2_000, KB);
    let list = heap.array_list(&forms);
    let above = heap
        .class("java.util.Observable")
        .fields("changed:Z obs:L")
        .done();
    let class = heap.class("com.acme.Model").app().superclass(above).done();
    let model = heap.instance(class);
    heap.set(model, "obs", list);
    in_static(&mut heap, "com.acme.Main", "MODEL", model);
    let json = json(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.Main",
        "MODEL",
        "com.acme.Form",
        2_000,
    );
}

/// A list of `owners` of class `com.acme.Tenant` with `each` sessions.
fn tenants(owners: usize, each: usize) -> serde_json::Value {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Tenant")
        .app()
        .field("sessions", Kind::Object)
        .done();
    let mut tenants = Vec::new();
    for _ in 0..owners {
        let sessions = payloads(&mut heap, "com.acme.Session", each, KB);
        let (tenant, list) = (heap.instance(class), heap.array_list(&sessions));
        heap.set(tenant, "sessions", list);
        tenants.push(tenant);
    }
    let list = heap.array_list(&tenants);
    in_static(&mut heap, "com.acme.Main", "TENANTS", list);
    json(&heap)
}

#[test]
fn masses_in_a_few_are_what_is_held() {
    expect(
        &tenants(10, 1_000),
        "instance_field",
        "com.acme.Tenant",
        "sessions",
        "com.acme.Session",
        10_000,
    );
    expect(
        &tenants(200, 40),
        "static_field",
        "com.acme.Main",
        "TENANTS",
        "com.acme.Tenant",
        200,
    );
}

#[test]
fn a_node_of_a_ring_is_no_collection_around_it() {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Ring$R")
        .app()
        .field("id", Kind::Int)
        .field("back", Kind::Object)
        .field("prev", Kind::Object)
        .field("next", Kind::Object)
        .done();
    let nodes: Vec<Obj> = (0..50_000).map(|_| heap.instance(class)).collect();
    for (i, &node) in nodes.iter().enumerate() {
        heap.set(node, "next", nodes[(i + 1) % nodes.len()]);
        heap.set(node, "prev", nodes[(i + nodes.len() - 1) % nodes.len()]);
    }
    let object_class = heap.jdk("java.lang.Object");
    let back = heap.object_array(object_class, &[nodes[7], nodes[0], nodes[49_999]]);
    heap.set(nodes[0], "back", back);
    in_static(&mut heap, "com.acme.Ring", "RING", nodes[0]);
    let json = json(&heap);
    let (_, class, field, content, objects) = told(&json);
    assert_eq!((class.as_str(), field.as_str()), ("com.acme.Ring", "RING"));
    assert_eq!((content.as_str(), objects), ("com.acme.Ring$R", 50_000));
    assert_eq!(json["suspects"][0]["content"]["collection"], json!(null));
}

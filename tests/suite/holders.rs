//! Synthetic dumps with a planted holder: is it named, is nobody else, and are the sizes right?

use std::collections::BTreeMap;

use crate::end_to_end::{cache_of, objects};
use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Obj, Strength, Written};

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The retained size the objects table tells of one object.
fn retained(written: &Written, object: Obj) -> u64 {
    objects(&written.bytes)[&written.address(object)].retained
}

#[test]
fn a_static_cache_is_named_by_its_field_and_its_content() {
    let mut heap = Heap::new();
    let (_, map) = cache_of(&mut heap, 1000);
    let written = heap.write();
    let json = report(&temporary(".hprof", &written.bytes));
    let suspect = &json["suspects"][0];
    assert_eq!(
        text(&suspect["holder"]["kind"]),
        "static_field",
        "{suspect}"
    );
    assert_eq!(text(&suspect["holder"]["class"]), "com.acme.UserCache");
    assert_eq!(text(&suspect["holder"]["field"]), "CACHE");
    assert_eq!(text(&suspect["content"]["class"]), "com.acme.User");
    assert_eq!(suspect["content"]["objects"], 1000);
    assert_eq!(suspect["retained_bytes"], retained(&written, map));
    assert_eq!(
        json["suspects"].as_array().map(Vec::len),
        Some(1),
        "told once: {json}"
    );
}

#[test]
fn a_thread_is_named_by_its_name() {
    let mut heap = Heap::new();
    let order = heap
        .class("com.acme.Order")
        .app()
        .field("document", Kind::Object)
        .done();
    let mut orders = Vec::new();
    for _ in 0..500 {
        let (object, document) = (heap.instance(order), heap.bytes(&[1; 5000]));
        heap.set(object, "document", document);
        orders.push(object);
    }
    let list = heap.array_list(&orders);
    let thread = heap.thread("order-import");
    let frame = heap.frame(thread, order, "importAll", Some("Order.java"), 31);
    heap.local(thread, frame, list);
    let written = heap.write();
    let json = report(&temporary(".hprof", &written.bytes));
    let suspect = &json["suspects"][0];
    assert_eq!(text(&suspect["holder"]["kind"]), "thread", "{suspect}");
    assert_eq!(text(&suspect["holder"]["thread"]), "order-import");
    assert_eq!(text(&suspect["content"]["class"]), "com.acme.Order");
    // A local variable hangs under its thread, whatever the order of the roots.
    let rows = objects(&written.bytes);
    assert_eq!(
        rows[&written.address(list)].dominator,
        Some(written.address(heap.thread_object(thread)))
    );
}

#[test]
fn nothing_is_suspected_in_a_small_heap() {
    let mut heap = Heap::new();
    let small = heap.array_blocking_queue::<Obj>(2048, &[]);
    heap.class("com.acme.Exporter")
        .app()
        .static_field("QUEUE", small)
        .done();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    assert_eq!(json["suspects"], serde_json::json!([]));
}

#[test]
fn what_only_references_reach_has_its_own_line() {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Data")
        .field("content", Kind::Object)
        .done();
    let mut sizes = BTreeMap::new();
    let mut holders = Vec::new();
    for (line, count, strength) in [
        ("soft", 5, Some(Strength::Soft)),
        ("weak", 4, Some(Strength::Weak)),
        ("phantom", 3, Some(Strength::Phantom)),
        ("final", 2, None),
    ] {
        for _ in 0..count {
            let (data, content) = (heap.instance(class), heap.bytes(&[7; 100]));
            heap.set(data, "content", content);
            match strength {
                Some(strength) => holders.push(heap.reference(strength, data)),
                None => drop(heap.finalizable(data)),
            }
            let bytes = heap.shallow_size(data) + heap.shallow_size(content);
            let total: &mut (u64, u64) = sizes.entry(line).or_default();
            *total = (total.0 + 2, total.1 + bytes);
        }
    }
    // Strongly held as well: counted as strong, whatever refers to it weakly.
    let strong = heap.instance(class);
    holders.extend([strong, heap.reference(Strength::Weak, strong)]);
    let lost = heap.bytes(&[0; 999]);
    let list = heap.array_list(&holders);
    heap.class("com.acme.Refs")
        .static_field("LIST", list)
        .done();
    let lost_bytes = heap.shallow_size(lost);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    for (line, (objects, bytes)) in sizes {
        assert_eq!(json["heap"][line]["objects"], objects, "{line}");
        assert_eq!(json["heap"][line]["bytes"], bytes, "{line}");
    }
    assert_eq!(json["heap"]["no_path"]["objects"], 1);
    assert_eq!(json["heap"]["no_path"]["bytes"], lost_bytes);
}

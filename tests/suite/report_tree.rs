//! The picture of the dominator tree: through collections to what is in them, with everything that is reachable.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, json, object, payloads};
use crate::synth::{Heap, Strength, Value};

fn nodes(json: &Json) -> Vec<(String, String, u64)> {
    let nodes = json["dominator_tree"]["nodes"].as_array().expect("nodes");
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    let row = |node: &Json| {
        let objects = node["objects"].as_u64().expect("a number");
        (text(&node["reference"]), text(&node["class"]), objects)
    };
    nodes.iter().map(row).collect()
}

fn has(json: &Json, reference: &str, class: &str, objects: u64) {
    let all = nodes(json);
    let wanted = (reference.to_owned(), class.to_owned(), objects);
    assert!(all.contains(&wanted), "no {wanted:?} in {all:?}");
}

#[test]
fn the_picture_goes_on_to_what_is_in_a_collection() {
    let mut heap = Heap::new();
    let sessions = payloads(&mut heap, "com.acme.Session", 2_000, KB);
    let pairs: Vec<(Value, Value)> = sessions.iter().map(|&s| (Value::Null, s.into())).collect();
    let map = heap.hash_map(&pairs);
    let manager = object(&mut heap, "com.acme.Manager", &[("sessions", map.into())]);
    in_static(&mut heap, "com.acme.Shop", "MANAGER", manager);
    let json = json(&heap);
    has(&json, "sessions", "java.util.HashMap", 1);
    has(&json, "-", "com.acme.Session", 2_000);
    has(&json, "body", "byte[]", 2_000);
    let classes = nodes(&json);
    assert!(
        classes.iter().all(|node| !node.1.contains("HashMap$Node")),
        "{classes:?}"
    );
}

/// An array of the application's has a field whose name says what it is.
#[test]
fn what_an_array_holds_stands_below_its_field() {
    let mut heap = Heap::new();
    let lines = payloads(&mut heap, "com.acme.OrderLine", 2_000, KB);
    let class = heap.class_named("com.acme.OrderLine").expect("a class");
    let array = heap.object_array(class, &lines);
    let order = object(&mut heap, "com.acme.Order", &[("lines", array.into())]);
    in_static(&mut heap, "com.acme.Shop", "ORDER", order);
    has(&json(&heap), "lines", "com.acme.OrderLine", 2_000);
}

/// A near miss: an array with room for much keeps nothing but itself, and stays.
#[test]
fn an_array_that_is_large_itself_is_shown() {
    let mut heap = Heap::new();
    let class = heap.jdk("java.lang.Object");
    let array = heap.object_array(class, &vec![Value::Null; 500_000]);
    in_static(&mut heap, "com.acme.Shop", "ROOM", array);
    has(&json(&heap), "static ROOM", "java.lang.Object[]", 1);
}

#[test]
fn what_is_softly_reachable_is_in_the_picture() {
    let mut heap = Heap::new();
    let page = payloads(&mut heap, "com.acme.Page", 1, 3_000 * KB)[0];
    let soft = heap.reference(Strength::Soft, page);
    in_static(&mut heap, "com.acme.Shop", "PAGE", soft);
    let json = json(&heap);
    has(&json, "-", "com.acme.Page", 1);
    let heap = &json["heap"];
    let kinds = ["strong", "soft", "weak", "final", "phantom"];
    let reachable: u64 = kinds
        .iter()
        .map(|kind| heap[kind]["bytes"].as_u64().expect("bytes"))
        .sum();
    assert_eq!(json["dominator_tree"]["total_bytes"], reachable);
}

//! What the tests of holders share: payloads, and what a report tells of its first suspect.

use serde_json::Value as Json;

use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Obj, Value};

pub const KB: usize = 1000;

pub fn json(heap: &Heap) -> Json {
    report(&temporary(".hprof", &heap.write().bytes))
}

/// Objects of `class` with a byte array of `bytes` each.
pub fn payloads(heap: &mut Heap, class: &str, n: usize, bytes: usize) -> Vec<Obj> {
    let class = heap.class(class).app().field("body", Kind::Object).done();
    let mut all = Vec::new();
    for _ in 0..n {
        let (object, body) = (heap.instance(class), heap.prim_array(Kind::Byte, bytes));
        heap.set(object, "body", body);
        all.push(object);
    }
    all
}

/// An object of a class that is declared with these fields.
pub fn object(heap: &mut Heap, class: &str, fields: &[(&str, Value)]) -> Obj {
    let mut builder = heap.class(class);
    if class.starts_with("com.acme.") {
        builder = builder.app();
    }
    for (name, value) in fields {
        builder = builder.field(name, value.kind());
    }
    let class = builder.done();
    let object = heap.instance(class);
    for (name, value) in fields {
        heap.set(object, name, *value);
    }
    object
}

pub fn in_static(heap: &mut Heap, class: &str, field: &str, object: Obj) {
    heap.class(class).app().static_field(field, object).done();
}

/// Kind, class and field of the first suspect's holder; class and number of what it holds.
pub fn told(json: &Json) -> (String, String, String, String, u64) {
    let suspect = &json["suspects"][0];
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    let (holder, content) = (&suspect["holder"], &suspect["content"]);
    (
        text(&holder["kind"]),
        text(&holder["class"]),
        text(&holder["field"]),
        text(&content["class"]),
        content["objects"].as_u64().unwrap_or(0),
    )
}

pub fn expect(json: &Json, kind: &str, class: &str, field: &str, content: &str, objects: u64) {
    let wanted = (
        kind.to_owned(),
        class.to_owned(),
        field.to_owned(),
        content.to_owned(),
        objects,
    );
    assert_eq!(told(json), wanted, "{}", json["suspects"]);
}

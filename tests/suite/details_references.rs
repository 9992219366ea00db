//! Weak keys that their values keep, and who holds what is softly held.

use serde_json::Value;

use crate::support::{golden, report, run, temporary};
use crate::synth::{Class, Heap, Kind, Obj, Strength, Value as Slot};

fn full(dump: &std::path::Path, format: &str) -> String {
    let arguments = ["--detail", "full", "--format", format];
    let dump = [dump.as_os_str()].into_iter();
    run(dump.chain(arguments.map(AsRef::as_ref)))
        .succeeded()
        .text()
}

/// A `WeakHashMap` whose entries are all in one bucket: each refers to the next, and its value to its key.
#[test]
fn entries_of_one_bucket_are_counted_once() {
    const ENTRIES: usize = 50;
    let mut heap = Heap::new();
    let entry_class = heap
        .class("java.util.WeakHashMap$Entry")
        .extends("java.lang.ref.WeakReference")
        .fields("value:L next:L")
        .done();
    let key_class = heap.class("com.acme.Session").app().done();
    let value_class = heap.class("com.acme.Info").app().fields("of:L").done();
    let (mut next, mut bytes): (Option<Obj>, u64) = (None, 0);
    for _ in 0..ENTRIES {
        let (key, value) = (heap.instance(key_class), heap.instance(value_class));
        heap.set(value, "of", key);
        let entry = heap.reference_of(entry_class, key);
        heap.set(entry, "value", value).set(entry, "next", next);
        next = Some(entry);
        bytes += [key, value, entry]
            .map(|object| heap.shallow_size(object))
            .iter()
            .sum::<u64>();
    }
    let object = heap.jdk("java.lang.Object");
    let table = heap.object_array(object, &[Slot::from(next)]);
    let map_class = heap.class("java.util.WeakHashMap").fields("table:L size:I");
    let map_class = map_class.done();
    let map = heap.instance(map_class);
    heap.set(map, "table", table).set(map, "size", 50);
    heap.class("com.acme.Meta")
        .app()
        .static_field("BY_SESSION", map)
        .done();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let row = &json["references"]["self_referencing"][0];
    assert_eq!(row["holder"], "com.acme.Meta.BY_SESSION");
    assert_eq!(row["count"], ENTRIES);
    assert_eq!(row["retained_bytes"], bytes, "{row}");
}

#[test]
fn who_keeps_its_own_key_is_said_in_words() {
    let told = "the value of 1 entry holds its own key (com.acme.refs.References$Weak)";
    let text = full(&golden("references"), "text");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(told), "{text}");
    let page = full(&golden("references"), "markdown");
    assert!(
        page.contains("the value of 1 entry holds its own key"),
        "{page}"
    );
}

fn cache(heap: &mut Heap, class: &str, images: usize, bytes: usize) -> Class {
    let references: Vec<Obj> = (0..images)
        .map(|_| {
            let image = heap.prim_array(Kind::Byte, bytes);
            heap.reference(Strength::Soft, image)
        })
        .collect();
    let list = heap.array_list(&references);
    heap.class(class).app().static_field("CACHE", list).done()
}

fn holders(json: &Value) -> &Vec<Value> {
    let kinds = json["references"]["kinds"].as_array().expect("kinds");
    let soft = kinds.iter().find(|kind| kind["kind"] == "soft");
    let soft = soft.expect("soft references");
    soft["holders"].as_array().expect("holders")
}

#[test]
fn caches_of_soft_references_have_names() {
    let mut heap = Heap::new();
    cache(&mut heap, "com.acme.Images", 30, 65_536 - 16);
    cache(&mut heap, "com.acme.Fonts", 5, 65_536 - 16);
    cache(&mut heap, "com.acme.Tiny", 3, 100);
    let file = temporary(".hprof", &heap.write().bytes);
    let json = report(&file);
    let rows = holders(&json);
    assert_eq!(
        rows.len(),
        2,
        "less than one in a hundred is left out: {rows:?}"
    );
    assert_eq!(rows[0]["holder"], "com.acme.Images.CACHE");
    assert_eq!(rows[0]["references"], 30);
    assert_eq!(rows[0]["bytes"], 30 * 65_536);
    assert_eq!(rows[0]["estimated"], false);
    assert_eq!(rows[1]["holder"], "com.acme.Fonts.CACHE");
    let text = full(&file, "text");
    let told = "com.acme.Images.CACHE: 30 soft references, 1.9 MiB";
    assert!(text.contains(told), "{text}");
    for format in ["markdown", "html"] {
        let page = full(&file, format).replace('\u{a0}', " ");
        assert!(page.contains("30 soft references, 1.9 MiB"), "{page}");
    }
}

#[test]
fn a_little_that_is_softly_held_is_nobody_s() {
    let mut heap = Heap::new();
    cache(&mut heap, "com.acme.Images", 10, 1_000);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    assert!(holders(&json).is_empty());
}

/// So many that not every owner is looked for: all are counted, and the number says that it is no exact one.
#[test]
fn very_many_soft_references_are_sampled() {
    let mut heap = Heap::new();
    cache(&mut heap, "com.acme.Images", 9_000, 1_000);
    let file = temporary(".hprof", &heap.write().bytes);
    let json = report(&file);
    let rows = holders(&json);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["holder"], "com.acme.Images.CACHE");
    assert_eq!(rows[0]["references"], 9_000);
    assert_eq!(rows[0]["bytes"], 9_000 * 1_016);
    assert_eq!(rows[0]["estimated"], true);
    let text = full(&file, "text");
    assert!(text.contains("about 9,000 soft references"), "{text}");
}

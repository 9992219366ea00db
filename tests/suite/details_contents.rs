//! Reference objects and waste.

use serde_json::Value;
use tempfile::TempPath;

use crate::support::{golden, report, run, temporary};
use crate::synth::{Heap, Kind, Obj, Value as Slot};

fn waste(heap: &mut Heap) -> (Value, String) {
    let file = temporary(".hprof", &heap.write().bytes);
    let arguments = [
        file.as_os_str(),
        "--waste".as_ref(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    let run = run(arguments).succeeded();
    (run.json()["waste"]["findings"].clone(), run.text())
}

fn finding<'j>(findings: &'j Value, kind: &str) -> &'j Value {
    let all = findings.as_array().expect("findings");
    let found = all.iter().find(|finding| finding["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {findings}"))
}

fn keep(heap: &mut Heap, class: &str, objects: &[Obj]) {
    let list = heap.array_list(objects);
    heap.class(class).app().static_field("KEPT", list).done();
}

#[test]
fn equal_strings_are_counted_without_their_text() {
    let mut heap = Heap::new();
    let country = heap
        .class("com.acme.Country")
        .app()
        .field("name", Kind::Object)
        .done();
    let mut kept = Vec::new();
    for i in 0..2_000 {
        let object = heap.instance(country);
        let name = heap.string(if i % 2 == 0 {
            "secret-text-of-somebody"
        } else {
            "another-text"
        });
        heap.set(object, "name", name);
        kept.push(object);
    }
    keep(&mut heap, "com.acme.Countries", &kept);
    let (findings, text) = waste(&mut heap);
    let strings = finding(&findings, "duplicate_strings");
    assert_eq!(strings["objects"], 2_000 - 2);
    assert_eq!(strings["bytes"], 999 * (40 + 32));
    assert_eq!(strings["holder"], "com.acme.Country.name");
    assert!(!text.contains("secret-text"), "no contents in a report");
}

/// What only a local variable of a thread keeps is no constant's of the JDK; the shares of others are told.
#[test]
fn waste_of_a_local_variable_is_the_thread_s() {
    let mut heap = Heap::new();
    let texts: Vec<Obj> = (0..2_000)
        .map(|_| heap.string("one text of many"))
        .collect();
    let (mine, theirs) = texts.split_at(1_500);
    let list = heap.array_list(mine);
    let code = heap.class("com.acme.Job").app().done();
    let main = heap.thread("main");
    let frame = heap.frame(main, code, "run", Some("Job.java"), 7);
    heap.local(main, frame, list);
    let constant = heap.jdk("java.lang.String");
    let kept = heap.object_array(constant, theirs);
    heap.class("com.acme.Other")
        .app()
        .static_field("TEXTS", kept)
        .done();
    let (findings, _) = waste(&mut heap);
    let strings = finding(&findings, "duplicate_strings");
    let first = &strings["holders"][0];
    let title = first["title"].as_str().expect("a title");
    assert!(
        title.contains("com.acme.Job.run") && title.contains("main"),
        "{strings}"
    );
    assert_eq!(strings["holder"], first["title"]);
    assert!(
        (0.70..0.80).contains(&first["share"].as_f64().expect("a share")),
        "{strings}"
    );
    assert_eq!(strings["holders"][1]["title"], "com.acme.Other.TEXTS");
}

#[test]
fn collections_boxes_and_arrays_are_weighed() {
    let mut heap = Heap::new();
    let owner = heap
        .class("com.acme.Owner")
        .app()
        .field("map", Kind::Object)
        .done();
    let mut kept = Vec::new();
    for i in 0..500 {
        let object = heap.instance(owner);
        let map = heap.hash_map(&[]);
        heap.set(object, "map", map);
        kept.push(object);
        kept.push(heap.integer(i));
        kept.push(heap.integer(-i));
    }
    // Room for 8,192, three are there; the other is as it should be.
    let element = heap.integer(1);
    let data = heap.jdk("java.lang.Object");
    let mut slots = vec![Slot::Null; 8_192];
    slots[..3].fill(element.into());
    let large = heap.object_array(data, &slots);
    let list = heap.array_list::<Obj>(&[]);
    heap.set(list, "elementData", large).set(list, "size", 3i32);
    let full = heap.array_list(&[element; 4_096]);
    let mut table = vec![Slot::Null; 20_000];
    table[0] = element.into();
    let sparse = heap.object_array(data, &table);
    let zeros = heap.prim_array(Kind::Byte, 50_000);
    kept.extend([list, full, sparse, zeros]);
    keep(&mut heap, "com.acme.Kept", &kept);
    let map_bytes = 48 + 80;
    let (findings, _) = waste(&mut heap);
    let empty = finding(&findings, "empty_collections");
    assert_eq!(
        (&empty["objects"], &empty["bytes"]),
        (&500.into(), &(500 * map_bytes).into())
    );
    assert_eq!(empty["holder"], "com.acme.Owner.map");
    let oversized = finding(&findings, "oversized_collections");
    let saved = (16 + 4 * 8_192) - (16 + 16);
    assert_eq!(
        (&oversized["objects"], &oversized["bytes"]),
        (&1.into(), &saved.into())
    );
    // Not even the floor: 1,001 boxes of 16 bytes with 4 in each are 12,012 bytes.
    let boxed = findings.as_array().expect("findings").iter();
    assert_eq!(
        boxed
            .filter(|finding| finding["kind"] == "boxed_numbers")
            .count(),
        0
    );
    let sparse = finding(&findings, "sparse_arrays");
    assert_eq!(
        (&sparse["objects"], &sparse["bytes"]),
        (&1.into(), &(19_999 * 4).into())
    );
    assert_eq!(finding(&findings, "zero_arrays")["bytes"], 50_016);
}

/// (bytes of an array, distance between two, first address, what the regions leave of each in bytes)
#[test]
fn tails_of_humongous_regions_are_found_only_where_arrays_have_regions() {
    const MIB: u64 = 1 << 20;
    const G1: u64 = 0x7_9000_0000;
    // ZGC gives large arrays pages of their own, at multiples of 2 MiB.
    const ZGC: u64 = (1 << 42) + (1 << 32);
    for (bytes, apart, first, tail) in [
        (700_000, MIB, G1, Some(MIB - 700_000)),
        (700_000, MIB, G1 + 64, None),
        // Larger regions than the arrays alone would need.
        (2_200_016, 4 * MIB, G1, Some(4 * MIB - 2_200_016)),
        (5_000_016, 8 * MIB, G1 + 4 * MIB, Some(8 * MIB - 5_000_016)),
        (5_000_016, 6 * MIB, ZGC, None),
    ] {
        let mut heap = Heap::new().base(first - (1 << 28));
        let mut kept = Vec::new();
        for i in 1..=5u64 {
            let array = heap.prim_array(Kind::Byte, bytes - 16);
            heap.at(array, first + i * apart);
            kept.push(array);
        }
        let last = heap.bytes(&[1]);
        heap.at(last, first + 64 * MIB);
        kept.push(last);
        keep(&mut heap, "com.acme.Kept", &kept);
        let (findings, _) = waste(&mut heap);
        let findings = findings.as_array().expect("findings").iter();
        let mut tails = findings.filter(|finding| finding["kind"] == "humongous_regions");
        let told = tails.next().map(|tails| tails["bytes"].clone());
        let expected = tail.map(|tail| (5 * tail).into());
        assert_eq!(
            told, expected,
            "{bytes} bytes every {apart} from {first:#x}"
        );
    }
}

/// Who asks for it sees it at once, not only with every detail.
#[test]
fn waste_is_on_the_first_screen_where_it_was_asked_for() {
    let mut heap = Heap::new();
    let numbers: Vec<Obj> = (0..2_000).map(|i| heap.integer(i + 1_000)).collect();
    keep(&mut heap, "com.acme.Numbers", &numbers);
    let file = temporary(".hprof", &heap.write().bytes);
    let text = run([file.as_os_str(), "--waste".as_ref()])
        .succeeded()
        .text();
    assert!(text.contains("\nWASTE"), "{text}");
    assert!(text.contains("boxed java.lang.Integer"), "{text}");
    let without = run([file.as_os_str()]).succeeded().text();
    assert!(!without.contains("WASTE"), "{without}");
}

#[test]
fn waste_is_not_looked_for_unless_asked() {
    assert_eq!(report(&golden("sample"))["waste"], Value::Null);
}

/// `testdata/java/References.java`: 200 softly held objects, 51 weak keys of which one is in its own value, 100 finalizers.
#[test]
fn the_reference_objects_of_a_real_program() {
    let json = report(&golden("references"));
    let references = &json["references"];
    let kind = |name: &str| {
        let kinds = references["kinds"].as_array().expect("kinds");
        kinds
            .iter()
            .find(|kind| kind["kind"] == name)
            .expect("a kind")
            .clone()
    };
    assert!(kind("soft")["references"].as_u64() >= Some(200));
    let classes = kind("soft")["classes"].clone();
    let soft = classes.as_array().expect("classes").iter();
    let soft = soft.filter(|row| row["class"] == "com.acme.refs.References$Soft");
    assert_eq!(
        soft.map(|row| row["objects"].clone()).collect::<Vec<_>>(),
        [Value::from(200)]
    );
    assert!(kind("final")["references"].as_u64() >= Some(100));
    assert!(kind("phantom")["references"].as_u64() >= Some(100));
    assert_eq!(references["finalizer_queue"], 0);
    assert_eq!(references["finalizer_blocked_in"], Value::Null);
    assert_eq!(references["cleaners_pending"], 0);
    let own = references["self_referencing"].as_array().expect("rows");
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["holder"], "com.acme.refs.References.WEAK_MAP");
    assert_eq!(own[0]["class"], "com.acme.refs.References$Weak");
    assert_eq!(own[0]["count"], 1);
    // The entry and the array that is its value: a local variable of `main` holds the key too.
    assert_eq!(own[0]["retained_bytes"], 40 + 24);
}

/// A `WeakHashMap` of 2,000 sessions; the value refers back to the key, or is as large by itself.
fn weak_map(back: bool) -> TempPath {
    let mut heap = Heap::new();
    let class = heap
        .class("java.util.WeakHashMap$Entry")
        .extends("java.lang.ref.WeakReference")
        .fields("value:L next:L")
        .done();
    let key_class = heap.class("com.acme.Session").app().done();
    let value_class = heap
        .class("com.acme.Info")
        .app()
        .fields("of:L body:L")
        .done();
    let mut keys = Vec::new();
    let entries: Vec<Obj> = (0..2_000)
        .map(|_| {
            let (key, value) = (heap.instance(key_class), heap.instance(value_class));
            let body = heap.prim_array(Kind::Byte, 1_000);
            heap.set(value, "body", body);
            let entry = heap.reference_of(class, key);
            heap.set(entry, "value", value);
            if back {
                heap.set(value, "of", key);
            }
            keys.push(key);
            entry
        })
        .collect();
    let object = heap.jdk("java.lang.Object");
    let table = heap.object_array(object, &entries);
    let map = heap
        .class("java.util.WeakHashMap")
        .fields("table:L size:I")
        .done();
    let map = heap.instance(map);
    heap.set(map, "table", table).set(map, "size", 2_000);
    heap.class("com.acme.Meta")
        .app()
        .static_field("BY_SESSION", map)
        .done();
    if !back {
        keep(&mut heap, "com.acme.Sessions", &keys);
    }
    temporary(".hprof", &heap.write().bytes)
}

#[test]
fn weak_keys_that_their_values_keep_are_told_with_the_suspect() {
    let dump = weak_map(true);
    let text = run([&dump]).succeeded().text();
    assert!(
        text.contains("    note      Values of 2,000 entries"),
        "{text}"
    );
    let json = report(&dump);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "BY_SESSION", "{suspect}");
    let notes = suspect["notes"].to_string();
    let told = "Values of 2,000 entries refer to their own weak key (com.acme.Session)";
    assert!(notes.contains(told), "{notes}");
    let notes = report(&weak_map(false))["suspects"][0]["notes"].to_string();
    assert!(!notes.contains("own weak key"), "{notes}");
}

#[test]
fn a_thread_local_that_its_value_keeps_is_told_with_the_suspect() {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Codec").app();
    let class = class.fields("local:L body:L").done();
    for i in 0..4 {
        let thread = heap.thread(&format!("worker-{i}"));
        let (codec, local) = (
            heap.instance(class),
            heap.new_object("java.lang.ThreadLocal"),
        );
        let body = heap.prim_array(Kind::Byte, 1 << 20);
        heap.set(codec, "body", body).set(codec, "local", local);
        heap.set_thread_local(thread, local, codec);
    }
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["kind"], "thread_local", "{suspect}");
    let notes = suspect["notes"].to_string();
    assert!(
        notes.contains("own weak key (java.lang.ThreadLocal)"),
        "{notes}"
    );
}

/// Queues, copy-on-write lists and sets have their number of elements elsewhere than lists and maps.
#[test]
fn empty_queues_and_sets_cost_what_they_are_made_of() {
    const N: usize = 500;
    let mut heap = Heap::new();
    let class = heap
        .class("java.util.ArrayDeque")
        .fields("elements:L head:I tail:I")
        .done();
    let slots = heap.jdk("java.lang.Object");
    let element = heap.integer(7);
    let mut kept = Vec::new();
    let mut bytes = 0;
    for i in 0..2 * N {
        let deque = heap.instance(class);
        let array = heap.object_array(slots, &[Slot::Null; 17]);
        heap.set(deque, "elements", array);
        if i % 2 == 0 {
            bytes = heap.shallow_size(deque) + heap.shallow_size(array);
        } else {
            heap.set_element(array, 0, element);
            heap.set(deque, "tail", 1i32);
        }
        kept.push(deque);
    }
    keep(&mut heap, "com.acme.Kept", &kept);
    let (findings, _) = waste(&mut heap);
    let empty = finding(&findings, "empty_collections");
    let told = (empty["objects"].as_u64(), empty["bytes"].as_u64());
    assert_eq!(told, (Some(N as u64), Some(N as u64 * bytes)), "{empty}");
    assert!(
        empty["title"]
            .as_str()
            .is_some_and(|title| title.contains("ArrayDeque")),
        "{empty}"
    );
}

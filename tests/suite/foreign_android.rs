//! Android's dumps: version 1.0.3, several heaps, roots and arrays that no other writer knows.

use crate::damage_support::read;
use crate::support::{corpus, report, temporary};
use crate::synth::{Framing, Heap, Kind, Names, Obj, Options, Root};
use hprof_suspects::graph::Strength;

const APP: u32 = 65;
const IMAGE: u32 = 73;
const ZYGOTE: u32 = 90;

fn art() -> Options {
    Options {
        magic: "JAVA PROFILE 1.0.3",
        names: Names::Dots,
        framing: Framing::Segments(100_000),
        ..Options::jdk25()
    }
}

/// `holder.CACHE` -> a list of 1,500 arrays of 2,000 bytes, all in `heap`.
fn cache_in(heap: &mut Heap, class: &str, holder_heap: u32, content_heap: u32) -> Vec<Obj> {
    let arrays: Vec<Obj> = (0..1_500).map(|_| heap.bytes(&[7; 2_000])).collect();
    for &array in &arrays {
        heap.in_android_heap(array, content_heap);
    }
    let list = heap.array_list(&arrays);
    heap.in_android_heap(list, holder_heap);
    let cache = heap.class(class).app().static_field("CACHE", list).done();
    let mirror = heap.mirror(cache);
    heap.in_android_heap(mirror, holder_heap);
    arrays
}

fn told(heap: &Heap) -> serde_json::Value {
    report(&temporary(".hprof", &heap.write_with(&art()).bytes))
}

fn suspects(json: &serde_json::Value) -> &[serde_json::Value] {
    json["suspects"].as_array().expect("a list")
}

#[test]
fn the_same_holder_fires_in_the_app_heap_and_in_no_other() {
    for (content, fires) in [(APP, true), (ZYGOTE, false), (IMAGE, false)] {
        let mut heap = Heap::new().id_size(4);
        cache_in(&mut heap, "com.acme.Cache", APP, content);
        let json = told(&heap);
        let found = suspects(&json);
        assert_eq!(found.len(), usize::from(fires), "heap {content}: {found:?}");
        if fires {
            assert_eq!(found[0]["holder"]["class"], "com.acme.Cache");
            assert_eq!(found[0]["content"]["objects"], 1_500);
        } else {
            assert_ne!(json["verdict"]["heap"], "suspected");
        }
    }
}

#[test]
fn a_holder_in_the_zygote_is_blamed_for_what_the_app_put_there_only() {
    let mut heap = Heap::new().id_size(4);
    let arrays = cache_in(&mut heap, "android.app.Singleton", ZYGOTE, ZYGOTE);
    for &array in &arrays[..900] {
        heap.in_android_heap(array, APP);
    }
    let json = told(&heap);
    let found = suspects(&json);
    assert_eq!(found.len(), 1, "{found:?}");
    let app: u64 = arrays[..900].iter().map(|&a| heap.shallow_size(a)).sum();
    let retained = found[0]["retained_bytes"].as_u64().expect("a number");
    // The array behind the list is the app's too.
    assert!(
        (app..app + 20_000).contains(&retained),
        "{retained} retained, the app's arrays take {app}"
    );
    let objects = found[0]["retained_objects"].as_u64().expect("a number");
    assert!((900..=902).contains(&objects), "{objects} objects");
    assert_eq!(found[0]["content"]["objects"], 900);
}

#[test]
fn the_report_counts_per_heap() {
    let mut heap = Heap::new().id_size(4);
    cache_in(&mut heap, "com.acme.Cache", APP, ZYGOTE);
    let file = temporary(".hprof", &heap.write_with(&art()).bytes);
    let json = report(&file);
    let heaps = json["heap"]["android_heaps"].as_array().expect("a list");
    let of = |name: &str| {
        let found = heaps.iter().find(|heap| heap["name"] == name);
        found.unwrap_or_else(|| panic!("no heap {name}: {heaps:?}"))
    };
    assert!(of("zygote")["objects"].as_u64() >= Some(1_500));
    assert!(of("zygote")["bytes"].as_u64() >= Some(3_000_000));
    assert_eq!(of("zygote")["preloaded"], true);
    assert_eq!(of("app")["preloaded"], false);
    let all: u64 = heaps
        .iter()
        .filter_map(|heap| heap["objects"].as_u64())
        .sum();
    let snapshot_objects: u64 = ["strong", "soft", "weak", "final", "phantom", "no_path"]
        .iter()
        .filter_map(|kind| json["heap"][kind]["objects"].as_u64())
        .sum();
    assert_eq!(all, snapshot_objects, "every object is in one heap");
    let text = crate::support::run([file.to_str().expect("UTF-8"), "--detail", "full"]);
    let text = String::from_utf8_lossy(&text.stdout);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("heap zygote: "), "{text}");
    assert!(!tells_class_metadata(&json), "{}", json["ledger"]);
}

/// Whether memory of classes outside the heap is estimated: the figures are HotSpot's.
fn tells_class_metadata(json: &serde_json::Value) -> bool {
    let ledger = json["ledger"].as_array().expect("a ledger");
    ledger
        .iter()
        .any(|entry| entry["component"] == "class_metadata")
}

#[test]
fn a_dump_of_a_jvm_has_no_heaps() {
    let json = report(&temporary(".hprof", &Heap::new().write().bytes));
    assert_eq!(json["heap"]["android_heaps"], serde_json::json!([]));
    assert!(tells_class_metadata(&json), "{}", json["ledger"]);
}

#[test]
fn every_root_of_android_holds_but_the_unreachable_one() {
    use Root::{
        Debugger, Finalizing, InternedString, JniMonitor, ReferenceCleanup, Unreachable, VmInternal,
    };
    let mut heap = Heap::new().id_size(4);
    let class = heap.class("com.acme.Held").app().done();
    let thread = heap.thread("main");
    let roots = [
        InternedString,
        Finalizing,
        Debugger,
        ReferenceCleanup,
        VmInternal,
        JniMonitor { thread, depth: 3 },
        Unreachable,
    ];
    let held: Vec<Obj> = roots
        .into_iter()
        .map(|root| {
            let object = heap.instance(class);
            heap.root(root, object);
            object
        })
        .collect();
    let written = heap.write_with(&art());
    let snapshot = read(&written.bytes).expect("a dump");
    assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
    for (i, &object) in held.iter().enumerate() {
        let found = snapshot.find(written.address(object)).expect("the object");
        let expected = match i {
            6 => Strength::NoPath,
            _ => Strength::Strong,
        };
        assert_eq!(snapshot.strength(found), expected, "{:?}", roots[i]);
    }
}

#[test]
fn an_array_without_data_has_its_size_and_ends_where_the_record_ends() {
    use crate::synth::{RawDump, SubRecords};
    let mut content = SubRecords::new(4);
    for i in 0..20u64 {
        content.prim_array_nodata(0x1000 + 0x1008 * i, Kind::Int, 1_000);
        content.root(0x8D, 0x1000 + 0x1008 * i);
    }
    let mut dump = RawDump::with_header("JAVA PROFILE 1.0.3", 4, 4);
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(snapshot.len(), 20, "{:?}", snapshot.damage());
    let sizes: Vec<u64> = (0..20).map(|object| snapshot.shallow(object)).collect();
    assert!(
        sizes.iter().all(|&size| (4_008..=4_024).contains(&size)),
        "{sizes:?}"
    );
}

#[test]
fn the_real_dump_blames_neither_zygote_nor_image() {
    let Some(corpus) = corpus() else { return };
    let json = report(&corpus.join("foreign/android-leak_service_binder.hprof"));
    let heaps = json["heap"]["android_heaps"].as_array().expect("a list");
    let names: Vec<&str> = heaps
        .iter()
        .filter_map(|heap| heap["name"].as_str())
        .collect();
    assert!(
        ["app", "zygote"].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    let app = heaps
        .iter()
        .filter(|heap| heap["preloaded"] == false)
        .filter_map(|heap| heap["bytes"].as_u64())
        .sum::<u64>();
    let blamed: u64 = suspects(&json)
        .iter()
        .filter_map(|suspect| suspect["retained_bytes"].as_u64())
        .sum();
    assert!(blamed <= app, "{blamed} blamed, {app} in the app's heaps");
}

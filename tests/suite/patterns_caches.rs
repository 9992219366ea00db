//! Caches and queues that are filled to what they were made for are no suspects; what has room or no limit is.

use serde_json::Value as Json;

use hprof_suspects::suspects::patterns::Assessment;

use crate::holders_support::{KB, in_static, json, object, payloads};
use crate::patterns_shapes::{Case, above, array, check, component, either, keep};
use crate::synth::{Heap, Obj, Value};

/// Asked of suspects only: the tests here have the heaps.
pub const OF_SUSPECTS: &[&str] = &[
    "own_bounded_cache",
    "weak_map_without_keys",
    "immutable_collection",
];

pub const CASES: &[Case] = &[
    above("bounded_cache", |heap, fire| {
        let data = array(heap, 2_000);
        let fields = [
            ("data", data.into()),
            ("size", Value::Int(either(fire, 1_500, 990) as i32)),
            ("maxSize", Value::Int(1_000)),
        ];
        let class = "org.apache.commons.collections4.map.LRUMap";
        component(heap, class, &fields);
    }),
    Case {
        id: "ring_buffer",
        build: |heap, fire| {
            let entries = array(heap, 1_000);
            let class = match fire {
                true => "com.lmax.disruptor.RingBufferFields",
                false => "com.acme.RingBufferFields",
            };
            let size = ("bufferSize", Value::Int(1_000));
            component(heap, class, &[("entries", entries.into()), size]);
        },
        fires: Assessment::ByDesign,
        misses: None,
    },
    Case {
        id: "bounded_queue",
        build: |heap, fire| {
            let element = heap.bytes(&vec![0; 2 << 20]);
            let queue = heap.array_blocking_queue(either(fire, 9, 1), &[element]);
            keep(heap, &[queue]);
        },
        fires: Assessment::Unknown,
        misses: Some(Assessment::ByDesign),
    },
];

#[test]
fn bounds_fire_and_stay_quiet() {
    check(CASES);
}

const PAGES: usize = 1_000;

fn pages(heap: &mut Heap) -> Vec<Obj> {
    payloads(heap, "com.acme.Page", PAGES, 4 * KB)
}

fn cleared<'a>(json: &'a Json, id: &str) -> Option<&'a Json> {
    let rows = json["checked_and_cleared"].as_array()?;
    rows.iter().find(|row| row["id"] == id)
}

fn number(n: usize) -> Value {
    Value::Int(i32::try_from(n).expect("few"))
}

fn atomic(heap: &mut Heap, n: usize) -> Value {
    let class = "java.util.concurrent.atomic.AtomicLong";
    let class = heap
        .class_named(class)
        .unwrap_or_else(|| heap.class(class).fields("value:J").done());
    let atomic = heap.instance(class);
    heap.set(atomic, "value", n as i64);
    atomic.into()
}

/// A cache of one of the libraries' kinds with a thousand pages and a maximum.
fn cache(heap: &mut Heap, class: &str, most: usize) -> Obj {
    let pages = pages(heap);
    let pairs: Vec<(Value, Value)> = pages.iter().map(|&p| (p.into(), p.into())).collect();
    let simple = class.rsplit('.').next().expect("a name");
    let fields: Vec<(&str, Value)> = match simple {
        "LRUMap" if class.contains("jackson") => {
            let map = heap.concurrent_hash_map(&pairs);
            vec![("_map", map.into()), ("_maxEntries", number(most))]
        }
        "LRUMap" => {
            let data = heap.array_list(&pages);
            let size = ("size", number(PAGES));
            vec![("data", data.into()), size, ("maxSize", number(most))]
        }
        "EvictingQueue" => {
            let delegate = heap.array_list(&pages);
            vec![("delegate", delegate.into()), ("maxSize", number(most))]
        }
        "CircularFifoQueue" => {
            let class = heap.jdk("java.lang.Object");
            let elements = heap.object_array(class, &pages);
            let (start, end) = (("start", number(0)), ("end", number(0)));
            let full = ("full", Value::Boolean(true));
            let most = ("maxElements", number(most));
            vec![("elements", elements.into()), start, end, full, most]
        }
        "ConcurrentLinkedHashMap" => {
            let (most, weight) = (atomic(heap, most), atomic(heap, PAGES));
            let data = heap.concurrent_hash_map(&pairs);
            let weight = ("weightedSize", weight);
            vec![("data", data.into()), weight, ("capacity", most)]
        }
        "ConcurrentLruCache" => {
            let size = ("currentSize", atomic(heap, PAGES));
            let cache = heap.concurrent_hash_map(&pairs);
            vec![("cache", cache.into()), size, ("capacity", number(most))]
        }
        "BoundedConcurrentHashMap" => {
            let table = heap.array_list(&pages);
            let fields = [
                ("table", table.into()),
                ("count", number(PAGES)),
                ("evictCap", number(most)),
            ];
            let segment = object(heap, &format!("{class}$Segment"), &fields);
            let class = heap.jdk("java.lang.Object");
            let segments = heap.object_array(class, &[segment]);
            vec![("segments", segments.into())]
        }
        _ => {
            let eden = heap.concurrent_hash_map(&pairs);
            vec![("eden", eden.into()), ("size", number(most))]
        }
    };
    object(heap, class, &fields)
}

const KINDS: &[&str] = &[
    "org.apache.commons.collections4.map.LRUMap",
    "org.apache.commons.collections.map.LRUMap",
    "com.google.common.collect.EvictingQueue",
    "org.apache.commons.collections4.queue.CircularFifoQueue",
    "com.googlecode.concurrentlinkedhashmap.ConcurrentLinkedHashMap",
    "org.springframework.util.ConcurrentLruCache",
    "com.fasterxml.jackson.databind.util.LRUMap",
    "org.hibernate.internal.util.collections.BoundedConcurrentHashMap",
    "org.apache.el.util.ConcurrentCache",
];

#[test]
fn caches_filled_to_their_maximum_are_no_suspects() {
    for class in KINDS {
        let mut heap = Heap::new();
        let cache = cache(&mut heap, class, PAGES);
        in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
        let json = json(&heap);
        assert_eq!(json["suspects"], serde_json::json!([]), "{class}");
        let row = cleared(&json, "bounded_cache").unwrap_or_else(|| panic!("{class}: {json}"));
        assert_eq!(
            (&row["measured"], &row["bound"]),
            (&PAGES.into(), &PAGES.into()),
            "{class}"
        );
    }
}

/// A ring has all its slots from the beginning: it is no cache whose maximum is to be lowered.
#[test]
fn a_ring_is_told_as_a_ring() {
    let ring = |heap: &mut Heap| {
        let pages = pages(heap);
        let class = heap.jdk("java.lang.Object");
        let entries = heap.object_array(class, &pages);
        let fields = [("entries", entries.into()), ("bufferSize", number(PAGES))];
        let ring = object(heap, "com.lmax.disruptor.RingBufferFields", &fields);
        in_static(heap, "com.acme.Pages", "RING", ring);
    };
    let mut heap = Heap::new();
    ring(&mut heap);
    let json = json(&heap);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(&json, "ring_buffer").unwrap_or_else(|| panic!("{json}"));
    let measure = (&row["measured"], &row["bound"]);
    assert_eq!(measure, (&PAGES.into(), &PAGES.into()));
    assert_eq!(row["unit"], "slots");
}

#[test]
fn caches_above_their_maximum_are() {
    for class in KINDS.iter().filter(|class| !class.contains("Circular")) {
        let mut heap = Heap::new();
        let cache = cache(&mut heap, class, PAGES / 2);
        in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
        let json = json(&heap);
        let suspect = &json["suspects"][0];
        assert_eq!(
            suspect["holder"]["class"], "com.acme.Pages",
            "{class}: {suspect}"
        );
        assert_eq!(
            suspect["pattern"]["id"], "bounded_cache",
            "{class}: {suspect}"
        );
        assert_eq!(suspect["pattern"]["assessment"], "above_bound", "{class}");
    }
}

/// The pool's connections are in the list of all of them, too: its queue dominates none.
#[test]
fn a_full_pool_is_no_suspect_and_a_queue_with_room_is_one() {
    for (capacity, full) in [(PAGES, true), (2 * PAGES, false)] {
        let mut heap = Heap::new();
        let pages = pages(&mut heap);
        let idle = heap.array_blocking_queue(capacity, &pages);
        let all = heap.array_list(&pages);
        let fields = [("idle", idle.into()), ("all", all.into())];
        let source = object(&mut heap, "com.acme.Source", &fields);
        in_static(&mut heap, "com.acme.Pool", "SOURCE", source);
        let json = json(&heap);
        assert_eq!(cleared(&json, "bounded_queue").is_some(), full, "{json}");
        assert_eq!(
            json["suspects"].as_array().expect("a list").is_empty(),
            full
        );
        if !full {
            let pattern = &json["suspects"][0]["pattern"];
            assert_eq!(pattern["id"], "bounded_queue", "{json}");
            assert_eq!(pattern["bound"], 2 * PAGES, "{json}");
        }
    }
}

/// A cache of the application's own; the same with room, and one whose field counts.
#[test]
fn an_own_cache_filled_to_its_limit_is_no_suspect() {
    for (field, limit, dropped, clears) in [
        ("capacity", PAGES, 1, true),
        ("maxPages", PAGES, 1, true),
        ("capacity", 5 * PAGES, 1, false),
        ("size", PAGES, 1, false),
        // As many as were ever put in: that may be chance.
        ("capacity", PAGES, 0, false),
    ] {
        let mut heap = Heap::new();
        let pages = pages(&mut heap);
        let pairs: Vec<(Value, Value)> = pages.iter().map(|&p| (p.into(), p.into())).collect();
        let map = heap.hash_map(&pairs);
        heap.set(map, "modCount", number(PAGES + 2 * dropped));
        let fields = [
            ("map", map.into()),
            (field, number(limit)),
            ("name", Value::Null),
        ];
        let cache = object(&mut heap, "com.acme.PageCache", &fields);
        in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
        let json = json(&heap);
        let row = cleared(&json, "own_bounded_cache");
        assert_eq!(row.is_some(), clears, "{field} {limit} {dropped}: {json}");
        let left = json["suspects"].as_array().expect("a list").len();
        assert_eq!(left == 0, clears, "{field} {limit}: {json}");
    }
}

/// A list of its own grows when its array is full, however round the number of its places is.
#[test]
fn the_places_of_an_array_are_no_limit() {
    let mut heap = Heap::new();
    let pages = pages(&mut heap);
    let class = heap.jdk("java.lang.Object");
    let places = heap.object_array(class, &pages);
    let name = ("name", Value::Null);
    let fields = [("places", places.into()), ("capacity", number(PAGES)), name];
    let list = object(&mut heap, "com.acme.PageList", &fields);
    in_static(&mut heap, "com.acme.Pages", "LIST", list);
    let json = json(&heap);
    assert!(cleared(&json, "own_bounded_cache").is_none(), "{json}");
    assert_eq!(json["suspects"].as_array().map(Vec::len), Some(1), "{json}");
}

/// A maximum that was only observed is whatever it was.
#[test]
fn a_number_that_nobody_chose_is_no_limit() {
    let mut heap = Heap::new();
    let pages = payloads(&mut heap, "com.acme.Page", 1_037, 4 * KB);
    let pairs: Vec<(Value, Value)> = pages.iter().map(|&p| (p.into(), p.into())).collect();
    let map = heap.hash_map(&pairs);
    let fields = [
        ("map", map.into()),
        ("maxSeen", number(1_037)),
        ("name", Value::Null),
    ];
    let cache = object(&mut heap, "com.acme.PageCache", &fields);
    in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
    let json = json(&heap);
    assert!(cleared(&json, "own_bounded_cache").is_none(), "{json}");
}

/// What no field says is not exceeded either.
#[test]
fn an_lru_cache_without_a_field_is_not_told_to_exceed_its_limit() {
    let mut heap = Heap::new();
    let pages = pages(&mut heap);
    let pairs: Vec<(Value, Value)> = pages.iter().map(|&p| (p.into(), p.into())).collect();
    let plain = heap.linked_hash_map(&pairs);
    let base = heap.jdk("java.util.LinkedHashMap");
    let class = heap.class("com.acme.Pages$1").app().superclass(base).done();
    let map = heap.instance(class);
    for field in ["head", "tail", "table"] {
        let value = heap.instance_ref(plain, field);
        heap.set(map, field, value);
    }
    heap.set(map, "accessOrder", true)
        .set(map, "size", number(PAGES))
        .set(map, "modCount", number(PAGES));
    in_static(&mut heap, "com.acme.Pages", "CACHE", map);
    let json = json(&heap);
    let pattern = &json["suspects"][0]["pattern"];
    assert_eq!(pattern["id"], "linked_hash_map_lru", "{json}");
    assert_eq!(pattern["assessment"], "unknown", "{json}");
    let advice = pattern["advice"].as_str().expect("an advice");
    assert!(!advice.contains("more than its own limit"), "{advice}");
}

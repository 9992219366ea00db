//! What a bound, or keys that are gone, say of the verdict: queues and caches with room, and weak maps.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, object, payloads};
use crate::support::report;
use crate::synth::{Heap, Obj, Value};
use crate::verdict_minor::of_256_mib;

const PAGES: usize = 9_000;

fn cleared<'a>(json: &'a Json, id: &str) -> Option<&'a Json> {
    let rows = json["checked_and_cleared"].as_array()?;
    rows.iter().find(|row| row["id"] == id)
}

/// 18 MB of a maximum heap of 256 MiB, in a queue that takes up to `capacity`.
fn queue(capacity: usize) -> Json {
    let mut heap = Heap::new();
    let pages = payloads(&mut heap, "com.acme.Page", PAGES, 2 * KB);
    let queue = heap.array_blocking_queue(capacity, &pages);
    in_static(&mut heap, "com.acme.Pipe", "IN", queue);
    report(&of_256_mib(&mut heap))
}

#[test]
fn a_queue_with_room_is_harmless_where_the_full_one_fits_well_into_the_heap() {
    let json = queue(20_000);
    assert_eq!(json["verdict"]["heap"], "ruled_out", "{}", json["verdict"]);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(&json, "bounded_queue").expect("a row");
    assert_eq!(
        (&row["measured"], &row["bound"]),
        (&PAGES.into(), &20_000.into())
    );
}

#[test]
fn of_a_queue_that_would_take_much_its_bound_is_asked() {
    let json = queue(50_000);
    let verdict = &json["verdict"];
    assert_eq!(verdict["heap"], "inconclusive", "{verdict}");
    let steps = verdict["next_steps"].to_string();
    let step = "is `com.acme.Pipe.IN` meant to hold up to 50,000 elements (now 9,000, about ";
    assert!(steps.contains(step), "{steps}");
    assert!(steps.contains(" MiB when full)?"), "{steps}");
    assert!(!steps.contains("What bounds it?"), "{steps}");
}

/// The same pages in a cache of the application's own.
fn cache(field: &str, limit: i32) -> Json {
    let mut heap = Heap::new();
    let pages = payloads(&mut heap, "com.acme.Page", PAGES, 2 * KB);
    let pairs: Vec<(Value, Value)> = pages.iter().map(|&p| (p.into(), p.into())).collect();
    let map = heap.hash_map(&pairs);
    let fields = [
        ("map", map.into()),
        (field, Value::Int(limit)),
        ("name", Value::Null),
    ];
    let cache = object(&mut heap, "com.acme.PageCache", &fields);
    in_static(&mut heap, "com.acme.Pages", "CACHE", cache);
    report(&of_256_mib(&mut heap))
}

#[test]
fn an_own_cache_with_room_is_judged_by_its_limit() {
    for (field, limit, clears) in [
        ("capacity", 15_000, true),
        ("maximumSize", 10_000, true),
        // Limits of something else, and numbers that nobody chose.
        ("maxWaitMillis", 10_000, false),
        ("size", 10_000, false),
        ("capacity", 10_007, false),
        // Which is hardly about these entries.
        ("capacity", 100_000, false),
        ("capacity", 5_000, false),
    ] {
        let json = cache(field, limit);
        let row = cleared(&json, "own_bounded_cache");
        assert_eq!(row.is_some(), clears, "{field} {limit}: {json}");
        let ruled_out = json["verdict"]["heap"] == "ruled_out";
        assert_eq!(ruled_out, clears, "{field} {limit}: {}", json["verdict"]);
        if let Some(row) = row {
            let text = row["text"].as_str().expect("a text");
            assert!(text.contains(&format!("PageCache.{field}, ")), "{text}");
            assert!(text.contains(" % full"), "{text}");
        }
    }
}

/// A weak map of 9,000 entries, of which `lost` have lost their key.
fn weak_map(lost: usize) -> Json {
    let mut heap = Heap::new();
    let entry = heap.class("java.util.WeakHashMap$Entry");
    let entry = entry.extends("java.lang.ref.WeakReference");
    let entry = entry.fields("value:L next:L").done();
    let keys = payloads(&mut heap, "com.acme.Key", PAGES, 0);
    let values = payloads(&mut heap, "com.acme.Page", PAGES, 2 * KB);
    let mut chains = vec![Value::Null; 1_024];
    for (i, (&key, &value)) in keys.iter().zip(&values).enumerate() {
        let object = heap.reference_of(entry, key);
        let chain = &mut chains[i % 1_024];
        heap.set(object, "value", value).set(object, "next", *chain);
        *chain = object.into();
        if i < lost {
            heap.set(object, "referent", Value::Null);
        }
    }
    let class = heap.jdk("java.lang.Object");
    let table = heap.object_array(class, &chains);
    let class = heap.class("java.util.WeakHashMap");
    let map = class.fields("table:L size:I").done();
    let map = heap.instance(map);
    heap.set(map, "table", table)
        .set(map, "size", Value::Int(9_000));
    let used: Vec<Obj> = keys[lost..].to_vec();
    let used = heap.array_list(&used);
    in_static(&mut heap, "com.acme.Main", "KEYS", used);
    in_static(&mut heap, "com.acme.Canon", "MAP", map);
    report(&of_256_mib(&mut heap))
}

#[test]
fn a_weak_map_whose_keys_are_gone_is_no_suspect() {
    let json = weak_map(8_910);
    assert_eq!(json["verdict"]["heap"], "ruled_out", "{}", json["verdict"]);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let row = cleared(&json, "weak_map_without_keys").expect("a row");
    let text = row["text"].as_str().expect("a text");
    let told = "99 % of its entries have lost their key: they go at the next access";
    assert!(text.contains(told), "{text}");
}

#[test]
fn what_goes_of_a_weak_map_is_told_where_much_stays() {
    let json = weak_map(3_000);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["class"], "com.acme.Canon", "{json}");
    let notes = suspect["notes"].to_string();
    assert!(
        notes.contains("33 % of its entries have lost their key"),
        "{notes}"
    );
    assert_eq!(weak_map(100)["suspects"][0]["pattern"], Json::Null);
}

//! Fields of one component that share their entries, and such that do not.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, json, object, payloads, told};
use crate::synth::{Heap, Obj};

/// A cache with a second map over the same keys, which is found first; of the values only the first map knows.
fn two_maps(names: [&str; 2]) -> Json {
    let mut heap = Heap::new();
    let values = payloads(&mut heap, "com.acme.Value", 9_000, 300);
    let keys: Vec<Obj> = (0..9_000).map(|i| heap.string(&format!("k{i}"))).collect();
    let entries = keys.iter().zip(&values);
    let entries: Vec<_> = entries.map(|(&k, &v)| (k.into(), v.into())).collect();
    let data = heap.hash_map(&entries);
    let times: Vec<_> = keys
        .iter()
        .map(|&k| (k.into(), heap.integer(7).into()))
        .collect();
    let times = heap.hash_map(&times);
    let maps = match names[0] {
        "data" => [data, times],
        _ => [times, data],
    };
    let fields = [(names[0], maps[0].into()), (names[1], maps[1].into())];
    let cache = object(&mut heap, "com.acme.Cache", &fields);
    in_static(&mut heap, "com.acme.Service", "CACHE", cache);
    json(&heap)
}

#[test]
fn the_map_with_the_values_stands_for_both() {
    for names in [["data", "expires"], ["expires", "data"]] {
        let json = two_maps(names);
        let (_, class, field, content, objects) = told(&json);
        assert_eq!(
            (class.as_str(), field.as_str()),
            ("com.acme.Cache", "data"),
            "{names:?}"
        );
        assert_eq!((content.as_str(), objects), ("com.acme.Value", 9_000));
        // Everything but the object with both fields.
        let suspect = &json["suspects"][0];
        let kept = suspect["retained_bytes"].as_u64().expect("bytes");
        let live = json["heap"]["strong"]["bytes"].as_u64().expect("bytes");
        assert!(live - kept < 100_000, "{kept} of {live}: {suspect}");
        let other = suspect["shared_with"][0]["title"].as_str();
        assert_eq!(other, Some("com.acme.Cache.expires"));
        assert_eq!(json["suspects"].as_array().map(Vec::len), Some(1), "once");
    }
}

#[test]
fn unrelated_fields_of_one_component_stay_apart() {
    let mut heap = Heap::new();
    let fields = ["orders", "users"].map(|name| {
        let all = payloads(&mut heap, &format!("com.acme.{name}"), 4_000, KB);
        (name, heap.array_list(&all).into())
    });
    let service = object(&mut heap, "com.acme.Service", &fields);
    in_static(&mut heap, "com.acme.Main", "SERVICE", service);
    let json = json(&heap);
    assert_eq!(json["suspects"].as_array().map(Vec::len), Some(2), "{json}");
}

/// A map of orders of which a list of the same object, or of another one, has some as well.
fn in_a_list_as_well(every: usize, of_another: bool) -> (String, u64) {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 3_000, KB);
    let entries = orders.iter().enumerate();
    let entries: Vec<_> = entries
        .map(|(i, &order)| (heap.integer(i as i32).into(), order.into()))
        .collect();
    let map = heap.hash_map(&entries);
    let some: Vec<Obj> = orders.into_iter().step_by(every).collect();
    let list = heap.array_list(&some);
    let mut fields = vec![("all", map.into())];
    if of_another {
        in_static(&mut heap, "com.acme.Other", "RECENT", list);
    } else {
        fields.push(("recent", list.into()));
    }
    let book = object(&mut heap, "com.acme.Book", &fields);
    in_static(&mut heap, "com.acme.Main", "BOOK", book);
    let (_, _, field, content, objects) = told(&json(&heap));
    assert_eq!(field, "all");
    (content, objects)
}

#[test]
fn what_another_field_has_as_well_is_counted() {
    for every in [3_000, 100] {
        for of_another in [false, true] {
            let (content, objects) = in_a_list_as_well(every, of_another);
            assert_eq!((content.as_str(), objects), ("com.acme.Order", 3_000));
        }
    }
}

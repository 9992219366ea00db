//! Inputs of several processes: what is known of them, and what is compared.

use serde_json::{Value as Json, json};

use crate::growth_support::{compared, dump, grown, growth, saved, store};
use crate::support::{golden, temporary};
use crate::synth::Heap;

/// The row of an owner.
fn row<'g>(growth: &'g Json, field: &str) -> &'g Json {
    let rows = growth["holders"].as_array().expect("holders");
    let found = rows.iter().find(|row| row["holder"]["field"] == field);
    found.unwrap_or_else(|| panic!("no {field} in {growth}"))
}

/// A pod that is ill beside one that is well: sizes are compared, and no course of time follows.
#[test]
fn replicas_are_compared_by_size() {
    let dumps = [dump(&store(7, 3_000), 0), dump(&store(8, 12_000), 1)];
    let report = saved(&dumps[0]);
    for inputs in [[&*dumps[0], &*dumps[1]], [&*report, &*dumps[1]]] {
        let growth = growth(&inputs);
        assert_eq!(growth["judged"], json!([]));
        assert!(growth["identity"].is_null());
        let across = json!({ "baseline": 0, "later": 1, "bytes_compared": true });
        assert_eq!(growth["across"], across);
        let orders = row(&growth, "ORDERS");
        assert_eq!(
            growth["holders"][0], *orders,
            "the largest difference first"
        );
        assert_eq!(orders["against_baseline"], "larger");
        assert_eq!(orders["objects"], json!([3_000, 12_000]));
        assert!(orders["course"].is_null() && orders["grew_bytes"].is_null());
        assert_eq!(row(&growth, "RATES")["against_baseline"], "as_large");
        assert_eq!(grown(&growth), [""; 0]);
    }
    let swapped = [dump(&store(8, 12_000), 0), dump(&store(7, 3_000), 1)];
    assert_eq!(
        row(&growth(&swapped), "ORDERS")["against_baseline"],
        "smaller"
    );
}

/// The first line accuses nobody of what may be so in every process, and the gates about growth are not met.
#[test]
fn the_headline_says_that_growth_is_not_judged() {
    let dumps = [dump(&store(7, 3_000), 0), dump(&store(8, 12_000), 1)];
    let gates = ["--fail-on", "grew=1MiB", "--fail-on", "new-suspect"];
    let text = compared(&dumps, &gates).succeeded().text();
    let (headline, rest) = text.split_once("GROWTH").expect("a section");
    assert!(headline.contains("different processes"), "{headline}");
    assert!(!headline.contains("ORDERS"), "{headline}");
    for expected in ["ORDERS larger than in the baseline", "by size only"] {
        let flat = rest.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{expected}: {flat}");
    }
}

/// A restart after dumps of one process: growth is judged before it, and the dump after it is compared by size.
#[test]
fn the_dump_after_a_restart_is_compared_with_the_one_before() {
    let dumps = [(7, 3_000), (7, 12_000), (8, 500)];
    let dumps: Vec<_> = (0..)
        .zip(dumps)
        .map(|(at, (salt, n))| dump(&store(salt, n), at))
        .collect();
    let json = compared(&dumps, &["--format", "json"]).succeeded().text();
    let json: Json = serde_json::from_str(&json).expect("a report");
    let growth = &json["growth"];
    // What the next process has is not what it grew to.
    let grew_to = row(growth, "ORDERS")["retained_bytes"][1].as_f64();
    let grew_to = format!(" to {:.1} MiB ", grew_to.expect("bytes") / 1_048_576.0);
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    assert!(headline.contains(&grew_to), "{grew_to}: {headline}");
    assert_eq!(growth["judged"], json!([0, 1]));
    assert_eq!(growth["identity"], "told");
    assert_eq!(growth["across"]["baseline"], 1);
    assert_eq!(grown(growth), ["com.acme.Store.ORDERS"]);
    assert_eq!(row(growth, "ORDERS")["against_baseline"], "smaller");
}

/// Dumps of JDK 8 do not say of which process they are: that one is assumed is said.
#[test]
fn an_unknown_process_is_said_to_be_assumed() {
    let silent = |n: usize| {
        let mut heap = Heap::new();
        let all = crate::holders_support::payloads(&mut heap, "com.acme.Order", n, 200);
        let list = heap.array_list(&all);
        crate::holders_support::in_static(&mut heap, "com.acme.Store", "ORDERS", list);
        heap
    };
    let dumps = [dump(&silent(3_000), 0), dump(&silent(12_000), 1)];
    let of_silent = growth(&dumps);
    assert_eq!(of_silent["identity"], "assumed");
    assert_eq!(of_silent["judged"], json!([0, 1]));
    assert!(
        of_silent["notes"]
            .to_string()
            .contains("does not name its process"),
        "{of_silent}"
    );
    let text = compared(&dumps, &[]).succeeded().text();
    assert!(text.contains("does not name its process"), "{text}");
    let known = [dump(&store(7, 3_000), 0), dump(&store(7, 12_000), 1)];
    let of_known = growth(&known);
    assert_eq!(of_known["identity"], "told");
    assert_eq!(of_known["notes"], json!([]));
}

/// `store` in a JVM with this maximum heap, and these bytes of direct memory.
fn store_of(salt: i64, orders: usize, max_heap: i64, direct: i64) -> Heap {
    let mut heap = store(salt, orders);
    let properties = heap.hash_map(&[]);
    heap.class("jdk.internal.misc.VM")
        .static_field("directMemory", max_heap)
        .static_field("savedProps", properties)
        .done();
    let number = heap.class("java.util.concurrent.atomic.AtomicLong");
    let number = number.fields("value:J").done();
    let reserved = heap.instance(number);
    heap.set(reserved, "value", direct);
    // The collector is known by its bean, and with it what the limit of direct memory says of the heap.
    let bean = heap.class("sun.management.GarbageCollectorImpl");
    let bean = bean.fields("name:L").done();
    let (bean, name) = (heap.instance(bean), heap.string("G1 Old Generation"));
    heap.set(bean, "name", name);
    heap.class("java.nio.Bits")
        .static_field("RESERVED_MEMORY", reserved)
        .done();
    heap
}

/// What a JVM sizes by its maximum heap may be larger in one than in another: that they differ is said of two processes.
#[test]
fn maximum_heaps_that_differ_are_said() {
    for (first, differ) in [(1 << 30, false), (2 << 30, true)] {
        let dumps = [
            dump(&store_of(7, 3_000, first, 0), 0),
            dump(&store_of(8, 12_000, 1 << 30, 0), 1),
        ];
        let growth = growth(&dumps);
        let notes = growth["notes"].to_string();
        assert_eq!(notes.contains("maximum heaps differ"), differ, "{notes}");
    }
}

/// Direct memory is told at each time; a histogram does not know it.
#[test]
fn direct_memory_is_told_over_time() {
    let dumps = [(3_000, 5 << 20, 0), (3_001, 9 << 20, 30)]
        .map(|(orders, direct, at)| dump(&store_of(7, orders, 1 << 30, direct), at));
    let of_dumps = growth(&dumps);
    assert_eq!(of_dumps["direct_bytes"], json!([5 << 20, 9 << 20]));
    let report = saved(&dumps[0]);
    assert_eq!(
        growth(&[&*report, &*dumps[1]])["direct_bytes"],
        of_dumps["direct_bytes"]
    );
    let histogram = " num     #instances         #bytes  class name (module)\n   1:          3000          48000  com.acme.Order\n\
                     Total          3000          48000\n";
    let histogram = temporary(".txt", histogram.as_bytes());
    assert_eq!(
        growth(&[&*histogram, &*dumps[1]])["direct_bytes"],
        json!([null, 9 << 20])
    );
}

/// One program in JVMs that lay objects out differently: their numbers are compared, their bytes are not.
#[test]
fn layouts_that_differ_are_said() {
    let note = "lay out objects differently";
    for (other, differ) in [("cache-jdk17-nocoops", true), ("cache-jdk11", false)] {
        let growth = growth(&[golden("cache-jdk17-g1"), golden(other)]);
        let compared = &growth["across"]["bytes_compared"];
        assert_eq!(compared, &json!(!differ), "{other}");
        let notes = growth["notes"].to_string();
        assert_eq!(notes.contains(note), differ, "{other}: {notes}");
        let products = row(&growth, "PRODUCTS");
        assert_eq!(products["objects"], json!([500, 500]));
        assert_eq!(products["against_baseline"], "as_large");
        assert!(products["grew_bytes"].is_null(), "{products}");
    }
}

//! Inputs of several processes: what is known of them, and what is compared.

use serde_json::{Value as Json, json};

use crate::growth_support::{compared, dump, grown, growth, saved, store};
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
    let growth = growth(&dumps);
    assert_eq!(growth["judged"], json!([0, 1]));
    assert_eq!(growth["identity"], "told");
    assert_eq!(growth["across"]["baseline"], 1);
    assert_eq!(grown(&growth), ["com.acme.Store.ORDERS"]);
    assert_eq!(row(&growth, "ORDERS")["against_baseline"], "smaller");
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
        of_silent["notes"].to_string().contains("is unknown"),
        "{of_silent}"
    );
    let text = compared(&dumps, &[]).succeeded().text();
    assert!(text.contains("is unknown"), "{text}");
    let known = [dump(&store(7, 3_000), 0), dump(&store(7, 12_000), 1)];
    let of_known = growth(&known);
    assert_eq!(of_known["identity"], "told");
    assert_eq!(of_known["notes"], json!([]));
}

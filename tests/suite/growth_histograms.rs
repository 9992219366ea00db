//! What class histograms say of owners, before a dump and between two.

use crate::growth_support::{
    compared, dump, grown, growth, heap, rooms, saved, store, with_course,
};
use crate::holders_support::{in_static, payloads};
use crate::support::{run, temporary};
use crate::synth::{Heap, Kind};

#[test]
fn class_histograms_say_which_class_grew() {
    let text = |orders: u64| {
        format!(
            "4711:\n num     #instances         #bytes  class name (module)\n\
             -------------------------------------------------------\n   \
             1:  {orders}  {}  com.acme.Order\n   2:  9000  216000  [B (java.base@17)\n\
             Total  {}  {}\n",
            orders * 24,
            orders + 9_000,
            orders * 24 + 216_000
        )
    };
    let histograms = [3_000, 12_000].map(|n| temporary(".txt", text(n).as_bytes()));
    let last = dump(&store(7, 24_000), 0);
    let growth = growth(&[&*histograms[0], &*histograms[1], &*last]);
    let row = growth["classes"]
        .as_array()
        .expect("classes")
        .iter()
        .find(|row| row["class"] == "com.acme.Order");
    let row = row.unwrap_or_else(|| panic!("{growth}"));
    assert_eq!(row["objects"], serde_json::json!([3_000, 12_000, 24_000]));
    assert_eq!(row["course"], "grew");
    assert_eq!(growth["inputs"][0]["kind"], "histogram");
    // Without a dump at hand as well.
    let alone = compared(&histograms, &["--format", "json"])
        .succeeded()
        .json();
    assert!(
        alone["growth"]["classes"]
            .to_string()
            .contains("com.acme.Order")
    );
}

/// A class histogram of `orders` orders of the store.
fn histogram_of(orders: u64) -> tempfile::TempPath {
    let text = format!(
        "4711:\n num     #instances         #bytes  class name (module)\n\
         -------------------------------------------------------\n   \
         1:  {orders}  {}  com.acme.Order\n   2:  3000  48000  com.acme.Rate\n   \
         3:  {}  {}  [B (java.base@17)\n   4:  3001  72024  java.lang.String (java.base@17)\n\
         Total  {}  {}\n",
        orders * 16,
        orders + 3_001,
        orders * 200 + 960_000,
        2 * orders + 9_002,
        orders * 216 + 1_080_024
    );
    temporary(".txt", text.as_bytes())
}

/// Histograms before one dump: an owner that keeps more objects now than there were at all before has grown. Of the others nothing is
/// known, and nothing is 0.
#[test]
fn what_class_histograms_say_of_an_owner() {
    let last = dump(&store(7, 24_000), 0);
    let before = [3_000, 12_000].map(histogram_of);
    let run = compared(&[&*before[0], &*before[1], &*last], &["--format", "json"]);
    let report = run.succeeded().json();
    let growth = &report["growth"];
    assert_eq!(grown(growth), ["com.acme.Store.ORDERS"], "{growth}");
    let row = &growth["holders"][0];
    assert_eq!(row["by_class"], true);
    assert_eq!(row["grew_objects"], 21_000);
    assert_eq!(row["objects"], serde_json::json!([null, null, 24_000]));
    assert!(
        row["grew_bytes"]
            .as_i64()
            .is_some_and(|grew| grew > 21_000 * 200),
        "{row}"
    );
    let rates = &growth["holders"][1];
    assert_eq!(rates["holder"]["field"], "RATES", "{growth}");
    assert!(
        rates["course"].is_null() && rates["grew_bytes"].is_null(),
        "{rates}"
    );
    assert!(growth["grew_bytes"].is_null(), "{growth}");
    assert_eq!(report["verdict"]["heap"], "suspected");
    assert_eq!(report["verdict"]["confidence"], "medium");
    let classes = growth["classes"].as_array().expect("classes");
    let class = classes.iter().find(|row| row["class"] == "com.acme.Order");
    assert_eq!(
        class.expect("a row")["kept_by"],
        "com.acme.Store.ORDERS",
        "{growth}"
    );
    // As many as before: nothing follows.
    let same = compared(&[&*histogram_of(24_000), &*last], &["--format", "json"]);
    let report = same.succeeded().json();
    assert_eq!(grown(&report["growth"]), [""; 0]);
    assert_ne!(report["verdict"]["heap"], "suspected");
    let text = compared(&[&*histogram_of(24_000), &*last], &[])
        .succeeded()
        .text();
    assert!(text.contains("Class histograms name no owners"), "{text}");
    assert!(!text.contains("No owner grew"), "{text}");
}

/// Only the objects of what an element has grew in number as the elements did: the field of the elements is not told.
#[test]
fn histograms_and_fields_of_elements() {
    let last = dump(&rooms(7, 220, 50), 0);
    let text = "1:\n num     #instances         #bytes  class name (module)\n\
        -----\n   1:  20  320  com.acme.Room\n   2:  1000  24000  com.acme.Message\n   3:  1001  120000  [B\nTotal  2021  144320\n";
    let growth = growth(&[&*temporary(".txt", text.as_bytes()), &*last]);
    assert_eq!(grown(&growth), ["com.acme.Lobby.ROOMS"], "{growth}");
}

/// A class histogram that counts as many objects and bytes as `dump` has, but `orders` orders.
fn histogram_like(dump: &std::path::Path, orders: u64) -> tempfile::TempPath {
    histogram_with(dump, &[("com.acme.Order", orders)], 0)
}

/// A class histogram that counts what `dump` has, but other numbers of some classes, and each object larger by `more` bytes.
fn histogram_with(dump: &std::path::Path, others: &[(&str, u64)], more: u64) -> tempfile::TempPath {
    let path = dump.to_str().expect("a path");
    let json = run(["histogram", path, "--top", "0", "--format", "json"]);
    let json = json.succeeded().json();
    let (mut text, mut objects, mut bytes) = (String::new(), 0, 0);
    let mut told = std::collections::BTreeSet::new();
    text.push_str(" num     #instances         #bytes  class name (module)\n-----\n");
    for (number, row) in (1..).zip(json["rows"].as_array().expect("rows")) {
        let class = row["class"].as_str().expect("a class");
        let n = row["objects"].as_u64().expect("objects");
        let size = row["shallow_bytes"].as_u64().expect("bytes") / n.max(1) + more;
        let other = others.iter().find(|other| other.0 == class);
        // A class may be there several times: the first has them all.
        let n = other.map_or(n, |other| u64::from(told.insert(class)) * other.1);
        text.push_str(&format!("{number}: {n} {} {class}\n", n * size));
        (objects, bytes) = (objects + n, bytes + n * size);
    }
    text.push_str(&format!("Total {objects} {bytes}\n"));
    temporary(".txt", text.as_bytes())
}

/// As many objects of a class as before, and as many bytes in all: who keeps them is cleared by measurement, and so is the heap.
#[test]
fn histograms_that_count_the_same_clear() {
    let last = dump(&store(7, 24_000), 0);
    let before = [24_000, 24_000].map(|orders| histogram_like(&last, orders));
    let report = compared(&[&*before[0], &*before[1], &*last], &["--format", "json"]);
    let report = report.succeeded().json();
    let orders = &report["growth"]["holders"][0];
    assert_eq!(orders["holder"]["field"], "ORDERS", "{report}");
    assert_eq!(
        (&orders["course"], &orders["by_class"]),
        (&"constant".into(), &true.into())
    );
    // Bytes of histograms are no bytes of dumps: nothing is told of them.
    assert!(report["growth"]["grew_bytes"].is_null());
    assert_eq!(
        report["verdict"]["heap"], "ruled_out",
        "{}",
        report["verdict"]
    );
    let text = compared(&[&*before[0], &*last], &[]).succeeded().text();
    assert!(
        text.contains("the earlier histograms count as many bytes"),
        "{text}"
    );
    // As many orders, but other objects are larger now: their elements may have grown.
    let larger = histogram_like(&dump(&store(7, 24_000), 0), 3_000);
    let report = compared(&[&*larger, &*last], &["--format", "json"])
        .succeeded()
        .json();
    assert_eq!(grown(&report["growth"]), ["com.acme.Store.ORDERS"]);
}

/// Two dumps show growth; a histogram between them that it had ended, or that there were many more for a while.
#[test]
fn histograms_between_two_dumps() {
    let [first, last] = [(3_000, 0), (24_000, 60)].map(|(n, minutes)| dump(&store(7, n), minutes));
    let report = saved(&first);
    let course = |orders: u64| {
        let between = histogram_like(&last, orders);
        let growth = growth(&[&*report, &*between, &*last]);
        growth["holders"][0]["course"]
            .as_str()
            .expect("a course")
            .to_owned()
    };
    assert_eq!(course(12_000), "grew");
    assert_eq!(course(24_000), "warmed_up");
    assert_eq!(course(60_000), "peaked");
}

/// A histogram that lists its largest classes only does not say that there was nothing of the others.
#[test]
fn what_a_shortened_histogram_leaves_out_is_unknown() {
    let last = dump(&store(7, 24_000), 0);
    let whole = std::fs::read_to_string(histogram_like(&last, 24_000)).expect("a histogram");
    let rows = whole
        .lines()
        .filter(|line| !line.ends_with(" com.acme.Order"));
    let short = temporary(".txt", rows.collect::<Vec<_>>().join("\n").as_bytes());
    assert_eq!(grown(&growth(&[&*short, &*last])), [""; 0]);
    // One without the class at all, and whole, says so.
    let before = histogram_like(&last, 0);
    assert_eq!(
        grown(&growth(&[&*before, &*last])),
        ["com.acme.Store.ORDERS"]
    );
}

/// What became more before the last histogram, and no more since, has warmed up; the heap as a whole is as large as that says.
#[test]
fn a_histogram_before_a_dump_shows_that_growth_has_ended() {
    let last = dump(&store(7, 24_000), 0);
    let before = [3_000, 24_000].map(|orders| histogram_like(&last, orders));
    let inputs = [&*before[0], &*before[1], &*last];
    let report = compared(&inputs, &["--format", "json"]).succeeded().json();
    let orders = &report["growth"]["holders"][0];
    assert_eq!(orders["holder"]["field"], "ORDERS", "{report}");
    assert_eq!(
        (&orders["course"], &orders["by_class"]),
        (&"warmed_up".into(), &true.into())
    );
    assert_eq!(orders["grew_objects"], 21_000);
    assert_eq!(report["verdict"]["heap"], "ruled_out");
    let text = compared(&inputs, &[]).succeeded().text();
    for words in [
        "no larger than the last class histogram before",
        "the last class histogram before it counts as many of its objects",
        "No owner is known to have grown since the last class histogram.",
        "class histograms do not name their process",
    ] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// Other objects of the class are elsewhere: between two dumps the class became more by as many as the owner got, and by none after that.
#[test]
fn growth_has_ended_where_others_keep_objects_of_the_class() {
    let heap = |orders: usize| {
        let mut heap = store(7, orders);
        let more = payloads(&mut heap, "com.acme.Order", 10_000, 200);
        let list = heap.array_list(&more);
        in_static(&mut heap, "com.acme.Archive", "OLD", list);
        heap
    };
    let [first, last] = [(3_000, 0), (24_000, 60)].map(|(n, minutes)| dump(&heap(n), minutes));
    let course = |orders: u64| {
        let between = histogram_like(&last, orders);
        let growth = growth(&[&*first, &*between, &*last]);
        let row = growth["holders"][0].clone();
        assert_eq!(row["holder"]["field"], "ORDERS", "{growth}");
        row["course"].as_str().expect("a course").to_owned()
    };
    assert_eq!(course(34_000), "warmed_up");
    assert_eq!(course(22_000), "grew");
}

/// A histogram of a JVM with other sizes of objects, or of another release, is of another process.
#[test]
fn histograms_of_another_jvm_are_not_compared() {
    let last = dump(&store(7, 24_000), 0);
    let other = histogram_with(&last, &[("com.acme.Order", 3_000)], 8);
    let inputs = [&*other, &*last];
    assert_eq!(grown(&growth(&inputs)), [""; 0]);
    let text = compared(&inputs, &[]).succeeded().text();
    assert!(text.contains("belongs to another process"), "{text}");
    // The one after it is of the process of the dump.
    let own = histogram_like(&last, 12_000);
    let growth = growth(&[&*other, &*own, &*last]);
    assert_eq!(growth["judged"], serde_json::json!([1, 2]), "{growth}");
    assert_eq!(growth["holders"][0]["grew_objects"], 12_000);
    // Of two releases of Java.
    let of = |release: &str| {
        let text = format!(
            " num     #instances         #bytes  class name (module)\n-----\n\
             1:  9000  216000  [B (java.base@{release})\nTotal  9000  216000\n"
        );
        temporary(".txt", text.as_bytes())
    };
    let judged = |releases: [&str; 2]| {
        let inputs = releases.map(of);
        crate::growth_support::growth(&inputs)["judged"].clone()
    };
    assert_eq!(judged(["17.0.15", "25.0.3"]), serde_json::json!([]));
    assert_eq!(judged(["17.0.15", "17.0.15"]), serde_json::json!([0, 1]));
}

/// More threads of a pool than there were threads at all before: the pool grew, and with it what each of them has.
#[test]
fn histograms_and_threads() {
    let mut pool = heap(7);
    let key = pool.new_object("java.lang.ThreadLocal");
    in_static(&mut pool, "com.acme.Buffers", "LOCAL", key);
    for i in 0..80 {
        let thread = pool.thread(&format!("mail-sender-{i}"));
        let all = payloads(&mut pool, "com.acme.Buffer", 20, 500);
        let list = pool.array_list(&all);
        pool.set_thread_local(thread, key, list);
    }
    let last = dump(&pool, 0);
    let before = [("java.lang.Thread", 20), ("com.acme.Buffer", 400)];
    let more = growth(&[&*histogram_with(&last, &before, 0), &*last]);
    let row = &more["holders"][0];
    assert_eq!(row["holder"]["kind"], "thread", "{more}");
    assert_eq!(
        (&row["course"], &row["grew_objects"]),
        (&"grew".into(), &60.into())
    );
    assert_eq!(grown(&more).len(), 1, "{more}");
    // As many threads as before: each has more.
    let before = [("com.acme.Buffer", 400)];
    let larger = growth(&[&*histogram_with(&last, &before, 0), &*last]);
    assert_eq!(grown(&larger), ["com.acme.Buffers.LOCAL"], "{larger}");
}

/// A field that a base class declares: there were as many objects of its subclasses before.
#[test]
fn histograms_and_fields_of_a_base_class() {
    let replicas = |messages: usize| {
        let mut heap: Heap = heap(7);
        let base = heap.class("com.acme.Replica").app();
        let base = base.field("pending", Kind::Object).done();
        let mut all = Vec::new();
        for i in 0..12 {
            let class = heap.class(&format!("com.acme.Replica{i}")).app();
            let class = class.superclass(base).done();
            let changes = payloads(&mut heap, "com.acme.Change", messages, 100);
            let (replica, list) = (heap.instance(class), heap.array_list(&changes));
            heap.set(replica, "pending", list);
            all.push(replica);
        }
        let list = heap.array_list(&all);
        in_static(&mut heap, "com.acme.Replicas", "ALL", list);
        heap
    };
    let last = dump(&replicas(300), 0);
    let before = histogram_with(&last, &[("com.acme.Change", 400)], 0);
    let growth = growth(&[&*before, &*last]);
    assert_eq!(
        with_course(&growth, &["grew"]),
        ["com.acme.Replica.pending"],
        "{growth}"
    );
}

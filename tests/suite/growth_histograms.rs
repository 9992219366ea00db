//! What class histograms say of owners, before a dump and between two.

use crate::growth_support::{compared, dump, grown, growth, rooms, saved, store};
use crate::support::{run, temporary};

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
         1:  {orders}  {}  com.acme.Order\n   2:  3000  72000  com.acme.Rate\n   \
         3:  {}  {}  [B (java.base@17)\n   4:  3001  72024  java.lang.String (java.base@17)\n\
         Total  {}  {}\n",
        orders * 24,
        orders + 3_001,
        orders * 200 + 960_000,
        2 * orders + 9_002,
        orders * 224 + 1_104_024
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
    let path = dump.to_str().expect("a path");
    let json = run(["histogram", path, "--top", "0", "--format", "json"]);
    let json = json.succeeded().json();
    let (mut text, mut objects, mut bytes) = (String::new(), 0, 0);
    text.push_str(" num     #instances         #bytes  class name (module)\n-----\n");
    for (number, row) in (1..).zip(json["rows"].as_array().expect("rows")) {
        let class = row["class"].as_str().expect("a class");
        let n = row["objects"].as_u64().expect("objects");
        let size = row["shallow_bytes"].as_u64().expect("bytes") / n.max(1);
        let n = if class == "com.acme.Order" { orders } else { n };
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

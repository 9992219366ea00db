//! Real dumps against what the programs that made them are known to hold (`testdata/java`).

use serde_json::Value;

use crate::support::{golden, report, run};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn rounded(bytes: u64) -> u64 {
    bytes.next_multiple_of(8)
}

/// What `CacheLeak.PRODUCTS` retains with compressed references: the map, its table, and for every product a node, the key,
/// the product, its name and its thumbnail.
fn cache_bytes(products: u64) -> u64 {
    let string = |text: String| 24 + rounded(16 + text.len() as u64);
    let product = |i: u64| {
        32 + string(format!("product-{i}"))
            + 32
            + string(format!("Product number {i}"))
            + rounded(16 + 800)
    };
    let mut table: u64 = 16;
    while table * 3 / 4 < products {
        table *= 2;
    }
    48 + rounded(16 + 4 * table) + (0..products).map(product).sum::<u64>()
}

#[test]
fn the_sample_names_the_cache() {
    let json = report(&golden("sample"));
    let suspect = &json["suspects"][0];
    assert_eq!(
        text(&suspect["holder"]["kind"]),
        "static_field",
        "{suspect}"
    );
    assert_eq!(text(&suspect["holder"]["class"]), "com.acme.shop.CacheLeak");
    assert_eq!(text(&suspect["holder"]["field"]), "PRODUCTS");
    assert_eq!(
        text(&suspect["content"]["class"]),
        "com.acme.shop.CacheLeak$Product"
    );
    assert_eq!(suspect["content"]["objects"], 8000);
    assert_eq!(suspect["retained_bytes"], cache_bytes(8000));
    assert_eq!(
        json["suspects"].as_array().map(Vec::len),
        Some(1),
        "one leak, one suspect"
    );
}

#[test]
fn the_report_of_the_sample_is_short() {
    let text = run([golden("sample")]).succeeded().text();
    let lines = text.lines().count();
    assert!((10..=70).contains(&lines), "{lines} lines:\n{text}");
    let widest = text
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    assert!(widest <= 120, "{widest} columns:\n{text}");
}

#[test]
fn the_program_that_ran_out_of_memory_is_named_by_its_thread() {
    let json = report(&golden("out-of-memory"));
    let suspect = &json["suspects"][0];
    assert_eq!(text(&suspect["holder"]["kind"]), "thread", "{suspect}");
    assert_eq!(text(&suspect["holder"]["thread"]), "order-import");
    assert_eq!(
        text(&suspect["content"]["class"]),
        "com.acme.orders.OutOfMemory$Order"
    );
}

#[test]
fn the_innocent_program_is_not_accused() {
    let json = report(&golden("bounded-queue"));
    assert_eq!(json["suspects"], serde_json::json!([]));
}

/// Reference width, header, alignment by the flags the JVM ran with.
#[test]
fn the_layout_is_recognised() {
    let layouts = [
        ("cache-jdk11", [4, 12, 8]),
        ("cache-jdk17-g1", [4, 12, 8]),
        ("cache-jdk17-nocoops", [8, 12, 8]),
        ("cache-jdk21-genzgc", [8, 12, 8]),
        ("cache-jdk25-compact", [4, 8, 8]),
        ("cache-jdk25-zgc", [8, 12, 8]),
        ("cache-jdk25-zgc-compact", [8, 8, 8]),
        ("cache-jdk25-align16", [4, 12, 16]),
    ];
    for (name, expected) in layouts {
        let json = report(&golden(name));
        let layout = &json["jvm"]["layout"];
        let told = ["reference_bytes", "object_header_bytes", "alignment"]
            .map(|field| layout[field].as_u64());
        assert_eq!(told, expected.map(Some), "{name}");
    }
}

#[test]
fn the_jvm_s_version_is_told() {
    for (name, version) in [
        ("cache-jdk11", "11.0"),
        ("sample", "17.0"),
        ("virtual-threads-jdk21", "21.0"),
        ("cache-jdk25-zgc", "25.0"),
    ] {
        let json = report(&golden(name));
        assert!(
            text(&json["jvm"]["version"]).contains(version),
            "{name}: {}",
            json["jvm"]["version"]
        );
    }
}

/// 200 `Soft` objects and their arrays are only softly held; the JDK itself has a few more.
#[test]
fn softly_held_objects_are_counted_apart() {
    let json = report(&golden("references"));
    let soft = &json["heap"]["soft"];
    let (objects, bytes) = (
        soft["objects"].as_u64().expect("a count"),
        soft["bytes"].as_u64().expect("a sum"),
    );
    let planted = 200 * (16 + rounded(16 + 1000));
    assert!((400..600).contains(&objects), "{objects} objects");
    assert!(
        (planted..planted + 20_000).contains(&bytes),
        "{bytes} bytes, planted {planted}"
    );
}

#[test]
fn threads_are_listed_by_name() {
    let json = report(&golden("thread-locals"));
    let names: Vec<&str> = json["threads"]
        .as_array()
        .expect("threads")
        .iter()
        .map(|thread| text(&thread["name"]))
        .collect();
    // Numbers in names are for `--show-values`.
    for (expected, threads) in [("main", 1), ("job-collector", 1), ("render-pool-*", 8)] {
        let found = names.iter().filter(|name| **name == expected).count();
        assert_eq!(found, threads, "{expected} in {names:?}");
    }
}

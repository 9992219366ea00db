//! Dumps whose contents were taken out, and dumps whose sizes are a guess: the report says so, and concludes nothing from zeros.

use serde_json::Value as Json;

use crate::offheap_synthetic::{facts, properties};
use crate::patterns_shapes::{keep, object};
use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Obj, Options, Value};

fn of(heap: &Heap) -> Json {
    report(&temporary(".hprof", &heap.write().bytes))
}

fn codes(json: &Json) -> Vec<&str> {
    let warnings = json["warnings"].as_array().expect("warnings");
    let codes = warnings.iter().map(|warning| warning["code"].as_str());
    codes.flatten().collect()
}

/// Thirty texts and six maps; a span queue with room, a web application that runs, a thread.
fn shop(zero_texts: bool, zero_numbers: bool) -> Heap {
    let mut heap = Heap::new();
    let number = |n: i32| Value::Int(if zero_numbers { 0 } else { n });
    let text = if zero_texts { "\0\0\0\0" } else { "text" };
    let mut kept: Vec<Obj> = (0..30).map(|_| heap.string(text)).collect();
    for _ in 0..6 {
        let key = heap.string(text);
        let map = heap.hash_map(&[(key.into(), Value::Null)]);
        for field in ["size", "modCount", "threshold"] {
            heap.set(map, field, number(1));
        }
        kept.push(map);
    }
    // A full queue of a log, or an empty one by its own count.
    let events: Vec<Obj> = (0..256)
        .map(|_| heap.prim_array(Kind::Byte, 16 << 10))
        .collect();
    let queue = heap.array_blocking_queue(256, &events);
    heap.set(queue, "count", number(256));
    let class = "ch.qos.logback.core.AsyncAppenderBase";
    kept.push(object(&mut heap, class, &[("blockingQueue", queue.into())]));
    let base = heap.class("org.apache.catalina.loader.WebappClassLoader");
    let loader = base
        .extends("java.lang.ClassLoader")
        .fields("started:Z")
        .done();
    let loader = heap.instance(loader);
    heap.set(loader, "started", !zero_numbers);
    kept.push(loader);
    keep(&mut heap, &kept);
    let thread = heap.thread("\0\0");
    let thread = heap.thread_object(thread);
    heap.set(
        thread,
        "eetop",
        if zero_numbers { 0i64 } else { 0x7f00_0000 },
    );
    heap
}

#[test]
fn texts_of_zeros_are_told() {
    let json = of(&shop(true, false));
    assert!(
        codes(&json).contains(&"contents_taken_out"),
        "{:?}",
        json["warnings"]
    );
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(
        reasons.contains("all texts of the dump are zeros"),
        "{reasons}"
    );
    let json = of(&shop(false, false));
    assert!(!codes(&json).contains(&"contents_taken_out"));
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(!reasons.contains("zeros"), "{reasons}");
}

#[test]
fn nothing_is_concluded_from_zeros() {
    let stopped = |json: &Json| {
        let loaders = json["class_loaders"].as_array().expect("loaders");
        let class = "org.apache.catalina.loader.WebappClassLoader";
        let loader = loaders.iter().find(|row| row["class"] == class);
        loader.expect("it")["stopped"].clone()
    };
    let whole = of(&shop(true, false));
    assert_eq!(stopped(&whole), false);
    let threads = |zero| facts(&shop(true, zero)).jvm.platform_threads;
    assert_eq!(threads(false), 1);
    assert_eq!(threads(true), 1, "it has not ended");
    let zeroed = of(&shop(true, true));
    assert_eq!(stopped(&zeroed), Json::Null, "not stopped");
    let cleared = zeroed["checked_and_cleared"].as_array().map_or(0, Vec::len);
    assert_eq!(
        cleared, 0,
        "a bound of zero clears nothing: {}",
        zeroed["checked_and_cleared"]
    );
}

/// The old agent numbers objects in their order: nothing tells how far they lay apart.
#[test]
fn sizes_that_are_a_guess_are_told_with_what_they_are_based_on() {
    let dump = |heap: Heap, vm: &str| {
        let mut heap = heap;
        let texts: Vec<Obj> = (0..1_200).map(|_| heap.string("text")).collect();
        keep(&mut heap, &texts);
        let all = properties(&mut heap, &[("java.vm.name", vm)]);
        heap.class("java.lang.System")
            .static_field("props", all)
            .done();
        let options = Options {
            magic: "JAVA PROFILE 1.0.1",
            ..Options::default()
        };
        report(&temporary(".hprof", &heap.write_with(&options).bytes))
    };
    let message = |json: &Json| {
        let warnings = json["warnings"].as_array().expect("warnings");
        let guess = warnings
            .iter()
            .find(|warning| warning["code"] == "guessed_sizes");
        guess.map(|guess| guess["message"].as_str().expect("a sentence").to_owned())
    };
    let wide = "OpenJDK 64-Bit Server VM";
    let json = dump(Heap::new().id_size(4).serial_ids(1), wide);
    let told = message(&json).unwrap_or_else(|| panic!("{} {}", json["heap"], json["warnings"]));
    for text in [
        "sizes are a guess",
        "references of 4",
        "headers of 8",
        "the JVM had 64 bits",
    ] {
        assert!(told.contains(text), "{told}");
    }
    let json = dump(Heap::new().id_size(4).serial_ids(1), "OpenJDK Client VM");
    let told = message(&json).unwrap_or_else(|| panic!("{} {}", json["heap"], json["warnings"]));
    assert!(!told.contains("64 bits"), "{told}");
    // Addresses tell the sizes.
    assert_eq!(message(&dump(Heap::new(), wide)), None);
}

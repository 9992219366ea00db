//! Reference data: what is large in a small heap, and cannot be what fills it.

use hprof_suspects::verdict::decision::Confidence;
use hprof_suspects::verdict::decision::HeapVerdict::{Inconclusive, RuledOut};
use hprof_suspects::verdict::facts::{Assessment, HeapFacts, Holder};
use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, object, payloads};
use crate::support::{report, run, temporary};
use crate::synth::{Heap, Kind, Value};
use crate::verdict_support::{MIB, alone, decide_with, heap, holder, top, with};

fn table(mib: u64) -> Holder {
    holder("com.acme.Crc.TABLE", mib * MIB, Assessment::Unknown)
}

/// The dump of a JVM with `-Xmx256m`.
pub fn of_256_mib(heap: &mut Heap) -> tempfile::TempPath {
    of_mib(heap, 256)
}

/// The dump of a JVM with a maximum heap of so many MiB.
pub fn of_mib(heap: &mut Heap, mib: u64) -> tempfile::TempPath {
    let class = heap
        .class("java.lang.ProcessEnvironment$Variable")
        .fields("str:L bytes:L")
        .done();
    let mut text = |text: &str| {
        let (object, text) = (heap.instance(class), heap.string(text));
        heap.set(object, "str", text);
        Value::Ref(object)
    };
    let entry = (text("JAVA_TOOL_OPTIONS"), text(&format!("-Xmx{mib}m")));
    let map = heap.hash_map(&[entry]);
    heap.class("java.lang.ProcessEnvironment")
        .static_field("theEnvironment", map)
        .done();
    temporary(".hprof", &heap.write().bytes)
}

fn verdict(heap: &mut Heap) -> Json {
    report(&of_256_mib(heap))["verdict"].clone()
}

fn idle(max: u64, holders: &[Holder]) -> HeapFacts {
    let sum: u64 = holders.iter().map(|h| h.retained_bytes).sum();
    with(heap(sum + 2 * MIB, max * MIB), holders)
}

#[test]
fn a_table_that_is_a_small_part_of_the_maximum_is_no_suspect() {
    let decision = alone(&idle(256, &[table(8)]));
    assert_eq!(decision.heap, RuledOut, "{}", decision.headline);
    assert!(
        decision.headline.contains("largest holder 8.0 MiB"),
        "{}",
        decision.headline
    );
}

#[test]
fn what_may_grow_is_not_minor() {
    let growing = Holder {
        may_grow: true,
        ..table(8)
    };
    assert_eq!(alone(&idle(256, &[growing])).heap, Inconclusive);
}

#[test]
fn a_static_collection_may_grow_and_so_may_threads_in_masses() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 9_000, KB);
    let list = heap.array_list(&orders);
    in_static(&mut heap, "com.acme.Orders", "ALL", list);
    assert_eq!(verdict(&mut heap)["heap"], "inconclusive");

    let mut heap = Heap::new();
    for i in 0..3 {
        let body = heap.prim_array(Kind::Int, 1 << 20);
        let thread = heap.thread(&format!("reader-{i}"));
        let class = heap.class_named("com.acme.Reader");
        let class = class.unwrap_or_else(|| heap.class("com.acme.Reader").app().done());
        let frame = heap.frame(thread, class, "read", None, 7);
        heap.local(thread, frame, body);
    }
    let verdict = verdict(&mut heap);
    assert_eq!(verdict["heap"], "inconclusive");
    // Three of them, not one; and nothing is put into a thread.
    let name = "`3 threads \"reader-*\"`";
    let headline = verdict["headline"].as_str().expect("a sentence");
    assert!(
        headline.contains(&format!("{name} retain 12 MiB")),
        "{headline}"
    );
    let steps = verdict["next_steps"].to_string().replace('\\', "");
    let step = format!(
        "are there meant to be so many: {name}? What starts them, and what should end them?"
    );
    assert!(steps.contains(&step), "{steps}");
}

/// Virtual threads that wait, with what their frames hold.
#[test]
fn virtual_threads_that_are_as_many_as_usual_may_be_minor() {
    let mut heap = Heap::new();
    let class = heap.class("java.lang.VirtualThread");
    let class = class.extends("java.lang.Thread").done();
    let code = heap.class("com.acme.Session").app().done();
    for _ in 0..3_000 {
        let body = heap.prim_array(Kind::Byte, 2 * KB);
        let thread = heap.thread_of(class, "");
        let frame = heap.frame(thread, code, "run", None, 7);
        heap.local(thread, frame, body);
    }
    let file = of_256_mib(&mut heap);
    let json = report(&file);
    let verdict = &json["verdict"];
    assert_eq!(verdict["heap"], "ruled_out", "{verdict}");
    let reasons = verdict["reasons"].to_string();
    let name = "`3,000 virtual threads in com.acme.Session.run";
    assert!(reasons.contains(name), "{reasons}");
}

#[test]
fn minor_is_a_share_of_the_maximum_and_less_than_growth() {
    assert_eq!(
        alone(&idle(256, &[table(14)])).heap,
        Inconclusive,
        "more than 5 %"
    );
    assert_eq!(
        alone(&idle(16_384, &[table(200)])).heap,
        Inconclusive,
        "more than noise"
    );
    let decision = alone(&idle(1_024, &[table(31)]));
    assert_eq!(decision.heap, RuledOut);
    assert_eq!(
        decision.confidence,
        Confidence::Low,
        "it is most of the heap all the same"
    );
}

#[test]
fn several_are_minor_together_or_not_at_all() {
    let small = || holder("com.acme.A.TABLE", 6 * MIB, Assessment::Unknown);
    assert_eq!(
        alone(&idle(256, &[small(), small()])).heap,
        RuledOut,
        "4.7 %"
    );
    assert_eq!(
        alone(&idle(256, &[small(), small(), small()])).heap,
        Inconclusive,
        "7 %"
    );
}

/// A third of the live heap in the hands of one that can grow, though the live heap is a small part of the maximum.
#[test]
fn one_that_can_grow_and_keeps_a_third_is_asked_about() {
    let growing = |mib: u64| Holder {
        many: true,
        ..holder(
            "com.acme.Engine.interpreter",
            mib * MIB,
            Assessment::Unknown,
        )
    };
    let facts = with(heap(30 * MIB, 128 * MIB), &[growing(11)]);
    let decision = alone(&facts);
    assert_eq!((decision.rule, decision.heap), ("large", Inconclusive));
    assert!(
        decision.headline.contains("`com.acme.Engine.interpreter`"),
        "{}",
        decision.headline
    );
    let near = [(30, 128, 9, "less than a third"), (30, 1_024, 11, "minor")];
    for (live, max, mib, why) in near {
        let facts = with(heap(live * MIB, max * MIB), &[growing(mib)]);
        assert_eq!(alone(&facts).heap, RuledOut, "{why}");
    }
    // An array of 11 MiB is all that it will be.
    let facts = with(heap(30 * MIB, 128 * MIB), &[table(11)]);
    assert_eq!(alone(&facts).heap, RuledOut);
    // Nothing grew while it was looked at.
    let evidence = [top("shop app 1m 100Mi"), top("shop app 1m 101Mi")].concat();
    let facts = with(heap(30 * MIB, 128 * MIB), &[growing(11)]);
    assert_eq!(decide_with(&facts, &evidence, Some("app")).heap, RuledOut);
}

/// A list of a script's, in a table of its names: what is around it says nothing of how much it may hold.
#[test]
fn what_is_kept_in_a_list_below_a_table_of_names_can_grow() {
    let mut heap = Heap::new();
    let scores = payloads(&mut heap, "com.acme.Score", 24_000, KB);
    let list = heap.array_list(&scores);
    let list = object(&mut heap, "com.acme.ScriptList", &[("list", list.into())]);
    let name = heap.string("scores");
    let globals = heap.hash_map(&[(name.into(), list.into())]);
    let engine = object(&mut heap, "com.acme.Engine", &[("globals", globals.into())]);
    in_static(&mut heap, "com.acme.Main", "ENGINE", engine);
    // What the rest is in is negligible each.
    for i in 0..9 {
        let table = heap.prim_array(Kind::Byte, 3_900 * KB);
        in_static(&mut heap, &format!("com.acme.Table{i}"), "ALL", table);
    }
    let verdict = verdict(&mut heap);
    assert_eq!(verdict["heap"], "inconclusive", "{verdict}");
}

#[test]
fn nothing_is_minor_when_memory_grew() {
    let evidence = [top("shop app 1m 100Mi"), top("shop app 1m 140Mi")].concat();
    let decision = decide_with(&idle(256, &[table(14)]), &evidence, Some("app"));
    assert_eq!(decision.heap, Inconclusive, "{}", decision.headline);
}

#[test]
fn the_report_lists_holders_and_accuses_nobody() {
    let mut heap = Heap::new();
    let crc = heap.prim_array(Kind::Int, 2 << 20);
    in_static(&mut heap, "com.acme.Crc", "TABLE", crc);
    let file = of_256_mib(&mut heap);
    for (format, title) in [
        ("text", "LARGEST HOLDERS, NONE SUSPECTED"),
        ("markdown", "Largest holders, none suspected"),
        ("html", "Largest holders, none suspected</h2>"),
    ] {
        let text = run([file.as_os_str(), "--format".as_ref(), format.as_ref()])
            .succeeded()
            .text();
        assert!(text.contains("RULED OUT"), "{text}");
        assert!(text.contains(title), "{text}");
        assert!(text.contains("com.acme.Crc.TABLE"), "{text}");
    }
}

/// The same map in a field that is no static one grows as well as any.
#[test]
fn a_collection_in_a_field_of_an_object_may_grow() {
    for (entries, verdict_of_it) in [(9_000, "inconclusive"), (900, "ruled_out")] {
        let mut heap = Heap::new();
        let orders = payloads(&mut heap, "com.acme.Order", entries, 9_000 * KB / entries);
        let list = heap.array_list(&orders);
        let service = object(&mut heap, "com.acme.Service", &[("orders", list.into())]);
        in_static(&mut heap, "com.acme.Main", "SERVICE", service);
        assert_eq!(verdict(&mut heap)["heap"], verdict_of_it, "{entries}");
    }
}

#[test]
fn nobody_stands_among_the_suspects_of_a_heap_that_is_ruled_out() {
    let mut heap = Heap::new();
    for name in ["A", "B", "C"] {
        let table = heap.prim_array(Kind::Byte, 4 << 20);
        in_static(&mut heap, "com.acme.Tables", name, table);
    }
    let file = of_256_mib(&mut heap);
    let json = report(&file);
    assert_eq!(json["verdict"]["heap"], "ruled_out", "{}", json["verdict"]);
    assert_eq!(json["suspects"], serde_json::json!([]));
    assert_eq!(json["largest_holders"].as_array().map(Vec::len), Some(3));
    let text = String::from_utf8_lossy(&run([file.as_os_str()]).stdout).into_owned();
    for name in [
        "LARGEST HOLDERS, NONE SUSPECTED",
        "com.acme.Tables.A",
        "com.acme.Tables.C",
    ] {
        assert!(text.contains(name), "{text}");
    }
}

/// Less than a hundredth of the maximum, but nearly all that there is.
#[test]
fn what_keeps_most_of_a_small_heap_is_told_however_large_the_maximum() {
    let mut heap = Heap::new();
    let orders = payloads(&mut heap, "com.acme.Order", 2_000, KB);
    let list = heap.array_list(&orders);
    in_static(&mut heap, "com.acme.Orders", "ALL", list);
    let json = report(&of_256_mib(&mut heap));
    assert_eq!(json["verdict"]["heap"], "ruled_out");
    let holder = &json["suspects"][0]["holder"];
    assert_eq!(
        (&holder["class"], &holder["field"]),
        (&"com.acme.Orders".into(), &"ALL".into())
    );
}

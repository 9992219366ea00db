//! The maximum heap where the dump leaves it open: what is told of it, and how it is judged.

use hprof_suspects::verdict::component::Component;
use hprof_suspects::verdict::decision::HeapVerdict;
use hprof_suspects::verdict::evidence::{Evidence, Quantity, Resident, given};
use hprof_suspects::verdict::facts::{Assessment, Range};
use hprof_suspects::verdict::heap_facts::Read;

use crate::offheap_corpus::part;
use crate::offheap_synthetic::{atomic, facts, properties};
use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Value};
use crate::verdict_support::{MIB, alone, decide_with, heap, holder, lines, with};

/// JDK 8 with a limit of direct memory of 1 GiB; `option` is what HotSpot passes for `-XX:MaxDirectMemorySize`.
fn jdk8(option: &str) -> Read {
    jdk8_with(option, None)
}

/// The same; `bean` is the name of the collector's management bean, where the program asked for it.
fn jdk8_with(option: &str, bean: Option<&str>) -> Read {
    facts(&jdk8_heap(option, bean))
}

fn jdk8_heap(option: &str, bean: Option<&str>) -> Heap {
    let mut heap = Heap::new();
    if let Some(bean) = bean {
        let class = heap
            .class("sun.management.GarbageCollectorImpl")
            .field("name", Kind::Object)
            .done();
        let (object, name) = (heap.instance(class), heap.string(bean));
        heap.set(object, "name", name);
    }
    let saved = properties(
        &mut heap,
        &[
            ("java.version", "1.8.0_252"),
            ("java.vm.version", "25.252-b09"),
            ("java.vm.name", "OpenJDK 64-Bit Server VM"),
            ("sun.java.command", "/opt/acme/shop-1.2.jar --token=geheim"),
            ("db.password", "geheim"),
            ("sun.nio.MaxDirectMemorySize", option),
        ],
    );
    heap.class("sun.misc.VM")
        .static_field("directMemory", 1i64 << 30)
        .static_field("savedProps", saved)
        .done();
    let reserved = atomic(
        &mut heap,
        "java.util.concurrent.atomic.AtomicLong",
        Value::Long(3 << 20),
    );
    heap.class("java.nio.Bits")
        .static_field("maxMemory", 1i64 << 30)
        .static_field("reservedMemory", reserved)
        .done();
    heap
}

#[test]
fn jdk_8_tells_its_version_and_limits_but_no_secrets() {
    let found = jdk8("-1");
    let jvm = &found.jvm;
    assert_eq!(jvm.version.as_deref(), Some("25.252-b09"));
    assert_eq!(jvm.java_version.as_deref(), Some("1.8.0_252"));
    assert_eq!(jvm.main_class.as_deref(), Some("shop-1.2.jar"));
    // G1 says 1 GiB of itself, and so does the parallel collector, the usual one of JDK 8, of 1,152 MiB.
    assert_eq!(jvm.max_heap, None);
    let range = jvm.max_heap_range.as_ref().expect("a range");
    assert_eq!((range.low, range.high), (1 << 30, 1152 << 20));
    assert_eq!(
        range.source,
        "java.nio.Bits.maxMemory: 1,024 MiB, or up to 1,152 MiB with a survivor space, which some collectors leave out; the dump does not \
         tell the collector"
    );
    let direct = part(&found.native, Component::DirectMemory).expect("direct memory");
    assert_eq!((direct.low, direct.high), (3 * MIB, 3 * MIB));
    assert_eq!(direct.source, "java.nio.Bits.reservedMemory");
    assert!(!format!("{found:?}").contains("geheim"));
}

/// Metrics libraries ask for the collectors' beans: then the dump tells the collector, and the maximum is known.
#[test]
fn the_bean_of_the_collector_settles_the_maximum() {
    for (bean, mib) in [("PS Scavenge", 1152), ("G1 Old Generation", 1024)] {
        let jvm = jdk8_with("-1", Some(bean)).jvm;
        assert_eq!(jvm.max_heap.map(|max| max.bytes >> 20), Some(mib), "{bean}");
        assert_eq!(jvm.max_heap_range, None);
    }
}

#[test]
fn a_limit_that_somebody_set_is_no_maximum_heap() {
    let jvm = jdk8("1073741824").jvm;
    assert_eq!(jvm.max_heap, None);
    assert_eq!(
        jvm.max_direct_memory.map(|limit| limit.bytes),
        Some(1 << 30)
    );
}

/// The report says null, from where to where, and judges by the least.
#[test]
fn the_report_tells_the_range() {
    let file = temporary(".hprof", &jdk8_heap("-1", None).write().bytes);
    let json = report(&file);
    assert!(json["heap"]["max_bytes"].is_null());
    let source = json["heap"]["max_bytes_source"].as_str().expect("a source");
    assert!(source.contains("1,024 MiB, or up to 1,152 MiB"), "{source}");
    let ledger = json["ledger"].as_array().expect("a ledger");
    let line = ledger
        .iter()
        .find(|line| line["component"] == "java_heap_max")
        .expect("the line");
    assert!(line["bytes"].is_null());
    assert_eq!(
        (&line["low"], &line["high"]),
        (&(1u64 << 30).into(), &(1152u64 << 20).into())
    );
    assert_eq!(line["kind"], "derived");
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    assert!(
        headline.contains("of at least 1,024 MiB maximum"),
        "{headline}"
    );
}

/// A maximum that is only known to lie between two sizes: judged by the one that is against the outcome, told as "at least".
#[test]
fn a_maximum_that_is_not_known_exactly() {
    let between = |live| {
        let mut facts = heap(live, 0);
        facts.max_heap_range = Some(Range {
            low: 1_450 * MIB,
            high: 1_500 * MIB,
            source: "java.nio.Bits.MAX_MEMORY".into(),
        });
        facts
    };
    let small = alone(&between(42 * MIB));
    assert_eq!(small.heap, HeapVerdict::RuledOut);
    assert!(
        small
            .headline
            .starts_with("Java heap RULED OUT: 42 MiB live of at least 1,450 MiB maximum"),
        "{}",
        small.headline
    );
    // A quarter of 1,450 MiB, but not of 1,500 MiB.
    let large = holder("com.acme.UserCache.CACHE", 370 * MIB, Assessment::Unknown);
    let decision = alone(&with(between(380 * MIB), &[large]));
    assert_ne!(
        decision.heap,
        HeapVerdict::Suspected,
        "{}",
        decision.headline
    );
    assert_ne!(
        decision.heap,
        HeapVerdict::RuledOut,
        "{}",
        decision.headline
    );
    let full = alone(&between(1_490 * MIB));
    assert!(
        !full
            .reasons
            .iter()
            .any(|reason| reason.contains("contradiction")),
        "{:?}",
        full.reasons
    );
    // Evidence that says it exactly is taken.
    let given = decide_with(&between(42 * MIB), &max_heap_of(1_500 * MIB), None);
    assert!(
        given.headline.contains("of 1,500 MiB maximum"),
        "{}",
        given.headline
    );
    let other = decide_with(&between(42 * MIB), &max_heap_of(4_000 * MIB), None);
    assert!(
        other
            .reasons
            .iter()
            .any(|reason| reason.contains("evidence of another JVM?")),
        "{:?}",
        other.reasons
    );
}

/// A small heap beside gigabytes that nothing explains: who dominates it is beside the point, and the steps lead outside, containers first.
#[test]
fn memory_that_nothing_explains_is_followed() {
    let cache = holder("com.acme.Cache.MAP", 19 * MIB, Assessment::Unknown);
    let facts = with(heap(20 * MIB, 256 * MIB), &[cache]);
    assert_eq!(alone(&facts).rule, "large");
    let resident = |mib: u64| {
        let quantity = Quantity::Resident(Resident::Process);
        decide_with(&facts, &[given(quantity, mib * MIB, "--rss")], None)
    };
    let large = resident(3_072);
    assert_eq!(large.heap, HeapVerdict::RuledOut, "{}", large.headline);
    let at = |step: &str| {
        let found = large.next_steps.iter().position(|s| s.contains(step));
        found.unwrap_or_else(|| panic!("{step}: {:?}", large.next_steps))
    };
    let order = [
        "ps -eo pid,rss",
        "VM.native_memory",
        "System.native_heap_info",
        "MALLOC_ARENA_MAX=2",
    ];
    let places = order.map(at);
    assert!(places.is_sorted(), "{places:?}: {:?}", large.next_steps);
    // What the maximum heap allows is no riddle: then the holder counts.
    assert_eq!(resident(300).rule, "large");
    // A heap that is suspected does not explain the rest either.
    let leak = holder("com.acme.Cache.MAP", 240 * MIB, Assessment::Unbounded);
    let full = with(heap(250 * MIB, 256 * MIB), &[leak]);
    let quantity = Quantity::Resident(Resident::Process);
    let both = decide_with(&full, &[given(quantity, 9_000 * MIB, "--rss")], None);
    assert_eq!(both.heap, HeapVerdict::Suspected, "{}", both.headline);
    let steps = lines(&both.next_steps);
    assert!(
        steps.contains("com.acme.Cache.MAP") && steps.contains("VM.native_memory"),
        "{steps}"
    );
}

fn max_heap_of(bytes: u64) -> Vec<Evidence> {
    vec![given(Quantity::MaxHeap, bytes, "test")]
}

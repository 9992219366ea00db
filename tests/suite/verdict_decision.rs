//! The decision: the cases it was made for, and what must never happen.

use hprof_suspects::verdict::component::{Component, Kind};
use hprof_suspects::verdict::decision::{Confidence, FailOn, HeapVerdict};
use hprof_suspects::verdict::evidence::{Document, Quantity, Resident, given, read_document};
use hprof_suspects::verdict::facts::{
    Assessment, Holder, OffHeap, OutOfMemory, OutOfMemoryKind, ThreadMass,
};
use hprof_suspects::verdict::observed::Observed;
use std::path::Path;

use crate::verdict_support::{MIB, alone, decide_with, heap, holder, top, with};

const STORY: &str = "web-1 app 3m 600Mi\nweb-1 fluent-bit 1m 100Mi\nweb-1 app 3m 604Mi\nweb-1 fluent-bit 1m 912Mi\n";

#[test]
fn the_story() {
    let mut facts = heap(42 * MIB, 1024 * MIB);
    facts.largest_holder = Some(holder(
        "com.acme.Catalog.ITEMS",
        1_258_291,
        Assessment::Unknown,
    ));
    facts.by_design = vec![("BatchSpanProcessor".into(), 400)];
    for container in [None, Some("app")] {
        let decision = decide_with(&facts, &top(STORY), container);
        assert_eq!(
            decision.headline,
            "Java heap RULED OUT: 42 MiB live of 1,024 MiB maximum; largest holder 1.2 MiB (`com.acme.Catalog.ITEMS`); \
             BatchSpanProcessor 400 B; container `fluent-bit` grew 812 MiB"
        );
        assert_eq!(
            (decision.heap, decision.confidence),
            (HeapVerdict::RuledOut, Confidence::High)
        );
        assert!(
            decision.next_steps[0].contains("kubectl logs web-1 -c fluent-bit"),
            "{:?}",
            decision.next_steps
        );
    }
    // The same pod with a planted leak.
    let leak = holder("com.acme.UserCache.CACHE", 700 * MIB, Assessment::Unbounded);
    let facts = with(heap(750 * MIB, 1024 * MIB), &[leak]);
    let grown = STORY.replace("604Mi", "1390Mi");
    let decision = decide_with(&facts, &top(&grown), Some("app"));
    assert_eq!(
        (decision.heap, decision.rule),
        (HeapVerdict::Suspected, "fits_growth")
    );
    assert!(
        decision.headline.starts_with(
            "Java heap SUSPECTED: `com.acme.UserCache.CACHE` retains 700 MiB (89 % of the growth)"
        ),
        "{}",
        decision.headline
    );
}

/// The shapes of planted leaks and innocent controls, with the outcomes that are allowed.
#[test]
fn shapes_of_leaks_and_controls() {
    use Assessment::{ByDesign, Unbounded, Unknown};
    use HeapVerdict::{Inconclusive, RuledOut, Suspected};
    type Shape<'a> = (
        &'a str,
        u64,
        u64,
        &'a [(u64, Assessment)],
        &'a [HeapVerdict],
    );
    let cases: &[Shape] = &[
        (
            "static map, 65 of 512 MB",
            67_263_880,
            512 * MIB,
            &[(65_840_640, Unknown)],
            &[Suspected, Inconclusive],
        ),
        (
            "the same, known to be unbounded",
            67_263_880,
            512 * MIB,
            &[(65_840_640, Unbounded)],
            &[Suspected],
        ),
        (
            "queue, 115 of 512 MB",
            116_866_520,
            512 * MIB,
            &[(115_200_232, Unbounded)],
            &[Suspected],
        ),
        (
            "500 threads, 10 MB",
            11_746_136,
            512 * MIB,
            &[(10_008_000, Unknown)],
            &[Suspected, Inconclusive],
        ),
        (
            "300 loaders, 30 MB",
            32_141_816,
            512 * MIB,
            &[(30_095_104, Unknown)],
            &[Suspected, Inconclusive],
        ),
        (
            "two cyclic structures, 11 MB",
            12_021_256,
            512 * MIB,
            &[(6_400_032, Unknown), (4_785_024, Unknown)],
            &[RuledOut, Inconclusive],
        ),
        (
            "two leaks, neither of them most of the heap",
            31_508_784,
            256 * MIB,
            &[(15_446_592, Unknown), (15_005_712, Unknown)],
            &[Inconclusive],
        ),
        (
            "the same, one of them a bounded cache",
            31_508_784,
            256 * MIB,
            &[(15_446_592, ByDesign), (15_005_712, Unknown)],
            &[RuledOut],
        ),
        (
            "healthy, bounded cache",
            3_832_568,
            256 * MIB,
            &[(2_200_000, ByDesign)],
            &[RuledOut],
        ),
        (
            "healthy, cache not recognised",
            3_832_568,
            256 * MIB,
            &[(2_200_000, Unknown)],
            &[RuledOut],
        ),
        (
            "native growth only",
            1_584_688,
            256 * MIB,
            &[(10_568, ByDesign)],
            &[RuledOut],
        ),
    ];
    for (what, live, max, holders, allowed) in cases {
        let holders: Vec<Holder> = holders
            .iter()
            .map(|(b, a)| Holder {
                may_grow: what.contains("threads"),
                ..holder("com.acme.X.Y", *b, *a)
            })
            .collect();
        let decision = alone(&with(heap(*live, *max), &holders));
        assert!(allowed.contains(&decision.heap), "{what}: {decision:#?}");
    }
}

#[test]
fn out_of_memory_is_suspected_and_a_large_allocation_is_told() {
    let oom = |what| {
        Some(OutOfMemory {
            thread: "order-import".into(),
            what,
            frame: Some("com.acme.Importer.addLine".into()),
        })
    };
    let mut facts = with(
        heap(210 * MIB, 256 * MIB),
        &[holder(
            "com.acme.Importer.ALL",
            190 * MIB,
            Assessment::Unknown,
        )],
    );
    facts.out_of_memory = oom(OutOfMemoryKind::HeapSpace);
    let decision = alone(&facts);
    assert_eq!(
        (decision.heap, decision.confidence, decision.rule),
        (HeapVerdict::Suspected, Confidence::High, "out_of_memory")
    );
    assert!(
        decision
            .headline
            .contains("OutOfMemoryError in thread `order-import`"),
        "{}",
        decision.headline
    );
    facts.max_heap = None;
    assert_eq!(
        alone(&facts).heap,
        HeapVerdict::Suspected,
        "the maximum is often not in the dump"
    );
    let mut facts = with(
        heap(20 * MIB, 1024 * MIB),
        &[holder("com.acme.Keep.ALL", 18 * MIB, Assessment::Unknown)],
    );
    facts.out_of_memory = oom(OutOfMemoryKind::HeapSpace);
    let decision = alone(&facts);
    // What keeps 18 MiB has not filled a heap of 1 GiB: it is named, and not accused.
    assert!(
        decision
            .headline
            .contains("`com.acme.Keep.ALL` retains 18 MiB (2 % of the maximum heap)"),
        "{}",
        decision.headline
    );
    assert!(
        decision.headline.contains("for one allocation in `"),
        "{}",
        decision.headline
    );
    assert!(
        decision.next_steps[0].contains("was allocating"),
        "{:?}",
        decision.next_steps
    );
    assert_eq!(
        (decision.heap, decision.confidence),
        (HeapVerdict::Inconclusive, Confidence::Low)
    );
    assert!(
        decision
            .reasons
            .iter()
            .any(|r| r.contains("one allocation that was too large")),
        "{:?}",
        decision.reasons
    );
    facts.out_of_memory = oom(OutOfMemoryKind::Metaspace);
    assert_eq!(alone(&facts).heap, HeapVerdict::RuledOut);
}

#[test]
fn resident_memory_within_the_settings_is_no_leak() {
    let facts = heap(42 * MIB, 1024 * MIB);
    let evidence = [
        given(Quantity::Resident(Resident::Process), 1100 * MIB, "--rss"),
        given(Quantity::Growth(Resident::Process), 800 * MIB, "--growth"),
    ];
    let decision = decide_with(&facts, &evidence, None);
    assert_eq!(decision.heap, HeapVerdict::RuledOut);
    assert!(
        decision.headline.ends_with("sizing, not a leak"),
        "{}",
        decision.headline
    );
    assert!(
        decision
            .reasons
            .iter()
            .any(|r| r.contains("within what the settings allow")),
        "{:?}",
        decision.reasons
    );
    // Executors that nobody shuts down are a leak, whatever the settings allow.
    let mut leaking = facts.clone();
    leaking.thread_masses.push(ThreadMass {
        count: 255,
        executors: true,
        held_by: None,
        note: String::new(),
    });
    let decision = decide_with(&leaking, &evidence, None);
    let said = format!("{} {:?}", decision.headline, decision.next_steps);
    assert!(said.contains("255 executors not shut down"), "{said}");
    assert!(!said.contains("sizing"), "{said}");
    // Far beyond maximum heap and native memory it is not sizing.
    let evidence = [given(
        Quantity::Resident(Resident::Process),
        3000 * MIB,
        "--rss",
    )];
    let decision = decide_with(&facts, &evidence, None);
    assert!(
        !decision.headline.contains("sizing"),
        "{}",
        decision.headline
    );
    assert!(
        decision
            .reasons
            .iter()
            .any(|r| r.contains("explained neither by the heap")),
        "{:?}",
        decision.reasons
    );
    assert!(
        decision
            .next_steps
            .iter()
            .any(|s| s.contains("VM.native_memory")),
        "{:?}",
        decision.next_steps
    );
}

#[test]
fn off_heap_owner_is_named() {
    let mut facts = heap(2 * MIB, 256 * MIB);
    facts.off_heap = vec![OffHeap {
        component: Component::DirectMemory,
        low: 300 * MIB,
        high: 300 * MIB,
        kind: Kind::Measured,
        source: "java.nio.Bits.RESERVED_MEMORY".into(),
        owners: vec!["leaks.Slabs.SLABS: 300 direct buffers".into()],
    }];
    let decision = alone(&facts);
    assert_eq!(decision.heap, HeapVerdict::RuledOut);
    assert!(
        decision
            .headline
            .contains("direct memory 300 MiB held by leaks.Slabs.SLABS"),
        "{}",
        decision.headline
    );
}

#[test]
fn containers_that_cannot_be_told_apart_are_not_guessed() {
    let evidence = top("web-1 a 1m 100Mi\nweb-1 b 1m 100Mi\nweb-1 a 1m 120Mi\nweb-1 b 1m 900Mi\n");
    let observed = Observed::new(&evidence, None);
    assert_eq!((observed.jvm, observed.growth.as_ref()), (None, None));
    let decision = decide_with(&heap(42 * MIB, 1024 * MIB), &evidence, None);
    assert_eq!(
        decision.heap,
        HeapVerdict::RuledOut,
        "42 MiB explain neither growth"
    );
    assert!(
        decision
            .next_steps
            .iter()
            .any(|s| s.contains("--container")),
        "{:?}",
        decision.next_steps
    );
    let observed = Observed::new(&evidence, Some("a"));
    assert_eq!(observed.growth.map(|g| g.bytes), Some(20 << 20));
    let wrong = Observed::new(&evidence, Some("c"));
    assert!(
        wrong.contradictions[0].contains("`c`"),
        "{:?}",
        wrong.contradictions
    );
}

#[test]
fn contradictions_are_pointed_out_and_lower_the_confidence() {
    let mut evidence = top("web-1 app 1m 600Mi\n");
    evidence.push(given(
        Quantity::Resident(Resident::Process),
        1900 * MIB,
        "--rss",
    ));
    let decision = decide_with(&heap(42 * MIB, 1024 * MIB), &evidence, None);
    assert!(
        decision
            .reasons
            .iter()
            .any(|r| r.starts_with("contradiction:")
                && r.contains("1,900 MiB")
                && r.contains("top.txt:2")),
        "{:?}",
        decision.reasons
    );
    assert_eq!(decision.confidence, Confidence::Low);
}

#[test]
fn snapshots_of_different_processes_are_not_subtracted() {
    let rollup = |end: &str, kb: u64| {
        let text = format!("55d362fb3000-{end} ---p 00000000 00:00 0    [rollup]\nRss: {kb} kB\n");
        let path = Path::new("smaps");
        read_document(&Document::from_bytes(path, text.as_bytes()), path).expect("valid")
    };
    let growth = |a: &str, b: &str| {
        let evidence = [rollup(a, 1000 << 10), rollup(b, 1500 << 10)].concat();
        Observed::new(&evidence, None).growth.map(|g| g.bytes)
    };
    assert_eq!(growth("7fff0653b000", "7fff0653b000"), Some(500 << 20));
    assert_eq!(growth("7fff0653b000", "7ffccbbd8000"), None);
}

/// A list of all mappings is of the process whose highest one it has.
#[test]
fn lists_of_mappings_of_one_process_are_subtracted() {
    let full = |stack: &str, kb: u64| {
        let mapping = |range: &str, kb: u64, name: &str| {
            format!("{range} rw-p 00000000 00:00 0    {name}\nSize: {kb} kB\nRss: {kb} kB\n")
        };
        let text = [
            mapping("e0000000-f7a00000", kb, ""),
            mapping(&format!("7ff000000000-{stack}"), 132, "[stack]"),
            mapping("ffffffffff600000-ffffffffff601000", 0, "[vsyscall]"),
        ];
        let path = Path::new("smaps");
        read_document(&Document::from_bytes(path, text.concat().as_bytes()), path).expect("valid")
    };
    let growth = |a: &str, b: &str| {
        let evidence = [full(a, 1000 << 10), full(b, 1500 << 10)].concat();
        Observed::new(&evidence, None).growth.map(|g| g.bytes)
    };
    assert_eq!(growth("7fff0653b000", "7fff0653b000"), Some(500 << 20));
    assert_eq!(growth("7fff0653b000", "7ffccbbd8000"), None);
}

#[test]
fn the_jvm_that_did_not_grow_is_ruled_out_by_the_container_that_did() {
    let holders = [holder("a.B.c", 100 * MIB, Assessment::Unknown)];
    let facts = with(heap(500 * MIB, 1024 * MIB), &holders);
    let decision = decide_with(&facts, &top(STORY), Some("app"));
    assert_eq!(
        (decision.heap, decision.rule),
        (HeapVerdict::RuledOut, "other_container")
    );
    assert_eq!(alone(&facts).heap, HeapVerdict::Inconclusive);
}

#[test]
fn fail_on() {
    let facts = with(
        heap(120 * MIB, 512 * MIB),
        &[holder("a.B.c", 100 * MIB, Assessment::Unbounded)],
    );
    let suspected = alone(&facts);
    let parse = |t: &str| t.parse::<FailOn>();
    assert_eq!(suspected.heap, HeapVerdict::Suspected);
    assert!(
        parse("suspected")
            .expect("valid")
            .is_met(&suspected, &facts)
    );
    assert!(
        parse("inconclusive")
            .expect("valid")
            .is_met(&suspected, &facts)
    );
    assert!(
        parse("over=99MiB")
            .expect("valid")
            .is_met(&suspected, &facts)
    );
    assert!(
        !parse("over=100MiB")
            .expect("valid")
            .is_met(&suspected, &facts)
    );
    let healthy = heap(5 * MIB, 512 * MIB);
    for text in ["suspected", "inconclusive", "over=1"] {
        assert!(
            !parse(text)
                .expect("valid")
                .is_met(&alone(&healthy), &healthy),
            "{text}"
        );
    }
    for text in ["", "never", "over", "over=", "over=1,5GiB"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn evidence_of_another_jvm_is_told() {
    let mut evidence = vec![given(Quantity::MaxHeap, 4096 * MIB, "--max-heap")];
    let decision = decide_with(&heap(42 * MIB, 1024 * MIB), &evidence, None);
    assert!(
        decision.reasons.iter().any(|r| r.contains("another JVM?")),
        "{:?}",
        decision.reasons
    );
    assert_eq!(decision.confidence, Confidence::Low);
    evidence[0].bytes = 990 << 20;
    let decision = decide_with(&heap(42 * MIB, 1024 * MIB), &evidence, None);
    assert_eq!(
        decision.confidence,
        Confidence::High,
        "less a survivor space"
    );
}

#[test]
fn replicas_are_told_apart_by_their_pod() {
    let text = "web-1 app 1m 400Mi\nweb-2 app 1m 400Mi\nweb-1 app 1m 1000Mi\nweb-2 app 1m 410Mi\n";
    let evidence = top(text);
    assert_eq!(Observed::new(&evidence, None).growth, None);
    let unclear = Observed::new(&evidence, Some("app"));
    assert!(
        unclear.growth.is_none() && unclear.contradictions[0].contains("POD/app"),
        "{:?}",
        unclear.contradictions
    );
    let chosen = Observed::new(&evidence, Some("web-2/app"));
    assert_eq!(chosen.growth.map(|g| g.bytes), Some(10 << 20));
    let decision = decide_with(&heap(42 * MIB, 1024 * MIB), &evidence, Some("web-2/app"));
    assert!(
        decision
            .headline
            .contains("container `web-1/app` grew 600 MiB"),
        "{}",
        decision.headline
    );
}

#[test]
fn a_full_heap_without_a_holder_is_not_blamed_on_anybody() {
    let holders = [holder("a.B.c", 100 * MIB, Assessment::Unknown)];
    let decision = alone(&with(heap(480 * MIB, 512 * MIB), &holders));
    assert_eq!(
        (decision.heap, decision.rule),
        (HeapVerdict::Inconclusive, "between")
    );
    assert!(
        decision.reasons.iter().any(|r| r.contains("larger -Xmx")),
        "{:?}",
        decision.reasons
    );
}

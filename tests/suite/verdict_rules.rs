//! The rules one by one: what grew, what fits, what was cleared, of what the JVM ran out, and what cannot fit.

use hprof_suspects::verdict::component::{Component, Kind};
use hprof_suspects::verdict::decision::Confidence::{High, Low, Medium};
use hprof_suspects::verdict::decision::HeapVerdict::{Inconclusive, RuledOut, Suspected};
use hprof_suspects::verdict::decision::{Confidence, Decision, HeapVerdict};
use hprof_suspects::verdict::evidence::{Evidence, Quantity, Resident, given};
use hprof_suspects::verdict::facts::{
    Assessment, ClassMass, Course, Filled, HeapFacts, Hidden, Holder, HolderGrowth, MeasuredGrowth,
    OffHeap, OutOfMemory, OutOfMemoryKind, RanOutBefore,
};

use crate::verdict_support::{MIB, alone, decide_with, heap, holder, lines, top, with};

#[track_caller]
fn is(decision: &Decision, rule: &str, heap: HeapVerdict, confidence: Confidence) {
    assert_eq!(
        (decision.rule, decision.heap, decision.confidence),
        (rule, heap, confidence),
        "{decision:#?}"
    );
}

#[track_caller]
fn says(decision: &Decision, text: &str) {
    assert!(decision.headline.contains(text), "{}", decision.headline);
}

fn unknown(name: &str, mib: u64) -> Holder {
    holder(name, mib * MIB, Assessment::Unknown)
}

/// The container `app` grew by so many MiB, the other one not.
fn app_grew(mib: u64) -> Vec<Evidence> {
    top(&format!(
        "shop app 1m 200Mi\nshop proxy 1m 60Mi\nshop app 1m {}Mi\nshop proxy 1m 61Mi\n",
        200 + mib
    ))
}

fn grew_by(facts: &HeapFacts, mib: u64) -> Decision {
    decide_with(facts, &app_grew(mib), Some("app"))
}

#[test]
fn size_alone_is_no_suspicion_at_any_share() {
    for (live, max) in [(700, 1_024), (90, 1_024), (40, 64)] {
        let facts = with(
            heap(live * MIB, max * MIB),
            &[unknown("com.acme.Table.ALL", live - 2)],
        );
        let decision = alone(&facts);
        is(&decision, "large", Inconclusive, Low);
        says(&decision, "`com.acme.Table.ALL` retains");
        let first = &decision.next_steps[0];
        assert!(
            first.contains("`hprof-suspects FIRST.hprof SECOND.hprof`"),
            "{first}"
        );
        assert!(
            decision.next_steps[1].contains("meant to be so large?"),
            "{:?}",
            decision.next_steps
        );
    }
}

#[test]
fn the_command_that_compares_names_the_dump() {
    let mut facts = with(heap(90 * MIB, 256 * MIB), &[unknown("a.B.c", 80)]);
    facts.dump = Some("heap-1.hprof".into());
    let first = alone(&facts).next_steps[0].clone();
    assert!(
        first.contains("`hprof-suspects heap-1.hprof SECOND.hprof`"),
        "{first}"
    );
}

#[test]
fn two_that_fit_together_are_the_finding() {
    let holders = [
        unknown("a.Uploads.parts", 31),
        unknown("a.Replies.pending", 30),
    ];
    let facts = with(heap(66 * MIB, 256 * MIB), &holders);
    let decision = grew_by(&facts, 64);
    is(&decision, "fits_growth", Suspected, Medium);
    says(
        &decision,
        "`a.Uploads.parts` retains 31 MiB (48 % of the growth)",
    );
    says(
        &decision,
        "`a.Replies.pending` retains 30 MiB (47 % of the growth)",
    );
}

/// What was there before is not accused beside what explains the growth by itself; where that leaves much of it, it is.
#[test]
fn a_small_one_beside_one_that_explains_the_growth_is_not_accused() {
    let decision = |large, small| {
        let holders = [
            unknown("a.Calls.waiting", large),
            unknown("a.Names.all", small),
        ];
        let facts = with(heap(70 * MIB, 256 * MIB), &holders);
        let decision = grew_by(&facts, 46);
        is(&decision, "fits_growth", Suspected, Medium);
        says(&decision, "a.Calls.waiting");
        decision.headline.contains("a.Names.all")
    };
    assert!(!decision(40, 6));
    assert!(decision(32, 13));
}

#[test]
fn what_cannot_all_be_new_is_said_and_no_more_than_low() {
    let holders = [unknown("a.Catalog.all", 33), unknown("a.Tokens.issued", 27)];
    let facts = with(heap(63 * MIB, 256 * MIB), &holders);
    let decision = grew_by(&facts, 38);
    is(&decision, "fits_growth", Suspected, Low);
    says(&decision, "a.Tokens.issued");
    let reasons = lines(&decision.reasons);
    assert!(reasons.contains("which cannot all be new"), "{reasons}");
}

#[test]
fn a_holder_larger_than_what_grew_is_not_what_grew() {
    let facts = with(heap(140 * MIB, 512 * MIB), &[unknown("a.Table.ALL", 120)]);
    let decision = grew_by(&facts, 50);
    is(&decision, "large", Inconclusive, Low);
    says(&decision, "more than the growth of 50 MiB");
    let reasons = lines(&decision.reasons);
    assert!(reasons.contains("not all of it can be new"), "{reasons}");
    // The smaller one beside it fits.
    let holders = [unknown("a.Table.ALL", 120), unknown("a.Leak.events", 45)];
    let decision = grew_by(&with(heap(170 * MIB, 512 * MIB), &holders), 50);
    is(&decision, "fits_growth", Suspected, Medium);
    says(
        &decision,
        "`a.Leak.events` retains 45 MiB (90 % of the growth)",
    );
}

#[test]
fn what_is_cleared_and_not_full_may_be_what_grew() {
    let mut facts = with(heap(43 * MIB, 192 * MIB), &[]);
    facts.cleared = vec![Holder {
        assessment: Assessment::ByDesign,
        ..unknown("Log4j2 AsyncAppender", 34)
    }];
    assert_eq!(alone(&facts).heap, RuledOut);
    let decision = grew_by(&facts, 42);
    is(&decision, "fits_growth", Suspected, Low);
    says(&decision, "Log4j2 AsyncAppender");
    // What is full grows no more, whether it was cleared or is too large for the heap.
    let filled = |is_full| {
        Some(Filled {
            now: "10,000".into(),
            most: "10,000 entries".into(),
            is_full,
            when_full: None,
        })
    };
    for (assessment, confidence) in [(Assessment::ByDesign, Low), (Assessment::Unknown, Medium)] {
        facts.cleared[0].assessment = assessment;
        facts.cleared[0].filled = filled(true);
        let decision = grew_by(&facts, 42);
        assert_eq!(decision.heap, Inconclusive, "{}", decision.headline);
        says(&decision, ", full with 10,000 of 10,000 entries");
        let reasons = lines(&decision.reasons);
        assert!(reasons.contains("full with 10,000 of 10,000"), "{reasons}");
        facts.cleared[0].filled = filled(false);
        is(&grew_by(&facts, 42), "fits_growth", Suspected, confidence);
    }
    // Beside it one that is not full is suspected by what it keeps itself.
    let mut both = with(heap(143 * MIB, 192 * MIB), &[unknown("a.Leak.events", 30)]);
    both.cleared = facts.cleared.clone();
    both.cleared[0].filled = filled(true);
    let decision = grew_by(&both, 42);
    is(&decision, "fits_growth", Suspected, Low);
    let headline = decision.headline.to_string();
    assert!(headline.contains("a.Leak.events"), "{headline}");
    assert!(!headline.contains("AsyncAppender"), "{headline}");
    both.suspects[0].retained_bytes = 10 * MIB;
    assert_eq!(grew_by(&both, 46).heap, Inconclusive);
    // What is too large for the heap when it is full was never cleared.
    facts.cleared[0].filled = None;
    facts.cleared[0].assessment = Assessment::Unknown;
    is(&alone(&facts), "large", Inconclusive, Low);
}

fn measured(holders: Vec<HolderGrowth>, grew_mib: i64, intervals: u32) -> Option<MeasuredGrowth> {
    Some(MeasuredGrowth {
        live_bytes: Vec::new(),
        grew_bytes: grew_mib << 20,
        intervals,
        holders,
        ..MeasuredGrowth::default()
    })
}

fn with_growth(facts: &HeapFacts, growth: Option<MeasuredGrowth>) -> HeapFacts {
    HeapFacts {
        growth,
        ..facts.clone()
    }
}

fn course(name: &str, course: Course, mib: i64, intervals: u32) -> HolderGrowth {
    HolderGrowth {
        name: name.into(),
        grew_bytes: mib << 20,
        intervals_grown: intervals,
        grew_last: course == Course::Grew,
        course,
        ..HolderGrowth::default()
    }
}

#[test]
fn measured_growth_convicts_and_measured_constancy_clears() {
    let holders = [unknown("a.Table.ALL", 60), unknown("a.Leak.events", 20)];
    let mut facts = with(heap(90 * MIB, 256 * MIB), &holders);
    let courses = |intervals| {
        vec![
            course("a.Leak.events", Course::Grew, 15, intervals),
            course("a.Table.ALL", Course::Constant, 0, 0),
        ]
    };
    facts.growth = measured(courses(2), 16, 2);
    let decision = alone(&facts);
    is(&decision, "grew", Suspected, High);
    says(&decision, "`a.Leak.events` grew by 15 MiB");
    assert!(
        !decision.headline.contains("a.Table.ALL"),
        "{}",
        decision.headline
    );
    assert!(decision.next_steps[0].contains("a.Leak.events"));
    facts.growth = measured(courses(1), 16, 1);
    is(&alone(&facts), "grew", Suspected, Medium);
    // A small part of what grew is no explanation.
    facts.growth = measured(courses(2), 90, 2);
    assert_ne!(alone(&facts).heap, Suspected);
    // The constant one is no candidate for what grew outside.
    facts.growth = measured(vec![course("a.Table.ALL", Course::Constant, 0, 0)], 0, 2);
    let decision = grew_by(&facts, 62);
    is(&decision, "heap_did_not_grow", RuledOut, High);
    let alone = alone(&facts);
    is(&alone, "heap_did_not_grow", RuledOut, Medium);
    let reasons = lines(&alone.reasons);
    assert!(
        reasons.contains("it did not grow from dump to dump"),
        "{reasons}"
    );
}

/// Many that grow little each convict together; what filled its bound meanwhile is no part of what is to be explained; who was measured to
/// be constant is not in the title.
#[test]
fn several_that_grow_and_one_that_fills() {
    let mut facts = with(heap(90 * MIB, 256 * MIB), &[unknown("a.Table.ALL", 60)]);
    let names = ["a.A.x", "a.B.x", "a.C.x", "a.D.x", "a.E.x", "a.F.x"];
    let mut rows: Vec<HolderGrowth> = names.map(|it| course(it, Course::Grew, 2, 2)).into();
    facts.growth = measured(rows.clone(), 13, 2);
    let decision = alone(&facts);
    is(&decision, "grew", Suspected, High);
    says(&decision, "`a.A.x` grew by 2.0 MiB");
    says(&decision, "3 more grew");
    rows.truncate(1);
    rows.push(course("a.Lru.cache", Course::WarmedUp, 10, 2));
    facts.growth = measured(rows.clone(), 12, 2);
    is(&alone(&facts), "grew", Suspected, High);
    // The rest of the growth is nobody's.
    facts.growth = measured(rows, 40, 2);
    assert_ne!(alone(&facts).heap, Suspected);
    let constant = vec![course("a.Table.ALL", Course::Constant, 0, 0)];
    facts.growth = measured(constant, 30, 2);
    let decision = alone(&facts);
    assert!(
        !decision.headline.contains("a.Table.ALL"),
        "{}",
        decision.headline
    );
    let steps = lines(&decision.next_steps);
    assert!(!steps.contains("a.Table.ALL"), "{steps}");
}

/// A heap whose caches filled in the first interval does not grow; where more grew outside, all of its growth counts.
#[test]
fn what_warmed_up_in_the_first_interval() {
    let mut facts = with(heap(60 * MIB, 256 * MIB), &[unknown("a.Own.cache", 40)]);
    let warm = vec![course("a.Own.cache", Course::WarmedUp, 40, 1)];
    facts.growth = measured(warm, 40, 3).map(|growth| MeasuredGrowth {
        grew_last_bytes: Some(8 << 10),
        ..growth
    });
    let decision = alone(&facts);
    is(&decision, "heap_did_not_grow", RuledOut, Medium);
    assert!(
        !decision.headline.contains("a.Own.cache"),
        "{}",
        decision.headline
    );
    says(&decision, "it did not grow in the last interval");
    let reasons = lines(&decision.reasons);
    assert!(
        reasons.contains("it grew, but not in the last of 3 intervals"),
        "{reasons}"
    );
    assert_ne!(grew_by(&facts, 90).rule, "heap_did_not_grow");
    // In one interval, by what a bound or a class histogram in between shows to have ended.
    let one = measured(vec![course("a.Own.cache", Course::WarmedUp, 40, 1)], 40, 1);
    let one = with_growth(&facts, one);
    is(&alone(&one), "heap_did_not_grow", RuledOut, Medium);
    says(&alone(&one), "it grew, but no longer");
    // What the incident folders of the inputs have of the process counts as well.
    facts.growth = facts.growth.map(|growth| MeasuredGrowth {
        grew_bytes: 0,
        outside: Some(183 << 20),
        ..growth
    });
    let decision = alone(&facts);
    is(&decision, "heap_did_not_grow", RuledOut, High);
    says(&decision, "it grew by 0 B from dump to dump");
}

/// Class histograms before one dump: the growth of the heap is not known, that of an owner is.
#[test]
fn what_follows_from_class_histograms_convicts_at_most_with_medium_confidence() {
    let mut facts = with(heap(60 * MIB, 256 * MIB), &[]);
    let row = HolderGrowth {
        by_class: true,
        ..course("a.Leak.events", Course::Grew, 30, 1)
    };
    facts.growth = measured(vec![row], 0, 0);
    let decision = alone(&facts);
    is(&decision, "grew", Suspected, Medium);
    says(&decision, "grew by at least 30 MiB since a class histogram");
    facts.growth = measured(Vec::new(), 0, 0);
    assert_ne!(alone(&facts).rule, "heap_did_not_grow");
    // As large as the last of them: no more since, whatever came before. What grew outside came from elsewhere or before that.
    let same = MeasuredGrowth {
        same_as_last_histogram: Some(5 << 10),
        ..MeasuredGrowth::default()
    };
    let same = with_growth(&facts, Some(same));
    let decision = alone(&same);
    is(&decision, "heap_did_not_grow", RuledOut, Medium);
    says(&decision, "no larger than the last class histogram before");
    assert_ne!(grew_by(&same, 90).rule, "heap_did_not_grow");
}

#[test]
fn the_sidecar_is_the_answer_whatever_dominates_the_heap() {
    for (holder_mib, assessment, own) in [
        (30, Assessment::Unknown, 40),
        (38, Assessment::Unbounded, 40),
        (190, Assessment::Unbounded, 0),
    ] {
        let facts = with(
            heap((holder_mib + 5) * MIB, 256 * MIB),
            &[holder("a.B.c", holder_mib * MIB, assessment)],
        );
        let text = format!(
            "shop app 1m 160Mi\nshop proxy 1m 60Mi\nshop app 1m {}Mi\nshop proxy 1m 660Mi\n",
            160 + own
        );
        let decision = decide_with(&facts, &top(&text), Some("app"));
        is(&decision, "other_container", RuledOut, High);
        says(&decision, "container `proxy` grew 600 MiB");
        assert!(
            decision.next_steps[0].contains("look at container `proxy`"),
            "{:?}",
            decision.next_steps
        );
    }
}

fn ran_out(live: u64, max: u64, what: OutOfMemoryKind) -> HeapFacts {
    let mut facts = heap(live * MIB, max * MIB);
    facts.out_of_memory = Some(OutOfMemory {
        thread: "main".into(),
        what,
        frame: Some("a.B.work(B.java:7)".into()),
    });
    facts
}

fn mass(abounds: bool) -> Option<ClassMass> {
    Some(ClassMass {
        abounds,
        most_classes: abounds,
        count: 1_967,
        what: "loaders of `Meta$L`".into(),
        held_by: Some("Meta.LOADED".into()),
        classes: 1_967,
    })
}

#[test]
fn of_what_the_jvm_ran_out() {
    // While a class was defined, and by the many loaders in a heap with room.
    let mut facts = ran_out(5, 64, OutOfMemoryKind::Metaspace);
    facts.class_mass = mass(true);
    let decision = alone(&facts);
    is(&decision, "out_of_metaspace", RuledOut, High);
    says(
        &decision,
        "ran out of metaspace: 1,967 loaders of `Meta$L`, held by `Meta.LOADED`",
    );
    let steps = lines(&decision.next_steps);
    assert!(
        steps.contains("VM.metaspace") && steps.contains("VM.classloader_stats"),
        "{steps}"
    );
    let mut facts = ran_out(5, 64, OutOfMemoryKind::HeapSpace);
    facts.class_mass = mass(true);
    let decision = alone(&facts);
    is(&decision, "out_of_metaspace", RuledOut, Medium);
    says(&decision, "probably ran out of metaspace");
    // A few loaders are none.
    facts.class_mass = mass(false);
    is(&alone(&facts), "one_allocation", Inconclusive, Low);
    // Garbage and what large arrays leave of their regions fill a heap as well.
    facts.filled_bytes = 60 * MIB;
    let decision = alone(&facts);
    is(&decision, "out_of_memory", Suspected, Low);
    assert!(
        !decision.headline.contains("allocation"),
        "{}",
        decision.headline
    );
    // With owners.
    let mut facts = with(
        ran_out(60, 64, OutOfMemoryKind::HeapSpace),
        &[unknown("a.B.c", 25), unknown("a.B.d", 24)],
    );
    let decision = alone(&facts);
    is(&decision, "out_of_memory", Suspected, High);
    says(&decision, "`a.B.c` retains");
    says(&decision, "`a.B.d` retains");
    facts.max_heap = None;
    is(&alone(&facts), "out_of_memory", Suspected, Medium);
}

#[test]
fn what_ran_out_before_is_in_the_title_and_tempers_what_is_ruled_out() {
    let mut facts = heap(10 * MIB, 1_024 * MIB);
    is(&alone(&facts), "too_small", RuledOut, High);
    facts.ran_out_before = Some(RanOutBefore {
        used: 1,
        of: 4,
        messages: vec!["Java heap space".into()],
    });
    let decision = alone(&facts);
    is(&decision, "too_small", RuledOut, Medium);
    says(&decision, "the JVM ran out of Java heap space before");
    // Threads are no heap.
    facts.ran_out_before.as_mut().expect("set").messages =
        vec!["unable to create native thread".into()];
    is(&alone(&facts), "too_small", RuledOut, High);
}

#[test]
fn what_hangs_on_class_objects_counts_as_live() {
    let mut facts = heap(MIB, 256 * MIB);
    facts.hidden = Hidden {
        bytes: 28 * MIB,
        by: vec![("fields of class objects".into(), 28 * MIB)],
        content: "28 × byte[]".into(),
    };
    facts.live_only = true;
    let decision = alone(&facts);
    is(&decision, "large", Inconclusive, Low);
    says(
        &decision,
        "29 MiB live of 256 MiB maximum, 28 MiB of it held by what",
    );
    assert!(
        !lines(&decision.next_steps).contains("take a live dump"),
        "{:?}",
        decision.next_steps
    );
    let mut full = ran_out(1, 32, OutOfMemoryKind::HeapSpace);
    full.hidden = facts.hidden;
    full.class_mass = mass(false);
    let decision = alone(&full);
    is(&decision, "out_of_memory", Suspected, Low);
    says(&decision, "Meta$L");
}

fn nmt(categories: &[(&str, u64, Option<u64>)]) -> Vec<Evidence> {
    let mut all = Vec::new();
    let total: u64 = categories.iter().map(|(_, mib, _)| mib).sum();
    let rows = categories.iter().copied().chain([("Total", total, None)]);
    for (name, mib, growth) in rows {
        let committed = Quantity::NativeCommitted(name.to_owned());
        all.push(given(committed, mib * MIB, "nmt.txt"));
        if let Some(growth) = growth {
            let quantity = Quantity::NativeGrowth(name.to_owned());
            all.push(given(quantity, growth * MIB, "nmt.txt"));
        }
    }
    all
}

#[test]
fn native_memory_that_grows_is_named_and_no_sizing() {
    let facts = with(heap(100 * MIB, 512 * MIB), &[unknown("a.B.c", 80)]);
    let mut evidence = nmt(&[("Java Heap", 300, None), ("Other", 450, Some(400))]);
    let decision = decide_with(&facts, &evidence, None);
    is(&decision, "native_grew", RuledOut, Medium);
    says(&decision, "native memory `Other` grew 400 MiB");
    evidence.push(given(
        Quantity::Resident(Resident::Process),
        800 * MIB,
        "--rss",
    ));
    evidence.push(given(
        Quantity::Growth(Resident::Process),
        410 * MIB,
        "--growth",
    ));
    let decision = decide_with(&facts, &evidence, None);
    is(&decision, "native_grew", RuledOut, High);
    assert!(
        !decision.headline.contains("sizing"),
        "{}",
        decision.headline
    );
    assert!(
        decision.next_steps[0].contains("detail.diff"),
        "{:?}",
        decision.next_steps
    );
}

#[test]
fn of_one_summary_the_largest_category_is_named() {
    let mut facts = heap(8 * MIB, 512 * MIB);
    facts.platform_threads = 1_507;
    facts.thread_group = Some(("mail-sender-*".into(), 1_480));
    let evidence = nmt(&[
        ("Java Heap", 100, None),
        ("Thread", 92, None),
        ("Code", 11, None),
    ]);
    let decision = decide_with(&facts, &evidence, None);
    says(&decision, "native memory `Thread` 92 MiB of 103 MiB");
    says(&decision, "1,507 threads, 1,480 of them `mail-sender-*`");
    assert!(
        decision.next_steps[0].contains("look at the 1,507 threads"),
        "{:?}",
        decision.next_steps
    );
}

#[test]
fn direct_memory_that_is_held_is_no_sizing_and_comes_first() {
    let mut facts = heap(8 * MIB, 512 * MIB);
    facts.off_heap = vec![OffHeap {
        component: Component::DirectMemory,
        low: 300 * MIB,
        high: 300 * MIB,
        kind: Kind::Measured,
        source: "java.nio.Bits.RESERVED_MEMORY".into(),
        owners: vec!["a.Slabs.SLABS: 300 direct buffers".into()],
    }];
    let evidence = [given(
        Quantity::Resident(Resident::Process),
        600 * MIB,
        "--rss",
    )];
    let decision = decide_with(&facts, &evidence, None);
    assert_eq!(decision.heap, RuledOut);
    assert!(
        !decision.headline.contains("sizing"),
        "{}",
        decision.headline
    );
    says(&decision, "held by a.Slabs.SLABS");
    assert!(
        decision.next_steps[0].contains("a.Slabs.SLABS"),
        "{:?}",
        decision.next_steps
    );
    assert!(
        !lines(&decision.next_steps).contains("kubectl"),
        "{:?}",
        decision.next_steps
    );
}

#[test]
fn settings_that_cannot_fit_are_told_with_the_sum() {
    let mut facts = with(heap(300 * MIB, 1_600 * MIB), &[unknown("a.B.c", 20)]);
    facts.classes = 15_000;
    facts.platform_threads = 200;
    let limit = |mib: u64| [given(Quantity::Limit, mib * MIB, "--limit")];
    let decision = decide_with(&facts, &limit(1_700), None);
    is(&decision, "cannot_fit", RuledOut, High);
    says(&decision, "cannot fit: heap may grow to 1,600 MiB + about ");
    says(&decision, " native > limit 1,700 MiB; -Xmx up to about ");
    let reasons = lines(&decision.reasons);
    assert!(reasons.contains("compiled code"), "{reasons}");
    assert!(
        decision.next_steps[0].contains("lower the maximum heap to about -Xmx"),
        "{:?}",
        decision.next_steps
    );
    assert!(
        !decide_with(&facts, &limit(2_400), None)
            .headline
            .contains("cannot fit")
    );
    // A leak stays a suspect, and the title says both.
    let mut leak = facts.clone();
    leak.suspects = vec![holder("a.B.c", 250 * MIB, Assessment::Unbounded)];
    let decision = decide_with(&leak, &limit(1_700), None);
    is(&decision, "unbounded", Suspected, Low);
    says(&decision, "cannot fit");
}

#[test]
fn a_log_of_a_full_heap_beside_a_small_dump_is_a_contradiction() {
    let facts = heap(20 * MIB, 1_024 * MIB);
    let after = Quantity::HeapAfterFullCollection;
    let evidence = [given(after, 980 * MIB, "gc.log")];
    let decision = decide_with(&facts, &evidence, None);
    is(&decision, "too_small", RuledOut, Low);
    assert!(
        decision.reasons[0].starts_with("contradiction: after a collection"),
        "{:?}",
        decision.reasons
    );
    assert!(
        !lines(&decision.reasons).contains("no evidence"),
        "{:?}",
        decision.reasons
    );
}

#[test]
fn words_of_kubernetes_only_where_there_is_a_sign_of_it() {
    let mut facts = heap(100 * MIB, 256 * MIB);
    let steps = |facts: &HeapFacts| lines(&alone(facts).next_steps);
    assert!(!steps(&facts).contains("kubectl"), "{}", steps(&facts));
    facts.host = Some("shop-6d8f9c7b5d-x2x9p".into());
    assert!(steps(&facts).contains("kubectl"), "{}", steps(&facts));
}

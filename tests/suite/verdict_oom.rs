//! Of what the JVM ran out, by its frames, by how full the heap was, and by what abounds.

use hprof_suspects::verdict::decision::Confidence::{Low, Medium};
use hprof_suspects::verdict::decision::HeapVerdict::{Inconclusive, RuledOut, Suspected};
use hprof_suspects::verdict::decision::{Confidence, Decision, HeapVerdict};
use hprof_suspects::verdict::facts::{ClassMass, HeapFacts, OutOfMemory, OutOfMemoryKind};

use crate::holders_support::in_static;
use crate::offheap_synthetic::facts;
use crate::support::report;
use crate::synth::{Heap, Kind, Obj, Value};
use crate::verdict_minor::of_mib;
use crate::verdict_support::{MIB, alone, heap, lines};

#[track_caller]
fn is(decision: &Decision, rule: &str, heap: HeapVerdict, confidence: Confidence) {
    assert_eq!(
        (decision.rule, decision.heap, decision.confidence),
        (rule, heap, confidence),
        "{decision:#?}"
    );
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

fn lambdas() -> Option<ClassMass> {
    Some(ClassMass {
        abounds: true,
        most_classes: true,
        count: 2_000,
        what: "generated classes, 1,990 of them `a.B$$Lambda*`".into(),
        held_by: Some("a.B.LAMBDAS".into()),
        classes: 2_000,
    })
}

#[test]
fn an_array_is_no_metaspace_whatever_abounds() {
    let mut facts = ran_out(9, 96, OutOfMemoryKind::Array);
    facts.class_mass = lambdas();
    is(&alone(&facts), "one_allocation", Inconclusive, Low);
    // A full heap is full, whatever was made.
    let full = ran_out(90, 96, OutOfMemoryKind::Array);
    is(&alone(&full), "out_of_memory", Suspected, Low);
}

#[test]
fn a_class_that_was_linked_needs_no_masses() {
    let facts = ran_out(9, 96, OutOfMemoryKind::Linking);
    let decision = alone(&facts);
    is(&decision, "out_of_metaspace", RuledOut, Medium);
    assert!(
        !decision.headline.contains("allocation"),
        "{}",
        decision.headline
    );
    let reasons = lines(&decision.reasons);
    assert!(reasons.contains("while it linked a class"), "{reasons}");
    let full = ran_out(90, 96, OutOfMemoryKind::Linking);
    is(&alone(&full), "out_of_memory", Suspected, Low);
}

/// What the dump cannot tell apart is named as both.
#[test]
fn code_that_may_have_done_either_is_told_with_both() {
    let mut facts = ran_out(9, 96, OutOfMemoryKind::HeapSpace);
    facts.class_mass = lambdas();
    let decision = alone(&facts);
    is(&decision, "out_of_metaspace", RuledOut, Medium);
    for text in [
        "probably ran out of metaspace, unless a single allocation was too large",
        "held by `a.B.LAMBDAS`",
    ] {
        assert!(decision.headline.contains(text), "{}", decision.headline);
    }
    // A heap that is not small may be what the allocation found no room in.
    facts.strong_bytes = 50 * MIB;
    is(&alone(&facts), "out_of_metaspace", RuledOut, Low);
    facts.strong_bytes = 9 * MIB;
    facts.class_mass = None;
    let decision = alone(&facts);
    is(&decision, "one_allocation", Inconclusive, Low);
    let reasons = lines(&decision.reasons);
    assert!(reasons.contains("unless metaspace is limited"), "{reasons}");
    let steps = lines(&decision.next_steps);
    assert!(steps.contains("is -XX:MaxMetaspaceSize set?"), "{steps}");
    facts.out_of_memory.as_mut().expect("set").what = OutOfMemoryKind::Array;
    let steps = lines(&alone(&facts).next_steps);
    assert!(!steps.contains("Metaspace"), "{steps}");
}

/// A compiler thread that runs out of metaspace has no frame in the dump: what abounds is told without it.
#[test]
fn masses_of_classes_are_told_without_an_error() {
    let mut facts = heap(3 * MIB, 64 * MIB);
    facts.class_mass = lambdas();
    let decision = alone(&facts);
    assert_eq!(decision.heap, RuledOut);
    let title = &decision.headline;
    let mass = "2,000 generated classes, 1,990 of them `a.B$$Lambda*`, held by `a.B.LAMBDAS`";
    assert!(title.contains(mass), "{title}");
    let reasons = lines(&decision.reasons);
    assert!(
        reasons.contains("at least half of all classes"),
        "{reasons}"
    );
    let steps = lines(&decision.next_steps);
    assert!(steps.starts_with("look at `a.B.LAMBDAS`"), "{steps}");
    assert!(steps.contains("VM.metaspace"), "{steps}");
    // A large application has many generated classes among many others.
    facts.class_mass.as_mut().expect("set").most_classes = false;
    let decision = alone(&facts);
    assert!(!decision.headline.contains("a.B"), "{}", decision.headline);
    let steps = lines(&decision.next_steps);
    assert!(!steps.contains("VM.metaspace"), "{steps}");
}

/// The limit of arrays asks for no collection; a heap that is full was collected before the JVM gave up.
#[test]
fn a_heap_full_of_garbage_is_no_full_heap() {
    let mut facts = ran_out(20, 64, OutOfMemoryKind::HeapSpace);
    facts.no_path_bytes = 40 * MIB;
    is(&alone(&facts), "one_allocation", Inconclusive, Low);
    // A collection leaves nothing that only weak references reach: what has no path hangs on something else.
    facts.live_only = true;
    is(&alone(&facts), "out_of_memory", Suspected, Low);
    facts.live_only = false;
    facts.strong_bytes = 52 * MIB;
    facts.no_path_bytes = 12 * MIB;
    is(&alone(&facts), "out_of_memory", Suspected, Low);
}

/// A heap of at most 16 MiB: arrays of 300 KiB, one every `apart` bytes, and a thread that asks for another.
fn spread(arrays: u64, apart: u64, base: u64) -> serde_json::Value {
    let mut heap = Heap::new().base(base);
    let mut kept = Vec::new();
    for i in 0..arrays {
        let array = heap.prim_array(Kind::Byte, 300 << 10);
        heap.at(array, base + (1 << 28) + i * apart);
        kept.push(array);
    }
    let error = heap.class("java.lang.OutOfMemoryError").done();
    let code = heap.class("com.acme.Importer").app().done();
    let thread = heap.thread("import");
    heap.frame(thread, error, "<init>", None, 48);
    heap.frame(thread, code, "read", Some("Importer.java"), 21);
    let list = heap.array_list(&kept);
    in_static(&mut heap, "com.acme.Chunks", "ALL", list);
    report(&of_mib(&mut heap, 16))["verdict"].clone()
}

#[test]
fn regions_in_which_no_further_object_fits_are_full() {
    const G1: u64 = 0x7_0000_0000;
    const ZGC: u64 = 1 << 44;
    for (arrays, apart, base, full) in [
        (14, MIB, G1, true),
        (14, 300 << 11, G1, false),
        // Pages of 2 MiB.
        (7, 2 * MIB, ZGC, true),
        (7, 300 << 11, ZGC, false),
    ] {
        let verdict = spread(arrays, apart, base);
        let headline = verdict["headline"].as_str().expect("a sentence");
        let suspected = verdict["heap"] == "suspected" && headline.contains("com.acme.Chunks.ALL");
        assert_eq!(
            suspected, full,
            "{arrays} every {apart} from {base:#x}: {verdict}"
        );
        assert_eq!(headline.contains("one allocation"), !full, "{headline}");
    }
}

/// 120 loaders of a class each, of which an object is kept.
fn scripts(heap: &mut Heap, keep: impl FnOnce(&mut Heap, &[Obj])) -> ClassMass {
    let class = heap.class("com.acme.ScriptLoader");
    let class = class.extends("java.lang.ClassLoader").app().done();
    let objects: Vec<Obj> = (0..120)
        .map(|_| {
            let loader = heap.instance(class);
            let script = heap.class("com.acme.Script").loader(loader).done();
            heap.instance(script)
        })
        .collect();
    keep(heap, &objects);
    facts(heap).native.class_mass.expect("loaders in masses")
}

#[test]
fn who_holds_the_loaders_is_not_what_they_loaded() {
    let mut heap = Heap::new();
    let mass = scripts(&mut heap, |heap, objects| {
        let list = heap.array_list(objects);
        in_static(heap, "com.acme.Engine", "SCRIPTS", list);
    });
    assert_eq!((mass.count, mass.abounds), (120, true));
    assert!(mass.most_classes, "few other classes are in the heap");
    assert_eq!(mass.held_by.as_deref(), Some("com.acme.Engine.SCRIPTS"));
    // The method at work has the same list in a variable.
    let mut heap = Heap::new();
    let mass = scripts(&mut heap, |heap, objects| {
        let list = heap.array_list(objects);
        in_static(heap, "com.acme.Engine", "SCRIPTS", list);
        let code = heap.class_named("com.acme.Engine").expect("declared");
        let thread = heap.thread("main");
        let frame = heap.frame(thread, code, "load", None, 7);
        heap.local(thread, frame, list);
    });
    assert_eq!(mass.held_by.as_deref(), Some("com.acme.Engine.SCRIPTS"));
    // The JVM alone.
    let mut heap = Heap::new();
    let mass = scripts(&mut heap, |heap, objects| {
        for &object in objects {
            heap.root(crate::synth::Root::JniGlobal, object);
        }
    });
    assert_eq!(mass.held_by, None);
}

#[test]
fn a_list_of_nothing_has_no_contents() {
    let mut heap = Heap::new();
    let list = heap.array_list(&vec![Value::Null; 1 << 20]);
    in_static(&mut heap, "com.acme.Slots", "ALL", list);
    let verdict = report(&of_mib(&mut heap, 16))["verdict"].clone();
    let headline = verdict["headline"].as_str().expect("a sentence");
    assert!(
        headline.contains("`com.acme.Slots.ALL` retains"),
        "{headline}"
    );
    assert!(!headline.contains("0 x"), "{headline}");
}

//! What is read from real heaps: maximum heap, threads, the thread that ran out of memory.

use crate::holders_support::{KB, in_static, payloads};
use crate::support::{corpus, report, temporary};
use crate::synth::Heap;
use hprof_suspects::heap::{Compat, LoadOptions, Unobserved, load};
use hprof_suspects::verdict::facts::{HeapFacts, OutOfMemoryKind};
use hprof_suspects::verdict::heap_facts;

fn read(bytes: &[u8]) -> HeapFacts {
    let options = LoadOptions {
        compat: Compat::Jvm,
        ..LoadOptions::default()
    };
    heap_facts::read(&load(bytes, options, &Unobserved).unwrap_or_else(|e| panic!("{e}"))).facts
}

fn of_corpus(name: &str) -> Option<HeapFacts> {
    let path = corpus()?.join(name);
    Some(read(&std::fs::read(path).expect("in the corpus")))
}

#[test]
fn maximum_heap_of_real_dumps() {
    let cases = [
        ("leaks/otel_benign_native.hprof", Some(256u64 << 20)),
        ("leaks/healthy_control.hprof", Some(256 << 20)),
        // Serial: less one survivor space.
        ("leaks/circular.hprof", Some(512 << 20)),
        ("leaks/thread_leak.hprof", Some(512 << 20)),
        // MaxDirectMemorySize hides it in VM.directMemory; the arguments say it.
        ("leaks/direct_buffer.hprof", Some(256 << 20)),
    ];
    for (name, max) in cases {
        let Some(facts) = of_corpus(name) else { return };
        let found = facts.max_heap.as_ref().map(|m| m.bytes);
        match (found, max) {
            (Some(found), Some(max)) => {
                assert!(found <= max && found >= max / 100 * 97, "{name}: {found}");
            }
            (found, max) => assert_eq!(found, max, "{name}"),
        }
        assert!(facts.complete && facts.has_roots, "{name}");
        assert!(
            facts.platform_threads >= 5 && facts.classes > 400,
            "{name}: {facts:?}"
        );
        assert_eq!(facts.out_of_memory, None, "{name}");
    }
}

#[test]
fn the_thread_that_ran_out_of_memory() {
    let Some(facts) = of_corpus("leaks/oom_heap_jdk17.hprof") else {
        return;
    };
    let oom = facts.out_of_memory.expect("written by an OutOfMemoryError");
    assert_eq!(
        (oom.thread.as_str(), oom.what),
        ("order-import", OutOfMemoryKind::HeapSpace)
    );
    let frame = oom.frame.unwrap_or_default();
    assert!(
        frame.starts_with("leaks.OomLeak$OrderLine.<init>"),
        "{frame}"
    );
}

/// What has no path may be held by the JVM or be garbage; a dump without weak references to garbage does not say which.
#[test]
fn what_has_no_path_may_be_garbage() {
    let mut heap = Heap::new();
    let all = payloads(&mut heap, "com.acme.Cell", 12_000, KB);
    heap.array_list(&all);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    for expected in ["held by what the dump does not show", "or garbage"] {
        assert!(headline.contains(expected), "{headline}");
    }
}

/// Class objects and the JVM do not refer to thousands of objects each by itself: these are garbage, and do not count as live.
#[test]
fn thousands_of_objects_without_a_path_are_garbage() {
    let mut heap = Heap::new();
    let kept = payloads(&mut heap, "com.acme.Row", 2_000, KB);
    let kept = heap.array_list(&kept);
    in_static(&mut heap, "com.acme.Rows", "ALL", kept);
    payloads(&mut heap, "com.acme.Cell", 12_000, KB);
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let headline = json["verdict"]["headline"].as_str().expect("a headline");
    assert!(!headline.contains("does not show"), "{headline}");
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(!reasons.contains("does not record what holds"), "{reasons}");
}

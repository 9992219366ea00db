//! Who owns native memory: what somebody can go and change, as it would be for the heap.

use hprof_suspects::verdict::component::Component;

use crate::holders_support::{in_static, object};
use crate::offheap_corpus::part;
use crate::offheap_synthetic::facts;
use crate::support::{report, run};
use crate::synth::{Heap, Obj};
use crate::verdict_minor::of_256_mib;

/// Segments with a direct buffer of 64 KiB each.
fn segments(heap: &mut Heap, n: usize) -> Vec<Obj> {
    let class = heap.class("com.acme.Segment").app().fields("data:L");
    let class = class.done();
    let segment = |_| {
        let (segment, data) = (heap.instance(class), heap.direct_buffer(1 << 16));
        heap.set(segment, "data", data);
        segment
    };
    (0..n).map(segment).collect()
}

fn owner(heap: &Heap) -> String {
    let native = facts(heap).native;
    let direct = part(&native, Component::DirectMemory).expect("direct memory");
    direct.owner().expect("an owner").to_string()
}

#[test]
fn many_objects_with_the_same_field_are_told_by_what_holds_them() {
    for (n, field) in [(24, "SegmentStore.segments"), (3, "Segment.data")] {
        let mut heap = Heap::new();
        let segments = segments(&mut heap, n);
        let list = heap.array_list(&segments);
        let store = object(
            &mut heap,
            "com.acme.SegmentStore",
            &[("segments", list.into())],
        );
        in_static(&mut heap, "com.acme.Main", "STORE", store);
        let owner = owner(&heap);
        let told = format!("com.acme.{field}: {n} direct buffers");
        assert!(owner.starts_with(&told), "{owner}");
    }
}

/// What two fields hold has no one field above it.
#[test]
fn of_two_holders_neither_is_told() {
    let mut heap = Heap::new();
    let segments = segments(&mut heap, 24);
    for (field, part) in [("A", &segments[..12]), ("B", &segments[12..])] {
        let list = heap.array_list(part);
        in_static(&mut heap, &format!("com.acme.{field}"), "ALL", list);
    }
    let owner = owner(&heap);
    assert!(owner.starts_with("com.acme.Segment.data: 24 "), "{owner}");
}

#[test]
fn a_thread_local_is_told_by_its_field() {
    let mut heap = Heap::new();
    let key = heap.new_object("java.lang.ThreadLocal");
    in_static(&mut heap, "com.acme.Codec", "WORK", key);
    for i in 0..16 {
        let thread = heap.thread(&format!("pool-1-thread-{i}"));
        let buffer = heap.direct_buffer(1 << 20);
        heap.set_thread_local(thread, key, buffer);
    }
    let told = "ThreadLocal com.acme.Codec.WORK: 16 direct buffers, 16 MiB off-heap";
    assert_eq!(owner(&heap), told);
}

/// 10,000 streams take 68 MiB at least.
#[test]
fn an_estimate_that_is_large_at_the_least_is_told_first() {
    let mut heap = Heap::new();
    let stream = heap.class("java.util.zip.Inflater$InflaterZStreamRef");
    let stream = stream.fields("address:J").done();
    let inflater = heap.class("java.util.zip.Inflater").fields("zsRef:L");
    let inflater = inflater.done();
    let mut open: Vec<Obj> = (0..10_001i64)
        .map(|i| {
            let (object, address) = (heap.instance(inflater), heap.instance(stream));
            heap.set(address, "address", 0x5000 + i);
            heap.set(object, "zsRef", address);
            object
        })
        .collect();
    let other = open.pop().expect("one more");
    in_static(&mut heap, "com.acme.Other", "ONE", other);
    let list = heap.array_list(&open);
    in_static(&mut heap, "com.acme.Feeds", "OPEN", list);
    let file = of_256_mib(&mut heap);
    let verdict = &report(&file)["verdict"];
    let headline = verdict["headline"].as_str().expect("a headline");
    let told = "zlib streams 68 MiB to 430 MiB held by com.acme.Feeds.OPEN";
    assert!(headline.contains(told), "{headline}");
    // One owner in the title, all in the reasons.
    assert!(headline.contains(" and others"), "{headline}");
    assert!(!headline.contains("com.acme.Other"), "{headline}");
    let reasons = verdict["reasons"].to_string();
    assert!(reasons.contains("com.acme.Other.ONE"), "{reasons}");
    let steps = verdict["next_steps"].to_string();
    assert!(
        steps.contains("look at zlib streams of com.acme.Feeds.OPEN"),
        "{steps}"
    );
    let full = ["--detail", "full"].map(std::ffi::OsStr::new);
    let text = run([&[file.as_os_str()], &full[..]].concat());
    let text = text.succeeded().text();
    assert!(text.contains("native handles: "), "{text}");
    let line = "× java.util.zip.Inflater by com.acme.Feeds.OPEN";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains(": ? by"), "{text}");
}

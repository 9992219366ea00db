//! Fillers, the dead space that HotSpot makes look like arrays: told from arrays, locks and garbage. The JVMs' own counts are in `jvm_parity`.

use crate::end_to_end::cache_of;
use crate::support::{report, run, temporary};
use crate::synth::{Heap, Kind};

/// Far enough from everything else.
const FAR: u64 = 1 << 20;

/// Objects and bytes of fillers, and objects behind class objects.
fn told(heap: &Heap) -> (u64, u64, u64) {
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let no_path = &json["heap"]["no_path"];
    let number = |part: &str, what: &str| no_path[part][what].as_u64().expect("a number");
    (
        number("fillers", "objects"),
        number("fillers", "bytes"),
        number("behind_class_mirrors", "objects"),
    )
}

/// A heap in use, with `int[]` to which nothing refers: 416 bytes of zeros, 32 bytes of something, 16 bytes alone and 30 times 16 bytes together.
fn heap(has_fillers: bool) -> Heap {
    let mut heap = Heap::new();
    cache_of(&mut heap, 200);
    if has_fillers {
        let element = heap.class("jdk.internal.vm.FillerElement").done();
        heap.array_class(element);
    }
    heap.prim_array(Kind::Int, 100);
    heap.ints(&[1, 0, 3]);
    let alone = heap.prim_array(Kind::Int, 0);
    heap.gap_before(alone, FAR);
    for lock in 0..30 {
        let together = heap.prim_array(Kind::Int, 0);
        heap.gap_before(together, if lock == 0 { FAR } else { 480 });
    }
    heap
}

#[test]
fn in_a_live_dump_locks_are_no_fillers() {
    assert_eq!(told(&heap(true)), (3, 416 + 32 + 16, 30));
}

/// With garbage nothing but zeros tells a filler.
#[test]
fn in_a_dump_with_garbage_only_zeros_are_fillers() {
    let mut heap = heap(true);
    for _ in 0..1_000 {
        heap.new_object("java.lang.Object");
    }
    let (objects, bytes, _) = told(&heap);
    assert_eq!((objects, bytes), (1, 416));
}

/// Before JDK 21 there is no such class, and what nothing refers to is just that.
#[test]
fn without_the_class_there_are_no_filler_arrays() {
    let (objects, bytes, _) = told(&heap(false));
    assert_eq!((objects, bytes), (0, 0));
}

/// ... and the report does not claim to know how many fillers there are.
#[test]
fn fillers_that_cannot_be_told_are_not_counted_as_none() {
    for (has_fillers, words) in [(false, "look like"), (true, "fillers of the collector")] {
        let file = temporary(".hprof", &heap(has_fillers).write().bytes);
        let json = report(&file);
        assert_eq!(json["heap"]["no_path"]["fillers_told_apart"], has_fillers);
        let text = run([file.as_os_str(), "--detail".as_ref(), "full".as_ref()]);
        let text = String::from_utf8_lossy(&text.stdout);
        assert!(text.contains(words), "{text}");
        assert_eq!(text.contains("look like"), !has_fillers, "{text}");
    }
}

//! What an inventory costs: how often it reads the dump.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hprof_suspects::growth::take;
use hprof_suspects::heap::{LoadOptions, Pages, Unobserved, load};
use hprof_suspects::suspects::{Application, Hints};

use crate::holders_support::{in_static, payloads};
use crate::support::temporary;
use crate::synth::{Heap, Obj};

/// Readings of the whole dump that an inventory makes at most.
const MOST_READINGS: u64 = 3;
/// Twice the dumps may cost so many times as much.
const MOST_PER_DOUBLING: f64 = 2.2;

/// Counts the bytes that were read and given back.
struct Counter {
    whole: usize,
    bytes: AtomicU64,
}

impl Pages for Counter {
    fn release(&self, range: Range<usize>) {
        // What gives back everything has read nothing of its own.
        if range.len() < self.whole {
            self.bytes.fetch_add(range.len() as u64, Relaxed);
        }
    }
}

/// Orders that two lists have, which two lists of lists have, and so on: nobody keeps them alone, and the fields that have them are several
/// questions away.
fn shared(orders: usize) -> Heap {
    let mut heap = Heap::new();
    let all = payloads(&mut heap, "com.acme.Order", orders, 200);
    let two = |heap: &mut Heap, of: &[Obj]| [heap.array_list(of), heap.array_list(of)];
    let first = two(&mut heap, &all);
    let second = two(&mut heap, &first);
    let third = two(&mut heap, &second);
    in_static(&mut heap, "com.acme.Store", "BY_DATE", third[0]);
    in_static(&mut heap, "com.acme.Store", "BY_NAME", third[1]);
    heap
}

/// Bytes that an inventory of `dump` reads.
fn bytes_read(dump: &[u8]) -> u64 {
    let counter = Counter {
        whole: dump.len(),
        bytes: AtomicU64::new(0),
    };
    let snapshot = load(dump, LoadOptions::default(), &Unobserved).expect("a dump");
    let snapshot = snapshot.with_pages(&counter);
    let hints = Hints {
        main_class: None,
        prefixes: &[],
    };
    let application = Application::new(&snapshot, hints);
    let taken = take(&snapshot, &application, &[], None);
    assert!(!taken.inventory.owners.is_empty());
    counter.bytes.load(Relaxed)
}

/// However many objects are shared, and however far their owners are: the dump is read once, and twice more at most for what was not asked then.
#[test]
fn an_inventory_reads_the_dump_three_times_at_most() {
    let mut read = Vec::new();
    for orders in [4_000, 8_000, 16_000] {
        let bytes = shared(orders).write().bytes;
        let count = bytes_read(&bytes);
        assert!(count > 0, "nothing is counted");
        assert!(
            count <= MOST_READINGS * bytes.len() as u64,
            "{count} bytes of {} were read",
            bytes.len()
        );
        read.push(count as f64);
    }
    for pair in read.windows(2) {
        assert!(pair[1] <= MOST_PER_DOUBLING * pair[0], "{read:?}");
    }
}

/// A chain of very many nodes is walked over at the beginning of each piece of the dominator tree; nothing of it is remembered.
#[test]
fn pieces_that_begin_deep_in_a_list_say_the_same() {
    let mut heap = Heap::new();
    let node = heap.class("com.acme.Node").app();
    let node = node
        .field("next", crate::synth::Kind::Object)
        .field("value", crate::synth::Kind::Object)
        .done();
    let mut next: Option<Obj> = None;
    let nodes = 300_000;
    for _ in 0..nodes {
        let object = heap.instance(node);
        if let Some(next) = next {
            heap.set(object, "next", next);
        }
        next = Some(object);
    }
    in_static(&mut heap, "com.acme.Chain", "FIRST", next.expect("a node"));
    let file = temporary(".hprof", &heap.write().bytes);
    let report = crate::support::report(&file);
    let owners = report["inventory"]["owners"].as_array().expect("owners");
    let first = owners.iter().find(|owner| owner["field"] == "FIRST");
    let first = first.unwrap_or_else(|| panic!("{owners:?}"));
    assert_eq!(first["contents"][0]["class"], "com.acme.Node");
    assert_eq!(first["contents"][0]["objects"], nodes);
}

//! Who refers to an object, found in the parts of the file below its dominator and in all of it: the same.

use hprof_suspects::heap::{Compat, LoadOptions, ObjectIndex, Snapshot, Unobserved, load};

use crate::random_heap::{random_heap, vocabulary};
use crate::random_heaps::Random;
use crate::support::{golden, project};
use crate::synth::{Heap, Obj, Root};

/// So many objects together are looked for in the whole file.
const MANY: usize = 65;

fn check(snapshot: &Snapshot<'_>, objects: &[ObjectIndex], what: &str) {
    let padded = objects.iter().cycle().take(objects.len().max(MANY));
    let padded: Vec<ObjectIndex> = padded.copied().collect();
    let all = snapshot.referrers_of(&padded);
    let one_by_one = objects.iter().flat_map(|&object| {
        let referrers = snapshot.referrers(object).into_iter();
        referrers.map(move |from| (object, from))
    });
    assert_eq!(one_by_one.collect::<Vec<_>>(), all, "{what}");
    assert!(!all.is_empty(), "{what}");
}

#[test]
fn referrers_of_real_objects() {
    for name in ["references", "cache-jdk25-zgc"] {
        let bytes = std::fs::read(golden(name)).expect("a dump");
        let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a heap");
        let step = snapshot.len() / 150;
        let sample: Vec<ObjectIndex> = (0..snapshot.len() as u32).step_by(step).collect();
        check(&snapshot, &sample, name);
        // Referents of weak references, which lie anywhere.
        let mut referents: Vec<ObjectIndex> = snapshot.referents().iter().map(|it| it.1).collect();
        referents.sort_unstable();
        referents.dedup();
        referents.truncate(50);
        check(&snapshot, &referents, name);
    }
}

#[test]
fn referrers_of_random_objects() {
    let words = vocabulary(&project().join("src/suspects/patterns"));
    for number in 0..25 {
        let bytes = random_heap(&words, Random(number));
        let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a heap");
        let all: Vec<ObjectIndex> = (0..snapshot.len() as u32).collect();
        check(&snapshot, &all, &format!("heap {number}"));
    }
}

/// What an index would tell is what the file tells, for every object.
#[track_caller]
fn check_rows(bytes: &[u8], what: &str) -> bool {
    let load = || load(bytes, LoadOptions::default(), &Unobserved).expect("a heap");
    let (reading, knowing) = (load(), load());
    knowing.know_referrers(&|| true);
    assert!(!knowing.knows_referrers(), "it was over before it began");
    knowing.know_referrers(&|| false);
    if !knowing.knows_referrers() {
        return false;
    }
    let all: Vec<ObjectIndex> = (0..reading.len() as u32).collect();
    let (read, known) = (reading.referrers_of(&all), knowing.referrers_of(&all));
    assert!(!read.is_empty(), "{what}");
    assert_eq!(known.len(), read.len(), "{what}");
    assert!(known == read, "{what}");
    true
}

#[test]
fn rows_tell_the_referrers_of_real_objects() {
    for name in ["references", "cache-jdk25-zgc", "class-loaders"] {
        let bytes = std::fs::read(golden(name)).expect("a dump");
        assert!(check_rows(&bytes, name), "{name} has rows");
    }
}

/// Some of these heaps use an identifier twice: they have no rows.
#[test]
fn rows_tell_the_referrers_of_random_objects() {
    let words = vocabulary(&project().join("src/suspects/patterns"));
    let heaps = (0..60).map(|number| random_heap(&words, Random(number)));
    let with = heaps.filter(|bytes| check_rows(bytes, "a random heap"));
    assert!(with.count() >= 20);
}

/// The only array of a class does not retain that class: HotSpot keeps it by the class of the elements.
#[test]
fn an_empty_array_does_not_retain_its_class() {
    let mut heap = Heap::new();
    let order = heap.class("com.acme.Order").app().done();
    let none: [Obj; 0] = [];
    let orders = heap.object_array(order, &none);
    let order_class = heap.mirror(order);
    heap.root(Root::JniGlobal, orders);
    heap.root(Root::JniGlobal, order_class);
    let array_class = heap.array_class(order);
    let array_class = heap.mirror(array_class);
    let written = heap.write();
    for compat in [Compat::Jvm, Compat::Mat] {
        let options = LoadOptions {
            compat,
            ..LoadOptions::default()
        };
        let snapshot = load(&written.bytes, options, &Unobserved).expect("a heap");
        let object = |obj| snapshot.find(written.address(obj)).expect("it");
        // What is asked for are references in the dump, and that of an object to its class is none.
        let (retained, referrers) = match compat {
            Compat::Mat => (2, vec![]),
            Compat::Jvm => (1, vec![object(order_class)]),
        };
        assert_eq!(snapshot.retained_objects(object(orders)), retained);
        let found = snapshot.referrers(object(array_class));
        assert_eq!(found, referrers, "{compat:?}");
    }
}

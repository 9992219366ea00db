//! Who refers to an object, found in the parts of the file below its dominator and in all of it: the same.

use hprof_suspects::heap::{LoadOptions, ObjectIndex, Snapshot, Unobserved, load};

use crate::random_heap::{random_heap, vocabulary};
use crate::random_heaps::Random;
use crate::support::{golden, project};

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

//! Comparisons of random heaps: what must hold of every one of them.
//!
//! `HPROF_SUSPECTS_HEAPS=100000 cargo test --release growth_random` makes more of them; a failure names the number of its heap.

use hprof_suspects::analyze::{FileFacts, Options, analyze, growth};
use hprof_suspects::growth::{Growth, Input, InputKind, compare};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::report::json;

use crate::random_heap::{PLAIN, Taken, Words, random_heap_as, vocabulary};
use crate::random_heaps::Random;
use crate::support::project;

/// Heaps that an ordinary test run makes.
const HEAPS: u64 = 24;
/// Less growth than this is none.
const NOISE: i64 = 64 << 10;
/// Arrays are large enough for owners to be listed.
const LARGE: Taken = Taken {
    scale: 2_000,
    ..PLAIN
};

fn heaps() -> (Vec<Words>, u64) {
    let heaps = std::env::var("HPROF_SUSPECTS_HEAPS").ok();
    let heaps = heaps.map_or(HEAPS, |heaps| heaps.parse().expect("a number"));
    (vocabulary(&project().join("src")), heaps)
}

/// A dump as an input, as whole as if nothing in it were odd.
fn whole(mut input: Input) -> Input {
    input.facts.complete = true;
    input
}

fn input(bytes: &[u8]) -> Input {
    let snapshot = load(bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    let options = Options::default();
    let file = FileFacts::default();
    whole(growth::earlier(
        &snapshot,
        &file,
        &[],
        &options,
        &Unobserved,
    ))
}

/// The same by way of a saved report.
fn by_report(bytes: &[u8]) -> Input {
    let snapshot = load(bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    let file = FileFacts::default();
    let report = analyze(&snapshot, &file, &Options::default(), &Unobserved).report;
    let text = json::render(&report).expect("JSON");
    let report = json::parse(text.as_bytes()).expect("a report");
    whole(growth::input(&report, InputKind::Report))
}

fn nobody_grew(growth: &Growth, number: u64) {
    assert_eq!(growth.judged.len(), growth.inputs.len(), "heap {number}");
    for row in &growth.holders {
        let growing = row.course.is_some_and(|course| course.is_growing());
        assert!(!growing && !row.by_class, "heap {number}: {row:?}");
        assert!(
            row.grew_bytes.is_some_and(|grew| grew.abs() < NOISE),
            "heap {number}: {row:?}"
        );
    }
    assert_eq!(growth.classes, [], "heap {number}");
    assert_eq!(growth.threads, [], "heap {number}");
    assert!(
        growth.grew_bytes.is_some_and(|grew| grew.abs() < NOISE),
        "heap {number}"
    );
}

/// A dump with itself, and with a later one of the same idle process: its objects lie elsewhere, other garbage lies beside them. All
/// identifiers differ, so nothing may depend on what a hash makes of them.
#[test]
fn an_idle_process_accuses_nobody() {
    let (words, heaps) = heaps();
    let mut listed = 0;
    for number in 0..heaps {
        let taken = |shift, garbage| Taken {
            shift,
            garbage,
            ..LARGE
        };
        let at = |taken| input(&random_heap_as(&words, Random(number), taken));
        let first = at(taken(0, 0));
        let moved = [at(taken(0x7f30_1234_5000, 40)), at(taken(0xe8_0770, 7))];
        for later in &moved {
            assert_eq!(first.inventory, later.inventory, "heap {number}");
        }
        listed += first.inventory.owners.len();
        nobody_grew(&compare(&[first.clone(), first.clone()]), number);
        let [second, third] = moved;
        nobody_grew(&compare(&[first, second, third]), number);
    }
    assert!(listed as u64 > heaps, "{listed} owners in {heaps} heaps");
}

/// A report has all that a comparison looks at.
#[test]
fn a_report_says_what_its_dump_says() {
    let (words, heaps) = heaps();
    let mut differ = 0;
    for number in 0..heaps {
        // Two heaps of the same classes: other objects, other owners.
        let larger = Taken {
            scale: 5_000,
            ..LARGE
        };
        let bytes = [LARGE, larger].map(|taken| random_heap_as(&words, Random(number), taken));
        let dumps = bytes.each_ref().map(|bytes| input(bytes));
        let reports = bytes.each_ref().map(|bytes| by_report(bytes));
        let direct = compare(&dumps);
        differ += usize::from(direct.holders.iter().any(|row| row.grew_bytes != Some(0)));
        let mut mixed = compare(&[reports[0].clone(), dumps[1].clone()]);
        mixed.inputs.clone_from(&direct.inputs);
        assert_eq!(direct, mixed, "heap {number}");
        let [mut first, mut second] = reports;
        for (report, dump) in [(&mut first, &dumps[0]), (&mut second, &dumps[1])] {
            // What is known of bounds is in the report alone.
            for owner in &mut report.inventory.owners {
                owner.bound = None;
            }
            assert_eq!(report.inventory, dump.inventory, "heap {number}");
        }
    }
    assert!(differ as u64 > heaps / 4, "{differ} of {heaps}");
}

/// As many threads as there are, the same inventory.
#[test]
fn threads_do_not_matter() {
    let (words, heaps) = heaps();
    let pools = [1, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("threads")
    });
    for number in 0..heaps / 4 {
        let bytes = random_heap_as(&words, Random(number), LARGE);
        let [one, four] = pools.each_ref().map(|pool| pool.install(|| input(&bytes)));
        assert_eq!(one.inventory, four.inventory, "heap {number}");
    }
}

//! Random heaps of the classes that the program looks for: every part of a report is made of each, every question is asked, and some are
//! compared, on a small stack.
//!
//! `HPROF_SUSPECTS_HEAPS=100000 cargo test --release random_heaps` makes more of them; a failure names the number of its heap.

use std::time::{Duration, Instant};

use hprof_suspects::analyze::Options;
use hprof_suspects::cli::explore::ask::Asker;

use crate::random_heap::{Choices, Words, random_heap, vocabulary};
use crate::support::project;
use crate::{heap_inputs, heap_uses};

/// Heaps that an ordinary test run makes.
const HEAPS: u64 = 300;
/// Far above what one takes on a busy machine; a budget that is spent for each object of one would be above it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of stack: functions that call themselves for each of a few hundred objects do not fit.
const STACK: usize = 192 << 10;

/// Numbers by the rule of Knuth's MMIX.
pub struct Random(pub u64);

impl Choices for Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

fn look_at(words: &[Words], number: u64) {
    let bytes = random_heap(words, Random(number));
    let started = Instant::now();
    let mut snapshot = heap_uses::snapshot(&bytes);
    if number % 2 == 1 {
        snapshot.show_values();
    }
    let report = heap_uses::report(&snapshot, Options::default());
    heap_uses::written(&report);
    if number % 4 < 2 {
        heap_uses::questions(&snapshot);
        let asker = Asker::new(&snapshot, &report, "heap.hprof");
        heap_uses::views(&asker, &snapshot);
        heap_uses::session(&asker, &mut Random(number));
    }
    assert!(
        started.elapsed() < PATIENCE,
        "heap {number}: {:?}",
        started.elapsed()
    );
}

/// Two heaps: as dumps, saved reports, changed reports, histograms and a fleet.
fn compare(words: &[Words], number: u64) {
    let started = Instant::now();
    let mut random = Random(number);
    let bytes: Vec<u8> = (0..6_000).map(|_| random.below(256) as u8).collect();
    heap_inputs::comparison(words, &bytes);
    assert!(
        started.elapsed() < PATIENCE,
        "heap {number}: {:?}",
        started.elapsed()
    );
}

#[test]
fn random_heaps_of_known_classes() {
    on_heaps(HEAPS, look_at);
}

#[test]
fn random_heaps_compared() {
    on_heaps(HEAPS / 10, compare);
}

fn on_heaps(usual: u64, use_heap: fn(&[Words], u64)) {
    let words = vocabulary(&project().join("src"));
    assert!(words.len() > 20, "{} files", words.len());
    let heaps = std::env::var("HPROF_SUSPECTS_HEAPS").ok();
    let heaps = heaps.map_or(usual, |heaps| heaps.parse().expect("a number"));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK)
        .build()
        .expect("a thread");
    for number in 0..heaps {
        let look = || pool.install(|| use_heap(&words, number));
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look));
        assert!(looked.is_ok(), "heap {number}");
    }
}

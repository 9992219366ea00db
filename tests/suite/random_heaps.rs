//! Random heaps of the classes that the program looks for: every part of a report is made of each, on a small stack.
//!
//! `HPROF_SUSPECTS_HEAPS=100000 cargo test --release random_heaps` makes more of them; a failure names the number of its heap.

use std::time::{Duration, Instant};

use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};

use crate::random_heap::{Choices, Words, random_heap, vocabulary};
use crate::support::project;

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
    let mut snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    if number % 2 == 1 {
        snapshot.show_values();
    }
    let options = Options {
        waste: true,
        ..Options::default()
    };
    let analysis = analyze(&snapshot, &FileFacts::default(), &options, &Unobserved);
    for format in Format::all() {
        let options = RenderOptions {
            detail: Detail::Full,
            ..RenderOptions::default()
        };
        render(&analysis.report, format, &options).expect("every report can be written");
    }
    for object in (0..snapshot.len() as u32).step_by(17) {
        hprof_suspects::analyze::explore::paths::paths(&snapshot, object, 3);
    }
    assert!(
        started.elapsed() < PATIENCE,
        "heap {number}: {:?}",
        started.elapsed()
    );
}

#[test]
fn random_heaps_of_known_classes() {
    let words = vocabulary(&project().join("src"));
    assert!(words.len() > 20, "{} files", words.len());
    let heaps = std::env::var("HPROF_SUSPECTS_HEAPS").ok();
    let heaps = heaps.map_or(HEAPS, |heaps| heaps.parse().expect("a number"));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK)
        .build()
        .expect("a thread");
    for number in 0..heaps {
        let look = || pool.install(|| look_at(&words, number));
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(look));
        assert!(looked.is_ok(), "heap {number}");
    }
}

//! Heaps of the classes that the program looks for, chosen by the fuzzer, to every section of a report and to paths.
#![no_main]

#[path = "../../tests/suite/random_heap.rs"]
mod random_heap;

use std::path::Path;
use std::sync::OnceLock;

use hprof_suspects::analyze::{FileFacts, Options, analyze, explore};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};
use libfuzzer_sys::fuzz_target;
use random_heap::{Choices, Words, random_heap, vocabulary};

/// Choices by the fuzzer's bytes, two for each; zero when they are used up.
struct Bytes<'d>(&'d [u8]);

impl Choices for Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let Some((two, rest)) = self.0.split_first_chunk::<2>() else {
            return 0;
        };
        self.0 = rest;
        usize::from(u16::from_le_bytes(*two)) % limit
    }
}

static WORDS: OnceLock<Vec<Words>> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    let words = WORDS.get_or_init(|| vocabulary(&source));
    let dump = random_heap(words, Bytes(data));
    let snapshot = load(&dump, LoadOptions::default(), &Unobserved).expect("a dump");
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
        explore::paths::paths(&snapshot, object, 3);
    }
});

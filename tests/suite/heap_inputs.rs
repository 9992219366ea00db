//! What the fuzz targets that begin with a heap do with their bytes (`fuzz/fuzz_targets`); the tests replay their corpus and what they
//! found.

use std::path::Path;
use std::sync::OnceLock;

use hprof_suspects::analyze::Options;
use hprof_suspects::cli::explore::ask::Asker;
use hprof_suspects::report::json;

use crate::heap_uses;
use crate::random_heap::{Choices, PLAIN, Taken, Words, random_heap, random_heap_as, vocabulary};

/// Choices by bytes, two for each; zero when they are used up.
pub struct Bytes<'d>(pub &'d [u8]);

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

/// The names that the program's own source, in `folder`, looks for.
pub fn words(folder: &Path) -> &'static [Words] {
    WORDS.get_or_init(|| vocabulary(folder))
}

/// A heap to every section of a report in every format.
pub fn heap(words: &[Words], data: &[u8]) {
    let dump = random_heap(words, Bytes(data));
    let snapshot = heap_uses::snapshot(&dump);
    heap_uses::written(&heap_uses::report(&snapshot, Options::default()));
}

/// A heap to every question about it, and a session of `explore` with keys that the last quarter of the bytes chooses.
pub fn questions(words: &[Words], data: &[u8]) {
    let mut all = Bytes(data);
    let values = all.below(2) == 1;
    let (heap, keys) = all.0.split_at(all.0.len() / 4 * 3);
    let dump = random_heap(words, Bytes(heap));
    let mut snapshot = heap_uses::snapshot(&dump);
    if values {
        snapshot.show_values();
    }
    heap_uses::questions(&snapshot);
    let report = heap_uses::report(&snapshot, Options::default());
    let asker = Asker::new(&snapshot, &report, "heap.hprof");
    heap_uses::views(&asker, &snapshot);
    heap_uses::session(&asker, &mut Bytes(keys));
}

/// Two heaps compared as dumps, as saved reports and as class histograms; saved reports with changed bytes; the lines of a fleet. The later
/// heap is the earlier one taken again, larger, or another one.
pub fn comparison(words: &[Words], data: &[u8]) {
    let mut all = Bytes(data);
    let (other, scale) = (all.below(3) == 0, 1 + all.below(2_000));
    let grown = Taken {
        shift: 0x7000 * all.below(9) as u64,
        scale: scale + all.below(2_000),
        garbage: all.below(40),
    };
    let (heap, rest) = all.0.split_at(all.0.len() / 2);
    let (second, edits) = rest.split_at(rest.len() / 4 * 3);
    let second = if other { second } else { heap };
    let earlier = random_heap_as(words, Bytes(heap), Taken { scale, ..PLAIN });
    let later = random_heap_as(words, Bytes(second), grown);
    let [before, mut now] = heap_uses::comparison([&earlier, &later]);
    let changed = heap_uses::changed(&now, &mut Bytes(edits));
    let texts = [&before, &now].map(|report| json::render(report).expect("JSON"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reports = [texts[0].as_bytes(), texts[1].as_bytes(), &changed];
    heap_uses::fleets(folder.path(), &reports);
    heap_uses::histograms(&heap_uses::snapshot(&earlier), &mut now);
}

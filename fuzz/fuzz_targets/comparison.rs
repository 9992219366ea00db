//! Two heaps chosen by the fuzzer, compared as dumps, as saved reports and as class histograms; saved reports with changed bytes; the
//! lines of a fleet.
#![no_main]

#[path = "../../tests/suite/heap_inputs.rs"]
mod heap_inputs;
#[path = "../../tests/suite/heap_uses.rs"]
mod heap_uses;
#[path = "../../tests/suite/random_heap.rs"]
mod random_heap;

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    heap_inputs::comparison(heap_inputs::words(&source), data);
});

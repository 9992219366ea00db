//! Heaps chosen by the fuzzer, to every question about them: paths, objects, the dominator tree, classes, threads, the views of
//! `explore` and a session with keys.
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
    heap_inputs::questions(heap_inputs::words(&source), data);
});

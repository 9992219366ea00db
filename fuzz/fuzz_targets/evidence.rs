//! Text of evidence, of every format: it is read or refused, and what was read is put together.
//!
//! The first byte picks the name of the file, which tells cgroup files with a bare number apart.

#![no_main]

use hprof_suspects::verdict::evidence::{Document, Order, arrange, read_source};
use hprof_suspects::verdict::observed::{Known, Observed};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

const NAMES: [&str; 5] = ["pasted.txt", "memory.current", "memory.stat", "memory.max", "gc.log"];

fuzz_target!(|data: &[u8]| {
    let Some((pick, text)) = data.split_first() else {
        return;
    };
    let path = Path::new(NAMES[usize::from(*pick) % NAMES.len()]);
    let Ok(source) = read_source(&Document::from_bytes(path, text), path) else {
        return;
    };
    let Ok(sources) = arrange(vec![source.clone(), source], Order::Clear) else {
        return;
    };
    let facts: Vec<_> = sources.into_iter().flat_map(|s| s.facts).collect();
    let known = Known {
        pod: Some("web-1"),
        live_bytes: 1 << 20,
        ..Known::default()
    };
    let _ = Observed::of(&facts, &known);
});

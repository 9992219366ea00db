//! Bytes of a file to the bytes of a dump: gzip, zstd, xz, zip, tar, and what is none of them.
#![no_main]

use std::io::Write;

use hprof_suspects::input::{OpenOptions, open};
use libfuzzer_sys::fuzz_target;

/// What unpacked bytes may take in memory; the rest goes to a temporary file.
const MEMORY: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("room for a temporary file");
    for dump_number in [1, 2] {
        let options = OpenOptions {
            memory_budget: Some(MEMORY),
            dump_number,
            ..OpenOptions::default()
        };
        if let Ok(input) = open(file.path(), &options, &|_, _| {}) {
            assert!(hprof_suspects::input::is_hprof(input.bytes()));
        }
    }
});

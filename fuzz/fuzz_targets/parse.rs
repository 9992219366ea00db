//! Bytes of a dump to a snapshot, by both rule sets. Checks what must hold whatever the bytes say.
#![no_main]

use hprof_suspects::graph::Strength;
use hprof_suspects::heap::{Compat, LoadOptions, Snapshot, Unobserved, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for compat in [Compat::Jvm, Compat::Mat] {
        let options = LoadOptions {
            compat,
            ..LoadOptions::default()
        };
        if let Ok(snapshot) = load(data, options, &Unobserved) {
            check(data, &snapshot);
        }
    }
});

fn check(data: &[u8], snapshot: &Snapshot<'_>) {
    // The smallest object takes ten bytes of the dump; one more is MAT's made-up loader.
    assert!(snapshot.len() <= data.len() / 10 + 1);
    let objects = Strength::ALL.map(|strength| snapshot.totals(strength).objects);
    let contained = (0..snapshot.len() as u32)
        .filter(|&object| snapshot.contains(object))
        .count() as u64;
    assert_eq!(objects.iter().sum::<u64>(), contained);
    for object in 0..snapshot.len() as u32 {
        // MAT's rules leave out what no root leads to.
        if snapshot.contains(object) {
            assert!(snapshot.retained(object) >= snapshot.shallow(object));
        }
        snapshot.object(object);
        snapshot.outgoing(object);
        snapshot.path(object);
    }
    for thread in snapshot.threads() {
        snapshot.stack(thread);
    }
}

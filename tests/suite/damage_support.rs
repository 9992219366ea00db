//! Dumps read inside the test process: thousands of damaged ones take seconds.

use hprof_suspects::graph::Strength;
use hprof_suspects::heap::{LoadError, LoadOptions, Snapshot, Unobserved, load};
use hprof_suspects::hprof::DamageCode;

/// Reads dump number `dump_number` of the file and checks what holds for every dump whatever its bytes say.
pub fn read_number(bytes: &[u8], dump_number: usize) -> Result<Snapshot<'_>, LoadError> {
    let options = LoadOptions {
        dump_number,
        ..LoadOptions::default()
    };
    let snapshot = load(bytes, options, &Unobserved)?;
    check(bytes, &snapshot);
    Ok(snapshot)
}

/// The first dump of the file.
pub fn read(bytes: &[u8]) -> Result<Snapshot<'_>, LoadError> {
    read_number(bytes, 1)
}

fn check(bytes: &[u8], snapshot: &Snapshot<'_>) {
    assert!(
        snapshot.len() <= bytes.len() / 10,
        "{} objects in {} bytes",
        snapshot.len(),
        bytes.len()
    );
    let by_strength = Strength::ALL.map(|strength| snapshot.totals(strength).objects);
    assert_eq!(by_strength.iter().sum::<u64>(), snapshot.len() as u64);
    let tops: u64 = snapshot
        .children(None)
        .map(|top| snapshot.retained_objects(top))
        .sum();
    assert_eq!(
        tops,
        snapshot.len() as u64,
        "the tree holds every object once"
    );
    for damage in snapshot.damage() {
        assert!(damage.offset <= bytes.len() as u64, "{damage:?}");
        assert!(!damage.message.is_empty());
    }
    if snapshot.damage().iter().any(|d| d.code.loses_data()) {
        assert!(!snapshot.is_complete());
    }
}

/// The codes of the damage, each once.
pub fn codes(snapshot: &Snapshot<'_>) -> Vec<DamageCode> {
    let mut codes: Vec<DamageCode> = snapshot.damage().iter().map(|damage| damage.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Objects that are no class objects.
pub fn objects(snapshot: &Snapshot<'_>) -> usize {
    let classes = snapshot.classes();
    let class_objects = classes
        .iter()
        .filter(|&(class, _)| snapshot.class_object(class).is_some());
    snapshot.len() - class_objects.count()
}

/// Waits for the child; gives its wait status and its largest resident size in KiB.
#[allow(unsafe_code)]
pub fn wait(child: std::process::Child) -> (i32, i64) {
    let mut status = 0;
    // SAFETY: rusage is plain numbers, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the child is ours and nobody else waits for it; both pointers are valid for the call.
    let waited = unsafe { libc::wait4(child.id() as i32, &mut status, 0, &mut usage) };
    assert_eq!(waited, child.id() as i32);
    (status, usage.ru_maxrss)
}

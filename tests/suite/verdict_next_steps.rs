//! What to do next: nothing that was done already, nothing that cannot be done there.

use hprof_suspects::verdict::evidence::{Quantity, Resident, given, read_file};
use std::path::Path;

use crate::verdict_support::{MIB, decide_with, heap, lines, top};

fn sample(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/evidence")
        .join(name)
}

/// Native Memory Tracking was given: without a baseline that is what is missing, with one the category that grew is followed.
#[test]
fn a_summary_that_was_given_is_not_asked_for_again() {
    let rss = given(Quantity::Resident(Resident::Process), 2048 * MIB, "--rss");
    let facts = heap(8 * MIB, 256 * MIB);
    let steps = |file: Option<&str>| {
        let mut evidence: Vec<_> = file
            .map(|file| read_file(&sample(file)).expect("a sample"))
            .unwrap_or_default();
        evidence.push(rss.clone());
        lines(&decide_with(&facts, &evidence, None).next_steps)
    };
    let without = steps(None);
    assert!(without.contains("VM.native_memory summary`"), "{without}");
    let summary = steps(Some("native_memory-jdk17.txt"));
    assert!(
        !summary.contains("NativeMemoryTracking=summary") && summary.contains("baseline` now"),
        "{summary}"
    );
    let diff = steps(Some("native_memory_diff-jdk17.txt"));
    assert!(
        diff.contains("detail.diff") && !diff.contains("baseline"),
        "{diff}"
    );
}

#[test]
fn of_one_snapshot_only_the_second_is_asked_for() {
    let facts = heap(100 * MIB, 256 * MIB);
    let alone = lines(&decide_with(&facts, &[], None).next_steps);
    assert!(alone.contains("now and later"), "{alone}");
    let once = decide_with(&facts, &top("web-1 app 3m 300Mi\n"), None);
    let once = lines(&once.next_steps);
    assert!(
        once.contains("again later") && !once.contains("now and later"),
        "{once}"
    );
}

/// A phone has neither `jcmd` nor `kubectl`.
#[test]
fn on_android_the_steps_are_those_of_android() {
    for live in [2 * MIB, 100 * MIB] {
        let mut facts = heap(live, 0);
        facts.android = true;
        let steps = lines(&decide_with(&facts, &[], None).next_steps);
        assert!(
            steps.contains("adb shell") && !steps.contains("jcmd") && !steps.contains("kubectl"),
            "{steps}"
        );
    }
}

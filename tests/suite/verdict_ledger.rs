//! The ledger: what is in it, and what remains unexplained.

use hprof_suspects::verdict::component::{Component, Kind};
use hprof_suspects::verdict::evidence::{Quantity, Resident, given, read_file};
use hprof_suspects::verdict::facts::{HeapFacts, OffHeap, Sourced};
use hprof_suspects::verdict::ledger::{Entry, ledger};
use hprof_suspects::verdict::observed::Observed;
use std::path::Path;

const MIB: i64 = 1 << 20;

fn facts() -> HeapFacts {
    HeapFacts {
        strong_bytes: 100 << 20,
        soft_bytes: 40 << 20,
        complete: true,
        has_roots: true,
        max_heap: Some(Sourced {
            bytes: 1 << 30,
            source: "VM.directMemory".into(),
        }),
        platform_threads: 28,
        classes: 1_428,
        boot_classes: 1_000,
        off_heap: vec![
            part(Component::DirectMemory, 64 << 20),
            part(Component::MappedFiles, 8 << 20),
        ],
        ..HeapFacts::default()
    }
}

fn part(component: Component, bytes: u64) -> OffHeap {
    OffHeap {
        component,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source: "dump".into(),
        owners: Vec::new(),
    }
}

fn find(entries: &[Entry], component: Component) -> &Entry {
    entries
        .iter()
        .find(|e| e.component == component)
        .unwrap_or_else(|| panic!("no {component:?}"))
}

#[test]
fn components_and_estimates() {
    let entries = ledger(&facts(), &Observed::default());
    assert_eq!(
        find(&entries, Component::JavaHeapLive).bytes,
        Some(140 * MIB)
    );
    assert_eq!(
        find(&entries, Component::JavaHeapMax).bytes,
        Some(1024 * MIB)
    );
    let stacks = find(&entries, Component::ThreadStacks);
    assert_eq!(
        (stacks.bytes, stacks.low, stacks.high),
        (None, 28 * 40 * 1024, 28 * MIB)
    );
    let classes = find(&entries, Component::ClassMetadata);
    // Those of the boot loader may be mapped from the JDK's archive.
    assert_eq!((classes.low, classes.high), (428 * 4_000, 1_428 * 10_000));
    assert!(
        entries
            .iter()
            .all(|e| e.component != Component::Unexplained),
        "nothing was measured outside"
    );
}

#[test]
fn a_small_stack_bounds_the_estimate() {
    let mut facts = facts();
    facts.thread_stack_bytes = Some(16 << 10);
    let entries = ledger(&facts, &Observed::default());
    let stacks = find(&entries, Component::ThreadStacks);
    assert_eq!((stacks.low, stacks.high), (28 * 16 * 1024, 28 * 16 * 1024));
}

#[test]
fn what_remains_is_a_range() {
    let evidence = [given(
        Quantity::Resident(Resident::Process),
        1900 << 20,
        "--rss",
    )];
    let entries = ledger(&facts(), &Observed::new(&evidence, None));
    let rest = find(&entries, Component::Unexplained);
    let native_high = 64 * MIB + 8 * MIB + 28 * MIB + 1_428 * 10_000;
    let native_low = 64 * MIB + 28 * 40 * 1024 + 428 * 4_000;
    assert_eq!(rest.low, (1900 - 1024) * MIB - native_high);
    assert_eq!(
        rest.high,
        (1900 - 140) * MIB - native_low,
        "mapped files may be evicted"
    );
    assert_eq!(find(&entries, Component::Resident).kind, Kind::Given);
    // Resident memory below what is known leaves nothing, never a negative number.
    let evidence = [given(
        Quantity::Resident(Resident::Process),
        50 << 20,
        "--rss",
    )];
    let entries = ledger(&facts(), &Observed::new(&evidence, None));
    let rest = find(&entries, Component::Unexplained);
    assert_eq!((rest.low, rest.high), (0, 0));
}

#[test]
fn native_memory_tracking_narrows_it() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/evidence");
    let mut evidence = read_file(&sample.join("native_memory-jdk17.txt")).expect("sample");
    evidence.push(given(
        Quantity::Resident(Resident::Process),
        200 << 20,
        "--rss",
    ));
    let facts = HeapFacts {
        strong_bytes: 3 << 20,
        max_heap: Some(Sourced {
            bytes: 256 << 20,
            source: "dump".into(),
        }),
        ..HeapFacts::default()
    };
    let entries = ledger(&facts, &Observed::new(&evidence, None));
    let tracked = (144_217 - 17_408) << 10;
    assert_eq!(
        find(&entries, Component::NativeTracked).bytes,
        Some(tracked)
    );
    let rest = find(&entries, Component::Unexplained);
    assert_eq!(
        rest.low,
        200 * MIB - (17_408 << 10) - tracked,
        "the committed heap, not its maximum"
    );
}

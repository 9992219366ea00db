//! The ledger: every component of the process's memory that is known, and what remains unexplained.
//!
//! Entries are bytes or a range, with how they are known and where they were read. Estimates:
//!
//! - thread stacks: reserved address space is an upper bound, since a stack's pages become resident when they are touched; likely is
//!   about [`LIKELY_STACK_BYTES`] each (Native Memory Tracking on JDK 17 and 25: 836 KB for 20 threads, 876 KB for 19);
//! - class metadata: 4,000 to 10,000 bytes a class; Paketo's memory calculator plans with 5,800.

use super::component::{Component, Kind};
use super::facts::HeapFacts;
use super::observed::Observed;
use crate::sentence;
use crate::sentence::{Change, Count, Sentence, Size};

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub component: Component,
    /// Bytes when they are exact; `None` when only a range is known.
    pub bytes: Option<i64>,
    /// The least it can be, in bytes.
    pub low: i64,
    /// The most it can be, in bytes.
    pub high: i64,
    /// How it is known.
    pub kind: Kind,
    /// Where it was read.
    pub source: Sentence,
    /// Who owns it on the heap, where the dump says it: the largest first.
    pub owners: Vec<Sentence>,
}

impl Entry {
    /// Everybody who owns it, in one sentence.
    pub fn owner(&self) -> Option<Sentence> {
        let owners = || Sentence::joined(self.owners.iter().cloned(), "; ");
        (!self.owners.is_empty()).then(owners)
    }
}

/// What a platform thread's stack likely has resident, in bytes.
pub const LIKELY_STACK_BYTES: u64 = 40 << 10;
/// The stack that Linux x64 and aarch64 reserve when nothing is said (`-XX:ThreadStackSize`), in bytes.
pub const DEFAULT_STACK_BYTES: u64 = 1 << 20;
/// Metadata of a class, at least and at most, in bytes.
pub const CLASS_METADATA_BYTES: (u64, u64) = (4_000, 10_000);

/// The ledger of a heap and what was observed around it: heap, native components, what was measured outside, the rest.
pub fn ledger(heap: &HeapFacts, observed: &Observed) -> Vec<Entry> {
    let mut entries = vec![exact(
        Component::JavaHeapLive,
        heap.live_bytes(),
        Kind::Measured,
        live_source(heap),
    )];
    if let Some(max) = observed.max_heap_of(heap) {
        entries.push(Entry {
            component: Component::JavaHeapMax,
            bytes: max.is_exact().then(|| signed(max.low)),
            low: signed(max.low),
            high: signed(max.high),
            kind: if max.is_exact() {
                Kind::Measured
            } else {
                Kind::Derived
            },
            source: max.source,
            owners: Vec::new(),
        });
    }
    entries.extend(heap.off_heap.iter().map(|part| Entry {
        component: part.component,
        bytes: (part.low == part.high).then(|| signed(part.low)),
        low: signed(part.low),
        high: signed(part.high),
        kind: part.kind,
        source: part.source.clone(),
        owners: part.owners.clone(),
    }));
    entries.extend(thread_stacks(heap));
    entries.extend(class_metadata(heap));
    if let Some((bytes, source)) = observed.native_tracked() {
        entries.push(exact(
            Component::NativeTracked,
            bytes,
            Kind::Measured,
            source.into(),
        ));
    }
    for (component, measure) in [
        (Component::Resident, &observed.resident),
        (Component::Limit, &observed.limit),
        (Component::Growth, &observed.growth),
    ] {
        if let Some(measure) = measure {
            entries.push(Entry {
                component,
                bytes: Some(measure.bytes),
                low: measure.bytes,
                high: measure.bytes,
                kind: measure.kind,
                source: measure.source.as_str().into(),
                owners: Vec::new(),
            });
        }
    }
    let native = native(&entries);
    if let Some(rest) = unexplained(heap, observed, native) {
        entries.push(rest);
    }
    entries
}

/// Known native memory, at least and at most, in bytes: what Native Memory Tracking counts, else the sum of the components.
///
/// Mapped files are counted from 0: their pages are resident only while they are used.
pub fn native(entries: &[Entry]) -> (i64, i64) {
    let sum = |of: fn(&Entry) -> i64| {
        entries
            .iter()
            .filter(|e| e.component.is_native())
            .fold(0i64, |sum, e| sum.saturating_add(of(e)))
    };
    let low = sum(|e| {
        if e.component == Component::MappedFiles {
            0
        } else {
            e.low
        }
    });
    let high = sum(|e| e.high);
    // Tracking sees the JVM's own structures, which the dump does not, but neither mapped files nor memory of native libraries.
    let tracked = entries
        .iter()
        .find(|e| e.component == Component::NativeTracked)
        .map_or(0, |e| e.high);
    (low, high.max(tracked))
}

/// Resident memory minus the heap (live up to its maximum) and known native memory.
fn unexplained(heap: &HeapFacts, observed: &Observed, native: (i64, i64)) -> Option<Entry> {
    let resident = observed.resident.as_ref()?;
    let max = observed.max_heap_of(heap)?;
    let live = signed(heap.live_bytes());
    // Committed heap is the most that can be resident; without it the heap may have grown to its maximum.
    let most = observed
        .heap_committed
        .map_or(signed(max.high), |c| signed(c).min(signed(max.high)))
        .max(live);
    let low = resident
        .bytes
        .saturating_sub(most)
        .saturating_sub(native.1)
        .max(0);
    let high = resident
        .bytes
        .saturating_sub(live)
        .saturating_sub(native.0)
        .max(low);
    Some(Entry {
        component: Component::Unexplained,
        bytes: (low == high).then_some(low),
        low,
        high,
        kind: Kind::Derived,
        source: sentence!(
            "resident {} - heap {} to {} - known native {} to {}",
            Change(resident.bytes),
            Change(live),
            Change(most),
            Change(native.0),
            Change(native.1)
        ),
        owners: Vec::new(),
    })
}

fn live_source(heap: &HeapFacts) -> Sentence {
    let mut source = sentence!("dump: strong {}", Size(heap.strong_bytes));
    for (name, bytes) in [
        ("soft", heap.soft_bytes),
        ("weak", heap.weak_bytes),
        ("final", heap.final_bytes),
        ("phantom", heap.phantom_bytes),
    ] {
        if bytes > 0 {
            source.push(sentence!(", {} {}", name, Size(bytes)));
        }
    }
    if heap.no_path_bytes > 0 {
        source.push(sentence!(
            "; not counted: {} without a path from a root",
            Size(heap.no_path_bytes)
        ));
    }
    source
}

fn thread_stacks(heap: &HeapFacts) -> Option<Entry> {
    let threads = heap.platform_threads;
    let (stack, said) = match heap.thread_stack_bytes {
        Some(bytes) if bytes > 0 => (bytes, ""),
        _ => (DEFAULT_STACK_BYTES, " by default"),
    };
    let listed = heap
        .off_heap
        .iter()
        .any(|p| p.component == Component::ThreadStacks);
    (threads > 0 && !listed).then(|| Entry {
        component: Component::ThreadStacks,
        bytes: None,
        low: signed(threads.saturating_mul(LIKELY_STACK_BYTES.min(stack))),
        high: signed(threads.saturating_mul(stack)),
        kind: Kind::Estimated,
        source: sentence!(
            "{} platform threads in the dump × {} (usually touched) to {} (reserved{})",
            Count(threads),
            Size(LIKELY_STACK_BYTES.min(stack)),
            Size(stack),
            said
        ),
        owners: Vec::new(),
    })
}

fn class_metadata(heap: &HeapFacts) -> Option<Entry> {
    let (low, high) = CLASS_METADATA_BYTES;
    // What the JDK archived is mapped from a file and shared; how much of it was touched, no dump tells.
    let own = heap.classes.saturating_sub(heap.boot_classes);
    let listed = heap
        .off_heap
        .iter()
        .any(|p| p.component == Component::ClassMetadata);
    // ART maps most classes from its boot image and the app's compiled files: HotSpot's figures say nothing there.
    (heap.classes > 0 && !listed && !heap.android).then(|| Entry {
        component: Component::ClassMetadata,
        bytes: None,
        low: signed(own.saturating_mul(low)),
        high: signed(heap.classes.saturating_mul(high)),
        kind: Kind::Estimated,
        source: sentence!(
            "{} classes in the dump × {} to {}; the {} of the boot loader may be mapped from the shared archive",
            Count(heap.classes),
            Size(low),
            Size(high),
            Count(heap.boot_classes)
        ),
        owners: Vec::new(),
    })
}

fn exact(component: Component, bytes: u64, kind: Kind, source: Sentence) -> Entry {
    Entry {
        component,
        bytes: Some(signed(bytes)),
        low: signed(bytes),
        high: signed(bytes),
        kind,
        source,
        owners: Vec::new(),
    }
}

/// `bytes` as a signed number; nothing of memory exceeds it.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

//! The budget of the process: what the heap may grow to and what the JVM takes besides, against the container's limit.
//!
//! What is not measured is estimated:
//!
//! - compiled code: 2 to 10 kB for each loaded class and 5 to 20 MiB besides, at most the 240 MiB that HotSpot reserves;
//! - thread stacks: 40 to 256 KiB touched of each;
//! - the collector: 1.5 to 7 % of the maximum heap (G1's marking bitmaps take 1/64 of it, its card table 1/512, the remembered sets the
//!   rest) and 5 to 20 MiB besides;
//! - the JVM itself and what `malloc` leaves unused: 15 to 60 MiB.

use super::component::Component;
use super::facts::{HeapFacts, Range};
use super::ledger::{Entry, LIKELY_STACK_BYTES};
use super::observed::Observed;
use crate::sentence;
use crate::sentence::{Sentence, Size};

const MIB: u64 = 1 << 20;
/// A stack that is touched as far as busy threads do, in bytes.
const BUSY_STACK_BYTES: u64 = 256 << 10;
/// What HotSpot reserves for compiled code, in bytes.
const MOST_CODE: u64 = 240 * MIB;
/// `-Xmx` is proposed in steps of so many bytes.
const STEP: u64 = 50 * MIB;

/// A part of the native memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// Bytes, at least.
    pub low: u64,
    /// Bytes, at most.
    pub high: u64,
}

/// The maximum heap and the native memory of a JVM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The maximum heap.
    pub max: Range,
    /// What every JVM takes besides.
    pub ordinary: Vec<Part>,
    /// Buffers and other native memory that the program asked for.
    pub asked_for: Part,
    /// The container's limit in bytes, and where it was read.
    pub limit: Option<(u64, Sentence)>,
}

impl Budget {
    /// The budget, where the maximum heap is known.
    pub fn new(heap: &HeapFacts, observed: &Observed, ledger: &[Entry]) -> Option<Budget> {
        let max = observed.max_heap_of(heap)?;
        let limit = observed.limit.as_ref().and_then(|limit| {
            let bytes = u64::try_from(limit.bytes).ok().filter(|&bytes| bytes > 0)?;
            Some((bytes, Sentence::from(&limit.source)))
        });
        let asked_for = asked_for(ledger);
        let ordinary = match observed.native_tracked() {
            Some((bytes, _)) => tracked(bytes, &asked_for),
            None => estimated(heap, ledger, max.low),
        };
        Some(Budget {
            max,
            ordinary,
            asked_for,
            limit,
        })
    }

    /// Native memory that every JVM takes, at least and at most, in bytes.
    pub fn ordinary(&self) -> (u64, u64) {
        let sum = |of: fn(&Part) -> u64| self.ordinary.iter().map(of).fold(0, u64::saturating_add);
        (sum(|part| part.low), sum(|part| part.high))
    }

    /// All native memory, at least and at most, in bytes.
    pub fn native(&self) -> (u64, u64) {
        let (low, high) = self.ordinary();
        (
            low.saturating_add(self.asked_for.low),
            high.saturating_add(self.asked_for.high),
        )
    }

    /// The limit that the heap at its maximum and the native memory exceed, if they do: surely (by the least that the native memory
    /// can be), or likely (by the middle of what it can be).
    pub fn exceeded(&self) -> Option<(u64, bool)> {
        let (limit, _) = self.limit.as_ref()?;
        let (low, high) = self.native();
        let middle = low / 2 + high / 2;
        let needs = |native: u64| self.max.low.saturating_add(native) > *limit;
        needs(middle).then(|| (*limit, needs(low)))
    }

    /// The largest maximum heap that fits with the most that the native memory can be, in bytes, rounded down; `None` where none does.
    pub fn fitting_max(&self) -> Option<u64> {
        let (limit, _) = self.limit.as_ref()?;
        // A little is left for what grows with the load.
        let room = limit.saturating_sub(self.native().1);
        let room = room - room / 50;
        let rounded = room / STEP * STEP;
        (rounded > 0).then_some(rounded)
    }

    /// The parts of the native memory in words: `class metadata 6 MiB..14 MiB + compiled code 8 MiB..34 MiB + ...`.
    pub fn arithmetic(&self) -> Sentence {
        sum_in_words(self.ordinary.iter().chain([&self.asked_for]))
    }

    /// The parts that every JVM takes in words.
    pub fn ordinary_arithmetic(&self) -> Sentence {
        sum_in_words(self.ordinary.iter())
    }
}

fn sum_in_words<'p>(parts: impl Iterator<Item = &'p Part>) -> Sentence {
    let parts = parts.filter(|part| part.high > 0);
    let sizes = parts.map(|part| sentence!("{} {}", part.what, range(part.low, part.high)));
    Sentence::joined(sizes, " + ")
}

/// Two sizes for a sentence: `330 MiB to 700 MiB`, or one where they are equal.
pub fn range(low: u64, high: u64) -> Sentence {
    match low == high {
        true => Size(low).into(),
        false => sentence!("{} to {}", Size(low), Size(high)),
    }
}

fn unsigned(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}

/// Direct memory, arenas, streams and handles, which the dump knows of.
fn asked_for(ledger: &[Entry]) -> Part {
    let parts = ledger.iter().filter(|entry| {
        matches!(
            entry.component,
            Component::DirectMemory
                | Component::ForeignMemory
                | Component::NioThreadCaches
                | Component::Zlib
                | Component::NettyDirect
                | Component::NativeHandles
        )
    });
    let mut sum = Part {
        what: "direct memory and other buffers",
        low: 0,
        high: 0,
    };
    for part in parts {
        sum.low = sum.low.saturating_add(unsigned(part.low));
        sum.high = sum.high.saturating_add(unsigned(part.high));
    }
    sum
}

/// What Native Memory Tracking counts, buffers left out; `malloc` takes up to a tenth more than it gives.
fn tracked(bytes: u64, asked_for: &Part) -> Vec<Part> {
    let rest = bytes.saturating_sub(asked_for.low);
    vec![
        Part {
            what: "native memory tracked by the JVM",
            low: rest,
            high: rest,
        },
        Part {
            what: "not in use by `malloc`",
            low: 0,
            high: bytes / 10,
        },
    ]
}

fn estimated(heap: &HeapFacts, ledger: &[Entry], max: u64) -> Vec<Part> {
    let entry = ledger
        .iter()
        .find(|entry| entry.component == Component::ClassMetadata);
    let code = |each: u64, base: u64| {
        let bytes = heap.classes.saturating_mul(each).saturating_add(base);
        bytes.min(MOST_CODE)
    };
    let stacks = |each: u64| heap.platform_threads.saturating_mul(each);
    let part = |what, low, high| Part { what, low, high };
    vec![
        part(
            "class metadata",
            entry.map_or(0, |entry| unsigned(entry.low)),
            entry.map_or(0, |entry| unsigned(entry.high)),
        ),
        part(
            "compiled code",
            code(2_000, 5 * MIB),
            code(10_000, 20 * MIB),
        ),
        part(
            "thread stacks",
            stacks(LIKELY_STACK_BYTES),
            stacks(BUSY_STACK_BYTES),
        ),
        part(
            "collector",
            (max / 66).saturating_add(5 * MIB),
            (max / 100 * 7).saturating_add(20 * MIB),
        ),
        part("the JVM itself", 15 * MIB, 60 * MIB),
    ]
}

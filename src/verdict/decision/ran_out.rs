//! Of what the JVM ran out, in the order of tests that separates real dumps best.

use super::Thresholds;
use super::share::at_least;
use crate::verdict::facts::{HeapFacts, OutOfMemoryKind, Range};

/// Of what the JVM ran out when the dump was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RanOutOf {
    /// Heap space, or the limit of GC overhead: the heap was full, or its maximum is not known.
    HeapSpace,
    /// Metaspace or compressed class space: the JVM was defining a class.
    Metaspace,
    /// Probably that: the heap had room, and loaders or generated classes abound.
    ProbablyMetaspace,
    /// One allocation that was too large: the heap had room.
    OneAllocation,
    /// Native memory.
    Native,
}

/// Objects without a path that take this share of the maximum heap: it was not collected just before, as it is before the JVM gives up
/// for want of heap.
const NOT_COLLECTED: f64 = 0.25;

/// Of what; `None` where no `OutOfMemoryError` wrote the dump.
pub(super) fn ran_out_of(
    heap: &HeapFacts,
    max: Option<&Range>,
    limits: &Thresholds,
) -> Option<RanOutOf> {
    let oom = heap.out_of_memory.as_ref()?;
    let filled = heap.live_bytes().saturating_add(heap.no_path_bytes);
    let filled = filled.max(heap.filled_bytes);
    let full = |max: &Range| {
        at_least(filled, limits.nearly_full, max.low) && was_collected(heap, max, limits)
    };
    let abound = heap.class_mass.as_ref().is_some_and(|mass| mass.abounds);
    Some(match (oom.what, max.map(full)) {
        (OutOfMemoryKind::Metaspace, _) => RanOutOf::Metaspace,
        (OutOfMemoryKind::Native, _) => RanOutOf::Native,
        (_, Some(true)) => RanOutOf::HeapSpace,
        (OutOfMemoryKind::Linking, _) => RanOutOf::ProbablyMetaspace,
        (OutOfMemoryKind::HeapSpace, _) if abound => RanOutOf::ProbablyMetaspace,
        (_, Some(false)) => RanOutOf::OneAllocation,
        (_, None) => RanOutOf::HeapSpace,
    })
}

/// Whether the heap may have been collected just before: of what fills it, little has no path, or next to nothing hangs on weak
/// references alone.
fn was_collected(heap: &HeapFacts, max: &Range, limits: &Thresholds) -> bool {
    heap.live_only
        || at_least(heap.live_bytes(), limits.nearly_full, max.low)
        || !at_least(heap.no_path_bytes, NOT_COLLECTED, max.low)
}

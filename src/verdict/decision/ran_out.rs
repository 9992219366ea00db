//! Of what the JVM ran out, in the order of tests that separates real dumps best.

use super::Thresholds;
use super::case::at_least;
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

/// Of what; `None` where no `OutOfMemoryError` wrote the dump.
pub(super) fn ran_out_of(
    heap: &HeapFacts,
    max: Option<&Range>,
    limits: &Thresholds,
) -> Option<RanOutOf> {
    let oom = heap.out_of_memory.as_ref()?;
    let filled = heap.live_bytes().saturating_add(heap.no_path_bytes);
    let filled = filled.max(heap.filled_bytes);
    let full = max.map(|max| at_least(filled, limits.nearly_full, max.low));
    let abound = heap.class_mass.as_ref().is_some_and(|mass| mass.abounds);
    Some(match (oom.what, full, abound) {
        (OutOfMemoryKind::Metaspace, _, _) => RanOutOf::Metaspace,
        (OutOfMemoryKind::Native, _, _) => RanOutOf::Native,
        (OutOfMemoryKind::HeapSpace, Some(true), _) => RanOutOf::HeapSpace,
        (OutOfMemoryKind::HeapSpace, _, true) => RanOutOf::ProbablyMetaspace,
        (OutOfMemoryKind::HeapSpace, Some(false), false) => RanOutOf::OneAllocation,
        (OutOfMemoryKind::HeapSpace, None, false) => RanOutOf::HeapSpace,
    })
}

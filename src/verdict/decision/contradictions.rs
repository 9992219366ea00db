//! What of evidence and dump cannot both be true.

use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::facts::HeapFacts;
use crate::verdict::observed::Observed;

/// Contradictions within the evidence, and between evidence and dump.
pub(super) fn of(heap: &HeapFacts, observed: &Observed) -> Vec<Sentence> {
    let mut found = observed.contradictions.clone();
    if let (Some(dump), Some(evidence)) = (&heap.max_heap, &observed.max_heap)
        // Collectors report the maximum less a survivor space: up to a tenth with small ones.
        && dump.bytes.abs_diff(evidence.bytes) > dump.bytes.max(evidence.bytes) / 8
    {
        found.push(sentence!(
            "maximum heap: {} ({}) against {} ({}): evidence of another JVM?",
            Size(dump.bytes),
            &dump.source,
            Size(evidence.bytes),
            &evidence.source
        ));
    }
    if let (Some(range), Some(evidence)) = (&heap.max_heap_range, &observed.max_heap)
        && !(range.low..=range.high).contains(&evidence.bytes)
        && evidence.bytes.abs_diff(range.low) > range.low / 8
    {
        found.push(sentence!(
            "maximum heap: {} to {} ({}) against {} ({}): evidence of another JVM?",
            Size(range.low),
            Size(range.high),
            &range.source,
            Size(evidence.bytes),
            &evidence.source
        ));
    }
    if let Some(max) = observed.max_heap_of(heap)
        && heap.live_bytes() > max.high
    {
        found.push(sentence!(
            "live heap {} exceeds the maximum {} ({})",
            Size(heap.live_bytes()),
            Size(max.high),
            &max.source
        ));
    }
    found.extend(after_collection(heap, observed));
    found
}

/// A log that tells of a heap that is not this one.
fn after_collection(heap: &HeapFacts, observed: &Observed) -> Option<Sentence> {
    let (after, _) = observed.after_collection?;
    let dump = heap.live_bytes().saturating_add(heap.no_path_bytes);
    let differs = heap.complete && after > dump.saturating_mul(2) && after - dump > 32 << 20;
    differs.then(|| {
        sentence!(
            "after a collection of the whole heap it was {} (evidence), all objects of the dump are {}: another process, or another time",
            Size(after),
            Size(dump)
        )
    })
}

//! A GC log in the unified format (`-Xlog:gc`, JDK 9 and later): the heap after collections of the whole heap.
//!
//! `GC(7) Pause Full (System.gc()) 3M->2M(17M) 2.723ms` (G1, Serial, Parallel, Shenandoah), `GC(0) Garbage Collection (Warmup) 6M(2%)->4M(2%)`
//! (ZGC), `GC(0) Major Collection (..) 6M(2%)->4M(2%) 0.005s` (generational ZGC). Young and mixed collections leave garbage behind, so
//! they say nothing about what is live. The maximum heap is in `Heap Max Capacity: 256M` when `gc+init` is logged.

use super::super::size::parse_hotspot;
use super::{Document, Facts, Format, Malformed, Quantity, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "GC log",
    recognises: |document| {
        document
            .head(50)
            .any(|l| l.starts_with('[') && tag_list(l).is_some())
    },
    parse,
};

/// The text after the decorations of a line whose tags contain `gc`.
fn tag_list(line: &str) -> Option<&str> {
    let mut rest = line;
    let mut is_gc = false;
    while let Some(inner) = rest.strip_prefix('[') {
        let (decoration, after) = inner.split_once(']')?;
        is_gc |= decoration.split(',').any(|tag| tag.trim() == "gc");
        rest = after;
    }
    is_gc.then_some(rest)
}

/// Whether a message is about a collection of the whole heap.
fn is_full(message: &str) -> bool {
    ["Pause Full (", "Garbage Collection (", "Major Collection ("]
        .iter()
        .any(|name| message.contains(name))
}

/// The size in `Heap Max Capacity: 256M` (ZGC: `Max Capacity: 256M`) of `gc+init`; ZGC repeats it with a percentage at every collection.
fn max_capacity(message: &str) -> Option<&str> {
    let message = message.trim();
    message
        .strip_prefix("Heap ")
        .unwrap_or(message)
        .strip_prefix("Max Capacity: ")
}

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    let mut first: Option<i64> = None;
    let mut last: Option<(i64, u64)> = None;
    for (number, line) in document.lines() {
        let Some(message) = tag_list(line) else {
            continue;
        };
        let broken = || Malformed::new(number, "the size is not understood");
        if let Some(size) = max_capacity(message) {
            let bytes = parse_hotspot(size).ok_or_else(broken)?;
            facts.push((Quantity::MaxHeap, clamp(bytes), Subject::default(), number));
        } else if is_full(message) {
            // The line at the start of a collection has no sizes.
            if let Some((_, after)) = message.split_once("->") {
                let end = after.find('(').ok_or_else(broken)?;
                let bytes = clamp(parse_hotspot(&after[..end]).ok_or_else(broken)?);
                first.get_or_insert(bytes);
                last = Some((bytes, number));
            }
        }
    }
    if let (Some(first), Some((bytes, number))) = (first, last) {
        let fact = |quantity, bytes| (quantity, bytes, Subject::default(), number);
        facts.push(fact(Quantity::HeapAfterFullCollection, bytes));
        facts.push(fact(Quantity::HeapAfterFullCollectionGrowth, bytes - first));
    }
    Ok(facts)
}

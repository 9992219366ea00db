//! `jcmd PID GC.heap_info`: heap in use, committed and at most, for every collector of HotSpot.
//!
//! Forms (JDK 17 and 25 were run, the others are of the same family):
//! - G1: `garbage-first heap   total 17408K, used 3189K [0xf0000000, 0x100000000)`, since JDK 25 `total reserved 262144K, committed ..K,`;
//! - Serial, Parallel: one such line per generation, with `[start, committed end, reserved end)`;
//! - ZGC: `ZHeap  used 8M, capacity 256M, max capacity 256M`;
//! - Shenandoah: `256M max, 256M soft max, 256M committed, 3840K used`.
//!
//! The reserved address ranges add up to the maximum heap.

use super::super::size::parse_hotspot;
use super::{Facts, Format, Malformed, Quantity, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "jcmd GC.heap_info",
    recognises: |document| document.head(4).any(is_heap_line),
    parse: |document| {
        let facts = facts_of(document.lines())?;
        if facts.is_empty() {
            return Err(Malformed::new(1, "no sizes of the heap"));
        }
        Ok(facts)
    },
};

/// The sums over the generations of a heap.
#[derive(Default)]
struct Heap {
    used: u64,
    committed: u64,
    max: u64,
    line: u64,
}

/// Whether `line` is the first line of a heap.
fn is_heap_line(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("ZHeap ") || line.starts_with("Shenandoah Heap") || is_generation(line)
}

fn is_generation(line: &str) -> bool {
    const NAMES: [&str; 9] = [
        "garbage-first heap",
        "PSYoungGen",
        "ParOldGen",
        "PSOldGen",
        "def new generation",
        "DefNew",
        "tenured generation",
        "Tenured",
        "par new generation",
    ];
    let line = line.trim_start();
    NAMES.iter().any(|name| line.starts_with(name))
        && line.contains(" total ")
        && line.contains(" used ")
}

/// The facts of the heap described in `lines`; also used for the heap section of `VM.info`.
pub(super) fn facts_of<'a>(
    lines: impl Iterator<Item = (u64, &'a str)>,
) -> Result<Facts, Malformed> {
    let mut heap = Heap::default();
    for (number, line) in lines {
        let found = if is_generation(line) {
            generation(line)
        } else if line.trim_start().starts_with("ZHeap ") {
            z_heap(line)
        } else if line.trim_end().ends_with(" used") && line.contains(" max, ") {
            shenandoah(line)
        } else {
            continue;
        };
        let Some((used, committed, max)) = found else {
            return Err(Malformed::new(
                number,
                "the sizes of the heap are not understood",
            ));
        };
        heap.used = heap.used.saturating_add(used);
        heap.committed = heap.committed.saturating_add(committed);
        heap.max = heap.max.saturating_add(max);
        if heap.line == 0 {
            heap.line = number;
        }
    }
    if heap.line == 0 {
        return Ok(Facts::new());
    }
    let fact = |quantity, bytes| (quantity, clamp(bytes), Subject::default(), heap.line);
    Ok(vec![
        fact(Quantity::HeapUsed, heap.used),
        fact(Quantity::HeapCommitted, heap.committed),
        fact(Quantity::MaxHeap, heap.max),
    ])
}

/// Used, committed and reserved bytes of a generation of G1, Serial or Parallel.
fn generation(line: &str) -> Option<(u64, u64, u64)> {
    let used = size_after(line, " used ")?;
    let committed = size_after(line, " committed ").or_else(|| size_after(line, " total "))?;
    let range = line.split_once('[')?.1.split_once(')')?.0;
    let mut addresses = range
        .split(',')
        .map(|a| u64::from_str_radix(a.trim().trim_start_matches("0x"), 16).ok());
    let start = addresses.next()??;
    let end = addresses.next_back()??;
    Some((used, committed, end.checked_sub(start)?))
}

/// `ZHeap           used 8M, capacity 256M, max capacity 256M`.
fn z_heap(line: &str) -> Option<(u64, u64, u64)> {
    let max = size_after(line, " max capacity ")?;
    Some((
        size_after(line, " used ")?,
        size_after(line, ", capacity ")?,
        max,
    ))
}

/// ` 256M max, 256M soft max, 256M committed, 3840K used`.
fn shenandoah(line: &str) -> Option<(u64, u64, u64)> {
    let of = |what: &str| {
        line.split(',').find_map(|part| {
            let (size, name) = part.trim().split_once(' ')?;
            (name == what).then(|| parse_hotspot(size))?
        })
    };
    Some((of("used")?, of("committed")?, of("max")?))
}

/// The size that follows `key`, e.g. `total` in `total 17408K, used 3189K`.
fn size_after(line: &str, key: &str) -> Option<u64> {
    let rest = line.split_once(key)?.1.trim_start();
    let end = rest.find([',', ' ']).unwrap_or(rest.len());
    parse_hotspot(&rest[..end])
}

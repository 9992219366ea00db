//! `jcmd PID GC.heap_info`: heap in use, committed and at most, for every collector of HotSpot.
//!
//! Forms (JDK 17 and 25 were run, the others are of the same family):
//! - G1: `garbage-first heap   total 17408K, used 3189K [0xf0000000, 0x100000000)`, since JDK 25 `total reserved 262144K, committed ..K,`;
//! - Serial, Parallel, CMS: one such line per generation, with `[start, committed end, reserved end)`;
//! - ZGC: `ZHeap  used 8M, capacity 256M, max capacity 256M`;
//! - Shenandoah: `256M max, 256M soft max, 256M committed, 3840K used`, in JDK 8 `1024M total, 640M committed, 487M used`.
//!
//! The reserved address ranges add up to the maximum heap.

use super::super::table::{between, binary};
use super::super::{Evidence, Found, Here, Line, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "jcmd GC.heap_info",
    letters: &[
        Letters::of("ZHeap "),
        Letters::of("Shenandoah Heap"),
        Letters::of(" total used "),
    ],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    if !is_heap_line(here.first().text) {
        return None;
    }
    let lines = extent(here.lines);
    let rows = &here.lines[..lines];
    Some(match facts_of(rows) {
        Ok(facts) if !facts.is_empty() => Found::new(lines, facts),
        Ok(_) => Found::broken(lines, here.first().number, "no sizes of the heap"),
        Err(line) => Found::broken(lines, line, "the sizes of the heap are not understood"),
    })
}

/// How many lines describe one heap: until something else begins, or its first generation comes again.
fn extent(lines: &[Line<'_>]) -> usize {
    let mut generations: Vec<&str> = Vec::new();
    let belongs = |line: &Line<'_>| {
        let text = line.text;
        if let Some(name) = generation_name(text) {
            let again = generations.contains(&name);
            generations.push(name);
            return !again;
        }
        text.starts_with(' ')
            || text.starts_with("Shenandoah Heap")
            || text.starts_with("Status:")
            || text.starts_with("Reserved region")
            || text.starts_with("Collection set")
            || text.starts_with("ZHeap") && generations.is_empty()
            || text.starts_with("Virtual bit map")
    };
    let mut first = true;
    let mut belongs = belongs;
    lines
        .iter()
        .take(60)
        .take_while(|l| std::mem::take(&mut first) | belongs(l))
        .count()
}

/// The sums over the generations of a heap.
#[derive(Default)]
struct Heap {
    used: u64,
    committed: u64,
    max: u64,
    line: u64,
}

/// Whether `line` is the first line of a heap.
pub(super) fn is_heap_line(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("ZHeap ")
        || line.starts_with("Shenandoah Heap")
        || generation_name(line).is_some()
}

/// The name of the generation that a line describes.
fn generation_name(line: &str) -> Option<&'static str> {
    const NAMES: [&str; 11] = [
        "garbage-first heap",
        "PSYoungGen",
        "ParOldGen",
        "PSOldGen",
        "def new generation",
        "DefNew",
        "tenured generation",
        "Tenured",
        "TenuredGeneration",
        "par new generation",
        "concurrent mark-sweep generation",
    ];
    let line = line.trim_start();
    let name = NAMES.iter().find(|name| line.starts_with(**name))?;
    (line.contains(" total ") && line.contains(" used ")).then_some(*name)
}

/// The facts of the heap described in `lines`; also used for the heap section of `VM.info`. The error is the number of a broken line.
pub(super) fn facts_of(lines: &[Line<'_>]) -> Result<Vec<Evidence>, u64> {
    let mut heap = Heap::default();
    let mut metaspace = Vec::new();
    for line in lines {
        let text = line.text.trim();
        let found = if generation_name(text).is_some() {
            generation(text)
        } else if text.starts_with("ZHeap ") {
            z_heap(text)
        } else if text.ends_with(" used") && (text.contains(" max, ") || text.contains(" total, "))
        {
            shenandoah(text)
        } else {
            if text.starts_with("Metaspace ") && metaspace.is_empty() {
                metaspace = metaspace_of(text, line.number);
            }
            continue;
        };
        let (used, committed, max) = found.ok_or(line.number)?;
        heap.used = heap.used.saturating_add(used);
        heap.committed = heap.committed.saturating_add(committed);
        heap.max = heap.max.saturating_add(max);
        if heap.line == 0 {
            heap.line = line.number;
        }
    }
    if heap.line == 0 {
        return Ok(Vec::new());
    }
    let mut facts = vec![
        Evidence::new(Quantity::HeapUsed, heap.used, heap.line),
        Evidence::new(Quantity::HeapCommitted, heap.committed, heap.line),
        Evidence::new(Quantity::MaxHeap, heap.max, heap.line),
    ];
    facts.extend(metaspace);
    Ok(facts)
}

/// ` Metaspace       used 51830K, capacity 53002K, committed 53296K, reserved 1095680K`.
fn metaspace_of(text: &str, line: u64) -> Vec<Evidence> {
    let fact = |key, quantity| Some(Evidence::new(quantity, size_after(text, key)?, line));
    [
        fact(" used ", Quantity::MetaspaceUsed),
        fact(" committed ", Quantity::MetaspaceCommitted),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Used, committed and reserved bytes of a generation of G1, Serial, Parallel or CMS.
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
            (name == what).then(|| binary(size))?
        })
    };
    Some((
        of("used")?,
        of("committed")?,
        of("max").or_else(|| of("total"))?,
    ))
}

/// The size that follows `key`, e.g. `total` in `total 17408K, used 3189K`.
fn size_after(line: &str, key: &str) -> Option<u64> {
    binary(between(line, key, &[',', ' ', '['])?)
}

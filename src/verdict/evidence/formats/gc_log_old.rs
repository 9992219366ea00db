//! A GC log of JDK 8 and before (`-XX:+PrintGC`, `PrintGCDetails`, `PrintHeapAtGC`): Serial, Parallel, CMS, G1.
//!
//! The heap before and after is in the outer brackets of a collection, its generations are in brackets within:
//! `[Full GC (Ergonomics) [PSYoungGen: 8K->0K(9K)] [ParOldGen: 5K->4K(7K)] 13K->4K(16K), [Metaspace: 3K->3K(4K)], 0.4 secs]`. A collection is
//! of the whole heap when it says so or when the old generation was collected too.

use super::super::table::binary;
use super::super::{Found, Here, Time};
use super::gc_log::Course;
use super::vm_flags;
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "GC log",
    letters: &[
        Letters::of("["),
        Letters::of("CommandLine flags:"),
        Letters::of(" Server VM ("),
        Letters::of("{Heap before GC"),
    ],
    read,
};

/// A log has its first collection within so many lines.
const FIRST: usize = 5_000;

const COLLECTIONS: [&str; 3] = ["[GC", "[Full GC", "[Pause "];

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if !(is_collection(first) || is_header(first) || first.starts_with("{Heap before GC")) {
        return None;
    }
    // A heading alone is no log.
    let collection = here.find("collection of JDK 8", is_collection)?;
    if collection >= FIRST {
        return None;
    }
    let lines = 1 + here.lines.iter().rposition(|l| is_log(l.text))?;
    let rows = &here.lines[..lines];
    let mut course = Course::default();
    for line in rows {
        take(&mut course, line.text, line.number);
    }
    Some(course.found(lines))
}

fn is_collection(line: &str) -> bool {
    line.contains('[') && COLLECTIONS.iter().any(|start| line.contains(start))
}

/// What the JVM writes when a log begins.
fn is_header(line: &str) -> bool {
    let is_version = line.contains(" Server VM (") && line.contains(" for ");
    line.starts_with("CommandLine flags:") || is_version
}

fn is_log(line: &str) -> bool {
    is_collection(line)
        || line.starts_with("   [")
        || line.starts_with(" [Times:")
        || line.starts_with("Heap after GC")
        || line == "}"
        || is_header(line)
        || line == "Heap"
        || super::heap_info::is_heap_line(line)
        || line.starts_with(" Metaspace ")
        || line.starts_with("  class space ")
        || line.starts_with("  eden space")
}

fn take(course: &mut Course, line: &str, number: u64) {
    if line.contains(" Server VM (") {
        course.restart();
    } else if line.starts_with("CommandLine flags:") {
        if let Ok(Some(bytes)) = vm_flags::max_heap_in(line) {
            course.max(bytes, number);
        }
    } else if let Some((_, heap)) = line.split_once("Heap: ").filter(|_| line.contains("->")) {
        // G1: `[Eden: .. Heap: 588.2M(1024.0M)->435.4M(1024.0M)], [Metaspace: ..]`.
        let change = heap
            .split(']')
            .next()
            .and_then(|heap| heap.rsplit_once("->"));
        if let Some((_, committed)) = change.and_then(|(_, after)| sizes(after)) {
            course.committed(committed, number);
        }
    } else if is_collection(line) {
        if let Some(seconds) = uptime(line) {
            course.uptime(seconds);
        }
        if let Some((after, committed)) = of_heap(line) {
            course.committed(committed, number);
            if is_full(line) {
                course.full(
                    after,
                    number,
                    Time::find(line.split(": ").next().unwrap_or("")),
                );
            }
        }
    }
}

/// Seconds since the start, before the first bracket: `16.524: [GC`.
fn uptime(line: &str) -> Option<f64> {
    let before = line.split('[').next()?;
    before
        .split_whitespace()
        .find_map(|w| w.strip_suffix(':')?.replace(',', ".").parse().ok())
}

fn is_full(line: &str) -> bool {
    const OLD: [&str; 4] = ["[CMS", "[Tenured", "[ParOldGen", "[PSOldGen"];
    let collected = |name: &str| {
        line.split_once(name).is_some_and(|(_, rest)| {
            // `[CMS-concurrent-mark` and `[1 CMS-remark: 3K(4K)]` collect nothing.
            let inner = rest.split(']').next().unwrap_or("");
            inner.starts_with([':', ' ', '(']) && inner.contains("->")
        })
    };
    line.contains("[Full GC")
        || line.contains("[Pause Full")
        || OLD.iter().any(|name| collected(name))
}

/// The whole heap after a collection, and its committed size: the last change in the outer brackets.
fn of_heap(line: &str) -> Option<(u64, u64)> {
    let start = COLLECTIONS.iter().filter_map(|c| line.find(c)).min()?;
    let mut depth = 0u32;
    let mut outer = String::new();
    for c in line[start..].chars().take(4_000) {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            c if depth == 1 => outer.push(c),
            _ => {}
        }
    }
    sizes(outer.rsplit_once("->")?.1)
}

/// Used and committed of `202625K(1005056K), 0.0264385 secs`.
fn sizes(after: &str) -> Option<(u64, u64)> {
    let (used, rest) = after.split_once('(')?;
    let (committed, _) = rest.split_once(')')?;
    Some((binary(used)?, binary(committed)?))
}

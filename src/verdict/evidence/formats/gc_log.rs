//! A GC log in the unified format (`-Xlog:gc`, JDK 9 and later): the heap after collections of the whole heap.
//!
//! `GC(7) Pause Full (System.gc()) 3M->2M(17M) 2.723ms` (G1, Serial, Parallel, Shenandoah), `GC(0) Garbage Collection (Warmup) 6M(2%)->4M(2%)`
//! (ZGC), `GC(0) Major Collection (..) 6M(2%)->4M(2%) 0.005s` (generational ZGC). Young and mixed collections leave garbage behind, so
//! they say nothing about what is live. The maximum heap is in `Heap Max Capacity: 256M` when `gc+init` is logged.
//! What the application writes in between is passed over.

use super::super::table::binary;
use super::super::{Evidence, Found, Here, Malformed, Quantity, Time};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "GC log",
    letters: &[Letters::of("[")],
    read,
};

/// What collections of the whole heap left, from the first to the last of one JVM.
#[derive(Default)]
pub(super) struct Course {
    first: Option<u64>,
    last: Option<(u64, u64, Option<Time>)>,
    fulls: u64,
    committed: Option<(u64, u64)>,
    max: Option<(u64, u64)>,
    uptime: f64,
    restarts: u64,
}

impl Course {
    /// A collection of the whole heap left `bytes`.
    pub fn full(&mut self, bytes: u64, line: u64, time: Option<Time>) {
        self.first.get_or_insert(bytes);
        self.fulls += 1;
        self.last = Some((bytes, line, time));
    }

    pub fn committed(&mut self, bytes: u64, line: u64) {
        self.committed = Some((bytes, line));
    }

    pub fn max(&mut self, bytes: u64, line: u64) {
        self.max = Some((bytes, line));
    }

    /// Seconds since the JVM started, as a line says it: when they fall, another JVM writes into the same log.
    pub fn uptime(&mut self, seconds: f64) {
        if seconds + 1.0 < self.uptime {
            self.restart();
        }
        self.uptime = seconds;
    }

    /// Another JVM begins: what was before is not compared with what comes.
    pub fn restart(&mut self) {
        if self.last.is_some() || self.committed.is_some() {
            self.restarts += 1;
        }
        *self = Course {
            restarts: self.restarts,
            ..Course::default()
        };
    }

    pub fn found(self, lines: usize) -> Found {
        let mut readings = Vec::new();
        if let Some((bytes, line)) = self.max {
            readings.push(Evidence::new(Quantity::MaxHeap, bytes, line));
        }
        if let Some((bytes, line)) = self.committed {
            readings.push(Evidence::new(Quantity::HeapCommitted, bytes, line));
        }
        if let (Some(first), Some((bytes, line, time))) = (self.first, self.last) {
            let live = Evidence::new(Quantity::HeapAfterFullCollection, bytes, line);
            let growth = super::super::clamp(bytes).saturating_sub(super::super::clamp(first));
            let growth =
                Evidence::signed(Quantity::HeapAfterFullCollectionGrowth, growth, line).at(time);
            readings.push(live.at(time));
            readings.extend((self.fulls > 1).then_some(growth));
        }
        let restart = (self.restarts > 0).then(|| {
            format!(
                "{} JVMs wrote this log: only the last one counts",
                self.restarts + 1
            )
        });
        let none = self.last.is_none().then(|| {
            "no collection of the whole heap in the log: what is live is not known".to_owned()
        });
        Found::new(lines, readings).without(restart.into_iter().chain(none))
    }
}

fn read(here: &Here<'_>) -> Option<Found> {
    let is_log = |text: &str| text.starts_with('[') && message(text).is_some();
    if !is_log(here.first().text) {
        return None;
    }
    let lines = 1 + here.lines.iter().rposition(|l| is_log(l.text))?;
    let mut course = Course::default();
    for line in &here.lines[..lines] {
        let Some(message) = message(line.text) else {
            continue;
        };
        if let Err(broken) = take(&mut course, line.text, message, line.number) {
            return Some(Found {
                lines,
                broken: Some(broken),
                ..Found::default()
            });
        }
    }
    Some(course.found(lines))
}

/// The text after the decorations of a line whose tags contain `gc`; without tags (`-Xlog:gc*::time,level`) of one that is about a collection.
fn message(line: &str) -> Option<&str> {
    let mut rest = line;
    let mut is_gc = false;
    while let Some(inner) = rest.strip_prefix('[') {
        let (decoration, after) = inner.split_once(']')?;
        is_gc |= decoration.split(',').any(|tag| tag.trim() == "gc");
        rest = after;
    }
    let text = rest.trim_start();
    let names_itself = || {
        let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        rest.len() < line.len()
            && (text.strip_prefix("GC(").is_some_and(number)
                || text.starts_with("Heap Max Capacity: ")
                || text.strip_prefix("Using ").is_some_and(is_collector))
    };
    (is_gc || names_itself()).then_some(rest)
}

/// What the first line of a log names.
fn is_collector(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "G1",
        "Serial",
        "Parallel",
        "Shenandoah",
        "The Z Garbage Collector",
        "Epsilon",
    ];
    NAMES.contains(&name)
}

/// Seconds since the start in the decorations: `[0.165s]`, `[165ms]`.
fn uptime(line: &str) -> Option<f64> {
    line.split('[').skip(1).take(4).find_map(|decoration| {
        let text = decoration.split(']').next()?;
        let seconds = |number: &str| number.parse::<f64>().ok();
        match text.strip_suffix("ms") {
            Some(ms) => seconds(ms).map(|ms| ms / 1000.0),
            None => text.strip_suffix('s').and_then(seconds),
        }
    })
}

/// Whether a message is about a collection of the whole heap.
fn is_full(message: &str) -> bool {
    // Shenandoah says no cause: `Pause Full 812M->301M(1024M)`.
    ["Pause Full ", "Garbage Collection (", "Major Collection ("]
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
        .or_else(|| reserved(message))
}

/// `400 MB` of `Heap address: 0x00000000e7000000, size: 400 MB, Compressed Oops mode: 32-bit`: the reserved address space is the maximum.
fn reserved(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("Heap address: ")?;
    super::super::table::between(rest, "size: ", &[','])
}

fn take(course: &mut Course, line: &str, message: &str, number: u64) -> Result<(), Malformed> {
    let broken = || Malformed::new(number, "the size is not understood");
    if let Some(seconds) = uptime(line) {
        course.uptime(seconds);
    }
    if let Some(size) = max_capacity(message) {
        course.max(binary(size).ok_or_else(broken)?, number);
        return Ok(());
    }
    let is_collection = is_full(message) || message.contains("Pause ");
    // The line at the start of a collection has no sizes.
    let Some((_, after)) = message.rsplit_once("->").filter(|_| is_collection) else {
        return Ok(());
    };
    // A log that is being written may end within a line.
    let Some(end) = after.find('(') else {
        return Ok(());
    };
    let bytes = binary(&after[..end]).ok_or_else(broken)?;
    if is_full(message) {
        course.full(
            bytes,
            number,
            Time::find(line.split(']').next().unwrap_or("")),
        );
    }
    let committed = after[end + 1..].split(')').next().and_then(binary);
    if let Some(committed) = committed {
        course.committed(committed, number);
    }
    Ok(())
}

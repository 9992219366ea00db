//! `jmap -heap PID` (JDK 8) and `jhsdb jmap --heap --pid PID`: configuration and use of each space of the heap.
//!
//! `From` and `To` of one young generation are both committed. G1 prints the sum as `G1 Heap:`, before the spaces that it is made of.

use super::super::table::is_digits;
use super::super::{Evidence, Found, Here, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "jmap -heap",
    letters: &[Letters::of("Heap Configuration:")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    if here.first().text.trim() != "Heap Configuration:" {
        return None;
    }
    let lines = here.run(belongs);
    let rows = &here.lines[..lines];
    let mut readings: Vec<Evidence> = rows
        .iter()
        .filter_map(|l| Some((l.number, value(l.text, "MaxHeapSize")?)))
        .map(|(number, bytes)| Evidence::new(Quantity::MaxHeap, bytes, number))
        .collect();
    let usage = rows.iter().position(|l| l.text.trim() == "Heap Usage:");
    if let Some(at) = usage {
        let (used, committed) = sums(rows[at + 1..].iter().map(|l| l.text));
        let number = rows[at].number;
        readings.push(Evidence::new(Quantity::HeapUsed, used, number));
        readings.push(Evidence::new(Quantity::HeapCommitted, committed, number));
    }
    if readings.is_empty() {
        return Some(Found::broken(
            lines,
            here.first().number,
            "no sizes of the heap (cut off?)",
        ));
    }
    Some(Found::new(lines, readings))
}

fn belongs(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || line.starts_with(' ')
        || text.ends_with(':')
        || text.contains(" = ")
        || text.ends_with("Generation")
        || text.ends_with("interned Strings")
        || text.contains("interned Strings occupying")
        || text.ends_with("% used")
}

/// Used and committed bytes: of the whole heap where it is given, else the sum of its spaces.
fn sums<'a>(lines: impl Iterator<Item = &'a str>) -> (u64, u64) {
    let mut total = (0u64, 0u64);
    let mut whole = None;
    let mut space = "";
    let mut capacity = 0u64;
    for line in lines {
        let text = line.trim();
        if !text.contains('=') && !text.is_empty() && !text.contains('%') {
            space = text;
        } else if let Some(bytes) = value(text, "capacity") {
            capacity = bytes;
        } else if let Some(used) = value(text, "used") {
            if is_whole(space) {
                whole = Some((used, capacity));
            } else if !is_sum(space) {
                total = (
                    total.0.saturating_add(used),
                    total.1.saturating_add(capacity),
                );
            }
        }
    }
    whole.unwrap_or(total)
}

fn is_whole(space: &str) -> bool {
    space == "G1 Heap:"
}

/// Eden and one survivor of Serial and CMS, which follow one by one.
fn is_sum(space: &str) -> bool {
    space.contains("Eden + 1 Survivor")
}

/// The bytes of `   capacity = 268959744 (256.5MB)`.
fn value(line: &str, key: &str) -> Option<u64> {
    let (name, rest) = line.split_once('=')?;
    let number = rest.split_whitespace().next()?;
    (name.trim() == key && is_digits(number)).then(|| number.parse().ok())?
}

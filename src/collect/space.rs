//! What a dump will need on the disk, estimated from what is live, and whether it is there: disk, and memory where the disk is memory.

use super::headroom::{self, Headroom};
use crate::verdict::evidence::{Quantity, read_file};
use std::path::Path;

/// Names, classes and stacks of a dump, beside its objects.
const BESIDES: u64 = 64 << 20;

/// Bytes that a dump may need by the heap in use, garbage included: twice that, since references take 8 bytes in a dump and 4 in most
/// heaps. Without the heap's size, by that of the process.
pub(super) fn by_heap_in_use(folder: &Path, heap_info: &str, status: &str) -> u64 {
    let used = |file: &str, wanted: fn(&Quantity) -> bool| {
        let facts = read_file(&folder.join(file)).ok()?;
        let fact = facts.into_iter().rev().find(|f| wanted(&f.quantity))?;
        u64::try_from(fact.bytes).ok()
    };
    let heap = used(heap_info, |q| *q == Quantity::HeapUsed);
    let process = || used(status, |q| matches!(q, Quantity::Resident(_)));
    let bytes = heap.or_else(process).unwrap_or(0);
    bytes.saturating_mul(2).saturating_add(BESIDES)
}

/// Bytes that a dump may need by the class histogram `text` of live objects; `None` when it is none.
pub(super) fn by_histogram(text: &str) -> Option<u64> {
    let mut bytes: u64 = 0;
    let mut is_whole = false;
    for line in text.lines() {
        if line.trim_start().starts_with("Total ") {
            is_whole = true;
        }
        if let Some(row) = row(line) {
            bytes = bytes.saturating_add(row);
        }
    }
    is_whole.then(|| bytes.saturating_add(BESIDES))
}

/// What the objects of one class take in a dump: `   2:         57893        3067696  [B (java.base@17.0.15)`.
///
/// A record has a head of 18 to 25 bytes where the object has one of 8 to 16; numbers are as large in both, references up to twice.
fn row(line: &str) -> Option<u64> {
    let mut words = line.split_whitespace();
    words.next()?.strip_suffix(':')?.parse::<u64>().ok()?;
    let objects: u64 = words.next()?.parse().ok()?;
    let bytes: u64 = words.next()?.parse().ok()?;
    let class = words.next()?.as_bytes();
    let body = bytes.saturating_sub(objects.saturating_mul(8));
    let (head, factor) = match class {
        [
            b'[',
            b'B' | b'C' | b'D' | b'F' | b'I' | b'J' | b'S' | b'Z',
            ..,
        ] => (18, 1),
        _ => (25, 2),
    };
    Some(
        objects
            .saturating_mul(head)
            .saturating_add(body.saturating_mul(factor)),
    )
}

/// A place that a dump is written to.
pub(super) struct Place {
    /// The folder, for messages.
    pub path: std::path::PathBuf,
    /// Bytes that are free there.
    pub free: u64,
    /// Its files are memory.
    pub in_memory: bool,
    /// What limits whoever writes there.
    pub room: Option<Headroom>,
}

/// Why a dump may not be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shortage {
    /// A place has no space.
    Disk {
        /// Which.
        path: std::path::PathBuf,
        /// Bytes that are free there.
        free: u64,
    },
    /// A control group has no room.
    Memory(Headroom),
}

/// What is short, when a dump of `needed` bytes is written to all of `places`; the JVM itself is limited by `jvm`.
pub(super) fn shortage(needed: u64, places: &[Place], jvm: Option<&Headroom>) -> Option<Shortage> {
    if let Some(place) = places.iter().find(|place| place.free < needed) {
        return Some(Shortage::Disk {
            path: place.path.clone(),
            free: place.free,
        });
    }
    let mut groups: Vec<(&Headroom, u64)> =
        jvm.map(|room| (room, headroom::DUMP)).into_iter().collect();
    for place in places.iter().filter(|place| place.in_memory) {
        let Some(room) = &place.room else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|(known, _)| known.group == room.group)
        {
            Some((_, sum)) => *sum = sum.saturating_add(needed),
            None => groups.push((room, needed)),
        }
    }
    let tight = groups
        .into_iter()
        .find(|(room, needed)| room.left < *needed);
    tight.map(|(room, _)| Shortage::Memory(room.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_tells_what_a_dump_needs() {
        let text = " num     #instances         #bytes  class name (module)\n\
            -------------------------------------------------------\n   \
            1:           100      104857600  [B (java.base@17.0.15)\n   \
            2:          1000          16000  java.lang.Integer (java.base@17.0.15)\n\
            Total          1100      104873600\n";
        let bytes = by_histogram(text).expect("a histogram") - BESIDES;
        // 100 arrays with heads of 18 bytes instead of 8; 1,000 records of 25 bytes and at most 16 for what is in them.
        assert_eq!(bytes, 104_857_600 + 1_000 + 1_000 * (25 + 16));
        assert_eq!(by_histogram(&text[..200]), None, "cut off");
        assert_eq!(by_histogram("Unknown diagnostic command"), None);
    }

    #[test]
    fn a_file_system_in_memory_needs_room_too() {
        let room = |left| Headroom {
            group: (1, 2),
            limit: 1 << 30,
            left,
        };
        let place = |free, in_memory, left| Place {
            path: "/tmp".into(),
            free,
            in_memory,
            room: Some(room(left)),
        };
        let mib = 1 << 20;
        let jvm = room(200 * mib);
        assert_eq!(
            shortage(150 * mib, &[place(160 * mib, false, 200 * mib)], Some(&jvm)),
            None
        );
        let disk = shortage(150 * mib, &[place(100 * mib, false, 200 * mib)], Some(&jvm));
        assert!(matches!(disk, Some(Shortage::Disk { free, .. }) if free == 100 * mib));
        // 150 and 32 MiB of 200; twice 150 and 32 MiB.
        let one = [place(900 * mib, true, 200 * mib)];
        assert_eq!(shortage(150 * mib, &one, Some(&jvm)), None);
        let two = [
            place(900 * mib, true, 200 * mib),
            place(900 * mib, true, 200 * mib),
        ];
        assert_eq!(
            shortage(150 * mib, &two, Some(&jvm)),
            Some(Shortage::Memory(jvm.clone()))
        );
        let tight = room(10 * mib);
        assert_eq!(
            shortage(0, &[], Some(&tight)),
            Some(Shortage::Memory(tight.clone()))
        );
        assert_eq!(shortage(0, &[], None), None);
    }
}

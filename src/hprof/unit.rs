//! Work units: pieces of the heap of about a mebibyte that threads read independently.

use super::container::Container;
use super::cursor::IdSize;
use super::damage::{self, Damage, DamageCode};
use super::sub_record::{SubRecordError, SubRecords};

/// Segments up to this size stay whole; larger ones are cut at sub-record borders.
const LARGEST_WHOLE: usize = 4 << 20;
/// The size a unit aims at, in bytes.
const TARGET: usize = 1 << 20;

/// A run of heap ranges that one thread reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Index of the first range.
    pub first: usize,
    /// Index after the last range.
    pub last: usize,
}

/// The heap, cut into units. Ranges are file offsets `start..end` and begin at a sub-record.
#[derive(Debug, Default)]
pub struct Units {
    /// The ranges in file order.
    pub ranges: Vec<(usize, usize)>,
    /// The units in file order; together they cover all ranges once.
    pub units: Vec<Unit>,
}

impl Units {
    /// Cuts the segments of `container`. Large segments are hopped over once to find borders; where that meets bytes that
    /// are no sub-record, the rest of the segment is recorded in `damage` and left out.
    pub fn cut(bytes: &[u8], container: &Container, id: IdSize, damage: &mut Vec<Damage>) -> Units {
        let mut ranges = Vec::with_capacity(container.segments.len());
        for &(start, end) in &container.segments {
            if end - start <= LARGEST_WHOLE {
                ranges.push((start, end));
            } else {
                cut_segment(bytes, start, end, id, &mut ranges, damage);
            }
        }
        let units = group(&ranges);
        Units { ranges, units }
    }

    /// Bytes in all ranges.
    pub fn bytes(&self) -> u64 {
        self.ranges
            .iter()
            .map(|(start, end)| (end - start) as u64)
            .sum()
    }

    /// The ranges of `unit`.
    pub fn ranges_of(&self, unit: Unit) -> &[(usize, usize)] {
        &self.ranges[unit.first..unit.last]
    }

    /// File offsets from the start of the unit's first range to the end of its last.
    pub fn span(&self, unit: Unit) -> (usize, usize) {
        let ranges = self.ranges_of(unit);
        match (ranges.first(), ranges.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (0, 0),
        }
    }
}

fn group(ranges: &[(usize, usize)]) -> Vec<Unit> {
    let mut units = Vec::new();
    let (mut first, mut size) = (0, 0);
    for (i, (start, end)) in ranges.iter().enumerate() {
        size += end - start;
        if size >= TARGET {
            units.push(Unit { first, last: i + 1 });
            (first, size) = (i + 1, 0);
        }
    }
    if first < ranges.len() {
        units.push(Unit {
            first,
            last: ranges.len(),
        });
    }
    units
}

fn cut_segment(
    bytes: &[u8],
    start: usize,
    end: usize,
    id: IdSize,
    ranges: &mut Vec<(usize, usize)>,
    damage: &mut Vec<Damage>,
) {
    let mut records = SubRecords::new(bytes, start, end, id);
    let mut from = start;
    loop {
        let before = records.position();
        if before - from >= TARGET {
            ranges.push((from, before));
            from = before;
        }
        match records.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                damage::add(damage, lost_rest(error, end));
                ranges.push((from, before));
                return;
            }
        }
    }
    if from < end {
        ranges.push((from, end));
    }
}

/// The damage that a sub-record which cannot be read does: the rest of its range, up to `end`, is lost.
pub fn lost_rest(error: SubRecordError, end: usize) -> Damage {
    let SubRecordError {
        offset,
        tag,
        known_tag,
    } = error;
    let lost = end.saturating_sub(offset);
    if known_tag {
        let message = format!(
            "sub-record with tag 0x{tag:02x} at byte {offset} does not fit its segment; {lost} bytes were not read"
        );
        Damage::new(DamageCode::BadSubRecord, offset, lost, message)
    } else {
        let message = format!(
            "unknown sub-record tag 0x{tag:02x} at byte {offset}; the rest of its segment, {lost} bytes, was not read"
        );
        Damage::new(DamageCode::UnknownSubRecord, offset, lost, message)
    }
}

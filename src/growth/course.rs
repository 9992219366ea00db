//! From a row of numbers to a course. The numbers are of one process, oldest first.

use super::model::Course;

/// Less growth than this is no growth: within one process constant heaps moved by 16 B to 20 KB.
pub const NOISE_BYTES: u64 = 64 << 10;
/// Objects that come and go in a constant collection.
const NOISE_OBJECTS: u64 = 2;

/// What one thing measured at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Bytes; the floor where fewer are not listed.
    pub bytes: u64,
    /// Objects, where they are known.
    pub objects: Option<u64>,
    /// It was listed.
    pub listed: bool,
}

/// Whether what was `before` is more `now`, beyond what constant things move.
pub fn is_more(before: Point, now: Point) -> bool {
    let more = now.bytes.saturating_sub(before.bytes);
    if more < NOISE_BYTES / 4 {
        return false;
    }
    let tenth = more >= before.bytes / 10;
    match (before.objects, now.objects) {
        (Some(before), Some(now)) => {
            let added = now.saturating_sub(before);
            tenth || added > NOISE_OBJECTS.max(before / 200)
        }
        _ => more >= before.bytes / 32,
    }
}

/// The course of a row of bytes and objects over the judged inputs; a row that says nothing there has none.
pub(super) fn course_of(points: &[Point], at_bound: bool) -> Option<Course> {
    (points.len() > 1).then(|| course(points, at_bound))
}

/// The course of `points`, of which there are two or more.
pub fn course(points: &[Point], at_bound: bool) -> Course {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
        return Course::Constant;
    };
    let significant = |before: Point, now: Point| {
        is_more(before, now) && now.bytes.saturating_sub(before.bytes) >= NOISE_BYTES
    };
    let Some(&peak) = points.iter().max_by_key(|point| point.bytes) else {
        return Course::Constant;
    };
    // What is left of a peak may be the room that a collection made for it.
    let risen = peak.bytes.saturating_sub(first.bytes);
    let left = last.bytes.saturating_sub(first.bytes);
    if significant(first, peak) && significant(last, peak) && left < risen / 2 {
        return Course::Peaked;
    }
    if significant(first, last) && !comes_and_goes(points) {
        let before = points[points.len() - 2];
        let still = points.len() == 2 || grows_on(points, before, last);
        return match (at_bound || !still, first.listed) {
            (true, _) => Course::WarmedUp,
            (false, true) => Course::Grew,
            (false, false) => Course::Appeared,
        };
    }
    if comes_and_goes(points) && significant(first, peak) {
        return Course::Peaked;
    }
    match significant(last, first) {
        true if last.listed => Course::Shrank,
        true => Course::Gone,
        false => Course::Constant,
    }
}

/// Whether what came before went away again for the most part, and what is there now is no more than what was there already: a buffer
/// that fills and empties.
fn comes_and_goes(points: &[Point]) -> bool {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
        return false;
    };
    let mut peak = first;
    let mut emptied = None;
    for &point in points {
        if point.bytes > peak.bytes {
            peak = point;
        }
        let risen = peak.bytes.saturating_sub(first.bytes);
        if risen >= NOISE_BYTES && point.bytes.saturating_sub(first.bytes) < risen / 2 {
            emptied = Some(peak.bytes);
        }
    }
    emptied.is_some_and(|before| last.bytes < before.saturating_add(before / 2))
}

/// Whether the last interval still adds: at least a twentieth of what the one that added most did.
fn grows_on(points: &[Point], before: Point, last: Point) -> bool {
    let added = |pair: &[Point]| pair[1].bytes.saturating_sub(pair[0].bytes);
    let most = points.windows(2).map(added).max().unwrap_or(0);
    is_more(before, last) && last.bytes.saturating_sub(before.bytes) >= most / 20
}

/// Intervals in which it grew.
pub fn intervals_grown(points: &[Point]) -> u32 {
    points
        .windows(2)
        .filter(|pair| is_more(pair[0], pair[1]))
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(row: &[(u64, u64)]) -> Course {
        let point = |&(kib, objects): &(u64, u64)| Point {
            bytes: kib << 10,
            objects: Some(objects),
            listed: kib > 16,
        };
        course(&row.iter().map(point).collect::<Vec<_>>(), false)
    }

    #[test]
    fn courses() {
        for (row, expected) in [
            (
                &[(900, 3_000), (3_900, 12_000), (7_800, 24_000)][..],
                Course::Grew,
            ),
            (&[(16, 0), (400, 300)], Course::Appeared),
            (
                &[(900, 3_000), (4_500, 15_000), (4_501, 15_000)],
                Course::WarmedUp,
            ),
            (&[(300, 300), (8_000, 25_000), (430, 600)], Course::Peaked),
            (&[(8_000, 25_000), (430, 600)], Course::Shrank),
            (&[(8_000, 25_000), (16, 0)], Course::Gone),
            // A cache that replaces what it has: as many entries, of other sizes.
            (&[(5_000, 6_000), (5_150, 6_001)], Course::Constant),
            // The entries grow, not their number.
            (&[(500, 100), (3_000, 100)], Course::Grew),
            // A large one that grows slowly.
            (
                &[(100_000, 300_000), (101_000, 303_000), (102_000, 306_000)],
                Course::Grew,
            ),
            (&[(500, 100), (520, 110)], Course::Constant),
            // It fills and empties.
            (
                &[
                    (1_000, 2_000),
                    (4_800, 9_000),
                    (1_100, 2_200),
                    (5_000, 9_500),
                ],
                Course::Peaked,
            ),
            // It was emptied once, and grows far beyond what it was.
            (
                &[
                    (1_000, 2_000),
                    (4_800, 9_000),
                    (1_100, 2_200),
                    (9_000, 18_000),
                ],
                Course::Grew,
            ),
        ] {
            assert_eq!(of(row), expected, "{row:?}");
        }
    }

    #[test]
    fn what_is_full_has_warmed_up() {
        let points = [(900, 3_000), (4_500, 15_000)].map(|(kib, objects)| Point {
            bytes: kib << 10,
            objects: Some(objects),
            listed: true,
        });
        assert_eq!(course(&points, true), Course::WarmedUp);
    }
}

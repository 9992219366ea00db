//! From `Runtime.maxMemory()` back to the maximum heap: the serial and the parallel collector leave one survivor space out.
//!
//! The serial collector leaves out a tenth of the largest young generation. The parallel one leaves out a third of it, the most its adaptive
//! policy allows, or the space as it is where that is more memory (`ParallelScavengeHeap::max_capacity`): at the start, when the limit of direct
//! memory is derived, that is an eighth of the young generation if the heap begins at its maximum (`-Xms` like `-Xmx`, or a small `-Xmx` on a
//! large machine).

use super::collector::Collector;

/// Unit of the generations of the serial collector on Linux, in bytes (`GenAlignment`); up to JDK 7 of the parallel one too.
const SERIAL_UNIT: u64 = 64 << 10;
/// Unit of the generations of the parallel collector since JDK 8, in bytes (`SpaceAlignment`).
const PARALLEL_UNIT: u64 = 512 << 10;
/// Unit of the maximum heap of both, in bytes (`HeapAlignment`).
const HEAP_UNIT: u64 = 2 << 20;
/// Smallest region of G1 in bytes: its maximum heap is a multiple.
const REGION: u64 = 1 << 20;
/// A number that is so much rounder is believed whatever else fits; in thirds of a bit.
const FAR_ROUNDER: u32 = 24;
/// So much rounder is enough where the other possibility is the unusual one.
const ROUNDER: u32 = 6;

/// HotSpot places a heap that fits just below this address, where references need no base.
const FOUR_GIB: u64 = 4 << 30;

/// The rules of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// JDK 6 and 7.
    Jdk7,
    /// JDK 8: the parallel collector is the usual one.
    Jdk8,
    /// JDK 9 and later: G1 is the usual one, on small machines the serial one; nobody gets the parallel one without asking.
    Modern,
}

/// What is known of the maximum heap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heap {
    Is(u64),
    /// At least and, with generations of the usual sizes, at most.
    Between(u64, u64),
}

/// The maximum heap of which `Runtime.maxMemory()` is `max_memory`.
///
/// Without the collector's name several heaps may fit: G1's, ZGC's and Shenandoah's is the number itself, when that is a multiple of a MiB; the
/// others' are larger by a survivor space. The lowest address of an object, `lowest`, tells when it is where one of them begins: G1 and the parallel
/// collector pack objects from there. People and container limits set round sizes, so a far rounder one is believed. Where that does not
/// decide either, the answer is a range: a wrong maximum is worse than none.
pub(super) fn heap_of(
    max_memory: u64,
    collector: Collector,
    era: Era,
    lowest: Option<u64>,
) -> Heap {
    let begins_there = |heap: &u64| lowest.is_some() && lowest == FOUR_GIB.checked_sub(*heap);
    let serial = solve(max_memory, 10, SERIAL_UNIT);
    let unit = match era {
        Era::Jdk7 => SERIAL_UNIT,
        Era::Jdk8 | Era::Modern => PARALLEL_UNIT,
    };
    let parallel: Vec<u64> = [3, 8]
        .into_iter()
        .filter_map(|parts| solve(max_memory, parts, unit))
        .collect();
    // A young generation of a third of the heap, and of that a tenth or a third.
    let (with_serial, with_parallel) = (max_memory / 29 * 30, max_memory / 8 * 9);
    match collector {
        // These leave nothing out.
        Collector::G1 | Collector::Regions => Heap::Is(max_memory),
        Collector::Serial => serial.map_or(Heap::Between(max_memory, with_serial), Heap::Is),
        Collector::Cms => Heap::Between(max_memory, with_serial),
        Collector::Parallel => {
            if let Some(heap) = parallel.iter().copied().find(begins_there) {
                return Heap::Is(heap);
            }
            choose(&parallel, |_, _| ROUNDER).unwrap_or(Heap::Between(max_memory, with_parallel))
        }
        Collector::Unknown => {
            let regions = max_memory.is_multiple_of(REGION).then_some(max_memory);
            let fits: Vec<u64> = regions
                .into_iter()
                .chain(serial)
                .chain(parallel.iter().copied())
                .collect();
            if let Some(heap) = fits.iter().copied().find(begins_there) {
                return Heap::Is(heap);
            }
            let margin = |heap: u64, other: u64| match era {
                Era::Jdk7 | Era::Jdk8 => FAR_ROUNDER,
                Era::Modern if regions == Some(heap) && parallel.contains(&other) => 0,
                Era::Modern if regions == Some(other) => FAR_ROUNDER,
                Era::Modern => ROUNDER,
            };
            choose(&fits, margin).unwrap_or(Heap::Between(max_memory, with_parallel))
        }
    }
}

/// The one of `fits` that is the case, if that can be decided, else from the least to the most of them; `None` where nothing fits. `margin(a, b)` is
/// by how much `a` must be rounder than `b` to be believed.
fn choose(fits: &[u64], margin: impl Fn(u64, u64) -> u32) -> Option<Heap> {
    let stands_out = |heap: &u64| {
        fits.iter().all(|other| {
            other == heap || roundness(*heap) >= roundness(*other) + margin(*heap, *other)
        })
    };
    if let Some(heap) = fits.iter().copied().find(stands_out) {
        return Some(Heap::Is(heap));
    }
    Some(Heap::Between(*fits.iter().min()?, *fits.iter().max()?))
}

/// How round a size in MiB is, in thirds of a bit: `1024` is 30, `1500` is 20 (two decimal zeros are worth more than two bits), `1450` is 10.
fn roundness(bytes: u64) -> u32 {
    let mib = bytes / REGION;
    if mib == 0 || !bytes.is_multiple_of(REGION) {
        return 0;
    }
    let mut decimal_zeros = 0;
    let mut rest = mib;
    while rest.is_multiple_of(10) {
        rest /= 10;
        decimal_zeros += 1;
    }
    (3 * mib.trailing_zeros()).max(10 * decimal_zeros)
}

/// The survivor space of a heap: a third of it is the young generation, and of that one part in `parts`.
fn survivor(heap: u64, parts: u64, unit: u64) -> u64 {
    let down = |bytes: u64| bytes - bytes % unit;
    down(down(heap / 3) / parts)
}

/// The heap that less its survivor space is `max_memory`, to the byte.
fn solve(max_memory: u64, parts: u64, unit: u64) -> Option<u64> {
    let about = max_memory / (3 * parts - 1) * (3 * parts) / HEAP_UNIT;
    (about.saturating_sub(2)..=about + 2)
        .map(|units| units * HEAP_UNIT)
        .find(|&heap| heap.saturating_sub(survivor(heap, parts, unit)) == max_memory)
        .filter(|&heap| heap > max_memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn heap_of(max_memory: u64, collector: Collector, era: Era) -> Heap {
        super::heap_of(max_memory, collector, era, None)
    }

    /// As JDK 17 and 25 place the heaps of `-Xmx96m` with G1 and `-Xms100m -Xmx100m` with the parallel collector, of which both say 96 MiB.
    #[test]
    fn where_the_heap_begins_settles_it() {
        let heap = |lowest| super::heap_of(96 * MIB, Collector::Unknown, Era::Modern, Some(lowest));
        assert_eq!(heap(0xfa00_0000), Heap::Is(96 * MIB));
        assert_eq!(heap(0xf9c0_0000), Heap::Is(100 * MIB));
        assert_eq!(heap(0xfa00_0010), Heap::Between(96 * MIB, 108 * MIB));
        assert_eq!(heap(0x7f00_0000_0000), Heap::Between(96 * MIB, 108 * MIB));
    }

    /// `Runtime.maxMemory()` as JDK 17 and 25 return it for `-Xmx` of these MiB: with the serial collector, with the parallel one that begins
    /// small, and with the parallel one that begins at its maximum (`-Xms` the same).
    const MEASURED: [(u64, u64, u64, u64); 8] = [
        (64, 64_880_640, 59_768_832, 64_487_424),
        (100, 101_384_192, 93_323_264, 100_663_296),
        (256, 259_522_560, 239_075_328, 257_425_408),
        (512, 518_979_584, 477_626_368, 514_850_816),
        (1024, 1_037_959_168, 954_728_448, 1_029_177_344),
        (1500, 1_520_435_200, 1_398_276_096, 1_507_328_000),
        (3000, 3_040_870_400, 2_796_552_192, 3_014_656_000),
        (4096, 4_151_836_672, 3_817_865_216, 4_116_185_088),
    ];

    #[test]
    fn the_survivor_space_is_given_back() {
        for (mib, serial, parallel, at_maximum) in MEASURED {
            let heap = mib * MIB;
            let of = |number, collector| heap_of(number, collector, Era::Modern);
            assert_eq!(of(serial, Collector::Serial), Heap::Is(heap));
            assert_eq!(of(parallel, Collector::Parallel), Heap::Is(heap));
            assert_eq!(of(at_maximum, Collector::Parallel), Heap::Is(heap));
            assert_eq!(of(heap, Collector::Regions), Heap::Is(heap));
        }
    }

    /// The heap is found, or it is in the range: never another number.
    #[track_caller]
    fn is_found(found: Heap, heap: u64) -> bool {
        match found {
            Heap::Is(bytes) => {
                assert_eq!(bytes, heap);
                true
            }
            Heap::Between(low, high) => {
                assert!((low..=high).contains(&heap), "{heap}: {low}..{high}");
                assert!(high - low <= low / 8, "{low}..{high}");
                false
            }
        }
    }

    #[test]
    fn without_the_collectors_name_the_number_tells_or_a_range_is_told() {
        for (mib, serial, parallel, at_maximum) in MEASURED {
            let heap = mib * MIB;
            for era in [Era::Jdk8, Era::Modern] {
                for number in [heap, serial, parallel, at_maximum] {
                    is_found(heap_of(number, Collector::Unknown, era), heap);
                }
            }
            // What G1 has by default, and what fits the serial collector alone, is known.
            let modern = |number| heap_of(number, Collector::Unknown, Era::Modern);
            assert!(is_found(modern(heap), heap), "{mib}");
            for number in [serial, parallel, at_maximum] {
                if !number.is_multiple_of(MIB) {
                    assert!(is_found(modern(number), heap), "{mib}: {number}");
                }
            }
        }
        let modern = |number| heap_of(number, Collector::Unknown, Era::Modern);
        // 4 GiB are far rounder than 3,641 MiB.
        assert_eq!(modern(3_817_865_216), Heap::Is(4 << 30));
        // 1,450 MiB, or 1,500 MiB of the serial collector; 96 MiB, 100 MiB that are all committed, or 108 MiB.
        assert_eq!(modern(1_520_435_200), Heap::Between(1450 * MIB, 1500 * MIB));
        assert_eq!(modern(100_663_296), Heap::Between(96 * MIB, 108 * MIB));
    }

    #[test]
    fn old_virtual_machines() {
        let of = |number, era| heap_of(number, Collector::Unknown, era);
        // JDK 7 with the parallel collector: a quarter of 8,080 MiB; JDK 6 with 952 MiB.
        assert_eq!(of(1_882_783_744, Era::Jdk7), Heap::Is(2020 * MIB));
        assert_eq!(of(887_357_440, Era::Jdk7), Heap::Is(952 * MIB));
        // JDK 8 on the same machine: 2,020 MiB, or 1,796 MiB of G1.
        assert_eq!(
            of(1_883_242_496, Era::Jdk8),
            Heap::Between(1796 * MIB, 2020 * MIB)
        );
        let parallel = heap_of(1_883_242_496, Collector::Parallel, Era::Jdk8);
        assert_eq!(parallel, Heap::Is(2020 * MIB));
        // 100 MiB of G1, or 112 MiB of the parallel collector.
        assert_eq!(
            of(100 * MIB, Era::Jdk8),
            Heap::Between(100 * MIB, 112 * MIB)
        );
        assert_eq!(of(477_626_368, Era::Jdk8), Heap::Is(512 * MIB));
    }

    #[test]
    fn generations_of_unusual_sizes_leave_a_range() {
        // -Xmn: no rule of the usual sizes fits.
        let found = heap_of(66_650_112, Collector::Serial, Era::Jdk8);
        assert_eq!(found, Heap::Between(66_650_112, 66_650_112 / 29 * 30));
        let found = heap_of(66_650_112, Collector::Unknown, Era::Jdk8);
        assert_eq!(found, Heap::Between(66_650_112, 66_650_112 / 8 * 9));
        let cms = heap_of(100 * MIB, Collector::Cms, Era::Jdk8);
        assert!(matches!(cms, Heap::Between(low, _) if low == 100 * MIB));
    }

    #[test]
    fn round_sizes() {
        let ranks = [1024, 1500, 1450, 100, 112, 89, 1000].map(|mib| roundness(mib * MIB));
        assert_eq!(ranks, [30, 20, 10, 20, 12, 0, 30]);
        assert_eq!(roundness(MIB / 2), 0);
    }
}

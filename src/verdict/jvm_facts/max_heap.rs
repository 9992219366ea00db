//! The maximum heap, from what the JDK derived of it at start.
//!
//! The limit of direct memory (`jdk.internal.misc.VM.directMemory`, later copied to `java.nio.Bits.MAX_MEMORY`) is
//! `Runtime.maxMemory()` unless `-XX:MaxDirectMemorySize` says something else; then HotSpot passes the property
//! `sun.nio.MaxDirectMemorySize`, which stays in `VM.savedProps`. `Runtime.maxMemory()` is the maximum heap, less one survivor space with
//! the serial and the parallel collector.

use super::Flags;
use super::maps::StringMap;
use crate::heap::Snapshot;
use crate::hprof::FieldValue;
use crate::verdict::facts::Sourced;

/// `VM.directMemory` before the VM is initialised, and the default up to JDK 5, in bytes.
const UNSET: u64 = 64 << 20;
/// Unit of the generations of the serial and of the parallel collector on Linux, in bytes (`GenAlignment`, `SpaceAlignment`).
const SERIAL_UNIT: u64 = 64 << 10;
const PARALLEL_UNIT: u64 = 512 << 10;
/// Unit of the maximum heap of both, in bytes (`HeapAlignment`).
const HEAP_UNIT: u64 = 2 << 20;
/// Smallest region of G1 in bytes: its maximum heap is a multiple.
const REGION: u64 = 1 << 20;

/// The limit of direct memory, and whether it is `Runtime.maxMemory()`.
#[derive(Debug, Default)]
pub(super) struct DirectLimit {
    /// The limit.
    pub limit: Option<Sourced>,
    /// Nobody set the limit: it is `Runtime.maxMemory()`. `None` when the dump does not tell.
    pub is_max_memory: Option<bool>,
}

impl DirectLimit {
    /// Reads the limit and the clues to where it comes from.
    pub fn read(
        snapshot: &Snapshot,
        properties: &[StringMap<'_, '_>],
        java_version: Option<&str>,
    ) -> DirectLimit {
        let Some((limit, modern)) = limit(snapshot) else {
            return DirectLimit::default();
        };
        // Only the saved properties keep it; without them nothing can be said.
        let property = properties
            .iter()
            .find_map(|map| map.get("sun.nio.MaxDirectMemorySize"));
        let is_max_memory = match property.as_deref() {
            Some("-1" | "") => Some(true),
            Some(_) => Some(false),
            // JDK 9 and later pass the property only when the option is given.
            None if modern => has_saved_properties(snapshot).then_some(true),
            // Earlier ones pass it always; where the map is gone, the value 64 MiB says that nothing was derived.
            None => (limit.bytes != UNSET && java_version.is_some_and(derives)).then_some(true),
        };
        DirectLimit {
            limit: Some(limit),
            is_max_memory,
        }
    }
}

/// Whether a JDK before 9 derives the limit from the heap: since 6.
fn derives(java_version: &str) -> bool {
    ["1.6.", "1.7.", "1.8."]
        .iter()
        .any(|version| java_version.starts_with(version))
}

/// The limit of direct memory; whether it was read in a class of JDK 9 or later.
fn limit(snapshot: &Snapshot) -> Option<(Sourced, bool)> {
    let fields = [
        ("jdk.internal.misc.VM", "directMemory", true),
        ("sun.misc.VM", "directMemory", false),
    ];
    let (bytes, class, field, modern) = fields.into_iter().find_map(|(class, field, modern)| {
        let bytes = static_size(snapshot, class, field)?;
        Some((bytes, class, field, modern))
    })?;
    let in_bits = ["MAX_MEMORY", "maxMemory"]
        .into_iter()
        .find(|name| static_size(snapshot, "java.nio.Bits", name) == Some(bytes));
    let source = match in_bits {
        Some(name) => format!("java.nio.Bits.{name}"),
        None => format!("{class}.{field}"),
    };
    Some((Sourced { bytes, source }, modern))
}

fn static_size(snapshot: &Snapshot, class: &str, field: &str) -> Option<u64> {
    let mut classes = snapshot.classes().named(class);
    let value = classes.find_map(|class| snapshot.static_field(class, field))?;
    let bytes = u64::try_from(FieldValue::integer(value)?).ok()?;
    (bytes > 0).then_some(bytes)
}

fn has_saved_properties(snapshot: &Snapshot) -> bool {
    snapshot
        .static_object("jdk.internal.misc.VM", "savedProps")
        .is_some()
}

/// The maximum heap: as an argument says it, else from the limit of direct memory where that was derived from it.
pub(super) fn max_heap(
    snapshot: &Snapshot,
    flags: &Flags,
    direct: &DirectLimit,
    vm_name: Option<&str>,
) -> Option<Sourced> {
    if let Some(given) = flags.max_heap() {
        return Some(given);
    }
    // OpenJ9 derives 87.5 % of the maximum heap; other virtual machines something else again.
    let is_hotspot = vm_name.is_none_or(|name| {
        [
            "HotSpot",
            "OpenJDK",
            "Zing",
            "GraalVM",
            "SapMachine",
            "Dragonwell",
        ]
        .iter()
        .any(|known| name.contains(known))
    });
    let limit = direct.limit.as_ref()?;
    // An unlimited heap (`Long.MAX_VALUE`) is no maximum.
    if !is_hotspot || direct.is_max_memory != Some(true) || limit.bytes > 1 << 50 {
        return None;
    }
    let is_old = snapshot.classes().named("sun.misc.VM").next().is_some();
    let heap = heap_of(limit.bytes, Collector::of(flags), is_old);
    Some(match heap == limit.bytes {
        true => limit.clone(),
        false => Sourced {
            bytes: heap,
            source: format!(
                "{} and one survivor space, which it leaves out",
                limit.source
            ),
        },
    })
}

/// What is known of the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collector {
    Serial,
    Parallel,
    /// One that leaves nothing out of `Runtime.maxMemory()`.
    Regions,
    Unknown,
}

impl Collector {
    fn of(flags: &Flags) -> Collector {
        let has = |names: &[&str]| {
            names
                .iter()
                .any(|name| flags.has(&format!("-XX:+Use{name}GC")))
        };
        if has(&["Serial", "ConcMarkSweep"]) {
            Collector::Serial
        } else if has(&["Parallel", "ParallelOld"]) {
            Collector::Parallel
        } else if has(&["G1", "Z", "Shenandoah", "Epsilon"]) {
            Collector::Regions
        } else {
            Collector::Unknown
        }
    }
}

/// The maximum heap of which `Runtime.maxMemory()` is `max_memory`; `max_memory` itself where no collector's rule fits.
///
/// An unknown collector is told by the number: that of G1, Z and Shenandoah is a multiple of a MiB; the others' is so only by chance, and then
/// the heap it stands for is a far rounder number. Up to JDK 8 the parallel collector is the usual one: as round is enough.
fn heap_of(max_memory: u64, collector: Collector, is_old: bool) -> u64 {
    let is_multiple = max_memory.is_multiple_of(REGION);
    // Before JDK 9 spaces are aligned a little differently.
    let tolerance = if is_old && !is_multiple {
        SERIAL_UNIT
    } else {
        0
    };
    let serial = || {
        let left_out = |heap| survivor(heap, 10, SERIAL_UNIT);
        solve(max_memory, (30, 29), tolerance, left_out)
    };
    let parallel = || {
        let left_out = |heap| survivor(heap, 3, PARALLEL_UNIT);
        solve(max_memory, (9, 8), tolerance, left_out)
    };
    let found = match collector {
        Collector::Regions => None,
        Collector::Serial => serial(),
        Collector::Parallel => parallel(),
        Collector::Unknown => {
            let rounder = if is_multiple && !is_old { 8 } else { 0 };
            serial()
                .into_iter()
                .chain(parallel())
                .max_by_key(|(difference, heap)| (*difference == 0, heap.trailing_zeros()))
                .filter(|(_, heap)| {
                    !is_multiple || heap.trailing_zeros() >= max_memory.trailing_zeros() + rounder
                })
        }
    };
    found.map_or(max_memory, |(_, heap)| heap)
}

/// The survivor space of a heap: a third of it is the young generation, and of that one part in `parts`.
fn survivor(heap: u64, parts: u64, unit: u64) -> u64 {
    let down = |bytes: u64| bytes - bytes % unit;
    down(down(heap / 3) / parts)
}

/// The heap that less its survivor space is `max_memory`, or differs by at most `tolerance` bytes from it, with the difference; `ratio` is
/// about that of the heap to `max_memory`.
fn solve(
    max_memory: u64,
    ratio: (u64, u64),
    tolerance: u64,
    survivor: impl Fn(u64) -> u64,
) -> Option<(u64, u64)> {
    let about = max_memory / ratio.1 * ratio.0 / HEAP_UNIT;
    (about.saturating_sub(2)..=about + 2)
        .map(|units| units * HEAP_UNIT)
        .map(|heap| {
            (
                max_memory.abs_diff(heap.saturating_sub(survivor(heap))),
                heap,
            )
        })
        .min()
        .filter(|(difference, _)| *difference <= tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Runtime.maxMemory()` as JDK 17 and 25 return it for `-Xmx` of these MiB.
    const MEASURED: [(u64, u64, u64); 8] = [
        (64, 64_880_640, 59_768_832),
        (100, 101_384_192, 93_323_264),
        (256, 259_522_560, 239_075_328),
        (512, 518_979_584, 477_626_368),
        (1024, 1_037_959_168, 954_728_448),
        (1500, 1_520_435_200, 1_398_276_096),
        (3000, 3_040_870_400, 2_796_552_192),
        (4096, 4_151_836_672, 3_817_865_216),
    ];

    #[test]
    fn the_survivor_space_is_given_back() {
        for (mib, serial, parallel) in MEASURED {
            let heap = mib << 20;
            assert_eq!(heap_of(serial, Collector::Serial, false), heap);
            assert_eq!(heap_of(parallel, Collector::Parallel, false), heap);
            assert_eq!(heap_of(heap, Collector::Regions, false), heap);
        }
    }

    #[test]
    fn without_the_collectors_name_the_number_tells() {
        for (mib, serial, _) in MEASURED {
            let heap = mib << 20;
            // 1,500 MiB less a survivor space happen to be whole MiB: then the number is believed as it is.
            if !serial.is_multiple_of(REGION) {
                assert_eq!(heap_of(serial, Collector::Unknown, false), heap, "{mib}");
            }
            assert_eq!(heap_of(heap, Collector::Unknown, false), heap, "{mib}");
        }
        // JDK 8, the same machine.
        assert_eq!(heap_of(1_883_242_496, Collector::Unknown, true), 2020 << 20);
        assert_eq!(heap_of(477_626_368, Collector::Unknown, false), 512 << 20);
        assert_eq!(heap_of(3_817_865_216, Collector::Unknown, false), 4 << 30);
    }
}

//! Which garbage collector the JVM used, as far as the dump tells.

use super::Flags;
use crate::heap::{ClassIndex, Instances, Snapshot};

/// Where ZGC puts its heap: bit 42 (JDK 21 and later) to 45 (JDK 11 to 17) of an address say the colour. Other heaps lie below 4 TiB or, where
/// the system chose the place, far above.
const ZGC_ADDRESSES: std::ops::Range<u64> = 1 << 42..1 << 46;
/// Most objects that are asked for the name of a collector: a JVM has at most three.
const MOST_BEANS: usize = 16;

/// What is known of the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collector {
    Serial,
    Parallel,
    /// Concurrent mark and sweep, up to JDK 13: generations like those of the serial collector, sized by other rules.
    Cms,
    G1,
    /// ZGC, Shenandoah, Epsilon.
    Regions,
    Unknown,
}

impl Collector {
    /// Whether it was G1; `None` where nothing tells.
    pub fn is_g1(self) -> Option<bool> {
        (self != Collector::Unknown).then_some(self == Collector::G1)
    }

    /// As arguments name it, else as its management bean is called, else by the addresses of objects.
    pub fn of(flags: &Flags, snapshot: &Snapshot, instances: &Instances) -> Collector {
        by_flag(flags)
            .or_else(|| {
                beans(snapshot, instances)
                    .iter()
                    .find_map(|bean| by_name(bean))
            })
            .or_else(|| by_address(snapshot))
            .unwrap_or(Collector::Unknown)
    }
}

fn by_flag(flags: &Flags) -> Option<Collector> {
    let has = |names: &[&str]| {
        names
            .iter()
            .any(|name| flags.has(&format!("-XX:+Use{name}GC")))
    };
    // The order counts: -XX:+UseParNewGC may stand beside the old generation's collector.
    let rules: [(&[&str], Collector); 5] = [
        (&["ConcMarkSweep"], Collector::Cms),
        (&["Serial", "ParNew"], Collector::Serial),
        (&["Parallel", "ParallelOld"], Collector::Parallel),
        (&["G1"], Collector::G1),
        (&["Z", "Shenandoah", "Epsilon"], Collector::Regions),
    ];
    rules
        .into_iter()
        .find_map(|(names, collector)| has(names).then_some(collector))
}

/// Names of the collectors' management beans, where the program asked for them (metrics libraries and actuators do).
fn beans(snapshot: &Snapshot<'_>, instances: &Instances) -> Vec<String> {
    let beans = instances.of_wanted(|class| is_bean(snapshot, class));
    let beans = beans.into_iter().take(MOST_BEANS);
    beans
        .filter_map(|bean| snapshot.string(snapshot.field_object(bean, "name")?, 64))
        .collect()
}

/// Whether `class` is that of such beans.
pub(super) fn is_bean(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    const CLASSES: [&str; 3] = [
        "com.sun.management.internal.GarbageCollectorExtImpl",
        "sun.management.GarbageCollectorImpl",
        "com.sun.management.GarbageCollectorImpl",
    ];
    CLASSES.contains(&snapshot.classes().get(class).name.as_str())
}

/// By what `GarbageCollectorMXBean.getName()` returns.
fn by_name(bean: &str) -> Option<Collector> {
    let known = [
        ("Copy", Collector::Serial),
        ("MarkSweepCompact", Collector::Serial),
        ("PS ", Collector::Parallel),
        ("ParNew", Collector::Cms),
        ("ConcurrentMarkSweep", Collector::Cms),
        ("G1 ", Collector::G1),
        ("ZGC", Collector::Regions),
        ("Shenandoah", Collector::Regions),
        ("Epsilon", Collector::Regions),
    ];
    known
        .iter()
        .find_map(|(name, collector)| bean.starts_with(name).then_some(*collector))
}

fn by_address(snapshot: &Snapshot) -> Option<Collector> {
    is_zgc(snapshot).then_some(Collector::Regions)
}

/// Whether the objects lie where ZGC puts them.
pub(super) fn is_zgc(snapshot: &Snapshot) -> bool {
    let first = snapshot.addresses().next();
    first.is_some_and(|first| ZGC_ADDRESSES.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beans_name_their_collector() {
        let collector = |name| by_name(name).unwrap_or(Collector::Unknown);
        for name in ["Copy", "MarkSweepCompact"] {
            assert_eq!(collector(name), Collector::Serial, "{name}");
        }
        for name in ["PS Scavenge", "PS MarkSweep"] {
            assert_eq!(collector(name), Collector::Parallel, "{name}");
        }
        for name in ["G1 Young Generation", "G1 Concurrent GC"] {
            assert_eq!(collector(name), Collector::G1, "{name}");
        }
        for name in ["ZGC Minor Cycles", "Shenandoah Pauses"] {
            assert_eq!(collector(name), Collector::Regions, "{name}");
        }
        assert_eq!(collector("ParNew"), Collector::Cms);
        assert_eq!(collector("scavenge"), Collector::Unknown);
    }
}

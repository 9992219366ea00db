//! The maximum heap, from what the JDK derived of it at start.
//!
//! The limit of direct memory (`jdk.internal.misc.VM.directMemory`, later copied to `java.nio.Bits.MAX_MEMORY`) is
//! `Runtime.maxMemory()` unless `-XX:MaxDirectMemorySize` says something else; then HotSpot passes the property
//! `sun.nio.MaxDirectMemorySize`, which stays in `VM.savedProps`. `Runtime.maxMemory()` is the maximum heap, less one survivor space with
//! the serial and the parallel collector.

use super::Flags;
use super::collector::Collector;
use super::maps::StringMap;
use super::survivor::{Era, Heap, heap_of};
use crate::heap::Snapshot;
use crate::hprof::FieldValue;
use crate::sentence;
use crate::sentence::Size;
use crate::verdict::facts::{Range, Sourced};

/// `VM.directMemory` before the VM is initialised, and the default up to JDK 5, in bytes.
const UNSET: u64 = 64 << 20;

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
    let source = source.into();
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

/// What is known of the maximum heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MaxHeap {
    /// So many bytes.
    Exact(Sourced),
    /// Somewhere in between: several collectors fit what the dump says, and it does not name its own.
    Between(Range),
}

/// The maximum heap: as an argument says it, else from the limit of direct memory where that was derived from it.
pub(super) fn max_heap(
    snapshot: &Snapshot,
    (flags, collector): (&Flags, Collector),
    direct: &DirectLimit,
    (vm_name, java_version): (Option<&str>, Option<&str>),
) -> Option<MaxHeap> {
    if let Some(given) = flags.max_heap() {
        return Some(MaxHeap::Exact(given));
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
    let is_modern = snapshot.classes().named("sun.misc.VM").next().is_none();
    let era = match java_version {
        _ if is_modern => Era::Modern,
        Some(version) if version.starts_with("1.6.") || version.starts_with("1.7.") => Era::Jdk7,
        _ => Era::Jdk8,
    };
    Some(
        match heap_of(limit.bytes, collector, era, snapshot.addresses().next()) {
            Heap::Is(bytes) if bytes == limit.bytes => MaxHeap::Exact(limit.clone()),
            Heap::Is(bytes) => MaxHeap::Exact(Sourced {
                bytes,
                source: sentence!("{} plus one survivor space", &limit.source),
            }),
            Heap::Between(low, high) => MaxHeap::Between(Range {
                low,
                high,
                source: sentence!(
                    "{}: {}, or up to {} with a survivor space, which some collectors leave out; the dump does not tell {}",
                    &limit.source,
                    Size(low),
                    Size(high),
                    match collector {
                        Collector::Unknown => "the collector",
                        _ => "how large that is",
                    }
                ),
            }),
        },
    )
}

//! The maximum heap.
//!
//! At start the JDK asks the JVM for `Runtime.maxMemory()` and keeps it in `VM.directMemory` as the limit of direct memory, unless
//! `-XX:MaxDirectMemorySize` sets another; whether it does stands in the property `sun.nio.MaxDirectMemorySize` (-1 or none: it does not;
//! `jvm.cpp`, `jdk/internal/misc/VM.java`). Serial and Parallel report it less one survivor space. The JVM's own
//! arguments are exact, but on the heap only when somebody asked for them.

use super::maps;
use crate::heap::{ObjectIndex, Snapshot};
use crate::verdict::facts::Sourced;
use crate::verdict::size;

/// The class with the JDK's copy of the settings: JDK 9 and later, then before.
const VM: [&str; 2] = ["jdk.internal.misc.VM", "sun.misc.VM"];

pub(super) fn read(snapshot: &Snapshot) -> Option<Sourced> {
    of_arguments(snapshot).or_else(|| of_direct_memory(snapshot))
}

/// `-Xmx` or `-XX:MaxHeapSize` among the JVM's arguments; the last one counts.
fn of_arguments(snapshot: &Snapshot) -> Option<Sourced> {
    let holders = snapshot.classes().named("sun.management.VMManagementImpl");
    let list = holders
        .filter_map(|class| snapshot.static_field(class, "vmArgs")?.reference())
        .find_map(|id| snapshot.find(id));
    let list = list.or_else(|| of_instance(snapshot))?;
    let texts = strings(snapshot, list);
    let bytes = texts.iter().rev().find_map(|argument| {
        let value = argument
            .strip_prefix("-Xmx")
            .or_else(|| argument.strip_prefix("-XX:MaxHeapSize="))?;
        // The JVM takes upper-case letters for powers of 1024 too.
        size::parse(&value.to_ascii_lowercase()).ok()
    })?;
    Some(Sourced {
        bytes,
        source: "-Xmx in sun.management.VMManagementImpl.vmArgs".to_owned(),
    })
}

/// The arguments of the one `VMManagementImpl`, reached from the factory that keeps it.
fn of_instance(snapshot: &Snapshot) -> Option<ObjectIndex> {
    let keeper = snapshot.static_object("sun.management.ManagementFactoryHelper", "jvm")?;
    snapshot.field_object(keeper, "vmArgs")
}

/// The texts in a list: an array, or a list that keeps one (`a`, `elementData`, `elements`, or wrapped once as `list`).
fn strings(snapshot: &Snapshot, list: ObjectIndex) -> Vec<String> {
    let field = |at, name| snapshot.field_object(at, name);
    let list = field(list, "list").unwrap_or(list);
    let array = ["a", "elementData", "elements"]
        .iter()
        .find_map(|name| field(list, name))
        .unwrap_or(list);
    snapshot
        .elements(array)
        .into_iter()
        .flatten()
        .take(10_000)
        .filter_map(|text| snapshot.string(text, 4_000))
        .collect()
}

/// `VM.directMemory`, when no flag sets it to something else.
fn of_direct_memory(snapshot: &Snapshot) -> Option<Sourced> {
    VM.iter().find_map(|class| {
        let properties = snapshot.static_object(class, "savedProps")?;
        let property = |name| maps::text_of(snapshot, properties, name);
        match property("sun.nio.MaxDirectMemorySize") {
            Some(flag) if flag != "-1" => return None,
            Some(_) => {}
            // Newer JVMs leave it out instead; every JVM sets this one, so that the map is known to be read right.
            None => drop(property("java.vm.version")?),
        }
        let mut classes = snapshot.classes().named(class);
        let bytes = classes.find_map(|c| snapshot.static_field(c, "directMemory")?.integer())?;
        Some(Sourced {
            bytes: u64::try_from(bytes).ok().filter(|b| *b > 0)?,
            source: format!("{class}.directMemory"),
        })
    })
}

//! Stand-ins for GC roots that are lost.
//!
//! JDK 8 to 21 write the roots last, so a dump that was cut short has none. Classes of the boot loader never go away, and a
//! thread that runs says so in its own object; what nothing else leads to then counts as a root as well
//! ([`crate::graph::Unrooted::ProvisionalRoots`]).

use foldhash::HashMap;

use super::address_index::AddressIndex;
use super::class::{ClassIndex, Classes};
use super::compat::Compat;
use super::roots::Roots;
use crate::hprof::{Container, Damage, DamageCode, GcRoot, IdSize, SubRecord, SubRecords, Units};

/// Fields of `java.lang.Thread` in which the JVM keeps its own thread, 0 unless it runs: HotSpot, Android.
const NATIVE_THREAD: [&[u8]; 2] = [b"eetop", b"nativePeer"];

/// The dump, as far as GC roots are looked for in it.
pub struct Heap<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its records.
    pub container: &'a Container,
    /// Its heap, in pieces.
    pub units: &'a Units,
    /// Width of identifiers.
    pub id: IdSize,
}

/// The GC roots, or what stands in for them.
pub fn find_roots(
    heap: &Heap<'_>,
    records: &[GcRoot],
    index: &AddressIndex,
    classes: &Classes,
    compat: Compat,
    damage: &mut Vec<Damage>,
) -> Roots {
    let mut roots = Roots::new(records, index, classes, compat);
    if !roots.complete {
        if !compat.is_mat() {
            let threads = running_threads(heap, classes);
            roots.add_running_threads(&threads, index);
        }
        damage.push(Damage::new(
            DamageCode::NoRoots,
            0,
            0,
            "the dump names no thread and no system class as GC root (JDK 8 to 21 write the roots last: a dump cut short has none): classes of the boot loader, running threads and every object that nothing refers to stand in for roots, so garbage counts as reachable and retained sizes are provisional",
        ));
    }
    if roots.missing * 10 > roots.records {
        let message = format!(
            "{} of {} GC roots name objects that are not in the dump",
            roots.missing, roots.records
        );
        damage.push(Damage::new(DamageCode::RootsMissing, 0, 0, message).with_count(roots.missing));
    }
    roots
}

/// Identifiers of the objects of threads that run, in the order of the file.
fn running_threads(heap: &Heap<'_>, classes: &Classes) -> Vec<u64> {
    let &Heap {
        bytes,
        container,
        units,
        id,
    } = heap;
    let offsets = native_thread_offsets(bytes, container, id, classes);
    let mut threads = Vec::new();
    if offsets.is_empty() {
        return threads;
    }
    for &(start, end) in &units.ranges {
        let mut records = SubRecords::new(bytes, start, end, id);
        while let Ok(Some(record)) = records.next() {
            let SubRecord::Instance {
                id: thread,
                class_id,
                data,
            } = record
            else {
                continue;
            };
            let Some(&at) = offsets.get(&class_id) else {
                continue;
            };
            let field = data.get(at..at + 8);
            if field.is_some_and(|native| native.iter().any(|&byte| byte != 0)) {
                threads.push(thread);
            }
        }
    }
    threads
}

/// For each class of threads, by identifier, where in the field data the native thread stands.
fn native_thread_offsets(
    bytes: &[u8],
    container: &Container,
    id: IdSize,
    classes: &Classes,
) -> HashMap<u64, usize> {
    let mut from_end: Vec<Option<usize>> = vec![None; classes.len()];
    for class in classes.super_classes_first() {
        let index = ClassIndex(class);
        let class = classes.get(index);
        let own = class.own_bytes as usize;
        from_end[index.0 as usize] = if class.name == "java.lang.Thread" {
            native_thread_field(bytes, container, id, class)
        } else {
            let above = class.super_class;
            above
                .and_then(|above| from_end[above.0 as usize])
                .map(|at| at + own)
        };
    }
    let found = classes.iter().filter_map(|(index, class)| {
        Some((class.id, from_end[index.0 as usize]?)).filter(|_| class.dumped)
    });
    found.collect()
}

fn native_thread_field(
    bytes: &[u8],
    container: &Container,
    id: IdSize,
    class: &super::Class,
) -> Option<usize> {
    let mut at = 0;
    for field in &class.dump.fields {
        let name = container.string(bytes, field.name_id);
        let width = field.kind.width(id.bytes());
        if width == 8 && name.is_some_and(|name| NATIVE_THREAD.contains(&name)) {
            return Some(at);
        }
        at += width;
    }
    None
}

//! Buffers that threads keep for channels (`sun.nio.ch.Util$BufferCache`): a heap buffer that is written to a channel goes through one.
//!
//! Up to JDK 23 they are ordinary direct buffers that `java.nio.Bits` counts; here they are counted apart from direct memory. From JDK 24 on `Util` allocates them itself, so that neither
//! `java.nio.Bits` nor `-XX:MaxDirectMemorySize` knows of them. `-Djdk.nio.maxCachedBufferSize` bounds what a thread keeps.

use rustc_hash::FxHashSet;

use super::buffer_role::{Role, role};
use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::sentence;
use crate::sentence::{Count, Size};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().get(class).name == "sun.nio.ch.Util$BufferCache"
}

/// The buffers in the caches of all threads.
pub(super) fn cached(dump: &Dump<'_, '_>) -> FxHashSet<ObjectIndex> {
    let snapshot = dump.snapshot;
    let caches = dump.instances(wants);
    caches
        .iter()
        .filter(|&&cache| dump.is_reachable(cache))
        .filter_map(|&cache| snapshot.field_object(cache, "buffers"))
        .flat_map(|buffers| snapshot.elements(buffers).into_iter().flatten())
        .collect()
}

/// Whether a thread's frame alone holds `buffer`: taken from the cache for a call that is under way.
pub(super) fn is_lent(dump: &Dump<'_, '_>, buffer: ObjectIndex) -> bool {
    let snapshot = dump.snapshot;
    snapshot
        .dominators
        .path_predecessor(buffer)
        .is_some_and(|holder| {
            let class = snapshot.class_of(holder);
            snapshot.classes().is_a(class, "java.lang.Thread")
        })
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let snapshot = dump.snapshot;
    // Without the class no thread ever had a cache, and a buffer on a stack is somebody else's.
    let cached = cached(dump);
    let mut buffers: Vec<ObjectIndex> = cached.iter().copied().collect();
    if !dump.instances(wants).is_empty() {
        let is_buffer =
            |s: &Snapshot, c: ClassIndex| s.classes().is_a(c, "java.nio.DirectByteBuffer");
        let lent = dump.instances(is_buffer);
        buffers.extend(lent.into_iter().filter(|&it| is_lent(dump, it)));
    }
    buffers.sort_unstable();
    buffers.dedup();
    let mut held = Holdings::of("cached buffer", "cached buffers");
    let mut outside = 0u64;
    let mut seen = FxHashSet::default();
    for buffer in buffers {
        match role(snapshot, buffer) {
            Role::Bare(at, bytes) if seen.insert(at) => {
                outside = outside.saturating_add(bytes);
                held.add(&dump.owners.of(buffer), buffer, bytes);
            }
            Role::Owner(bytes) if cached.contains(&buffer) => {
                held.add(&dump.owners.of(buffer), buffer, bytes);
            }
            _ => {}
        }
    }
    if held.bytes == 0 {
        return;
    }
    let (bytes, source) = (
        held.bytes,
        sentence!(
            "sun.nio.ch.Util$BufferCache: {} {}, {} of that outside java.nio.Bits",
            Count(held.count),
            if held.count == 1 { "buffer" } else { "buffers" },
            Size(outside)
        ),
    );
    let owners = native.own(Component::NioThreadCaches, held);
    native.add(OffHeap {
        component: Component::NioThreadCaches,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source,
        owners,
    });
}

//! Netty: its own counter of direct memory without cleaners, and what its pooled arenas keep.
//!
//! `PlatformDependent.DIRECT_MEMORY_COUNTER` counts buffers that Netty allocates past `java.nio.Bits`. Where Netty allocates through arenas
//! (`CleanerJava25`) the memory is foreign memory and not counted a second time. Shaded copies have another package before `netty`.

use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap};
use crate::heap::{ClassIndex, Snapshot};
use crate::hprof::FieldValue;
use crate::sentence;
use crate::sentence::{Count, Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::field_values::{has_field, is_set, object, size, static_number, values};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    let name = &snapshot.classes().get(class).name;
    name.ends_with("netty.buffer.PoolChunk") && has_field(snapshot, class, "chunkSize")
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let (bytes, source) = counters(dump.snapshot);
    let (held, pools) = pools(dump);
    if bytes == 0 {
        // Then the chunks are direct memory of the JDK or foreign memory, and owned there.
        return;
    }
    let mut owners = native.own(Component::NettyDirect, held);
    owners.extend(pools);
    native.add(OffHeap {
        component: Component::NettyDirect,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source: source.into(),
        owners,
    });
}

/// The counters of all copies of Netty, and where they were read.
fn counters(snapshot: &Snapshot) -> (u64, String) {
    let mut sum = 0u64;
    let mut sources = Vec::new();
    for (class, it) in snapshot.classes().iter() {
        if !it.name.ends_with("netty.util.internal.PlatformDependent")
            || is_elsewhere(snapshot, class)
        {
            continue;
        }
        let counter = static_number(snapshot, class, &["DIRECT_MEMORY_COUNTER"]);
        if let Some(bytes) = counter
            .and_then(|(n, _)| u64::try_from(n).ok())
            .filter(|&n| n > 0)
        {
            sum = sum.saturating_add(bytes);
            sources.push(format!("{}.DIRECT_MEMORY_COUNTER", clean_name(&it.name)));
        }
    }
    (sum, sources.join(" + "))
}

/// Whether what this copy of Netty counts is counted elsewhere: by the JDK, or as foreign memory.
fn is_elsewhere(snapshot: &Snapshot, class: ClassIndex) -> bool {
    let with_cleaner = snapshot
        .static_field(class, "USE_DIRECT_BUFFER_NO_CLEANER")
        .and_then(FieldValue::integer)
        == Some(0);
    let cleaner = object(snapshot, snapshot.static_field(class, "CLEANER"));
    let arena = cleaner.is_some_and(|it| snapshot.class(it).name.ends_with(".CleanerJava25"));
    with_cleaner || arena
}

/// Chunks of the direct arenas by owner, and how full they are.
fn pools(dump: &mut Dump<'_, '_>) -> (Holdings, Option<Sentence>) {
    let snapshot = dump.snapshot;
    let mut held = Holdings::of("pooled chunk", "pooled chunks");
    let mut free_bytes = 0u64;
    for chunk in dump.instances(wants) {
        let [arena, chunk_bytes, free] =
            values(snapshot, chunk, ["arena", "chunkSize", "freeBytes"]);
        let is_direct = object(snapshot, arena)
            .is_some_and(|arena| snapshot.class(arena).name.ends_with("DirectArena"));
        let chunk_bytes = size(chunk_bytes).unwrap_or(0);
        if is_direct && dump.is_in_use(chunk) && is_set(arena) {
            free_bytes = free_bytes.saturating_add(size(free).unwrap_or(0).min(chunk_bytes));
            held.add(&dump.owners.of(chunk), chunk, chunk_bytes);
        }
    }
    let in_use = (held.count > 0).then(|| {
        sentence!(
            "pooled arenas keep {} chunks, {}, of which {} is in use",
            Count(held.count),
            Size(held.bytes),
            Size(held.bytes.saturating_sub(free_bytes))
        )
    });
    (held, in_use)
}

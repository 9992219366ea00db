//! Direct buffers: what the JDK counts in `java.nio.Bits`, and who owns it.
//!
//! A `DirectByteBuffer` owns memory when it has a cleaner and no file. It is a view of another buffer when it has an attachment (`att`), a
//! view of an arena's memory when it has a segment, mapped when it has a file descriptor. What has none of all this was made around memory
//! that somebody else allocated: a channel's temporary buffer (JDK 24 and later), Netty without cleaners, or `NewDirectByteBuffer` in native
//! code. (`Direct-X-Buffer.java.template`, `Util.java`; read in JDK 8, 17 and 25.)

use rustc_hash::FxHashSet;

use super::buffer_role::{Role, role};
use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap, nio_caches};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::sentence;
use crate::sentence::{Count, Size};
use crate::verdict::field_values::{address, object, size, static_number, values};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

/// Path steps from a buffer upwards that are looked at for a class of Netty.
const STEPS_TO_NETTY: usize = 8;

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    is_buffer(snapshot, class) || is_cleaner(snapshot, class)
}

fn is_buffer(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().is_a(class, "java.nio.DirectByteBuffer")
}

fn is_cleaner(snapshot: &Snapshot, class: ClassIndex) -> bool {
    matches!(
        snapshot.classes().get(class).name.as_str(),
        "jdk.internal.ref.Cleaner" | "sun.misc.Cleaner"
    )
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let snapshot = dump.snapshot;
    let cached = nio_caches::cached(dump);
    let mut owned = Holdings::of("direct buffer", "direct buffers");
    let mut bare = Holdings::of(
        "buffer without a cleaner of its own",
        "buffers without a cleaner of their own",
    );
    let mut caches = 0u64;
    let mut seen = FxHashSet::default();
    for buffer in dump.instances(is_buffer) {
        if !dump.is_reachable(buffer) {
            continue;
        }
        match role(snapshot, buffer) {
            Role::Owner(bytes) => {
                // Up to JDK 23 `Bits` counts the caches as well; they have a line of their own.
                if cached.contains(&buffer) {
                    caches = caches.saturating_add(bytes);
                } else {
                    owned.add(&dump.owners.of(buffer), buffer, bytes);
                }
            }
            Role::Bare(at, bytes)
                if !cached.contains(&buffer)
                    && !nio_caches::is_lent(dump, buffer)
                    && !is_netty(snapshot, buffer)
                    && seen.insert(at) =>
            {
                // The JDK's own (its performance counters, the file of its modules) every JVM has.
                let owner = dump.owners.of(buffer);
                if !owner.is_jdk {
                    bare.add(&owner, buffer, bytes);
                }
            }
            _ => {}
        }
    }
    direct_memory(dump, native, owned, caches);
    if bare.bytes > 0 {
        let (high, source) = (
            bare.bytes,
            sentence!(
                "{} direct buffers around memory that others allocated (NewDirectByteBuffer, Unsafe)",
                Count(bare.count)
            ),
        );
        let owners = native.own(Component::NativeHandles, bare);
        native.add(OffHeap {
            component: Component::NativeHandles,
            low: 0,
            high,
            kind: Kind::Estimated,
            source,
            owners,
        });
    }
}

/// The JDK's own counter says how much; the buffers say whose it is. Bytes of thread `caches` are part of the counter.
fn direct_memory(dump: &Dump<'_, '_>, native: &mut NativeMemory, owned: Holdings, caches: u64) {
    let counted = reserved(dump.snapshot);
    let freed_late = freed_late(dump);
    let (bytes, mut source) = match counted {
        Some((bytes, field)) => (
            bytes.saturating_sub(caches),
            sentence!("java.nio.Bits.{}", field),
        ),
        None => (owned.bytes, "sizes of the buffers that own memory".into()),
    };
    if counted.is_some() && caches > 0 {
        source.push(sentence!(
            " less {} in thread caches, listed by themselves",
            Size(caches)
        ));
    }
    if bytes == 0 && owned.count == 0 {
        return;
    }
    if freed_late > 0 {
        source.push(sentence!(
            "; {} of it waits for the collector to find that its buffers are gone",
            Size(freed_late)
        ));
    }
    let owners = native.own(Component::DirectMemory, owned);
    native.add(OffHeap {
        component: Component::DirectMemory,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source,
        owners,
    });
}

/// What `java.nio.Bits` counts as reserved, with the name of the field: JDK 11 and later, then up to 10.
pub(super) fn reserved(snapshot: &Snapshot) -> Option<(u64, &'static str)> {
    snapshot.classes().named("java.nio.Bits").find_map(|bits| {
        let (bytes, field) = static_number(snapshot, bits, &["RESERVED_MEMORY", "reservedMemory"])?;
        Some((u64::try_from(bytes).ok()?, field))
    })
}

/// Bytes of buffers that are gone, or that only their cleaner still reaches: freed when the collector finds out.
fn freed_late(dump: &Dump<'_, '_>) -> u64 {
    let snapshot = dump.snapshot;
    let late = dump
        .instances(is_cleaner)
        .into_iter()
        .filter_map(|cleaner| {
            let [thunk, next, referent] = values(snapshot, cleaner, ["thunk", "next", "referent"]);
            let has_run = object(snapshot, next) == Some(cleaner);
            let in_use = object(snapshot, referent).is_some_and(|buffer| dump.is_in_use(buffer));
            let thunk = object(snapshot, thunk)?;
            if has_run || in_use || !dump.is_reachable(cleaner) {
                return None;
            }
            let is_deallocator =
                snapshot.class(thunk).name == "java.nio.DirectByteBuffer$Deallocator";
            let [at, bytes] = values(snapshot, thunk, ["address", "size"]);
            size(bytes).filter(|_| is_deallocator && address(at) != 0)
        });
    late.fold(0, u64::saturating_add)
}

/// Whether Netty holds `buffer`: then it is in Netty's counter.
fn is_netty(snapshot: &Snapshot, buffer: ObjectIndex) -> bool {
    let above = std::iter::successors(Some(buffer), |&at| snapshot.dominators.path_predecessor(at));
    above
        .take(STEPS_TO_NETTY)
        .any(|at| snapshot.class(at).name.contains("netty.buffer."))
}

//! Mapped files: the tasks that unmap them (`sun.nio.ch.FileChannelImpl$Unmapper`) know address and length.
//!
//! The JDK counts them in statics of `DefaultUnmapper` (JDK 14 and later) or `Unmapper` itself (before). Their pages are the page cache's:
//! resident while they are used, and counted to the container.

use rustc_hash::FxHashMap;

use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::sentence;
use crate::verdict::field_values::{address, is_set, object, size, static_number, values};

const UNMAPPER: &str = "sun.nio.ch.FileChannelImpl$Unmapper";
/// Classes with statics that sum up the mappings.
const COUNTERS: [&str; 3] = [
    "sun.nio.ch.FileChannelImpl$DefaultUnmapper",
    "sun.nio.ch.FileChannelImpl$SyncUnmapper",
    UNMAPPER,
];

pub(super) const KIND: NativeKind = NativeKind { wants, read };

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    is_unmapper(snapshot, class) || is_buffer(snapshot, class)
}

fn is_unmapper(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().is_a(class, UNMAPPER)
}

fn is_buffer(snapshot: &Snapshot, class: ClassIndex) -> bool {
    let classes = snapshot.classes();
    classes.is_a(class, "java.nio.DirectByteBuffer")
        || classes.is_a(class, "jdk.internal.foreign.MappedMemorySegmentImpl")
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let snapshot = dump.snapshot;
    let counted: Vec<(u64, &str)> = COUNTERS
        .into_iter()
        .flat_map(|name| {
            snapshot
                .classes()
                .named(name)
                .map(move |class| (class, name))
        })
        .filter_map(|(class, name)| {
            let (bytes, _) = static_number(snapshot, class, &["totalSize"])?;
            Some((u64::try_from(bytes).ok()?, name))
        })
        .collect();
    let held = mappings(dump);
    let bytes = match counted.is_empty() {
        true => held.bytes,
        false => counted
            .iter()
            .fold(0u64, |sum, (b, _)| sum.saturating_add(*b)),
    };
    if bytes == 0 {
        return;
    }
    let source = match counted.iter().find(|(bytes, _)| *bytes > 0) {
        Some((_, name)) => sentence!("{}.totalSize", *name),
        None => "lengths of the mappings".into(),
    };
    let owners = native.own(Component::MappedFiles, held);
    native.add(OffHeap {
        component: Component::MappedFiles,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source,
        owners,
    });
}

/// The mappings by owner: that of the buffer or segment where there is one, else of the unmapper.
fn mappings(dump: &mut Dump<'_, '_>) -> Holdings {
    let snapshot = dump.snapshot;
    let mut users: FxHashMap<ObjectIndex, ObjectIndex> = FxHashMap::default();
    for buffer in dump.instances(is_buffer) {
        let [unmapper, cleaner, fd, att] =
            values(snapshot, buffer, ["unmapper", "cleaner", "fd", "att"]);
        let direct = object(snapshot, unmapper);
        let through_cleaner = || snapshot.field_object(object(snapshot, cleaner)?, "thunk");
        let unmapper = direct.or_else(|| is_set(fd).then(through_cleaner).flatten());
        if let (Some(unmapper), false) = (unmapper, is_set(att))
            && dump.is_reachable(buffer)
        {
            users.entry(unmapper).or_insert(buffer);
        }
    }
    let mut held = Holdings::of("mapped file", "mapped files");
    for unmapper in dump.instances(is_unmapper) {
        let [at, bytes, capacity] = values(snapshot, unmapper, ["address", "size", "cap"]);
        let bytes = size(bytes).or(size(capacity)).unwrap_or(0);
        if address(at) != 0 && dump.is_reachable(unmapper) {
            let user = users.get(&unmapper).copied().unwrap_or(unmapper);
            held.add(&dump.owners.of(user), user, bytes);
        }
    }
    held
}

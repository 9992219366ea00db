//! Open streams of `java.util.zip.Inflater` and `Deflater`: little heap, much native memory.
//!
//! What zlib allocates (`zconf.h`): to inflate about 7 KiB of state, and a window of 32 KiB once something is inflated; to deflate
//! `(1 << (windowBits + 2)) + (1 << (memLevel + 9))` = 256 KiB and about 6 KiB of state, of which a fresh stream touches the hash table.

use rustc_hash::FxHashSet;

use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap, OpenHandles};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::sentence;
use crate::sentence::{Count, Sentence, Size};
use crate::verdict::field_values::{address, object, values};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

/// Bytes of a stream, at least and at most.
const INFLATE: (u64, u64) = (7 << 10, 44 << 10);
const DEFLATE: (u64, u64) = (70 << 10, 270 << 10);
/// Which classes' instances to look at.
type Wants = fn(&Snapshot, ClassIndex) -> bool;
/// Open streams that are worth telling by themselves.
const MANY: u64 = 100;

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    is_inflater(snapshot, class) || is_deflater(snapshot, class) || is_stream(snapshot, class)
}

fn is_inflater(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().is_a(class, "java.util.zip.Inflater")
}

fn is_deflater(snapshot: &Snapshot, class: ClassIndex) -> bool {
    snapshot.classes().is_a(class, "java.util.zip.Deflater")
}

/// What holds the address since JDK 9; JDK 7 and 8 have one class for both.
fn is_stream(snapshot: &Snapshot, class: ClassIndex) -> bool {
    matches!(
        snapshot.classes().get(class).name.as_str(),
        "java.util.zip.Inflater$InflaterZStreamRef" | "java.util.zip.Deflater$DeflaterZStreamRef"
    )
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let mut seen = FxHashSet::default();
    let (mut low, mut high) = (0u64, 0u64);
    let mut sources = Vec::new();
    let mut owners = Vec::new();
    let kinds: [(_, Wants, _, _); 2] = [
        (
            "Inflater",
            is_inflater,
            INFLATE,
            Holdings::at_most("open Inflater", "open Inflaters"),
        ),
        (
            "Deflater",
            is_deflater,
            DEFLATE,
            Holdings::at_most("open Deflater", "open Deflaters"),
        ),
    ];
    for (name, wanted, (least, most), mut held) in kinds {
        let mut not_closed = 0;
        for stream in dump.instances(wanted) {
            if is_open(dump.snapshot, stream, &mut seen) && dump.is_reachable(stream) {
                held.add(&dump.owners.of(stream), stream, most);
                not_closed += u64::from(!dump.is_in_use(stream));
            }
        }
        // Streams whose Inflater is gone: the cleaner has not freed them yet.
        let stream_class = format!("java.util.zip.{name}${name}ZStreamRef");
        for stream in dump.instances(is_stream) {
            let lost = dump.snapshot.class(stream).name == stream_class
                && dump.is_reachable(stream)
                && address(values(dump.snapshot, stream, ["address"])[0]) != 0
                && seen.insert(stream);
            if lost {
                held.add(&dump.owners.of(stream), stream, most);
                not_closed += 1;
            }
        }
        if held.count == 0 {
            continue;
        }
        low = low.saturating_add(held.count.saturating_mul(least));
        high = high.saturating_add(held.bytes);
        sources.push(sentence!(
            "{} java.util.zip.{} × {} to {}",
            Count(held.count),
            name,
            Size(least),
            Size(most)
        ));
        if held.count >= MANY || not_closed > 0 {
            native.handles.push(OpenHandles {
                what: format!("java.util.zip.{name}"),
                count: held.count,
                not_closed,
                bytes: None,
                owner: held.largest(),
            });
        }
        owners.extend(native.own(Component::Zlib, held));
    }
    if high > 0 {
        native.add(OffHeap {
            component: Component::Zlib,
            low,
            high,
            kind: Kind::Estimated,
            source: Sentence::joined(sources, " + "),
            owners,
        });
    }
}

/// Whether `stream`, an `Inflater` or `Deflater`, has native memory; remembers the object that holds the address.
fn is_open(snapshot: &Snapshot, stream: ObjectIndex, seen: &mut FxHashSet<ObjectIndex>) -> bool {
    // JDK 6 has the address in the object itself.
    let [zs_ref, own, own_old] = values(snapshot, stream, ["zsRef", "address", "strm"]);
    match object(snapshot, zs_ref) {
        Some(zs_ref) => {
            address(values(snapshot, zs_ref, ["address"])[0]) != 0 && seen.insert(zs_ref)
        }
        None => address(own.or(own_old)) != 0,
    }
}

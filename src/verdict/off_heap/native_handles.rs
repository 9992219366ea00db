//! Handles of native libraries: `long` fields that hold a pointer, by class. How much memory is behind one is known only where a field says
//! it; that thousands are open is a finding of its own.

use std::collections::BTreeMap;

use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap, OpenHandles};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::verdict::clean_name;
use crate::verdict::field_values::{self, address, has_field, is_jdk, is_set, size, values};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

/// Classes whose size a field gives: class (or super class), field with the pointer, field with the bytes.
const SIZED: &[(&str, &str, &str)] = &[
    ("com.sun.jna.Memory", "peer", "size"),
    ("org.apache.cassandra.io.util.Memory", "peer", "size"),
    (
        "org.apache.arrow.memory.UnsafeAllocationManager",
        "allocatedAddress",
        "allocatedSize",
    ),
];
/// Views of memory that another object owns.
const VIEWS: &[&str] = &["com.sun.jna.Memory$SharedMemory"];
/// Fields that hold nothing but pointers to native objects, in whatever class.
const POINTERS: &[&str] = &[
    "nativeHandle_",
    "nativeHandle",
    "nativePtr",
    "mNativePtr",
    "swigCPtr",
];
/// Library classes whose pointer has an everyday name: class (or super class), field.
const KNOWN: &[(&str, &str)] = &[
    ("io.netty.handler.ssl.ReferenceCountedOpenSslContext", "ctx"),
    ("io.netty.handler.ssl.ReferenceCountedOpenSslEngine", "ssl"),
    ("org.conscrypt.NativeRef", "address"),
    ("ai.onnxruntime.OnnxTensorLike", "nativeHandle"),
    ("org.tensorflow.Graph", "nativeHandle"),
    ("com.github.luben.zstd.ZstdDictCompress", "nativePtr"),
    ("org.sqlite.core.NativeDB", "pointer"),
    ("org.bytedeco.javacpp.Pointer", "address"),
];
/// Open handles of a class that are worth telling.
const MANY: u64 = 100;

/// The pointer field and the size field of `class`, when its instances are handles.
fn handle(snapshot: &Snapshot, class: ClassIndex) -> Option<(&'static str, Option<&'static str>)> {
    let classes = snapshot.classes();
    let is_a = |name: &&'static str| classes.is_a(class, name);
    if snapshot.is_array(class) || is_jdk(snapshot, class) || VIEWS.iter().any(is_a) {
        return None;
    }
    if let Some((_, pointer, bytes)) = SIZED.iter().find(|(name, _, _)| is_a(name)) {
        return Some((*pointer, Some(*bytes)));
    }
    if let Some((_, pointer)) = KNOWN.iter().find(|(name, _)| is_a(name)) {
        return Some((*pointer, None));
    }
    let pointer = POINTERS
        .iter()
        .find(|name| has_field(snapshot, class, name))?;
    Some((*pointer, None))
}

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    handle(snapshot, class).is_some()
}

/// Handles of one class.
struct Class {
    held: Holdings,
    sized: bool,
    not_closed: u64,
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let mut by_class: BTreeMap<String, Class> = BTreeMap::new();
    for object in dump.instances(wants) {
        let class = dump.snapshot.class_of(object);
        let Some((pointer, bytes)) = handle(dump.snapshot, class) else {
            continue;
        };
        let Some(open_bytes) = open(dump.snapshot, object, pointer, bytes) else {
            continue;
        };
        if !dump.is_reachable(object) {
            continue;
        }
        let name = clean_name(&dump.snapshot.classes().get(class).name);
        let entry = by_class.entry(name).or_insert_with(|| Class {
            held: Holdings::of("open handle", "open handles"),
            sized: bytes.is_some(),
            not_closed: 0,
        });
        entry.not_closed += u64::from(!dump.is_in_use(object));
        entry.held.add(&dump.owners.of(object), object, open_bytes);
    }
    for (name, class) in by_class {
        add_class(native, name, class);
    }
}

/// Bytes behind the handle (0 where nothing says it) when it is open and its own.
fn open(
    snapshot: &Snapshot,
    object: ObjectIndex,
    pointer: &str,
    bytes: Option<&str>,
) -> Option<u64> {
    let [at, owning, known] = values(
        snapshot,
        object,
        [pointer, "owningHandle_", bytes.unwrap_or("")],
    );
    if address(at) == 0 || owns_not(snapshot, owning) {
        return None;
    }
    Some(size(known).unwrap_or(0))
}

/// RocksDB: whether `owningHandle_`, an `AtomicBoolean`, says that another object frees the memory or that it was closed.
fn owns_not(snapshot: &Snapshot, owning: Option<crate::hprof::FieldValue>) -> bool {
    is_set(owning)
        && field_values::object(snapshot, owning)
            .and_then(|flag| snapshot.field_integer(flag, "value"))
            == Some(0)
}

fn add_class(native: &mut NativeMemory, name: String, class: Class) {
    let Class {
        held,
        sized,
        not_closed,
    } = class;
    let (count, bytes) = (held.count, held.bytes);
    let known = (sized && bytes > 0).then_some(bytes);
    if count >= MANY || not_closed > 0 || known.is_some() {
        native.handles.push(OpenHandles {
            what: name.clone(),
            count,
            not_closed,
            bytes: known,
            owner: held.largest(),
        });
    }
    if let Some(bytes) = known {
        let owners = native.own(Component::NativeHandles, held);
        native.add(OffHeap {
            component: Component::NativeHandles,
            low: bytes,
            high: bytes,
            kind: Kind::Measured,
            source: format!("sizes in {name}").into(),
            owners,
        });
    }
}

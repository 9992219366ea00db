//! Memory of arenas (`java.lang.foreign.Arena`): the tasks that free it when its arena closes know its size.
//!
//! Segments are no measure: slices, reinterpretations and views of buffers are segments as well. Each allocation has one task, an anonymous
//! subclass of `MemorySessionImpl$ResourceList$ResourceCleanup` whose captured variables are the base address, the size and whether the
//! allocation was reserved in `java.nio.Bits` (only `Arena.ofAuto()` is). JDK 22 and later: `SegmentFactories`; before: `NativeMemorySegmentImpl`,
//! which up to JDK 18 reserved always.

use rustc_hash::FxHashSet;

use super::holdings::Holdings;
use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap};
use crate::heap::{ClassIndex, Snapshot};
use crate::hprof::FieldValue;
use crate::sentence;
use crate::sentence::Count;
use crate::verdict::field_values::{address, has_field, size, values};

pub(super) const KIND: NativeKind = NativeKind { wants, read };

fn wants(snapshot: &Snapshot, class: ClassIndex) -> bool {
    let name = &snapshot.classes().get(class).name;
    name.starts_with("jdk.internal.foreign.")
        && ["val$allocationSize", "val$alignedSize"]
            .iter()
            .any(|field| has_field(snapshot, class, field))
}

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let mut held = Holdings::of("allocation", "allocations");
    let mut seen = FxHashSet::default();
    for task in dump.instances(wants) {
        if !dump.is_reachable(task) {
            continue;
        }
        let [base, old_base, bytes, old_bytes, reserved] = values(
            dump.snapshot,
            task,
            [
                "val$allocationBase",
                "val$buf",
                "val$allocationSize",
                "val$alignedSize",
                "val$shouldReserve",
            ],
        );
        let counted_by_bits = reserved.and_then(FieldValue::integer) != Some(0);
        let at = address(base.or(old_base));
        if let (false, Some(bytes)) = (counted_by_bits, size(bytes.or(old_bytes)))
            && seen.insert(at)
        {
            held.add(&dump.owners.of(task), task, bytes);
        }
    }
    if held.bytes == 0 {
        return;
    }
    let (bytes, source) = (
        held.bytes,
        sentence!(
            "{} allocations of java.lang.foreign arenas outside java.nio.Bits",
            Count(held.count)
        ),
    );
    let owners = native.own(Component::ForeignMemory, held);
    native.add(OffHeap {
        component: Component::ForeignMemory,
        low: bytes,
        high: bytes,
        kind: Kind::Measured,
        source,
        owners,
    });
}

//! Reads from the heap what the decision needs besides suspects: totals, what is known of the JVM, native memory.

use super::facts::HeapFacts;
use super::jvm_facts::{self, JvmFacts, jvm_facts};
use super::off_heap::{self, NativeMemory, native_memory};
use crate::graph::Strength;
use crate::heap::{Instances, Snapshot};

/// What was read from the heap: the facts for the decision, and where the report tells more of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// The facts; suspects, largest holder and what is cleared by design are left for the caller to fill in.
    pub facts: HeapFacts,
    /// What the dump says of its JVM.
    pub jvm: JvmFacts,
    /// Native memory with its owners.
    pub native: NativeMemory,
}

/// Reads the heap alone.
pub fn read(snapshot: &Snapshot) -> Read {
    let instances = Instances::of(snapshot, [], &wanted(snapshot));
    read_all(snapshot, &instances)
}

/// By class number, whether [`read_all`] looks at the instances.
pub fn wanted(snapshot: &Snapshot) -> Vec<bool> {
    let classes = snapshot.classes().iter().map(|(class, _)| class);
    let is_wanted =
        |class| jvm_facts::is_wanted(snapshot, class) || off_heap::is_wanted(snapshot, class);
    classes.map(is_wanted).collect()
}

/// Reads the heap; `instances` has those that are [`wanted`].
pub fn read_all(snapshot: &Snapshot, instances: &Instances) -> Read {
    let bytes = |strength| snapshot.totals(strength).bytes;
    let jvm = jvm_facts(snapshot, instances);
    let native = native_memory(snapshot, instances, &jvm);
    let all = [
        Strength::Strong,
        Strength::Soft,
        Strength::Weak,
        Strength::Final,
        Strength::Phantom,
        Strength::NoPath,
    ];
    let filled = all.into_iter().map(bytes).fold(0, u64::saturating_add);
    // Only a heap that ran out of memory is asked how full it was.
    let taken = jvm.out_of_memory.as_ref();
    let taken = taken.map_or(0, |_| jvm_facts::taken(snapshot, &jvm, filled));
    let facts = HeapFacts {
        strong_bytes: bytes(Strength::Strong),
        soft_bytes: bytes(Strength::Soft),
        weak_bytes: bytes(Strength::Weak),
        final_bytes: bytes(Strength::Final),
        phantom_bytes: bytes(Strength::Phantom),
        no_path_bytes: bytes(Strength::NoPath).saturating_sub(snapshot.fillers().bytes),
        complete: snapshot.is_complete(),
        has_roots: snapshot.roots().records > 0 && snapshot.roots().complete,
        max_heap: jvm.max_heap.clone(),
        max_heap_range: jvm.max_heap_range.clone(),
        out_of_memory: jvm.out_of_memory.clone(),
        ran_out_before: jvm.ran_out_before.clone(),
        filled_bytes: taken.max(filled),
        class_mass: native.class_mass.clone(),
        zeroed: jvm.zeroed,
        thread_group: jvm.thread_group.clone(),
        off_heap: native.parts.clone(),
        platform_threads: jvm.platform_threads,
        thread_stack_bytes: jvm.thread_stack_bytes,
        classes: jvm.classes,
        boot_classes: jvm.boot_classes,
        // No other writer names heaps.
        android: !snapshot.heap_totals().is_empty(),
        ..HeapFacts::default()
    };
    Read { facts, jvm, native }
}

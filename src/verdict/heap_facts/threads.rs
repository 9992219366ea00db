//! Platform threads, and the thread that ran out of memory.

use crate::heap::{Snapshot, StackFrame, Thread};
use crate::verdict::facts::{OutOfMemory, OutOfMemoryKind};

/// Number of live platform threads: those with a native thread (`eetop`), or, where the field is missing, all that are roots.
pub(super) fn platform(snapshot: &Snapshot) -> u64 {
    let is_platform = |thread: &&Thread| {
        // A virtual thread has no stack of its own; it is its carrier's.
        let class = snapshot.class_of(thread.object);
        !snapshot
            .classes()
            .is_a(class, "java.lang.BaseVirtualThread")
            && snapshot.field_integer(thread.object, "eetop") != Some(0)
    };
    snapshot.threads().iter().filter(is_platform).count() as u64
}

/// The thread that was creating an `OutOfMemoryError`: HotSpot puts its constructor on top of the stack when that wrote the dump
/// (`heapDumper.cpp`).
pub(super) fn out_of_memory(snapshot: &Snapshot) -> Option<OutOfMemory> {
    snapshot.threads().iter().find_map(|thread| {
        let stack = snapshot.stack(thread);
        let at = stack
            .iter()
            .take(4)
            .position(|f| f.class == "java.lang.OutOfMemoryError" && f.method == "<init>")?;
        let below = &stack[at + 1..];
        Some(OutOfMemory {
            thread: thread
                .name
                .clone()
                .unwrap_or_else(|| format!("thread {}", thread.serial)),
            what: kind(below),
            frame: below
                .iter()
                .find(|f| !is_jdk(&f.class))
                .map(ToString::to_string),
        })
    })
}

/// What ran out, by who asked for it.
fn kind(below: &[StackFrame]) -> OutOfMemoryKind {
    let Some(frame) = below
        .iter()
        .find(|f| f.class != "java.lang.OutOfMemoryError")
    else {
        return OutOfMemoryKind::HeapSpace;
    };
    match (frame.class.as_str(), frame.method.as_str()) {
        ("java.nio.Bits", "reserveMemory") | ("java.lang.Thread", "start0") => {
            OutOfMemoryKind::Native
        }
        ("jdk.internal.misc.Unsafe" | "sun.misc.Unsafe", method)
            if method.contains("allocateMemory") =>
        {
            OutOfMemoryKind::Native
        }
        (_, method)
            if method.starts_with("defineClass") || method.starts_with("defineAnonymousClass") =>
        {
            OutOfMemoryKind::Metaspace
        }
        _ => OutOfMemoryKind::HeapSpace,
    }
}

fn is_jdk(class: &str) -> bool {
    ["java.", "javax.", "jdk.", "sun.", "com.sun."]
        .iter()
        .any(|prefix| class.starts_with(prefix))
}

//! The thread that was throwing an `OutOfMemoryError`: HotSpot puts the constructor on top of its stack when it writes the dump
//! (`heapDumper.cpp`, `-XX:+HeapDumpOnOutOfMemoryError`).

use crate::heap::{Snapshot, StackFrame};
use crate::verdict::clean_name;
use crate::verdict::facts::{OutOfMemory, OutOfMemoryKind};

/// Frames from the top in which the constructor is looked for: an error made in Java has its stack filled in above.
const TOP: usize = 6;

/// The first thread, in the order of the dump, that was throwing.
pub(super) fn out_of_memory(snapshot: &Snapshot) -> Option<OutOfMemory> {
    snapshot.threads().iter().find_map(|thread| {
        let stack = snapshot.stack(thread);
        let at = stack
            .iter()
            .take(TOP)
            .position(|f| f.class == "java.lang.OutOfMemoryError" && f.method == "<init>")?;
        let below = &stack[at + 1..];
        Some(OutOfMemory {
            thread: clean_name(thread.name.as_deref().unwrap_or("")),
            what: kind(below),
            frame: below
                .iter()
                .find(|frame| !is_jdk(&frame.class))
                .map(|frame| clean_name(&frame.to_string())),
        })
    })
}

/// What ran out, from what the thread was doing; the dump does not keep the message.
fn kind(below: &[StackFrame]) -> OutOfMemoryKind {
    let Some(top) = below.first() else {
        return OutOfMemoryKind::HeapSpace;
    };
    match (top.class.as_str(), top.method.as_str()) {
        ("java.nio.Bits", "reserveMemory")
        | ("jdk.internal.misc.Unsafe" | "sun.misc.Unsafe", "allocateMemory" | "allocateMemory0")
        | ("java.lang.Thread", "start0")
        | ("sun.nio.ch.FileChannelImpl" | "sun.nio.ch.UnixFileDispatcherImpl", "map0") => {
            OutOfMemoryKind::Native
        }
        // Defining a class takes metaspace; what it takes of the heap is little.
        (
            "java.lang.ClassLoader"
            | "jdk.internal.misc.Unsafe"
            | "sun.misc.Unsafe"
            | "jdk.internal.access.JavaLangAccess"
            | "java.lang.System$2",
            "defineClass0"
            | "defineClass1"
            | "defineClass2"
            | "defineAnonymousClass0"
            | "defineAnonymousClass",
        ) => OutOfMemoryKind::Metaspace,
        _ => OutOfMemoryKind::HeapSpace,
    }
}

fn is_jdk(class: &str) -> bool {
    ["java.", "javax.", "jdk.", "sun.", "com.sun."]
        .iter()
        .any(|prefix| class.starts_with(prefix))
}

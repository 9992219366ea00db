//! The thread that was throwing an `OutOfMemoryError`: HotSpot puts the constructor on top of its stack when it writes the dump
//! (`heapDumper.cpp`, `-XX:+HeapDumpOnOutOfMemoryError`).

use crate::heap::{Snapshot, StackFrame};
use crate::verdict::clean_name;
use crate::verdict::facts::{OutOfMemory, OutOfMemoryKind};

/// Frames from the top in which the constructor is looked for: an error made in Java has its stack filled in above.
const TOP: u32 = 6;

/// The first thread, in the order of the dump, that was throwing.
pub(super) fn out_of_memory(snapshot: &Snapshot) -> Option<OutOfMemory> {
    snapshot.threads().iter().find_map(|thread| {
        let mut top = (0..TOP).filter_map(|number| snapshot.frame(thread, number));
        let at =
            top.position(|f| f.class == "java.lang.OutOfMemoryError" && f.method == "<init>")?;
        let stack = snapshot.stack(thread);
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
    let (class, method) = (top.class.as_str(), top.method.as_str());
    if makes_arrays(class, method) {
        return OutOfMemoryKind::Array;
    }
    if links(class, method) {
        return OutOfMemoryKind::Linking;
    }
    match (class, method) {
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

/// Methods of the JDK that allocate nothing but arrays; every program runs them before it runs its own code.
fn makes_arrays(class: &str, method: &str) -> bool {
    match class {
        "java.util.Arrays" => method.starts_with("copyOf"),
        "java.lang.reflect.Array" => {
            matches!(
                method,
                "newArray" | "newInstance" | "multiNewArray" | "multiNewArray0"
            )
        }
        "jdk.internal.misc.Unsafe" => method.starts_with("allocateUninitializedArray"),
        "java.util.HashMap" => method == "resize",
        "java.io.ByteArrayOutputStream" | "java.io.InputStream" | "java.nio.HeapByteBuffer" => true,
        "java.lang.AbstractStringBuilder" | "java.lang.StringUTF16" | "java.lang.StringLatin1" => {
            true
        }
        _ => false,
    }
}

/// Native methods of the JDK that link and initialise classes, or make what the JVM keeps of them: of the heap they take next to
/// nothing.
fn links(class: &str, method: &str) -> bool {
    match class {
        "java.lang.Class" => {
            method == "forName0" || method.starts_with("getDeclared") && method.ends_with('0')
        }
        "java.lang.ClassLoader" => method.starts_with("find") || method.starts_with("resolveClass"),
        "java.lang.invoke.MethodHandleNatives" => true,
        "jdk.internal.misc.Unsafe" | "sun.misc.Unsafe" => {
            method.starts_with("ensureClassInitialized")
                || method.starts_with("shouldBeInitialized")
        }
        "java.lang.reflect.Proxy" => method == "defineClass0",
        _ => ["newInstance0", "invoke0"].contains(&method) && is_jdk(class),
    }
}

fn is_jdk(class: &str) -> bool {
    ["java.", "javax.", "jdk.", "sun.", "com.sun."]
        .iter()
        .any(|prefix| class.starts_with(prefix))
}

//! Objects that wait for their finalizer: native memory that is freed only when the finalizer thread gets to it.

use super::{Dump, NativeKind, NativeMemory, OpenHandles};
use crate::heap::Snapshot;
use crate::verdict::clean_name;

pub(super) const KIND: NativeKind = NativeKind {
    wants: |_, _| false,
    read,
};

/// Waiting objects that are worth telling: a thread that keeps up leaves a handful.
const MANY: u64 = 1_000;
/// Waiting objects that are looked at for the class that most of them have.
const LOOKED_AT: usize = 1_000;

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let snapshot = dump.snapshot;
    let Some(queue) = snapshot.static_object("java.lang.ref.Finalizer", "queue") else {
        return;
    };
    let waiting = snapshot
        .field_integer(queue, "queueLength")
        .and_then(|n| u64::try_from(n).ok())
        .unwrap_or(0);
    if waiting < MANY {
        return;
    }
    native.handles.push(OpenHandles {
        what: match most_of(snapshot, queue) {
            Some(class) => format!("objects that wait for their finalizer, most of them {class}"),
            None => "objects that wait for their finalizer".to_owned(),
        },
        count: waiting,
        not_closed: waiting,
        bytes: None,
        owner: finalizer_frame(snapshot),
    });
}

/// The class that most of the first waiting objects have.
fn most_of(snapshot: &Snapshot, queue: u32) -> Option<String> {
    let mut counts = std::collections::BTreeMap::new();
    let mut at = snapshot.field_object(queue, "head");
    for _ in 0..LOOKED_AT {
        let Some(reference) = at else { break };
        if let Some(object) = snapshot.field_object(reference, "referent") {
            *counts.entry(snapshot.class_of(object)).or_insert(0u64) += 1;
        }
        // The last one links to itself.
        at = snapshot
            .field_object(reference, "next")
            .filter(|&next| next != reference);
    }
    let (class, _) = counts.into_iter().max_by_key(|&(class, n)| (n, class))?;
    Some(clean_name(&snapshot.classes().get(class).name))
}

/// What the finalizer thread is doing, when it does more than wait.
fn finalizer_frame(snapshot: &Snapshot) -> Option<String> {
    let thread = snapshot
        .threads()
        .iter()
        .find(|thread| thread.name.as_deref() == Some("Finalizer"))?;
    let frame = snapshot
        .stack(thread)
        .into_iter()
        .find(|frame| !frame.class.starts_with("java.") && !frame.class.starts_with("jdk."))?;
    Some(format!(
        "the finalizer thread is in {}",
        clean_name(&frame.to_string())
    ))
}

//! How reports show one object.

use crate::heap::{ObjectIndex, Snapshot};
use crate::report::neutralise;

/// An address as reports show it.
pub fn address(snapshot: &Snapshot<'_>, object: ObjectIndex) -> String {
    format!("{:#x}", snapshot.address(object))
}

/// The name of a thread as reports show it; `None` for other objects.
pub fn thread_name(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<String> {
    let class = snapshot.class_of(object);
    let is_thread = snapshot.classes().is_a(class, "java.lang.Thread");
    let name = is_thread.then(|| snapshot.thread_name(object)).flatten()?;
    Some(short(name))
}

/// Names of 64 KB are legal in a dump.
pub fn short(name: String) -> String {
    neutralise::limit(&name).unwrap_or(name)
}

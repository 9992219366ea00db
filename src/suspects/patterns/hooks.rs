//! What is to be done when the JVM exits: it waits until then.

use super::pattern::{Bound, Pattern, Rule};

/// `File.deleteOnExit`.
pub const DELETE_ON_EXIT: Pattern = Pattern {
    id: "delete_on_exit",
    rows: &[26],
    title: "Files to be deleted when the JVM exits",
    component: "DeleteOnExitHook",
    wanted: &["java.io.DeleteOnExitHook"],
    rule: Rule::Entries("#files", Bound::Usual(10_000)),
    unit: "files",
    advice: "`File.deleteOnExit` keeps every path until the JVM ends, even of files long deleted: delete files when they are no longer needed.",
    ..Pattern::PLAIN
};

/// `Runtime.addShutdownHook`.
pub const SHUTDOWN: Pattern = Pattern {
    id: "shutdown_hooks",
    rows: &[27],
    title: "Shutdown hooks",
    component: "ApplicationShutdownHooks",
    wanted: &["java.lang.ApplicationShutdownHooks"],
    rule: Rule::Entries("#hooks", Bound::Usual(100)),
    unit: "hooks",
    advice: "Register one hook for the application, and remove a component's hook with `Runtime.removeShutdownHook` when it is closed.",
    ..Pattern::PLAIN
};

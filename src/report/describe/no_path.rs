//! What has no path from a GC root, in words.

use crate::report::model::{Amount, ClassCount, NoPath};

/// A part of it.
pub struct Part<'r> {
    /// What it is.
    pub what: &'static str,
    /// How much.
    pub amount: Amount,
    /// Its largest classes.
    pub classes: &'r [ClassCount],
}

/// The parts, that of which the collector makes no use first.
pub fn no_path(no_path: &NoPath) -> [Part<'_>; 3] {
    let (fillers, rest) = match no_path.fillers_told_apart {
        true => (
            "fillers of the collector",
            "the rest: garbage not yet collected",
        ),
        false => (
            "fillers of the collector: in this JVM they look like int[]",
            "the rest: garbage not yet collected, and fillers (int[])",
        ),
    };
    [
        Part {
            what: fillers,
            amount: no_path.fillers,
            classes: &[],
        },
        Part {
            what: "behind class objects, or referred to by the JVM itself",
            amount: no_path.behind_class_mirrors,
            classes: &no_path.classes_behind_mirrors,
        },
        Part {
            what: rest,
            amount: no_path.rest,
            classes: &no_path.classes,
        },
    ]
}

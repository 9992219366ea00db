//! Threads in masses.

use super::pattern::{Bound, Pattern, Rule};

/// Virtual threads: cheap, but each that waits keeps its stack and what its frames hold.
pub const VIRTUAL: Pattern = Pattern {
    id: "virtual_threads",
    rows: &[49],
    title: "Virtual threads",
    component: "virtual threads",
    wanted: &["java.lang.VirtualThread"],
    rule: Rule::Count(Bound::Usual(100_000)),
    unit: "threads",
    advice: "Limit how many start (a semaphore, a bounded queue before them), and give what they wait for a timeout.",
    ..Pattern::PLAIN
};

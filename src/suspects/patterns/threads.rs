//! Threads in masses.

use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::suspects::{HolderKind, Suspect};

/// Virtual threads: cheap, but each that waits keeps its stack and what its frames hold.
pub const VIRTUAL: Pattern = Pattern {
    id: "virtual_threads",
    rows: &[49],
    title: "Virtual threads",
    component: "virtual threads",
    wanted: &["java.lang.VirtualThread"],
    rule: Rule::Count(Bound::Usual(100_000)),
    unit: "threads",
    advice: "Limit how many are started (a semaphore, a bounded queue), and set a timeout on what they wait for.",
    ..Pattern::PLAIN
};

/// Whether `suspect` is virtual threads, no more of them than are usual.
pub fn are_usual(suspect: &Suspect) -> bool {
    let finding = suspect.pattern.as_ref();
    let virtual_threads = finding.filter(|finding| finding.pattern.id == VIRTUAL.id);
    virtual_threads.is_some_and(Finding::is_few_but_large)
}

/// Whether `finding` counts threads of which `suspect` is one: what one keeps is nothing that their number explains.
pub fn is_one_of(suspect: &Suspect, finding: &Finding) -> bool {
    finding.pattern.id == VIRTUAL.id
        && suspect.holder.kind == HolderKind::Thread
        && suspect.holders == 1
}

//! Reads from the heap what the decision needs besides suspects and native memory: totals, maximum heap, threads.
//!
//! | module | what it reads |
//! | --- | --- |
//! | `maximum` | the maximum heap |
//! | `threads` | platform threads, and the one that ran out of memory |
//! | `maps` | entries of the JDK's own maps |

mod maps;
mod maximum;
mod threads;

use super::facts::HeapFacts;
use crate::graph::Strength;
use crate::heap::{ClassKind, Snapshot};

/// The facts of the heap; suspects, largest holder, what is cleared by design, and native memory are left for the caller to fill in.
pub fn read(snapshot: &Snapshot) -> HeapFacts {
    let bytes = |strength| snapshot.totals(strength).bytes;
    HeapFacts {
        strong_bytes: bytes(Strength::Strong),
        soft_bytes: bytes(Strength::Soft),
        weak_bytes: bytes(Strength::Weak),
        final_bytes: bytes(Strength::Final),
        phantom_bytes: bytes(Strength::Phantom),
        no_path_bytes: bytes(Strength::NoPath).saturating_sub(snapshot.fillers().bytes),
        complete: snapshot.is_complete(),
        has_roots: snapshot.roots().records > 0 && snapshot.roots().complete,
        max_heap: maximum::read(snapshot),
        out_of_memory: threads::out_of_memory(snapshot),
        platform_threads: threads::platform(snapshot),
        classes: classes(snapshot),
        ..HeapFacts::default()
    }
}

/// Number of loaded classes, arrays left out: their metadata is small.
fn classes(snapshot: &Snapshot) -> u64 {
    let is_class = |c: &crate::heap::Class| c.dumped && c.kind == ClassKind::Instance;
    snapshot
        .classes()
        .iter()
        .filter(|(_, c)| is_class(c))
        .count() as u64
}

//! The inventory of a dump, for comparisons.

use crate::growth::{self, Inventory};
use crate::heap::Snapshot;
use crate::verdict::heap_facts::Read;
use crate::verdict::ledger::{Component, Kind};

/// The inventory of `snapshot`, of which `read` was read.
pub fn inventory(snapshot: &Snapshot<'_>, read: &Read) -> Inventory {
    let direct = read.facts.off_heap.iter().find(|part| {
        part.component == Component::DirectMemory && part.kind == Kind::Measured
    });
    growth::take(snapshot, read.native.objects(), direct.map(|part| part.low))
}

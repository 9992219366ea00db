//! Threads with state, stack and what they keep alive: the report's own table.

use super::super::instances::Instances;
use super::super::threads::tables;
use crate::heap::Snapshot;
use crate::report::model::ThreadRow;
use crate::suspects::statics::Statics;

/// Platform threads and groups of virtual threads.
pub fn threads(snapshot: &Snapshot<'_>) -> Vec<ThreadRow> {
    let instances = Instances::new(snapshot);
    let statics = Statics::new(snapshot);
    let mut rows = tables(snapshot, &instances, &statics).rows;
    for row in &mut rows {
        row.name = super::short(std::mem::take(&mut row.name));
    }
    rows
}

//! Threads with state, stack and what they keep alive: the report's own table.

use super::super::threads::{MOST_GROUPS, tables};
use crate::heap::{Instances, Snapshot};
use crate::report::model::ThreadRow;
use crate::suspects::statics::Statics;

/// Platform threads and groups of virtual threads: of these as many as a report tells, or `all`.
pub fn threads(snapshot: &Snapshot<'_>, all: bool) -> Vec<ThreadRow> {
    let instances = Instances::of(snapshot, ["java.lang.Thread"], &[]);
    let statics = Statics::new(snapshot);
    let most = if all { usize::MAX } else { MOST_GROUPS };
    let mut rows = tables(snapshot, &instances, &statics, most).rows;
    for row in &mut rows {
        row.name = super::super::shown::short(std::mem::take(&mut row.name));
    }
    rows
}

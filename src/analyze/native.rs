//! Open native handles as rows of the report.

use crate::report::model::{Holder, OffHeapOwner};
use crate::verdict::heap_facts::Read;
use crate::verdict::off_heap::OpenHandles;
use crate::verdict::size::thousands;

/// Open handles, which have no line in the ledger.
pub fn owners(read: &Read) -> Vec<OffHeapOwner> {
    read.native.handles.iter().map(handles).collect()
}

fn handles(open: &OpenHandles) -> OffHeapOwner {
    let not_closed = match open.not_closed {
        0 => String::new(),
        n => format!(" ({} of them not closed)", thousands(n)),
    };
    OffHeapOwner {
        component: "native_handles".to_owned(),
        holder: Holder {
            kind: "owner".to_owned(),
            class: open.owner.clone().unwrap_or_default(),
            count: 1,
            ..Holder::default()
        },
        class: format!("{}{not_closed}", open.what),
        objects: open.count,
        bytes: open.bytes,
    }
}

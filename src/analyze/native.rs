//! Open native handles as rows of the report, and what to know of sizes and contents.

use crate::heap::Snapshot;
use crate::report::model::{Holder, HolderKind, OffHeapOwner, Warning};
use crate::sentence;
use crate::sentence::Count;
use crate::verdict::heap_facts::Read;
use crate::verdict::off_heap::OpenHandles;
use crate::verdict::size::thousands;

/// A dump of so few objects has nothing to measure the layout by.
const FEW_OBJECTS: usize = 1_000;

/// Open handles, which have no line in the ledger.
pub fn owners(read: &Read) -> Vec<OffHeapOwner> {
    read.native.handles.iter().map(handles).collect()
}

/// Warnings where sizes or contents are not what they seem.
pub fn warnings(snapshot: &Snapshot<'_>, read: &Read) -> Vec<Warning> {
    let guessed = guessed_sizes(snapshot, read);
    let zeroed = read.facts.zeroed.then(|| Warning {
        code: "contents_taken_out".to_owned(),
        message: "all texts are zeros: the contents were taken out of the dump. Sizes are right, numbers and texts are not".into(),
        ..Warning::default()
    });
    guessed.into_iter().chain(zeroed).collect()
}

fn guessed_sizes(snapshot: &Snapshot<'_>, read: &Read) -> Option<Warning> {
    let layout = snapshot.layout();
    let guessed = layout.inferred_from.starts_with("assumed") && !read.facts.android;
    if !guessed || snapshot.len() <= FEW_OBJECTS {
        return None;
    }
    let name = read.jvm.name.as_deref();
    let wide = name.is_some_and(|name| name.contains("64-Bit")) && layout.object_header_bytes < 12;
    let larger = match wide {
        true => "; the JVM had 64 bits, so objects were larger",
        false => "",
    };
    Some(Warning {
        code: "guessed_sizes".to_owned(),
        message: sentence!(
            "sizes are a guess: the identifiers of this dump are no addresses (old hprof agent), so references of {} and headers of {} \
             bytes are assumed{}",
            Count(layout.reference_bytes),
            Count(layout.object_header_bytes),
            larger
        ),
        ..Warning::default()
    })
}

fn handles(open: &OpenHandles) -> OffHeapOwner {
    let not_closed = match open.not_closed {
        0 => String::new(),
        n => format!(" ({} of them not closed)", thousands(n)),
    };
    OffHeapOwner {
        component: "native_handles".to_owned(),
        holder: Holder {
            kind: HolderKind::Owner,
            class: open.owner.clone().unwrap_or_default(),
            count: 1,
            ..Holder::default()
        },
        class: format!("{}{not_closed}", open.what),
        objects: open.count,
        bytes: open.bytes,
    }
}

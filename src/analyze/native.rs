//! What the dump says of its JVM and of native memory, as parts of the report.

use crate::heap::Snapshot;
use crate::report::Report;
use crate::report::model::{Holder, OffHeapOwner, Warning};
use crate::suspects::Suspects;
use crate::verdict::heap_facts::Read;
use crate::verdict::off_heap::OpenHandles;
use crate::verdict::size::thousands;

/// A dump of so few objects has nothing to measure the layout by.
const FEW_OBJECTS: usize = 1_000;

/// Fills the section `jvm` of `report`, and open handles, which have no line in the ledger.
pub fn jvm(read: &Read, report: &mut Report) {
    let jvm = &read.jvm;
    report.jvm.version = match (&jvm.name, &jvm.version) {
        (Some(name), Some(version)) => Some(format!("{name} {version}")),
        (name, version) => version.clone().or_else(|| name.clone()),
    };
    report.jvm.main_class = jvm.main_class.clone();
    report.jvm.pod = jvm.host.clone();
    report.jvm.flags = jvm.flags.clone();
    report.off_heap = read.native.handles.iter().map(handles).collect();
}

/// Warns where sizes or contents are not what they seem.
pub fn warn(snapshot: &Snapshot<'_>, read: &Read, report: &mut Report) {
    let layout = snapshot.layout();
    let guessed = layout.inferred_from.starts_with("assumed") && !read.facts.android;
    if guessed && snapshot.len() > FEW_OBJECTS {
        let wide = report
            .jvm
            .version
            .as_ref()
            .is_some_and(|version| version.contains("64-Bit"));
        let larger = match wide && layout.object_header_bytes < 12 {
            true => "; the JVM had 64 bits, so objects were larger",
            false => "",
        };
        report.warnings.push(Warning {
            code: "guessed_sizes".to_owned(),
            message: format!(
                "sizes are a guess: the identifiers of this dump are no addresses (old hprof agent), so references of {} and headers of {} \
                 bytes are assumed{larger}",
                layout.reference_bytes, layout.object_header_bytes
            ),
            ..Warning::default()
        });
    }
    if read.facts.zeroed {
        report.warnings.push(Warning {
            code: "contents_taken_out".to_owned(),
            message: "all texts are zeros: somebody took the contents out of the dump, so what numbers and texts in it say is not used"
                .to_owned(),
            ..Warning::default()
        });
    }
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

/// Native memory that would go with each suspect; the rows of `report` are in the order of `found`.
pub fn of_suspects(snapshot: &Snapshot<'_>, read: &Read, found: &Suspects, report: &mut Report) {
    let places = read.native.places(snapshot);
    for (row, suspect) in report.suspects.iter_mut().zip(&found.list) {
        let bytes = places.within(&suspect.tops);
        row.off_heap_bytes = (bytes > 0).then_some(bytes);
    }
}

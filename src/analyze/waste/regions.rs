//! Space that the collector cannot use: tails of G1's humongous regions, and fillers.

use crate::heap::Snapshot;
use crate::report::model::WasteFinding;
use crate::sentence;
use crate::sentence::Size;
use crate::verdict::jvm_facts::{self, JvmFacts};

/// What humongous arrays leave of their last region.
pub fn tails(snapshot: &Snapshot<'_>, jvm: &JvmFacts) -> Option<WasteFinding> {
    let tails = jvm_facts::tails(snapshot, jvm)?;
    (tails.bytes >= super::FLOOR).then(|| WasteFinding {
        kind: "humongous_regions".to_owned(),
        title: sentence!(
            "tails of G1's humongous regions ({} each), arrays of half a region or more",
            Size(tails.region)
        ),
        objects: tails.arrays,
        bytes: tails.bytes,
        ..WasteFinding::default()
    })
}

/// Fillers: dead space that the collector makes look like objects.
pub fn fillers(snapshot: &Snapshot<'_>) -> Option<WasteFinding> {
    let fillers = snapshot.fillers();
    (fillers.bytes >= super::FLOOR).then(|| WasteFinding {
        kind: "fillers".to_owned(),
        title: "fillers of the collector between objects and at the end of regions".into(),
        objects: fillers.objects,
        bytes: fillers.bytes,
        ..WasteFinding::default()
    })
}

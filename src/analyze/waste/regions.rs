//! Space that the collector cannot use: tails of G1's humongous regions, and fillers.

use rayon::prelude::*;

use crate::graph::Strength;
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::WasteFinding;
use crate::verdict::sentence::Size;

/// Sizes of G1's regions, in bytes, smallest first (`HeapRegionBounds`).
const REGIONS: [u64; 6] = [1 << 20, 2 << 20, 4 << 20, 8 << 20, 16 << 20, 32 << 20];

/// What humongous arrays leave of their last region. An array of half a region or more begins at a region and has it alone; that
/// tells the size of a region, and that it was G1.
pub fn tails(snapshot: &Snapshot<'_>) -> Option<WasteFinding> {
    let large: Vec<ObjectIndex> = (0..snapshot.len() as u32)
        .into_par_iter()
        .with_min_len(1 << 14)
        .filter(|&object| snapshot.shallow(object) >= REGIONS[0] / 2)
        .collect();
    REGIONS.into_iter().find_map(|region| {
        let humongous: Vec<ObjectIndex> = large
            .iter()
            .copied()
            .filter(|&object| snapshot.shallow(object) >= region / 2)
            .collect();
        let fits = humongous.len() >= 2
            && humongous
                .iter()
                .all(|&object| has_regions_alone(snapshot, object, region));
        let tail = |&object: &ObjectIndex| {
            let bytes = snapshot.shallow(object);
            bytes.next_multiple_of(region) - bytes
        };
        fits.then(|| WasteFinding {
            kind: "humongous_regions".to_owned(),
            title: format!(
                "tails of G1's humongous regions ({} each), arrays of half a region or more",
                Size(region)
            ),
            objects: humongous.len() as u64,
            bytes: humongous.iter().map(tail).sum(),
            holder: None,
            examples: Vec::new(),
        })
    })
}

/// Whether `object` begins at a region and nothing but a filler follows up to the next one.
fn has_regions_alone(snapshot: &Snapshot<'_>, object: ObjectIndex, region: u64) -> bool {
    let address = snapshot.address(object);
    let Some(end) = address.checked_add(snapshot.shallow(object)) else {
        return false;
    };
    let Some(border) = end.checked_next_multiple_of(region) else {
        return false;
    };
    if !address.is_multiple_of(region) {
        return false;
    }
    let next = object + 1;
    if next as usize >= snapshot.len() {
        return true;
    }
    let after = snapshot.address(next);
    after >= border
        || snapshot.strength(next) == Strength::NoPath
            && after.saturating_add(snapshot.shallow(next)) == border
}

/// Fillers: dead space that the collector makes look like objects.
pub fn fillers(snapshot: &Snapshot<'_>) -> Option<WasteFinding> {
    let fillers = snapshot.fillers();
    (fillers.bytes >= super::FLOOR).then(|| WasteFinding {
        kind: "fillers".to_owned(),
        title: "fillers of the collector between objects and at the end of regions".to_owned(),
        objects: fillers.objects,
        bytes: fillers.bytes,
        holder: None,
        examples: Vec::new(),
    })
}

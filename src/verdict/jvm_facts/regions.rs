//! What collectors that divide the heap into regions leave empty: behind arrays that have regions of their own, where nothing else is
//! put, and where the next object did not fit.

use rayon::prelude::*;

use super::{JvmFacts, collector};
use crate::graph::Strength;
use crate::heap::{ObjectIndex, Snapshot};

/// Sizes of G1's regions, in bytes, smallest first (`HeapRegionBounds`).
const REGIONS: [u64; 6] = [1 << 20, 2 << 20, 4 << 20, 8 << 20, 16 << 20, 32 << 20];

/// Arrays that must agree about the size of a region where nothing else tells it, or that it was G1.
const ENOUGH: usize = 4;

/// The smallest page of ZGC, in bytes (`ZGranuleSize`).
const GRANULE: u64 = 2 << 20;

/// Tails of G1's humongous regions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tails {
    /// Size of a region in bytes.
    pub region: u64,
    /// Humongous arrays: those of half a region or more.
    pub arrays: u64,
    /// Bytes behind them.
    pub bytes: u64,
}

/// What humongous arrays leave of their last region. An array of half a region or more begins at a region and has it alone: that
/// confirms the size of a region that an argument of `jvm` gives or that follows from the maximum heap, or tells it.
pub(crate) fn tails(snapshot: &Snapshot<'_>, jvm: &JvmFacts) -> Option<Tails> {
    if jvm.is_g1 == Some(false) {
        return None;
    }
    let large = large(snapshot);
    let region = region_bytes(snapshot, jvm, &large)?;
    let humongous = humongous(snapshot, &large, region);
    let tail = |object| {
        let bytes = snapshot.shallow(object);
        bytes.next_multiple_of(region) - bytes
    };
    let tails = humongous.iter().map(|&object| tail(object));
    Some(Tails {
        region,
        arrays: humongous.len() as u64,
        bytes: tails.fold(0, u64::saturating_add),
    })
}

/// Bytes of the heap that are taken: the regions in which any object lies, where the heap may be divided into some, at least the
/// `filled` bytes of the objects, and no more than the maximum. A heap that is not divided is compact when it is full, and this adds
/// a few regions at most.
pub(crate) fn taken(snapshot: &Snapshot<'_>, jvm: &JvmFacts, filled: u64) -> u64 {
    let regions =
        granule(snapshot, jvm).map_or(0, |size| touched(snapshot, size).saturating_mul(size));
    let most = jvm.max_heap.as_ref().map_or(filled, |max| max.bytes);
    regions.min(most).max(filled)
}

/// The size of what objects do not share with the next region, in bytes.
fn granule(snapshot: &Snapshot<'_>, jvm: &JvmFacts) -> Option<u64> {
    if collector::is_zgc(snapshot) {
        return Some(GRANULE);
    }
    if jvm.is_g1 == Some(false) {
        return None;
    }
    let large = large(snapshot);
    let usual = || jvm.max_heap.as_ref().map(|max| usual_region(max.bytes));
    region_bytes(snapshot, jvm, &large).or_else(usual)
}

/// Parts of `size` bytes of the address space in which any object lies.
fn touched(snapshot: &Snapshot<'_>, size: u64) -> u64 {
    let mut count = 0u64;
    let mut next = 0;
    for (object, address) in (0..).zip(snapshot.addresses()) {
        let end = address.saturating_add(snapshot.shallow(object).max(1)) - 1;
        let from = (address / size).max(next);
        if end / size >= from {
            count += end / size - from + 1;
            next = end / size + 1;
        }
    }
    count
}

/// Objects that may have regions of their own.
fn large(snapshot: &Snapshot<'_>) -> Vec<ObjectIndex> {
    (0..snapshot.len() as u32)
        .into_par_iter()
        .with_min_len(1 << 14)
        .filter(|&object| snapshot.shallow(object) >= REGIONS[0] / 2)
        .collect()
}

/// The size of a region in bytes: as an argument gives it, else as it follows from the maximum heap unless more arrays than that
/// could by chance begin at multiples of a larger one.
fn region_bytes(snapshot: &Snapshot<'_>, jvm: &JvmFacts, large: &[ObjectIndex]) -> Option<u64> {
    if let Some(region) = jvm.region_bytes {
        return Some(region);
    }
    // How many arrays say that a region has so many bytes; 0 where one says that it has not.
    let votes = |region: u64| {
        let humongous = humongous(snapshot, large, region);
        let fits = humongous
            .iter()
            .all(|&object| has_regions_alone(snapshot, object, region));
        if fits { humongous.len() } else { 0 }
    };
    let sizes = REGIONS.into_iter().rev();
    let confirmed = sizes.filter(|&region| votes(region) >= ENOUGH).max();
    let usual = jvm.max_heap.as_ref().map(|max| usual_region(max.bytes));
    let usual = usual.filter(|&region| jvm.is_g1 == Some(true) && votes(region) > 0);
    confirmed.max(usual)
}

fn humongous(snapshot: &Snapshot<'_>, large: &[ObjectIndex], region: u64) -> Vec<ObjectIndex> {
    let is_humongous = |&object: &ObjectIndex| snapshot.shallow(object) >= region / 2;
    large.iter().copied().filter(is_humongous).collect()
}

/// The size of a region for a heap of at most `max` bytes (`HeapRegion::setup_heap_region_size`, JDK 17: 2,048 regions, their size
/// rounded up to a power of two).
fn usual_region(max: u64) -> u64 {
    let region = (max / 2_048).clamp(REGIONS[0], REGIONS[REGIONS.len() - 1]);
    region.next_power_of_two()
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

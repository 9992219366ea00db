//! Suspects against findings: what a bounded component holds within its bound is no suspect, and what a pattern knows is
//! told with it.

use rayon::prelude::*;

use super::condense::order;
use super::pattern::{Assessment, Finding};
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::{Suspect, Suspects};

/// Takes suspects out of the list that are bounded components within their bounds, and notes at the others which pattern
/// they match. Gives back the findings that cleared a suspect.
///
/// `max_heap` is the maximum heap in bytes: a component that takes more than half of it stays a suspect even within its bound,
/// since the bound is too large for the heap.
pub fn match_suspects(
    snapshot: &Snapshot<'_>,
    suspects: &mut Suspects,
    findings: &[Finding],
    max_heap: Option<u64>,
) -> Vec<Finding> {
    let mut cleared = Vec::new();
    let floor = suspects.floor;
    let findings: Vec<(&Finding, u64)> = findings
        .iter()
        .map(|finding| (finding, retained(snapshot, &finding.extent)))
        .collect();
    let mut judge_one = |suspect: &mut Suspect| {
        let found = best(snapshot, suspect, &findings, floor);
        match found {
            Some((finding, true)) => {
                let too_large = max_heap.is_some_and(|max| suspect.retained_bytes > max / 2);
                let mut finding = finding.clone();
                if too_large {
                    finding.assessment = Assessment::Unknown;
                    "within its bound, but more than half of the maximum heap"
                        .clone_into(&mut finding.note);
                } else {
                    cleared.push(finding.clone());
                }
                suspect.pattern = Some(finding);
                !too_large
            }
            Some((finding, false)) => {
                suspect.pattern = Some(finding.clone());
                false
            }
            None => false,
        }
    };
    suspects.list.retain_mut(|suspect| !judge_one(suspect));
    if let Some(largest) = &mut suspects.largest {
        judge_one(largest);
    }
    cleared.sort_by(order);
    cleared.dedup_by_key(|finding| (finding.pattern.id, finding.object));
    cleared
}

/// Bytes that `extent` retains; none of it dominates another.
fn retained(snapshot: &Snapshot<'_>, extent: &[ObjectIndex]) -> u64 {
    extent
        .iter()
        .map(|&object| snapshot.retained(object))
        .fold(0, u64::saturating_add)
}

/// The finding that explains `suspect`, out of findings with the bytes that their extents retain, and whether it clears it.
fn best<'f>(
    snapshot: &Snapshot<'_>,
    suspect: &Suspect,
    findings: &[(&'f Finding, u64)],
    floor: u64,
) -> Option<(&'f Finding, bool)> {
    let mut found: Option<(&Finding, u64)> = None;
    for &(finding, extent) in findings {
        // A suspect may have millions of parts: look at them only for what is large enough to explain it.
        if extent < suspect.retained_bytes.div_ceil(2) {
            continue;
        }
        let covered = covered(snapshot, suspect, &finding.extent).min(suspect.retained_bytes);
        if covered == 0 || covered < suspect.retained_bytes.div_ceil(2) {
            continue;
        }
        let harmless = finding.assessment == Assessment::ByDesign;
        // What is left besides the component must not be a suspect of its own.
        if harmless && finding.bounded && suspect.retained_bytes - covered < floor {
            return Some((finding, true));
        }
        let weight = |finding: &Finding| (finding.assessment, !finding.pattern.general);
        let better =
            found.is_none_or(|(best, bytes)| (weight(finding), covered) > (weight(best), bytes));
        if !harmless && better {
            found = Some((finding, covered));
        }
    }
    found.map(|(finding, _)| (finding, false))
}

/// Bytes of `suspect` that `extent` retains: parts of the suspect inside the extent, and parts of the extent inside the
/// suspect. `extent` is in preorder and none of it dominates another.
fn covered(snapshot: &Snapshot<'_>, suspect: &Suspect, extent: &[ObjectIndex]) -> u64 {
    let of_top = |&top: &ObjectIndex| {
        let run = snapshot.positions(top);
        // The extent is in preorder: those inside the top are neighbours, and so is the one that may cover it.
        let start = extent.partition_point(|&o| snapshot.positions(o).start < run.start);
        let before = start.checked_sub(1).map(|i| extent[i]);
        if before.is_some_and(|above| snapshot.dominates(above, top)) {
            return snapshot.retained(top);
        }
        let inside = extent[start..]
            .iter()
            .take_while(|&&object| run.contains(&snapshot.positions(object).start));
        inside
            .map(|&object| snapshot.retained(object))
            .fold(0, u64::saturating_add)
    };
    let tops = suspect.tops.par_iter().with_min_len(1 << 10);
    tops.map(of_top).reduce(|| 0, u64::saturating_add)
}

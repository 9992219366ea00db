//! Suspects against findings: what a bounded component holds within its bound is no suspect, and what a pattern knows is
//! told with it.

use std::ops::Range;

use rayon::prelude::*;

use super::condense::{alike, order, together};
use super::pattern::{Assessment, Finding};
use super::thread_locals::THREAD_LOCALS;
use super::{immutable, own_limit, threads, weak_maps};
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::{HolderKind, Suspect, Suspects};

/// Entries from which on a collection explains what others hold.
const MANY: u64 = 1_000;
/// What takes up to one in so many parts of the maximum heap fits well into it.
const FITS: u64 = 4;
/// Two numbers are the same where they differ by less than one in so many.
const ALIKE: u64 = 50;
/// Packages below which lie many libraries.
const UMBRELLAS: &[[&str; 2]] = &[
    ["org", "apache"],
    ["org", "eclipse"],
    ["org", "springframework"],
    ["com", "google"],
    ["com", "sun"],
];
/// First parts of the JDK's packages.
const JDK: &[&str] = &["java", "javax", "jdk", "sun"];

/// Takes suspects out of the list that are bounded components within their bounds, and notes at the others which pattern
/// they match. Gives back the findings that cleared a suspect.
///
/// `max_heap` is the maximum heap in bytes: a component that takes more than a quarter of it, or would once it is full, stays a
/// suspect even within its bound. What is no answer by itself but would take no more than a quarter of it is harmless.
pub fn match_suspects(
    snapshot: &Snapshot<'_>,
    suspects: &mut Suspects,
    findings: &[Finding],
    max_heap: Option<u64>,
) -> Vec<Finding> {
    let mut cleared = Vec::new();
    let by = By {
        floor: suspects.floor,
        max_heap,
    };
    let joint = jointly(snapshot, findings);
    let measured = |findings: &'_ [Finding]| -> Vec<u64> {
        let extents = findings.iter().map(|finding| &finding.extent);
        extents.map(|extent| retained(snapshot, extent)).collect()
    };
    let findings: Vec<(&Finding, u64)> = findings.iter().zip(measured(findings)).collect();
    let joint: Vec<(&Finding, u64)> = joint.iter().zip(measured(&joint)).collect();
    let mut judge_one = |suspect: &mut Suspect| {
        let one = best(snapshot, suspect, &findings, by);
        let own = match &one {
            Some((finding, clears)) if *clears || !finding.pattern.is_fallback => None,
            _ => own_limit::of_suspect(snapshot, suspect, by.floor)
                .or_else(|| weak_maps::of_suspect(snapshot, suspect, by.floor))
                .or_else(|| immutable::of_suspect(snapshot, suspect, by.floor)),
        };
        let own = own.map(|own| (retained(snapshot, &own.extent), own));
        let own: Vec<(&Finding, u64)> = own.iter().map(|(bytes, own)| (own, *bytes)).collect();
        let one = best(snapshot, suspect, &own, by).or(one);
        // A fallback pattern says less than several known components.
        let is_enough = one.is_some_and(|(finding, clears)| clears || !finding.pattern.is_fallback);
        let found = match is_enough {
            true => one,
            false => best(snapshot, suspect, &joint, by).or(one),
        };
        match found {
            Some((finding, true)) => {
                let too_large = max_heap.and_then(|max| too_large(suspect, finding, max));
                let mut finding = finding.clone();
                if let Some(note) = too_large {
                    finding.assessment = Assessment::Unknown;
                    note.clone_into(&mut finding.note);
                } else {
                    if finding.assessment != Assessment::ByDesign {
                        finding.assessment = Assessment::ByDesign;
                        finding.note = of_whom(suspect, &finding.note);
                    }
                    cleared.push(finding.clone());
                }
                suspect.pattern = Some(finding);
                too_large.is_none()
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

/// What findings are judged by.
#[derive(Clone, Copy)]
struct By {
    /// Nothing below so many bytes is a suspect.
    floor: u64,
    /// The maximum heap in bytes, where known.
    max_heap: Option<u64>,
}

impl By {
    /// Whether what `finding` knows is harmless for being within a bound, or for fitting well into the heap.
    fn clears(self, finding: &Finding) -> bool {
        let within = finding.assessment == Assessment::ByDesign && finding.bounded;
        let fits = |(max, most): (u64, u64)| most <= max / FITS;
        within || self.max_heap.zip(finding.may_take).is_some_and(fits)
    }
}

/// Components of one pattern as one finding each: one holder may keep several of them (the queues of a pool's workers) of which
/// none alone explains it.
fn jointly(snapshot: &Snapshot<'_>, findings: &[Finding]) -> Vec<Finding> {
    // A fallback pattern says nothing of several components together.
    let known = findings
        .iter()
        .filter(|finding| !finding.pattern.is_fallback);
    let several = alike(known).into_iter().filter(|alike| alike.len() > 1);
    several
        .filter_map(|alike| together(snapshot, &alike))
        .collect()
}

/// `note` with whose component it is: what fits into this heap only is worth knowing by name.
fn of_whom(suspect: &Suspect, note: &str) -> String {
    let holder = suspect.holder.title();
    match note.is_empty() {
        true => holder,
        false => format!("{holder}, {note}"),
    }
}

/// Why a component within its bound is too large for a heap of at most `max` bytes all the same, if it is.
fn too_large(suspect: &Suspect, finding: &Finding, max: u64) -> Option<&'static str> {
    if suspect.retained_bytes > max / FITS {
        return Some("within its bound, but more than a quarter of the maximum heap");
    }
    let beyond = finding.when_full().is_some_and(|full| full > max / FITS);
    beyond.then_some(
        "within its bound, but would take more than a quarter of the maximum heap when full",
    )
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
    by: By,
) -> Option<(&'f Finding, bool)> {
    let mut found: Option<(&Finding, u64)> = None;
    for &(finding, extent) in findings
        .iter()
        .filter(|(finding, _)| fits(finding, suspect))
    {
        // A fallback pattern explains what another holder keeps only if it covers nearly all of it.
        let of_another = is_of_another_holder(finding, suspect);
        let least = match of_another {
            true => suspect.retained_bytes - suspect.retained_bytes / 10,
            false => suspect.retained_bytes.div_ceil(2),
        };
        // A suspect may have millions of parts: look at them only for what is large enough to explain it.
        let covers = match extent >= least {
            true => covered(snapshot, suspect, &finding.extent).min(suspect.retained_bytes),
            false => 0,
        };
        let explains = covers > 0 && covers >= least;
        if !explains && !corresponds(finding, suspect) {
            continue;
        }
        let covered = if explains { covers } else { 0 };
        let harmless = finding.assessment == Assessment::ByDesign;
        // A pattern of this very component says more than a fallback pattern.
        let is_fallback =
            finding.pattern.is_fallback && found.is_some_and(|(f, _)| !f.pattern.is_fallback);
        // What is left besides the component must not be a suspect of its own.
        let clears = by.clears(finding) && !is_fallback;
        if clears && suspect.retained_bytes - covered < by.floor {
            return Some((finding, true));
        }
        let weight = |finding: &Finding| {
            let bad = finding.assessment > Assessment::Unknown;
            (bad, !finding.pattern.is_fallback, finding.assessment)
        };
        let better =
            found.is_none_or(|(best, bytes)| (weight(finding), covered) > (weight(best), bytes));
        if !harmless && better {
            found = Some((finding, covered));
        }
    }
    found.map(|(finding, _)| (finding, false))
}

/// Whether `finding` is of a fallback pattern and of another holder than `suspect`.
fn is_of_another_holder(finding: &Finding, suspect: &Suspect) -> bool {
    finding.pattern.is_fallback && !finding.extent.contains(&suspect.holder.target)
}

/// Whether `finding` may say something of `suspect`.
fn fits(finding: &Finding, suspect: &Suspect) -> bool {
    // Who keeps it by a static field keeps it whatever the threads do.
    let of_threads = finding.pattern.id == THREAD_LOCALS.id;
    let kept = of_threads && suspect.holder.kind == HolderKind::StaticField;
    // The few entries of a collection further up are not what grows.
    let few = is_of_another_holder(finding, suspect)
        && finding.measured.is_none_or(|entries| entries < MANY);
    !kept && !few && !threads::is_one_of(suspect, finding)
}

/// Whether what `suspect` holds are parts of the components that `finding` counted: as many of the same library, though neither
/// dominates the other.
fn corresponds(finding: &Finding, suspect: &Suspect) -> bool {
    let worse = finding.assessment > Assessment::Unknown;
    let Some(measured) = finding
        .measured
        .filter(|_| worse && !finding.pattern.is_fallback)
    else {
        return false;
    };
    let alike = suspect.content.objects.abs_diff(measured) <= measured / ALIKE;
    let mut classes = finding.pattern.classes();
    alike && classes.any(|class| of_one_library(class, &suspect.content.class))
}

/// Two classes below a package that is nobody's in general.
fn of_one_library(a: &str, b: &str) -> bool {
    let common = a.split('.').zip(b.split('.')).take_while(|(a, b)| a == b);
    let common: Vec<&str> = common.map(|(part, _)| part).collect();
    let is_jdk = common.first().is_some_and(|first| JDK.contains(first));
    let umbrella = UMBRELLAS
        .iter()
        .any(|above| above[..] == common[..common.len().min(2)]);
    !is_jdk && common.len() >= if umbrella { 3 } else { 2 }
}

/// Bytes of `suspect` that `extent` retains: parts of the suspect inside the extent, and parts of the extent inside the
/// suspect. `extent` is in preorder and none of it dominates another.
fn covered(snapshot: &Snapshot<'_>, suspect: &Suspect, extent: &[ObjectIndex]) -> u64 {
    let extent: Vec<usize> = extent
        .iter()
        .filter_map(|&o| snapshot.position(o))
        .collect();
    let of_top = |run: Range<usize>| {
        // The extent is in preorder: those inside the top are neighbours, and so is the one that may cover it.
        let start = extent.partition_point(|&position| position < run.start);
        let before = start.checked_sub(1).map(|i| snapshot.end_at(extent[i]));
        if before.is_some_and(|end| run.start < end) {
            return snapshot.retained_at(run.start);
        }
        let inside = extent[start..].iter();
        let inside = inside.take_while(|&&position| position < run.end);
        inside
            .map(|&position| snapshot.retained_at(position))
            .fold(0, u64::saturating_add)
    };
    let tops = suspect.tops.par_iter();
    tops.map(of_top).reduce(|| 0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries() {
        assert!(of_one_library(
            "io.grpc.internal.ManagedChannelImpl",
            "io.grpc.netty.Handler"
        ));
        assert!(of_one_library(
            "org.apache.kafka.clients.P",
            "org.apache.kafka.common.M"
        ));
        assert!(!of_one_library(
            "org.apache.kafka.clients.P",
            "org.apache.lucene.R"
        ));
        assert!(!of_one_library(
            "java.util.concurrent.A",
            "java.util.concurrent.B"
        ));
        assert!(!of_one_library("io.grpc.A", "io.netty.A"));
    }
}

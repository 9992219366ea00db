//! The table of rules: the first that applies decides.

use super::case::{Case, at_least};
use super::{Confidence, HeapVerdict};

/// A rule of the decision.
pub struct Rule {
    /// Its name, stable across versions.
    pub id: &'static str,
    /// What it decides.
    pub heap: HeapVerdict,
    /// When it applies, in words, for the documentation.
    pub when: &'static str,
    /// The confidence when it applies.
    pub(super) applies: fn(&Case) -> Option<Confidence>,
}

/// All rules in their order.
pub const RULES: &[Rule] = &[
    Rule {
        id: "out_of_memory",
        heap: HeapVerdict::Suspected,
        when: "the dump was written by an OutOfMemoryError for heap space",
        applies: |case| {
            let full = case
                .reference()
                .is_none_or(|max| at_least(case.live, 0.5, max));
            case.heap_was_full()
                .then(|| confident(case.trustworthy() && full))
        },
    },
    Rule {
        id: "holder_explains_growth",
        heap: HeapVerdict::Suspected,
        when: "growth was observed, and one application-owned holder retains a large share of it (holder-of-growth)",
        applies: |case| {
            let (growth, holder) = (case.growth_to_explain()?, case.holder?);
            let explains = at_least(holder.retained_bytes, case.limits.holder_of_growth, growth);
            // Whose growth it is must be known for certainty.
            (rooted(case) && explains)
                .then(|| confident(case.trustworthy() && case.growth.is_some()))
        },
    },
    Rule {
        id: "heap_nearly_full",
        heap: HeapVerdict::Suspected,
        when: "the live heap is nearly at its maximum (nearly-full) and one application-owned holder keeps most of it (dominating)",
        applies: |case| {
            let full = at_least(case.live, case.limits.nearly_full, case.max.as_ref()?.high);
            case.dominating_holder().filter(|_| full && rooted(case))?;
            Some(confident(case.trustworthy()))
        },
    },
    Rule {
        id: "holder_large",
        heap: HeapVerdict::Suspected,
        when: "no growth was observed, and one application-owned holder retains a large share of the maximum heap (holder-of-max; \
               unbounded-of-max when a pattern knows it to be unbounded)",
        applies: |case| {
            if case.growth_to_explain().is_some() || case.did_not_grow() || !rooted(case) {
                return None;
            }
            let holder = case.holder?;
            let large = at_least(
                holder.retained_bytes,
                case.suspect_share(holder),
                case.max.as_ref()?.high,
            );
            // One dump shows size, not growth; only a dominating holder is more than a hint.
            large.then(|| confident(case.trustworthy() && case.dominating_holder().is_some()))
        },
    },
    Rule {
        id: "damaged",
        heap: HeapVerdict::Inconclusive,
        when: "the dump is damaged, cut off, or has no GC roots: its sizes are lower bounds",
        applies: |case| (!case.trustworthy()).then_some(Confidence::Low),
    },
    Rule {
        id: "no_reference",
        heap: HeapVerdict::Inconclusive,
        when: "neither maximum heap nor limit, resident memory or growth is known",
        applies: |case| {
            let nothing = case.reference().is_none()
                && case.growth_to_explain().is_none()
                && case.resident().is_none();
            nothing.then_some(Confidence::Low)
        },
    },
    Rule {
        id: "no_path",
        heap: HeapVerdict::Inconclusive,
        when: "the objects that have no path from a GC root are too many, alone or together with a small live heap",
        applies: |case| {
            let no_path = case.heap.no_path_bytes;
            let hidden = no_path > 0 && !case.is_small(no_path);
            let together =
                case.is_small(case.live) && !case.is_small(case.live.saturating_add(no_path));
            (hidden || together).then_some(Confidence::Low)
        },
    },
    Rule {
        id: "dominated",
        heap: HeapVerdict::Inconclusive,
        when: "one application-owned holder, or several together, keep most of the live heap (dominating), and none of them is negligible \
               (negligible, negligible-of-max, negligible-of-growth) or minor (minor-of-max)",
        applies: |case| {
            let alone = case
                .dominating_holder()
                .is_some_and(|h| !case.is_beside_the_point(h) && !case.is_reference_data(h));
            (alone || case.dominated_together()).then_some(Confidence::Low)
        },
    },
    Rule {
        id: "too_small",
        heap: HeapVerdict::RuledOut,
        when: "the whole live heap is too small to explain the observed growth or resident memory (small-of-observed) or, nothing \
               observed, small against the maximum heap (small-of-max)",
        applies: |case| {
            let observed = case.growth_to_explain().is_some() || case.did_not_grow();
            let tiny = case
                .reference()
                .is_some_and(|max| !at_least(case.live, 0.10, max));
            // Reference data as far as anybody can tell, but it is most of what there is.
            let sure = case.contradictions.is_empty()
                && case
                    .dominating_holder()
                    .is_none_or(|holder| !case.is_reference_data(holder));
            case.is_small(case.live)
                .then(|| confident(sure && (observed || tiny)))
        },
    },
    Rule {
        id: "other_container",
        heap: HeapVerdict::RuledOut,
        when: "the JVM's container did not grow while another container did",
        applies: |case| {
            let (_, growth) = case.observed.largest_other_growth()?;
            let other = u64::try_from(growth).is_ok_and(|g| g >= case.limits.growth_bytes);
            (case.did_not_grow() && other).then(|| confident(case.contradictions.is_empty()))
        },
    },
    Rule {
        id: "between",
        heap: HeapVerdict::Inconclusive,
        when: "everything between",
        applies: |_| Some(Confidence::Low),
    },
];

fn confident(sure: bool) -> Confidence {
    if sure {
        Confidence::High
    } else {
        Confidence::Low
    }
}

/// Without roots nothing is retained by anybody.
fn rooted(case: &Case) -> bool {
    case.heap.has_roots
}

//! The table of rules: the first that applies decides.

use super::case::Case;
use super::ran_out::RanOutOf;
use super::share::at_least;
use super::{Confidence, HeapVerdict};

/// A rule of the decision.
pub struct Rule {
    /// Its name, stable across versions.
    pub id: &'static str,
    /// What it decides.
    pub heap: HeapVerdict,
    /// When it applies, in words, for the documentation.
    pub when: &'static str,
    /// The confidence when it applies, in words, for the documentation.
    pub confidence: &'static str,
    /// The confidence when it applies.
    pub(super) applies: fn(&Case) -> Option<Confidence>,
}

/// All rules in their order.
pub const RULES: &[Rule] = &[
    Rule {
        id: "out_of_memory",
        heap: HeapVerdict::Suspected,
        when: "an `OutOfMemoryError` wrote the dump, and the heap was full (`nearly-full`) or its maximum is not known",
        confidence: "high where owners keep most of it; medium where its maximum is not known; low without owners",
        applies: |case| {
            (case.ran_out == Some(RanOutOf::HeapSpace)).then(|| {
                match (case.owners.is_empty(), case.trustworthy(), &case.max) {
                    (false, true, Some(_)) => Confidence::High,
                    (false, true, None) => Confidence::Medium,
                    _ => Confidence::Low,
                }
            })
        },
    },
    Rule {
        id: "out_of_metaspace",
        heap: HeapVerdict::RuledOut,
        when: "an `OutOfMemoryError` wrote the dump while a class was defined; or while the heap had room, and a class was linked, or \
               there were very many loaders or generated classes and no array was made",
        confidence: "high while a class was defined; else medium where the live heap is small (`small-of-max`), low where it is not",
        applies: |case| {
            let sure = match case.ran_out? {
                RanOutOf::Metaspace => Confidence::High,
                RanOutOf::ProbablyMetaspace if case.is_small(case.live) => Confidence::Medium,
                RanOutOf::ProbablyMetaspace => Confidence::Low,
                _ => return None,
            };
            (case.trustworthy() && !case.nearly_full()).then_some(sure)
        },
    },
    Rule {
        id: "one_allocation",
        heap: HeapVerdict::Inconclusive,
        when: "an `OutOfMemoryError` wrote the dump, and the heap had room for all but one too large allocation",
        confidence: "low",
        applies: |case| (case.ran_out == Some(RanOutOf::OneAllocation)).then_some(Confidence::Low),
    },
    Rule {
        id: "grew",
        heap: HeapVerdict::Suspected,
        when: "earlier inputs show owners that grew, up to the last, and explain most of the growth (`holder-of-growth`); what filled a bound or \
               stopped growing is no part of that",
        confidence: "high where they grew in two or more intervals; else medium",
        applies: |case| {
            let first = case.grown.first()?;
            Some(match first.intervals_grown {
                0 | 1 => Confidence::Medium,
                _ if !case.trustworthy() => Confidence::Medium,
                _ => Confidence::High,
            })
        },
    },
    Rule {
        id: "heap_did_not_grow",
        heap: HeapVerdict::RuledOut,
        when: "earlier inputs show that the live heap did not grow, or no longer, or by too little for the growth that was observed outside \
               (`small-of-observed`), and it is not nearly full",
        confidence: "high where growth was observed outside; else medium",
        applies: |case| {
            let did_not = case.trustworthy() && case.heap_did_not_grow() && !case.nearly_full();
            did_not.then(|| match case.growth_to_explain() {
                Some(_) => Confidence::High,
                None => Confidence::Medium,
            })
        },
    },
    Rule {
        id: "other_container",
        heap: HeapVerdict::RuledOut,
        when: "another container grew, and the JVM's did not (`growth`) or by little of that (`others-growth`)",
        confidence: "high where the JVM's did not grow, or the live heap is too small for the growth (`small-of-observed`); else medium",
        applies: |case| {
            let other = case.grew_elsewhere().filter(|_| case.trustworthy())?;
            let small = !at_least(case.live, case.limits.small_of_observed, other);
            Some(match case.growth.is_none() || small {
                true => Confidence::High,
                false => Confidence::Medium,
            })
        },
    },
    Rule {
        id: "heap_nearly_full",
        heap: HeapVerdict::Suspected,
        when: "the live heap is nearly at its maximum (`nearly-full`), and one owner or several keep most of it (`dominating`)",
        confidence: "high",
        applies: |case| {
            let exhausted = case.nearly_full() && !case.owners.is_empty() && rooted(case);
            exhausted.then(|| match case.trustworthy() {
                true => Confidence::High,
                false => Confidence::Low,
            })
        },
    },
    Rule {
        id: "native_grew",
        heap: HeapVerdict::RuledOut,
        when: "Native Memory Tracking shows that native memory grew (`growth`), or the program holds native memory that fits the observed \
               growth (`fits`) and no holder does; where growth was observed, that is most of it (`holder-of-growth`)",
        confidence: "high where tracking shows most of the observed growth; else medium",
        applies: |case| {
            let seen = case.native_explains_growth()?;
            let nobody = seen || !case.fit.explains;
            let high = seen && case.growth_to_explain().is_some();
            (nobody && case.trustworthy() && !case.nearly_full()).then_some(match high {
                true => Confidence::High,
                false => Confidence::Medium,
            })
        },
    },
    Rule {
        id: "cannot_fit",
        heap: HeapVerdict::RuledOut,
        when: "maximum heap and native memory exceed the container's limit, the live heap is at most half of the maximum, and no holder \
               fits the growth or is unbounded",
        confidence: "high where the least that the native memory can be exceeds it; else medium",
        applies: |case| {
            let (_, surely) = case.budget.as_ref()?.exceeded()?;
            let nobody = !case.fit.explains && case.unbounded().is_none();
            let small = case
                .max
                .as_ref()
                .is_some_and(|max| case.live <= max.low / 2);
            let applies = nobody && small && case.trustworthy() && !case.native_is_the_point();
            applies.then_some(match surely {
                true => Confidence::High,
                false => Confidence::Medium,
            })
        },
    },
    Rule {
        id: "fits_growth",
        heap: HeapVerdict::Suspected,
        when: "growth was observed outside, and holders that fit it (`fits`) and are not at their bound explain most of it \
               (`holder-of-growth`), alone or together",
        confidence: "medium where they may all be new together, no native memory fits as well, and the JVM's container is known; else low",
        applies: |case| {
            let sure = case.fit.together
                && !case.fit.only_bounded
                && case.trustworthy()
                && case.growth.is_some()
                && case.native_explains_growth().is_none();
            (rooted(case) && case.fit.explains).then_some(match sure {
                true => Confidence::Medium,
                false => Confidence::Low,
            })
        },
    },
    Rule {
        id: "growth_elsewhere",
        heap: HeapVerdict::RuledOut,
        when: "growth was observed outside, and the whole live heap with all that has no path is too small to explain it \
               (`small-of-observed`)",
        confidence: "high",
        applies: |case| {
            let growth = case.growth_to_explain().filter(|_| case.trustworthy())?;
            let all = case.live.saturating_add(case.heap.no_path_bytes);
            let small = all as f64 <= case.limits.small_of_observed * growth as f64;
            small.then_some(Confidence::High)
        },
    },
    Rule {
        id: "unbounded",
        heap: HeapVerdict::Suspected,
        when: "a known component with nothing that limits it, above its usual size, keeps a large share of the maximum heap \
               (`unbounded-of-max`), and the JVM's memory was not seen to stay as it is",
        confidence: "low",
        applies: |case| {
            let stays = case.did_not_grow() || case.heap_did_not_grow();
            (!stays && rooted(case)).then_some(())?;
            case.unbounded().map(|_| Confidence::Low)
        },
    },
    Rule {
        id: "damaged",
        heap: HeapVerdict::Inconclusive,
        when: "the dump is damaged, cut off, or has no GC roots: its sizes are lower bounds",
        confidence: "low",
        applies: |case| (!case.trustworthy()).then_some(Confidence::Low),
    },
    Rule {
        id: "no_reference",
        heap: HeapVerdict::Inconclusive,
        when: "neither maximum heap nor limit, resident memory or growth is known",
        confidence: "low",
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
        confidence: "low",
        applies: |case| {
            let no_path = case.heap.no_path_bytes;
            let hidden = no_path > 0 && !case.is_small(no_path);
            let together =
                case.is_small(case.live) && !case.is_small(case.live.saturating_add(no_path));
            (hidden || together).then_some(Confidence::Low)
        },
    },
    Rule {
        id: "large",
        heap: HeapVerdict::Inconclusive,
        when: "holders are only large: one keeps a large share of the maximum heap (`holder-of-max`), or one or several keep most of the \
               live heap (`dominating`), or one that can grow keeps much of it (`growing-of-live`) and memory was not seen to stay as it \
               is, and they are neither negligible (`negligible`, `negligible-of-max`, `negligible-of-growth`) nor minor \
               (`minor-of-max`)",
        confidence: "low",
        applies: |case| case.is_large().then_some(Confidence::Low),
    },
    Rule {
        id: "too_small",
        heap: HeapVerdict::RuledOut,
        when: "the whole live heap is small against the maximum heap (`small-of-max`) or the resident memory (`small-of-observed`)",
        confidence: "high where growth was observed or the live heap is below a tenth of the maximum, and nothing dominates it; else low",
        applies: |case| {
            let tiny = case
                .reference()
                .is_some_and(|max| !at_least(case.live, 0.10, max));
            // Reference data as far as anybody can tell, but it is most of what there is.
            let sure = case
                .dominating_holder()
                .is_none_or(|holder| !case.is_reference_data(holder));
            let high = sure && (case.did_not_grow() || tiny);
            case.is_small(case.live).then_some(match high {
                true => Confidence::High,
                false => Confidence::Low,
            })
        },
    },
    Rule {
        id: "between",
        heap: HeapVerdict::Inconclusive,
        when: "everything between",
        confidence: "low",
        applies: |_| Some(Confidence::Low),
    },
];

/// Without roots nothing is retained by anybody.
fn rooted(case: &Case) -> bool {
    case.heap.has_roots
}

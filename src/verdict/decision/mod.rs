//! The decision: can the Java heap explain the memory problem?
//!
//! Rules are tried in this order; the first that applies decides ([`RULES`]). The same table is in `docs/verdict.md`.
//!
//! | # | rule | outcome | when |
//! | --- | --- | --- | --- |
//! | 1 | `out_of_memory` | suspected | the dump was written by an OutOfMemoryError for heap space |
//! | 2 | `holder_explains_growth` | suspected | one application-owned holder retains >= 50 % of the observed growth |
//! | 3 | `heap_nearly_full` | suspected | >= 80 % of the maximum heap is live and one holder keeps >= 50 % of that |
//! | 4 | `holder_large` | suspected | nothing observed; one holder retains >= 25 % (unbounded: 10 %) of the maximum heap |
//! | 5 | `damaged` | inconclusive | the dump is damaged or rootless: sizes are lower bounds |
//! | 6 | `no_reference` | inconclusive | nothing is known to judge the live heap against |
//! | 7 | `no_path` | inconclusive | too much has no path from a root |
//! | 8 | `dominated` | inconclusive | one holder keeps >= 50 % of the live heap and is neither negligible nor minor |
//! | 9 | `too_small` | ruled out | the whole live heap is <= 25 % of the growth, or of resident memory or maximum heap |
//! | 10 | `other_container` | ruled out | the JVM's container did not grow while another did |
//! | 11 | `between` | inconclusive | everything between |
//!
//! A holder counts when the application owns it and no pattern clears it. It is negligible up to 4 MiB, 1 % of the maximum heap, or 5 % of the
//! growth or, without observed growth, of the memory that nothing explains. Growth below 32 MiB is noise.

mod case;
mod fail_on;
mod headline;
mod next_steps;
mod reasons;
mod rules;
mod thresholds;

pub use fail_on::FailOn;
pub use rules::{RULES, Rule};
pub use thresholds::Thresholds;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::HeapFacts;
use super::ledger::Entry;
use super::observed::Observed;
use crate::sentence::Sentence;
use case::Case;

/// The outcome for the Java heap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeapVerdict {
    /// The heap explains the problem, or its largest part: look at the suspects.
    Suspected,
    /// The heap cannot explain the problem: look elsewhere.
    RuledOut,
    /// Neither can be said; the next steps say what would settle it.
    #[default]
    Inconclusive,
}

impl HeapVerdict {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            HeapVerdict::Suspected => "suspected",
            HeapVerdict::RuledOut => "ruled_out",
            HeapVerdict::Inconclusive => "inconclusive",
        }
    }
}

/// How sure the outcome is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It rests on a complete dump and on what was observed, or on a wide margin.
    High,
    /// It rests on one dump alone, on lower bounds, or on sources that contradict each other.
    #[default]
    Low,
}

impl Confidence {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Low => "low",
        }
    }
}

/// The decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The outcome.
    pub heap: HeapVerdict,
    /// How sure it is.
    pub confidence: Confidence,
    /// The rule that decided, one of [`RULES`].
    pub rule: &'static str,
    /// One line for the top of the report.
    pub headline: Sentence,
    /// Why, in numbers.
    pub reasons: Vec<Sentence>,
    /// What to do next, in order.
    pub next_steps: Vec<Sentence>,
}

/// Decides from the heap, what was observed around it, and their ledger.
pub fn decide(
    heap: &HeapFacts,
    observed: &Observed,
    ledger: &[Entry],
    thresholds: &Thresholds,
) -> Decision {
    let case = Case::new(heap, observed, ledger, thresholds);
    let (rule, confidence) = RULES
        .iter()
        .find_map(|rule| Some((rule, (rule.applies)(&case)?)))
        // The last rule always applies; should the table ever lose it, nothing is claimed.
        .unwrap_or((&RULES[RULES.len() - 1], Confidence::Low));
    Decision {
        heap: rule.heap,
        confidence,
        rule: rule.id,
        headline: headline::headline(&case, rule.heap, rule.id),
        reasons: reasons::reasons(&case, rule.id),
        next_steps: next_steps::next_steps(&case, rule.heap, rule.id),
    }
}

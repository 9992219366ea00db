//! The decision: can the Java heap explain the memory problem?
//!
//! Rules are tried in this order; the first that applies decides ([`RULES`]). The same table is in `docs/verdict.md`.
//!
//! The numbers of the rules are [`Thresholds`]. What the words mean (exhausted, grew, unbounded, fits, large) is written there, too.

mod candidates;
mod case;
mod contradictions;
mod fail_on;
mod headline;
mod holders;
mod measured;
mod next_steps;
mod ran_out;
mod reasons;
mod rules;
mod share;
mod thresholds;

pub use fail_on::FailOn;
pub use rules::{RULES, Rule};
pub use thresholds::Thresholds;

use serde::{Deserialize, Serialize};

use super::facts::HeapFacts;
use super::ledger::Entry;
use super::observed::Observed;
use crate::sentence::Sentence;
use case::Case;

/// The outcome for the Java heap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It rests on a complete dump and on what was observed, or on a wide margin.
    High,
    /// It rests on what one measurement shows: something else may explain it as well.
    Medium,
    /// It rests on one dump alone, on lower bounds, or on sources that contradict each other.
    #[default]
    Low,
}

impl Confidence {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
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
        confidence: tempered(&case, rule.heap, confidence),
        rule: rule.id,
        headline: headline::headline(&case, rule.heap, rule.id),
        reasons: reasons::reasons(&case, rule.id),
        next_steps: next_steps::next_steps(&case, rule.heap, rule.id),
    }
}

/// The confidence that is left where sources contradict each other, or where the JVM ran out of heap before.
fn tempered(case: &Case, heap: HeapVerdict, confidence: Confidence) -> Confidence {
    let contradicted = !case.contradictions.is_empty();
    match (heap, confidence) {
        (HeapVerdict::RuledOut, _) if contradicted => Confidence::Low,
        (HeapVerdict::Suspected, Confidence::High) if contradicted => Confidence::Medium,
        (HeapVerdict::RuledOut, Confidence::High) if case.heap_ran_out_before() => {
            Confidence::Medium
        }
        _ => confidence,
    }
}

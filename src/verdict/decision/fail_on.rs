//! `--fail-on`: when the program ends with exit code 3, for scripts.

use super::{Decision, HeapVerdict};
use crate::verdict::facts::HeapFacts;
use crate::verdict::size;
use std::str::FromStr;

/// A condition of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// The heap is suspected.
    Suspected,
    /// The heap is suspected or not ruled out.
    Inconclusive,
    /// The largest holder retains more than so many bytes.
    Over(u64),
}

impl FailOn {
    /// Whether the condition is met.
    pub fn is_met(self, decision: &Decision, heap: &HeapFacts) -> bool {
        match self {
            FailOn::Suspected => decision.heap == HeapVerdict::Suspected,
            FailOn::Inconclusive => decision.heap != HeapVerdict::RuledOut,
            FailOn::Over(bytes) => heap
                .suspects
                .iter()
                .chain(&heap.largest_holder)
                .any(|h| h.retained_bytes > bytes),
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "suspected" => Ok(FailOn::Suspected),
            "inconclusive" => Ok(FailOn::Inconclusive),
            _ => match text.strip_prefix("over=") {
                Some(bytes) => size::parse(bytes)
                    .map(FailOn::Over)
                    .map_err(|e| e.to_string()),
                None => Err(
                    "expected suspected, inconclusive or over=SIZE, e.g. over=500MiB".to_owned(),
                ),
            },
        }
    }
}

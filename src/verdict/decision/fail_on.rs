//! `--fail-on`: when the program ends with exit code 3, for scripts.

use super::{Decision, HeapVerdict};
use crate::verdict::facts::{Course, HeapFacts, HolderGrowth, MeasuredGrowth};
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
    /// A holder still grows, and grew by at least so many bytes since the first input.
    Grew(u64),
    /// A suspect was not there in the first input.
    NewSuspect,
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
            FailOn::Grew(_) => self.is_met_by_growth(heap.growth.as_ref()),
            FailOn::NewSuspect => heap.growth.as_ref().is_some_and(|growth| {
                let appeared = |holder: &&HolderGrowth| holder.course == Course::Appeared;
                let new = growth.holders.iter().filter(appeared);
                let names: Vec<&str> = new.map(|holder| holder.name.as_str()).collect();
                heap.suspects
                    .iter()
                    .any(|suspect| names.contains(&suspect.name.as_str()))
            }),
        }
    }

    /// Whether the condition is met by a saved verdict and what was compared: all that can be asked where no dump is at hand.
    pub fn is_met_without_dump(self, heap: HeapVerdict, growth: Option<&MeasuredGrowth>) -> bool {
        match self {
            FailOn::Suspected => heap == HeapVerdict::Suspected,
            FailOn::Inconclusive => heap != HeapVerdict::RuledOut,
            _ => self.is_met_by_growth(growth),
        }
    }

    /// Whether a condition about growth is met.
    fn is_met_by_growth(self, growth: Option<&MeasuredGrowth>) -> bool {
        let holders = growth.into_iter().flat_map(|growth| &growth.holders);
        let mut growing = holders.filter(|holder| holder.course.is_growing());
        match self {
            FailOn::Grew(least) => {
                growing.any(|holder| holder.grew_bytes >= i64::try_from(least).unwrap_or(i64::MAX))
            }
            FailOn::NewSuspect => growing.any(|holder| holder.course == Course::Appeared),
            _ => false,
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "suspected" => Ok(FailOn::Suspected),
            "inconclusive" => Ok(FailOn::Inconclusive),
            "new-suspect" => Ok(FailOn::NewSuspect),
            _ => {
                let size = |bytes: &str| size::parse(bytes).map_err(|error| error.to_string());
                match text.split_once('=') {
                    Some(("over", bytes)) => size(bytes).map(FailOn::Over),
                    Some(("grew", bytes)) => size(bytes).map(FailOn::Grew),
                    _ => Err(
                        "expected suspected, inconclusive, over=SIZE, grew=SIZE or new-suspect, e.g. over=500MiB".to_owned(),
                    ),
                }
            }
        }
    }
}

//! The integration tests, one binary.

mod verdict_collect;
mod verdict_decision;
mod verdict_evidence;
mod verdict_invariants;
mod verdict_ledger;
mod verdict_support;

//! The integration tests, one binary.

mod dominators;
mod input_containers;
mod input_corpus;
mod input_damage;
mod input_files;
mod input_limits;
mod input_streams;
mod input_support;
mod report_fixtures;
mod report_formats;
mod verdict_collect;
mod verdict_decision;
mod verdict_evidence;
mod verdict_ledger;

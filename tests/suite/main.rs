//! The integration tests, one binary.

mod broken;
mod cli;
mod dominators;
mod end_to_end;
mod golden;
mod holders;
mod input_containers;
mod input_corpus;
mod input_damage;
mod input_files;
mod input_limits;
mod input_streams;
mod input_support;
mod jvm_parity;
mod layering;
mod live_jvm;
mod malformed;
mod mat_parity;
mod report_fixtures;
mod report_formats;
mod support;
mod synth;
mod verdict_collect;
mod verdict_decision;
mod verdict_evidence;
mod verdict_ledger;

//! The integration tests, one binary.

mod broken;
mod cli;
mod dominators;
mod end_to_end;
mod golden;
mod holders;
mod jvm_parity;
mod layering;
mod live_jvm;
mod malformed;
mod mat_parity;
mod support;
mod synth;

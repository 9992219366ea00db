//! The integration tests, one binary.

mod cli;
mod jvm_parity;
mod layering;
mod mat_parity;
mod support;
mod synth;

//! The integration tests, one binary.
mod dominators;

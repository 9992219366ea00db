//! The integration tests, one binary.

mod verdict_evidence;

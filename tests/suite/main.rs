//! The integration tests, one binary.

mod report_fixtures;
mod report_formats;

//! The integration tests, one binary.

mod report_browser;
mod report_fixtures;
mod report_formats;
mod report_json;
mod report_output;

//! The formats of a fleet: their names, their extensions, and which file writes each.

use std::path::Path;

use super::model::Fleet;
use super::view::View;
use super::{blocks, html, metrics, text};
use crate::report::output::Extensions;
use crate::report::{Format, jira, markdown, neutralise};

/// `--format` of `fleet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetFormat {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For tickets: GitHub, GitLab, Jira's editor.
    Markdown,
    /// Jira wiki markup.
    Jira,
    /// One self-contained page with a timeline.
    Html,
    /// OpenMetrics text for a scrape.
    OpenMetrics,
    /// Tables for DuckDB, Spark, Trino: one file, or a folder of them.
    Parquet,
}

/// A format, its name and what it is for.
const FORMATS: [(FleetFormat, &str, &str); 7] = [
    (FleetFormat::Text, "text", "For a terminal"),
    (FleetFormat::Json, "json", "For programs"),
    (
        FleetFormat::Markdown,
        "markdown",
        "For tickets: GitHub, GitLab, Jira's editor",
    ),
    (FleetFormat::Jira, "jira", "Jira wiki markup"),
    (
        FleetFormat::Html,
        "html",
        "One self-contained page with a timeline",
    ),
    (
        FleetFormat::OpenMetrics,
        "openmetrics",
        "OpenMetrics text, for a scrape",
    ),
    (
        FleetFormat::Parquet,
        "parquet",
        "Tables for DuckDB, Spark, Trino: a folder, or FILE.parquet",
    ),
];

impl FleetFormat {
    /// All formats, in the order of the help.
    pub fn all() -> impl Iterator<Item = FleetFormat> {
        FORMATS.iter().map(|(format, _, _)| *format)
    }

    fn row(self) -> (&'static str, &'static str) {
        let own = FORMATS.iter().find(|(format, _, _)| *format == self);
        own.map_or(("", ""), |(_, name, about)| (*name, *about))
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// What it is for.
    pub fn about(self) -> &'static str {
        self.row().1
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<FleetFormat> {
        FleetFormat::all().find(|format| format.name() == name)
    }
}

impl std::fmt::Display for FleetFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Extensions for FleetFormat {
    const TEXT: FleetFormat = FleetFormat::Text;

    fn known() -> String {
        ".txt .json .md .jira .html .om .parquet".to_owned()
    }

    fn of(file: &Path) -> Option<FleetFormat> {
        let extension = file.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "om" | "openmetrics" | "prom" => return Some(FleetFormat::OpenMetrics),
            "parquet" => return Some(FleetFormat::Parquet),
            _ => {}
        }
        match Format::from_extension(file)? {
            Format::Text => Some(FleetFormat::Text),
            Format::Json => Some(FleetFormat::Json),
            Format::Markdown => Some(FleetFormat::Markdown),
            Format::Jira => Some(FleetFormat::Jira),
            Format::Html => Some(FleetFormat::Html),
            _ => None,
        }
    }
}

/// A fleet could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// HTML.
    #[error(transparent)]
    Html(#[from] minijinja::Error),
    /// Tables are written elsewhere.
    #[error("parquet is not text")]
    Binary,
}

/// `fleet` in `format`.
///
/// # Errors
/// When the library behind a format fails; no fleet is known to make it.
pub fn render(fleet: &Fleet, format: FleetFormat, view: &View) -> Result<String, RenderError> {
    Ok(match format {
        FleetFormat::Text => text::text(fleet, view),
        FleetFormat::Json => neutralise::json(&serde_json::to_string_pretty(fleet)?) + "\n",
        FleetFormat::Markdown => markdown::blocks(&blocks::blocks(fleet, view.units)),
        FleetFormat::Jira => jira::blocks(&blocks::blocks(fleet, view.units)),
        FleetFormat::Html => html::page(fleet, view)?,
        FleetFormat::OpenMetrics => metrics::metrics(fleet),
        FleetFormat::Parquet => return Err(RenderError::Binary),
    })
}

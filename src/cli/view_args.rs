//! Where answers of commands go, and in which format.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use crate::report::Format;
use crate::report::output::Extensions;

/// Where an answer goes and how it looks.
#[derive(Clone, Debug, ClapArgs)]
pub struct ViewArgs {
    /// Format; text by default
    #[arg(long, short, value_enum)]
    pub format: Option<View>,

    /// Write the answer here; format by extension; repeatable; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,

    /// Exact bytes instead of KiB, MiB, GiB (JSON and TSV always have them)
    #[arg(long)]
    pub bytes: bool,
}

/// `--format` of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum View {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// Tab-separated columns with a header line
    Tsv,
    /// For tickets: GitHub, GitLab, Jira's editor
    #[value(alias = "md")]
    Markdown,
    /// Jira wiki markup
    Jira,
    /// One self-contained page
    Html,
}

impl std::fmt::Display for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

impl Extensions for View {
    const TEXT: View = View::Text;
    fn known() -> String {
        ".txt .json .tsv .md .jira .html".to_owned()
    }

    fn of(file: &Path) -> Option<View> {
        let extension = file.extension()?;
        if extension.eq_ignore_ascii_case("tsv") {
            return Some(View::Tsv);
        }
        match Format::from_extension(file)? {
            Format::Text => Some(View::Text),
            Format::Json => Some(View::Json),
            Format::Markdown => Some(View::Markdown),
            Format::Jira => Some(View::Jira),
            Format::Html => Some(View::Html),
            // Pictures of the whole dominator tree, and what only fits a report.
            _ => None,
        }
    }
}

//! The registry of output formats: one line for each.

use std::borrow::Cow;
use std::path::Path;

use super::model::Report;
use super::neutralise;
use super::options::RenderOptions;
use super::{folded, html, jira, json, markdown, pprof, slack, svg, text};

/// Writes a report in a format.
type Write = fn(&Report, &RenderOptions) -> Result<Vec<u8>, Box<dyn std::error::Error>>;

/// Which costly parts of a report a format writes. The others need not be found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parts {
    /// What one reads.
    Text,
    /// The cut dominator tree too.
    Tree,
    /// Everything, the inventory for later comparisons included.
    #[default]
    All,
}

/// What a format is: its name on the command line, what it is for, its file extensions, what it writes, and how a report is written in it.
struct Row {
    format: Format,
    name: &'static str,
    about: &'static str,
    extensions: &'static [&'static str],
    parts: Parts,
    write: Write,
}

/// Declares the formats, a line for each.
macro_rules! formats {
    ($($format:ident, $name:literal, $about:literal, $extensions:expr, $parts:ident, $write:expr;)*) => {
        /// How a report can be written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format { $(#[doc = $about] $format,)* }

        const FORMATS: &[Row] = &[$(Row {
            format: Format::$format,
            name: $name,
            about: $about,
            extensions: &$extensions,
            parts: Parts::$parts,
            write: $write,
        },)*];
    };
}

formats! {
    Text, "text", "For a terminal: one screen", ["txt", "text"], Text, |r, o| Ok(text::render(r, o).into_bytes());
    Json, "json", "For programs", ["json"], All, |r, _| Ok(json::render(r)?.into_bytes());
    Markdown, "markdown", "For tickets: GitHub, GitLab, Jira's editor", ["md", "markdown"], Text, |r, o| Ok(markdown::render(r, o).into_bytes());
    Jira, "jira", "Jira wiki markup", ["jira"], Text, |r, o| Ok(jira::render(r, o).into_bytes());
    Slack, "slack", "For an incident channel: Slack's mrkdwn", ["slack", "mrkdwn"], Text, |r, o| Ok(slack::render(r, o).into_bytes());
    Html, "html", "One self-contained page", ["html", "htm"], Tree, |r, o| Ok(html::render(r, o)?.into_bytes());
    Pprof, "pprof", "The dominator tree, or a difference, for go tool pprof, Pyroscope, speedscope", ["pprof", "pb.gz", "prof"], Tree, |r, _| Ok(pprof::render(r)?);
    Folded, "folded", "The dominator tree, or a difference, as folded stacks", ["folded", "collapsed"], Tree, |r, _| Ok(folded::render(r).into_bytes());
    Svg, "svg", "The dominator tree, or a difference, as a flame graph", ["svg"], Tree, |r, o| Ok(svg::render(r, o)?);
}

impl Format {
    /// All formats, in the order of the help.
    pub fn all() -> impl Iterator<Item = Format> {
        FORMATS.iter().map(|row| row.format)
    }

    fn row(self) -> &'static Row {
        let own = FORMATS.iter().find(|row| row.format == self);
        own.unwrap_or(&FORMATS[0])
    }

    /// The name on the command line, such as `markdown`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it is for, in a few words.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// The parts of a report that it writes.
    pub fn parts(self) -> Parts {
        self.row().parts
    }

    /// The format of that name; `md` is short for `markdown`.
    pub fn from_name(name: &str) -> Option<Format> {
        let is_named = |row: &&Row| row.name == name || (name == "md" && row.name == "markdown");
        FORMATS.iter().find(is_named).map(|row| row.format)
    }

    /// The format that a file's extension asks for, such as `report.md` or `heap.pb.gz`.
    pub fn from_extension(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let matches = |ext: &&str| {
            name.strip_suffix(*ext)
                .is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
        };
        let is_asked_for = |row: &&Row| row.extensions.iter().any(matches);
        FORMATS.iter().find(is_asked_for).map(|row| row.format)
    }

    /// The first extension of each format, such as `.txt .json`.
    pub fn extensions() -> String {
        let first = FORMATS.iter().filter_map(|row| row.extensions.first());
        let dotted: Vec<String> = first.map(|extension| format!(".{extension}")).collect();
        dotted.join(" ")
    }

    /// True when the output is not text and has no place on a terminal.
    pub fn is_binary(self) -> bool {
        self == Format::Pprof
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Format::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = FORMATS.iter().map(|row| row.name).collect();
            format!(
                "no format \"{}\"; one of {}",
                neutralise::plain(name, true),
                names.join(", ")
            )
        })
    }
}

/// A report could not be put into a format.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report as {format}: {reason}")]
pub struct RenderError {
    /// The format.
    pub format: Format,
    /// What the library that writes it said.
    pub reason: String,
}

/// The report in one format, as the bytes of a file.
///
/// A report that was saved as JSON and is read again is written to the same bytes.
///
/// # Errors
///
/// When the library behind a format fails; no input is known to make it.
pub fn render(
    report: &Report,
    format: Format,
    options: &RenderOptions,
) -> Result<Vec<u8>, RenderError> {
    let mut report = Cow::Borrowed(report);
    if format != Format::Json && !report.largest_holders.is_empty() {
        // One list for the reader. Its title says that these are no suspects.
        let report = report.to_mut();
        report.suspects.append(&mut report.largest_holders);
    }
    (format.row().write)(report.as_ref(), options).map_err(|error| RenderError {
        format,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_extension_and_name() {
        for (file, format) in [
            ("report.html", Some(Format::Html)),
            ("a/REPORT.MD", Some(Format::Markdown)),
            ("heap.pb.gz", Some(Format::Pprof)),
            ("report.json", Some(Format::Json)),
            ("json", None),
            (".json", None),
            ("dump.hprof", None),
        ] {
            assert_eq!(Format::from_extension(Path::new(file)), format, "{file}");
        }
        for format in Format::all() {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!(
            "mat\x1b"
                .parse::<Format>()
                .is_err_and(|e| e.contains("text, json") && !e.contains('\x1b'))
        );
    }
}

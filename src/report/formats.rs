//! The registry of output formats: one line for each.

use std::borrow::Cow;
use std::path::Path;

use super::model::Report;
use super::neutralise;
use super::units::Units;
use super::{folded, html, jira, json, markdown, pprof, svg, text};

/// How a report can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a terminal: one screen.
    Text,
    /// The report as data.
    Json,
    /// For GitHub, GitLab and Jira's editor.
    Markdown,
    /// Jira wiki markup.
    Jira,
    /// One self-contained page.
    Html,
    /// The dominator tree as a gzipped pprof profile of retained bytes.
    Pprof,
    /// The dominator tree as folded stacks, one line for each path with bytes.
    Folded,
    /// The dominator tree as an interactive flame graph.
    Svg,
}

/// A format: its name on the command line, what it is for, its file extensions.
type Row = (Format, &'static str, &'static str, &'static [&'static str]);

/// Every format.
const FORMATS: [Row; 8] = [
    (
        Format::Text,
        "text",
        "For a terminal: one screen",
        &["txt", "text"],
    ),
    (Format::Json, "json", "For programs", &["json"]),
    (
        Format::Markdown,
        "markdown",
        "For tickets: GitHub, GitLab, Jira's editor",
        &["md", "markdown"],
    ),
    (Format::Jira, "jira", "Jira wiki markup", &["jira"]),
    (
        Format::Html,
        "html",
        "One self-contained page",
        &["html", "htm"],
    ),
    (
        Format::Pprof,
        "pprof",
        "The dominator tree for go tool pprof, Pyroscope, speedscope",
        &["pprof", "pb.gz", "prof"],
    ),
    (
        Format::Folded,
        "folded",
        "The dominator tree as folded stacks",
        &["folded", "collapsed"],
    ),
    (
        Format::Svg,
        "svg",
        "The dominator tree as a flame graph",
        &["svg"],
    ),
];

impl Format {
    /// All formats, in the order of the help.
    pub fn all() -> impl Iterator<Item = Format> {
        FORMATS.iter().map(|(format, ..)| *format)
    }

    /// The name on the command line, such as `markdown`.
    pub fn name(self) -> &'static str {
        FORMATS
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or("", |(_, name, ..)| name)
    }

    /// What it is for, in a few words.
    pub fn about(self) -> &'static str {
        FORMATS
            .iter()
            .find(|(format, ..)| *format == self)
            .map_or("", |(_, _, about, _)| about)
    }

    /// The format of that name; `md` is short for `markdown`.
    pub fn from_name(name: &str) -> Option<Format> {
        FORMATS
            .iter()
            .find(|(_, n, ..)| *n == name || (name == "md" && *n == "markdown"))
            .map(|(format, ..)| *format)
    }

    /// The format that a file's extension asks for, such as `report.md` or `heap.pb.gz`.
    pub fn from_extension(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let matches = |ext: &str| {
            name.strip_suffix(ext)
                .is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
        };
        FORMATS
            .iter()
            .find(|(.., extensions)| extensions.iter().any(|e| matches(e)))
            .map(|(format, ..)| *format)
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
            let names: Vec<&str> = FORMATS.iter().map(|(_, name, ..)| *name).collect();
            format!(
                "no format \"{}\"; one of {}",
                neutralise::plain(name, true),
                names.join(", ")
            )
        })
    }
}

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// What a reader in a hurry needs: one screen of text, 10 KB of Markdown.
    #[default]
    Default,
    /// Everything in the report.
    Full,
}

/// Presentation: none of it changes what is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// How much.
    pub detail: Detail,
    /// Columns of the terminal; used by text only.
    pub width: usize,
    /// Whether characters beyond ASCII may be used for bars and trees; used by text only.
    pub unicode: bool,
    /// Whether to colour; used by text only.
    pub colour: bool,
    /// Exact bytes instead of binary units.
    pub exact_bytes: bool,
    /// Rows of each list at full detail and in HTML.
    pub top: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            detail: Detail::Default,
            width: 100,
            unicode: true,
            colour: false,
            exact_bytes: false,
            top: 20,
        }
    }
}

impl RenderOptions {
    /// How bytes are written.
    pub fn units(&self) -> Units {
        Units {
            exact: self.exact_bytes,
        }
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
    let failed = |reason: String| RenderError { format, reason };
    let mut report = Cow::Borrowed(report);
    if format != Format::Json && !report.largest_holders.is_empty() {
        // One list to the reader, whose title says that nobody is suspected.
        let report = report.to_mut();
        report.suspects.append(&mut report.largest_holders);
    }
    let report = report.as_ref();
    match format {
        Format::Text => Ok(text::render(report, options).into_bytes()),
        Format::Json => json::render(report)
            .map(String::into_bytes)
            .map_err(|e| failed(e.to_string())),
        Format::Markdown => Ok(markdown::render(report, options).into_bytes()),
        Format::Jira => Ok(jira::render(report, options).into_bytes()),
        Format::Html => html::render(report, options)
            .map(String::into_bytes)
            .map_err(|e| failed(e.to_string())),
        Format::Pprof => pprof::render(report).map_err(|e| failed(e.to_string())),
        Format::Folded => Ok(folded::render(report).into_bytes()),
        Format::Svg => svg::render(report, options).map_err(failed),
    }
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

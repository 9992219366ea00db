//! How answers are written: to standard output or files, in each format.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::exit::Failure;
use super::incident;
use super::page::{Layout, Page};
use super::terminal::{is_utf8, terminal_width, wanted_width};
use super::view_args::{View, ViewArgs};
use crate::input::Input;
use crate::report::blocks::{Block, text};
use crate::report::output::{self, Output, Target};
use crate::report::units::Units;
use crate::report::{html, jira, markdown, neutralise};

/// Columns of an answer that does not go to a terminal, where `COLUMNS` is not set: names stay whole, so that they can be searched for.
const UNCUT: usize = 4_000;

/// What a command found out, ready to be written in any format.
pub struct Answer<'a> {
    /// What it is, for the title of a ticket or page: the name of the file follows.
    pub subject: &'static str,
    /// As JSON.
    pub json: &'a dyn Fn() -> serde_json::Result<String>,
    /// As tab-separated columns.
    pub tsv: &'a dyn Fn() -> String,
    /// For people.
    pub page: &'a dyn Fn(&mut Page),
}

/// Where answers go and how they look.
pub struct AnswerWriter {
    outputs: Vec<Output<View>>,
    dump: PathBuf,
    units: Units,
}

impl AnswerWriter {
    /// Looks at where the answer about `dump` should go, before the dump is read: that takes longer.
    ///
    /// # Errors
    /// When there is no writing there.
    pub fn new(view: &ViewArgs, dump: &Path) -> Result<AnswerWriter, Failure> {
        let outputs = output::outputs(&view.output, view.format)?;
        let dump = incident::resolve(dump)?.dump;
        output::check(&outputs, Some(&dump))?;
        Ok(AnswerWriter {
            outputs,
            dump,
            units: Units { exact: view.bytes },
        })
    }

    /// Writes `answer`, which is about `input`; `complete` is false where that is damaged.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, answer: &Answer<'_>, input: &Input, complete: bool) -> Result<(), Failure> {
        let mut written = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            let failed = |error: &dyn std::fmt::Display| {
                Failure::Other(format!("cannot write {}: {error}", output.format))
            };
            let blocks = || self.blocks(answer, input, complete);
            written.push(match output.format {
                View::Text => page(answer, self.layout(&output.target)).text(),
                View::Json => (answer.json)().map_err(|error| failed(&error))?,
                View::Tsv => (answer.tsv)(),
                View::Markdown => markdown::blocks(&blocks()),
                View::Jira => jira::blocks(&blocks()),
                View::Html => html::blocks(&blocks()).map_err(|error| failed(&error))?,
            });
        }
        let mut out = std::io::stdout().lock();
        output::write_each(&self.outputs, &written, Some(&self.dump), &mut out)?;
        Ok(())
    }

    fn layout(&self, target: &Target) -> Layout {
        let (width, unicode) = match target {
            Target::StandardOutput => (wanted_width().or_else(terminal_width), is_utf8()),
            Target::File(_) => (None, true),
        };
        Layout {
            width: width.unwrap_or(UNCUT).max(40),
            unicode,
            units: self.units,
        }
    }

    /// The answer for markup languages: its reader may not have the dump, nor what went to standard error.
    fn blocks(&self, answer: &Answer<'_>, input: &Input, complete: bool) -> Vec<Block> {
        let mut page = page(answer, self.layout(&Target::File(PathBuf::new())));
        if !complete {
            page.alarm("Damaged dump", "The answer covers what could be read");
        }
        let mut blocks = page.blocks(format!("{} {}", answer.subject, input.file_name()));
        let by = concat!("By hprof-suspects ", env!("CARGO_PKG_VERSION"));
        blocks.push(Block::Paragraph(text(by)));
        blocks
    }
}

fn page(answer: &Answer<'_>, layout: Layout) -> Page {
    let mut page = Page::new(layout);
    (answer.page)(&mut page);
    page
}

/// An answer with what a program needs to know of the dump.
#[derive(Serialize)]
struct OfDump<'v, T> {
    /// False where the dump is damaged: the answer covers what could be read.
    complete: bool,
    #[serde(flatten)]
    answer: &'v T,
}

/// `answer` as JSON, and whether the dump is `complete`.
pub fn json_of_dump(answer: &impl Serialize, complete: bool) -> serde_json::Result<String> {
    json(&OfDump { complete, answer })
}

/// `value` as JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(neutralise::json(&text) + "\n")
}

/// Tab-separated lines.
pub fn tsv<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut out = header.join("\t") + "\n";
    for row in rows {
        // A tab or a line break in a name becomes visible text here.
        let cells = row.map(|cell| neutralise::plain(&cell, true));
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

/// `value`, or nothing.
pub fn or_empty(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

//! How answers are written to standard output: text in columns, JSON, tab-separated lines.

use std::io::{BufWriter, IsTerminal, Write};

use serde::Serialize;

use super::commands::{View, ViewArgs};
use super::exit::{Exit, Failure};
use crate::analyze::explore::ObjectRow;
use crate::report::neutralise;
use crate::report::table::{Align, Table};
use crate::report::units::{Units, count};

/// Columns of a report that does not go to a terminal.
pub const WIDTH: usize = 100;
/// Columns of an answer that does not go to a terminal and for which nobody set `COLUMNS`: names stay whole, so that they can be searched for.
const UNCUT: usize = 4_000;

/// Columns of the terminal, if standard output is one.
pub fn terminal_width() -> Option<usize> {
    let terminal = std::io::stdout().is_terminal();
    let size = terminal.then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| usize::from(width.0))
}

/// Columns by the variable `COLUMNS`, which shells keep to themselves: who exports it means it.
pub fn wanted_width() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok()
}

/// Whether the locale is a UTF-8 one, by the variables that decide it.
pub fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_uppercase();
        locale.contains("UTF-8") || locale.contains("UTF8")
    })
}

/// A page of text in the making.
pub struct Page {
    lines: Vec<String>,
    width: usize,
    unicode: bool,
    units: Units,
}

impl Page {
    /// An empty page.
    pub fn new(view: ViewArgs) -> Page {
        Page {
            lines: Vec::new(),
            width: wanted_width()
                .or_else(terminal_width)
                .unwrap_or(UNCUT)
                .max(40),
            unicode: is_utf8(),
            units: Units { exact: view.bytes },
        }
    }

    /// A size.
    pub fn bytes(&self, bytes: u64) -> String {
        self.units.bytes(bytes)
    }

    /// A name out of the dump, made harmless.
    pub fn name(&self, name: &str) -> String {
        neutralise::plain(name, self.unicode)
    }

    /// Adds a line as long as it is; names in it must be harmless already. A narrow terminal wraps it: cutting it could cut off a
    /// number.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.lines.push(text.as_ref().trim_end().to_owned());
    }

    /// Adds a line after an empty one.
    pub fn heading(&mut self, text: impl AsRef<str>) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.line(text);
    }

    /// Adds a table, indented by `indent`.
    pub fn table(&mut self, table: &Table, indent: usize) {
        let lines = table.lines(self.width.saturating_sub(indent), self.mark());
        let space = " ".repeat(indent);
        self.lines
            .extend(lines.iter().map(|line| format!("{space}{line}")));
    }

    /// Adds a table of objects, indented by two.
    pub fn objects(&mut self, rows: &[ObjectRow], link: impl Fn(&ObjectRow) -> String) {
        let mut table = Table::new(
            &[
                Align::Right,
                Align::Right,
                Align::Right,
                Align::Left,
                Align::Left,
            ],
            &[2, 1],
        );
        table.row(["Retained", "Objects", "Shallow", "Address", "Object"].map(str::to_owned));
        for row in rows {
            table.row([
                self.bytes(row.retained_bytes),
                count(row.retained_objects),
                self.bytes(row.shallow_bytes),
                row.object_id.clone(),
                self.name(&link(row)),
            ]);
        }
        self.table(&table, 2);
    }

    /// What stands for things that are left out.
    pub fn mark(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// Writes the page to standard output.
    pub fn print(&self) -> Result<Exit, Failure> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        for line in &self.lines {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        Ok(Exit::Analysed)
    }
}

/// Writes `value` as JSON to standard output.
pub fn print_json(value: &impl Serialize) -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Other(format!("cannot write JSON: {error}")))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", neutralise::json(&text))?;
    out.flush()?;
    Ok(Exit::Analysed)
}

/// An answer with what a program needs to know of the dump.
#[derive(Serialize)]
struct Answer<'v, T> {
    /// False where the dump is damaged: the answer covers what could be read.
    complete: bool,
    #[serde(flatten)]
    answer: &'v T,
}

/// Writes `answer` as JSON to standard output, and whether the dump is `complete`.
pub fn print_answer(answer: &impl Serialize, complete: bool) -> Result<Exit, Failure> {
    print_json(&Answer { complete, answer })
}

/// Writes tab-separated lines to standard output.
pub fn print_tsv<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{}", header.join("\t"))?;
    for row in rows {
        // A tab or a line break in a name becomes visible text here.
        let cells = row.map(|cell| neutralise::plain(&cell, true));
        writeln!(out, "{}", cells.join("\t"))?;
    }
    out.flush()?;
    Ok(Exit::Analysed)
}

/// `value`, or nothing.
pub fn or_empty(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

/// Whether the answer is text.
pub fn is_text(view: ViewArgs) -> bool {
    view.format == View::Text
}

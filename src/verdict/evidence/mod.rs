//! What was measured outside the heap dump, as people paste it: output of `kubectl`, `docker`, `ps`, `jcmd`, `/proc`, cgroup files, Prometheus.
//!
//! | module | what it does |
//! | --- | --- |
//! | `document` | decodes a file, takes off what pasting adds |
//! | `line_prefix` | takes off what a log writes before every line |
//! | `context`, `command` | prompts, commands, headings: whose output follows, and when |
//! | [`formats`] | one file per format: where it begins, what it says |
//! | `files` | reads files and folders |
//! | `letters` | the characters of a line, which tell cheaply what it is not |
//! | `order` | which file is earlier |
//!
//! A text may hold several outputs one after the other. Each format says whether it begins at a line, and reads up to its end. A number
//! counts only with its unit and its name: a rate or a percentage is never bytes.

mod command;
mod container_name;
mod context;
mod document;
mod error;
mod files;
pub(crate) mod formats;
mod letters;
mod line_prefix;
mod log_json;
mod order;
mod parts;
mod paste;
mod reading;
mod table;
mod time;

pub use document::Document;
pub use error::EvidenceError;
pub use files::{FolderEvidence, SourceFile, read_file, read_folder, read_source};
pub use order::{Order, arrange};
pub use reading::{Evidence, Quantity, Resident, Source, Subject, given};
pub use time::Time;

pub(crate) use reading::clamp;

use context::Context;
use document::Line;
use formats::{Format, formats_of};
use letters::Letters;
use parts::{MOST_LINES, Part, each_part};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

/// What is wrong with a line, and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    line: u64,
    what: String,
}

impl Malformed {
    fn new(line: u64, what: impl Into<String>) -> Self {
        Malformed {
            line,
            what: what.into(),
        }
    }
}

/// The rest of a text, from the line that is looked at.
pub(crate) struct Here<'a> {
    /// The lines; there is at least one.
    lines: &'a [Line<'a>],
    /// The letters of the first line.
    letters: Letters,
    /// What is known of them.
    context: &'a Context,
    /// Where readers have searched the text in vain.
    searched: &'a Searched,
}

/// Rows of one table that are read at once: a row as a fact takes many times its text.
const MOST_ROWS: usize = 50_000;

/// The searches of readers in one text, by their names: the number of the line that each found last, before which there is none from where
/// it began.
type Searched = RefCell<BTreeMap<&'static str, u64>>;

impl<'a> Here<'a> {
    fn first(&self) -> Line<'a> {
        self.lines[0]
    }

    /// How far the next line is, from this one on, that `is` what `search` names. A reader that looks ahead and then declines is asked again at
    /// the next line: what it has looked through is not looked through again.
    fn find(&self, search: &'static str, is: impl Fn(&str) -> bool) -> Option<usize> {
        let mut searched = self.searched.borrow_mut();
        let known = searched.get(search).copied().unwrap_or(0);
        // The lines of a part are numbered without gaps.
        let from = known.saturating_sub(self.lines[0].number);
        let from =
            usize::try_from(from).map_or(self.lines.len(), |from| from.min(self.lines.len()));
        let rest = &self.lines[from..];
        let at = rest.iter().position(|line| is(line.text));
        let at = at.map(|at| from + at);
        searched.insert(search, at.map_or(u64::MAX, |at| self.lines[at].number));
        at
    }

    /// The lines of a table from its line `from` on, as many as any table has: further ones are a table of their own.
    fn rows(&self, from: usize) -> &'a [Line<'a>] {
        let end = self.lines.len().min(from + MOST_ROWS);
        &self.lines[from.min(end)..end]
    }

    /// How many lines from the first one on `belong`.
    fn run(&self, belong: impl Fn(&str) -> bool) -> usize {
        self.run_of(usize::MAX, belong)
    }

    /// How many of the first `most` lines `belong`, up to the first that does not.
    fn run_of(&self, most: usize, belong: impl Fn(&str) -> bool) -> usize {
        self.lines
            .iter()
            .take(most)
            .take_while(|line| belong(line.text))
            .count()
    }
}

/// What a format found at a line.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The name of the format, where one reader knows several.
    kind: Option<&'static str>,
    /// How many lines belong to it.
    lines: usize,
    /// What it says.
    readings: Vec<Evidence>,
    /// What was left out, and why.
    left_out: Vec<String>,
    /// Why it is no evidence, and what would be.
    refusal: Option<String>,
    /// What could not be understood.
    broken: Option<Malformed>,
}

impl Found {
    /// `readings` in `lines` lines.
    fn new(lines: usize, readings: Vec<Evidence>) -> Found {
        Found {
            lines,
            readings,
            ..Found::default()
        }
    }

    /// A text of `lines` lines that is known, and no evidence.
    fn refused(lines: usize, why: &str) -> Found {
        Found {
            lines,
            refusal: Some(why.to_owned()),
            ..Found::default()
        }
    }

    /// A text of which `line` is not as it must be.
    fn broken(lines: usize, line: u64, what: impl Into<String>) -> Found {
        Found {
            lines,
            broken: Some(Malformed::new(line, what)),
            ..Found::default()
        }
    }

    /// The same, with what was left out.
    fn without(mut self, left_out: impl IntoIterator<Item = String>) -> Found {
        self.left_out.extend(left_out);
        self
    }
}

/// What is gathered while a document is read.
#[derive(Debug, Default)]
struct Gathered {
    facts: Vec<Evidence>,
    kinds: Vec<&'static str>,
    left_out: Vec<String>,
    refusals: Vec<String>,
    broken: Option<(&'static str, Malformed)>,
    /// Lines that no format knows: how many, and the first.
    unknown: (u64, u64),
    /// The last line that was read, where not all were.
    end: Option<u64>,
}

/// The facts in a document that is already in memory; `path` is for messages.
///
/// # Errors
/// When it is of no known format, or a line is broken and nothing could be read (the error names file and line).
pub fn read_document(document: &Document, path: &Path) -> Result<Vec<Evidence>, EvidenceError> {
    read_source(document, path).map(|source| source.facts)
}

/// Reads all parts of a document.
fn gather(document: &Document) -> Gathered {
    let mut gathered = Gathered::default();
    each_part(document, |part| gathered.part(part));
    let more = document.lines().nth(MOST_LINES).map(|_| MOST_LINES as u64);
    gathered.end = gathered.end.or(more);
    formats::cgroup::add_working_sets(&mut gathered.facts);
    for fact in &mut gathered.facts {
        container_name::resolve(&mut fact.subject);
        fact.source.file.clone_from(&document.file);
        fact.time = fact.time.or_else(|| document.time_of(fact.source.line));
    }
    gathered
}

/// More notes than anybody reads; the rest is counted.
const MOST_NOTES: usize = 20;

/// Facts that are kept of one file.
const MOST_FACTS: usize = 100_000;

impl Gathered {
    /// Reads a part; whether there is room for what the next one says.
    fn part(&mut self, part: &Part<'_>) -> bool {
        let mut context = part.context.clone();
        let searched = Searched::default();
        let mut at = 0;
        while let Some(line) = part.lines.get(at) {
            at += 1;
            if line.text.is_empty() {
                continue;
            }
            let here = Here {
                lines: &part.lines[at - 1..],
                letters: Letters::of(line.text),
                context: &context,
                searched: &searched,
            };
            let read = |format: &'static Format| {
                let found = format
                    .may_begin(here.letters)
                    .then(|| (format.read)(&here))?;
                Some((format, found?))
            };
            if let Some((format, found)) = formats_of(line.text).iter().find_map(read) {
                at += found.lines.max(1) - 1;
                self.take(format.name, found, &context);
                if self.facts.len() > MOST_FACTS {
                    self.facts.truncate(MOST_FACTS);
                    self.end = self.facts.last().map(|fact| fact.source.line);
                    return false;
                }
            } else if !context.takes(line.text, here.letters) {
                self.unknown.0 += 1;
                if self.unknown.1 == 0 {
                    self.unknown.1 = line.number;
                }
            }
        }
        true
    }

    fn take(&mut self, name: &'static str, found: Found, context: &Context) {
        let name = found.kind.unwrap_or(name);
        if !self.kinds.contains(&name) {
            self.kinds.push(name);
        }
        for note in found.left_out {
            self.note(note);
        }
        if let Some(refusal) = found.refusal {
            self.refusals.push(refusal);
        }
        if let Some(broken) = found.broken {
            self.broken.get_or_insert((name, broken));
        }
        for mut fact in found.readings {
            fact.source.format = name;
            context.complete(&mut fact);
            self.facts.push(fact);
        }
    }

    fn note(&mut self, note: String) {
        if self.left_out.len() < MOST_NOTES && !self.left_out.contains(&note) {
            self.left_out.push(note);
        }
    }

    /// All that was left out, as sentences.
    fn notes(&mut self) -> Vec<String> {
        for refusal in std::mem::take(&mut self.refusals) {
            self.note(refusal);
        }
        if let Some((name, broken)) = self.broken.take() {
            self.note(format!("{name}, line {}: {}", broken.line, broken.what));
        }
        match self.unknown {
            (0, _) => {}
            (1, line) => self.note(format!("line {line} was not understood")),
            (count, line) => self.note(format!(
                "{count} lines were not understood, the first is line {line}"
            )),
        }
        if let Some(end) = self.end {
            self.left_out.push(format!(
                "what follows line {end} was not read: a file may have {MOST_LINES} lines and {MOST_FACTS} measurements"
            ));
        }
        std::mem::take(&mut self.left_out)
    }
}

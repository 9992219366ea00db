//! What one view shows, as data: lines above, a table of rows that lead somewhere, and the command that gives the same answer.

use serde::Serialize;
use serde_json::{Value, json};

use crate::analyze::explore::dominators::By;
use crate::heap::ObjectIndex;
use crate::report::blocks::{Block, text};
use crate::report::neutralise;
use crate::report::table::Table;
use crate::report::units::{Units, count, percent};

/// A view, and where a row leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Verdict, suspects, memory of the process.
    Overview,
    /// One suspect, by its place in the report.
    Suspect(usize),
    /// A level of the dominator tree.
    Tree {
        /// Below this object; `None` for the topmost ones.
        under: Option<ObjectIndex>,
        /// What a row is.
        by: By,
    },
    /// The objects of one row of such a level.
    Group {
        /// As in [`Target::Tree`].
        under: Option<ObjectIndex>,
        /// As in [`Target::Tree`].
        by: By,
        /// The group.
        name: String,
    },
    /// All classes.
    Classes,
    /// The objects of a class.
    Instances(String),
    /// One object.
    Object(ObjectIndex),
    /// Who refers to an object.
    Referrers(ObjectIndex),
    /// Paths from GC roots to an object.
    Paths(ObjectIndex),
    /// All threads.
    Threads,
    /// One thread, by its place in the report.
    Thread(usize),
    /// Class loaders.
    Loaders,
    /// Strings, collections and arrays that could be smaller.
    Waste,
}

/// A view, and how many rows of each of its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The view.
    pub target: Target,
    /// Rows of each list.
    pub top: usize,
}

impl Ask {
    /// Rows of each list at first.
    pub const FIRST: usize = 100;

    /// The first rows of `target`.
    pub fn first(target: Target) -> Ask {
        Ask {
            target,
            top: Ask::FIRST,
        }
    }
}

/// A part of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A name, made harmless when it is drawn.
    Text(String),
    /// A size.
    Bytes(u64),
    /// A number.
    Count(u64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// Nothing.
    Empty,
}

impl Cell {
    /// As it is shown, without what would act on a terminal.
    pub fn shown(&self, units: Units) -> String {
        match self {
            Cell::Text(text) => neutralise::plain(text, true),
            Cell::Bytes(bytes) => units.bytes(*bytes),
            Cell::Count(number) => count(*number),
            Cell::Share(share) => percent(*share),
            Cell::Empty => String::new(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Cell::Text(text) => json!(text),
            Cell::Bytes(number) | Cell::Count(number) => json!(number),
            Cell::Share(share) => json!(share),
            Cell::Empty => Value::Null,
        }
    }

    /// How it stands to another cell of its column.
    pub fn order(&self, other: &Cell) -> std::cmp::Ordering {
        let number = |cell: &Cell| match cell {
            Cell::Bytes(number) | Cell::Count(number) => *number as f64,
            Cell::Share(share) => *share,
            Cell::Text(_) | Cell::Empty => -1.0,
        };
        match (self, other) {
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            _ => number(self).total_cmp(&number(other)),
        }
    }
}

/// What kind of line a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cells in columns.
    Data,
    /// The title of a section.
    Heading,
    /// A sentence, wrapped.
    Text,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What kind of line it is.
    pub kind: Kind,
    /// Its cells; one for headings and sentences.
    pub cells: Vec<Cell>,
    /// Where it leads.
    pub target: Option<Ask>,
    /// Level in a tree, from 0.
    pub depth: usize,
    /// Whether rows can be opened below it: it is an object of the dominator tree.
    pub opens: Option<ObjectIndex>,
    /// Whether they are.
    pub is_open: bool,
}

impl Row {
    /// A row of cells.
    pub fn data(cells: Vec<Cell>) -> Row {
        Row {
            kind: Kind::Data,
            cells,
            target: None,
            depth: 0,
            opens: None,
            is_open: false,
        }
    }

    /// The title of a section.
    pub fn heading(text: impl Into<String>) -> Row {
        Row {
            kind: Kind::Heading,
            ..Row::data(vec![Cell::Text(text.into())])
        }
    }

    /// A sentence.
    pub fn text(text: impl Into<String>) -> Row {
        Row {
            kind: Kind::Text,
            ..Row::data(vec![Cell::Text(text.into())])
        }
    }

    /// The same, which leads to `target`.
    pub fn to(self, target: Target) -> Row {
        Row {
            target: Some(Ask::first(target)),
            ..self
        }
    }

    /// The same with more rows of the same list behind it.
    pub fn more(left: u64, ask: &Ask) -> Row {
        let text = format!("{} more: Enter shows the next", count(left));
        Row {
            target: Some(Ask {
                target: ask.target.clone(),
                top: ask.top.saturating_mul(10),
            }),
            ..Row::text(text)
        }
    }

    /// Everything it says, for a search.
    pub fn says(&self) -> String {
        let texts = self.cells.iter().filter_map(|cell| match cell {
            Cell::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }
}

/// One view.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// A few words: a part of the way that led here.
    pub title: String,
    /// Lines above the table.
    pub facts: Vec<String>,
    /// Names of the columns, and whether they hold numbers.
    pub columns: Vec<(&'static str, bool)>,
    /// Columns that go first where the terminal is narrow.
    pub optional: &'static [usize],
    /// The rows.
    pub rows: Vec<Row>,
    /// The command that gives the same answer.
    pub command: Option<String>,
}

impl Screen {
    /// A table for rows, with the names of the columns.
    pub fn table(&self) -> Table {
        Table::of(&self.columns, self.optional, [])
    }

    /// The rows at `order` as blocks of a markup language.
    pub fn blocks(&self, subject: &str, order: &[usize], units: Units) -> Vec<Block> {
        let plain = |text: &str| neutralise::plain(text, true);
        let mut blocks = vec![Block::Title(format!(
            "{} in {}",
            plain(&self.title),
            plain(subject)
        ))];
        blocks.extend(
            self.facts
                .iter()
                .map(|fact| Block::Paragraph(text(&plain(fact)))),
        );
        let mut table: Option<Table> = None;
        for row in order.iter().filter_map(|&row| self.rows.get(row)) {
            if row.kind == Kind::Data {
                let cells = row.cells.iter().map(|cell| cell.shown(units)).collect();
                table.get_or_insert_with(|| self.table()).cells(cells);
                continue;
            }
            blocks.extend(table.take().map(Block::Table));
            let said = plain(&row.says());
            blocks.push(match row.kind {
                Kind::Heading => Block::Heading(said),
                _ => Block::Paragraph(text(&said)),
            });
        }
        blocks.extend(table.map(Block::Table));
        if let Some(command) = &self.command {
            blocks.push(Block::Paragraph(text(&plain(command))));
        }
        blocks
    }

    /// The rows at `order` as JSON.
    pub fn json(&self, subject: &str, order: &[usize]) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Saved<'s> {
            dump: &'s str,
            view: &'s str,
            facts: &'s [String],
            command: &'s Option<String>,
            rows: Vec<Value>,
        }
        let rows = order.iter().filter_map(|&row| self.rows.get(row));
        let row = |row: &Row| match row.kind {
            Kind::Heading => json!({ "heading": row.says() }),
            Kind::Text => json!({ "text": row.says() }),
            Kind::Data => {
                let cells = self.columns.iter().zip(&row.cells);
                let cells = cells.map(|((name, _), cell)| (name.to_lowercase(), cell.json()));
                Value::Object(cells.collect())
            }
        };
        super::super::view::json(&Saved {
            dump: subject,
            view: &self.title,
            facts: &self.facts,
            command: &self.command,
            rows: rows.map(row).collect(),
        })
    }
}

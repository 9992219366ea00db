//! Columns of text: aligned by what a terminal shows, not by bytes.

use unicode_width::UnicodeWidthStr;

use super::blocks::{Block, Inline, Span, text};
use super::neutralise::{clip, shorten_names};
use super::units::NO_BREAK;
use super::wrap::wrap;

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Names.
    Left,
    /// Numbers.
    Right,
    /// Running text, which says most at its beginning: cut at its end.
    Sentence,
}

/// Columns that the last column of a table should have.
pub const NARROWEST: usize = 20;

/// Rows of cells, to be laid out in columns two spaces apart.
#[derive(Debug, Clone)]
pub struct Table {
    aligns: Vec<Align>,
    optional: &'static [usize],
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with one column for each alignment. The last column takes the width that is left and is shortened to it;
    /// where less than [`NARROWEST`] would be left, the `optional` columns go first, in that order.
    pub fn new(aligns: &[Align], optional: &'static [usize]) -> Self {
        Table {
            aligns: aligns.to_vec(),
            optional,
            head: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Names the columns, before any row is added.
    pub fn head<const N: usize>(&mut self, names: [&'static str; N]) {
        self.head = names.into();
        self.row(names.map(str::to_owned));
    }

    /// Names the columns where their number is not known before.
    pub fn names(&mut self, names: &[&'static str]) {
        self.head = names.to_vec();
        self.cells(names.iter().map(|name| (*name).to_owned()).collect());
    }

    /// Adds a row of as many cells as there are.
    pub fn cells(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Adds a row; missing cells are empty.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// The rows as lines of at most `width` columns; `mark` shows where a cell was shortened.
    pub fn lines(&self, width: usize, mark: &str) -> Vec<String> {
        let fitted = self.fit(width);
        let lines = self.rows.iter().map(|row| self.line(row, &fitted, mark));
        lines.collect()
    }

    /// The same, but what stands in the last column goes on below where it does not fit.
    pub fn wrapped(&self, width: usize, mark: &str) -> Vec<String> {
        let fitted = self.fit(width);
        let Some(last) = fitted.last().copied() else {
            return Vec::new();
        };
        if self.aligns.get(last.column) == Some(&Align::Right) {
            return self.lines(width, mark);
        }
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut row = row.clone();
            let cell = row.get(last.column).map_or("", String::as_str);
            for piece in wrap(cell, last.room) {
                row.resize(self.aligns.len(), String::new());
                row[last.column] = piece;
                lines.push(self.line(&row, &fitted, mark));
                row.clear();
            }
        }
        lines
    }

    /// The table for markup languages: every column, names whole and in a fixed-width font. A tree's indentation stays.
    pub fn block(&self) -> Block {
        let head = self.head.iter().zip(&self.aligns);
        let head = head.map(|(name, align)| (*name, *align == Align::Right));
        let named = usize::from(!self.head.is_empty());
        let rows = self.rows.iter().skip(named).map(|row| {
            let cells = row.iter().zip(&self.aligns);
            cells.map(|(cell, align)| inline(cell, *align)).collect()
        });
        Block::Table(head.collect(), rows.collect())
    }

    /// The columns for which there is room, each with its width. One pass over the cells measures every column.
    fn fit(&self, page: usize) -> Vec<Fitted> {
        let widest = self.widest();
        // No column but the last takes more than half of the page, whatever a name asks for.
        let width = |column: usize| widest[column].min(page / 2);
        let mut columns: Vec<usize> = (0..self.aligns.len()).collect();
        let mut optional = self.optional.iter();
        let room = loop {
            let Some((&last, others)) = columns.split_last() else {
                return Vec::new();
            };
            let taken = others.iter().map(|&column| width(column) + 2);
            let room = page.saturating_sub(taken.sum());
            if room >= widest[last].min(NARROWEST) {
                break room.max(1);
            }
            let Some(gone) = optional.next() else {
                break room.max(1);
            };
            columns.retain(|column| column != gone);
        };
        let last = columns.last().copied();
        let fitted = columns.iter().map(|&column| Fitted {
            column,
            width: if Some(column) == last {
                widest[column].min(room)
            } else {
                width(column)
            },
            room,
        });
        fitted.collect()
    }

    /// The width of the widest cell of each column.
    fn widest(&self) -> Vec<usize> {
        let mut widest = vec![0; self.aligns.len()];
        for row in &self.rows {
            for (widest, cell) in widest.iter_mut().zip(row) {
                *widest = cell.width().max(*widest);
            }
        }
        widest
    }

    fn line(&self, row: &[String], fitted: &[Fitted], mark: &str) -> String {
        let mut line = String::new();
        for &Fitted { column, width, .. } in fitted {
            let cell = row.get(column).map_or("", String::as_str);
            let cell = match self.aligns.get(column) {
                Some(Align::Sentence) => clip(cell, width, mark),
                _ => shorten_names(cell, width, mark),
            };
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            match self.aligns.get(column) {
                Some(Align::Right) => line.extend([&padding, &cell, "  "]),
                _ => line.extend([&cell, &padding, "  "]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// A column that a page has room for.
#[derive(Debug, Clone, Copy)]
struct Fitted {
    /// Its position among the cells of a row.
    column: usize,
    /// The columns of the terminal that its cells are padded to.
    width: usize,
    /// What the page leaves to the last column, where names are wrapped.
    room: usize,
}

fn inline(cell: &str, align: Align) -> Inline {
    let name = cell.trim_start();
    if align != Align::Left || name.is_empty() {
        return text(cell);
    }
    let indent = cell.len() - name.len();
    let code = Span::Code(name.to_owned());
    match indent {
        0 => vec![code],
        _ => vec![Span::Text(String::from(NO_BREAK).repeat(indent)), code],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_names_stay_whole() {
        let mut table = Table::new(&[Align::Right, Align::Left], &[]);
        table.row(["9 B".into(), "com.acme.Loader, pinned by x".into()]);
        table.row(["1 B".into(), String::new()]);
        assert_eq!(
            table.wrapped(17, "~"),
            ["9 B  com.acme.Loa", "     der, pinned", "     by x", "1 B"]
        );
    }

    #[test]
    fn aligned_by_columns_of_the_terminal() {
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left], &[1]);
        table.row(["9 B".into(), "日本".into(), "short".into()]);
        table.row(["1.00 MiB".into(), "ab".into(), "com.acme.LongName".into()]);
        assert_eq!(table.lines(33, "~")[0], "     9 B  日本  short");
        assert_eq!(table.lines(33, "~")[1], "1.00 MiB  ab    com.acme.LongName");
        assert_eq!(
            table.lines(24, "~"),
            ["     9 B  short", "1.00 MiB  ~LongName"]
        );
    }
}

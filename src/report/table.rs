//! Columns of text: aligned by what a terminal shows, not by bytes.

use unicode_width::UnicodeWidthStr;

use super::inline::{Inline, Span, text, words};
use super::marks::{Mark, Swatch};
use super::neutralise::{clip, plain, shorten_names};
use super::units::{NO_BREAK, Units, count, percent, share};
use super::wrap::wrap;

/// A number in a table whose rows a page can put in another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// So many bytes.
    Bytes(u64),
    /// So many bytes of so many, as a share.
    Share(u64, u64),
    /// So many of something.
    Count(u64),
}

impl Number {
    fn written(self, units: Units) -> String {
        match self {
            Number::Bytes(bytes) => units.bytes(bytes),
            Number::Share(part, whole) => share(part, whole).map_or_else(String::new, percent),
            Number::Count(number) => count(number),
        }
    }

    /// What rows are sorted by.
    pub fn value(self) -> u64 {
        let (Number::Bytes(value) | Number::Share(value, _) | Number::Count(value)) = self;
        value
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    aligns: Vec<Align>,
    optional: &'static [usize],
    /// The names of the columns, where they have some.
    head: Option<Vec<&'static str>>,
    rows: Vec<Vec<Inline>>,
    numbers: Vec<Vec<Number>>,
    lines: Option<Lines>,
    swatches: Vec<Option<Swatch>>,
    courses: Vec<Vec<Option<u64>>>,
}

/// How a terminal writes the rows: as lines of a list, each with its mark.
#[derive(Debug, Clone)]
struct Lines {
    marks: Vec<Mark>,
    line: fn(&[String]) -> String,
}

impl PartialEq for Lines {
    fn eq(&self, other: &Lines) -> bool {
        self.marks == other.marks
    }
}

impl Eq for Lines {}

impl Table {
    /// A table with one column for each alignment. The last column takes the width that is left and is shortened to it;
    /// where less than [`NARROWEST`] would be left, the `optional` columns go first, in that order.
    pub fn new(aligns: &[Align], optional: &'static [usize]) -> Self {
        Table {
            aligns: aligns.to_vec(),
            optional,
            head: None,
            rows: Vec::new(),
            numbers: Vec::new(),
            lines: None,
            swatches: Vec::new(),
            courses: Vec::new(),
        }
    }

    /// A table of columns with their names and whether they hold numbers.
    pub fn of(
        columns: &[(&'static str, bool)],
        optional: &'static [usize],
        rows: impl IntoIterator<Item = Vec<Inline>>,
    ) -> Self {
        let align = |&(_, number): &(_, bool)| if number { Align::Right } else { Align::Left };
        Table {
            head: Some(columns.iter().map(|(name, _)| *name).collect()),
            rows: rows.into_iter().collect(),
            ..Table::new(&columns.iter().map(align).collect::<Vec<_>>(), optional)
        }
    }

    /// A table of rows that a page can sort: each begins with numbers, the largest first number is in the first row, and its last cell
    /// names what the row is about.
    pub fn sortable(
        columns: &[(&'static str, bool)],
        optional: &'static [usize],
        units: Units,
        rows: impl IntoIterator<Item = (Vec<Number>, Vec<Inline>)>,
    ) -> Self {
        let (numbers, names): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let written = |row: &Vec<Number>| -> Vec<Inline> {
            let cells = row.iter().map(|number| text(&number.written(units)));
            cells.collect()
        };
        let rows = numbers.iter().map(written).zip(names);
        let rows: Vec<Vec<Inline>> = rows.map(|(row, names)| [row, names].concat()).collect();
        Table {
            numbers,
            ..Table::of(columns, optional, rows)
        }
    }

    /// The numbers at the beginning of each row; empty where the order of the rows is fixed.
    pub fn numbers(&self) -> &[Vec<Number>] {
        &self.numbers
    }

    /// The rows without the columns that go first where there is little room.
    pub fn narrow(&self) -> impl Iterator<Item = Vec<&Inline>> {
        self.rows.iter().map(|row| {
            let cells = row.iter().enumerate();
            let kept = cells.filter(|(column, _)| !self.optional.contains(column));
            kept.map(|(_, cell)| cell).collect()
        })
    }

    /// The same, but a terminal writes each row as the line that `line` makes of its cells, with the mark of the row.
    pub fn written_as(mut self, marks: Vec<Mark>, line: fn(&[String]) -> String) -> Self {
        self.lines = Some(Lines { marks, line });
        self
    }

    /// The same below a bar: what each row is in it. Its last column is running text, and a terminal needs no names of columns.
    pub fn below_bar(mut self, swatches: Vec<Option<Swatch>>) -> Self {
        self.swatches = swatches;
        if let Some(last) = self.aligns.last_mut() {
            *last = Align::Sentence;
        }
        self
    }

    /// The same with numbers over time for each row, which a format with pictures draws.
    pub fn over_time(mut self, courses: Vec<Vec<Option<u64>>>) -> Self {
        self.courses = courses;
        self
    }

    /// What each row is in the bar above; empty without one.
    pub fn swatches(&self) -> &[Option<Swatch>] {
        &self.swatches
    }

    /// Numbers over time for each row; empty where there are none.
    pub fn courses(&self) -> &[Vec<Option<u64>>] {
        &self.courses
    }

    /// The rows as lines of lists, where a terminal writes them so.
    pub fn marked_lines(&self) -> Option<Vec<(Mark, Inline)>> {
        let Lines { marks, line } = self.lines.as_ref()?;
        let rows = self.rows.iter().zip(marks);
        let rows = rows.map(|(row, mark)| {
            let cells: Vec<String> = row.iter().map(|cell| words(cell)).collect();
            (*mark, text(&line(&cells)))
        });
        Some(rows.collect())
    }

    /// Names the columns.
    pub fn head<const N: usize>(&mut self, names: [&'static str; N]) {
        self.head = Some(names.into());
    }

    /// The columns with their names, and whether they hold numbers.
    pub fn columns(&self) -> Vec<(&'static str, bool)> {
        let head = self.head.iter().flatten().zip(&self.aligns);
        head.map(|(name, align)| (*name, *align == Align::Right))
            .collect()
    }

    /// The rows without the names of the columns: names whole and in a fixed-width font. A tree's indentation stays.
    pub fn rows(&self) -> &[Vec<Inline>] {
        &self.rows
    }

    /// Adds a row of as many cells as there are.
    pub fn cells(&mut self, cells: Vec<String>) {
        let cells = cells.iter().zip(&self.aligns);
        let cells = cells.map(|(cell, align)| inline(cell, *align));
        self.rows.push(cells.collect());
    }

    /// Adds a row of cells that are running text.
    pub fn spans(&mut self, cells: Vec<Inline>) {
        self.rows.push(cells);
    }

    /// Adds a row; missing cells are empty.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.cells(cells.into());
    }

    /// The names of the columns, if they have some, and the rows, as harmless lines of at most `width` columns.
    pub fn lines(&self, width: usize, unicode: bool) -> Vec<String> {
        let rows = self.texts(unicode);
        let fitted = self.fit(&rows, width);
        let lines = rows.iter().map(|row| self.line(row, &fitted, unicode));
        lines.collect()
    }

    /// The cells as harmless text, the names of the columns first.
    fn texts(&self, unicode: bool) -> Vec<Vec<String>> {
        let names = |head: &Vec<&str>| head.iter().map(|name| (*name).to_owned()).collect();
        let cell = |cell: &Inline| plain(&words(cell).replace(NO_BREAK, " "), unicode);
        let mut rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect();
        for (row, swatch) in rows.iter_mut().zip(&self.swatches) {
            let sign = swatch.map_or(" ", |swatch| swatch.sign(unicode));
            if let Some(first) = row.first_mut() {
                first.insert_str(0, &format!("{sign}  "));
            }
        }
        let head = self.head.as_ref().filter(|_| self.swatches.is_empty());
        head.map(names).into_iter().chain(rows).collect()
    }

    /// The same, but what stands in the last column goes on below where it does not fit.
    pub fn wrapped(&self, width: usize, unicode: bool) -> Vec<String> {
        let rows = self.texts(unicode);
        let fitted = self.fit(&rows, width);
        let Some(last) = fitted.last().copied() else {
            return Vec::new();
        };
        if self.aligns.get(last.column) == Some(&Align::Right) {
            return self.lines(width, unicode);
        }
        let mut lines = Vec::new();
        for mut row in rows {
            let cell = row.get(last.column).map_or("", String::as_str);
            for piece in wrap(cell, last.room) {
                row.resize(self.aligns.len(), String::new());
                row[last.column] = piece;
                lines.push(self.line(&row, &fitted, unicode));
                row.clear();
            }
        }
        lines
    }

    /// The columns for which there is room, each with its width. One pass over the cells measures every column.
    fn fit(&self, rows: &[Vec<String>], page: usize) -> Vec<Fitted> {
        let widest = self.widest(rows);
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
    fn widest(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let mut widest = vec![0; self.aligns.len()];
        for row in rows {
            for (widest, cell) in widest.iter_mut().zip(row) {
                *widest = cell.width().max(*widest);
            }
        }
        widest
    }

    fn line(&self, row: &[String], fitted: &[Fitted], unicode: bool) -> String {
        let mark = if unicode { "…" } else { "..." };
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
            table.wrapped(17, true),
            ["9 B  com.acme.Loa", "     der, pinned", "     by x", "1 B"]
        );
    }

    #[test]
    fn aligned_by_columns_of_the_terminal() {
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left], &[1]);
        table.row(["9 B".into(), "日本".into(), "short".into()]);
        table.row(["1.00 MiB".into(), "ab".into(), "com.acme.LongName".into()]);
        assert_eq!(table.lines(33, true)[0], "     9 B  日本  short");
        assert_eq!(
            table.lines(33, true)[1],
            "1.00 MiB  ab    com.acme.LongName"
        );
        assert_eq!(
            table.lines(24, true),
            ["     9 B  short", "1.00 MiB  …LongName"]
        );
    }
}

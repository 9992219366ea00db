//! The answer of a command as people read it: lines and tables of text, or the blocks of a markup language.

use crate::analyze::explore::ObjectRow;
use crate::report::blocks::{Block, Span, bold, text};
use crate::report::neutralise;
use crate::report::table::{Align, Table};
use crate::report::units::{Units, count};

/// How the text of a page is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// Whether characters beyond ASCII may be used.
    pub unicode: bool,
    /// How bytes are written.
    pub units: Units,
}

/// What a page consists of.
enum Part {
    Line(String),
    Heading(String),
    Item(String),
    Facts(Vec<(&'static str, String)>),
    Table(Table, usize),
    Stack(Vec<String>),
}

/// A page in the making. Names in whatever is added must be harmless already: see [`Page::name`].
pub struct Page {
    alarms: Vec<(&'static str, &'static str)>,
    parts: Vec<Part>,
    layout: Layout,
}

impl Page {
    /// An empty page.
    pub fn new(layout: Layout) -> Page {
        Page {
            alarms: Vec::new(),
            parts: Vec::new(),
            layout,
        }
    }

    /// A size.
    pub fn bytes(&self, bytes: u64) -> String {
        self.layout.units.bytes(bytes)
    }

    /// A name out of the dump, made harmless.
    pub fn name(&self, name: &str) -> String {
        neutralise::plain(name, self.layout.unicode)
    }

    /// What stands for things that are left out.
    pub fn mark(&self) -> &'static str {
        if self.layout.unicode { "…" } else { "..." }
    }

    /// What must not be overlooked: two sentences, of which the first is emphasised.
    pub fn alarm(&mut self, what: &'static str, meaning: &'static str) {
        self.alarms.push((what, meaning));
    }

    /// Adds a line as long as it is. A narrow terminal wraps it: cutting it could cut off a number.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.parts
            .push(Part::Line(text.as_ref().trim_end().to_owned()));
    }

    /// Adds the title of a section.
    pub fn heading(&mut self, text: impl AsRef<str>) {
        self.parts
            .push(Part::Heading(text.as_ref().trim_end().to_owned()));
    }

    /// Adds an item of a list.
    pub fn item(&mut self, text: impl AsRef<str>) {
        self.parts
            .push(Part::Item(text.as_ref().trim_end().to_owned()));
    }

    /// Adds properties with their values.
    pub fn facts(&mut self, facts: Vec<(&'static str, String)>) {
        self.parts.push(Part::Facts(facts));
    }

    /// Adds a table, in text indented by `indent`.
    pub fn table(&mut self, table: Table, indent: usize) {
        self.parts.push(Part::Table(table, indent));
    }

    /// Adds the lines of a stack.
    pub fn stack(&mut self, lines: Vec<String>) {
        self.parts.push(Part::Stack(lines));
    }

    /// Adds a table of objects.
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
        table.head(["Retained", "Objects", "Shallow", "Address", "Object"]);
        for row in rows {
            table.row([
                self.bytes(row.retained_bytes),
                count(row.retained_objects),
                self.bytes(row.shallow_bytes),
                row.object_id.clone(),
                self.name(&link(row)),
            ]);
        }
        self.table(table, 2);
    }

    /// The page as lines of text.
    pub fn text(&self) -> String {
        let alarms = self
            .alarms
            .iter()
            .map(|(what, meaning)| format!("{what}. {meaning}."));
        let mut lines: Vec<String> = alarms.collect();
        for part in &self.parts {
            self.lines(part, &mut lines);
        }
        lines.join("\n") + "\n"
    }

    fn lines(&self, part: &Part, lines: &mut Vec<String>) {
        match part {
            Part::Line(text) => lines.push(text.clone()),
            Part::Heading(text) => lines.extend([String::new(), text.clone()]),
            Part::Item(text) => lines.push(format!("  {text}")),
            Part::Facts(facts) => {
                let mut table = Table::new(&[Align::Left, Align::Left], &[]);
                for (name, value) in facts {
                    table.row([(*name).to_owned(), value.clone()]);
                }
                self.laid_out(&table, 2, lines);
            }
            Part::Table(table, indent) => self.laid_out(table, *indent, lines),
            Part::Stack(frames) => {
                lines.extend(frames.iter().map(|frame| format!("    {frame}")));
            }
        }
    }

    fn laid_out(&self, table: &Table, indent: usize, lines: &mut Vec<String>) {
        let space = " ".repeat(indent);
        let rows = table.lines(self.layout.width.saturating_sub(indent), self.mark());
        lines.extend(rows.iter().map(|row| format!("{space}{row}")));
    }

    /// The page below a `title` as blocks of a markup language.
    pub fn blocks(&self, title: String) -> Vec<Block> {
        let mut blocks = vec![Block::Title(title)];
        let alarms = self.alarms.iter();
        blocks.extend(alarms.map(|(what, meaning)| {
            Block::Alarm(vec![
                bold(&format!("{what}.")),
                Span::Text(format!(" {meaning}.")),
            ])
        }));
        for part in &self.parts {
            match part {
                Part::Line(line) => blocks.push(Block::Paragraph(text(line))),
                Part::Heading(heading) => blocks.push(Block::Heading(heading.clone())),
                Part::Item(item) => match blocks.last_mut() {
                    Some(Block::Bullets(items)) => items.push(text(item)),
                    _ => blocks.push(Block::Bullets(vec![text(item)])),
                },
                Part::Facts(facts) => {
                    let facts = facts.iter();
                    let items = facts
                        .map(|(name, value)| vec![bold(name), Span::Text(format!(": {value}"))]);
                    blocks.push(Block::Bullets(items.collect()));
                }
                Part::Table(table, _) => blocks.push(table.block()),
                Part::Stack(frames) => blocks.push(Block::Lines(frames.clone())),
            }
        }
        blocks
    }
}

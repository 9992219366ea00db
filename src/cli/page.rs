//! The answer of a command as people read it: blocks, which every format writes.

use crate::analyze::explore::ObjectRow;
use crate::report::blocks::{Block, Mark, Span, bold, text};
use crate::report::neutralise;
use crate::report::table::{Align, Table};
use crate::report::text::answer;
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

/// A page in the making: blocks, with what every command writes in the same way. Names in whatever is added must be harmless already: see
/// [`Page::name`].
pub struct Page {
    /// How many of the blocks, at the beginning, are alarms.
    alarms: usize,
    blocks: Vec<Block>,
    layout: Layout,
}

impl Page {
    /// An empty page.
    pub fn new(layout: Layout) -> Page {
        Page {
            alarms: 0,
            blocks: Vec::new(),
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
        let what = bold(&format!("{what}."));
        let alarm = Block::Alarm(vec![what, Span::Text(format!(" {meaning}."))]);
        self.blocks.insert(self.alarms, alarm);
        self.alarms += 1;
    }

    /// Adds a line as long as it is. A narrow terminal wraps it: cutting it could cut off a number.
    pub fn line(&mut self, line: impl AsRef<str>) {
        self.blocks
            .push(Block::Paragraph(text(line.as_ref().trim_end())));
    }

    /// Adds the title of a section.
    pub fn heading(&mut self, title: impl AsRef<str>) {
        self.blocks
            .push(Block::Heading(title.as_ref().trim_end().to_owned()));
    }

    /// Adds an item of a list.
    pub fn item(&mut self, item: impl AsRef<str>) {
        let item = text(item.as_ref().trim_end());
        match self.blocks.last_mut() {
            Some(Block::List(_, items)) => items.push(item),
            _ => self.blocks.push(Block::List(Mark::Item, vec![item])),
        }
    }

    /// Adds properties with their values.
    pub fn facts(&mut self, facts: Vec<(&'static str, String)>) {
        let facts = facts.into_iter();
        let facts = facts.map(|(name, value)| (name, text(&value))).collect();
        self.blocks.push(Block::Facts(facts));
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// Adds the lines of a stack.
    pub fn stack(&mut self, lines: Vec<String>) {
        self.blocks.push(Block::Lines(lines));
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
        self.table(table);
    }

    /// The page as lines of text.
    pub fn text(&self) -> String {
        answer(&self.blocks, self.layout.width, self.layout.unicode)
    }

    /// The page below a `title` as blocks of a markup language.
    pub fn blocks(mut self, title: String) -> Vec<Block> {
        self.blocks.insert(0, Block::Title(title));
        self.blocks
    }
}

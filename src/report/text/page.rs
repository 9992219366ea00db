//! A page of text: wrapped, neutralised, coloured on request only.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::super::blocks::{Bar, Block, Facts, Inline, Mark, Span, parted, text, unfolded};
use super::super::inline::words;
use super::super::ledger_view;
use super::super::neutralise;
use super::super::options::{Detail, RenderOptions};
use super::super::table::{Align, Table};
use super::super::units::{NO_BREAK, Units, unbroken};
use super::super::wrap::wrap;

/// Narrowest and widest page: below, nothing is readable.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=400;
/// Widest running text: above, the eye loses the line. Tables and names may be wider.
const WIDEST_TEXT: usize = 160;

/// Lines that a reason or a next step takes at most, on a terminal of whatever width.
const DECISIVE_LINES: usize = 6;
/// Colours of the parts of a bar.
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Blue,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::White,
];

/// Lines in the making.
#[derive(Debug)]
pub(super) struct Page {
    lines: Vec<String>,
    width: usize,
    unicode: bool,
    colour: bool,
    units: Units,
    /// Lines that a sentence takes at most, reasons and steps excepted.
    sentence_lines: usize,
    /// Lines that a card takes below its numbers at most.
    card_lines: usize,
    /// Whether nothing is cut: at full detail, and where no terminal sets the room.
    whole: bool,
    /// Whether it is the answer of a command: lines are as long as they are, headings as they are written.
    answer: bool,
}

impl Page {
    pub(super) fn new(options: &RenderOptions) -> Self {
        Page {
            lines: Vec::new(),
            width: options.width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            unicode: options.unicode,
            colour: options.colour,
            units: options.units(),
            sentence_lines: usize::MAX,
            card_lines: usize::MAX,
            whole: options.detail == Detail::Full || options.rows.is_none(),
            answer: false,
        }
    }

    /// A page for the answer of a command.
    pub(super) fn of_answer(width: usize, unicode: bool) -> Self {
        let options = RenderOptions {
            unicode,
            ..RenderOptions::default()
        };
        Page {
            width,
            whole: false,
            answer: true,
            ..Page::new(&options)
        }
    }

    /// The same page, on which a sentence takes `lines` lines at most.
    pub(super) fn with_sentences_of(mut self, lines: usize) -> Self {
        self.sentence_lines = lines;
        self
    }

    /// The same page, on which a card takes `lines` lines below its numbers at most.
    pub(super) fn with_cards_of(mut self, lines: usize) -> Self {
        self.card_lines = lines;
        self
    }

    pub(super) fn card_lines(&self) -> usize {
        self.card_lines
    }

    pub(super) fn sentence_lines(&self) -> usize {
        self.sentence_lines
    }

    /// Writes `blocks` one after the other.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        let mut blocks = blocks.iter().peekable();
        while let Some(block) = blocks.next() {
            let about = blocks.next_if(|next| matches!(next, Block::About(_)));
            let about = match about {
                Some(Block::About(about)) => words(about),
                _ => String::new(),
            };
            self.block(block, &about);
        }
    }

    /// Writes a block; beside a heading `about`.
    fn block(&mut self, block: &Block, about: &str) {
        let margin = if self.answer { "" } else { "  " };
        match block {
            Block::Title(title) if !self.answer => self.lines.push(self.clean(title)),
            Block::Title(title) | Block::Heading(title) => self.title(title, about),
            // Blocks inside are never folded themselves: the depth is one.
            Block::Folded(title, inside) => {
                self.title(title, about);
                self.blocks(inside);
            }
            Block::Alarm(text) if !self.answer => self.alarm(text),
            Block::Alarm(text) | Block::Paragraph(text) => {
                self.paragraph(margin, &words(text), Style::new(), usize::MAX);
            }
            Block::About(text) => self.left_out(&words(text)),
            Block::List(mark, items) => {
                for (i, item) in items.iter().enumerate() {
                    self.item(*mark, i, &words(item));
                }
            }
            Block::Rest(rest) => self.left_out(&words(rest)),
            Block::Facts(facts) if !self.answer => self.facts(facts),
            Block::Facts(facts) => {
                let mut table = Table::new(&[Align::Left, Align::Left], &[]);
                for (name, value) in facts {
                    table.spans(vec![text(name), value.clone()]);
                }
                self.indented(&table, 2);
            }
            Block::Card(card) => self.card(card),
            Block::Table(table) => match table.marked_lines() {
                Some(lines) => {
                    for (mark, line) in lines {
                        self.item(mark, 0, &words(&line));
                    }
                }
                // A table that is the whole answer starts at the margin.
                None if self.answer && !self.lines.contains(&String::new()) => {
                    self.indented(table, 0);
                }
                None => self.indented(table, 2),
            },
            Block::Detailed(table, below) => self.detailed(table, below),
            Block::Bar(bar) => self.bar(bar),
            Block::Lines(lines) => lines.iter().for_each(|line| self.frame(line)),
        }
    }

    /// What must not be overlooked: what is emphasised in capitals, then what it means.
    fn alarm(&mut self, text: &Inline) {
        let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let (label, meaning) = match text.split_first() {
            Some((Span::Bold(what), meaning)) => {
                (what.to_uppercase().replace(": ", "  "), words(meaning))
            }
            _ => ("  ".to_owned(), words(text)),
        };
        self.paragraph(&label, &meaning, style, self.sentence_lines.max(2));
    }

    /// An item of a list, behind the sign of its mark.
    fn item(&mut self, mark: Mark, place: usize, text: &str) {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        let normal = Style::new();
        let (sign, style) = match mark {
            Mark::Step => ("", normal),
            Mark::Line => ("  ", normal),
            Mark::Quiet => ("    ", normal.dimmed()),
            Mark::Branch => (self.glyph("  └ ", "  ` "), normal),
            Mark::Grows => (self.glyph("  ▲ ", "  + "), colour(AnsiColor::Red)),
            Mark::Cleared => (self.glyph("  ✓ ", "  ok "), normal),
            Mark::Warning => ("  ! ", colour(AnsiColor::Yellow)),
            Mark::Item | Mark::Reason | Mark::Part(_) if self.answer => ("  ", normal),
            Mark::Item | Mark::Reason | Mark::Part(_) => (self.glyph("  • ", "  * "), normal),
        };
        match mark {
            Mark::Step => {
                let number = format!("  {}. ", place + 1);
                self.paragraph(&number, text, style, DECISIVE_LINES);
            }
            Mark::Reason => self.paragraph(sign, text, style, DECISIVE_LINES),
            _ => self.paragraph(sign, text, style, self.sentence_lines),
        }
    }

    /// Properties with their values: what the report is about, not what it says.
    fn facts(&mut self, facts: &Facts) {
        let widest = facts.iter().map(|(name, _)| name.width()).max();
        let widest = widest.unwrap_or_default();
        for (name, value) in facts {
            let label = format!("  {name:<widest$} ");
            let (value, lines) = (words(value), self.sentence_lines);
            self.paragraph(&label, &value, Style::new().dimmed(), lines);
        }
    }

    /// Each row as a line, and what stands below it.
    fn detailed(&mut self, table: &Table, below: &[Vec<Block>]) {
        let joined = |row: &Vec<Inline>| (Mark::Line, row.join(&Span::Text("  ".to_owned())));
        let rows = table.marked_lines();
        let rows = rows.unwrap_or_else(|| table.rows().iter().map(joined).collect());
        for ((mark, line), below) in rows.iter().zip(below) {
            self.item(*mark, 0, &words(line));
            self.blocks(&unfolded(below));
        }
    }

    /// The bar in signs: each part takes one at least.
    fn bar(&mut self, bar: &Bar) {
        let room = self.width.saturating_sub(4);
        let sizes: Vec<u64> = bar.parts.iter().map(|part| part.bytes).collect();
        let mut line = String::from("  ");
        let cells = ledger_view::cells(&sizes, room).into_iter();
        for (i, (part, cells)) in bar.parts.iter().zip(cells).enumerate() {
            let style = Style::new().fg_color(Some(COLOURS[i % COLOURS.len()].into()));
            let signs = part.swatch.sign(self.unicode).repeat(cells);
            line.push_str(&self.style(style, &signs));
        }
        self.lines.push(line);
    }

    /// A line of a stack. A long frame goes on below its name, not below its "at".
    fn frame(&mut self, line: &str) {
        let (label, line) = match line.strip_prefix("at ") {
            Some(frame) => ("    at ", frame),
            None => ("    ", line),
        };
        self.paragraph(label, line, Style::new().dimmed(), usize::MAX);
    }

    /// The heading of a block: in a report in capitals, what it says more beside it.
    fn title(&mut self, title: &str, about: &str) {
        if self.answer {
            let title = self.clean(title);
            return self.lines.extend([String::new(), title]);
        }
        let (name, aside) = parted(title);
        let aside = if aside.is_empty() { about } else { aside };
        self.heading(&name.to_uppercase(), aside);
    }

    /// Whether nothing is cut.
    pub(super) fn whole(&self) -> bool {
        self.whole
    }

    pub(super) fn units(&self) -> Units {
        self.units
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The first where the terminal shows more than ASCII, else the second.
    pub(super) fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// Text of a report without what would act on a terminal.
    pub(super) fn clean(&self, text: &str) -> String {
        neutralise::plain(text, self.unicode)
    }

    fn mark(&self) -> &'static str {
        self.glyph("…", "...")
    }

    /// `text` on at most `columns` columns.
    pub(super) fn fit(&self, text: &str, columns: usize) -> String {
        match self.whole {
            true => self.clean(text),
            false => neutralise::shorten_names(&self.clean(text), columns, self.mark()),
        }
    }

    /// `text`, without packages or shortened in its middle until it takes at most `lines` lines behind `label`.
    pub(super) fn fit_lines(&self, label: &str, text: &str, lines: usize) -> String {
        if self.whole {
            return self.clean(text);
        }
        let mut columns = lines.saturating_mul(self.room(label));
        let mut text = self.fit(text, columns);
        // Lines break at spaces and leave some of their room empty.
        while self.lines_of(label, &text) > lines && columns > 1 {
            columns -= 1;
            text = self.fit(&text, columns);
        }
        text
    }

    /// How many lines `text` takes behind `label`.
    pub(super) fn lines_of(&self, label: &str, text: &str) -> usize {
        wrap(&unbroken(&self.clean(text)), self.room(label)).len()
    }

    fn room(&self, label: &str) -> usize {
        let width = self.width.min(WIDEST_TEXT.saturating_add(label.width()));
        width.saturating_sub(label.width()).max(10)
    }

    pub(super) fn style(&self, style: Style, text: &str) -> String {
        if self.colour && style != Style::new() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// One finished line, at most as wide as the page by the caller's care.
    pub(super) fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    /// An empty line, a heading, and beside it what the numbers below are based on.
    pub(super) fn heading(&mut self, title: &str, aside: &str) {
        self.lines.push(String::new());
        let room = self.width.saturating_sub(title.width() + 2);
        let aside = self.clean(aside);
        if self.whole && aside.width() > room {
            let title = self.style(Style::new().bold(), title);
            self.lines.push(title);
            return self.paragraph("  ", &aside, Style::new().dimmed(), usize::MAX);
        }
        let aside = neutralise::clip(&aside, room, self.mark());
        let title = self.style(Style::new().bold(), title);
        let aside = if aside.is_empty() {
            aside
        } else {
            self.style(Style::new().dimmed(), &format!("  {aside}"))
        };
        self.lines.push(format!("{title}{aside}"));
    }

    /// Wrapped text behind a label on its first line; what does not fit into `max_lines` is cut with a mark.
    pub(super) fn paragraph(&mut self, label: &str, text: &str, style: Style, max_lines: usize) {
        if self.answer {
            let text = self.clean(text);
            return self.lines.push(format!("{label}{text}"));
        }
        let indent = label.width();
        let room = self.room(label);
        let mut lines = wrap(&unbroken(&self.clean(text)), room);
        for line in &mut lines {
            *line = line.replace(NO_BREAK, " ");
        }
        if lines.len() > max_lines && !self.whole {
            lines.truncate(max_lines.max(1));
            if let Some(last) = lines.last_mut() {
                let mark = self.mark();
                while last.width() + mark.width() > room && last.pop().is_some() {}
                last.push_str(mark);
            }
        }
        for (i, line) in lines.iter().enumerate() {
            let lead = if i == 0 {
                label.to_owned()
            } else {
                " ".repeat(indent)
            };
            let line = self.style(style, line);
            self.lines.push(format!("{lead}{line}"));
        }
    }

    /// Says what was left out.
    fn left_out(&mut self, what: &str) {
        let text = format!("  {} {what}", self.mark());
        let text = self.style(Style::new().dimmed(), &text);
        self.lines.push(text);
    }

    /// The lines of a table, indented; where nothing is cut, the ends of rows are wrapped.
    fn indented(&mut self, table: &Table, indent: usize) {
        let width = self.width.saturating_sub(indent);
        let lines = match self.whole {
            true => table.wrapped(width, self.unicode),
            false => table.lines(width, self.unicode),
        };
        let indent = " ".repeat(indent);
        self.lines
            .extend(lines.iter().map(|line| format!("{indent}{line}")));
    }

    /// Cuts the page to `lines`; the last line says so.
    pub(super) fn cut(&mut self, lines: usize) {
        if self.lines.len() > lines {
            self.lines.truncate(lines.saturating_sub(1));
            let text = format!("{} more: --detail full", self.mark());
            self.lines.push(text);
        }
    }

    /// Puts another page below this one.
    pub(super) fn append(&mut self, other: Page) {
        self.lines.extend(other.lines);
    }

    pub(super) fn finish(mut self) -> String {
        self.lines.push(String::new());
        self.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_paragraphs_end_with_a_mark() {
        let mut page = Page::new(&RenderOptions {
            width: 40,
            rows: Some(24),
            unicode: false,
            ..RenderOptions::default()
        });
        page.paragraph("  * ", &"word ".repeat(40), Style::new(), 2);
        assert_eq!(page.line_count(), 2);
        assert!(page.lines[1].ends_with("...") && page.lines.iter().all(|line| line.width() <= 40));
    }
}

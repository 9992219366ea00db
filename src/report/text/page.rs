//! A page of text: wrapped, neutralised, coloured on request only.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::super::blocks::{Block, Inline, text};
use super::super::inline::words;
use super::super::neutralise;
use super::super::options::{Detail, RenderOptions};
use super::super::table::{Align, Table};
use super::super::units::{NO_BREAK, Units, count, unbroken};
use super::super::wrap::wrap;

/// Narrowest and widest page: below, nothing is readable.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=400;
/// Widest running text: above, the eye loses the line. Tables and names may be wider.
const WIDEST_TEXT: usize = 160;

/// Lines in the making.
#[derive(Debug)]
pub(super) struct Page {
    lines: Vec<String>,
    width: usize,
    unicode: bool,
    colour: bool,
    units: Units,
    /// Whether everything is written: then only `--top` shows more.
    full: bool,
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
            full: options.detail == Detail::Full,
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

    /// Writes `blocks` one after the other.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        let dim = Style::new().dimmed();
        let margin = if self.answer { "" } else { "  " };
        let bullet = match self.answer {
            true => "  ",
            false => self.glyph("  • ", "  * "),
        };
        for block in blocks {
            match block {
                Block::Title(title) if !self.answer => self.lines.push(self.clean(title)),
                Block::Title(title) | Block::Heading(title) => self.title(title),
                // Blocks inside are never folded themselves: the depth is one.
                Block::Folded(title, inside) => {
                    self.title(title);
                    self.blocks(inside);
                }
                Block::Alarm(text) | Block::Paragraph(text) => self.whole_text(margin, text),
                Block::Bullets(items) => {
                    items.iter().for_each(|item| self.whole_text(bullet, item));
                }
                Block::Steps(items) => {
                    for (i, item) in items.iter().enumerate() {
                        self.whole_text(&format!("  {}. ", i + 1), item);
                    }
                }
                Block::Facts(facts) => {
                    let rows = facts.iter();
                    let rows = rows.map(|(name, value)| vec![text(name), value.clone()]);
                    let mut table = Table::new(&[Align::Left, Align::Left], &[]);
                    rows.for_each(|row| table.spans(row));
                    self.indented(&table, 2);
                }
                // A table that is the whole answer starts at the margin.
                Block::Table(table) => match self.answer && !self.lines.contains(&String::new()) {
                    true => self.indented(table, 0),
                    false => self.indented(table, 2),
                },
                Block::Lines(lines) => {
                    for line in lines {
                        // A long frame goes on below its name, not below its "at".
                        let (label, line) = match line.strip_prefix("at ") {
                            Some(frame) => ("    at ", frame),
                            None => ("    ", line.as_str()),
                        };
                        self.paragraph(label, line, dim, usize::MAX);
                    }
                }
            }
        }
    }

    /// The heading of a block: in a report in capitals, what it says more beside it.
    fn title(&mut self, title: &str) {
        if self.answer {
            let title = self.clean(title);
            return self.lines.extend([String::new(), title]);
        }
        let by = title
            .find(" by ")
            .map(|at| (&title[..at], &title[at + 1..]));
        let (name, aside) = title.split_once(": ").or(by).unwrap_or((title, ""));
        self.heading(&name.to_uppercase(), aside);
    }

    fn whole_text(&mut self, label: &str, text: &Inline) {
        self.paragraph(label, &words(text), Style::new(), usize::MAX);
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

    /// Says how many of a list were left out, if any.
    pub(super) fn more(&mut self, all: usize, shown: usize) {
        if all > shown {
            let how = if self.full {
                "--top N"
            } else {
                "--detail full"
            };
            self.left_out(&format!("{} more: {how}", count((all - shown) as u64)));
        }
    }

    /// Says what was left out.
    pub(super) fn left_out(&mut self, what: &str) {
        let text = format!("  {} {what}", self.mark());
        let text = self.style(Style::new().dimmed(), &text);
        self.lines.push(text);
    }

    /// The lines of a table, indented; where nothing is cut, the ends of rows are wrapped.
    pub(super) fn table(&mut self, table: &Table) {
        self.indented(table, 2);
    }

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

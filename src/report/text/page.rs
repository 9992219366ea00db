//! A page of text: wrapped, neutralised, coloured only when told to.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::formats::RenderOptions;
use super::super::neutralise;
use super::super::table::Table;
use super::super::units::{NO_BREAK, Units, unbroken};

/// Narrowest and widest page: below, nothing is readable; above, the eye loses the line.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;

/// Lines in the making.
#[derive(Debug)]
pub(super) struct Page {
    lines: Vec<String>,
    width: usize,
    unicode: bool,
    colour: bool,
    units: Units,
}

impl Page {
    pub(super) fn new(options: &RenderOptions) -> Self {
        Page {
            lines: Vec::new(),
            width: options.width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            unicode: options.unicode,
            colour: options.colour,
            units: options.units(),
        }
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
        neutralise::shorten(&self.clean(text), columns, self.mark())
    }

    /// `text`, shortened in its middle until it takes at most `lines` lines behind `label`.
    pub(super) fn fit_lines(&self, label: &str, text: &str, lines: usize) -> String {
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
        self.width.saturating_sub(label.width()).max(10)
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
        let aside = neutralise::clip(&self.clean(aside), room, self.mark());
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
        let indent = label.width();
        let room = self.room(label);
        let mut lines = wrap(&unbroken(&self.clean(text)), room);
        for line in &mut lines {
            *line = line.replace(NO_BREAK, " ");
        }
        if lines.len() > max_lines {
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
            let text = format!("  {} {} more: --detail full", self.mark(), all - shown);
            let text = self.style(Style::new().dimmed(), &text);
            self.lines.push(text);
        }
    }

    /// The lines of a table, indented. Its cells are neutralised by whoever made them.
    pub(super) fn table(&mut self, table: &Table) {
        for line in table.lines(self.width - 2, self.mark()) {
            self.lines.push(format!("  {line}"));
        }
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

/// Breaks text at spaces; a word longer than a line at its width.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let needed = word.width();
        if used > 0 && used + 1 + needed > width {
            lines.push(String::new());
            used = 0;
        }
        if used > 0 {
            push(&mut lines, " ");
            used += 1;
        }
        for c in word.chars() {
            let columns = c.width().unwrap_or(0);
            if used + columns > width {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, c.encode_utf8(&mut [0; 4]));
            used += columns;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_breaks_long_words() {
        assert_eq!(
            wrap("a bc def ghijklmnop q", 5),
            ["a bc", "def", "ghijk", "lmnop", "q"]
        );
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn cut_paragraphs_end_with_a_mark() {
        let mut page = Page::new(&RenderOptions {
            width: 40,
            unicode: false,
            ..RenderOptions::default()
        });
        page.paragraph("  * ", &"word ".repeat(40), Style::new(), 2);
        assert_eq!(page.line_count(), 2);
        assert!(page.lines[1].ends_with("...") && page.lines.iter().all(|line| line.width() <= 40));
    }
}

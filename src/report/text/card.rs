//! A suspect as text: numbers first, then who, what, and what to do. Names are cut last.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::super::card::{ALSO_HELD_BY, Card, FIX, PATTERN, Path, SIGNATURE, Step};
use super::super::inline::words;
use super::super::model::Severity;
use super::super::units::counted;
use super::page::Page;

const HELD_BY: &str = "held by";
const PATH: &str = "path";

/// Lines below the numbers from which on signature and pattern are written.
const FEWEST_LINES: usize = 8;
/// Lines of a path where nothing is cut.
const PATH_LINES: usize = 6;
/// Lines of an advice on a terminal.
const ADVICE_LINES: usize = 4;
/// Columns of the names of facts at least.
const NAME: usize = 9;

/// A fact, and how many lines it takes at most.
struct Row {
    name: &'static str,
    text: String,
    lines: usize,
}

impl Page {
    /// The numbers of a suspect, and below them its facts, as far as the page has lines for them.
    pub(super) fn card(&mut self, card: &Card) {
        self.numbers(card);
        if card.brief {
            return self.brief(card);
        }
        let names = card.facts.iter().map(|(name, _)| name.width());
        let label = Label(names.fold(NAME, usize::max));
        let mut rows = self.rows(card, label);
        spare(&mut rows, self.card_lines());
        for row in rows {
            match card.path.as_ref().filter(|_| row.name == PATH) {
                Some(path) if path.whole => self.tree(path, label),
                Some(path) => {
                    let path = short_path(self, path, (&label.of(PATH), row.lines));
                    self.fact(PATH, &path, row.lines, label);
                }
                None => self.fact(row.name, &row.text, row.lines, label),
            }
        }
        for part in &card.parts {
            for item in &part.items {
                self.fact(part.name, &words(item), usize::MAX, label);
            }
        }
    }

    fn numbers(&mut self, card: &Card) {
        let colour = match card.severity {
            Severity::Critical => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Cyan,
        };
        let rank = format!(" {}. ", card.rank);
        let about = format!("{}  [{}]", card.shares, card.kind);
        let room = self
            .width()
            .saturating_sub(rank.len() + card.size.len() + 2);
        let about = self.fit(&about, room);
        let size = self.style(
            Style::new().bold().fg_color(Some(colour.into())),
            &card.size,
        );
        if about.width() > room {
            self.line(format!("{rank}{size}"));
            return self.paragraph("    ", &about, Style::new(), usize::MAX);
        }
        self.line(format!("{rank}{size}  {about}"));
    }

    /// One line: who keeps what.
    fn brief(&mut self, card: &Card) {
        let kept = card
            .facts
            .first()
            .map(|(name, value)| format!(" {name} {}", words(value)));
        let text = words(&card.holder) + &kept.unwrap_or_default();
        let text = self.fit_lines("    ", &text, 1);
        self.paragraph("    ", &text, Style::new(), 1);
    }

    /// The facts with the lines that they would take, the path before what is there to be looked up.
    fn rows(&self, card: &Card, label: Label) -> Vec<Row> {
        let most = match self.whole() {
            true => usize::MAX,
            false => self.sentence_lines().min(2),
        };
        let has_room = self.card_lines() >= FEWEST_LINES;
        let row = |name: &'static str, text: String| {
            let label = label.of(name);
            // Whom to look for, here and in other tickets, is cut in the middle: the field stands at the end. There also stands what
            // another owner alone would free.
            let text = match name {
                HELD_BY => self.fit_lines(&label, &text, 2 + usize::from(has_room)),
                SIGNATURE => self.fit_lines(&label, &text, 2),
                ALSO_HELD_BY => self.fit_lines(&label, &text, 1),
                _ => text,
            };
            let lines = match name {
                HELD_BY | SIGNATURE => usize::MAX,
                PATTERN => 1.max(most / 2),
                FIX => most.max(ADVICE_LINES),
                _ => most,
            };
            let lines = lines.min(self.lines_of(&label, &text));
            Row { name, text, lines }
        };
        let facts = card
            .facts
            .iter()
            .map(|(name, value)| row(name, words(value)));
        let mut rows = vec![row(HELD_BY, words(&card.holder))];
        rows.extend(facts);
        if card.path.is_some() {
            let at = rows.iter().position(|row| row.name == SIGNATURE);
            let path = Row {
                name: PATH,
                text: String::new(),
                lines: most.min(PATH_LINES),
            };
            rows.insert(at.unwrap_or(rows.len()), path);
        }
        // The advice and the path say more than the name of the pattern.
        rows.retain(|row| has_room || ![PATTERN, SIGNATURE].contains(&row.name));
        rows
    }

    fn fact(&mut self, name: &str, text: &str, lines: usize, label: Label) {
        let style = match name {
            HELD_BY => Style::new().bold(),
            PATH | SIGNATURE => Style::new().dimmed(),
            _ => Style::new(),
        };
        self.paragraph(&label.of(name), text, style, lines);
    }

    /// The whole path, a step on each line.
    fn tree(&mut self, path: &Path, label: Label) {
        let from = format!("from {}", path.from());
        self.paragraph(&label.of(PATH), &from, Style::new(), usize::MAX);
        let branch = self.glyph("└ ", "` ");
        for (depth, step) in path.steps.iter().enumerate() {
            // Deep paths stay within the page.
            let lead = format!("{}{branch}", " ".repeat(6 + 2 * depth.min(12)));
            let text = format!("{}  {}  {}", step.name, step.size, step.address);
            self.paragraph(&lead, &text, Style::new().dimmed(), usize::MAX);
        }
    }
}

/// How wide the names of facts are.
#[derive(Clone, Copy)]
struct Label(usize);

impl Label {
    /// What stands before a fact.
    fn of(self, name: &str) -> String {
        format!("    {name:<width$} ", width = self.0)
    }
}

/// Takes lines from one fact after the other until they take no more than `room`: the last first, then the path, and at the end the
/// advice. Who holds and the signature are left as they are.
fn spare(rows: &mut [Row], room: usize) {
    let lines = rows.iter().map(|row| row.lines);
    let mut used = lines.fold(0, usize::saturating_add);
    let mut order: Vec<&mut Row> = rows.iter_mut().rev().collect();
    order.retain(|row| ![HELD_BY, SIGNATURE].contains(&row.name));
    order.sort_by_key(|row| match row.name {
        FIX => 2,
        PATH => 1,
        _ => 0,
    });
    for row in order {
        let spared = used.saturating_sub(room).min(row.lines.saturating_sub(1));
        row.lines -= spared;
        used -= spared;
    }
}

/// Steps at the end of a path that are tried: more do not fit into two lines.
const LAST_STEPS: usize = 40;

/// The path on `lines` lines behind `label`, classes without their packages: the holder above has the full name. Its end says more than
/// its middle, which is left out where it does not fit.
fn short_path(page: &Page, path: &Path, (label, lines): (&str, usize)) -> String {
    let step = |step: &Step| format!("{} {}", step.short, step.size);
    let root = path.root.iter().map(|root| format!("[{root}]"));
    let steps: Vec<String> = root.chain(path.steps.iter().map(step)).collect();
    let whole = steps.join(" → ");
    if page.lines_of(label, &whole) <= lines {
        return whole;
    }
    let before_path = steps.len() - path.steps.len();
    let named = path.named.map_or(0, |at| at + before_path);
    let kept = |(last, with_named): (usize, bool)| {
        let mark = page.glyph("…", "...");
        let gap = |n: usize| (n > 0).then(|| format!("{mark} {}", counted(n as u64, "step")));
        let (first, tail) = (1, steps.len() - last);
        let (middle, rest) = match with_named && named > first && named < tail {
            true => (Some(steps[named].clone()), tail - named - 1),
            false => (None, 0),
        };
        let before = if middle.is_some() { named } else { tail } - first;
        let mut parts: Vec<String> = steps.first().cloned().into_iter().collect();
        parts.extend(gap(before).into_iter().chain(middle).chain(gap(rest)));
        parts.extend(steps[tail..].iter().cloned());
        parts.join(" → ")
    };
    let most = LAST_STEPS.min(steps.len().saturating_sub(2));
    // The step through the field that is named is left out only where nothing else fits.
    let tried = [(0, true), (1, false)];
    let tried = tried.map(|(least, named)| (least..=most).rev().map(move |last| (last, named)));
    tried
        .into_iter()
        .flatten()
        .map(kept)
        .find(|text| page.lines_of(label, text) <= lines)
        .unwrap_or_else(|| page.fit_lines(label, &whole, lines))
}

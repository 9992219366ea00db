//! A report for tickets as an outline of [`blocks`](super::blocks), which each markup language writes out.

use super::blocks::{Block, Inline, Span, bold, text};
use super::describe;
use super::model::{Report, Warning};
use super::options::{Detail, RenderOptions};
use super::table::Table;
use super::units::{Units, count};
use crate::sentence::Sentence;

pub(super) mod appendix;
mod growth;
mod ledger;
mod suspects;
mod threads;

/// How much an outline holds.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    reasons: usize,
    pub(super) suspects: usize,
    /// Suspects with pattern, path and members.
    long: usize,
    pub(super) rows: usize,
    /// Longest name in characters.
    name: usize,
    appendix: bool,
}

impl Level {
    /// Everything, but of long lists `rows` rows.
    const fn all(rows: usize) -> Level {
        let all = usize::MAX;
        Level {
            reasons: all,
            suspects: all,
            long: all,
            rows,
            name: all,
            appendix: true,
        }
    }
}

/// From generous to tight. The last has no folded parts: it can be cut anywhere between lines.
pub const LEVELS: [Level; 4] = [
    Level {
        reasons: 6,
        suspects: usize::MAX,
        long: 5,
        rows: 12,
        name: 200,
        appendix: true,
    },
    Level {
        reasons: 5,
        suspects: usize::MAX,
        long: 2,
        rows: 8,
        name: 160,
        appendix: true,
    },
    Level {
        reasons: 4,
        suspects: usize::MAX,
        long: 1,
        rows: 5,
        name: 120,
        appendix: true,
    },
    Level {
        reasons: 3,
        suspects: 3,
        long: 0,
        rows: 4,
        name: 80,
        appendix: false,
    },
];

/// What a message in a channel has room for.
pub const MESSAGE: Level = Level {
    reasons: 3,
    suspects: 3,
    long: 0,
    rows: 6,
    name: 120,
    appendix: false,
};

/// The level of `--detail full`, or the first of [`LEVELS`] whose outcome has at most `limit` bytes.
pub fn fitted(
    report: &Report,
    options: &RenderOptions,
    limit: usize,
    write: fn(&[Block]) -> String,
) -> String {
    if options.detail == Detail::Full {
        return write(&outline(report, options, Level::all(options.top)));
    }
    let mut text = String::new();
    for level in LEVELS {
        text = write(&outline(report, options, level));
        if text.len() <= limit {
            return text;
        }
    }
    const REST: &str = "\n(cut: more with --detail full)\n";
    let mut end = limit.saturating_sub(REST.len());
    while end > 0 && !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').unwrap_or(end);
    text.truncate(end);
    text.push_str(REST);
    text
}

/// Words of one outline.
pub(super) struct Words {
    pub(super) units: Units,
    level: Level,
    /// Between a number and what there is so many of.
    times: &'static str,
    /// Whether everything is written: then only `--top` shows more.
    full: bool,
}

impl Words {
    pub(super) fn new(options: &RenderOptions, level: Level) -> Words {
        Words {
            units: options.units(),
            level,
            times: "×",
            full: options.detail == Detail::Full,
        }
    }

    /// For a page with `rows` rows in each list and names of `name` characters.
    pub(super) fn for_page(options: &RenderOptions, rows: usize, name: usize) -> Words {
        let level = Level {
            name,
            ..Level::all(rows)
        };
        Words::new(options, level)
    }

    /// Everything, for a terminal.
    pub(super) fn for_terminal(options: &RenderOptions) -> Words {
        Words {
            times: if options.unicode { "×" } else { "x" },
            ..Words::new(options, Level::all(options.top))
        }
    }

    pub(super) fn code(&self, name: &str) -> Span {
        Span::Code(super::neutralise::shorten(name, self.level.name, "…"))
    }

    pub(super) fn text(&self, text: &str) -> Span {
        Span::Text(super::neutralise::shorten(
            text,
            self.level.name.saturating_mul(3),
            "…",
        ))
    }

    /// A sentence of the report.
    fn sentence(&self, sentence: &Sentence) -> Inline {
        let text = sentence.written(self.units);
        let text = super::neutralise::shorten(&text, self.level.name.saturating_mul(3), "…");
        Sentence::from(text).spans().to_vec()
    }

    /// `150,000 × `, before what there is so many of.
    fn of(&self, objects: u64) -> Span {
        Span::Text(format!("{} {} ", count(objects), self.times))
    }

    /// Adds a folded section with a list of which `shown` of `all` items are written; nothing where it has none.
    fn fold(&self, blocks: &mut Vec<Block>, title: &str, all: usize, shown: usize, list: Block) {
        if shown == 0 {
            return;
        }
        let mut inside = vec![list];
        if self.full && all > shown {
            let more = format!("{} more: --top N", count((all - shown) as u64));
            inside.push(Block::Paragraph(text(&more)));
        }
        blocks.push(Block::Folded(title.to_owned(), inside));
    }

    /// The same with a table.
    fn table(&self, blocks: &mut Vec<Block>, title: &str, all: usize, table: Table) {
        let shown = table.rows().len();
        self.fold(blocks, title, all, shown, Block::Table(table));
    }

    fn bytes(&self, bytes: u64) -> Inline {
        text(&self.units.bytes(bytes))
    }
}

fn outline(report: &Report, options: &RenderOptions, level: Level) -> Vec<Block> {
    let words = Words::new(options, level);
    let mut blocks = vec![title(report, &words)];
    alarms(&mut blocks, report, &words);
    growth::blocks(&mut blocks, report, &words);
    why(&mut blocks, report, &words);
    suspects::blocks(&mut blocks, report, &words, options.detail);
    ledger::blocks(&mut blocks, report, &words);
    cleared(&mut blocks, report, &words);
    warnings(&mut blocks, report, &words);
    if level.appendix {
        appendix::blocks(&mut blocks, report, &words, options.detail);
    }
    read(&mut blocks, report, &words);
    blocks
}

/// The first line.
pub(super) fn title(report: &Report, words: &Words) -> Block {
    // A title is read as it is written: a star would need an escape in every markup.
    let title = describe::headline(report, words.units)
        .replace('`', "")
        .replace('*', "…");
    Block::Title(super::neutralise::shorten(&title, 250, "…"))
}

/// What must be known before any number is read.
pub(super) fn alarms(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let damage: Vec<&Warning> = report.warnings.iter().filter(|w| w.damage).collect();
    let shown = words.level.reasons.min(damage.len());
    for warning in damage.iter().take(shown) {
        blocks.push(Block::Alarm(vec![
            bold("Damaged dump: "),
            words.text(&describe::warning(warning, words.units)),
        ]));
    }
    if damage.len() > shown {
        let more = format!("{} more with --detail full", damage.len() - shown);
        blocks.push(Block::Alarm(vec![bold("Damaged dump: "), Span::Text(more)]));
    }
    if damage.is_empty() && !report.dump.complete {
        let meaning = "it is incomplete: numbers cover what could be read";
        blocks.push(Block::Alarm(vec![
            bold("Damaged dump: "),
            words.text(meaning),
        ]));
    }
    if report.tool.values_shown {
        blocks.push(Block::Alarm(vec![
            bold("Contains values: "),
            words.text(describe::VALUES_SHOWN),
        ]));
    }
}

/// The verdict with its reasons, and the next steps.
pub(super) fn why(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let verdict = &report.verdict;
    let mut base = vec![
        Span::Text("Java heap ".to_owned()),
        bold(describe::verdict(verdict.heap)),
        Span::Text(format!(
            ", confidence {}",
            describe::confidence(verdict.confidence)
        )),
    ];
    if let Some(against) = &verdict.judged_against {
        base.push(words.text(&format!(
            ", judged against {}",
            against.written(words.units)
        )));
    }
    blocks.push(Block::Paragraph(base));
    let list = |items: &[Sentence]| {
        items
            .iter()
            .take(words.level.reasons)
            .map(|item| words.sentence(item))
            .collect()
    };
    if !verdict.reasons.is_empty() {
        blocks.push(Block::Bullets(list(&verdict.reasons)));
    }
    if !verdict.next_steps.is_empty() {
        blocks.push(Block::Heading("Next steps".to_owned()));
        blocks.push(Block::Steps(list(&verdict.next_steps)));
    }
}

pub(super) fn cleared(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    if report.checked_and_cleared.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Checked and cleared".to_owned()));
    let rows = report.checked_and_cleared.iter().take(words.level.rows);
    let items = rows.map(|item| {
        vec![
            words.code(&item.title),
            words.text(&format!(": {}", describe::cleared(item, words.units))),
        ]
    });
    blocks.push(Block::Bullets(items.collect()));
}

pub(super) fn warnings(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let others: Vec<Inline> = report
        .warnings
        .iter()
        .filter(|w| !w.damage)
        .take(words.level.rows)
        .map(|warning| vec![words.text(&describe::warning(warning, words.units))])
        .collect();
    if !others.is_empty() {
        blocks.push(Block::Heading("Warnings".to_owned()));
        blocks.push(Block::Bullets(others));
    }
}

pub(super) fn read(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    blocks.push(Block::Heading("What was read".to_owned()));
    let facts = describe::read(report, words.units).into_iter();
    let line = |(name, facts): (&str, Vec<String>)| format!("{name}: {}", facts.join(", "));
    let mut items: Vec<Inline> = facts.map(|row| vec![words.text(&line(row))]).collect();
    let options: Vec<String> = report
        .tool
        .options
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let tool = format!(
        "by {} {} {}",
        report.tool.name,
        report.tool.version,
        options.join(" ")
    );
    items.push(vec![words.text(tool.trim_end())]);
    blocks.push(Block::Bullets(items));
}

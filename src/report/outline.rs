//! A report for tickets as an outline of [`blocks`](super::blocks), which each markup language writes out.

use super::blocks::{Block, Inline, Mark, Span, bold, text};
use super::describe;
use super::model::{Report, Warning};
use super::options::{Detail, RenderOptions};
use super::table::Table;
use super::units::{Units, count};
use crate::sentence::Sentence;

pub(super) mod appendix;
pub(super) mod growth;
pub(super) mod ledger;
pub(super) mod suspects;
mod threads;

/// How much an outline holds.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    pub(super) reasons: usize,
    pub(super) steps: usize,
    pub(super) suspects: usize,
    /// Suspects with pattern, path and members.
    pub(super) long: usize,
    /// Suspects whose path a page draws.
    pub(super) drawn: usize,
    pub(super) rows: usize,
    pub(super) classes: usize,
    /// Frames of a stack.
    pub(super) frames: usize,
    pub(super) ledger: usize,
    /// Components that were cleared, pieces of evidence, owners that did not grow.
    pub(super) cleared: usize,
    pub(super) warnings: usize,
    /// Groups of facts about what was read: the dump is the first.
    pub(super) read: usize,
    /// Whether what is left out of reasons, steps and suspects is counted below them.
    pub(super) counts_rest: bool,
    /// Longest name in characters.
    pub(super) name: usize,
    pub(super) appendix: bool,
}

impl Level {
    /// Everything, but of long lists `rows` rows.
    pub(super) const fn all(rows: usize) -> Level {
        let all = usize::MAX;
        Level {
            reasons: all,
            steps: all,
            suspects: all,
            long: all,
            ..level(rows, all)
        }
    }
}

/// A level with lists of `rows` rows and names of `name` characters.
const fn level(rows: usize, name: usize) -> Level {
    Level {
        reasons: 3,
        steps: 3,
        suspects: usize::MAX,
        long: 0,
        drawn: 0,
        rows,
        classes: rows,
        frames: usize::MAX,
        ledger: if rows > 8 { rows } else { 8 },
        cleared: rows,
        warnings: rows,
        read: usize::MAX,
        counts_rest: true,
        name,
        appendix: true,
    }
}

/// From generous to tight. The last has no folded parts: it can be cut anywhere between lines.
pub const LEVELS: [Level; 4] = [
    Level {
        reasons: 6,
        steps: 6,
        long: 5,
        ..level(12, 200)
    },
    Level {
        reasons: 5,
        steps: 5,
        long: 2,
        ..level(8, 160)
    },
    Level {
        reasons: 4,
        steps: 4,
        long: 1,
        ..level(5, 120)
    },
    Level {
        suspects: 3,
        appendix: false,
        ..level(4, 80)
    },
];

/// What a message in a channel has room for.
pub const MESSAGE: Level = Level {
    suspects: 3,
    ledger: 6,
    cleared: 4,
    read: 1,
    ..level(6, 120)
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

/// The option that puts more rows into each list.
pub(super) const TOP: &str = "--top N";

/// Behind the number of what is left out: the option that shows it.
fn by_option(option: &str) -> Inline {
    vec![
        Span::Text(" more: ".to_owned()),
        Span::Code(option.to_owned()),
    ]
}

/// So many are left out, and `more` says what shows them.
fn left_out(number: u64, more: &Inline) -> Block {
    Block::Rest([&text(&count(number))[..], more].concat())
}

/// Words of one outline.
pub(super) struct Words {
    pub(super) units: Units,
    level: Level,
    /// Between facts of one group.
    between: &'static str,
    /// Behind the number of what is left out: what shows more.
    more: Inline,
    /// Whether each suspect has all its facts and lists.
    details: bool,
    /// Whether a terminal shows it: sentences keep their backquotes.
    terminal: bool,
}

impl Words {
    pub(super) fn new(options: &RenderOptions, level: Level) -> Words {
        let full = options.detail == Detail::Full;
        Words {
            units: options.units(),
            level,
            between: ", ",
            // Where everything is written, only `--top` shows more.
            more: by_option(if full { TOP } else { "--detail full" }),
            details: full,
            terminal: false,
        }
    }

    /// For a message in a channel, whose readers have the report.
    pub(super) fn for_message(options: &RenderOptions) -> Words {
        Words {
            more: text(" more in the report"),
            details: false,
            ..Words::new(options, MESSAGE)
        }
    }

    /// For a page with `rows` rows in each list, `drawn` paths as pictures, and names of `name` characters.
    pub(super) fn for_page(
        options: &RenderOptions,
        rows: usize,
        drawn: usize,
        name: usize,
    ) -> Words {
        let level = Level {
            name,
            suspects: rows,
            drawn,
            frames: rows,
            ..Level::all(rows)
        };
        Words {
            details: true,
            ..Words::new(options, level)
        }
    }

    /// For a terminal, with whole names: it cuts lines.
    pub(super) fn for_terminal(options: &RenderOptions, level: Level) -> Words {
        Words {
            between: if options.unicode { " · " } else { "; " },
            terminal: true,
            ..Words::new(options, level)
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
    pub(super) fn sentence(&self, sentence: &Sentence) -> Inline {
        let text = sentence.written(self.units);
        if self.terminal {
            return vec![Span::Text(text)];
        }
        let text = super::neutralise::shorten(&text, self.level.name.saturating_mul(3), "…");
        Sentence::from(text).spans().to_vec()
    }

    /// `150,000 × `, before what there is so many of.
    fn of(&self, objects: u64) -> Span {
        Span::Text(format!("{} × ", count(objects)))
    }

    /// Says how many of `all` items are not among the first `shown`, if any.
    fn rest(&self, blocks: &mut Vec<Block>, all: usize, shown: usize) {
        if all > shown {
            blocks.push(left_out((all - shown) as u64, &self.more));
        }
    }

    /// The same where the screen has no line that says it for the whole report.
    fn counted_rest(&self, blocks: &mut Vec<Block>, all: usize, shown: usize) {
        if self.level.counts_rest {
            self.rest(blocks, all, shown);
        }
    }

    /// Adds a folded section with a list of which `shown` of `all` items are written; nothing where it has none.
    fn fold(&self, blocks: &mut Vec<Block>, title: &str, all: usize, shown: usize, list: Block) {
        if shown == 0 {
            return;
        }
        let mut inside = vec![list];
        if self.details || self.terminal {
            self.rest(&mut inside, all, shown);
        }
        blocks.push(Block::Folded(title.to_owned(), inside));
    }

    /// Adds a folded section with a table of which much is not in the report: `left` says what, and [`TOP`] shows more of it.
    fn long(&self, blocks: &mut Vec<Block>, title: &str, table: Table, left: Option<String>) {
        if table.rows().is_empty() {
            return;
        }
        let mut inside = vec![Block::Table(table)];
        let left = left.filter(|_| self.details);
        inside.extend(left.map(|left| {
            let option = Span::Code(TOP.to_owned());
            Block::Rest(vec![
                Span::Text(format!("{left}; ")),
                option,
                Span::Text(" lists more".to_owned()),
            ])
        }));
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
    suspects::blocks(&mut blocks, report, &words);
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
    let alarm = |what: &str, meaning: &str| Block::Alarm(vec![bold(what), words.text(meaning)]);
    let damage: Vec<&Warning> = report.warnings.iter().filter(|w| w.damage).collect();
    let shown = words.level.warnings.min(damage.len());
    for warning in damage.iter().take(shown) {
        blocks.push(alarm(
            "Damaged dump: ",
            &describe::warning(warning, words.units),
        ));
    }
    words.rest(blocks, damage.len(), shown);
    if damage.is_empty() && !report.dump.complete {
        let meaning = "it is incomplete: numbers cover what could be read";
        blocks.push(alarm("Damaged dump: ", meaning));
    }
    if report.tool.values_shown {
        blocks.push(alarm("Contains values: ", describe::VALUES_SHOWN));
    }
}

/// How sure the verdict is, and what it was judged against: `confidence high, judged against growth of 812 MiB`.
pub(super) fn confidence(report: &Report, units: Units) -> String {
    let verdict = &report.verdict;
    let against = verdict.judged_against.as_ref();
    let against = against.map(|base| format!(", judged against {}", base.written(units)));
    let confidence = describe::confidence(verdict.confidence);
    format!("confidence {confidence}{}", against.unwrap_or_default())
}

/// The verdict with its reasons, and the next steps.
pub(super) fn why(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    blocks.push(Block::Paragraph(vec![
        Span::Text("Java heap ".to_owned()),
        bold(describe::verdict(report.verdict.heap)),
        words.text(&format!(", {}", confidence(report, words.units))),
    ]));
    reasons(blocks, report, words);
}

/// The reasons of the verdict, and the next steps.
pub(super) fn reasons(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let verdict = &report.verdict;
    let list = |blocks: &mut Vec<Block>, mark, items: &[Sentence], most: usize| {
        let shown = items.iter().take(most);
        let shown = shown.map(|item| words.sentence(item)).collect();
        blocks.push(Block::List(mark, shown));
        words.counted_rest(blocks, items.len(), most);
    };
    if !verdict.reasons.is_empty() {
        list(blocks, Mark::Reason, &verdict.reasons, words.level.reasons);
    }
    if !verdict.next_steps.is_empty() {
        blocks.push(Block::Heading("Next steps".to_owned()));
        list(blocks, Mark::Step, &verdict.next_steps, words.level.steps);
    }
}

/// A section with an item for each row, of which `shown` are written; nothing where there is none.
fn listed(
    blocks: &mut Vec<Block>,
    words: &Words,
    title: &str,
    mark: Mark,
    (items, shown): (Vec<Inline>, usize),
) {
    if items.is_empty() || shown == 0 {
        return;
    }
    let all = items.len();
    blocks.push(Block::Heading(title.to_owned()));
    blocks.push(Block::List(mark, items.into_iter().take(shown).collect()));
    words.rest(blocks, all, shown);
}

pub(super) fn cleared(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.checked_and_cleared.iter();
    let items = rows.map(|item| {
        let about = describe::cleared(item, words.units);
        vec![words.code(&item.title), words.text(&format!(": {about}"))]
    });
    let items = (items.collect(), words.level.cleared);
    listed(blocks, words, "Checked and cleared", Mark::Cleared, items);
}

pub(super) fn warnings(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let others = report.warnings.iter().filter(|w| !w.damage);
    let items = others.map(|warning| vec![words.text(&describe::warning(warning, words.units))]);
    let items = (items.collect(), words.level.warnings);
    listed(blocks, words, "Warnings", Mark::Warning, items);
}

/// What was read, and by what.
pub(super) fn read(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    blocks.push(Block::Heading("What was read".to_owned()));
    facts_of_read(blocks, report, words);
}

/// The same without a heading.
pub(super) fn facts_of_read(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let mut facts = describe::read(report, words.units);
    let application = report.jvm.application.as_ref().filter(|_| words.details);
    facts.extend(application.map(|scope| ("application", vec![describe::application(scope)])));
    facts.push(("tool", vec![describe::tool(report)]));
    let facts = facts.into_iter().take(words.level.read);
    let fact =
        |(name, facts): (_, Vec<String>)| (name, vec![words.text(&facts.join(words.between))]);
    blocks.push(Block::Facts(facts.map(fact).collect()));
}

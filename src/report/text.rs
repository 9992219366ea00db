//! `--format text`: for a terminal. Verdict first, then why, suspects, the ledger as a bar, what was checked and cleared,
//! warnings: one screen by default.

mod card;
mod page;

use anstyle::{AnsiColor, Style};

use self::page::Page;
use super::blocks::Block;
use super::describe;
use super::model::{HeapVerdict, Report};
use super::options::{Detail, RenderOptions};
use super::outline::{self, Level, Words, appendix};
use super::units::counted;

/// Suspects for which a plan has room; who asks for more gets two more lines for each.
const SUSPECTS: usize = 5;
/// Rows that a terminal has at least.
const FEWEST_ROWS: usize = 24;

/// Lines of a suspect below its numbers at most, on a terminal.
const MOST_LINES: usize = 12;

/// How much of each section to write.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Lines that a sentence may take: the reasons, and what to do, take as many as they need.
    sentence_lines: usize,
    /// Lines that the facts about dump, JVM and heap may take each; with 0 there is one line that names the dump.
    fact_lines: usize,
    reasons: usize,
    next_steps: usize,
    /// Suspects with path and advice.
    long_suspects: usize,
    suspects: usize,
    /// Lines of such a suspect below its numbers.
    suspect_lines: usize,
    ledger: usize,
    /// Components that were cleared, pieces of evidence, owners that did not grow.
    cleared: usize,
    classes: usize,
    warnings: usize,
}

/// From generous to tight: the first that fits the terminal is used. What is left out is named in the last line.
const PLANS: [Plan; 15] = [
    plan([5, 3], [9, 9], [5, 5, 12], [20, 9, 12, 9]),
    plan([3, 3], [6, 5], [3, 5, 9], [12, 6, 6, 5]),
    plan([2, 2], [5, 4], [2, 5, 9], [10, 5, 5, 4]),
    plan([2, 2], [4, 3], [1, 5, 9], [9, 4, 5, 3]),
    plan([2, 1], [4, 3], [1, 5, 9], [8, 3, 3, 3]),
    plan([2, 1], [3, 3], [1, 5, 9], [8, 3, 3, 2]),
    plan([2, 1], [3, 2], [1, 5, 9], [7, 3, 0, 2]),
    plan([2, 1], [3, 2], [1, 3, 9], [6, 2, 0, 2]),
    plan([2, 0], [3, 2], [1, 2, 7], [4, 1, 0, 1]),
    plan([2, 0], [2, 2], [1, 1, 6], [0, 1, 0, 1]),
    plan([2, 0], [2, 2], [1, 1, 7], [0, 0, 0, 1]),
    plan([1, 0], [1, 2], [1, 1, 7], [0, 0, 0, 1]),
    plan([1, 0], [1, 1], [1, 1, 7], [0, 0, 0, 1]),
    plan([1, 0], [1, 1], [1, 1, 5], [0, 0, 0, 1]),
    plan([1, 0], [1, 1], [1, 1, 3], [0, 0, 0, 1]),
];

/// What a plan that fits is widened by while there is room, most wanted first.
const MORE: [fn(Plan) -> Plan; 5] = [
    |plan| Plan {
        next_steps: plan.next_steps + 1,
        ..plan
    },
    |plan| Plan {
        reasons: plan.reasons + 1,
        ..plan
    },
    |plan| Plan {
        suspects: plan.suspects + 1,
        ..plan
    },
    |plan| Plan {
        suspect_lines: plan.suspect_lines.saturating_add(1).min(MOST_LINES),
        sentence_lines: plan.sentence_lines.max(2),
        ..plan
    },
    |plan| Plan {
        cleared: plan.cleared + 1,
        ..plan
    },
];

/// For files and pipes: every sentence is whole, and only long lists end before their last row.
const WHOLE: Plan = plan(
    [usize::MAX; 2],
    [20, 20],
    [3, SUSPECTS, usize::MAX],
    [20, 10, 6, 20],
);

const EVERYTHING: Plan = plan(
    [usize::MAX; 2],
    [usize::MAX; 2],
    [usize::MAX; 3],
    [usize::MAX; 4],
);

const fn plan(
    lines: [usize; 2],
    words: [usize; 2],
    suspects: [usize; 3],
    lists: [usize; 4],
) -> Plan {
    Plan {
        sentence_lines: lines[0],
        fact_lines: lines[1],
        reasons: words[0],
        next_steps: words[1],
        long_suspects: suspects[0],
        suspects: suspects[1],
        suspect_lines: suspects[2],
        ledger: lists[0],
        cleared: lists[1],
        classes: lists[2],
        warnings: lists[3],
    }
}

/// Findings of waste on the first screen, where they were asked for.
const WASTE_ROWS: usize = 5;

/// The report for a terminal.
pub fn render(report: &Report, options: &RenderOptions) -> String {
    if options.detail == Detail::Full {
        let everything = Plan {
            classes: options.top,
            ..EVERYTHING
        };
        let mut page = compose(report, options, everything);
        let words = Words::for_terminal(options, Level::all(options.top));
        for write in [appendix::dominators, appendix::details, outline::read] {
            section(&mut page, report, &words, write);
        }
        return page.finish();
    }
    let more = report.suspects.len().saturating_sub(SUSPECTS);
    let wanted = |plan: Plan| Plan {
        suspects: plan.suspects.saturating_add(more),
        ..plan
    };
    let Some(rows) = options.rows else {
        let (mut page, facts) = both(report, options, wanted(WHOLE));
        page.append(facts);
        return page.finish();
    };
    // The line below the report is the shell's.
    let lines = rows.max(FEWEST_ROWS) - 1;
    let compose = |plan: Plan| {
        let (page, facts) = both(report, options, wanted(plan));
        let fits = page.line_count() + facts.line_count() <= lines;
        (page, facts, fits)
    };
    let [.., tightest] = PLANS;
    let fitting = PLANS.into_iter().find(|plan| compose(*plan).2);
    let mut plan = fitting.unwrap_or(tightest);
    for more in MORE.into_iter().cycle().take(MORE.len() * 3) {
        let wider = more(plan);
        if compose(wider).2 {
            plan = wider;
        }
    }
    let (mut page, facts, _) = compose(plan);
    // Which dump it was is never cut off.
    page.cut(lines.saturating_sub(facts.line_count()));
    page.append(facts);
    page.finish()
}

/// Blocks as the answer of a command: nothing is wrapped, only names in tables are cut to `width`.
pub fn answer(blocks: &[Block], width: usize, unicode: bool) -> String {
    let mut page = Page::of_answer(width, unicode);
    page.blocks(blocks);
    page.finish()
}

/// Blocks as sections of a report: nothing is cut.
pub fn blocks(blocks: &[Block], options: &RenderOptions) -> String {
    let mut page = Page::new(options);
    page.blocks(blocks);
    page.finish()
}

/// The report by `plan`, and what stands below it: which dump it was.
fn both(report: &Report, options: &RenderOptions, plan: Plan) -> (Page, Page) {
    let rows = WASTE_ROWS.min(plan.ledger);
    let words = Words::for_terminal(
        options,
        Level {
            rows,
            ..level(plan)
        },
    );
    let mut facts = Page::new(options).with_sentences_of(1);
    section(&mut facts, report, &words, appendix::waste);
    let mut read = Page::new(options).with_sentences_of(plan.fact_lines);
    match plan.fact_lines {
        0 => folded(&mut read, report, plan, &words),
        _ => section(&mut read, report, &words, outline::read),
    }
    facts.append(read);
    (compose(report, options, plan), facts)
}

/// One line that says what is not on this screen, and one for the dump.
fn folded(page: &mut Page, report: &Report, plan: Plan, words: &Words) {
    let mut left_out: Vec<String> = Vec::new();
    let mut count_of = |all: usize, shown: usize, what: &'static str| {
        let rest = all.saturating_sub(shown) as u64;
        if rest > 0 {
            left_out.push(counted(rest, what));
        }
    };
    let verdict = &report.verdict;
    count_of(verdict.reasons.len(), plan.reasons, "reason");
    count_of(verdict.next_steps.len(), plan.next_steps, "step");
    let title = match describe::title_of_suspects(report) {
        "Suspects" => "suspect",
        _ => "holder",
    };
    count_of(report.suspects.len(), plan.suspects, title);
    let rest: [(&'static str, bool); 5] = [
        ("memory of the process", plan.ledger < report.ledger.len()),
        ("evidence", plan.cleared < report.evidence.len()),
        (
            "cleared components",
            plan.cleared < report.checked_and_cleared.len(),
        ),
        (
            "top classes",
            plan.classes == 0 && !report.classes.is_empty(),
        ),
        ("JVM", true),
    ];
    let rest = rest.iter().filter(|(_, left_out)| *left_out);
    left_out.extend(rest.map(|(name, _)| (*name).to_owned()));
    let text = format!("more: {}; --detail full, or | less", left_out.join(", "));
    let mark = page.glyph("  … ", "  ... ");
    page.paragraph(mark, &text, Style::new().dimmed(), 2);
    section(page, report, words, outline::facts_of_read);
}

/// How many of each list the plan has room for.
fn level(plan: Plan) -> Level {
    Level {
        reasons: plan.reasons,
        steps: plan.next_steps,
        suspects: plan.suspects,
        long: plan.long_suspects,
        ledger: plan.ledger,
        cleared: plan.cleared,
        classes: plan.classes,
        warnings: plan.warnings,
        read: if plan.fact_lines > 0 { usize::MAX } else { 1 },
        // Else the line that names the dump says what is left out.
        counts_rest: plan.fact_lines > 0,
        ..Level::all(usize::MAX)
    }
}

fn compose(report: &Report, options: &RenderOptions, plan: Plan) -> Page {
    let page = Page::new(options).with_sentences_of(plan.sentence_lines);
    let mut page = page.with_cards_of(plan.suspect_lines);
    let words = Words::for_terminal(options, level(plan));
    headline(&mut page, report, plan);
    let section = |page: &mut Page, write| section(page, report, &words, write);
    section(&mut page, outline::alarms);
    section(&mut page, outline::growth::blocks);
    page.heading("WHY", &outline::confidence(report, page.units()));
    section(&mut page, outline::reasons);
    section(&mut page, outline::suspects::blocks);
    if plan.ledger > 0 {
        section(&mut page, outline::ledger::blocks);
        section(&mut page, appendix::off_heap_lines);
    }
    section(&mut page, appendix::evidence_section);
    section(&mut page, outline::cleared);
    section(&mut page, appendix::classes);
    section(&mut page, outline::warnings);
    page
}

/// A section that other formats write as well.
fn section(
    page: &mut Page,
    report: &Report,
    words: &Words,
    write: fn(&mut Vec<Block>, &Report, &Words),
) {
    let mut blocks = Vec::new();
    write(&mut blocks, report, words);
    page.blocks(&blocks);
}

fn headline(page: &mut Page, report: &Report, plan: Plan) {
    let colour = match report.verdict.heap {
        HeapVerdict::Suspected => AnsiColor::Red,
        HeapVerdict::RuledOut => AnsiColor::Green,
        HeapVerdict::Inconclusive => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let headline = describe::headline(report, page.units());
    // It has at most 250 characters, and what it ends with counts as well.
    page.paragraph("", &headline, style, plan.sentence_lines.max(5));
}

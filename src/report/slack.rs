//! `--format slack`: mrkdwn for an incident channel, at most [`LINES`] lines. What it leaves out is in the report itself.

use super::blocks::{Block, Inline, Mark, Span};
use super::model::Report;
use super::options::RenderOptions;
use super::outline::{self, Level, Words};
use super::units::{Units, count};
use super::{describe, ledger_view, neutralise};

/// Lines of a message at most.
pub const LINES: usize = 35;
/// Pieces of evidence that a message names; how many more there are is said.
const MOST_EVIDENCE: usize = 4;

/// The report as one message.
pub fn render(report: &Report, options: &RenderOptions) -> String {
    let level = Level {
        cleared: MOST_EVIDENCE,
        ..outline::MESSAGE
    };
    let words = Words::new(options, level);
    let mut blocks = vec![outline::title(report, &words)];
    outline::alarms(&mut blocks, report, &words);
    outline::why(&mut blocks, report, &words);
    suspects(&mut blocks, report, &words);
    memory(&mut blocks, report, &words);
    let read = describe::dump_facts(report, options.units()).join(", ");
    blocks.push(Block::Paragraph(vec![words.text(&read)]));
    outline::appendix::evidence_section(&mut blocks, report, &words);
    let mut lines: Vec<String> = Vec::new();
    blocks.iter().for_each(|block| write(&mut lines, block));
    if lines.len() > LINES {
        lines.truncate(LINES - 1);
        lines.push("(cut: the report has more)".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Who keeps most, a line each.
fn suspects(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let items: Vec<Inline> = report
        .suspects
        .iter()
        .take(outline::MESSAGE.suspects)
        .map(|suspect| {
            let size = Span::Bold(words.units.bytes(suspect.retained_bytes));
            let content = describe::content(&suspect.content);
            vec![
                size,
                Span::Text(format!(" ({}) held by ", describe::shares(suspect))),
                words.code(&describe::holder(&suspect.holder)),
                words.text(&format!(": {content}")),
            ]
        })
        .collect();
    if !items.is_empty() {
        let title = describe::title_of_suspects(report);
        blocks.push(Block::Heading(title.to_owned()));
        blocks.push(Block::List(Mark::Item, items));
    }
}

/// The components of the process's memory that the answer hangs on, a line each.
fn memory(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let entries = ledger_view::most_important(&report.ledger, outline::MESSAGE.rows);
    let items: Vec<Inline> = entries
        .into_iter()
        .map(|entry| {
            let amount = ledger_view::amount_text(entry, words.units);
            vec![words.text(&format!(
                "{}: {amount}",
                describe::component(&entry.component)
            ))]
        })
        .collect();
    if !items.is_empty() {
        blocks.push(Block::Heading("Memory of the process".to_owned()));
        blocks.push(Block::List(Mark::Item, items));
    }
}

/// Each block on lines of its own; Slack has neither tables nor parts that are folded, and a message has no use for stacks.
fn write(lines: &mut Vec<String>, block: &Block) {
    match block {
        Block::Title(title) => lines.push(format!("*{}*", neutralise::slack(title))),
        Block::Heading(title) => lines.push(inline(&vec![Span::Bold(title.clone())])),
        Block::Alarm(words) => lines.push(format!("> {}", inline(words))),
        Block::Paragraph(words) => lines.push(inline(words)),
        Block::List(Mark::Step, items) => {
            let numbered = items.iter().enumerate();
            lines.extend(numbered.map(|(i, item)| format!("{}. {}", i + 1, inline(item))));
        }
        Block::List(_, items) => {
            lines.extend(items.iter().map(|item| format!("• {}", inline(item))));
        }
        Block::Rest(more, _) => lines.push(format!("• {} more in the report", count(*more))),
        _ => {}
    }
}

fn inline(spans: &Inline) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Text(text) => neutralise::slack(text),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
        Span::Code(name) => neutralise::slack_code(name),
        // The marks must stand right at the words.
        Span::Bold(text) => {
            let words = text.trim();
            let (before, after) = text.split_once(words).unwrap_or_default();
            format!("{before}*{}*{after}", neutralise::slack(words))
        }
    }
}

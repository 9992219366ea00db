//! `--format slack`: mrkdwn for an incident channel, at most [`LINES`] lines. What it leaves out is in the report itself.

use super::blocks::{Block, Inline, Mark, Span, items_of_facts, of_card};
use super::model::Report;
use super::neutralise;
use super::options::RenderOptions;
use super::outline::{self, Words};
use super::units::Units;

/// Lines of a message at most.
pub const LINES: usize = 35;

/// The report as one message.
pub fn render(report: &Report, options: &RenderOptions) -> String {
    let words = Words::for_message(options);
    let mut blocks = vec![outline::title(report, &words)];
    for section in [
        outline::alarms,
        outline::why,
        outline::suspects::blocks,
        outline::ledger::blocks,
        outline::appendix::evidence_section,
        outline::read,
    ] {
        section(&mut blocks, report, &words);
    }
    let mut lines: Vec<String> = Vec::new();
    blocks.iter().for_each(|block| write(&mut lines, block));
    if lines.len() > LINES {
        lines.truncate(LINES - 1);
        lines.push("(cut: the report has more)".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Each block on lines of its own. Slack has neither tables nor parts that are folded, and a message has no use for stacks: of a table
/// it has the columns that matter most, a line for each row.
fn write(lines: &mut Vec<String>, block: &Block) {
    let bullet = |text: String| format!("• {text}");
    match block {
        Block::Title(title) => lines.push(format!("*{}*", neutralise::slack(title))),
        Block::Heading(title) => lines.push(span(&Span::Bold(title.clone()))),
        // Beside its heading.
        Block::About(about) => {
            if let Some(heading) = lines.last_mut() {
                heading.push_str(&format!(" {}", inline(about)));
            }
        }
        Block::Alarm(words) => lines.push(format!("> {}", inline(words))),
        Block::Paragraph(words) => lines.push(inline(words)),
        Block::List(Mark::Step, items) => {
            let numbered = items.iter().enumerate();
            lines.extend(numbered.map(|(i, item)| format!("{}. {}", i + 1, inline(item))));
        }
        Block::List(_, items) => lines.extend(items.iter().map(|item| bullet(inline(item)))),
        Block::Facts(facts) => {
            let facts = items_of_facts(facts);
            lines.push(bullet(
                facts.iter().map(inline).collect::<Vec<_>>().join("; "),
            ));
        }
        Block::Card(card) => of_card(card).iter().for_each(|block| write(lines, block)),
        Block::Table(table) | Block::Detailed(table, _) => {
            lines.extend(table.narrow().map(|row| bullet(cells(&row))));
        }
        Block::Rest(rest) => lines.push(bullet(inline(rest))),
        Block::Bar(_) | Block::Lines(_) | Block::Folded(..) => {}
    }
}

/// The cells of a row: what it is about, then the rest.
fn cells(row: &[&Inline]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| inline(cell)).collect();
    match cells.split_first() {
        Some((first, rest)) => format!("{first}: {}", rest.join(", ")),
        None => String::new(),
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

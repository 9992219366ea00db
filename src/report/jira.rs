//! `--format jira`: Jira wiki markup, for Jira Server and for the wiki mode of Jira Cloud.

use super::blocks::{Block, Inline, Mark, Span, items_of_facts, of_card, sentence_of, unfolded};
use super::model::Report;
use super::neutralise;
use super::options::RenderOptions;
use super::outline;
use super::units::Units;

/// Jira refuses a description of more than 32,767 characters.
pub const LARGEST: usize = 20_000;

/// The report as Jira wiki markup; its first line is the title of the ticket.
pub fn render(report: &Report, options: &RenderOptions) -> String {
    outline::fitted(report, options, LARGEST, blocks)
}

/// The blocks one after the other.
pub fn blocks(blocks: &[Block]) -> String {
    let mut out = String::new();
    let written = blocks
        .iter()
        .filter(|block| !matches!(block, Block::Bar(_)));
    for block in written {
        if !out.is_empty() {
            out.push('\n');
        }
        write_block(&mut out, block);
    }
    out
}

fn write_block(out: &mut String, block: &Block) {
    match block {
        Block::Title(title) => line(out, "", &neutralise::jira(title)),
        Block::Alarm(text) => line(out, "bq. ", &inline(text)),
        Block::Heading(title) => line(out, "h3. ", &neutralise::jira(title)),
        Block::About(about) => line(out, "", &inline(&sentence_of(about))),
        Block::Paragraph(text) => line(out, "", &inline(text)),
        Block::List(mark, items) => {
            let lead = if *mark == Mark::Step { "# " } else { "* " };
            items.iter().for_each(|item| line(out, lead, &inline(item)));
        }
        Block::Rest(rest) => line(out, "", &inline(rest)),
        Block::Facts(facts) => {
            for item in items_of_facts(facts) {
                line(out, "* ", &inline(&item));
            }
        }
        Block::Card(card) => out.push_str(&blocks(&of_card(card))),
        Block::Table(rows) => table(out, &rows.columns(), rows.rows()),
        Block::Detailed(rows, below) => {
            table(out, &rows.columns(), rows.rows());
            for (row, below) in rows.rows().iter().zip(below).filter(|(_, b)| !b.is_empty()) {
                let name = row.last().cloned().unwrap_or_default();
                out.push('\n');
                write_block(out, &Block::Paragraph(name));
                out.push('\n');
                out.push_str(&blocks(&unfolded(below)));
            }
        }
        Block::Bar(_) => {}
        Block::Lines(lines) => {
            out.push_str("{noformat}\n");
            for text in lines {
                // A brace could end the block; readers that know no such block see no link.
                line(
                    out,
                    "",
                    &neutralise::plain(text, true).replace(['{', '['], "("),
                );
            }
            out.push_str("{noformat}\n");
        }
        // Jira cannot fold: a heading and the content.
        Block::Folded(title, blocks) => {
            line(out, "h4. ", &neutralise::jira(title));
            out.push('\n');
            out.push_str(&self::blocks(blocks));
        }
    }
}

fn line(out: &mut String, lead: &str, text: &str) {
    out.push_str(lead);
    out.push_str(text);
    out.push('\n');
}

fn table(out: &mut String, head: &[(&str, bool)], rows: &[Vec<Inline>]) {
    let names: Vec<&str> = head.iter().map(|(name, _)| *name).collect();
    out.push_str(&format!("||{}||\n", names.join("||")));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| not_empty(inline(cell))).collect();
        out.push_str(&format!("|{}|\n", cells.join("|")));
    }
}

/// Two bars in a row would start a heading cell.
fn not_empty(cell: String) -> String {
    if cell.is_empty() {
        " ".to_owned()
    } else {
        cell
    }
}

fn inline(spans: &Inline) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Text(text) => neutralise::jira(text),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
        Span::Code(name) => format!("{{{{{}}}}}", neutralise::jira(name)),
        Span::Bold(text) => {
            let words = text.trim();
            let (before, after) = text.split_once(words).unwrap_or_default();
            format!("{before}*{}*{after}", neutralise::jira(words))
        }
    }
}

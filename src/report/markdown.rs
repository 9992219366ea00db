//! `--format markdown`: for GitHub, GitLab and Jira's editor.

use super::blocks::{Block, Inline, Mark, Span, items_of_facts, of_card, sentence_of, unfolded};
use super::model::Report;
use super::neutralise;
use super::options::RenderOptions;
use super::outline;
use super::units::Units;

/// Bytes of the default report at most: tickets are read, not scrolled.
pub const LARGEST: usize = 10_000;

/// The report as Markdown; its first line is the title of the ticket.
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
        Block::Title(title) => line(out, "", &neutralise::markdown(title)),
        Block::Alarm(text) => line(out, "> ", &inline(text)),
        Block::Heading(title) => line(out, "### ", &neutralise::markdown(title)),
        Block::About(about) => line(out, "", &inline(&sentence_of(about))),
        Block::Paragraph(text) => line(out, "", &inline(text)),
        Block::List(Mark::Step, items) => {
            for (i, item) in items.iter().enumerate() {
                line(out, &format!("{}. ", i + 1), &inline(item));
            }
        }
        Block::List(_, items) => items.iter().for_each(|item| line(out, "- ", &inline(item))),
        Block::Rest(rest) => line(out, "", &inline(rest)),
        Block::Facts(facts) => {
            for item in items_of_facts(facts) {
                line(out, "- ", &inline(&item));
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
            out.push_str("```text\n");
            for text in lines {
                line(
                    out,
                    "",
                    &neutralise::plain(text, true).replace('`', "\\u{60}"),
                );
            }
            out.push_str("```\n");
        }
        Block::Folded(title, blocks) => {
            // Empty lines around the content: without them it is not Markdown to GitHub.
            out.push_str(&format!(
                "<details><summary>{}</summary>\n\n",
                neutralise::markdown(title)
            ));
            // Blocks inside are never folded themselves: the depth is one.
            out.push_str(&self::blocks(blocks));
            out.push_str("\n</details>\n");
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
    let rules: Vec<&str> = head
        .iter()
        .map(|(_, number)| if *number { "---:" } else { "---" })
        .collect();
    out.push_str(&format!(
        "| {} |\n| {} |\n",
        names.join(" | "),
        rules.join(" | ")
    ));
    for row in rows {
        let cells: Vec<String> = row.iter().map(inline).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

fn inline(spans: &Inline) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Text(text) => neutralise::markdown(text),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
        Span::Code(name) => neutralise::markdown_code(name),
        // The marks must stand right at the words.
        Span::Bold(text) => {
            let words = text.trim();
            let (before, after) = text.split_once(words).unwrap_or_default();
            format!("{before}**{}**{after}", neutralise::markdown(words))
        }
    }
}

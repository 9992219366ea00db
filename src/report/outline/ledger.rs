//! The ledger of an outline.

use super::super::blocks::{Block, text};
use super::super::model::{LedgerEntry, Report};
use super::super::table::Table;
use super::super::{describe, ledger_view};
use super::Words;

pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    if report.ledger.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Memory of the process".to_owned()));
    let bar = ledger_view::bar(report);
    if let Some(bar) = &bar {
        let base = format!(
            "Shares are of {}: {}.",
            bar.label,
            words.units.bytes(bar.bytes)
        );
        blocks.push(Block::Paragraph(text(&base)));
    }
    let rest = bar.as_ref().and_then(|bar| bar.rest());
    let mut rows = Vec::new();
    for entry in ledger_view::most_important(&report.ledger, words.level.rows.max(8))
        .into_iter()
        .chain(&rest)
    {
        rows.push(vec![
            vec![words.text(&describe::component(&entry.component))],
            text(&ledger_view::amount_text(entry, words.units)),
            text(&bar.as_ref().map(|bar| bar.share(entry)).unwrap_or_default()),
            vec![words.text(&source(entry, words))],
        ]);
    }
    let head = [
        ("component", false),
        ("bytes", true),
        ("share", true),
        ("from", false),
    ];
    blocks.push(Block::Table(Table::of(&head, &[], rows)));
}

fn source(entry: &LedgerEntry, words: &Words) -> String {
    let about = ledger_view::about(entry, words.units);
    let kind = describe::ledger_kind(entry.kind);
    if about.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {about}")
    }
}

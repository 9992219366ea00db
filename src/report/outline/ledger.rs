//! The ledger of an outline.

use super::super::model::{LedgerEntry, Report};
use super::super::units::{percent, share};
use super::super::{describe, ledger_view};
use super::{Block, Words, text};

pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    if report.ledger.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Memory of the process".to_owned()));
    let bar = ledger_view::bar(report);
    let whole = bar.as_ref().map(|bar| &bar.whole);
    if let Some(whole) = whole {
        let base = format!(
            "Shares are of {}: {}.",
            whole.label,
            words.units.bytes(whole.bytes)
        );
        blocks.push(Block::Paragraph(text(&base)));
    }
    let limit = words.level.rows.max(8);
    let mut rows = Vec::new();
    for entry in ledger_view::most_telling(&report.ledger, limit) {
        let is_part = bar.iter().any(|bar| {
            bar.parts
                .iter()
                .any(|part| part.component == entry.component)
        });
        let part = match (whole, ledger_view::amount(entry)) {
            (Some(whole), Some(bytes)) if is_part => share(bytes, whole.bytes).map(percent),
            _ => None,
        };
        rows.push(vec![
            vec![words.text(&describe::component(&entry.component))],
            text(&ledger_view::amount_text(entry, words.units)),
            text(&part.unwrap_or_default()),
            vec![words.text(&source(entry))],
        ]);
    }
    let head = vec![
        ("component", false),
        ("bytes", true),
        ("share", true),
        ("from", false),
    ];
    blocks.push(Block::Table(head, rows));
}

fn source(entry: &LedgerEntry) -> String {
    let about = ledger_view::about(entry);
    let kind = describe::ledger_kind(entry.kind);
    if about.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {about}")
    }
}

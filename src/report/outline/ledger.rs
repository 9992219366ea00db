//! The ledger of an outline: a bar, and a row for each component.

use super::super::blocks::{Bar, BarPart, Block, Swatch, text};
use super::super::describe;
use super::super::ledger_view::{self, LedgerBar};
use super::super::model::{LedgerEntry, Report};
use super::super::table::Table;
use super::Words;

pub(in crate::report) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let most = words.level.ledger;
    if report.ledger.is_empty() || most == 0 {
        return;
    }
    blocks.push(Block::Heading("Memory of the process".to_owned()));
    let bar = ledger_view::bar(report);
    if let Some(bar) = &bar {
        let size = words.units.bytes(bar.bytes);
        let about = format!("shares are of {size}, {}", bar.label);
        blocks.push(Block::About(text(&about)));
        blocks.push(Block::Bar(picture(bar, words)));
    }
    let rest = bar.as_ref().and_then(LedgerBar::rest);
    let entries = ledger_view::most_important(&report.ledger, most).into_iter();
    let entries: Vec<&LedgerEntry> = entries.chain(&rest).collect();
    let rows = entries.iter().map(|entry| {
        vec![
            vec![words.text(&describe::component(&entry.component))],
            text(&ledger_view::amount_text(entry, words.units)),
            text(&bar.as_ref().map(|bar| bar.share(entry)).unwrap_or_default()),
            text(describe::ledger_kind(entry.kind)),
            vec![words.text(&ledger_view::about(entry, words.units))],
        ]
    });
    let head = [
        ("component", false),
        ("bytes", true),
        ("share", true),
        ("how known", false),
        ("from", false),
    ];
    let in_bar = |entry: &&LedgerEntry| {
        let bar = bar.as_ref()?;
        Some(swatch(bar, bar.index(entry)?))
    };
    let swatches = entries.iter().map(in_bar).collect();
    let table = Table::of(&head, &[3, 4, 2], rows);
    blocks.push(Block::Table(table.below_bar(swatches)));
    words.rest(blocks, report.ledger.len(), most);
}

fn swatch(bar: &LedgerBar, part: usize) -> Swatch {
    match bar.parts.get(part).map(|part| part.component.as_str()) {
        Some(name) if name.starts_with(ledger_view::REST) => Swatch::Rest,
        Some("unexplained") => Swatch::Unexplained,
        _ => Swatch::Part(part),
    }
}

fn picture(bar: &LedgerBar, words: &Words) -> Bar {
    let parts = bar.parts.iter().enumerate().map(|(i, part)| {
        let (name, size) = (
            describe::component(&part.component),
            words.units.bytes(part.width()),
        );
        BarPart {
            swatch: swatch(bar, i),
            title: format!("{name}: {size}"),
            name: format!("{name} {size}"),
            bytes: part.width(),
        }
    });
    let parts: Vec<BarPart> = parts.collect();
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    Bar {
        label: names.join(", "),
        bytes: bar.bytes,
        parts,
    }
}

//! The ledger as text: one bar, then a row for every component.

use anstyle::{AnsiColor, Style};

use super::super::describe;
use super::super::ledger_view::{self, LedgerBar};
use super::super::model::{LedgerEntry, OffHeapOwner, Report};
use super::super::table::{Align, Table};
use super::super::units::count;
use super::Plan;
use super::page::Page;

/// One sign for each part of the bar, different without colour.
const UNICODE: [&str; 9] = ["█", "▓", "▒", "▚", "▞", "▤", "▥", "▦", "▧"];
const ASCII: [&str; 9] = ["#", "=", "+", "%", "o", "x", "*", "~", "^"];
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Blue,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::Yellow,
    AnsiColor::White,
];

pub(super) fn section(page: &mut Page, report: &Report, plan: Plan) {
    if report.ledger.is_empty() {
        return;
    }
    let bar = ledger_view::bar(report);
    let aside = bar.as_ref().map(|bar| {
        let size = page.units().bytes(bar.bytes);
        format!("bar and %: of {size}, {}", bar.label)
    });
    page.heading("MEMORY OF THE PROCESS", &aside.unwrap_or_default());
    if let Some(bar) = &bar {
        draw(page, bar);
    }
    let mut table = Table::new(
        &[
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Left,
            Align::Sentence,
        ],
        &[4, 5, 3],
    );
    for entry in ledger_view::most_important(&report.ledger, plan.ledger) {
        let mut row = row(page, entry, bar.as_ref());
        if plan.ledger == usize::MAX {
            // The sources stand below, whole.
            row[5].clear();
        }
        table.row(row);
    }
    if let Some(rest) = bar.as_ref().and_then(LedgerBar::rest) {
        table.row(row(page, &rest, bar.as_ref()));
    }
    page.table(&table);
    page.more(report.ledger.len(), plan.ledger);
    if plan.ledger == usize::MAX {
        sources(page, &report.ledger);
    }
    owners(page, &report.off_heap, plan);
}

/// Where each number was read.
fn sources(page: &mut Page, ledger: &[LedgerEntry]) {
    for entry in ledger {
        let component = describe::component(&entry.component);
        let text = format!("{component}: {}", ledger_view::about(entry, page.units()));
        page.paragraph("    ", &text, Style::new().dimmed(), usize::MAX);
    }
}

fn sign(page: &Page, bar: &LedgerBar, index: usize) -> &'static str {
    match bar.parts.get(index).map(|part| part.component.as_str()) {
        Some(part) if part.starts_with(ledger_view::REST) => page.glyph("·", "."),
        Some("unexplained") => page.glyph("?", "?"),
        _ => page.glyph(UNICODE[index % UNICODE.len()], ASCII[index % ASCII.len()]),
    }
}

fn draw(page: &mut Page, bar: &LedgerBar) {
    let room = page.width().saturating_sub(4);
    let mut line = String::from("  ");
    for (i, cells) in ledger_view::cells(&bar.parts, room).into_iter().enumerate() {
        let colour = COLOURS[i % COLOURS.len()];
        let style = Style::new().fg_color(Some(colour.into()));
        line.push_str(&page.style(style, &sign(page, bar, i).repeat(cells)));
    }
    page.line(line);
}

fn row(page: &Page, entry: &LedgerEntry, bar: Option<&LedgerBar>) -> [String; 6] {
    let index = bar.and_then(|bar| bar.index(entry));
    let amount = ledger_view::amount_text(entry, page.units());
    let about = ledger_view::about(entry, page.units());
    [
        index
            .zip(bar)
            .map_or(" ", |(i, bar)| sign(page, bar, i))
            .to_owned(),
        describe::component(&entry.component),
        amount,
        bar.map(|bar| bar.share(entry)).unwrap_or_default(),
        describe::ledger_kind(entry.kind).to_owned(),
        about,
    ]
}

fn owners(page: &mut Page, owners: &[OffHeapOwner], plan: Plan) {
    // One owner in three lines of the ledger: the picture stays, the list is at full detail.
    let shown = plan.ledger / 3;
    for owner in owners.iter().take(shown) {
        let (component, holder) = (
            describe::component(&owner.component),
            describe::holder(&owner.holder),
        );
        let times = page.glyph("×", "x");
        let what = format!("{} {times} {}", count(owner.objects), owner.class);
        let text = match owner.bytes {
            Some(bytes) => format!(
                "{component}: {} by {holder}, {what}",
                page.units().bytes(bytes)
            ),
            None => format!("{component}: {what} by {holder}"),
        };
        page.paragraph(
            page.glyph("  └ ", "  ` "),
            &text,
            Style::new(),
            plan.sentence_lines,
        );
    }
    page.more(owners.len(), shown);
}

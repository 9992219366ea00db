//! A fleet for a terminal.

use super::model::{Cause, Fleet};
use super::view::View;
use super::{blocks, describe};
use crate::numbers::count;
use crate::report::blocks::Block;
use crate::report::table::{Align, Table};
use crate::report::{RenderOptions, neutralise, text as page};

pub(super) fn text(fleet: &Fleet, view: &View) -> String {
    let options = RenderOptions {
        width: view.width,
        unicode: view.unicode,
        exact_bytes: view.units.exact,
        ..RenderOptions::default()
    };
    let mut head = blocks::title(fleet);
    if !fleet.causes.is_empty() {
        let title = "Causes: by number of dumps, then by bytes; sizes are retained";
        head.push(Block::Heading(title.to_owned()));
    }
    let mut text = page::blocks(&head, &options);
    causes(&mut text, fleet, view);
    text + &page::blocks(&blocks::rest(fleet, view.units), &options)
}

/// A row for each cause, and below it what does not fit into one.
fn causes(out: &mut String, fleet: &Fleet, view: &View) {
    let [right, left] = [Align::Right, Align::Left];
    let mut table = Table::new(&[right, right, right, left, left], &[2]);
    table.head(["dumps", "median", "largest", "verdicts", "held by"]);
    let units = view.units;
    for cause in &fleet.causes {
        table.row([
            count(cause.dumps),
            units.bytes(cause.median_retained_bytes),
            units.bytes(cause.largest_retained_bytes),
            describe::verdicts(cause.verdicts),
            cause.holder.clone(),
        ]);
    }
    let rows = table.lines(view.width.saturating_sub(2), view.unicode);
    let about = fleet.causes.iter().map(|cause| about(cause, view));
    let about = [Vec::new()].into_iter().chain(about);
    for (row, about) in rows.iter().zip(about) {
        out.push_str(&format!("  {row}\n{}", about.concat()));
    }
    if fleet.more_causes > 0 {
        let mark = mark(view);
        let more = count(fleet.more_causes);
        out.push_str(&format!("  {mark} {more} more: --top N\n"));
    }
}

fn mark(view: &View) -> &'static str {
    if view.unicode { "…" } else { "..." }
}

fn about(cause: &Cause, view: &View) -> Vec<String> {
    const INDENT: &str = "         ";
    let facts = [
        Some(format!("keeps {}", cause.content)),
        Some(describe::places(cause)),
        describe::grew(cause, view.units),
        Some(format!("signature {}", cause.signature)),
    ];
    let room = view.width.saturating_sub(INDENT.len()).max(20);
    let line = |fact: String| {
        let fact = neutralise::plain(&fact, view.unicode);
        format!("{INDENT}{}\n", neutralise::clip(&fact, room, mark(view)))
    };
    facts.into_iter().flatten().map(line).collect()
}

//! A fleet as blocks. Text and HTML have causes of their own.

use super::describe;
use super::model::Fleet;
use crate::numbers::{Units, count};
use crate::report::blocks::{Block, Inline, Mark, Span, text};
use crate::report::table::Table;

/// Reasons that are shown of files that were not read.
const MOST_REASONS: usize = 50;
/// Causes that are shown of a pod.
const MOST_CAUSES: usize = 3;

pub(super) fn blocks(fleet: &Fleet, units: Units) -> Vec<Block> {
    let mut blocks = title(fleet);
    blocks.extend(causes(fleet, units));
    blocks.extend(rest(fleet, units));
    blocks.push(Block::Paragraph(text(&format!("By {}", fleet.tool))));
    blocks
}

/// What stands before the causes.
pub(super) fn title(fleet: &Fleet) -> Vec<Block> {
    let notes = describe::notes(fleet).into_iter();
    let notes = notes.map(|note| Block::Alarm(text(&note)));
    [Block::Title(describe::summary(fleet))]
        .into_iter()
        .chain(notes)
        .collect()
}

/// What stands behind the causes.
pub(super) fn rest(fleet: &Fleet, units: Units) -> Vec<Block> {
    let mut blocks = baseline(fleet, units);
    blocks.extend(courses(fleet, units));
    blocks.extend(not_read(fleet));
    blocks
}

fn code(name: &str) -> Inline {
    vec![Span::Code(name.to_owned())]
}

fn causes(fleet: &Fleet, units: Units) -> Vec<Block> {
    if fleet.causes.is_empty() {
        return Vec::new();
    }
    let rows = fleet.causes.iter().map(|cause| {
        vec![
            text(&count(cause.dumps)),
            text(&units.bytes(cause.median_retained_bytes)),
            text(&units.bytes(cause.largest_retained_bytes)),
            text(&describe::verdicts(cause.verdicts)),
            code(&cause.holder),
            code(&cause.content),
            text(&describe::places(cause)),
            text(&describe::grew(cause, units).unwrap_or_default()),
            code(&cause.signature),
        ]
    });
    let head = [
        ("dumps", true),
        ("median", true),
        ("largest", true),
        ("verdicts", false),
        ("held by", false),
        ("keeps", false),
        ("where", false),
        ("growth", false),
        ("signature", false),
    ];
    let mut blocks = vec![
        Block::Heading("Causes".to_owned()),
        Block::Table(Table::of(&head, &[], rows)),
    ];
    blocks.extend(more(fleet.more_causes));
    blocks
}

fn more(number: u64) -> Option<Block> {
    let said = format!("{} more: --top N", count(number));
    (number > 0).then(|| Block::Paragraph(text(&said)))
}

fn baseline(fleet: &Fleet, units: Units) -> Vec<Block> {
    let Some(comparison) = &fleet.baseline else {
        return Vec::new();
    };
    let mut items: Vec<Inline> = Vec::new();
    for (title, changes) in describe::changes(comparison) {
        if changes.is_empty() {
            items.push(text(&format!("{title}: none")));
        }
        items.extend(changes.iter().map(|change| {
            vec![
                Span::Bold(title.to_owned()),
                Span::Text(": ".to_owned()),
                Span::Code(change.holder.clone()),
                Span::Text(format!("; {}", describe::change(change, units))),
            ]
        }));
    }
    vec![
        Block::Heading(format!("Baseline: {}", describe::baseline(comparison))),
        Block::List(Mark::Item, items),
    ]
}

fn courses(fleet: &Fleet, units: Units) -> Vec<Block> {
    if fleet.courses.is_empty() {
        return Vec::new();
    }
    let mut items: Vec<Inline> = Vec::new();
    for pod in &fleet.courses {
        let facts = describe::pod_facts(pod, units);
        let mut item = code(&describe::pod(pod));
        item.push(Span::Text(format!(": {facts}")));
        for cause in pod.causes.iter().take(MOST_CAUSES) {
            let course = describe::course(cause, units);
            item.push(Span::Text("; ".to_owned()));
            item.push(Span::Code(cause.holder.clone()));
            item.push(Span::Text(format!(" {course}")));
        }
        items.push(item);
    }
    let mut blocks = vec![
        Block::Heading("Pods over time: those with several dumps".to_owned()),
        Block::List(Mark::Item, items),
    ];
    blocks.extend(more(fleet.more_courses));
    blocks
}

fn not_read(fleet: &Fleet) -> Option<Block> {
    let rows = fleet.not_read.iter().take(MOST_REASONS);
    let mut items: Vec<Inline> = rows
        .map(|file| {
            vec![
                Span::Code(file.file.clone()),
                Span::Text(format!(": {}", file.why)),
            ]
        })
        .collect();
    let more = fleet.not_read_count.saturating_sub(items.len() as u64);
    if more > 0 && !items.is_empty() {
        items.push(text(&format!("{} more: --format json", count(more))));
    }
    let title = format!("Not read: {}", count(fleet.not_read_count));
    (!items.is_empty()).then(|| Block::Folded(title, vec![Block::List(Mark::Item, items)]))
}

//! Threads, their ThreadLocals and references of an outline, each folded.

use super::super::blocks::{Block, Inline, Mark, Span, text};
use super::super::describe;
use super::super::model::{ClassCount, Report, ThreadRow};
use super::super::table::Table;
use super::super::units::count;
use super::Words;

pub(super) fn threads(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let mut inside: Vec<Block> = Vec::new();
    for thread in report.threads.iter().take(words.level.rows) {
        one(&mut inside, thread, words);
    }
    if let Some(more) = describe::more_threads(&report.threads, words.level.rows) {
        inside.push(Block::Paragraph(text(&more)));
    }
    if !inside.is_empty() {
        let title = "Threads by retained size".to_owned();
        blocks.push(Block::Folded(title, inside));
    }
}

/// Name, size and facts on a line, what the thread holds below it, then its stack.
fn one(blocks: &mut Vec<Block>, thread: &ThreadRow, words: &Words) {
    let size = words.units.bytes(thread.retained_bytes);
    let facts = describe::thread_facts(thread).join(", ");
    blocks.push(Block::Paragraph(vec![
        Span::Bold(size),
        Span::Text(" ".to_owned()),
        words.code(&thread.name),
        words.text(&format!(", {facts}")),
    ]));
    let mut items: Vec<Inline> = Vec::new();
    items.extend(thread.biggest_local.as_ref().map(|local| {
        let line = describe::local(local, words.units);
        vec![words.text(&format!("largest local: {line}"))]
    }));
    let locals = describe::thread_locals(thread.thread_locals, words.units);
    items.extend(locals.map(|line| text(&line)));
    if !items.is_empty() {
        blocks.push(Block::List(Mark::Item, items));
    }
    if !thread.frames.is_empty() {
        let frames = thread.frames.iter().map(|frame| format!("at {frame}"));
        blocks.push(Block::Lines(frames.collect()));
    }
}

pub(super) fn thread_locals(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.thread_locals.iter().take(words.level.rows);
    let rows = rows.map(|row| {
        let mut field = vec![words.code(&row.field)];
        let facts = describe::thread_local_field(row);
        field.extend(facts.iter().map(|fact| words.text(&format!(", {fact}"))));
        vec![
            words.bytes(row.retained_bytes),
            text(&count(row.threads)),
            text(&count(row.entries)),
            field,
        ]
    });
    let head = [
        ("retained", true),
        ("threads", true),
        ("values", true),
        ("declared by", false),
    ];
    let title = "ThreadLocals by retained size";
    let table = Table::of(&head, &[2], rows);
    words.table(blocks, title, report.thread_locals.len(), table);
}

pub(super) fn references(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let Some(references) = &report.references else {
        return;
    };
    let mut items: Vec<Inline> = Vec::new();
    for kind in &references.kinds {
        let line = describe::reference_kind(kind, words.units);
        let mut item = vec![words.text(&line)];
        for (i, class) in kind.classes.iter().enumerate() {
            let lead = if i == 0 { ": " } else { ", " };
            item.push(Span::Text(lead.to_owned()));
            item.extend(class_count(class, words));
        }
        items.push(item);
        items.extend(kind.holders.iter().map(|row| {
            let line = describe::reference_holder(row, kind.kind, words.units);
            vec![words.code(&row.holder), words.text(&format!(": {line}"))]
        }));
    }
    let queues = describe::reference_queues(references).into_iter();
    items.extend(queues.map(|line| vec![words.text(&line)]));
    items.extend(references.self_referencing.iter().map(|own| {
        let line = format!(": {}", describe::self_reference(own, words.units));
        vec![words.code(&own.holder), words.text(&line)]
    }));
    let title = "References: what only references of a kind reach";
    words.fold(
        blocks,
        title,
        0,
        items.len(),
        Block::List(Mark::Item, items),
    );
}

/// `1.2 MiB in 8,000 × com.acme.Product`.
pub(super) fn class_count(row: &ClassCount, words: &Words) -> Inline {
    let size = words.units.bytes(row.bytes);
    vec![
        Span::Text(format!("{size} in ")),
        words.of(row.objects),
        words.code(&row.class),
    ]
}

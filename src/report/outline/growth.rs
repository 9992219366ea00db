//! What grew since the earlier inputs, of an outline.

use super::super::blocks::{Block, Inline, Span, text};
use super::super::describe::growth as lines;
use super::super::model::{Growth, Report};
use super::super::table::Table;
use super::Words;

/// A paragraph for the heap, a table of owners over time.
pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let Some(growth) = &report.growth else {
        return;
    };
    blocks.push(Block::Heading("Growth".to_owned()));
    let summary = lines::summary(growth, words.units, " → ");
    blocks.push(Block::Paragraph(vec![words.text(&summary)]));
    let (grown, others) = lines::holders(growth, words.units, " → ");
    if let Some(nobody) = lines::nobody(growth).filter(|_| grown.is_empty()) {
        blocks.push(Block::Paragraph(text(nobody)));
    }
    let rows: Vec<Vec<Inline>> = grown
        .iter()
        .take(words.level.rows)
        .chain(others.iter().take(words.level.rows / 2))
        .map(|row| cells(row, words))
        .collect();
    if !rows.is_empty() {
        let head = [
            ("Course", false),
            ("Owner", false),
            ("Retained", true),
            ("Content", false),
            ("Notes", false),
        ];
        blocks.push(Block::Table(Table::of(&head, &[], rows)));
    }
    classes(blocks, growth, words);
    let groups = lines::groups(growth, " → ");
    let notes = groups.iter().take(words.level.rows).chain(&growth.notes);
    let notes: Vec<Inline> = notes.map(|note| vec![words.text(note)]).collect();
    if !notes.is_empty() {
        blocks.push(Block::Bullets(notes));
    }
}

/// A table of the classes that grew, where that is all that is known.
fn classes(blocks: &mut Vec<Block>, growth: &Growth, words: &Words) {
    let rows = match growth.intervals() {
        0 => lines::classes(growth, words.units, " → ", words.level.rows),
        _ => Vec::new(),
    };
    if rows.is_empty() {
        return;
    }
    let head = [
        ("Course", false),
        ("Class", false),
        ("Objects", true),
        ("Shallow", true),
        ("Kept by", false),
    ];
    let cells = |row: &lines::ClassCourseLine| -> Vec<Inline> {
        vec![
            text(row.word),
            vec![words.code(&row.class)],
            text(&row.objects),
            text(&row.bytes),
            match row.kept_by.is_empty() {
                true => Vec::new(),
                false => vec![words.code(&row.kept_by)],
            },
        ]
    };
    blocks.push(Block::Table(Table::of(&head, &[], rows.iter().map(cells))));
}

fn cells(row: &lines::HolderLine, words: &Words) -> Vec<Inline> {
    let word = match row.word {
        "grew" | "appeared" => Span::Bold(row.word.to_owned()),
        word => Span::Text(word.to_owned()),
    };
    vec![
        vec![word],
        vec![words.code(&row.owner)],
        text(&row.bytes),
        vec![words.text(&row.content)],
        vec![words.text(&row.notes.join("; "))],
    ]
}

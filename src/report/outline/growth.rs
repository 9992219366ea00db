//! What grew since the earlier inputs, of an outline.

use super::super::blocks::{Block, Inline, Span, text};
use super::super::describe::growth as told;
use super::super::model::Report;
use super::Words;

/// A paragraph for the heap, a table of owners over time.
pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let Some(growth) = &report.growth else {
        return;
    };
    blocks.push(Block::Heading("Growth".to_owned()));
    let summary = told::summary(growth, words.units, " → ");
    blocks.push(Block::Paragraph(vec![words.text(&summary)]));
    let (mut grown, others) = told::holders(growth, words.units, " → ");
    grown.extend(told::classes(growth, words.units, " → "));
    if grown.is_empty() && told::is_judged(growth) {
        blocks.push(Block::Paragraph(text(
            "No owner grew in the last interval.",
        )));
    }
    let rows: Vec<Vec<Inline>> = grown
        .iter()
        .take(words.level.rows)
        .chain(others.iter().take(words.level.rows / 2))
        .map(|row| cells(row, words))
        .collect();
    if !rows.is_empty() {
        let head = vec![
            ("Course", false),
            ("Owner", false),
            ("Retained", true),
            ("Content", false),
            ("Notes", false),
        ];
        blocks.push(Block::Table(head, rows));
    }
    if !growth.notes.is_empty() {
        let notes = growth.notes.iter().map(|note| vec![words.text(note)]);
        blocks.push(Block::Bullets(notes.collect()));
    }
}

fn cells(row: &told::Told, words: &Words) -> Vec<Inline> {
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

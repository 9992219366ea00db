//! The suspects of an outline.

use super::super::blocks::{Block, Inline, Span, bold, text};
use super::super::describe;
use super::super::model::{Report, Suspect};
use super::super::options::Detail;
use super::Words;
use super::threads::class_count;

pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words, detail: Detail) {
    blocks.push(Block::Heading(
        describe::title_of_suspects(report).to_owned(),
    ));
    if report.suspects.is_empty() {
        let none = match report.verdict.suspect_floor_bytes {
            Some(floor) => format!("None: no owner keeps {} or more.", words.units.bytes(floor)),
            None => "None.".to_owned(),
        };
        blocks.push(Block::Paragraph(text(&none)));
    }
    for (i, suspect) in report
        .suspects
        .iter()
        .take(words.level.suspects)
        .enumerate()
    {
        one(blocks, suspect, words, i < words.level.long, detail);
    }
    let hidden = report.suspects.len().saturating_sub(words.level.suspects);
    if hidden > 0 {
        blocks.push(Block::Paragraph(text(&format!(
            "{hidden} more with --detail full"
        ))));
    }
    if let Some(more) = describe::more_suspects(report) {
        blocks.push(Block::Paragraph(text(&more)));
    }
}

fn one(blocks: &mut Vec<Block>, suspect: &Suspect, words: &Words, long: bool, detail: Detail) {
    blocks.push(Block::Paragraph(head(suspect, words)));
    let mut items = vec![kept(suspect, words)];
    items.extend(facts(suspect, words, long));
    if detail == Detail::Full {
        items.extend(everything(suspect, words));
    }
    items.push(vec![
        Span::Text("id: ".to_owned()),
        words.code(&suspect.signature),
    ]);
    blocks.push(Block::Bullets(items));
    if long && !suspect.path.is_empty() {
        blocks.push(path(suspect, words));
    }
}

/// How much who holds.
fn head(suspect: &Suspect, words: &Words) -> Inline {
    let size = words.units.bytes(suspect.retained_bytes);
    let shares = describe::shares(suspect);
    let kind = describe::words(suspect.holder.kind.as_str());
    vec![
        bold(&format!("{}. {size}", suspect.rank)),
        Span::Text(format!(" = {shares}, held by ")),
        words.code(&describe::holder(&suspect.holder)),
        words.text(&format!(" ({kind})")),
    ]
}

/// What the suspect keeps.
fn kept(suspect: &Suspect, words: &Words) -> Inline {
    let content = &suspect.content;
    let mut kept = vec![
        Span::Text("keeps ".to_owned()),
        words.of(content.objects),
        words.code(&content.class),
    ];
    for other in content.contents.iter().skip(1) {
        kept.extend([Span::Text(" and ".to_owned()), words.of(other.objects)]);
        kept.push(words.code(&other.class));
    }
    let bytes = words.units.bytes(content.retained_bytes);
    kept.push(Span::Text(format!(" ({bytes})")));
    kept
}

/// What else is known of it, pattern and notes included where there is room (`long`).
fn facts(suspect: &Suspect, words: &Words, long: bool) -> Vec<Inline> {
    let units = words.units;
    let mut items = Vec::new();
    if long {
        let content = &suspect.content;
        let facts = [
            describe::collection(content),
            describe::element_sizes(content, units),
        ];
        let facts = facts.into_iter().flatten();
        items.extend(facts.map(|text| vec![words.text(&text)]));
    }
    if let Some(others) = describe::also_held(suspect, units) {
        items.push(vec![words.text(&format!("also held by {others}"))]);
    }
    if let Some(native) = suspect.off_heap_bytes.filter(|&bytes| bytes > 0) {
        items.push(text(&format!(
            "keeps {} off-heap as well",
            units.bytes(native)
        )));
    }
    if !long {
        return items;
    }
    if let Some(pattern) = &suspect.pattern {
        items.push(vec![
            words.text(&format!("pattern: {}", describe::pattern(pattern, units))),
        ]);
        let mut advice = vec![Span::Text("fix: ".to_owned())];
        advice.extend(words.sentence(&pattern.advice.as_str().into()));
        items.push(advice);
    }
    let notes = suspect.notes.iter().take(words.level.reasons);
    items.extend(notes.map(|note| words.sentence(note)));
    items
}

/// The path from the GC root, folded.
fn path(suspect: &Suspect, words: &Words) -> Block {
    let root = suspect.path_root.as_deref().unwrap_or("GC root");
    let steps = suspect.path.iter().map(|step| {
        let size = words.units.bytes(step.retained_bytes);
        vec![
            words.code(&describe::step(step)),
            Span::Text(format!(" {size} ")),
            words.code(&step.object_id),
        ]
    });
    let title = format!("Path to suspect {}, from: {root}", suspect.rank);
    Block::Folded(title, vec![Block::Steps(steps.collect())])
}

/// What only full detail has.
fn everything(suspect: &Suspect, words: &Words) -> Vec<Inline> {
    let units = words.units;
    let frees = describe::frees(suspect, units);
    let mut items = vec![text(&format!("frees {frees}"))];
    items.extend(suspect.accumulation_point.as_ref().map(|point| {
        let size = units.bytes(point.retained_bytes);
        vec![
            Span::Text("gathers at ".to_owned()),
            words.code(&point.class),
            Span::Text(" ".to_owned()),
            words.code(&point.object_id),
            Span::Text(format!(" ({size})")),
        ]
    }));
    items.extend(suspect.content.classes.iter().map(|row| {
        let mut item = text("of ");
        item.extend(class_count(row, words));
        item
    }));
    items
}

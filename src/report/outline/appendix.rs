//! The long tables of an outline, each folded.

use super::super::blocks::{Block, Inline, Span, text};
use super::super::describe;
use super::super::model::{Evidence, Report};
use super::super::options::Detail;
use super::super::table::Table;
use super::super::units::{NO_BREAK, count, percent, share};
use super::{Words, threads};

pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words, detail: Detail) {
    classes(blocks, report, words);
    dominators(blocks, report, words);
    if detail == Detail::Full {
        members(blocks, report, words);
        off_heap(blocks, report, words);
        details(blocks, report, words);
    }
    let most = match detail {
        Detail::Full => MOST_EVIDENCE,
        _ => SOME_EVIDENCE,
    };
    evidence(blocks, report, words, most);
}

/// What only `--detail full` tells.
pub(in crate::report) fn details(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    threads::threads(blocks, report, words);
    threads::thread_locals(blocks, report, words);
    class_loaders(blocks, report, words);
    further(blocks, report, words);
}

/// What is no long table in any format.
pub(in crate::report) fn further(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    generated(blocks, report, words);
    threads::references(blocks, report, words);
    no_path(blocks, report, words);
    waste(blocks, report, words);
}

/// What else is known of the memory of the process.
pub(in crate::report) fn process(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    off_heap(blocks, report, words);
    evidence(blocks, report, words, words.level.rows);
}

fn of_reachable(report: &Report, bytes: u64) -> Inline {
    text(
        &share(bytes, report.heap.reachable_bytes())
            .map(percent)
            .unwrap_or_default(),
    )
}

fn classes(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.classes.iter().take(words.level.rows).map(|row| {
        vec![
            words.bytes(row.retained_bytes),
            of_reachable(report, row.retained_bytes),
            words.bytes(row.shallow_bytes),
            text(&count(row.objects)),
            vec![words.code(&row.class)],
        ]
    });
    let head = [
        ("retained", true),
        ("of reachable", true),
        ("shallow", true),
        ("objects", true),
        ("class", false),
    ];
    words.table(
        blocks,
        "Top classes by retained size",
        report.classes.len(),
        Table::of(&head, &[2, 1], rows),
    );
}

pub(in crate::report) fn dominators(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.dominators.iter().take(words.level.rows).map(|row| {
        vec![
            words.bytes(row.retained_bytes),
            of_reachable(report, row.retained_bytes),
            text(&count(row.retained_objects)),
            vec![words.code(&row.object_id)],
            vec![words.code(&row.class)],
        ]
    });
    let head = [
        ("retained", true),
        ("of reachable", true),
        ("objects", true),
        ("address", false),
        ("class", false),
    ];
    words.table(
        blocks,
        "Topmost dominators by retained size",
        report.dominators.len(),
        Table::of(&head, &[2, 3, 1], rows),
    );
}

fn members(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let mut rows = Vec::new();
    for suspect in &report.suspects {
        let groups = [
            ("merged", &suspect.members),
            ("also held by", &suspect.shared_with),
            ("inside", &suspect.inside),
        ];
        for (relation, members) in groups {
            rows.extend(members.iter().map(|member| {
                vec![
                    text(&suspect.rank.to_string()),
                    text(relation),
                    words.bytes(member.retained_bytes),
                    vec![words.code(&member.title)],
                    member.object_id.iter().map(|id| words.code(id)).collect(),
                ]
            }));
        }
    }
    let head = [
        ("suspect", true),
        ("relation", false),
        ("retained", true),
        ("what", false),
        ("address", false),
    ];
    words.table(
        blocks,
        "Parts of the suspects",
        0,
        Table::of(&head, &[], rows),
    );
}

fn off_heap(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.off_heap.iter().take(words.level.rows).map(|owner| {
        vec![
            text(&words.units.bytes_or_unknown(owner.bytes)),
            vec![words.text(&describe::component(&owner.component))],
            vec![words.of(owner.objects), words.code(&owner.class)],
            vec![words.code(&describe::holder(&owner.holder))],
        ]
    });
    let head = [
        ("bytes", true),
        ("component", false),
        ("what", false),
        ("owner", false),
    ];
    words.table(
        blocks,
        "Off-heap memory by owner",
        report.off_heap.len(),
        Table::of(&head, &[], rows),
    );
}

fn class_loaders(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report
        .class_loaders
        .iter()
        .take(words.level.rows)
        .map(|row| {
            let mut name = vec![words.code(&row.name)];
            let facts = describe::loader_facts(row).join(", ");
            if !facts.is_empty() {
                name.push(words.text(&format!(", {facts}")));
            }
            vec![
                words.bytes(row.retained_bytes),
                text(&count(row.classes)),
                text(&count(row.instances)),
                name,
            ]
        });
    let head = [
        ("retained", true),
        ("classes", true),
        ("instances", true),
        ("loader", false),
    ];
    words.table(
        blocks,
        "Class loaders by retained size",
        report.class_loaders.len(),
        Table::of(&head, &[2, 1], rows),
    );
}

fn generated(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.duplicate_classes.iter().take(words.level.rows);
    let rows = rows.map(|row| vec![text(&count(row.loaders)), vec![words.code(&row.class)]]);
    let head = [("loaders", true), ("class", false)];
    words.table(
        blocks,
        "Classes of several loaders",
        report.duplicate_classes.len(),
        Table::of(&head, &[], rows),
    );
    let rows = report.class_families.iter().take(words.level.rows);
    let rows = rows.map(|row| {
        vec![
            text(&count(row.classes)),
            text(&count(row.objects)),
            vec![words.code(&row.name)],
        ]
    });
    let head = [("classes", true), ("instances", true), ("family", false)];
    words.table(
        blocks,
        "Generated classes",
        report.class_families.len(),
        Table::of(&head, &[1], rows),
    );
}

fn no_path(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let no_path = &report.heap.no_path;
    if no_path.objects == 0 {
        return;
    }
    let mut rows = Vec::new();
    for part in describe::no_path(no_path) {
        rows.push(vec![
            words.bytes(part.amount.bytes),
            text(&count(part.amount.objects)),
            text(part.what),
        ]);
        rows.extend(part.classes.iter().take(words.level.rows).map(|row| {
            vec![
                words.bytes(row.bytes),
                text(&count(row.objects)),
                vec![
                    Span::Text(String::from(NO_BREAK).repeat(2)),
                    words.code(&row.class),
                ],
            ]
        }));
    }
    let all = words.units.bytes(no_path.bytes);
    let title = format!(
        "No path from a root: {all} in {} objects",
        count(no_path.objects)
    );
    let head = [("bytes", true), ("objects", true), ("what", false)];
    words.table(blocks, &title, 0, Table::of(&head, &[1], rows));
}

fn waste(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let Some(waste) = &report.waste else { return };
    let mut items: Vec<Inline> = Vec::new();
    for finding in waste.findings.iter().take(words.level.rows) {
        let size = words.units.bytes(finding.bytes);
        let line = format!(" {}", describe::waste(finding, words.units));
        let mut item = vec![Span::Bold(size), words.text(&line)];
        for example in &finding.examples {
            item.push(Span::Text(", ".to_owned()));
            item.push(words.code(example));
        }
        items.push(item);
    }
    let title = "Waste: bytes that a change would save (findings may overlap)";
    words.fold(
        blocks,
        title,
        waste.findings.len(),
        items.len(),
        Block::Bullets(items),
    );
}

/// Files of evidence that are listed; the rest is counted, and in the JSON report.
const MOST_EVIDENCE: usize = 40;
/// As many where not everything is asked for.
const SOME_EVIDENCE: usize = 12;

fn evidence(blocks: &mut Vec<Block>, report: &Report, words: &Words, most: usize) {
    let items = evidence_items(report, words, most);
    let title = "Evidence from outside the dump";
    words.fold(blocks, title, 0, items.len(), Block::Bullets(items));
}

/// What was read of each of the first `most` pieces of evidence, and how many more there are.
pub(in crate::report) fn evidence_items(
    report: &Report,
    words: &Words,
    most: usize,
) -> Vec<Inline> {
    let first = report.evidence.iter().take(most);
    let mut items: Vec<Inline> = first.map(|item| evidence_item(item, words)).collect();
    let more = report.evidence.len() - items.len();
    if more > 0 {
        items.push(vec![words.text(&format!("and {more} more"))]);
    }
    items
}

fn evidence_item(item: &Evidence, words: &Words) -> Inline {
    let mut line = vec![
        words.code(&item.source),
        words.text(&format!(
            " ({}): {}",
            item.kind,
            item.text.written(words.units)
        )),
    ];
    if let Some(contradiction) = &item.contradiction {
        line.push(Span::Bold(" contradicts: ".to_owned()));
        line.push(words.text(&contradiction.written(words.units)));
    }
    line
}

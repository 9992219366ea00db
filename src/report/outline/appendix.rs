//! The long tables of an outline, each folded.

use super::super::blocks::{Block, Inline, Mark, Span, bold, text};
use super::super::describe;
use super::super::model::{ClassRow, Evidence, Report};
use super::super::options::Detail;
use super::super::table::{Number, Table};
use super::super::units::{NO_BREAK, count};
use super::{Words, threads};

pub(super) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words, detail: Detail) {
    classes(blocks, report, words);
    dominators(blocks, report, words);
    if detail == Detail::Full {
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

/// The classes; on a terminal, which shows few, those of the application first.
pub(in crate::report) fn classes(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let reachable = report.heap.reachable_bytes();
    let rows = match words.terminal {
        true => own_first(report),
        false => report.classes.iter().collect(),
    };
    let rows = rows.into_iter().take(words.level.classes).map(|row| {
        let numbers = vec![
            Number::Bytes(row.retained_bytes),
            Number::Share(row.retained_bytes, reachable),
            Number::Bytes(row.shallow_bytes),
            Number::Count(row.objects),
        ];
        let loader = words.text(row.loader.as_deref().unwrap_or_default());
        (numbers, vec![vec![loader], vec![words.code(&row.class)]])
    });
    let head = [
        ("retained", true),
        ("of reachable", true),
        ("shallow", true),
        ("objects", true),
        ("loader", false),
        ("class", false),
    ];
    let table = Table::sortable(&head, &[4, 2, 1], words.units, rows);
    let order = match words.terminal {
        true => ": the application's first, by retained size",
        false => " by retained size",
    };
    let title = format!(
        "Top classes{order}, shares of {} reachable",
        words.units.bytes(reachable)
    );
    let (all, shown) = (report.heap.classes, table.rows().len() as u64);
    let left = (all > shown).then(|| {
        let left = count(all - shown);
        format!("Not listed: {left} of {} classes, all smaller", count(all))
    });
    words.long(blocks, &title, table, left);
}

/// The classes, those of the application first: whoever asks for classes looks for theirs, and the JDK's are large in every dump.
fn own_first(report: &Report) -> Vec<&ClassRow> {
    let packages = report.jvm.application.as_ref().map(|scope| &scope.packages);
    let is_own = |row: &&ClassRow| {
        let element = row.class.trim_end_matches("[]");
        let mut packages = packages.into_iter().flatten();
        packages.any(|package| !package.is_empty() && is_within(element, package))
    };
    let (mut own, others): (Vec<_>, Vec<_>) = report.classes.iter().partition(is_own);
    own.extend(others);
    own
}

/// Whether `class` is `package` itself or lies in it.
fn is_within(class: &str, package: &str) -> bool {
    let rest = class.strip_prefix(package.trim_end_matches('.'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '$']))
}

pub(in crate::report) fn dominators(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let reachable = report.heap.reachable_bytes();
    let shown = report.dominators.iter().take(words.level.rows);
    let kept = shown.clone().map(|row| row.retained_bytes);
    let left = reachable.saturating_sub(kept.fold(0, u64::saturating_add));
    let rows = shown.map(|row| {
        let numbers = vec![
            Number::Bytes(row.retained_bytes),
            Number::Share(row.retained_bytes, reachable),
            Number::Bytes(row.shallow_bytes),
            Number::Count(row.retained_objects),
        ];
        let names = [&row.object_id, &row.class].map(|name| vec![words.code(name)]);
        (numbers, names.into())
    });
    let head = [
        ("retained", true),
        ("of reachable", true),
        ("shallow", true),
        ("objects", true),
        ("address", false),
        ("class", false),
    ];
    let table = Table::sortable(&head, &[2, 3, 4, 1], words.units, rows);
    let size = |bytes| words.units.bytes(bytes);
    let title = format!(
        "Topmost dominators by retained size, shares of {} reachable",
        size(reachable)
    );
    let left = (left > 0).then(|| {
        format!(
            "Not listed: smaller objects, which keep {} in all",
            size(left)
        )
    });
    words.long(blocks, &title, table, left);
}

fn off_heap(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let (table, all) = (
        off_heap_table(report, words, words.level.rows),
        report.off_heap.len(),
    );
    words.table(blocks, "Off-heap memory by owner", all, table);
}

/// The owners below the ledger, where a terminal writes them: one for three components.
pub(in crate::report) fn off_heap_lines(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let shown = words.level.ledger / 3;
    let table = off_heap_table(report, words, shown);
    blocks.push(Block::Table(table));
    words.rest(blocks, report.off_heap.len(), shown);
}

fn off_heap_table(report: &Report, words: &Words, most: usize) -> Table {
    let owners = report.off_heap.iter().take(most);
    let marks = owners.clone().map(|_| Mark::Branch).collect();
    let rows = owners.map(|owner| {
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
    Table::of(&head, &[], rows).written_as(marks, off_heap_line)
}

/// A row as a line: `direct memory: 64 MiB by com.acme.Pool.ALL, 16 × java.nio.DirectByteBuffer`.
fn off_heap_line(cells: &[String]) -> String {
    match cells {
        [bytes, component, what, owner] if bytes == "?" => {
            format!("{component}: {what} by {owner}")
        }
        [bytes, component, what, owner] => format!("{component}: {bytes} by {owner}, {what}"),
        _ => String::new(),
    }
}

fn class_loaders(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let most = words.level.rows;
    let rows = report.class_loaders.iter().take(most).map(|row| {
        let numbers = vec![
            Number::Bytes(row.retained_bytes),
            Number::Count(row.count),
            Number::Count(row.classes),
            Number::Count(row.instances),
        ];
        let mut name = vec![words.code(&row.name)];
        let parent = row.parent.iter();
        name.extend(parent.map(|parent| words.text(&format!(", parent {parent}"))));
        if let Some(stopped) = describe::stopped_loader(row) {
            name.extend([Span::Text(", ".to_owned()), bold(&stopped)]);
        }
        (numbers, vec![name])
    });
    let head = [
        ("retained", true),
        ("loaders", true),
        ("classes", true),
        ("instances", true),
        ("loader", false),
    ];
    let table = Table::sortable(&head, &[3, 2], words.units, rows);
    let left = report.class_loaders.iter().skip(most).map(|row| row.count);
    let left = left.fold(0, u64::saturating_add);
    let shown = table.rows().len();
    let all = shown.saturating_add(usize::try_from(left).unwrap_or(usize::MAX));
    words.table(blocks, "Class loaders by retained size", all, table);
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

pub(in crate::report) fn waste(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
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
        Block::List(Mark::Item, items),
    );
}

/// Files of evidence that are listed; the rest is counted, and in the JSON report.
const MOST_EVIDENCE: usize = 40;
/// As many where not everything is asked for.
const SOME_EVIDENCE: usize = 12;

fn evidence(blocks: &mut Vec<Block>, report: &Report, words: &Words, most: usize) {
    let mut inside = Vec::new();
    evidence_list(&mut inside, report, words, most);
    if !inside.is_empty() {
        let title = "Evidence from outside the dump".to_owned();
        blocks.push(Block::Folded(title, inside));
    }
}

/// What was read of the evidence, below a heading.
pub(in crate::report) fn evidence_section(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let mut list = Vec::new();
    evidence_list(&mut list, report, words, words.level.cleared);
    if !list.is_empty() {
        blocks.push(Block::Heading("Evidence".to_owned()));
        blocks.push(Block::About(text("given from outside the dump")));
        blocks.extend(list);
    }
}

/// What was read of each of the first `most` pieces of evidence, and how many more there are.
fn evidence_list(blocks: &mut Vec<Block>, report: &Report, words: &Words, most: usize) {
    let shown = report.evidence.iter().take(most);
    let items: Vec<Inline> = shown.flat_map(|item| evidence_items(item, words)).collect();
    if !items.is_empty() {
        blocks.push(Block::List(Mark::Line, items));
        words.rest(blocks, report.evidence.len(), most);
    }
}

/// What was read, and on a line of its own what it contradicts, so that no format cuts it off.
fn evidence_items(item: &Evidence, words: &Words) -> Vec<Inline> {
    let text = item.text.written(words.units);
    let text = words.text(&format!(" ({}): {text}", item.kind));
    let contradiction = item.contradiction.iter().map(|contradiction| {
        let what = words.text(&contradiction.written(words.units));
        vec![Span::Bold("contradicts: ".to_owned()), what]
    });
    let line = vec![words.code(&item.source), text];
    [line].into_iter().chain(contradiction).collect()
}

//! What grew since the earlier inputs, of an outline.

use super::super::blocks::{Block, Inline, Mark, Span, Swatch, bold, text};
use super::super::describe::growth as lines;
use super::super::model::{Growth, Report};
use super::super::table::Table;
use super::{Level, Words};

/// Owners that have a colour of their own in the picture of an HTML page: the first of all.
pub(in crate::report) const COLOURED: usize = 6;
/// Owners that changed and do not grow, or are large and constant.
const OTHERS: usize = 4;
/// Pools of threads and names of class loaders that became more, on a terminal.
const GROUPS: usize = 3;

/// The heap as a whole, a table of owners over time, and what else grew.
pub(in crate::report) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let Some(growth) = &report.growth else {
        return;
    };
    blocks.push(Block::Heading("Growth".to_owned()));
    let summary = lines::summary(growth, words.units);
    blocks.push(Block::About(vec![words.text(&summary)]));
    let (grown, others) = lines::holders(growth, words.units);
    if let Some(nobody) = lines::nobody(growth).filter(|_| grown.is_empty()) {
        blocks.push(Block::List(Mark::Line, vec![text(nobody)]));
    }
    owners(blocks, words, &grown, &others);
    if let Some(rest) = lines::unexplained(growth).filter(|_| !grown.is_empty()) {
        let rest = words.units.bytes(rest);
        let rest = format!("{rest} of the growth have no owner in this list.");
        blocks.push(Block::List(Mark::Line, vec![text(&rest)]));
    }
    classes(blocks, growth, words);
    let most = match words.terminal {
        true => GROUPS,
        false => words.level.rows,
    };
    let groups = lines::groups(growth);
    let lists = [
        (Mark::Line, &groups[..most.min(groups.len())]),
        (Mark::Warning, &growth.notes),
    ];
    for (mark, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let items = lines.iter().map(|line| vec![words.text(line)]);
        blocks.push(Block::List(mark, items.collect()));
    }
}

/// The table of owners: those that grow, then some of the others.
fn owners(
    blocks: &mut Vec<Block>,
    words: &Words,
    grown: &[lines::HolderLine],
    others: &[lines::HolderLine],
) {
    let Level {
        reasons,
        rows,
        cleared,
        ..
    } = words.level;
    let most = match words.terminal {
        true => [reasons, cleared.min(OTHERS.max(cleared / 2))],
        false => [rows, rows / 2],
    };
    let shown = [most[0].min(grown.len()), most[1].min(others.len())];
    let rows = grown[..shown[0]].iter().chain(&others[..shown[1]]);
    let mut marks = vec![Mark::Grows; shown[0]];
    marks.resize(shown[0] + shown[1], Mark::Quiet);
    if marks.is_empty() {
        return;
    }
    let kept = rows.clone().map(|row| row.course.clone());
    let head = [
        ("Course", false),
        ("Owner", false),
        ("Retained", true),
        ("Content", false),
        ("Notes", false),
    ];
    let table = Table::of(&head, &[], rows.map(|row| cells(row, words)));
    let colour = |row| (row < COLOURED).then_some(Swatch::Part(row));
    let swatches = (0..marks.len()).map(colour).collect();
    let table = table.below_bar(swatches).over_time(kept.collect());
    let table = table.written_as(marks, owner_line);
    blocks.push(Block::Table(table));
    let all = grown.len() + others.len();
    words.rest(blocks, all, shown[0] + shown[1]);
}

/// A row as a line: `com.acme.Cache.ALL grew: 0.9 → 3.7 MiB, 3,000 → 24,000 × com.acme.Order; inside ...`.
fn owner_line(cells: &[String]) -> String {
    let [word, owner, bytes, content, notes] = cells else {
        return String::new();
    };
    let mut line = format!("{owner} {word}: {bytes}");
    for (lead, cell) in [(", ", content), ("; ", notes)] {
        if !cell.is_empty() {
            line.extend([lead, cell]);
        }
    }
    line
}

/// A table of the classes that grew, where that is all that is known.
fn classes(blocks: &mut Vec<Block>, growth: &Growth, words: &Words) {
    let most = match words.terminal {
        true => words.level.reasons,
        false => words.level.rows,
    };
    let rows = match growth.intervals() {
        0 => lines::classes(growth, words.units, most),
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
        let keeper = Some(&row.kept_by).filter(|keeper| !keeper.is_empty());
        vec![
            vec![bold(row.word)],
            vec![words.code(&row.class)],
            text(&row.objects),
            text(&row.bytes),
            keeper
                .map(|keeper| words.code(keeper))
                .into_iter()
                .collect(),
        ]
    };
    let table = Table::of(&head, &[], rows.iter().map(cells));
    let courses = rows.iter().map(|row| row.counts.clone());
    let table = table.over_time(courses.collect());
    let marks = vec![Mark::Line; rows.len()];
    blocks.push(Block::Table(table.written_as(marks, class_line)));
}

/// A row as a line: `com.acme.Order grew: 3,000 → 24,000 objects, 0.9 → 3.7 MiB; most of them kept by ...`.
fn class_line(cells: &[String]) -> String {
    let [word, class, objects, bytes, keeper] = cells else {
        return String::new();
    };
    let keeper = match keeper.is_empty() {
        true => String::new(),
        false => format!("; most of them kept by {keeper}"),
    };
    format!("{class} {word}: {objects} objects, {bytes}{keeper}")
}

fn cells(row: &lines::HolderLine, words: &Words) -> Vec<Inline> {
    let word = match row.word {
        "grew" | "appeared" => bold(row.word),
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

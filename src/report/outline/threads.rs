//! Threads, their ThreadLocals and references of an outline, each folded.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::super::blocks::{Block, Inline, Mark, Span, bold};
use super::super::describe;
use super::super::model::{ClassCount, Report, ThreadKind, ThreadRow};
use super::super::neutralise::shorten;
use super::super::table::{Number, Table};
use super::super::units::{count, counted};
use super::Words;

/// A row for each stack, and below it what its threads hold and the stack.
pub(super) fn threads(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let stacks = by_stack(&report.threads);
    let most = words.level.rows;
    let shown = || stacks.iter().take(most);
    let rows = shown().map(|threads| row(threads, words));
    let head = [
        ("retained", true),
        ("threads", true),
        ("state", false),
        ("name", false),
    ];
    let table = Table::sortable(&head, &[], words.units, rows);
    let marks = vec![Mark::Line; table.rows().len()];
    let table = table.written_as(marks, line);
    let below = shown().map(|threads| below(threads, words)).collect();
    let threads = stacks
        .iter()
        .skip(most)
        .map(|threads| sum(threads, |row| row.count));
    let left = threads.fold(0, u64::saturating_add);
    let shown = table.rows().len();
    let all = shown.saturating_add(usize::try_from(left).unwrap_or(usize::MAX));
    let list = Block::Detailed(table, below);
    words.fold(blocks, "Threads by retained size", all, shown, list);
}

/// Threads with the same frames together, those that threw an OutOfMemoryError first, then by what they retain together. A row without
/// frames stands alone.
fn by_stack(threads: &[ThreadRow]) -> Vec<Vec<&ThreadRow>> {
    let mut stacks: Vec<Vec<&ThreadRow>> = Vec::new();
    let mut known: HashMap<(ThreadKind, &[String]), usize> = HashMap::new();
    for thread in threads {
        let next = stacks.len();
        let stack = match thread.frames.is_empty() {
            true => next,
            false => *known.entry((thread.kind, &thread.frames)).or_insert(next),
        };
        match stacks.get_mut(stack) {
            Some(stack) => stack.push(thread),
            None => stacks.push(vec![thread]),
        }
    }
    stacks.sort_by_key(|threads| {
        let threw = threads.iter().any(|row| row.threw_out_of_memory);
        (!threw, Reverse(sum(threads, |row| row.retained_bytes)))
    });
    stacks
}

fn sum(threads: &[&ThreadRow], number: fn(&ThreadRow) -> u64) -> u64 {
    let numbers = threads.iter().map(|row| number(row));
    numbers.fold(0, u64::saturating_add)
}

fn row(threads: &[&ThreadRow], words: &Words) -> (Vec<Number>, Vec<Inline>) {
    let numbers = vec![
        Number::Bytes(sum(threads, |row| row.retained_bytes)),
        Number::Count(sum(threads, |row| row.count)),
    ];
    let (mut state, mut name) = (Vec::new(), Vec::new());
    if let Some(thread) = threads.first() {
        state.push(words.text(&describe::thread_state(thread).join(", ")));
        name.push(words.code(&thread.name));
    }
    if let others @ 1.. = threads.len().saturating_sub(1) {
        let others = count(others as u64);
        name.push(Span::Text(format!(" and {others} with the same stack")));
    }
    if threads.iter().any(|row| row.threw_out_of_memory) {
        name.extend([Span::Text(", ".to_owned()), bold("THREW OutOfMemoryError")]);
    }
    (numbers, vec![state, name])
}

/// A row as a line: `1.6 MiB http-nio-*-exec-* and 7 with the same stack, 8 threads, platform, WAITING`.
fn line(cells: &[String]) -> String {
    match cells {
        [size, one, state, name] if one == "1" => format!("{size} {name}, 1 thread, {state}"),
        [size, threads, state, name] => format!("{size} {name}, {threads} threads, {state}"),
        _ => String::new(),
    }
}

/// What the threads hold, and their stack.
fn below(threads: &[&ThreadRow], words: &Words) -> Vec<Block> {
    let mut blocks = Vec::new();
    let Some(thread) = threads.first() else {
        return blocks;
    };
    let loader = thread.context_class_loader.as_ref();
    let loader = loader.map(|loader| vec![words.text(&format!("context loader {loader}"))]);
    let mut items: Vec<Inline> = match threads {
        [thread] => held(thread, words)
            .map(|line| vec![words.text(&line)])
            .collect(),
        _ => Vec::new(),
    };
    items.extend(loader);
    if !items.is_empty() {
        blocks.push(Block::List(Mark::Item, items));
    }
    if threads.len() > 1 {
        let title = format!("What each of the {} keeps", count(threads.len() as u64));
        let mut inside = Vec::new();
        let most = words.level.rows.min(threads.len());
        let items = threads.iter().take(most).map(|thread| one(thread, words));
        inside.push(Block::List(Mark::Item, items.collect()));
        words.rest(&mut inside, threads.len(), most);
        blocks.push(Block::Folded(title, inside));
    }
    blocks.extend(stack(thread, words));
    blocks
}

/// One of several threads with the same stack.
fn one(thread: &ThreadRow, words: &Words) -> Inline {
    let mut item = vec![
        bold(&words.units.bytes(thread.retained_bytes)),
        Span::Text(" ".to_owned()),
        words.code(&thread.name),
    ];
    if let Some(id) = &thread.object_id {
        item.extend([Span::Text(" at ".to_owned()), words.code(id)]);
    }
    item.extend(held(thread, words).map(|line| words.text(&format!("; {line}"))));
    item
}

/// The local variable that holds most, and the ThreadLocal values.
fn held(thread: &ThreadRow, words: &Words) -> impl Iterator<Item = String> {
    let local = thread.biggest_local.as_ref();
    let local = local.map(|local| describe::local(local, words.units));
    let local = local.map(|local| format!("largest local: {local}"));
    let values = describe::thread_locals(thread.thread_locals, words.units);
    local.into_iter().chain(values)
}

fn stack(thread: &ThreadRow, words: &Words) -> Option<Block> {
    let (all, most) = (thread.frames.len(), words.level.frames);
    let frames = thread.frames.iter().take(most);
    let cut = |frame: &String| shorten(frame, words.level.name, "…");
    let mut lines: Vec<String> = frames.map(|frame| format!("at {}", cut(frame))).collect();
    if all > most {
        lines.push(format!("{} more", count((all - most) as u64)));
    }
    let title = counted(all as u64, "frame");
    (all > 0).then(|| Block::Folded(title, vec![Block::Lines(lines)]))
}

pub(super) fn thread_locals(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let rows = report.thread_locals.iter().take(words.level.rows);
    let rows = rows.map(|row| {
        let numbers = vec![
            Number::Bytes(row.retained_bytes),
            Number::Count(row.threads),
            Number::Count(row.entries),
        ];
        let mut field = vec![words.code(&row.field)];
        let facts = describe::thread_local_field(row);
        field.extend(facts.iter().map(|fact| words.text(&format!(", {fact}"))));
        (numbers, vec![field])
    });
    let head = [
        ("retained", true),
        ("threads", true),
        ("values", true),
        ("declared by", false),
    ];
    let title = "ThreadLocals by retained size, values in all threads together";
    let table = Table::sortable(&head, &[2], words.units, rows);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RenderOptions;

    fn thread(name: &str, frame: &str, retained_bytes: u64) -> ThreadRow {
        ThreadRow {
            name: name.to_owned(),
            count: 1,
            retained_bytes,
            frames: [frame].map(str::to_owned).into(),
            ..ThreadRow::default()
        }
    }

    #[test]
    fn threads_in_the_same_frames_are_one_row_before_rows_are_cut() {
        let mut threads: Vec<ThreadRow> =
            (0..500).map(|_| thread("w", "a.Pool.take", 20)).collect();
        threads.insert(0, thread("main", "a.Main.main", 3_000));
        threads.push(thread("late", "a.Late.run", 1));
        let none = thread("native", "", 7);
        threads.extend([none.clone(), none].map(|row| ThreadRow {
            frames: Vec::new(),
            ..row
        }));
        let report = Report {
            threads,
            ..Report::default()
        };
        let words = Words::for_page(&RenderOptions::default(), 2, 0, 100);
        let mut blocks = Vec::new();
        super::threads(&mut blocks, &report, &words);
        let [Block::Folded(_, inside)] = blocks.as_slice() else {
            panic!("{blocks:?}");
        };
        let [Block::Detailed(table, below), Block::Rest(left)] = inside.as_slice() else {
            panic!("{inside:?}");
        };
        let numbers = |bytes, threads| vec![Number::Bytes(bytes), Number::Count(threads)];
        assert_eq!(table.numbers(), [numbers(10_000, 500), numbers(3_000, 1)]);
        let Some(Block::Folded(_, each)) = below[0].first() else {
            panic!("{below:?}");
        };
        let rest = |blocks: &[Block]| match blocks.last() {
            Some(Block::Rest(rest)) => rest[0].clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(rest(each), Span::Text("498".to_owned()));
        // One of another stack, two without frames.
        assert_eq!(left[0], Span::Text("3".to_owned()));
    }
}

//! `threads`: threads and what they keep alive.

use super::commands::ThreadsArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter, or_empty};
use crate::analyze::explore::threads;
use crate::report::model::{ThreadKind, ThreadLocals, ThreadRow};
use crate::report::units::{count, counted, measured};

/// Why a name that is right may match nothing.
const MASKED: &str = "hprof-suspects: no thread has such a name as names are shown here: `*` stands for digits, and for words that no class, \
                      field or method has in its name (`http-nio-8080-exec-1` is `http-nio-*-exec-*`; try --name 'http-nio-.*-exec'). \
                      --show-values shows and matches names as they are";

/// Prints the threads.
pub fn run(args: &ThreadsArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let mut snapshot = open::load_input(&input, &args.reading)?;
    if args.show_values {
        snapshot.show_values();
    }
    // A name may be that of any of them.
    let mut rows = threads::threads(&snapshot, args.name.is_some());
    if let Some(name) = &args.name {
        rows.retain(|row| name.is_match(&row.name));
        if rows.is_empty() && !args.show_values {
            anstream::eprintln!("{MASKED}");
        }
    }
    let complete = open::is_complete(&input, &snapshot);
    let answer = Answer {
        subject: "Threads in",
        json: &|| view::json(&rows),
        tsv: &|| tsv(&rows),
        page: &|page| self::page(&rows, args, page),
    };
    writer.write(&answer, &input, complete)?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}

fn tsv(rows: &[ThreadRow]) -> String {
    let header = [
        "name",
        "kind",
        "count",
        "state",
        "daemon",
        "address",
        "retained_bytes",
        "local_class",
        "local_address",
        "local_retained_bytes",
        "local_frame",
        "top_frame",
        "context_class_loader",
        "thread_locals",
        "stale_thread_locals",
        "thread_locals_retained_bytes",
        "other_stacks",
    ];
    let row = |row: &ThreadRow| {
        let local = row.biggest_local.as_ref();
        let bytes = local.map(|local| local.retained_bytes.to_string());
        let locals = |number: fn(ThreadLocals) -> u64| {
            let number = row.thread_locals.map(number);
            number.map(|number| number.to_string()).unwrap_or_default()
        };
        [
            row.name.clone(),
            row.kind.as_str().to_owned(),
            row.count.to_string(),
            or_empty(&row.state),
            row.daemon
                .map(|daemon| daemon.to_string())
                .unwrap_or_default(),
            or_empty(&row.object_id),
            row.retained_bytes.to_string(),
            local.map(|local| local.class.clone()).unwrap_or_default(),
            local
                .map(|local| local.object_id.clone())
                .unwrap_or_default(),
            bytes.unwrap_or_default(),
            local
                .and_then(|local| local.frame.clone())
                .unwrap_or_default(),
            row.frames.first().cloned().unwrap_or_default(),
            or_empty(&row.context_class_loader),
            locals(|locals| locals.entries),
            locals(|locals| locals.stale),
            locals(|locals| locals.retained_bytes),
            row.other_stacks
                .map(|stacks| stacks.to_string())
                .unwrap_or_default(),
        ]
    };
    view::tsv(header, rows.iter().map(row))
}

fn page(rows: &[ThreadRow], args: &ThreadsArgs, page: &mut Page) {
    if args.show_values {
        page.alarm("This page shows names as they are", "They may be secret");
    }
    let threads = rows.iter().map(|row| row.count).sum();
    page.line(counted(threads, "thread"));
    for row in rows {
        page.heading(match row.other_stacks {
            Some(stacks) => others(row, stacks, page),
            None => title(row, page),
        });
        if let Some(local) = row.biggest_local.as_ref() {
            let frame = local.frame.as_ref().map(|frame| format!(" in {frame}"));
            let text = format!(
                "largest local: {} retained by {} {}{}",
                page.bytes(local.retained_bytes),
                page.name(&local.class),
                local.object_id,
                page.name(&frame.unwrap_or_default())
            );
            page.item(text);
        }
        if let Some(locals) = row.thread_locals {
            page.item(format!(
                "ThreadLocals: {} retained by {}, {} stale",
                page.bytes(locals.retained_bytes),
                measured(locals.entries, "entries"),
                count(locals.stale)
            ));
        }
        let most = if args.frames == 0 {
            usize::MAX
        } else {
            args.frames
        };
        let frames = row.frames.iter().take(most);
        let mut stack: Vec<String> = frames
            .map(|frame| format!("at {}", page.name(frame)))
            .collect();
        if row.frames.len() > most {
            let more = count((row.frames.len() - most) as u64);
            stack.push(format!("... {more} more (--frames 0 shows all)"));
        }
        if !stack.is_empty() {
            page.stack(stack);
        }
    }
}

/// The virtual threads that have no row of their own.
fn others(row: &ThreadRow, stacks: u64, page: &Page) -> String {
    format!(
        "{} {} more virtual threads with {}: {} retained (--name REGEX finds them)",
        page.mark(),
        count(row.count),
        counted(stacks, "other stack"),
        page.bytes(row.retained_bytes)
    )
}

fn title(row: &ThreadRow, page: &Page) -> String {
    let mut parts = vec![format!("{} retained", page.bytes(row.retained_bytes))];
    parts.extend(row.state.clone());
    if row.daemon == Some(true) {
        parts.push("daemon".to_owned());
    }
    if row.kind == ThreadKind::Virtual {
        parts.push("virtual".to_owned());
    }
    if row.count > 1 {
        parts.push(format!("{} threads with this stack", count(row.count)));
    }
    let loader = row.context_class_loader.as_ref();
    parts.extend(loader.map(|loader| format!("context loader {}", page.name(loader))));
    parts.extend(row.object_id.clone());
    if row.threw_out_of_memory {
        parts.push("THREW OutOfMemoryError".to_owned());
    }
    let name = match row.name.as_str() {
        "" => "(no name)".to_owned(),
        name => page.name(name),
    };
    format!("{name}: {}", parts.join(", "))
}

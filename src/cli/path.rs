//! `path`: what keeps an object alive.

use super::commands::PathArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter, or_empty};
use crate::analyze::explore::paths::{self, Paths};
use crate::report::describe;
use crate::report::table::{Align, Table};
use crate::report::units::counted;

/// Prints the paths.
pub fn run(args: &PathArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let snapshot = open::load_input(&input, &args.reading)?;
    let object = open::find(&snapshot, args.address)?;
    let paths = paths::paths(&snapshot, object, args.paths.max(1));
    let complete = open::is_complete(&input, &snapshot);
    let answer = Answer {
        subject: "Paths from GC roots in",
        json: &|| view::json_of_dump(&paths, complete),
        tsv: &|| tsv(&paths),
        page: &|page| self::page(&paths, page),
    };
    writer.write(&answer, &input, complete)?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}

fn tsv(paths: &Paths) -> String {
    let header = [
        "path",
        "root",
        "step",
        "reference",
        "class",
        "address",
        "retained_bytes",
        "times",
    ];
    let rows = paths.paths.iter().enumerate().flat_map(|(number, path)| {
        path.steps.iter().enumerate().map(move |(step, row)| {
            [
                (number + 1).to_string(),
                path.root.clone(),
                (step + 1).to_string(),
                or_empty(&row.reference),
                row.class.clone(),
                row.object_id.clone(),
                row.retained_bytes.to_string(),
                row.times.unwrap_or(1).to_string(),
            ]
        })
    });
    view::tsv(header, rows)
}

fn page(paths: &Paths, page: &mut Page) {
    let object = &paths.object;
    let title = format!(
        "{} {}: {} retained ({}), {} itself; reachable: {}",
        page.name(&object.title()),
        object.object_id,
        page.bytes(object.retained_bytes),
        counted(object.retained_objects, "object"),
        page.bytes(object.shallow_bytes),
        paths.strength,
    );
    page.line(title);
    if let Some(referrers) = paths.referrers {
        let shown = counted(paths.paths.len() as u64, "path");
        let verb = if referrers == 1 { "refers" } else { "refer" };
        page.line(format!(
            "{} {verb} to it; {shown} shown",
            counted(referrers, "object")
        ));
    }
    for (number, path) in paths.paths.iter().enumerate() {
        page.heading(format!(
            "Path {}, from: {}",
            number + 1,
            page.name(&path.root)
        ));
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left], &[1]);
        table.head(["Retained", "Address", "Step"]);
        for (depth, step) in path.steps.iter().enumerate() {
            let indent = " ".repeat(depth.min(16));
            let label = page.name(&describe::step(step));
            table.row([
                page.bytes(step.retained_bytes),
                step.object_id.clone(),
                format!("{indent}{label}"),
            ]);
        }
        page.table(table);
    }
}

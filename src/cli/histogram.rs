//! `histogram`: classes.

use super::commands::HistogramArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter, or_empty};
use crate::analyze::explore::histogram::{self, Histogram};
use crate::report::model::ClassRow;
use crate::report::table::{Align, Table};
use crate::report::units::{count, counted, measured};

/// Prints the classes.
pub fn run(args: &HistogramArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let snapshot = open::load_input(&input, &args.reading)?;
    let wanted = |name: &str| args.class.as_ref().is_none_or(|class| class.is_match(name));
    let histogram = histogram::histogram(&snapshot, wanted, args.sort.into(), args.top);
    let complete = open::is_complete(&input, &snapshot);
    let answer = Answer {
        subject: "Class histogram of",
        json: &|| view::json_of_dump(&histogram, complete),
        tsv: &|| tsv(&histogram),
        page: &|page| self::page(&histogram, page),
    };
    writer.write(&answer, &input, complete)?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}

fn tsv(histogram: &Histogram) -> String {
    let header = [
        "class",
        "loader",
        "objects",
        "shallow_bytes",
        "retained_bytes",
    ];
    let row = |row: &ClassRow| {
        [
            row.class.clone(),
            or_empty(&row.loader),
            row.objects.to_string(),
            row.shallow_bytes.to_string(),
            row.retained_bytes.to_string(),
        ]
    };
    view::tsv(header, histogram.rows.iter().map(row))
}

fn page(histogram: &Histogram, page: &mut Page) {
    let classes = measured(histogram.classes, "classes");
    let shown = histogram.rows.len() as u64;
    let cut = if shown < histogram.classes {
        format!("; the first {} (--top 0 shows all)", count(shown))
    } else {
        String::new()
    };
    page.line(format!(
        "{classes} with {}, {}{cut}",
        counted(histogram.objects, "object"),
        page.bytes(histogram.shallow_bytes)
    ));
    page.line("Objects and Shallow: all objects in the dump; Retained: by those that have a path from a GC root");
    let mut table = Table::new(
        &[
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Left,
            Align::Left,
        ],
        &[3],
    );
    table.head(["Retained", "Shallow", "Objects", "Loader", "Class"]);
    for row in &histogram.rows {
        table.row([
            page.bytes(row.retained_bytes),
            page.bytes(row.shallow_bytes),
            count(row.objects),
            page.name(row.loader.as_deref().unwrap_or("")),
            page.name(&row.class),
        ]);
    }
    page.table(table);
}

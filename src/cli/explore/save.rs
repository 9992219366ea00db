//! A view as a file.

use std::path::Path;

use super::super::commands::View;
use super::screen::Cell;
use super::visit::Visit;
use crate::report::output::{Extensions, Output, Target, check, write_file};
use crate::report::units::Units;
use crate::report::{html, jira, markdown};

/// Columns of a view that is saved as text.
const WIDTH: usize = 4_000;

/// Writes the view into `file`, in the format of its extension; says what was done or why not.
pub fn save(visit: &Visit, subject: &str, file: &Path, dump: &Path) -> String {
    match try_save(visit, subject, file, dump) {
        Ok(rows) => format!("{rows} rows saved as {}", file.display()),
        Err(why) => why,
    }
}

fn try_save(visit: &Visit, subject: &str, file: &Path, dump: &Path) -> Result<usize, String> {
    let Some(format) = View::of(file) else {
        return Err(format!("no format has this extension: {}", View::known()));
    };
    let text = written(visit, subject, format)?;
    let output = Output {
        target: Target::File(file.to_owned()),
        format,
    };
    check(&[output], Some(dump)).map_err(|error| error.to_string())?;
    write_file(file, text.as_bytes(), Some(dump)).map_err(|error| error.to_string())?;
    Ok(visit.order.len())
}

/// The view in a format.
pub fn written(visit: &Visit, subject: &str, format: View) -> Result<String, String> {
    let screen = &visit.screen;
    let blocks = || screen.blocks(subject, &visit.order, Units::default());
    Ok(match format {
        View::Json => screen
            .json(subject, &visit.order)
            .map_err(|error| error.to_string())?,
        View::Markdown => markdown::blocks(&blocks()),
        View::Jira => jira::blocks(&blocks()),
        View::Html => html::blocks(&blocks()).map_err(|error| error.to_string())?,
        View::Text => text(visit),
        View::Tsv => tsv(visit),
    })
}

fn text(visit: &Visit) -> String {
    let plain = |text: &str| crate::report::neutralise::plain(text, true);
    let mut lines: Vec<String> = visit.screen.facts.iter().map(|fact| plain(fact)).collect();
    let mut table = visit.screen.table();
    for row in visit
        .order
        .iter()
        .filter_map(|&row| visit.screen.rows.get(row))
    {
        table.cells(
            row.cells
                .iter()
                .map(|cell| cell.shown(Units::default()))
                .collect(),
        );
    }
    lines.extend(table.lines(WIDTH, true));
    lines.join("\n") + "\n"
}

fn tsv(visit: &Visit) -> String {
    let rows = visit
        .order
        .iter()
        .filter_map(|&row| visit.screen.rows.get(row));
    let header: Vec<&str> = visit.screen.columns.iter().map(|&(name, _)| name).collect();
    let mut lines = vec![header.join("\t").to_lowercase()];
    lines.extend(rows.map(|row| {
        let cells = row.cells.iter().map(|cell| match cell {
            Cell::Bytes(number) | Cell::Count(number) => number.to_string(),
            other => other.shown(Units::default()),
        });
        cells.collect::<Vec<_>>().join("\t")
    }));
    lines.join("\n") + "\n"
}

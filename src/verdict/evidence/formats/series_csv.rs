//! A table of numbers over time as Grafana and Prometheus export it: a column with the time, one for each series. The heading of a series
//! must have the metric's name: without it the numbers may be anything.

use super::super::table::binary;
use super::super::{Found, Here, Line, Time};
use super::exposition;
use super::metrics::{self, Sample};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "series as CSV",
    letters: &[
        Letters::of("Time"),
        Letters::of("time"),
        Letters::of("sep="),
    ],
    read,
};

const NO_NAME: &str = "a table of numbers over time without the metric's name in its heading, so the unit is not known: export with the names of the series (container_memory_working_set_bytes{..})";
/// Columns that are read.
const MOST_COLUMNS: usize = 1_000;

fn read(here: &Here<'_>) -> Option<Found> {
    // What tells a spreadsheet the separator.
    let skipped = usize::from(here.first().text.starts_with("sep="));
    let heading = here.lines.get(skipped)?;
    let separator = separator_of(heading.text)?;
    let names = cells(heading.text, separator);
    let rows = here.lines[skipped + 1..]
        .iter()
        .take_while(|l| l.text.contains(separator))
        .count();
    let lines = &here.lines[skipped + 1..][..rows];
    let end = skipped + 1 + rows;
    let series: Vec<(usize, &String)> = names
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, name)| exposition::name_of(name).is_some_and(metrics::is_known))
        .collect();
    if series.is_empty() {
        return Some(Found::refused(end, NO_NAME));
    }
    let rows: Vec<(&Line<'_>, Vec<String>)> = ends(lines)
        .map(|line| (line, cells(line.text, separator)))
        .collect();
    let mut samples = Vec::new();
    for (at, name) in series {
        samples.extend(
            rows.iter()
                .filter_map(|(line, row)| sample(line, row, at, name)),
        );
    }
    Some(Found::new(end, metrics::facts_of(&samples)))
}

/// The first and the last row.
fn ends<'a, 'l>(lines: &'a [Line<'l>]) -> impl Iterator<Item = &'a Line<'l>> {
    lines.first().into_iter().chain(lines.iter().skip(1).last())
}

/// The character behind the heading `Time` of the first column.
fn separator_of(heading: &str) -> Option<char> {
    let rest = [
        "\"Time\"",
        "Time",
        "\"time\"",
        "time",
        "\"timestamp\"",
        "timestamp",
    ]
    .iter()
    .find_map(|name| heading.strip_prefix(name))?;
    rest.chars()
        .next()
        .filter(|c| matches!(c, ',' | ';' | '\t'))
}

fn sample(line: &Line<'_>, row: &[String], at: usize, name: &str) -> Option<Sample> {
    let cell = row.get(at)?.trim();
    let value = cell.parse().ok().or_else(|| Some(binary(cell)? as f64))?;
    let time = row.first()?;
    let time = Time::find(time).or_else(|| Time::since_epoch(time.parse().ok()?));
    Some(Sample {
        value,
        time,
        line: line.number,
        ..exposition::series(name)?
    })
}

/// The cells of a row; in quotes a quote is written twice.
fn cells(row: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut in_quotes = false;
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        let doubled = c == '"' && in_quotes && chars.next_if_eq(&'"').is_some();
        if c == '"' && !doubled {
            in_quotes = !in_quotes;
        } else if c == separator && !in_quotes {
            if cells.len() == MOST_COLUMNS {
                break;
            }
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_hold_separators_and_quotes() {
        assert_eq!(
            cells("\"Time\",\"a{b=\"\"c,d\"\"}\",1", ','),
            ["Time", "a{b=\"c,d\"}", "1"]
        );
        assert_eq!(separator_of("\"Time\";\"x\""), Some(';'));
        assert_eq!(separator_of("Timeout,x"), None);
    }
}

//! `systemd-cgtop`: memory charged to the control groups of a machine. Groups above others are sums.

use super::super::table::{binary, cells};
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "systemd-cgtop",
    letters: &[
        Letters::of("Control Group Memory"),
        Letters::of("CGroup Memory"),
        Letters::of("Path Memory"),
    ],
    read,
};

/// What the first column was called over time.
const HEADINGS: [&str; 3] = ["Control Group ", "CGroup ", "Path "];

/// Bytes of a cell: with a unit, or with `--raw` without.
fn memory(cell: &str) -> Option<u64> {
    binary(cell).or_else(|| cell.parse().ok())
}

fn read(here: &Here<'_>) -> Option<Found> {
    let header = here.first().text.trim_start();
    if !(HEADINGS.iter().any(|h| header.starts_with(h)) && header.contains("Memory")) {
        return None;
    }
    // From the right, so that a group's name with spaces does no harm.
    let heading = HEADINGS.iter().find_map(|h| header.strip_prefix(h))?;
    let names = cells(heading);
    let names: Vec<&str> = names.iter().flat_map(|n| n.split(' ')).collect();
    let from_right = names.len() - names.iter().position(|n| *n == "Memory")?;
    let mut rows: Vec<(&str, Option<u64>, u64)> = Vec::new();
    let mut lines = 1;
    for line in here.rows(1) {
        let words: Vec<&str> = line.text.split_whitespace().take(20).collect();
        let Some(at) = words.len().checked_sub(from_right).filter(|at| *at > 0) else {
            break;
        };
        rows.push((words[0], memory(words[at]), line.number));
        lines += 1;
    }
    let is_sum = |path: &str| {
        let inner = format!("{}/", path.trim_end_matches('/'));
        path.ends_with(".slice")
            || path == "/"
            || rows.iter().any(|(other, _, _)| other.starts_with(&inner))
    };
    // Pairs of rows: no machine has more groups than that.
    let few = rows.len() <= 2_000;
    let readings: Vec<Evidence> = rows
        .iter()
        .filter(|(path, _, _)| few && !is_sum(path))
        .filter_map(|(path, bytes, number)| {
            let name = path.trim_end_matches('/').rsplit('/').next()?;
            let subject = Subject {
                container: Some(clean_name(name)),
                ..Subject::default()
            };
            let fact = Evidence::new(Quantity::Resident(Resident::Usage), (*bytes)?, *number);
            Some(fact.of(&subject))
        })
        .collect();
    if readings.is_empty() {
        return Some(Found::broken(
            lines,
            here.first().number,
            "no control group with its memory is listed",
        ));
    }
    let sums = rows.len() - readings.len();
    let note =
        (sums > 0).then(|| format!("{sums} rows that are sums of others, or without a size"));
    Some(Found::new(lines, readings).without(note))
}

//! `jstat -gc` and `jstat -gccapacity`: KiB with one decimal, of the spaces of the heap and the metaspace. Columns are found by their names.
//!
//! `jstat -gcutil` and its kin print shares of spaces, which are no sizes.

use super::super::table::{decimal, kib};
use super::super::{Evidence, Found, Here, Line, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "jstat",
    letters: &[
        Letters::of("S0S1EO"),
        Letters::of("OCOUECEU"),
        Letters::of("NGCOGCNGCMXOGCMX"),
        Letters::of("FGCFGCT"),
    ],
    read,
};

const PERCENT: &str = "percentages of the spaces (%), no sizes: take `jstat -gc PID`";
const OTHER: &str = "a table of jstat without the sizes of the heap: take `jstat -gc PID`";
/// Samples that are kept whole; of more, the first and the last.
const MANY: usize = 100;

/// What a row says: from the bytes in a column, and the number of the line.
type Sizes = fn(&dyn Fn(&str) -> Option<u64>, u64) -> Vec<Evidence>;

fn read(here: &Here<'_>) -> Option<Found> {
    let names: Vec<&str> = here.first().text.split_whitespace().take(30).collect();
    let has = |all: &[&str]| all.iter().all(|n| names.contains(n));
    // Counted once the headings are known to be some: in a text of numbers each line could be one.
    let rows = || {
        let rows = here.lines[1..].iter();
        1 + rows.take_while(|l| is_row(l.text, names.len())).count()
    };
    if has(&["S0", "S1", "E", "O", "M"]) || has(&["S0", "S1", "E", "O", "P"]) {
        return Some(Found::refused(rows(), PERCENT));
    }
    let sizes: Sizes = if has(&["OC", "OU", "EC", "EU"]) {
        sizes_of_gc
    } else if has(&["NGC", "OGC", "NGCMX", "OGCMX"]) {
        sizes_of_capacity
    } else if has(&["FGC", "FGCT"]) && names.iter().all(|n| n.len() <= 6) {
        return Some(Found::refused(rows(), OTHER));
    } else {
        return None;
    };
    let rows = rows();
    let lines = &here.lines[1..rows];
    let mut readings: Vec<Evidence> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if lines.len() <= MANY || at == 0 || at + 1 == lines.len() {
            readings.extend(of_row(line, &names, sizes));
        }
    }
    if readings.is_empty() {
        return Some(Found::broken(
            rows,
            here.first().number,
            "no row with sizes below the headings",
        ));
    }
    Some(Found::new(rows, readings))
}

fn is_row(line: &str, columns: usize) -> bool {
    line.split_whitespace().take(columns + 1).count() == columns
        && line
            .split_whitespace()
            .all(|w| decimal(w).is_some() || w == "-")
}

fn of_row(line: &Line<'_>, names: &[&str], sizes: Sizes) -> Vec<Evidence> {
    let words: Vec<&str> = line.text.split_whitespace().collect();
    let cell = |name: &str| {
        let at = names.iter().position(|n| *n == name)?;
        // ZGC has no survivors: `-`.
        words
            .get(at)
            .and_then(|w| if *w == "-" { Some(0) } else { kib(w) })
    };
    sizes(&cell, line.number)
}

fn sizes_of_gc(cell: &dyn Fn(&str) -> Option<u64>, line: u64) -> Vec<Evidence> {
    let sum = |names: [&str; 4]| {
        names
            .iter()
            .map(|name| cell(name))
            .try_fold(0u64, |sum, part| sum.checked_add(part?))
    };
    let fact = |quantity, bytes: Option<u64>| Some(Evidence::new(quantity, bytes?, line));
    [
        fact(Quantity::HeapUsed, sum(["S0U", "S1U", "EU", "OU"])),
        fact(Quantity::HeapCommitted, sum(["S0C", "S1C", "EC", "OC"])),
        fact(Quantity::MetaspaceUsed, cell("MU")),
        fact(Quantity::MetaspaceCommitted, cell("MC")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sizes_of_capacity(cell: &dyn Fn(&str) -> Option<u64>, line: u64) -> Vec<Evidence> {
    let sum = |a: &str, b: &str| cell(a)?.checked_add(cell(b)?);
    // G1 has no fixed generations: both may take the whole heap, and have no minimum.
    let floating = cell("NGCMN") == Some(0) && cell("OGCMN") == Some(0);
    let max = match floating {
        true => cell("OGCMX"),
        false => sum("NGCMX", "OGCMX"),
    };
    let fact = |quantity, bytes: Option<u64>| Some(Evidence::new(quantity, bytes?, line));
    [
        fact(Quantity::HeapCommitted, sum("NGC", "OGC")),
        fact(Quantity::MaxHeap, max),
        fact(Quantity::MetaspaceCommitted, cell("MC")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

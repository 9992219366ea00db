//! `pmap -x`, `-X` and `-XX`: the resident set of a process from the line of sums. Columns are found by their headings.

use super::super::table::is_digits;
use super::super::{Evidence, Found, Here, Line, Quantity, Resident, Subject};
use super::{ANY, Format};

pub(super) const FORMAT: Format = Format {
    name: "pmap",
    letters: ANY,
    read,
};

const VIRTUAL: &str =
    "pmap without the resident set, only address space: take `pmap -x PID` or /proc/PID/status";

/// Rows before the line of sums that are looked at.
const MOST_OF_TAIL: usize = 200;

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if let Some(found) = tail(here) {
        return Some(found);
    }
    let (pid, rest) = match first.split_once(":   ") {
        Some((pid, _)) if is_digits(pid) => (Some(pid), &here.lines[1..]),
        _ => (None, here.lines),
    };
    let header = rest.first()?;
    let skipped = here.lines.len() - rest.len();
    if !header.text.trim_start().starts_with("Address ") {
        // The plain form goes on with addresses and sizes.
        let is_plain = pid.is_some() && is_row(header.text);
        return is_plain.then(|| Found::refused(skipped + body(rest), VIRTUAL));
    }
    let names: Vec<&str> = header.text.split_whitespace().collect();
    let Some(column) = names.iter().position(|n| n.eq_ignore_ascii_case("rss")) else {
        return Some(Found::refused(skipped + 1 + body(&rest[1..]), VIRTUAL));
    };
    let rows = body(&rest[1..]);
    Some(sums(
        &rest[1..=rows],
        &names,
        column,
        pid,
        skipped + 1 + rows,
    ))
}

/// The last line of `pmap -x` alone, as `| tail -1` leaves it: address space, resident set and dirty pages in kB.
fn tail(here: &Here<'_>) -> Option<Found> {
    let is_total = |line: &str| line.starts_with("total kB ");
    let before = here.find("sums of pmap", is_total);
    let before = before.filter(|&before| before < MOST_OF_TAIL)?;
    let is_other = |line: &str| !(is_row(line) || is_ruled(line));
    if here.find("no row of pmap", is_other)? < before {
        return None;
    }
    let line = &here.lines[before];
    let sizes: Option<Vec<u64>> = line
        .text
        .split_whitespace()
        .skip(2)
        .map(|w| w.parse().ok())
        .collect();
    let [_, kib, _] = sizes?[..] else {
        return None;
    };
    let fact = Evidence::new(
        Quantity::Resident(Resident::Process),
        kib.checked_mul(1024)?,
        line.number,
    );
    Some(Found::new(before + 1, vec![fact]))
}

/// How many lines are rows, rules or sums.
fn body(lines: &[Line<'_>]) -> usize {
    lines
        .iter()
        .take_while(|l| is_row(l.text) || is_ruled(l.text) || is_sum(l.text))
        .count()
}

/// A row begins with an address.
fn is_row(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or("");
    word.len() >= 6 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_ruled(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|b| matches!(b, b'-' | b'=' | b' '))
}

/// `total kB  3139028  169300  147960`, or nothing but numbers and `KB`.
fn is_sum(line: &str) -> bool {
    let line = line.trim_start();
    let is_number = |word: &str| {
        is_digits(word.trim_end_matches(['K', 'B', 'k'])) || matches!(word, "KB" | "kB")
    };
    line.starts_with("total") || (!line.is_empty() && line.split_whitespace().all(is_number))
}

/// The resident set in the line of sums: in a table of `-x` its columns follow the address, in one of `-X` they begin with `Size`.
fn sums(
    rows: &[Line<'_>],
    names: &[&str],
    column: usize,
    pid: Option<&str>,
    lines: usize,
) -> Found {
    let ruled = rows.iter().rposition(|l| is_ruled(l.text));
    let found = rows.iter().enumerate().rev().find(|(at, l)| {
        let alone = ruled.is_some_and(|rule| *at == rule + 1);
        l.text.trim_start().starts_with("total") || alone && is_sum(l.text)
    });
    let last = rows.last().map_or(1, |l| l.number);
    let Some((_, line)) = found else {
        return Found::broken(
            lines,
            last,
            "the last line with the sums is missing (cut off?)",
        );
    };
    let numbers: Vec<&str> = line
        .text
        .split_whitespace()
        .filter(|w| w.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let first = names
        .iter()
        .position(|n| matches!(*n, "Kbytes" | "Size"))
        .unwrap_or(1);
    let kib = column
        .checked_sub(first)
        .and_then(|at| numbers.get(at)?.trim_end_matches('K').parse::<u64>().ok());
    let Some(bytes) = kib.and_then(|kib| kib.checked_mul(1024)) else {
        return Found::broken(lines, line.number, "the sums do not fit the headings");
    };
    let subject = Subject {
        pid: pid.map(str::to_owned),
        ..Subject::default()
    };
    let fact = Evidence::new(Quantity::Resident(Resident::Process), bytes, line.number);
    Found::new(lines, vec![fact.of(&subject)])
}

//! `docker stats`, `podman stats`, `nerdctl stats` and `crictl stats`: memory and limit of containers, as a table or as lines of any `--format`.
//!
//! Columns are found by their headings. Without headings memory is the pair `1.097GiB / 2GiB`: docker writes it with powers of 1024, and
//! network and disk, which look alike, with powers of 1000.

use super::super::table::{cells, is_rule};
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::{Format, Letters};
use crate::verdict::{clean_name, size};

pub(super) const FORMAT: Format = Format {
    name: "docker stats",
    letters: &[
        Letters::of("MEM USAGE"),
        Letters::of("MEM %"),
        Letters::of("/B"),
    ],
    read,
};

/// `crictl stats`: the column is called `MEM` and has no limit.
pub(super) const CRICTL: Format = Format {
    name: "crictl stats",
    letters: &[Letters::of("MEM CPU %")],
    read: read_crictl,
};

/// The place of the wanted columns.
struct Columns {
    all: usize,
    memory: usize,
    name: Option<usize>,
    id: Option<usize>,
}

fn columns_of(header: &str, memory: &str) -> Option<Columns> {
    let names = cells(header);
    let at = |wanted: &[&str]| names.iter().position(|n| wanted.contains(n));
    Some(Columns {
        all: names.len(),
        memory: names.iter().position(|n| n.starts_with(memory))?,
        name: at(&["NAME", "NAMES"]).or_else(|| at(&["POD"])),
        id: at(&["CONTAINER ID", "CONTAINER", "CID", "ID", "POD ID"]),
    })
}

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if first.contains("MEM USAGE") {
        return Some(match columns_of(first, "MEM USAGE") {
            Some(columns) if columns.all > 1 => table(here, &columns),
            _ => loose(here, 1),
        });
    }
    if is_header_without_memory(first) {
        return Some(Found::refused(
            1,
            "a table of containers without their memory: take `docker stats --no-stream` with MEM USAGE",
        ));
    }
    loose_row(first)?;
    Some(loose(here, 0))
}

/// A heading of `docker stats --format` that shows the share of the memory, and not the memory.
fn is_header_without_memory(line: &str) -> bool {
    let names = cells(line);
    names.contains(&"MEM %") && !line.contains("MEM USAGE")
}

fn read_crictl(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let names = cells(first);
    if !(names.contains(&"MEM") && names.contains(&"CPU %")) {
        return None;
    }
    let columns = columns_of(first, "MEM")?;
    let is_pods = names.first() == Some(&"POD");
    let mut readings = Vec::new();
    let mut lines = 1;
    for line in here.rows(1) {
        let row = cells(line.text);
        if row.len() < columns.all.min(4) {
            break;
        }
        lines += 1;
        let Some(bytes) = row.get(columns.memory).and_then(|m| size::parse(m).ok()) else {
            continue;
        };
        let mut subject = subject(&row, &columns);
        if is_pods {
            subject.pod = subject.container.take();
        }
        let fact = Evidence::new(Quantity::Resident(Resident::WorkingSet), bytes, line.number);
        readings.push(fact.of(&subject));
    }
    Some(finish(here, lines, readings))
}

/// The rows of a table with headings.
fn table(here: &Here<'_>, columns: &Columns) -> Found {
    let mut readings = Vec::new();
    let mut lines = 1;
    for line in here.rows(1) {
        if is_rule(line.text) && !line.text.is_empty() {
            lines += 1;
            continue;
        }
        let row = cells(line.text);
        let pair = match row.len() == columns.all {
            true => row.get(columns.memory).and_then(|cell| pair_of(cell)),
            false => loose_row(line.text).map(|(_, pair)| pair),
        };
        // A container that stopped has `--` for all; a row of another table has no pair.
        let stopped = row.len() == columns.all && row[columns.memory].contains("--");
        let Some(pair) = pair else {
            if stopped {
                lines += 1;
                continue;
            }
            break;
        };
        lines += 1;
        let subject = match row.len() == columns.all {
            true => subject(&row, columns),
            false => loose_row(line.text).map(|(s, _)| s).unwrap_or_default(),
        };
        readings.extend(facts(pair, &subject, line.number));
    }
    finish(here, lines, readings)
}

/// Lines without headings; `skip` lines of heading that has lost its columns.
fn loose(here: &Here<'_>, skip: usize) -> Found {
    let mut readings = Vec::new();
    let mut lines = skip;
    for line in here.rows(skip) {
        let Some((subject, pair)) = loose_row(line.text) else {
            break;
        };
        lines += 1;
        readings.extend(facts(pair, &subject, line.number));
    }
    finish(here, lines, readings)
}

fn finish(here: &Here<'_>, lines: usize, readings: Vec<Evidence>) -> Found {
    if readings.is_empty() {
        return Found::broken(
            lines,
            here.first().number,
            "no container with its memory is listed",
        );
    }
    without_machine(Found::new(lines, readings))
}

/// Leaves out limits that are the memory of the machine: docker shows it for containers without a limit.
fn without_machine(mut found: Found) -> Found {
    let is_machine = |bytes: i64| {
        let bytes = u64::try_from(bytes).unwrap_or(0);
        let is_near = |unit: u64| {
            let rest = bytes % unit;
            rest.min(unit - rest) <= bytes / 4000
        };
        bytes > 2 << 30 && ![64 << 20, 50 << 20, 100_000_000].into_iter().any(is_near)
    };
    let before = found.readings.len();
    found
        .readings
        .retain(|f| f.quantity != Quantity::Limit || !is_machine(f.bytes));
    let left = before - found.readings.len();
    found.without((left > 0).then(|| {
        format!("{left} limits that look like the memory of the machine: docker shows it where no limit is set")
    }))
}

fn facts(pair: (u64, Option<u64>), subject: &Subject, line: u64) -> Vec<Evidence> {
    let used = Evidence::new(Quantity::Resident(Resident::WorkingSet), pair.0, line);
    let limit = pair
        .1
        .filter(|l| *l > 0)
        .map(|bytes| Evidence::new(Quantity::Limit, bytes, line));
    [Some(used), limit]
        .into_iter()
        .flatten()
        .map(|fact| fact.of(subject))
        .collect()
}

fn subject(row: &[&str], columns: &Columns) -> Subject {
    let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|c| **c != "--");
    let (name, id) = (cell(columns.name), cell(columns.id));
    Subject {
        container: name.or(id).map(|n| clean_name(n)),
        life: id.map(|id| clean_name(id)),
        ..Subject::default()
    }
}

/// Memory and limit of `1.097GiB / 2GiB`, or of memory alone.
pub(super) fn pair_of(cell: &str) -> Option<(u64, Option<u64>)> {
    let (used, limit) = cell
        .split_once('/')
        .map_or((cell, None), |(a, b)| (a, Some(b)));
    let of = |text: &str| {
        let text = text.trim();
        text.ends_with('B')
            .then(|| size::parse(text).ok())
            .flatten()
    };
    Some((of(used)?, limit.and_then(of)))
}

/// The container and the memory in a line of any format.
fn loose_row(line: &str) -> Option<(Subject, (u64, Option<u64>))> {
    // Cheap: nearly no line has it.
    if !line.contains('/') || !line.contains('B') || line.len() > 600 {
        return None;
    }
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"'))
        .filter(|w| !w.is_empty())
        .collect();
    let slashes = (1..words.len().saturating_sub(1)).filter(|at| words[*at] == "/");
    let mut pairs: Vec<(usize, String)> = slashes.filter_map(|at| pair_at(&words, at)).collect();
    let binary = |p: &(usize, String)| p.1.contains("iB");
    if pairs.iter().any(binary) {
        pairs.retain(binary);
    }
    // Without a unit of docker's own, a lone pair could be the network.
    let (at, pair) = match &pairs[..] {
        [one] => one,
        [first, ..] if words.iter().any(|w| w.ends_with('%')) => first,
        _ => return None,
    };
    let name_of = |w: &&&str| w.contains(|c: char| c.is_ascii_lowercase()) && !is_size(w);
    let names: Vec<&str> = words[..*at].iter().filter(name_of).copied().collect();
    let is_id =
        |w: &str| matches!(w.len(), 12 | 13 | 64) && w.bytes().all(|b| b.is_ascii_hexdigit());
    let all: Vec<&str> = words.iter().filter(name_of).copied().collect();
    let id = all.iter().find(|w| is_id(w)).copied();
    let name = names
        .iter()
        .chain(&all)
        .find(|w| !is_id(w))
        .copied()
        .or(id)?;
    let subject = Subject {
        container: Some(clean_name(
            name.trim_end_matches([':', '='])
                .trim_start_matches("name="),
        )),
        life: id.map(clean_name),
        ..Subject::default()
    };
    Some((subject, pair_of(pair)?))
}

/// The pair around the slash in `words[at]`: where it begins, and as text.
fn pair_at(words: &[&str], at: usize) -> Option<(usize, String)> {
    // Docker before 1.10 writes `1.312 GB / 2.147 GB`.
    let (from, left) = match words[at - 1] {
        unit if is_unit(unit) && at > 1 => (at - 2, format!("{} {unit}", words[at - 2])),
        size => (at - 1, size.to_owned()),
    };
    let right = match words.get(at + 2) {
        Some(unit) if is_unit(unit) => format!("{} {unit}", words[at + 1]),
        _ => words[at + 1].to_owned(),
    };
    let pair = format!("{left} / {right}");
    pair_of(&pair)
        .filter(|(_, limit)| limit.is_some())
        .map(|_| (from, pair))
}

fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "B" | "kB" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB"
    )
}

fn is_size(word: &str) -> bool {
    is_unit(word)
        || word.starts_with(|c: char| c.is_ascii_digit())
            && size::parse(word.trim_end_matches('%')).is_ok()
}

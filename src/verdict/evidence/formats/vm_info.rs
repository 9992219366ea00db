//! `jcmd PID VM.info` and `hs_err_pid*.log` of JDK 8 to 25 (the same report): resident set, heap, native memory, the container's limit and usage.
//!
//! What the report tells of the past (GC heap history) and of the machine (`/proc/meminfo`) is passed over.

use super::super::table::{between, binary, is_digits};
use super::super::{Evidence, Found, Here, Line, Quantity, Resident, Subject, Time};
use super::cgroup::NO_LIMIT;
use super::{Format, Letters, heap_info, native_memory};

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.info",
    letters: &[Letters::of("#")],
    read,
};

/// The head of a report ends after so many lines.
const HEAD: usize = 60;

fn read(here: &Here<'_>) -> Option<Found> {
    if !here.first().text.starts_with('#') || here.first().text.starts_with("# HELP") {
        return None;
    }
    let is_version = |l: &str| l.starts_with("# Java VM:") || l.starts_with("# JRE version:");
    here.find("version of a JVM", is_version)
        .filter(|&at| at < HEAD)?;
    let end = here.lines.iter().position(|l| l.text.trim() == "END.");
    let lines = end.map_or(here.lines.len(), |at| at + 1);
    Some(report(&here.lines[..lines]))
}

fn report(rows: &[Line<'_>]) -> Found {
    let lines = rows.len();
    let mut facts = match heap_info::facts_of(section(rows, "Heap:")) {
        Ok(facts) => facts,
        Err(line) => return Found::broken(lines, line, "the sizes of the heap are not understood"),
    };
    match native_memory::facts_of(tracking(rows)) {
        Ok(native) => facts.extend(native),
        Err(broken) => {
            return Found {
                lines,
                broken: Some(broken),
                ..Found::default()
            };
        }
    }
    facts.extend(rows.iter().filter_map(sizes));
    if facts.is_empty() {
        let last = rows.last().map_or(1, |l| l.number);
        return Found::broken(lines, last, "the report ends before its sizes (cut off?)");
    }
    let (pid, time) = (pid(rows), time(rows));
    for fact in &mut facts {
        let of_container = fact.quantity.is_of_container();
        fact.subject = Subject {
            pid: pid.clone().filter(|_| !of_container),
            ..Subject::default()
        };
        fact.time = time;
    }
    Found::new(lines, facts)
}

/// What one line says: the resident set, the container's limit, its usage.
fn sizes(line: &Line<'_>) -> Option<Evidence> {
    let (key, value) = line.text.split_once(": ")?;
    let value = value.trim();
    let quantity = match key.trim() {
        "Resident Set Size" => Quantity::Resident(Resident::Process),
        "memory_limit_in_bytes" | "memory_limit" => Quantity::Limit,
        "memory_usage_in_bytes" | "memory_usage" => Quantity::Resident(Resident::Usage),
        _ => return None,
    };
    // JDK 17 and later print `unlimited` or a number with the unit k, before it was -1.
    let bytes = match quantity {
        Quantity::Resident(Resident::Process) => binary(value.split_whitespace().next()?)?,
        _ if is_digits(value) => value.parse().ok()?,
        _ => binary(value)?,
    };
    let is_none = quantity == Quantity::Limit && (bytes == 0 || bytes >= NO_LIMIT);
    (!is_none).then(|| Evidence::new(quantity, bytes, line.number))
}

/// `#  Out of Memory Error (os_linux.cpp:2640), pid=17, tid=0x00007f1e`.
fn pid(rows: &[Line<'_>]) -> Option<String> {
    rows.iter()
        .take(HEAD)
        .filter(|l| l.text.starts_with('#'))
        .find_map(|l| between(l.text, "pid=", &[',', ' ']))
        .filter(|pid| is_digits(pid))
        .map(str::to_owned)
}

/// `Time: Sun Nov 29 20:45:51 2026 UTC elapsed time: ..`, before JDK 11 with the zone in a line of its own.
fn time(rows: &[Line<'_>]) -> Option<Time> {
    let value = |key: &str| rows.iter().find_map(|l| l.text.strip_prefix(key));
    let text = value("Time: ").or_else(|| value("time: "))?;
    let text = text.split("elapsed").next()?;
    Time::find(&format!("{text} {}", value("timezone: ").unwrap_or("")))
}

/// The lines after the line `title` up to the next empty one.
fn section<'a, 'b>(rows: &'b [Line<'a>], title: &str) -> &'b [Line<'a>] {
    let Some(at) = rows.iter().position(|l| l.text == title) else {
        return &[];
    };
    let rest = &rows[at + 1..];
    let end = rest.iter().position(|l| l.text.trim().is_empty());
    &rest[..end.unwrap_or(rest.len())]
}

/// The lines of Native Memory Tracking: up to the next part of the report.
fn tracking<'a, 'b>(rows: &'b [Line<'a>]) -> &'b [Line<'a>] {
    let start = rows
        .iter()
        .position(|l| l.text.starts_with("Total: reserved="));
    let rest = start.map_or(&rows[..0], |at| &rows[at..]);
    let end = rest.iter().position(|l| l.text.starts_with("-----"));
    &rest[..end.unwrap_or(rest.len())]
}

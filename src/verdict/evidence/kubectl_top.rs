//! `kubectl top pod --containers`: the working set of every container; one snapshot or several one after the other in one file.
//!
//! Columns from the right: `MEMORY(bytes)`, `CPU(cores)`, `NAME` (the container), `POD`; further columns on the left (a namespace, a
//! timestamp) are skipped, as are lines between snapshots that carry a time of day, start with `#`, or sum up (`--sum`).
//! Without `--containers` the only name is the pod's.

use super::super::size;
use super::{Document, Facts, Format, Malformed, Quantity, Resident, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "kubectl top",
    recognises: |document| {
        document
            .head(10)
            .any(|l| is_header(l) || row(l, true).is_some_and(|r| r.1.is_some()))
    },
    parse,
};

fn is_header(line: &str) -> bool {
    line.contains("CPU(") && line.contains("MEMORY(")
}

/// Container or pod name, pod (with `containers`), and bytes of a row.
fn row(line: &str, containers: bool) -> Option<(&str, Option<&str>, u64)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [before @ .., cpu, memory] = words.as_slice() else {
        return None;
    };
    let bytes = memory_of(memory)?;
    if !is_cpu(cpu) {
        return None;
    }
    let (name, before) = before.split_last()?;
    let pod = if containers {
        Some(*before.last()?)
    } else {
        None
    };
    Some((*name, pod, bytes))
}

/// Bytes of `1022Mi`; a bare number other than 0 is not what kubectl prints.
fn memory_of(text: &str) -> Option<u64> {
    let has_unit = text.ends_with(|c: char| c.is_ascii_alphabetic()) || text == "0";
    has_unit.then(|| size::parse(text).ok())?
}

/// `12m`, `2`, `1500n`.
fn is_cpu(text: &str) -> bool {
    let digits = text.trim_end_matches(['m', 'n', 'u']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Lines between snapshots that carry no measurement.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let has_time_of_day = line
        .split(|c: char| c.is_whitespace() || c == 'T')
        .any(|w| {
            let b = w.as_bytes();
            b.len() >= 5 && b[2] == b':' && b[0].is_ascii_digit() && b[3].is_ascii_digit()
        });
    line.is_empty()
        || line.starts_with(['#', '$', '=', '-', '_', '+'])
        || has_time_of_day
        || line.contains("<unknown>")
}

/// The line of `--sum`: processor and memory without a name.
fn is_sum(line: &str) -> bool {
    let mut words = line.split_whitespace();
    matches!((words.next(), words.next(), words.next()), (Some(cpu), Some(memory), None)
        if is_cpu(cpu) && memory_of(memory).is_some())
}

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    let mut containers = true;
    let mut seen_header = false;
    for (number, line) in document.lines() {
        if is_header(line) {
            seen_header = true;
            containers = line.split_whitespace().any(|column| column == "POD");
            continue;
        }
        if let Some((name, pod, bytes)) = row(line, containers) {
            let (pod, container) = match pod {
                Some(pod) => (pod, Some(super::super::clean_name(name))),
                None => (name, None),
            };
            let subject = Subject {
                pod: Some(super::super::clean_name(pod)),
                container,
                process: None,
            };
            facts.push((
                Quantity::Resident(Resident::WorkingSet),
                clamp(bytes),
                subject,
                number,
            ));
        } else if (seen_header || !facts.is_empty()) && !is_separator(line) && !is_sum(line) {
            return Err(Malformed::new(
                number,
                "expected pod, container, processor and memory, e.g. `web-1 app 12m 1022Mi`",
            ));
        }
    }
    if facts.is_empty() {
        return Err(Malformed::new(
            document.lines().count().max(1) as u64,
            "no container is listed",
        ));
    }
    Ok(facts)
}

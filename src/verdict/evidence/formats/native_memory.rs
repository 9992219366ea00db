//! `jcmd PID VM.native_memory summary`, `summary.diff` and `detail`: Native Memory Tracking by category, of JDK 8 to 25.
//!
//! A category is `-    Thread (reserved=20533KB, committed=889KB)`; in a diff each size may be followed by its change, `committed=893KB +4KB`.
//! The units follow the `scale` option (KB by default; bytes have none). `Total` is the sum of all. The dash, the heading and what stands
//! behind a line may be lost or added by those who pasted it.

use super::super::{Evidence, Found, Here, Line, Malformed, Quantity};
use super::{Format, Letters};
use crate::verdict::clean_name;
use crate::verdict::size::parse_hotspot;

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.native_memory",
    letters: &[Letters::of("="), Letters::of("n"), Letters::of("N")],
    read,
};

const HEADING: &str = "Native Memory Tracking:";
const NOT_ENABLED: &str = "Native memory tracking is not enabled";

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text.trim();
    if first.eq_ignore_ascii_case(NOT_ENABLED) {
        let why =
            "Native Memory Tracking is off: start the JVM with -XX:NativeMemoryTracking=summary";
        return Some(Found::new(1, Vec::new()).without([why.to_owned()]));
    }
    if first.starts_with(HEADING) {
        return Some(report(here));
    }
    sizes_of(first)?;
    Some(report(here))
}

/// The report from here on.
fn report(here: &Here<'_>) -> Found {
    let mut lines = 0;
    let mut seen_total = false;
    let mut in_details = false;
    for line in here.lines {
        let text = line.text.trim();
        let is_total = text.starts_with("Total:");
        // A second report begins with its own heading or total.
        if (is_total || text.starts_with(HEADING)) && seen_total {
            break;
        }
        seen_total |= is_total;
        in_details |= text.starts_with("Virtual memory map") || text.starts_with("Details:");
        let detail = in_details && (line.text.starts_with(['[', ' ', '\t']) || text.ends_with(':'));
        if !(belongs(line.text) || detail) {
            break;
        }
        lines += 1;
    }
    let rows = &here.lines[..lines];
    let last = rows.last().map_or(1, |l| l.number);
    match facts_of(rows) {
        Err(broken) => Found {
            lines,
            broken: Some(broken),
            ..Found::default()
        },
        Ok(facts) if facts.is_empty() => {
            Found::broken(lines, last, "the text ends without a line `Total:`")
        }
        Ok(facts) => {
            // A detailed report repeats nothing, but says much more.
            let note =
                in_details.then(|| "the mappings and call sites of the detailed report".to_owned());
            Found::new(lines, facts).without(note)
        }
    }
}

/// Whether a line is of such a report.
fn belongs(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || text.starts_with(HEADING)
        || text.starts_with('(')
        || text.starts_with(": (")
        || text.starts_with("malloc")
        || text.starts_with("mmap")
        || sizes_of(text).is_some()
        || text == "-"
}

/// Name and sizes of a line: `Total: reserved=1KB, ...`, `-  Thread (reserved=1KB, ...)`.
fn sizes_of(text: &str) -> Option<(&str, &str)> {
    if let Some(sizes) = text.strip_prefix("Total:") {
        return sizes
            .trim_start()
            .starts_with("reserved=")
            .then_some(("Total", sizes));
    }
    let at = text.find("(reserved=")?;
    let name = text[..at]
        .trim_start_matches(['-', '*', '•', '–', '—', ' '])
        .trim();
    let is_name = !name.is_empty()
        && name.len() < 60
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -_/.".contains(c));
    is_name.then_some((name, &text[at..]))
}

/// The facts in `rows`; also used for the section of `VM.info`.
pub(super) fn facts_of(rows: &[Line<'_>]) -> Result<Vec<Evidence>, Malformed> {
    let mut facts: Vec<Evidence> = Vec::new();
    for line in rows {
        let Some((name, sizes)) = sizes_of(line.text.trim()) else {
            continue;
        };
        let name = clean_name(name);
        let amounts = amount(sizes, "reserved=").zip(amount(sizes, "committed="));
        let Some(((reserved, _), (committed, change))) = amounts else {
            // The last line may be cut off; the others stand.
            if facts.is_empty() {
                return Err(Malformed::new(
                    line.number,
                    format!("sizes of `{name}` are not understood"),
                ));
            }
            break;
        };
        let mut add = |quantity, bytes| facts.push(Evidence::signed(quantity, bytes, line.number));
        add(Quantity::NativeReserved(name.clone()), reserved);
        add(Quantity::NativeCommitted(name.clone()), committed);
        if let Some(change) = change {
            add(Quantity::NativeGrowth(name), change);
        }
    }
    Ok(facts)
}

/// The size after `key` and its change, e.g. 893 KB and +4 KB of `committed=893KB +4KB)`.
fn amount(sizes: &str, key: &str) -> Option<(i64, Option<i64>)> {
    let rest = sizes.split_once(key)?.1;
    let end = rest.find([',', ')', '\t']).unwrap_or(rest.len());
    // Without an end it may have been cut within the number: then the unit is missing that the other size has.
    let is_cut = end == rest.len() && !rest.contains('B') && sizes.contains('B');
    if is_cut {
        return None;
    }
    let mut words = rest[..end].split_whitespace();
    let bytes = size(words.next()?)?;
    let change = words.next().filter(|w| w.starts_with(['+', '-']));
    let change = match change.and_then(|w| Some((w.starts_with('-'), w.get(1..)?))) {
        Some((falls, word)) if word.starts_with(|c: char| c.is_ascii_digit()) => {
            let bytes = size(word)?;
            Some(if falls { -bytes } else { bytes })
        }
        _ => None,
    };
    Some((bytes, change))
}

/// A size with its unit; with `scale=B` it has none.
fn size(word: &str) -> Option<i64> {
    let bytes = parse_hotspot(word).or_else(|| word.parse().ok())?;
    Some(super::super::clamp(bytes))
}

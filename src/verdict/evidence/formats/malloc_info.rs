//! What glibc's `malloc` took from the system: `jcmd PID System.native_heap_info` (the XML of `malloc_info`), and `malloc_stats`.

use super::super::table::between;
use super::super::{Evidence, Found, Here, Quantity};
use super::{Format, Letters};

/// The XML of `malloc_info(3)`.
pub(super) const FORMAT: Format = Format {
    name: "malloc_info",
    letters: &[Letters::of("<malloc ")],
    read,
};

/// The text of `malloc_stats(3)`.
pub(super) const STATS: Format = Format {
    name: "malloc_stats",
    letters: &[Letters::of("Arena :"), Letters::of("Total (incl. mmap):")],
    read: read_stats,
};

fn read(here: &Here<'_>) -> Option<Found> {
    if !here.first().text.trim_start().starts_with("<malloc ") {
        return None;
    }
    let end = here.lines.iter().position(|l| l.text.contains("</malloc>"));
    let lines = end.map_or(here.lines.len(), |at| at + 1);
    // The sums of all arenas follow the last one.
    let rows = &here.lines[..lines];
    let sums = rows
        .iter()
        .rposition(|l| l.text.contains("</heap>"))
        .map_or(0, |at| at + 1);
    let mut readings = Vec::new();
    for line in &rows[sums..] {
        let size = between(line.text, "size=\"", &['"']).and_then(|s| s.parse::<u64>().ok());
        let quantity = match line.text {
            t if t.contains("<system type=\"current\"") => Quantity::MallocSystem,
            t if t.contains("<total type=\"mmap\"") => Quantity::MallocMapped,
            _ => continue,
        };
        readings.extend(size.map(|bytes| Evidence::new(quantity, bytes, line.number)));
    }
    if end.is_none() || readings.is_empty() {
        let last = rows.last().map_or(1, |l| l.number);
        return Some(Found::broken(
            lines,
            last,
            "the sums at the end are missing (cut off?)",
        ));
    }
    Some(Found::new(lines, readings))
}

fn read_stats(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if !(first.starts_with("Arena ") && first.ends_with(':') || first == "Total (incl. mmap):") {
        return None;
    }
    let lines = here.run(|l| {
        l.starts_with("Arena ")
            || l.contains(" bytes ") && l.contains('=')
            || l.starts_with("Total (incl")
            || l.starts_with("max mmap")
    });
    let rows = &here.lines[..lines];
    let total = rows.iter().position(|l| l.text.starts_with("Total "));
    let system = total.and_then(|at| {
        let line = rows.get(at + 1)?;
        let (key, value) = line.text.split_once('=')?;
        key.starts_with("system bytes")
            .then_some((value.trim().parse::<u64>().ok()?, line.number))
    });
    Some(match system {
        Some((bytes, line)) => Found::new(
            lines,
            vec![Evidence::new(Quantity::MallocSystem, bytes, line)],
        ),
        None => Found::broken(
            lines,
            here.first().number,
            "the sums at the end are missing (cut off?)",
        ),
    })
}

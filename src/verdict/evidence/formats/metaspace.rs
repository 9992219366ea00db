//! `jcmd PID VM.metaspace`, of JDK 11 and later: metaspace in use and committed, as sums of class and other space.

use super::super::table::binary;
use super::super::{Evidence, Found, Here, Line, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.metaspace",
    letters: &[Letters::of("Total Usage"), Letters::of("Virtual space:")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text.trim_start();
    let is_usage = first.starts_with("Total Usage");
    let is_space =
        first == "Virtual space:" && here.lines.get(1).is_some_and(|l| l.text.contains("space:"));
    if !is_usage && !is_space {
        return None;
    }
    // The rest of the report has headings, indented rows and empty lines, up to the settings at its end.
    let lines = match is_usage {
        true => here.run(belongs),
        false => {
            1 + here.lines[1..]
                .iter()
                .take_while(|l| !l.text.trim().is_empty())
                .count()
        }
    };
    let rows = &here.lines[..lines];
    let used = row_of(rows, "Both:", "used").or_else(|| row_of(rows, "Non-Class:", "used"));
    let space = rows.iter().position(|l| l.text.trim() == "Virtual space:");
    let committed = space.and_then(|at| {
        let rows = &rows[at..rows.len().min(at + 5)];
        row_of(rows, "Both:", "committed").or_else(|| row_of(rows, "Non-class space:", "committed"))
    });
    let facts: Vec<Evidence> = [
        used.map(|(bytes, line)| Evidence::new(Quantity::MetaspaceUsed, bytes, line)),
        committed.map(|(bytes, line)| Evidence::new(Quantity::MetaspaceCommitted, bytes, line)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if facts.is_empty() {
        return Some(Found::broken(
            lines,
            here.first().number,
            "no sums of the metaspace (cut off?)",
        ));
    }
    Some(Found::new(lines, facts))
}

fn belongs(line: &str) -> bool {
    const HEADINGS: [&str; 12] = [
        "Total Usage",
        "Virtual space",
        "Chunk freelists",
        "Waste",
        "Internal stat",
        "Settings",
        "MaxMetaspaceSize",
        "CompressedClassSpaceSize",
        "Initial GC threshold",
        "Current GC threshold",
        "CDS",
        "MetaspaceReclaimPolicy",
    ];
    line.is_empty()
        || line.starts_with(' ')
        || HEADINGS.iter().any(|h| line.starts_with(h))
        || line.starts_with("Total word size")
        || line
            .trim_start()
            .split_once(": ")
            .is_some_and(|(key, _)| key.len() < 6)
        || line.starts_with("Number of")
}

/// The size before the word `what` in the first row that begins with `name`.
fn row_of(rows: &[Line<'_>], name: &str, what: &str) -> Option<(u64, u64)> {
    let line = rows
        .iter()
        .find(|l| l.text.trim_start().starts_with(name))?;
    let cells = line.text.trim_start().strip_prefix(name)?;
    let at = cells.find(&format!(" {what}"))?;
    // `204.35 KB (  5%) used`, behind other sizes.
    let before = cells[..at].rsplit(", ").next()?;
    let size = before.split('(').next()?.trim();
    Some((binary(size)?, line.number))
}

//! `/proc/PID/smaps_rollup`: the resident set of the process, summed over its mappings.

use super::{Document, Facts, Format, Malformed, Quantity, Resident, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "smaps_rollup",
    recognises: |document| document.head(1).any(|l| l.ends_with("[rollup]")),
    parse,
};

fn parse(document: &Document) -> Result<Facts, Malformed> {
    // The upper end of the range is the end of the stack's region, random for every process and fixed for its life: it tells two snapshots
    // of one process from snapshots of two processes.
    let process = document
        .head(1)
        .next()
        .and_then(|l| l.split_whitespace().next()?.split_once('-'))
        .map(|(_, end)| end.to_owned());
    resident(
        document,
        "Rss:",
        process,
        "the file ends without a line `Rss:`",
    )
}

/// The resident set of `process`, from the line of /proc that begins with `name`; `missing` tells that there is none.
pub(super) fn resident(
    document: &Document,
    name: &str,
    process: Option<String>,
    missing: &str,
) -> Result<Facts, Malformed> {
    let mut lines = document.lines();
    let found = lines.find_map(|(number, line)| Some((number, line.strip_prefix(name)?)));
    let (number, value) =
        found.ok_or_else(|| Malformed::new(document.lines().count() as u64, missing))?;
    let bytes = kilobytes(value).ok_or_else(|| {
        Malformed::new(
            number,
            format!("`{name}` must be followed by a number of kB"),
        )
    })?;
    let subject = Subject {
        process,
        ..Subject::default()
    };
    let quantity = Quantity::Resident(Resident::Process);
    Ok(vec![(quantity, bytes, subject, number)])
}

/// Bytes of `  1744 kB`, the form of /proc (its kB are 1024 bytes).
fn kilobytes(value: &str) -> Option<i64> {
    let number: u64 = value.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    number.checked_mul(1024).map(clamp)
}

//! `/proc/PID/status`: the resident set of the process and its PID.

use super::smaps_rollup::kilobytes;
use super::{Document, Facts, Format, Malformed, Quantity, Resident, Subject};

pub(super) const FORMAT: Format = Format {
    name: "/proc/PID/status",
    recognises: |document| {
        document.head(1).any(|l| l.starts_with("Name:"))
            && document.head(8).any(|l| l.starts_with("Pid:"))
    },
    parse,
};

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let process = document
        .lines()
        .find_map(|(_, l)| l.strip_prefix("Pid:"))
        .map(|pid| pid.trim().to_owned());
    for (number, line) in document.lines() {
        if let Some(value) = line.strip_prefix("VmRSS:") {
            let bytes = kilobytes(value).ok_or_else(|| {
                Malformed::new(number, "`VmRSS:` must be followed by a number of kB")
            })?;
            let subject = Subject {
                process,
                ..Subject::default()
            };
            return Ok(vec![(
                Quantity::Resident(Resident::Process),
                bytes,
                subject,
                number,
            )]);
        }
    }
    Err(Malformed::new(
        document.lines().count() as u64,
        "the file ends without a line `VmRSS:` (a kernel thread, or cut off)",
    ))
}

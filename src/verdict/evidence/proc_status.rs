//! `/proc/PID/status`: the resident set of the process and its PID.

use super::smaps_rollup::resident;
use super::{Document, Facts, Format, Malformed};

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
    resident(
        document,
        "VmRSS:",
        process,
        "the file ends without a line `VmRSS:` (a kernel thread, or cut off)",
    )
}

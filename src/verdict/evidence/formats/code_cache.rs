//! `jcmd PID Compiler.codecache`: compiled code in use, as the sum of the segments.

use super::super::table::{between, binary};
use super::super::{Evidence, Found, Here, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "jcmd Compiler.codecache",
    letters: &[
        Letters::of("CodeHeap ' used="),
        Letters::of("CodeCache:  used="),
    ],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    let is_segment = |line: &str| {
        (line.starts_with("CodeHeap '") || line.starts_with("CodeCache: "))
            && line.contains(" used=")
    };
    let first = here.first();
    if !is_segment(first.text) {
        return None;
    }
    let lines = here
        .run(|line| is_segment(line) || line.starts_with(' ') || line.starts_with("full_count"));
    let mut used = 0u64;
    let mut seen: Vec<&str> = Vec::new();
    for line in here.lines[..lines].iter().filter(|l| is_segment(l.text)) {
        let name = line.text.split(" size=").next().unwrap_or("");
        // JDK 21 and later sum up the segments in a line of their own.
        if seen.contains(&name) || name.starts_with("CodeCache") && !seen.is_empty() {
            continue;
        }
        seen.push(name);
        let Some(bytes) = between(line.text, " used=", &[' ']).and_then(binary) else {
            return Some(Found::broken(
                lines,
                line.number,
                "the size in use is not understood",
            ));
        };
        used = used.saturating_add(bytes);
    }
    Some(Found::new(
        lines,
        vec![Evidence::new(Quantity::CodeCacheUsed, used, first.number)],
    ))
}

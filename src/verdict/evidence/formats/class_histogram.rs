//! A class histogram: `jcmd PID GC.class_histogram`, `jmap -histo PID`. The last line has the bytes of all objects.
//!
//! `jcmd` (without `-all`) and `jmap -histo:live` collect the whole heap before: what they count is live. `jmap -histo` counts garbage too.

use super::super::table::is_digits;
use super::super::{Evidence, Found, Here, Quantity};
use super::{Format, Letters};

pub(super) const FORMAT: Format = Format {
    name: "class histogram",
    letters: &[Letters::of("num #instances #bytes")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text.trim_start();
    if !(first.starts_with("num ") && first.contains("#instances") && first.contains("#bytes")) {
        return None;
    }
    let is_row = |line: &str| {
        let line = line.trim_start();
        let number = line.split(':').next().unwrap_or("");
        line.starts_with("num ")
            || line.starts_with("---")
            || line.starts_with("Total ")
            || is_digits(number) && line.contains(": ")
            || is_gap(line)
    };
    let lines = here.run(is_row);
    let rows = &here.lines[..lines];
    let total = rows
        .iter()
        .find_map(|l| Some((l.number, l.text.trim().strip_prefix("Total ")?)));
    let last = rows.last().map_or(1, |l| l.number);
    let Some((number, counts)) = total else {
        return Some(Found::broken(lines, last, "no line `Total` (cut off?)"));
    };
    let mut words = counts.split_whitespace();
    let bytes = words.nth(1).and_then(|w| w.parse::<u64>().ok());
    let Some(bytes) = bytes else {
        return Some(Found::broken(
            lines,
            number,
            "`Total` must be followed by instances and bytes",
        ));
    };
    let quantity = match is_live(here) {
        true => Quantity::HeapAfterFullCollection,
        false => Quantity::HeapUsed,
    };
    Some(Found::new(
        lines,
        vec![Evidence::new(quantity, bytes, number)],
    ))
}

/// What stands for rows that were left out: `...`, `[…]`.
fn is_gap(line: &str) -> bool {
    !line.is_empty()
        && line
            .chars()
            .all(|c| matches!(c, '.' | '…' | '[' | ']' | '(' | ')' | ' '))
}

fn is_live(here: &Here<'_>) -> bool {
    let context = here.context;
    let is_jcmd = context.is_jcmd || context.command_has(&["GC.class_histogram"]);
    let with_garbage = context.command_has(&["GC.class_histogram", "-all"]);
    is_jcmd && !with_garbage || context.command_has(&["-histo:live"])
}

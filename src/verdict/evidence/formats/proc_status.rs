//! `/proc/PID/status`, whole or as `grep` cuts it: name, PID and resident set of a process. `VmHWM`, its peak, can never fall.

use super::super::table::kb_of_proc;
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "/proc/PID/status",
    letters: &[
        Letters::of("Name:"),
        Letters::of("VmPeak:"),
        Letters::of("VmSize:"),
        Letters::of("VmHWM:"),
        Letters::of("VmRSS:"),
        Letters::of("Pid:"),
    ],
    read,
};

const STARTS: [&str; 6] = ["Name:", "VmPeak:", "VmSize:", "VmHWM:", "VmRSS:", "Pid:"];
/// More lines than the file has.
const MOST_LINES: usize = 100;

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let name = STARTS.iter().find(|start| first.starts_with(*start))?;
    // `kubectl describe` begins with `Name:` too.
    if *name == "Name:" && !is_next_of_status(here) {
        return None;
    }
    let lines = here.run_of(MOST_LINES, is_field);
    // A second process begins with its name.
    let second = here.lines[1..lines]
        .iter()
        .position(|l| l.text.starts_with("Name:"));
    let lines = second.map_or(lines, |at| at + 1);
    Some(status(here, lines))
}

fn is_next_of_status(here: &Here<'_>) -> bool {
    here.lines.get(1).is_some_and(|next| {
        // A letter; in other tools' lists it is a word.
        let is_state = next
            .text
            .strip_prefix("State:")
            .and_then(|state| state.split_whitespace().next())
            .is_some_and(|state| state.len() == 1);
        is_state
            || [
                "Umask:", "Tgid:", "Pid:", "VmPeak:", "VmRSS:", "VmHWM:", "VmSize:",
            ]
            .iter()
            .any(|key| next.text.starts_with(key))
    })
}

/// `Key:` and a value.
fn is_field(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, _)| {
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

fn status(here: &Here<'_>, lines: usize) -> Found {
    let rows = &here.lines[..lines];
    let value = |key: &str| {
        rows.iter()
            .find_map(|l| Some((l.number, l.text.strip_prefix(key)?.trim())))
    };
    let last = rows.last().map_or(1, |l| l.number);
    let Some((number, resident)) = value("VmRSS:") else {
        return Found::broken(
            lines,
            last,
            "the text ends without a line `VmRSS:` (a kernel thread, or cut off)",
        );
    };
    let Some(bytes) = kb_of_proc(resident) else {
        return Found::broken(lines, number, "`VmRSS:` must be followed by a number of kB");
    };
    let subject = Subject {
        pid: value("Pid:").map(|(_, pid)| clean_name(pid)),
        process: value("Name:").map(|(_, name)| clean_name(name)),
        ..Subject::default()
    };
    let fact = Evidence::new(Quantity::Resident(Resident::Process), bytes, number).of(&subject);
    let peak = value("VmHWM:").and_then(|(_, peak)| kb_of_proc(peak));
    let fact = match peak {
        Some(peak) => fact.with_rising("VmHWM", peak),
        None => fact,
    };
    let threads = value("Threads:").and_then(|(line, count)| Some((line, count.parse().ok()?)));
    let threads =
        threads.map(|(line, count)| Evidence::new(Quantity::Threads, count, line).of(&subject));
    Found::new(lines, [Some(fact), threads].into_iter().flatten().collect())
}

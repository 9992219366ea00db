//! `/proc/PID/smaps` and `/proc/PID/smaps_rollup`: the resident set of the process, summed over its mappings.

use super::super::table::kb_of_proc;
use super::super::{Evidence, Found, Here, Line, Quantity, Resident, Subject};
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "/proc/PID/smaps",
    letters: &[Letters::of("- "), Letters::of("Rss:")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let is_start = is_mapping(first) && here.lines.get(1).is_some_and(|l| is_field(l.text));
    let is_cut = first.starts_with("Rss:");
    if !is_start && !is_cut {
        return None;
    }
    let lines = here.run(|line| is_field(line) || is_mapping(line));
    let rows = &here.lines[..lines];
    let mut bytes = 0u64;
    let mut found = None;
    for line in rows {
        if let Some(value) = line.text.strip_prefix("Rss:") {
            let Some(of_mapping) = kb_of_proc(value) else {
                return Some(Found::broken(
                    lines,
                    line.number,
                    "`Rss:` must be followed by a number of kB",
                ));
            };
            bytes = bytes.saturating_add(of_mapping);
            found.get_or_insert(line.number);
        }
    }
    let last = rows.last().map_or(1, |l| l.number);
    let Some(number) = found else {
        return Some(Found::broken(
            lines,
            last,
            "the text ends without a line `Rss:`",
        ));
    };
    let subject = Subject {
        life: life(rows),
        ..Subject::default()
    };
    let fact = Evidence::new(Quantity::Resident(Resident::Process), bytes, number).of(&subject);
    Some(Found::new(lines, vec![fact]))
}

/// The upper end of the highest mapping is random for every process and fixed for its life: it tells two snapshots of one process from
/// snapshots of two. A rollup has it as the end of its range; a list of all mappings, which has the stack among them, in one of its lines.
fn life(rows: &[Line<'_>]) -> Option<String> {
    let first = rows.first()?.text;
    if first.ends_with("[rollup]") {
        return end(first).map(|(_, text)| clean_name(text));
    }
    let mappings = rows.iter().map(|row| row.text);
    let mut mappings = mappings.filter(|text| is_mapping(text));
    mappings.clone().find(|text| text.ends_with("[stack]"))?;
    // The page of system calls lies at the same place in every process.
    let own = mappings
        .by_ref()
        .filter(|text| !text.ends_with("[vsyscall]"));
    let (_, text) = own.filter_map(end).max()?;
    Some(clean_name(text))
}

/// The upper end of the range of a mapping, as a number and as it is written.
fn end(mapping: &str) -> Option<(u64, &str)> {
    let (range, _) = mapping.split_once(' ')?;
    let (_, end) = range.split_once('-')?;
    Some((u64::from_str_radix(end, 16).ok()?, end))
}

/// `e0000000-f7a00000 rw-p 00000000 00:00 0`.
fn is_mapping(line: &str) -> bool {
    let mut words = line.split(' ');
    let (Some(range), Some(rights)) = (words.next(), words.next()) else {
        return false;
    };
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_rights = rights.len() == 4 && rights.bytes().all(|b| b"rwxsp-".contains(&b));
    is_rights
        && range
            .split_once('-')
            .is_some_and(|(from, to)| is_hex(from) && is_hex(to))
}

/// `Rss:   12 kB`, `THPeligible: 0`, `VmFlags: rd wr`.
fn is_field(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, value)| {
        let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_key
            && (value.ends_with("kB")
                || matches!(key, "THPeligible" | "VmFlags" | "ProtectionKey" | "Rss"))
    })
}

//! `systemctl status UNIT` and `systemctl show UNIT`: the memory charged to a service, and its limit.

use super::super::table::binary;
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::cgroup::NO_LIMIT;
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "systemctl status",
    letters: &[Letters::of("*"), Letters::of("●")],
    read,
};

/// Its properties: `systemctl show UNIT -p Id,MemoryCurrent,MemoryMax`.
pub(super) const SHOW: Format = Format {
    name: "systemctl show",
    letters: &[Letters::of("=")],
    read: read_properties,
};

/// The marks before a unit's name: running, stopped, failed, starting.
const MARKS: [char; 5] = ['●', '○', '×', '*', '↻'];
/// More lines than there are before the log of the unit.
const MOST_LINES: usize = 60;

fn read(here: &Here<'_>) -> Option<Found> {
    let name = here.first().text.trim_start().strip_prefix(MARKS)?;
    let name = name.split_whitespace().next()?;
    here.lines.get(1)?.text.trim().strip_prefix("Loaded: ")?;
    let lines = here.run_of(MOST_LINES, |l| !l.is_empty());
    let row = here.lines[..lines]
        .iter()
        .find_map(|l| Some((l.number, l.text.trim().strip_prefix("Memory: ")?)));
    let Some((number, memory)) = row else {
        return Some(Found::refused(
            lines,
            "a unit of systemd without a line `Memory:`: it does not run, or memory is not accounted",
        ));
    };
    let subject = Subject {
        container: Some(clean_name(name)),
        ..Subject::default()
    };
    let (used, limits) = memory.split_once('(').unwrap_or((memory, ""));
    // `limit: 2G` of older versions is `max: 2G`; `high` and `peak` are no limits.
    let limit = ["max: ", "limit: "]
        .iter()
        .find_map(|key| limits.split_once(key))
        .and_then(|(_, rest)| binary(rest.split([' ', ')']).next()?));
    let readings: Vec<Evidence> = [
        (Quantity::Resident(Resident::Usage), binary(used)),
        (Quantity::Limit, limit),
    ]
    .into_iter()
    .filter_map(|(quantity, bytes)| Some(Evidence::new(quantity, bytes?, number).of(&subject)))
    .collect();
    Some(match readings.is_empty() {
        true => Found::broken(lines, number, "the size behind `Memory:` is not understood"),
        false => Found::new(lines, readings),
    })
}

fn read_properties(here: &Here<'_>) -> Option<Found> {
    property(here.first().text)?;
    let end = here.find("end of properties", |l| property(l).is_none());
    let lines = end.unwrap_or(here.lines.len());
    here.find("memory of a unit", |l| memory(l).is_some())
        .filter(|&at| at < lines)?;
    let rows = &here.lines[..lines];
    let name = rows.iter().find_map(|l| l.text.strip_prefix("Id="));
    let subject = Subject {
        container: name.map(clean_name),
        ..Subject::default()
    };
    let fact = |key: &str, quantity: Quantity| {
        let mut amounts = rows
            .iter()
            .filter_map(|l| Some((l.number, memory(l.text)?)));
        let (number, (_, bytes)) = amounts.find(|(_, (k, _))| *k == key)?;
        Some(Evidence::new(quantity, bytes, number).of(&subject))
    };
    let facts = [
        fact("MemoryCurrent", Quantity::Resident(Resident::Usage)),
        fact("MemoryMax", Quantity::Limit),
    ];
    let readings: Vec<Evidence> = facts.into_iter().flatten().collect();
    (!readings.is_empty()).then(|| Found::new(lines, readings))
}

/// A property that is memory in use or its limit, and how much.
fn memory(line: &str) -> Option<(&str, u64)> {
    let (key, value) = property(line)?;
    let bytes: u64 = value.parse().ok()?;
    (["MemoryCurrent", "MemoryMax"].contains(&key) && bytes < NO_LIMIT).then_some((key, bytes))
}

/// `MemoryCurrent=2040109466`.
fn property(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let is_key = key.starts_with(|c: char| c.is_ascii_uppercase())
        && key.bytes().all(|b| b.is_ascii_alphanumeric());
    is_key.then_some((key, value))
}

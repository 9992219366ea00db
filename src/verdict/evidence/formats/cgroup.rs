//! The memory files of a cgroup, version 1 and 2: `memory.current|max|stat|events`, `memory.usage_in_bytes|limit_in_bytes`.
//!
//! `memory.stat` and `memory.events` are recognised by their content. The others hold one bare number, so a name must stand beside it: the
//! file's own, `==> memory.max <==` of `tail`, `memory.max:` of `grep`, the `cat` before it, or a line with nothing but the name.

use super::super::table::is_digits;
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::{ANY, Format, Letters};

/// `memory.stat`.
pub(super) const STAT: Format = Format {
    name: "cgroup memory.stat",
    letters: &[
        Letters::of("anon"),
        Letters::of("cache"),
        Letters::of("rss"),
        Letters::of("file"),
    ],
    read: read_stat,
};

/// `memory.events` and `memory.oom_control`.
pub(super) const EVENTS: Format = Format {
    name: "cgroup memory.events",
    letters: &[Letters::of("low"), Letters::of("oom")],
    read: read_events,
};

/// The files with one number each.
pub(super) const VALUES: Format = Format {
    name: "cgroup",
    letters: ANY,
    read: read_values,
};

/// What a limit above is not a limit: version 1 writes the largest multiple of the page size below 2^63.
pub(super) const NO_LIMIT: u64 = 1 << 62;

/// What a cgroup file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Usage,
    Limit,
    Stat,
    Events,
    /// Known, but not a fact of the ledger.
    Other,
}

fn file_kind(name: &str) -> Option<Kind> {
    // The longer names first: `memory.max` is the beginning of `memory.max_usage_in_bytes`.
    const NAMES: [(&str, Kind); 20] = [
        ("memory.max_usage_in_bytes", Kind::Other),
        ("memory.memsw.", Kind::Other),
        ("memory.kmem.", Kind::Other),
        ("memory.swap.", Kind::Other),
        ("memory.zswap.", Kind::Other),
        ("memory.soft_limit_in_bytes", Kind::Other),
        ("memory.peak", Kind::Other),
        ("memory.high", Kind::Other),
        ("memory.low", Kind::Other),
        ("memory.min", Kind::Other),
        ("memory.failcnt", Kind::Other),
        ("memory.stat", Kind::Stat),
        ("memory.events", Kind::Events),
        ("memory.oom_control", Kind::Events),
        ("memory.current", Kind::Usage),
        ("MemoryCurrent", Kind::Usage),
        ("memory.usage_in_bytes", Kind::Usage),
        ("memory.limit_in_bytes", Kind::Limit),
        ("memory.max", Kind::Limit),
        ("MemoryMax", Kind::Limit),
    ];
    NAMES
        .iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, kind)| *kind)
}

/// Whether `name` is one of a cgroup's memory files.
pub(in super::super) fn is_file(name: &str) -> bool {
    name.contains("memory.") && file_kind(name).is_some()
}

/// What a value of a file of `kind` says.
fn fact(kind: Kind, value: &str, line: u64) -> Result<Option<Evidence>, ()> {
    let value = value.trim();
    if matches!(value, "max" | "infinity" | "[not set]" | "-1") || matches!(kind, Kind::Other) {
        return Ok(None);
    }
    let bytes: u64 = value.parse().map_err(drop)?;
    let quantity = match kind {
        Kind::Usage => Quantity::Resident(Resident::Usage),
        Kind::Limit if bytes < NO_LIMIT => Quantity::Limit,
        _ => return Ok(None),
    };
    Ok(Some(Evidence::new(quantity, bytes, line)))
}

/// `memory.current:2017533952`, `memory.stat:anon 1853358080`, `/sys/fs/cgroup/memory.max = max`.
fn named_value(line: &str) -> Option<(Kind, &str)> {
    let line = line.trim();
    let end = line.find([':', '=', ' ', '\t'])?;
    let (name, value) = line.split_at(end);
    let kind = file_kind(name).filter(|_| !name.contains(['"', '{', '(']))?;
    let value = value.trim_start_matches([':', '=', ' ', '\t']);
    (!value.is_empty()).then_some((kind, value))
}

/// A bare number, or `max`.
fn is_value(line: &str) -> bool {
    let line = line.trim();
    line == "max" || line == "-1" || is_digits(line)
}

fn read_values(here: &Here<'_>) -> Option<Found> {
    let first = here.first();
    // Cheap: all names have it.
    let may_be_named = here.letters.have(Letters::of("emory"));
    if may_be_named && named_value(first.text).is_some() {
        return Some(read_named(here));
    }
    // The name alone, and its value in the next line.
    let text = first.text.trim();
    if may_be_named
        && let (Some(kind), Some(next)) = (file_kind(text), here.lines.get(1))
        && !text.contains(' ')
        && is_value(next.text)
    {
        return Some(value(kind, next.text, next.number, 2));
    }
    let names: Vec<Kind> = here
        .context
        .names
        .iter()
        .filter_map(|n| file_kind(n))
        .collect();
    if names.is_empty() {
        return None;
    }
    if is_value(text) {
        return Some(read_bare(here, &names));
    }
    // A file with the right name whose only line is no number.
    let alone =
        names.len() == 1 && here.lines.len() == 1 && matches!(names[0], Kind::Usage | Kind::Limit);
    alone.then(|| Found::broken(1, first.number, "expected a number of bytes, or `max`"))
}

fn value(kind: Kind, text: &str, line: u64, lines: usize) -> Found {
    match fact(kind, text, line) {
        Ok(found) => Found::new(lines, found.into_iter().collect()),
        Err(()) => Found::broken(lines, line, "expected a number of bytes, or `max`"),
    }
}

/// Lines that name their file.
fn read_named(here: &Here<'_>) -> Found {
    let mut found = Found::default();
    for line in here.rows(0) {
        let Some((kind, text)) = named_value(line.text) else {
            break;
        };
        found.lines += 1;
        match kind {
            Kind::Stat => found.readings.extend(stat_fact(text, line.number, false)),
            Kind::Events => found.readings.extend(event_fact(text, line.number)),
            kind => {
                let one = value(kind, text, line.number, 1);
                found.readings.extend(one.readings);
                found.broken = found.broken.or(one.broken);
            }
        }
    }
    found
}

/// Numbers without names, of the files that a command or a heading named: one each, or samples of one.
fn read_bare(here: &Here<'_>, names: &[Kind]) -> Found {
    let mut found = Found::default();
    // `cat memory.stat memory.max`: what has its own format is not among the numbers.
    let names: Vec<Kind> = names
        .iter()
        .copied()
        .filter(|k| !matches!(k, Kind::Stat | Kind::Events))
        .collect();
    for line in here.rows(0).iter().take_while(|l| is_value(l.text)) {
        let kind = match names[..] {
            [] => None,
            [only] => Some(only),
            _ => names.get(found.lines).copied(),
        };
        found.lines += 1;
        match kind {
            Some(kind) => found
                .readings
                .extend(value(kind, line.text, line.number, 1).readings),
            None => found
                .left_out
                .push(format!("line {}: a number without a name", line.number)),
        }
    }
    found
}

/// Key and value of a line `key 123`, as `memory.stat` has them.
fn key_value(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let pair = (words.next()?, words.next()?);
    let is_key = pair
        .0
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'(' | b')'));
    (words.next().is_none() && is_key && !is_digits(pair.0)).then_some(pair)
}

/// The fact in a line of `memory.stat`; `hierarchical`: `total_rss` counts, and not `rss`.
fn stat_fact(line: &str, number: u64, hierarchical: bool) -> Option<Evidence> {
    let (key, value) = key_value(line)?;
    let bytes: u64 = value.parse().ok()?;
    let quantity = match key {
        "anon" | "total_rss" => Quantity::Resident(Resident::Anonymous),
        "rss" if !hierarchical => Quantity::Resident(Resident::Anonymous),
        "total_inactive_file" => Quantity::InactiveFile,
        "inactive_file" if !hierarchical => Quantity::InactiveFile,
        "shmem" if !hierarchical => Quantity::SharedMemory,
        "total_shmem" => Quantity::SharedMemory,
        "hierarchical_memory_limit" if bytes < NO_LIMIT => Quantity::Limit,
        _ => return None,
    };
    Some(Evidence::new(quantity, bytes, number))
}

fn read_stat(here: &Here<'_>) -> Option<Found> {
    let first = key_value(here.first().text)?.0;
    if !matches!(
        first,
        "anon" | "cache" | "rss" | "file" | "inactive_file" | "total_rss"
    ) {
        return None;
    }
    let lines = here.run(|l| key_value(l).is_some());
    let rows = &here.lines[..lines];
    let hierarchical = rows.iter().any(|l| l.text.starts_with("total_rss "));
    let mut found = Found::new(lines, Vec::new());
    for line in rows {
        let known = ["anon", "total_rss", "rss"].contains(&key_value(line.text)?.0);
        let fact = stat_fact(line.text, line.number, hierarchical);
        if known && fact.is_none() && !hierarchical {
            return Some(Found::broken(
                lines,
                line.number,
                "the key must be followed by a number of bytes",
            ));
        }
        found.readings.extend(fact);
    }
    // `rss` alone could be of anything.
    let is_stat = lines > 1
        || first == "anon"
        || here
            .context
            .names
            .iter()
            .any(|n| file_kind(n) == Some(Kind::Stat));
    is_stat.then_some(found)
}

fn event_fact(line: &str, number: u64) -> Option<Evidence> {
    let (key, value) = key_value(line)?;
    let count: u64 = value.parse().ok()?;
    (key == "oom_kill").then(|| Evidence::new(Quantity::OomKilled, count, number))
}

fn read_events(here: &Here<'_>) -> Option<Found> {
    let first = key_value(here.first().text)?.0;
    if !matches!(
        first,
        "low" | "oom_kill_disable" | "oom_kill" | "oom" | "under_oom"
    ) {
        return None;
    }
    let lines = here.run(|l| key_value(l).is_some());
    let readings = here.lines[..lines]
        .iter()
        .filter_map(|l| event_fact(l.text, l.number))
        .collect();
    Some(Found::new(lines, readings))
}

/// Adds the working set where usage and inactive page cache of one cgroup are known: the kubelet's definition.
pub(in super::super) fn add_working_sets(facts: &mut Vec<Evidence>) {
    let mut usage: Option<&Evidence> = None;
    let mut inactive: Option<&Evidence> = None;
    let mut found = Vec::new();
    for fact in facts
        .iter()
        .filter(|f| f.source.format.starts_with("cgroup"))
    {
        match fact.quantity {
            Quantity::Resident(Resident::Usage) => usage = Some(fact),
            Quantity::InactiveFile => inactive = Some(fact),
            _ => continue,
        }
        let (Some(all), Some(cache)) = (usage, inactive) else {
            continue;
        };
        if same_group(&all.subject, &cache.subject) && all.bytes >= cache.bytes {
            found.push(Evidence {
                quantity: Quantity::Resident(Resident::WorkingSet),
                bytes: all.bytes - cache.bytes,
                ..all.clone()
            });
            (usage, inactive) = (None, None);
        }
    }
    facts.extend(found);
}

fn same_group(a: &Subject, b: &Subject) -> bool {
    a.lasting() == b.lasting()
}

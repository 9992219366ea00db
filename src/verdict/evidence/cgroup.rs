//! The memory files of a cgroup, version 1 and 2: `memory.current|max|stat`, `memory.usage_in_bytes|limit_in_bytes`.
//!
//! `memory.stat` is recognised by its content. The others hold one bare number, so the file's name must contain the name of the cgroup
//! file; or several at once as `grep . memory.*` prints them (`memory.current:115589120`).

use super::{Document, Facts, Format, Malformed, Quantity, Resident, Subject, clamp};

/// `memory.stat`.
pub(super) const STAT: Format = Format {
    name: "cgroup memory.stat",
    recognises: |document| {
        let mut keys = document.head(2).map(|l| l.split(' ').next().unwrap_or(""));
        matches!(
            (keys.next(), keys.next()),
            (Some("anon"), Some("file")) | (Some("cache"), Some("rss"))
        )
    },
    parse: parse_stat,
};

/// The files with one number each.
pub(super) const VALUES: Format = Format {
    name: "cgroup",
    recognises: |document| {
        let bare = document.text().trim();
        let is_value =
            bare == "max" || (!bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()));
        (file_kind(&document.name).is_some() && (is_value || document.lines().count() <= 1))
            || document.head(1).any(|l| {
                l.split_once(':')
                    .is_some_and(|(name, _)| file_kind(name).is_some())
            })
    },
    parse: parse_values,
};

/// What a limit above is not a limit: version 1 writes the largest multiple of the page size below 2^63.
const NO_LIMIT: u64 = 1 << 62;

/// What a cgroup file holds.
#[derive(Clone, Copy)]
enum Kind {
    Usage,
    Limit,
    /// Known, but not a fact of the ledger.
    Other,
}

fn file_kind(name: &str) -> Option<Kind> {
    // The longer names first: `memory.max` is the beginning of `memory.max_usage_in_bytes`.
    const NAMES: [(&str, Kind); 10] = [
        ("memory.max_usage_in_bytes", Kind::Other),
        ("memory.memsw.", Kind::Other),
        ("memory.kmem.", Kind::Other),
        ("memory.swap.", Kind::Other),
        ("memory.peak", Kind::Other),
        ("memory.high", Kind::Other),
        ("memory.current", Kind::Usage),
        ("memory.usage_in_bytes", Kind::Usage),
        ("memory.limit_in_bytes", Kind::Limit),
        ("memory.max", Kind::Limit),
    ];
    NAMES
        .iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, kind)| *kind)
}

fn parse_values(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    for (number, line) in document.lines() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (name, value) = line
            .split_once(':')
            .unwrap_or((document.name.as_str(), line));
        let Some(kind) = file_kind(name) else {
            continue;
        };
        if matches!(kind, Kind::Other) || value == "max" {
            continue;
        }
        let bytes: u64 = value
            .trim()
            .parse()
            .map_err(|_| Malformed::new(number, "expected a number of bytes, or `max`"))?;
        let quantity = match kind {
            Kind::Usage => Quantity::Resident(Resident::Usage),
            _ if bytes >= NO_LIMIT => continue,
            _ => Quantity::Limit,
        };
        facts.push((quantity, clamp(bytes), Subject::default(), number));
    }
    // Files that say nothing of the ledger may be empty (`memory.kmem.slabinfo`).
    let says_nothing = matches!(file_kind(&document.name), Some(Kind::Other));
    if document.text().trim().is_empty() && !says_nothing {
        return Err(Malformed::new(1, "the file is empty"));
    }
    Ok(facts)
}

fn parse_stat(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    // Version 1 counts the group alone in `rss` and with its children in `total_rss`.
    let hierarchical = document.lines().any(|(_, l)| l.starts_with("total_rss "));
    for (number, line) in document.lines() {
        let mut words = line.split_whitespace();
        let (Some(key), value) = (words.next(), words.next()) else {
            continue;
        };
        let wanted = match key {
            "anon" | "total_rss" => Quantity::Resident(Resident::Anonymous),
            "rss" if !hierarchical => Quantity::Resident(Resident::Anonymous),
            "hierarchical_memory_limit" => Quantity::Limit,
            _ => continue,
        };
        let bytes: u64 = value.and_then(|v| v.parse().ok()).ok_or_else(|| {
            Malformed::new(
                number,
                format!("`{key}` must be followed by a number of bytes"),
            )
        })?;
        if wanted != Quantity::Limit || bytes < NO_LIMIT {
            facts.push((wanted, clamp(bytes), Subject::default(), number));
        }
    }
    Ok(facts)
}

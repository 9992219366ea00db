//! `jcmd PID VM.native_memory summary`, `summary.diff` and `detail`: Native Memory Tracking by category.
//!
//! A category is `-    Thread (reserved=20533KB, committed=889KB)`; in a diff each size may be followed by its change, `committed=893KB +4KB`.
//! The units follow the `scale` option (KB by default). `Total` is the sum of all.

use super::super::size::parse_hotspot;
use super::{Facts, Format, Malformed, Quantity, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.native_memory",
    recognises: |document| {
        document
            .head(3)
            .any(|l| l == "Native Memory Tracking:" || l == NOT_ENABLED)
    },
    parse: |document| {
        let facts = facts_of(document.lines())?;
        let off = document.head(3).any(|l| l == NOT_ENABLED);
        if facts.is_empty() && !off {
            return Err(Malformed::new(
                document.lines().count() as u64,
                "the file ends without a line `Total:`",
            ));
        }
        Ok(facts)
    },
};

const NOT_ENABLED: &str = "Native memory tracking is not enabled";

/// The facts in `lines`; also used for the section of `VM.info`.
pub(super) fn facts_of<'a>(
    lines: impl Iterator<Item = (u64, &'a str)>,
) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    for (number, line) in lines {
        let (name, sizes) = if let Some(sizes) = line.strip_prefix("Total: ") {
            ("Total", sizes)
        } else if let Some((name, sizes)) = category(line) {
            (name, sizes)
        } else {
            continue;
        };
        let broken = || Malformed::new(number, format!("sizes of `{name}` are not understood"));
        let (reserved, _) = amount(sizes, "reserved=").ok_or_else(broken)?;
        let (committed, change) = amount(sizes, "committed=").ok_or_else(broken)?;
        let mut add = |quantity, bytes| facts.push((quantity, bytes, Subject::default(), number));
        add(Quantity::NativeReserved(name.to_owned()), reserved);
        add(Quantity::NativeCommitted(name.to_owned()), committed);
        if let Some(change) = change {
            add(Quantity::NativeGrowth(name.to_owned()), change);
        }
    }
    Ok(facts)
}

/// Name and sizes of a category's line.
fn category(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('-')?;
    let (name, sizes) = rest.split_once(" (reserved=")?;
    let name = name.trim();
    (!name.is_empty() && name.len() < 60).then_some((name, &rest[rest.len() - sizes.len() - 9..]))
}

/// The size after `key` and its change, e.g. 893 KB and +4 KB of `committed=893KB +4KB)`.
fn amount(sizes: &str, key: &str) -> Option<(i64, Option<i64>)> {
    let rest = sizes.split_once(key)?.1;
    let end = rest.find([',', ')']).unwrap_or(rest.len());
    let mut words = rest[..end].split_whitespace();
    let bytes = clamp(parse_hotspot(words.next()?)?);
    let change = match words.next() {
        None => None,
        Some(word) => {
            let size = clamp(parse_hotspot(word.get(1..)?)?);
            Some(if word.starts_with('-') { -size } else { size })
        }
    };
    Some((bytes, change))
}

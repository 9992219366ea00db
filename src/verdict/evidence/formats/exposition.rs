//! Metrics as a `/metrics` page has them (the Prometheus text format and OpenMetrics), or as `promtool query instant` prints them.

use super::super::{Found, Here, Line, Time};
use super::metrics::{self, Sample};
use super::{Format, Letters, MOST_ROWS};
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    name: "Prometheus metrics",
    letters: &[
        Letters::of("# "),
        Letters::of("{"),
        Letters::of("_"),
        Letters::of("."),
        Letters::of(":"),
    ],
    read,
};

const NOTHING: &str = "metrics without the memory of a container or JVM: wanted are container_memory_*, jvm_memory_*, process_resident_memory_bytes";

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let begins = is_comment(first)
        || sample(&here.first()).is_some_and(|s| first.contains('{') || metrics::is_known(&s.name));
    if !begins {
        return None;
    }
    let lines = here.run_of(MOST_ROWS, |line| {
        line.is_empty() || is_comment(line) || is_sample(line)
    });
    let samples: Vec<Sample> = here.lines[..lines]
        .iter()
        .filter(|l| !l.text.starts_with('#'))
        .filter_map(sample)
        .collect();
    let facts = metrics::facts_of(&samples);
    if facts.is_empty() {
        return Some(Found::refused(lines, NOTHING));
    }
    Some(Found::new(lines, facts))
}

fn is_comment(line: &str) -> bool {
    ["# HELP ", "# TYPE ", "# UNIT ", "# EOF"]
        .iter()
        .any(|start| line.starts_with(start))
}

/// Cheap: a name, labels or a space, and a number at the end.
fn is_sample(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && line.contains(['{', ' '])
        && line.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '}' | ']' | '.'))
        && split(line).is_some()
}

/// Name, labels and the rest of a line.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')))?;
    let (name, rest) = line.split_at(end);
    let Some(inner) = rest.strip_prefix('{') else {
        return rest.starts_with(' ').then_some((name, "", rest));
    };
    let close = end_of_labels(inner)?;
    Some((name, &inner[..close], &inner[close + 1..]))
}

/// The name of the metric in `name{label="value"}`.
pub(super) fn name_of(series: &str) -> Option<&str> {
    let end = series.find('{').unwrap_or(series.len());
    let name = series[..end].trim();
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'));
    (is_name && !name.is_empty()).then_some(name)
}

/// `name{label="value"}` as a sample without a value.
pub(super) fn series(text: &str) -> Option<Sample> {
    let labels = text.split_once('{').map_or("", |(_, rest)| {
        &rest[..end_of_labels(rest).unwrap_or(rest.len())]
    });
    Some(Sample {
        name: name_of(text)?.to_owned(),
        labels: labels_of(labels),
        value: 0.0,
        time: None,
        line: 0,
    })
}

/// Where the labels end: at the first brace that is not in quotes.
fn end_of_labels(text: &str) -> Option<usize> {
    let mut in_quotes = false;
    let mut escaped = false;
    text.bytes().position(|b| {
        let is_end = b == b'}' && !in_quotes;
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_quotes = !in_quotes,
            _ => {}
        }
        is_end
    })
}

fn sample(line: &Line<'_>) -> Option<Sample> {
    let (name, labels, rest) = split(line.text)?;
    let rest = rest.trim_start().trim_start_matches("=>").trim_start();
    let mut words = rest.split(' ');
    let value: f64 = words.next()?.parse().ok()?;
    let time = words
        .next()
        .map(|w| w.trim_matches(['@', '[', ']']))
        .and_then(|w| w.parse().ok())
        .and_then(Time::since_epoch);
    Some(Sample {
        name: name.to_owned(),
        labels: labels_of(labels),
        value,
        time,
        line: line.number,
    })
}

/// `area="heap",id="G1 Old Gen",`.
fn labels_of(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => value.extend(chars.next().map(|(_, c)| if c == 'n' { '\n' } else { c })),
                '"' => {
                    end = at + 1;
                    break;
                }
                c => value.push(c),
            }
        }
        labels.insert(name.trim_matches([',', ' ']).to_owned(), value);
        rest = &after[end..];
    }
    labels
}

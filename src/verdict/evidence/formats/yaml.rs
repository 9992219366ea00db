//! Objects of the Kubernetes API as `kubectl get -o yaml` writes them; read as the JSON of the same.
//!
//! Only what kubectl writes is understood: maps and lists by indentation, plain and quoted scalars. Texts of several lines are passed over.

use super::super::table::is_digits;
use super::super::{Found, Here, Line};
use super::{Format, Letters, json};
use serde_json::{Map, Value};

pub(super) const FORMAT: Format = Format {
    name: "kubectl -o yaml",
    letters: &[Letters::of("apiVersion: ")],
    read,
};

/// Deeper than objects of Kubernetes are.
const DEEPEST: usize = 40;
/// More lines than objects of an incident have.
const MOST_LINES: usize = 200_000;

fn read(here: &Here<'_>) -> Option<Found> {
    if !here.first().text.starts_with("apiVersion: ") {
        return None;
    }
    let belongs = |line: &str| {
        line.is_empty()
            || line.starts_with([' ', '-'])
            || line.split_once(':').is_some_and(|(key, _)| {
                !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric())
            })
    };
    // Documents are apart by `---`, or by the next `apiVersion`.
    let starts = |l: &Line<'_>| l.text == "---" || l.text.starts_with("apiVersion: ");
    let second = here.lines[1..]
        .iter()
        .position(starts)
        .map_or(usize::MAX, |at| at + 1);
    let lines = here.run_of(second.min(MOST_LINES), belongs);
    let rows: Vec<Row> = here.lines[..lines].iter().filter_map(row).collect();
    let mut at = 0;
    let value = block(&rows, &mut at, 0, 0);
    Some(json::shaped(here, &value, "", lines))
}

/// A line: its indentation, and its text with the dashes of lists split off by the caller.
struct Row<'a> {
    indent: usize,
    text: &'a str,
}

fn row<'a>(line: &Line<'a>) -> Option<Row<'a>> {
    let text = line.text.trim_start();
    let says = !text.is_empty() && !text.starts_with('#') && text != "---";
    says.then(|| Row {
        indent: line.text.len() - text.len(),
        text,
    })
}

/// The value that begins at `at`, indented by `indent` or more.
fn block(rows: &[Row<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let Some(first) = rows
        .get(*at)
        .filter(|r| r.indent >= indent && depth < DEEPEST)
    else {
        return Value::Null;
    };
    let indent = first.indent;
    if is_item(first.text) {
        items(rows, at, indent, depth)
    } else {
        Value::Object(map(rows, at, indent, depth, None))
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn items(rows: &[Row<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let mut list = Vec::new();
    while let Some(row) = rows
        .get(*at)
        .filter(|r| r.indent == indent && is_item(r.text))
    {
        let inner = row.text[1..].trim_start();
        let column = indent + (row.text.len() - inner.len());
        if inner.is_empty() {
            *at += 1;
            list.push(block(rows, at, indent + 1, depth + 1));
        } else if key_value(inner).is_some() && depth < DEEPEST {
            list.push(Value::Object(map(rows, at, column, depth + 1, Some(inner))));
        } else {
            *at += 1;
            skip_text(rows, at, indent);
            list.push(scalar(inner));
        }
    }
    Value::Array(list)
}

/// A map whose keys are indented by `indent`; `first`: the text of its first line, behind a dash.
fn map(
    rows: &[Row<'_>],
    at: &mut usize,
    indent: usize,
    depth: usize,
    first: Option<&str>,
) -> Map<String, Value> {
    let mut map = Map::new();
    let mut first = first;
    while let Some(row) = rows.get(*at) {
        let text = match first.take() {
            Some(text) => text,
            None if row.indent == indent && !is_item(row.text) => row.text,
            None if row.indent > indent => {
                // The rest of a text of several lines.
                *at += 1;
                continue;
            }
            None => break,
        };
        *at += 1;
        let Some((key, value)) = key_value(text) else {
            continue;
        };
        let value = match value {
            "" => nested(rows, at, indent, depth),
            text if text.starts_with(['|', '>']) => {
                skip_text(rows, at, indent);
                Value::Null
            }
            text => scalar(text),
        };
        map.insert(key.to_owned(), value);
    }
    map
}

/// The value below a key: deeper, or a list at the same depth.
fn nested(rows: &[Row<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    match rows.get(*at) {
        Some(next) if next.indent > indent => block(rows, at, indent + 1, depth + 1),
        Some(next) if next.indent == indent && is_item(next.text) && depth < DEEPEST => {
            items(rows, at, indent, depth + 1)
        }
        _ => Value::Null,
    }
}

/// Passes over lines that are deeper than `indent`.
fn skip_text(rows: &[Row<'_>], at: &mut usize, indent: usize) {
    while rows.get(*at).is_some_and(|r| r.indent > indent) {
        *at += 1;
    }
}

/// `name: app`, `name:`; keys may be quoted or have slashes.
fn key_value(text: &str) -> Option<(&str, &str)> {
    let (key, value) = match text.split_once(": ") {
        Some(pair) => pair,
        None => (text.strip_suffix(':')?, ""),
    };
    let key = key.trim_matches('"');
    (!key.is_empty() && !key.contains(['{', ' ', '"'])).then_some((key, value.trim()))
}

fn scalar(text: &str) -> Value {
    let quoted = |mark: char| text.strip_prefix(mark).and_then(|t| t.strip_suffix(mark));
    if let Some(inner) = quoted('"').or_else(|| quoted('\'')) {
        return Value::String(inner.to_owned());
    }
    match text {
        "true" | "false" => Value::Bool(text == "true"),
        "null" | "~" | "{}" | "[]" => Value::Null,
        digits if is_digits(digits) => digits.parse::<u64>().map_or(Value::Null, Value::from),
        other => Value::String(other.to_owned()),
    }
}

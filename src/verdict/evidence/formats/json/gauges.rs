//! Names of metrics with their numbers: Dropwizard's `gauges`, MicroProfile's `base`, attributes of `java.lang:type=Memory` from Jolokia.

use super::super::super::{Found, Time};
use super::super::metrics::{self, Sample};
use super::Json;
use serde_json::Value;
use std::collections::BTreeMap;

/// Objects within objects that are looked into.
const DEEPEST: usize = 6;
/// Numbers that are looked at.
const MOST: usize = 20_000;
/// What groups metrics and is no part of their names.
const GROUPS: [&str; 5] = ["gauges", "base", "vendor", "metrics", "value"];

pub(super) fn read(json: &Json<'_>) -> Option<Found> {
    let value = json.value;
    let mbean = value.pointer("/request/mbean").and_then(Value::as_str);
    let is_memory = mbean.is_some_and(|name| name == "java.lang:type=Memory");
    if mbean.is_some() && !is_memory {
        return None;
    }
    let attribute = value.pointer("/request/attribute").and_then(Value::as_str);
    let seconds = value.get("timestamp").and_then(Value::as_i64);
    let time = seconds
        .and_then(|s| s.checked_mul(1_000))
        .filter(|_| is_memory);
    let root = value.get("value").filter(|_| is_memory).unwrap_or(value);
    let numbers = numbers(root, attribute.filter(|_| is_memory).unwrap_or(""));
    let samples: Vec<Sample> = numbers
        .into_iter()
        .filter(|(name, _)| metrics::is_known(name))
        .map(|(name, value)| Sample {
            name,
            labels: BTreeMap::new(),
            value,
            time: time.map(Time),
            line: json.line,
        })
        .collect();
    let facts = metrics::facts_of(&samples);
    (!facts.is_empty()).then(|| Found::new(0, facts))
}

/// All numbers with the names that lead to them, joined by points.
fn numbers(root: &Value, name: &str) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    let mut open = vec![(name.to_owned(), root, 0)];
    while let Some((name, value, depth)) = open.pop() {
        if let Some(number) = value.as_f64() {
            found.push((name, number));
        } else if let Some(map) = value.as_object().filter(|_| depth < DEEPEST) {
            for (key, inner) in map {
                // Tags follow a semicolon.
                let key = key.split(';').next().unwrap_or(key);
                let inner_name = match (GROUPS.contains(&key), name.is_empty()) {
                    (true, _) => name.clone(),
                    (false, true) => key.to_owned(),
                    (false, false) => format!("{name}.{key}"),
                };
                open.push((inner_name, inner, depth + 1));
            }
        }
        if found.len() + open.len() > MOST {
            break;
        }
    }
    found
}

//! Answers of cAdvisor's own interface: `/api/v1.3/containers/..` and `/docker/..` (an object with `spec` and `stats`), and
//! `/api/v2.0/stats/..` (lists of samples by the container's path).

use super::super::super::{Evidence, Found, Quantity, Resident, Subject, Time};
use super::super::cgroup::NO_LIMIT;
use super::{Json, list, number, text};
use serde_json::Value;

/// Containers that are read.
const MOST: usize = 1_000;

pub(super) fn read(json: &Json<'_>) -> Option<Found> {
    let readings: Vec<Evidence> = match container(json, "", json.value) {
        Some(readings) => readings,
        None => {
            let map = json.value.as_object()?;
            let all: Option<Vec<_>> = map
                .iter()
                .take(MOST)
                .map(|(path, value)| container(json, path, value))
                .collect();
            all?.into_iter().flatten().collect()
        }
    };
    (!readings.is_empty()).then(|| Found::new(0, readings))
}

/// The last sample of a container, and its limit.
fn container(json: &Json<'_>, path: &str, value: &Value) -> Option<Vec<Evidence>> {
    let samples = value.get("stats").unwrap_or(value);
    let last = samples.as_array()?.last()?;
    let memory = last.get("memory")?;
    memory.get("working_set")?;
    let time = last
        .get("timestamp")
        .and_then(Value::as_str)
        .and_then(Time::find);
    let subject = Subject {
        container: name_of(path, value),
        ..Subject::default()
    };
    let resident = |key: &str, what| Some((Quantity::Resident(what), number(memory.get(key)?)?));
    let limit = value
        .pointer("/spec/memory/limit")
        .and_then(number)
        .filter(|bytes| (1..NO_LIMIT).contains(bytes))
        .map(|bytes| (Quantity::Limit, bytes));
    let facts = [
        resident("working_set", Resident::WorkingSet),
        resident("usage", Resident::Usage),
        resident("rss", Resident::Anonymous),
        limit,
    ];
    let fact = |(quantity, bytes)| {
        Evidence::new(quantity, bytes, json.line)
            .of(&subject)
            .at(time)
    };
    Some(facts.into_iter().flatten().map(fact).collect())
}

/// The name that people gave it, else the last part of its path.
fn name_of(path: &str, value: &Value) -> Option<String> {
    let alias = value.get("aliases").map(|names| list(names).find_map(text));
    let named = value.get("name").and_then(text);
    let path = named.unwrap_or_else(|| crate::verdict::clean_name(path));
    let last = path.rsplit('/').next().filter(|n| !n.is_empty());
    alias.flatten().or_else(|| last.map(str::to_owned))
}

//! One metric of Spring Boot: `/actuator/metrics/jvm.memory.used?tag=area:heap`.
//!
//! The tags that the query asked for are not in the answer: only those are listed that are still open. Which area it is, the pools tell.

use super::super::super::{Evidence, Found, Quantity};
use super::super::metrics::{self, Sample};
use super::{Json, list};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn metric(json: &Json<'_>) -> Option<Found> {
    let name = json.value["name"].as_str()?;
    json.value["measurements"].as_array()?;
    let value = list(&json.value["measurements"])
        .find(|m| m["statistic"].as_str() == Some("VALUE"))
        .and_then(|m| m["value"].as_f64());
    if json.value["baseUnit"]
        .as_str()
        .is_some_and(|unit| unit != "bytes")
        || !metrics::is_known(name)
    {
        return Some(Found::refused(
            1,
            "a metric that is no memory in bytes: take /actuator/metrics/jvm.memory.used?tag=area:heap, or /actuator/prometheus",
        ));
    }
    let Some(value) = value else {
        return Some(Found::broken(1, json.line, "no measurement `VALUE`"));
    };
    let open = |tag: &str| {
        list(&json.value["availableTags"])
            .find(|t| t["tag"].as_str() == Some(tag))
            .map(|t| {
                list(&t["values"])
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
            })
    };
    let mut labels = BTreeMap::new();
    let query = json.here.context.command.as_deref().unwrap_or("");
    for tag in ["area", "id"] {
        let asked = query
            .split_once(&format!("tag={tag}:"))
            .map(|(_, rest)| rest);
        if let Some(asked) = asked.and_then(|rest| rest.split(['&', '\'', '"', ' ']).next()) {
            labels.insert(tag.to_owned(), asked.to_owned());
        }
    }
    if !labels.contains_key("area") && open("area").is_none() {
        let pools = open("id").unwrap_or_default();
        let heap = pools.iter().filter(|p| metrics::is_heap_pool(p)).count();
        let area = (!pools.is_empty() && (heap == 0 || heap == pools.len())).then_some(heap > 0);
        labels.extend(area.map(|is_heap| {
            (
                "area".to_owned(),
                if is_heap { "heap" } else { "nonheap" }.to_owned(),
            )
        }));
    }
    let sample = Sample {
        name: name.to_owned(),
        labels,
        value,
        time: None,
        line: json.line,
    };
    let facts: Vec<Evidence> = metrics::facts_of(&[sample]);
    if facts.is_empty() {
        return Some(Found::refused(
            1,
            "the memory of heap and other areas in one sum: ask for one area, /actuator/metrics/jvm.memory.used?tag=area:heap",
        ));
    }
    let unclear = facts.iter().any(|f| f.quantity == Quantity::BuffersUsed);
    let note = unclear.then(|| "which pool of buffers it is, the answer does not say".to_owned());
    Some(Found::new(1, facts).without(note))
}

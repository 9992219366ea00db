//! Metrics of OpenTelemetry as JSON (OTLP), as the collector's file exporter writes them, one object a line.

use super::super::super::{Found, Time};
use super::super::metrics::{self, Sample};
use super::{Json, list};
use serde_json::Value;
use std::collections::BTreeMap;

const NOTHING: &str = "metrics of OpenTelemetry without memory in bytes: wanted are jvm.memory.used, jvm.buffer.memory.used, container.memory.*";

pub(super) fn read(json: &Json<'_>) -> Option<Found> {
    json.value["resourceMetrics"].as_array()?;
    let mut samples = Vec::new();
    for of_resource in list(&json.value["resourceMetrics"]) {
        let resource = attributes(&of_resource["resource"]["attributes"]);
        let metrics = list(&of_resource["scopeMetrics"]).flat_map(|scope| list(&scope["metrics"]));
        for metric in metrics {
            samples.extend(samples_of(metric, &resource, json.line));
        }
    }
    let facts = metrics::facts_of(&samples);
    Some(match facts.is_empty() {
        true => Found::refused(1, NOTHING),
        false => Found::new(1, facts),
    })
}

fn samples_of(metric: &Value, resource: &BTreeMap<String, String>, line: u64) -> Vec<Sample> {
    let name = metric["name"].as_str().unwrap_or("");
    let is_bytes = metric["unit"]
        .as_str()
        .is_none_or(|u| u.is_empty() || u == "By");
    if !(is_bytes && metrics::is_known(name)) {
        return Vec::new();
    }
    let points = ["gauge", "sum"].map(|kind| list(&metric[kind]["dataPoints"]));
    let sample = |point: &Value| {
        let value = match &point["asInt"] {
            Value::String(text) => text.parse().ok()?,
            other => other.as_f64().or_else(|| point["asDouble"].as_f64())?,
        };
        let mut labels = resource.clone();
        labels.extend(attributes(&point["attributes"]));
        let time = match &point["timeUnixNano"] {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64(),
        };
        Some(Sample {
            name: name.to_owned(),
            labels,
            value,
            time: time.and_then(Time::since_epoch),
            line,
        })
    };
    points.into_iter().flatten().filter_map(sample).collect()
}

/// `[{"key": .., "value": {"stringValue": ..}}]`.
fn attributes(list_of: &Value) -> BTreeMap<String, String> {
    list(list_of)
        .filter_map(|one| {
            let value = one["value"]["stringValue"].as_str()?;
            Some((one["key"].as_str()?.to_owned(), value.to_owned()))
        })
        .collect()
}

//! Metrics as clouds answer them: CloudWatch (`get-metric-statistics`, `get-metric-data`), Datadog (`/api/v1/query`), Azure Monitor.
//!
//! The name says what is measured, the unit that it is bytes; of a series the first and the last point in time are taken.

use super::super::super::{Found, Time};
use super::super::metrics::{self, Sample};
use super::{Json, list};
use serde_json::Value;
use std::collections::BTreeMap;

const NOT_BYTES: &str =
    "metrics in percent (%), or of another unit than bytes: ask for the working set in bytes";
const UNKNOWN: &str = "metrics that are no memory of a container or JVM: ask for the working set of the container in bytes";

/// A series of one metric.
struct Series<'a> {
    name: &'a str,
    labels: BTreeMap<String, String>,
    points: Vec<(Time, f64)>,
}

/// `{"Label": .., "Datapoints": [..]}` or `{"MetricDataResults": [..]}`.
pub(super) fn cloud_watch(json: &Json<'_>) -> Option<Found> {
    let reply = json.value;
    if let (Some(name), Some(points)) = (reply["Label"].as_str(), reply["Datapoints"].as_array()) {
        if points.iter().any(|p| p["Unit"].as_str() != Some("Bytes")) {
            return Some(Found::refused(1, NOT_BYTES));
        }
        let point = |p: &Value| {
            let value = p["Average"].as_f64().or_else(|| p["Maximum"].as_f64())?;
            Some((Time::find(p["Timestamp"].as_str()?)?, value))
        };
        let points = points.iter().filter_map(point).collect();
        return Some(read(json, vec![series(name, points)]));
    }
    let results = reply["MetricDataResults"].as_array()?;
    let all = results.iter().filter_map(|result| {
        let times = list(&result["Timestamps"]).map(|t| Time::find(t.as_str()?));
        let values = list(&result["Values"]).map(Value::as_f64);
        let points = times.zip(values).filter_map(|(t, v)| t.zip(v)).collect();
        Some(series(result["Label"].as_str()?, points))
    });
    Some(read(json, all.collect()))
}

/// `{"series": [{"metric": .., "scope": "pod_name:a,..", "unit": [..], "pointlist": [[ms, value]]}]}`.
pub(super) fn datadog(json: &Json<'_>) -> Option<Found> {
    let all = json.value["series"].as_array()?;
    if !all.iter().any(|one| one["pointlist"].is_array()) {
        return None;
    }
    let mut found = Vec::new();
    for one in all {
        // A second unit is what the first is divided by.
        let unit = &one["unit"][0];
        let scale = unit["scale_factor"].as_f64().unwrap_or(1.0);
        if unit["family"].as_str() != Some("bytes") || !one["unit"][1].is_null() {
            return Some(Found::refused(1, NOT_BYTES));
        }
        let point = |p: &Value| {
            let time = Time::since_epoch(p[0].as_f64()?)?;
            Some((time, p[1].as_f64()? * scale))
        };
        let tags = one["scope"].as_str().unwrap_or("").split(',');
        let labels = tags.filter_map(|tag| tag.trim().split_once(':'));
        found.push(Series {
            labels: labels.map(|(k, v)| (label(k), v.to_owned())).collect(),
            ..series(
                one["metric"].as_str()?,
                list(&one["pointlist"]).filter_map(point).collect(),
            )
        });
    }
    Some(read(json, found))
}

/// `{"value": [{"name": {"value": ..}, "unit": "Bytes", "timeseries": [{"data": [..]}]}]}`.
pub(super) fn azure(json: &Json<'_>) -> Option<Found> {
    let all = json.value["value"].as_array()?;
    if !all.iter().any(|one| one["timeseries"].is_array()) {
        return None;
    }
    if all.iter().any(|one| one["unit"].as_str() != Some("Bytes")) {
        return Some(Found::refused(1, NOT_BYTES));
    }
    let mut found = Vec::new();
    for one in all {
        let name = one["name"]["value"].as_str()?;
        for times in list(&one["timeseries"]) {
            let point = |p: &Value| {
                let value = p["average"].as_f64().or_else(|| p["maximum"].as_f64())?;
                Some((Time::find(p["timeStamp"].as_str()?)?, value))
            };
            let of = |m: &Value| {
                let name = m["name"]["value"].as_str()?.to_ascii_lowercase();
                Some((label(&name), m["value"].as_str()?.to_owned()))
            };
            found.push(Series {
                labels: list(&times["metadatavalues"]).filter_map(of).collect(),
                ..series(name, list(&times["data"]).filter_map(point).collect())
            });
        }
    }
    Some(read(json, found))
}

fn series(name: &str, points: Vec<(Time, f64)>) -> Series<'_> {
    Series {
        name,
        labels: BTreeMap::new(),
        points,
    }
}

/// The label's name as Prometheus has it.
fn label(name: &str) -> String {
    match name {
        "kube_container_name" => "container",
        "kube_namespace" => "namespace",
        "podname" => "pod",
        other => other,
    }
    .to_owned()
}

fn read(json: &Json<'_>, all: Vec<Series<'_>>) -> Found {
    let mut samples = Vec::new();
    for mut one in all {
        // CloudWatch answers in no order.
        one.points.sort_by_key(|(time, _)| *time);
        let last = one.points.iter().skip(1).last();
        for (time, value) in one.points.first().into_iter().chain(last) {
            samples.push(Sample {
                name: one.name.to_owned(),
                labels: one.labels.clone(),
                value: *value,
                time: Some(*time),
                line: json.line,
            });
        }
    }
    let facts = metrics::facts_of(&samples);
    match facts.is_empty() {
        true => Found::refused(1, UNKNOWN),
        false => Found::new(1, facts),
    }
}

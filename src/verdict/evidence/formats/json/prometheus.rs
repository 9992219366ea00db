//! The answer of a Prometheus query (`/api/v1/query` or `/api/v1/query_range`), also of VictoriaMetrics, Thanos and Mimir.
//!
//! Of a range the first and the last sample are taken. A query such as `sum by (container) (..)` drops the metric's name: then the query in
//! the command above says what it is; without it only whole numbers as large as the memory of a program are taken, as working sets.

use super::super::super::{Context, Found, Time};
use super::super::metrics::{self, Sample};
use super::{Json, list};
use crate::heap::privacy::label;
use crate::verdict::clean_name;
use serde_json::Value;
use std::collections::BTreeMap;

const NOT_BYTES: &str = "values that are no bytes of memory (a rate, percent or share): query container_memory_working_set_bytes, with the metric's name";
const UNKNOWN: &str = "metrics that are no memory of a container or JVM: query container_memory_working_set_bytes or process_resident_memory_bytes";
/// Smaller numbers are shares, rates and counts; no program runs in less.
const SMALLEST: f64 = (1u64 << 20) as f64;

pub(super) fn read(json: &Json<'_>) -> Option<Found> {
    let reply = json.value;
    let status = reply["status"].as_str()?;
    let is_reply = reply["data"]["resultType"].is_string() || reply["errorType"].is_string();
    if !is_reply {
        return None;
    }
    if status != "success" {
        let error = reply["error"].as_str().unwrap_or("no message");
        return Some(Found::broken(
            1,
            json.line,
            format!("the query failed: {}", clean_name(&label("", error))),
        ));
    }
    let series: Vec<&Value> = list(&reply["data"]["result"]).collect();
    let lines = lines_of_series(json, series.len());
    let mut found = Found::default();
    let mut samples = Vec::new();
    let mut dropped = false;
    for (one, line) in series.iter().zip(lines) {
        let labels = labels_of(&one["metric"]);
        let points = points(one);
        let name = match labels.get("__name__") {
            Some(name) => Some(name.clone()),
            None => {
                let name = dropped_name(&labels, &points, json.here.context);
                dropped |= name.is_none();
                name
            }
        };
        let Some(name) = name else { continue };
        if !labels.contains_key("__name__") {
            let note = format!("the query drops the metric's name: taken as {name}");
            if !found.left_out.contains(&note) {
                found.left_out.push(note);
            }
        }
        samples.extend(points.into_iter().map(|(time, value)| Sample {
            name: name.clone(),
            labels: labels.clone(),
            value,
            time,
            line,
        }));
    }
    found.readings = metrics::facts_of(&samples);
    if found.readings.is_empty() {
        return Some(Found::refused(1, if dropped { NOT_BYTES } else { UNKNOWN }));
    }
    Some(found)
}

fn labels_of(metric: &Value) -> BTreeMap<String, String> {
    let entries = metric.as_object().into_iter().flatten();
    entries
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The first and the last sample that is a number.
fn points(series: &Value) -> Vec<(Option<Time>, f64)> {
    let mut all = list(&series["values"])
        .chain(Some(&series["value"]))
        .filter_map(|sample| {
            let time = sample.get(0)?.as_f64()?;
            // A text, because JSON has no NaN.
            let value: f64 = sample.get(1)?.as_str()?.parse().ok()?;
            value
                .is_finite()
                .then_some((Time::since_epoch(time), value))
        });
    let first = all.next();
    let last = all.last();
    first.into_iter().chain(last).collect()
}

/// What a series without a name is.
fn dropped_name(
    labels: &BTreeMap<String, String>,
    points: &[(Option<Time>, f64)],
    context: &Context,
) -> Option<String> {
    let query = context.command.as_deref().unwrap_or("");
    if ["rate(", "increase(", "deriv(", "delta(", "predict_linear("]
        .iter()
        .any(|f| query.contains(f))
    {
        return None;
    }
    let whole =
        points.iter().all(|(_, v)| v.fract() == 0.0) && points.iter().any(|(_, v)| *v >= SMALLEST);
    if !whole {
        return None;
    }
    let in_query = query
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|word| metrics::is_known(word));
    if let Some(name) = in_query {
        return Some(name.to_owned());
    }
    let has = |names: &[&str]| {
        names
            .iter()
            .any(|n| labels.get(*n).is_some_and(|v| !v.is_empty()))
    };
    if has(&["area", "jvm_memory_type"]) {
        return Some("jvm_memory_used_bytes".to_owned());
    }
    has(&["container", "container_name"]).then(|| "container_memory_working_set_bytes".to_owned())
}

/// The line where each of `count` series begins; the first line of the value where that cannot be found out.
fn lines_of_series(json: &Json<'_>, count: usize) -> Vec<u64> {
    let lines: Vec<u64> = (json.line..)
        .zip(json.text.lines())
        .flat_map(|(number, l)| std::iter::repeat_n(number, l.matches("\"metric\"").count()))
        .collect();
    if lines.len() == count {
        lines
    } else {
        vec![json.line; count]
    }
}

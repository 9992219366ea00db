//! The answer of a Prometheus query (`/api/v1/query` or `/api/v1/query_range`) of `container_memory_*` or `container_spec_memory_limit_bytes`
//! by container.
//!
//! Of a range the first and the last sample are taken. Series of the whole pod (`container=""`) and of the pause container (`POD`)
//! would count memory twice and are left out.

use super::super::clean_name;
use super::{Document, Facts, Format, Malformed, Quantity, Resident, Subject};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    name: "Prometheus",
    recognises: |document| {
        let start = document.text().trim_start();
        start.starts_with('{')
            && start.contains("\"status\"")
            && (start.contains("\"resultType\"") || start.contains("\"errorType\""))
    },
    parse,
};

#[derive(Deserialize)]
struct Reply {
    status: String,
    error: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    value: Option<Sample>,
    values: Option<Vec<Sample>>,
}

/// Time and value; the value is a string because JSON has no NaN.
#[derive(Deserialize)]
struct Sample(
    #[allow(dead_code, reason = "the samples are in order of time")] f64,
    String,
);

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let reply: Reply = serde_json::from_str(document.text())
        .map_err(|error| Malformed::new(error.line() as u64, error.to_string()))?;
    if reply.status != "success" {
        let error = reply.error.unwrap_or_else(|| "no message".to_owned());
        return Err(Malformed::new(
            1,
            format!("the query failed: {}", clean_name(&error)),
        ));
    }
    let series = reply.data.map(|d| d.result).unwrap_or_default();
    let lines = lines_of_series(document, series.len());
    let mut facts = Facts::new();
    for (one, line) in series.iter().zip(lines) {
        let Some(quantity) = quantity_of(one) else {
            continue;
        };
        let samples = one.values.iter().flatten().chain(&one.value);
        let mut numbers = samples.filter_map(|s| bytes_of(&s.1));
        let first = numbers.next();
        let last = numbers.next_back();
        for bytes in first.into_iter().chain(last) {
            if quantity != Quantity::Limit || bytes > 0 {
                facts.push((quantity.clone(), bytes, subject_of(&one.metric), line));
            }
        }
    }
    if facts.is_empty() {
        return Err(Malformed::new(
            1,
            "no series of container_memory_* by container (labels `container` or `container_name`)",
        ));
    }
    Ok(facts)
}

/// The line where each of `count` series begins; 1 where that cannot be told.
fn lines_of_series(document: &Document, count: usize) -> Vec<u64> {
    let lines: Vec<u64> = document
        .lines()
        .flat_map(|(number, l)| std::iter::repeat_n(number, l.matches("\"metric\"").count()))
        .collect();
    if lines.len() == count {
        lines
    } else {
        vec![1; count]
    }
}

/// What a series measures; a query such as `sum by (container) (..)` drops the name and is taken for a working set.
fn quantity_of(series: &Series) -> Option<Quantity> {
    container_of(&series.metric)?;
    Some(match series.metric.get("__name__").map(String::as_str) {
        Some("container_memory_rss") => Quantity::Resident(Resident::Anonymous),
        Some("container_memory_working_set_bytes") | None => {
            Quantity::Resident(Resident::WorkingSet)
        }
        Some("container_memory_usage_bytes") => Quantity::Resident(Resident::Usage),
        Some("container_spec_memory_limit_bytes") => Quantity::Limit,
        Some(_) => return None,
    })
}

/// The container's name; older kubelets write `container_name`.
fn container_of(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels
        .get("container")
        .or_else(|| labels.get("container_name"))
        .map(String::as_str)
        .filter(|name| !name.is_empty() && *name != "POD")
}

fn subject_of(labels: &BTreeMap<String, String>) -> Subject {
    Subject {
        pod: labels
            .get("pod")
            .or_else(|| labels.get("pod_name"))
            .map(|p| clean_name(p)),
        container: container_of(labels).map(clean_name),
        // The path of the cgroup: another one after a restart of the container.
        process: labels.get("id").map(|id| clean_name(id)),
    }
}

/// Bytes of a sample, `None` for NaN and infinities.
fn bytes_of(value: &str) -> Option<i64> {
    let number: f64 = value.parse().ok()?;
    // 2^62 is far above any memory and exact in both types.
    (number.is_finite() && (0.0..4.6e18).contains(&number)).then_some(number as i64)
}

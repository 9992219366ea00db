//! JSON of Kubernetes, container engines, Prometheus, OpenTelemetry, clouds and Spring Boot: which of them it is, its shape tells.

mod actuator;
mod cadvisor;
mod cloud;
mod containers;
mod docker;
mod gauges;
mod kubernetes;
mod otlp;
mod prometheus;

use super::super::{Found, Here, Line};
use super::{Format, Letters};
use serde_json::Value;

pub(super) const FORMAT: Format = Format {
    name: "JSON",
    letters: &[Letters::of("{"), Letters::of("[")],
    read,
};

/// The largest value that is read, in bytes: in memory it takes several times as much.
const MAX_BYTES: usize = 16 << 20;
/// Lines without their shape would say nothing.
const UNKNOWN: &str = "JSON of no known shape: known are PodMetrics, pods, the kubelet's summary, stats of docker, crictl and ECS, Prometheus, Actuator, OpenTelemetry, CloudWatch, Datadog, Azure Monitor, cAdvisor, gauges of Dropwizard, MicroProfile and Jolokia";

/// A value and where it begins.
pub(super) struct Json<'a> {
    pub value: &'a Value,
    pub line: u64,
    /// The text, for the lines of parts of it.
    pub text: &'a str,
    pub here: &'a Here<'a>,
}

/// The name of a shape, and how it is read.
type Shape = (&'static str, fn(&Json<'_>) -> Option<Found>);

/// What shapes there are.
const SHAPES: &[Shape] = &[
    ("Prometheus", prometheus::read),
    ("kubectl PodMetrics", kubernetes::pod_metrics),
    ("kubectl get pod", kubernetes::pods),
    ("kubelet summary", containers::kubelet_summary),
    ("crictl stats", containers::crictl),
    ("docker stats", docker::command_line),
    ("docker API stats", docker::engine),
    ("docker inspect", docker::inspect),
    ("ECS task metadata", docker::task_metadata),
    ("Spring Boot Actuator", actuator::metric),
    ("CloudWatch", cloud::cloud_watch),
    ("Datadog", cloud::datadog),
    ("Azure Monitor", cloud::azure),
    ("OpenTelemetry", otlp::read),
    ("cAdvisor", cadvisor::read),
    ("JVM metrics", gauges::read),
];

fn read(here: &Here<'_>) -> Option<Found> {
    if !begins(here.first().text) {
        return None;
    }
    let Some((lines, text)) = extent(here.lines) else {
        let last = here.lines.last().map_or(1, |l| l.number);
        return Some(Found::broken(
            here.lines.len(),
            last,
            "the JSON ends before its last bracket (cut off?), or is too large",
        ));
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(value) => Some(shaped(here, &value, &text, lines)),
        Err(error) => {
            let line = here.first().number + error.line() as u64 - 1;
            Some(Found::broken(lines, line, error.to_string()))
        }
    }
}

/// Reads `value`, whatever it is; also used for YAML.
pub(super) fn shaped(here: &Here<'_>, value: &Value, text: &str, lines: usize) -> Found {
    let json = Json {
        value,
        line: here.first().number,
        text,
        here,
    };
    for (kind, read) in SHAPES {
        if let Some(found) = read(&json) {
            return Found {
                lines,
                kind: Some(kind),
                ..found
            };
        }
    }
    Found::refused(lines, UNKNOWN)
}

/// Whether a JSON value begins in a line: `{"`, `[{`, or a bracket alone.
fn begins(line: &str) -> bool {
    let line = line.trim_start();
    match line.strip_prefix('{') {
        Some(rest) => rest.is_empty() || rest.starts_with(['"', ' ', '}']),
        None => line == "[" || line.starts_with("[{"),
    }
}

/// How many lines the value takes, and its text; `None` when it does not end, or is too large.
fn extent(lines: &[Line<'_>]) -> Option<(usize, String)> {
    let mut text = String::new();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, line) in lines.iter().enumerate() {
        let left = MAX_BYTES - text.len();
        for (offset, b) in line.text.bytes().take(left).enumerate() {
            match b {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 && matches!(b, b'}' | b']') && !in_string {
                text.push_str(&line.text[..=offset]);
                return Some((at + 1, text));
            }
        }
        if line.text.len() >= left {
            return None;
        }
        text.push_str(line.text);
        text.push('\n');
    }
    None
}

/// A number of bytes, as a number, in quotes, or in an object with `value`.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Object(map) => number(map.get("value")?),
        other => other
            .as_u64()
            .or_else(|| super::metrics::bytes_of(other.as_f64()?)),
    }
}

/// A text that says something.
pub(super) fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(crate::verdict::clean_name)
}

/// The elements of a list; nothing of what is none.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

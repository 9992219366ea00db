//! Objects of the Kubernetes API: `PodMetrics` of the metrics server, and pods with limits, restarts and why a container ended.

use super::super::super::{Evidence, Found, Quantity, Resident, Subject, Time};
use super::{Json, list, text};
use crate::verdict::size;
use serde_json::Value;

const NODES: &str = "memory of nodes, not of a pod: take `kubectl top pod POD --containers`";

/// The objects of a list, or the one object; only those of `kind`.
fn objects<'a>(value: &'a Value, kind: &str) -> Option<Vec<&'a Value>> {
    let is = |v: &Value| v["kind"].as_str() == Some(kind);
    if is(value) {
        return Some(vec![value]);
    }
    let list_kind = value["kind"].as_str()?;
    let items = value["items"].as_array()?;
    let of_kind = list_kind.strip_suffix("List") == Some(kind)
        || (list_kind == "List" && items.first().is_some_and(is));
    of_kind.then(|| items.iter().collect())
}

/// `kubectl get podmetrics -o json`, `kubectl get --raw /apis/metrics.k8s.io/v1beta1/..`.
pub(super) fn pod_metrics(json: &Json<'_>) -> Option<Found> {
    if objects(json.value, "NodeMetrics").is_some() {
        return Some(Found::refused(1, NODES));
    }
    let mut readings = Vec::new();
    for pod in objects(json.value, "PodMetrics")? {
        let time = pod["timestamp"].as_str().and_then(Time::find);
        for container in list(&pod["containers"]) {
            let bytes = container["usage"]["memory"]
                .as_str()
                .and_then(|m| size::parse(m).ok());
            let Some(bytes) = bytes else { continue };
            let fact = Evidence::new(Quantity::Resident(Resident::WorkingSet), bytes, json.line);
            readings.push(fact.of(&subject(pod, container)).at(time));
        }
    }
    Some(found(json, readings))
}

fn found(json: &Json<'_>, readings: Vec<Evidence>) -> Found {
    if readings.is_empty() {
        return Found::broken(1, json.line, "no container with its memory is listed");
    }
    Found::new(1, readings)
}

fn subject(pod: &Value, container: &Value) -> Subject {
    Subject {
        namespace: text(&pod["metadata"]["namespace"]),
        pod: text(&pod["metadata"]["name"]),
        container: text(&container["name"]),
        ..Subject::default()
    }
}

/// `kubectl get pod -o json`.
pub(super) fn pods(json: &Json<'_>) -> Option<Found> {
    let pods = objects(json.value, "Pod")?;
    let mut readings = Vec::new();
    for pod in pods {
        for container in
            list(&pod["spec"]["containers"]).chain(list(&pod["spec"]["initContainers"]))
        {
            let limit = &container["resources"]["limits"]["memory"];
            let bytes = limit
                .as_str()
                .and_then(|m| size::parse(m).ok())
                .or(limit.as_u64());
            let fact = bytes.map(|b| Evidence::new(Quantity::Limit, b, json.line));
            readings.extend(fact.map(|f| f.of(&subject(pod, container))));
        }
        let status = &pod["status"];
        for container in
            list(&status["containerStatuses"]).chain(list(&status["initContainerStatuses"]))
        {
            readings.extend(status_of(pod, container, json.line));
        }
    }
    if readings.is_empty() {
        return Some(Found::refused(
            1,
            "pods without limits and restarts: take `kubectl top pod POD --containers`",
        ));
    }
    Some(Found::new(1, readings))
}

/// Restarts of a container, and whether the kernel ended it.
fn status_of(pod: &Value, container: &Value, line: u64) -> Vec<Evidence> {
    let subject = Subject {
        life: text(&container["containerID"]),
        ..subject(pod, container)
    };
    let restarts = container["restartCount"].as_u64();
    let restarts =
        restarts.map(|count| Evidence::new(Quantity::Restarts, count, line).of(&subject));
    let killed = ["state", "lastState"].into_iter().filter_map(|key| {
        let ended = &container[key]["terminated"];
        let time = ended["finishedAt"].as_str().and_then(Time::find);
        (ended["reason"].as_str() == Some("OOMKilled")).then(|| {
            Evidence::new(Quantity::OomKilled, 1, line)
                .of(&subject)
                .at(time)
        })
    });
    restarts.into_iter().chain(killed).collect()
}

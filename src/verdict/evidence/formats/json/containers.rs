//! Memory of containers as the kubelet (`/stats/summary`) and the container runtime (`crictl stats -o json`) tell it.

use super::super::super::{Evidence, Found, Quantity, Resident, Subject, Time};
use super::{Json, list, number, text};
use serde_json::Value;

/// The sizes of a container: usage, working set, anonymous memory, and the limit as working set plus what is available.
fn sizes(memory: &Value, subject: &Subject, time: Option<Time>, line: u64) -> Vec<Evidence> {
    let of = |key: &str| number(&memory[key]);
    let working = of("workingSetBytes");
    let available = of("availableBytes").filter(|b| *b > 0);
    let limit = working.zip(available).and_then(|(w, a)| w.checked_add(a));
    let fact = |quantity, bytes: Option<u64>| {
        Some(Evidence::new(quantity, bytes?, line).of(subject).at(time))
    };
    [
        fact(Quantity::Resident(Resident::WorkingSet), working),
        fact(
            Quantity::Resident(Resident::Usage),
            of("usageBytes").filter(|b| *b > 0),
        ),
        fact(
            Quantity::Resident(Resident::Anonymous),
            of("rssBytes").filter(|b| *b > 0),
        ),
        fact(Quantity::Limit, limit),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The kubelet's `/stats/summary`; what it says of the node and of whole pods are sums.
pub(super) fn kubelet_summary(json: &Json<'_>) -> Option<Found> {
    let pods = json.value["pods"].as_array()?;
    pods.first().filter(|p| p["podRef"].is_object())?;
    let mut readings = Vec::new();
    for pod in pods {
        for container in list(&pod["containers"]) {
            let memory = &container["memory"];
            let subject = Subject {
                namespace: text(&pod["podRef"]["namespace"]),
                pod: text(&pod["podRef"]["name"]),
                container: text(&container["name"]),
                life: text(&container["startTime"]),
                ..Subject::default()
            };
            let time = memory["time"].as_str().and_then(Time::find);
            readings.extend(sizes(memory, &subject, time, json.line));
        }
    }
    let note = json.value["node"]
        .is_object()
        .then(|| "the sums of the node and of whole pods".to_owned());
    Some(Found::new(1, readings).without(note))
}

/// `crictl stats -o json`.
pub(super) fn crictl(json: &Json<'_>) -> Option<Found> {
    let stats = json.value["stats"].as_array()?;
    stats.first().filter(|s| s["attributes"].is_object())?;
    let mut readings = Vec::new();
    for one in stats {
        let attributes = &one["attributes"];
        let label = |key: &str| text(&attributes["labels"][key]);
        let subject = Subject {
            namespace: label("io.kubernetes.pod.namespace"),
            pod: label("io.kubernetes.pod.name"),
            container: label("io.kubernetes.container.name")
                .or_else(|| text(&attributes["metadata"]["name"])),
            life: text(&attributes["id"]),
            ..Subject::default()
        };
        let memory = &one["memory"];
        let time = number(&memory["timestamp"]).and_then(|t| Time::since_epoch(t as f64));
        readings.extend(sizes(memory, &subject, time, json.line));
    }
    Some(Found::new(1, readings))
}

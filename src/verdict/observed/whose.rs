//! Which container and which process are the JVM's, when nobody said it.
//!
//! A container is the JVM's when the user names it; else among those of the dump's own pod, those that can hold its heap: the one that a
//! JVM's evidence is about, else the only one that is no well-known sidecar. A process is the JVM's by its name, or by the PID of a JVM's
//! evidence. Where several remain, none is taken.

use super::{Container, Known};
use crate::verdict::clean_name;
use crate::verdict::evidence::{Evidence, Quantity, Resident, Subject};
use std::collections::BTreeSet;

/// Names of well-known sidecar containers, none of which runs a JVM: matched as the whole name. `vector-search` is an application.
const SIDECARS: &[&str] = &[
    "fluent-bit",
    "fluentbit",
    "fluentd",
    "filebeat",
    "promtail",
    "vector",
    "istio-proxy",
    "istio-init",
    "envoy",
    "linkerd-proxy",
    "linkerd-init",
    "vault-agent",
    "vault-agent-init",
    "otc-container",
    "otel-collector",
    "opentelemetry-collector",
    "datadog-agent",
    "cloudsql-proxy",
    "cloud-sql-proxy",
    "nginx",
    "oauth2-proxy",
    "config-reloader",
    "statsd-exporter",
    "node-exporter",
    "newrelic-infra",
    "aws-otel-collector",
    "grafana-agent",
    "alloy",
    "telegraf",
    "consul-connect-envoy-sidecar",
    "daprd",
    "log_router",
];

/// Names of processes that are JVMs.
const JVMS: &[&str] = &["java", "javaw", "jsvc", "java.exe"];

/// What was found of whose the evidence is.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The JVM's container: its place.
    pub jvm: Option<usize>,
    /// Why the user's choice does not fit.
    pub contradiction: Option<String>,
    /// What has to be said.
    pub note: Option<String>,
}

/// The JVM's container.
pub(super) fn container(
    containers: &[Container],
    evidence: &[Evidence],
    known: &Known<'_>,
) -> Found {
    if let Some(name) = known.container {
        return match named(containers, name, known.pod) {
            Ok(jvm) => Found {
                note: jvm.and_then(|at| in_another_pod(&containers[at], known.pod)),
                jvm,
                ..Found::default()
            },
            Err(why) => Found {
                contradiction: Some(why),
                ..Found::default()
            },
        };
    }
    let mut candidates: Vec<usize> = (0..containers.len()).collect();
    if let Some(pod) = known.pod {
        let is_own = |at: &usize| {
            containers[*at]
                .pod
                .as_deref()
                .is_none_or(|p| same_pod(p, pod))
        };
        if !candidates.is_empty() && !candidates.iter().any(is_own) {
            return Found {
                note: in_another_pod(&containers[0], known.pod),
                ..Found::default()
            };
        }
        candidates.retain(is_own);
    }
    let holds_heap = |c: &Container| {
        c.limit
            .is_none_or(|l| u64::try_from(l).unwrap_or(0) >= known.live_bytes)
    };
    candidates.retain(|at| holds_heap(&containers[*at]));
    let with_jvm = jvm_places(evidence);
    let shown: Vec<usize> = candidates
        .iter()
        .copied()
        .filter(|at| {
            with_jvm
                .iter()
                .any(|place| is_place(&containers[*at], place))
        })
        .collect();
    if shown.is_empty() {
        candidates.retain(|at| !SIDECARS.contains(&containers[*at].name.as_str()));
    } else {
        candidates = shown;
    }
    Found {
        jvm: match candidates[..] {
            [only] => Some(only),
            _ => None,
        },
        ..Found::default()
    }
}

/// Containers that evidence of a JVM, or a process of its name, is about.
fn jvm_places(evidence: &[Evidence]) -> BTreeSet<&Subject> {
    evidence
        .iter()
        .filter(|e| e.quantity.is_of_jvm() || e.subject.process.as_deref().is_some_and(is_jvm_name))
        .map(|e| &e.subject)
        .filter(|s| s.container.is_some())
        .collect()
}

/// Whether a subject is in a container.
pub(super) fn is_place(container: &Container, subject: &Subject) -> bool {
    let fits = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    subject.container.as_deref() == Some(container.name.as_str())
        && fits(&subject.pod, &container.pod)
        && fits(&subject.namespace, &container.namespace)
}

/// Whether two names are of one pod: a host name holds 63 letters at most.
pub(super) fn same_pod(pod: &str, host: &str) -> bool {
    pod == host || (host.len() == 63 && pod.starts_with(host))
}

fn in_another_pod(container: &Container, pod: Option<&str>) -> Option<String> {
    let other = container
        .pod
        .as_deref()
        .filter(|p| pod.is_some_and(|own| !same_pod(p, own)))?;
    Some(format!(
        "the evidence is about the pod `{other}`, another pod than the one of the dump (by its host name)"
    ))
}

fn is_jvm_name(name: &str) -> bool {
    JVMS.contains(&name)
}

/// The processes whose resident set may be the JVM's, and what has to be said.
pub(super) fn process(evidence: &[Evidence]) -> (BTreeSet<Option<String>>, Option<String>) {
    let of_jvm: BTreeSet<&str> = evidence
        .iter()
        .filter(|e| e.quantity.is_of_jvm())
        .filter_map(|e| e.subject.pid.as_deref())
        .collect();
    let resident = || {
        evidence
            .iter()
            .filter(|e| e.quantity == Quantity::Resident(Resident::Process))
    };
    let may_be = |e: &&Evidence| {
        let name = e.subject.process.as_deref();
        name.is_none_or(is_jvm_name) || e.subject.pid.as_deref().is_some_and(|p| of_jvm.contains(p))
    };
    // What the kernel killed is gone: it counts when nothing else is known.
    let is_past = |e: &&Evidence| e.source.format == "kernel log";
    let mut found: BTreeSet<Option<String>> = resident()
        .filter(may_be)
        .filter(|e| !is_past(e))
        .map(|e| e.subject.pid.clone())
        .collect();
    if found.is_empty() {
        found = resident()
            .filter(may_be)
            .map(|e| e.subject.pid.clone())
            .collect();
    }
    let named = || found.iter().flatten();
    if named().count() > 1 {
        let proven: BTreeSet<Option<String>> = named()
            .filter(|pid| of_jvm.contains(pid.as_str()))
            .map(|pid| Some(pid.clone()))
            .collect();
        if proven.len() == 1 {
            return (proven, None);
        }
        let list: Vec<&str> = named().take(8).map(String::as_str).collect();
        let note = format!(
            "several processes may be the JVM of the dump (PID {}): none is taken; give the evidence of one, or --rss",
            list.join(", ")
        );
        return (BTreeSet::new(), Some(note));
    }
    let note = found.is_empty().then(|| others(resident())).flatten();
    (found, note)
}

/// What is said when all processes are of other programs.
fn others<'a>(resident: impl Iterator<Item = &'a Evidence>) -> Option<String> {
    let names: BTreeSet<&str> = resident
        .filter_map(|e| e.subject.process.as_deref())
        .take(1000)
        .collect();
    let list: Vec<String> = names.iter().take(5).map(|n| format!("`{n}`")).collect();
    (!list.is_empty()).then(|| {
        format!(
            "the process in the evidence is not the JVM's, by its name: {}",
            list.join(", ")
        )
    })
}

/// The place of the container that the user named, as `NAME`, `POD/NAME` or `NAMESPACE/POD/NAME`; `None` when no containers were seen.
pub(super) fn named(
    containers: &[Container],
    name: &str,
    pod: Option<&str>,
) -> Result<Option<usize>, String> {
    let parts: Vec<&str> = name.split('/').collect();
    let is = |c: &Container| match parts[..] {
        [name] => c.name == name,
        [pod, name] => c.name == name && c.pod.as_deref() == Some(pod),
        [space, pod, name] => {
            c.name == name && c.pod.as_deref() == Some(pod) && c.namespace.as_deref() == Some(space)
        }
        _ => false,
    };
    let found: Vec<usize> = (0..containers.len())
        .filter(|at| is(&containers[*at]))
        .collect();
    let own: Vec<usize> = found
        .iter()
        .copied()
        .filter(|at| {
            containers[*at]
                .pod
                .as_deref()
                .zip(pod)
                .is_some_and(|(p, own)| same_pod(p, own))
        })
        .collect();
    let shown = clean_name(name);
    match (&found[..], &own[..]) {
        ([one], _) | (_, [one]) => Ok(Some(*one)),
        ([], _) if containers.is_empty() => Ok(None),
        ([], _) => Err(format!(
            "no evidence is about the container `{shown}`; there is {}",
            list(containers)
        )),
        _ => Err(format!(
            "several pods have a container `{shown}`: say which with --container POD/{shown}"
        )),
    }
}

/// The names of the containers, as `--container` takes them.
fn list(containers: &[Container]) -> String {
    let several = containers.iter().any(|c| c.pod != containers[0].pod);
    let mut names: Vec<String> = containers
        .iter()
        .map(|c| match &c.pod {
            Some(pod) if several => format!("`{pod}/{}`", c.name),
            _ => format!("`{}`", c.name),
        })
        .collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(12);
    names.truncate(12);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", names.join(", "))
}

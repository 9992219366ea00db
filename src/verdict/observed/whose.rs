//! Which container and which process are the JVM's, when nobody said it.
//!
//! A container is the JVM's when the user names it; else among those of the dump's own pod, those that can hold its heap: the one that a
//! JVM's evidence is about, else the only one that is no well-known sidecar. A process is the JVM's by its name, or by the PID of a JVM's
//! evidence. Where several remain, none is taken.

use super::Known;
use crate::verdict::clean_name;
use crate::verdict::evidence::{Evidence, Quantity, Resident, Subject};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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
    "POD",
];

/// Whether a container is a well-known sidecar. Where no pod is known, docker made the name, and it ends with the container's: `shop-fluent-bit-1`
/// of compose, `ecs-shop-3-datadog-agent-b0d1c2` of ECS.
pub(super) fn is_sidecar(pod: Option<&str>, name: &str) -> bool {
    if pod.is_some() {
        return SIDECARS.contains(&name);
    }
    let is_hexadecimal =
        |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = match name.rsplit_once(['-', '_']) {
        Some((name, end))
            if is_hexadecimal(end) && end.bytes().any(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => name,
    };
    let ends = |sidecar: &&str| {
        let before = name.strip_suffix(*sidecar);
        before.is_some_and(|before| before.is_empty() || before.ends_with(['-', '_', '/']))
    };
    SIDECARS.iter().any(ends)
}

/// Names of processes that are JVMs.
const JVMS: &[&str] = &["java", "javaw", "jsvc", "java.exe"];

/// A container that any evidence names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The namespace of its pod.
    pub namespace: Option<String>,
    /// Its pod.
    pub pod: Option<String>,
    /// Its name.
    pub name: String,
    /// Its limit in bytes.
    limit: Option<i64>,
}

impl Place {
    /// Whether a subject is in it, as far as both say.
    pub fn has(&self, subject: &Subject) -> bool {
        let fits = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        subject.container.as_deref() == Some(self.name.as_str())
            && fits(&subject.pod, &self.pod)
            && fits(&subject.namespace, &self.namespace)
    }
}

/// The containers that evidence names.
pub(super) fn places(evidence: &[Evidence]) -> Vec<Place> {
    type Key<'e> = (Option<&'e str>, Option<&'e str>, &'e str);
    let mut found: BTreeMap<Key, Option<i64>> = BTreeMap::new();
    for fact in evidence {
        let subject = &fact.subject;
        let Some(name) = subject.container.as_deref() else {
            continue;
        };
        let key = (subject.namespace.as_deref(), subject.pod.as_deref(), name);
        let limit = found.entry(key).or_default();
        if fact.quantity == Quantity::Limit {
            *limit = Some(fact.bytes);
        }
    }
    let place = |((namespace, pod, name), limit): (Key, Option<i64>)| Place {
        namespace: namespace.map(str::to_owned),
        pod: pod.map(str::to_owned),
        name: name.to_owned(),
        limit,
    };
    found.into_iter().map(place).collect()
}

/// `evidence` with the namespace of a pod where another text says it, and only one.
pub(super) fn with_namespaces(evidence: &[Evidence]) -> Cow<'_, [Evidence]> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for subject in evidence.iter().map(|e| &e.subject) {
        if let (Some(pod), Some(namespace)) = (&subject.pod, &subject.namespace) {
            known.entry(pod).or_default().insert(namespace);
        }
    }
    let missing = |s: &Subject| {
        s.namespace.is_none() && s.pod.as_deref().is_some_and(|p| known.contains_key(p))
    };
    if !evidence.iter().any(|e| missing(&e.subject)) {
        return Cow::Borrowed(evidence);
    }
    let fill = |fact: &Evidence| {
        let mut fact = fact.clone();
        let spaces = fact.subject.pod.as_deref().and_then(|p| known.get(p));
        if fact.subject.namespace.is_none()
            && let Some(only) = spaces.filter(|s| s.len() == 1).and_then(BTreeSet::first)
        {
            fact.subject.namespace = Some((*only).to_owned());
        }
        fact
    };
    Cow::Owned(evidence.iter().map(fill).collect())
}

/// What was found of whose the evidence is.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The JVM's container.
    pub jvm: Option<Place>,
    /// Why the user's choice does not fit.
    pub contradiction: Option<String>,
    /// What has to be said.
    pub note: Option<String>,
}

/// The JVM's container.
pub(super) fn container(evidence: &[Evidence], known: &Known<'_>) -> Found {
    let places = places(evidence);
    if let Some(name) = known.container {
        return match named(&places, name, known.pod) {
            Ok(jvm) => Found {
                note: jvm.and_then(|place| in_another_pod(place, known.pod)),
                jvm: jvm.cloned(),
                ..Found::default()
            },
            Err(why) => Found {
                contradiction: Some(why),
                ..Found::default()
            },
        };
    }
    let mut candidates: Vec<&Place> = places.iter().collect();
    if let Some(pod) = known.pod {
        let is_own = |place: &&Place| place.pod.as_deref().is_none_or(|p| same_pod(p, pod));
        if !candidates.is_empty() && !candidates.iter().any(is_own) {
            return Found {
                note: in_another_pod(candidates[0], known.pod),
                ..Found::default()
            };
        }
        candidates.retain(is_own);
    }
    let holds_heap = |place: &Place| {
        place
            .limit
            .is_none_or(|l| u64::try_from(l).unwrap_or(0) >= known.live_bytes)
    };
    candidates.retain(|place| holds_heap(place));
    let of_jvms = of_jvms(evidence);
    let shown: Vec<&Place> = candidates
        .iter()
        .copied()
        .filter(|place| of_jvms.iter().any(|subject| place.has(subject)))
        .collect();
    if shown.is_empty() {
        candidates.retain(|place| !is_sidecar(place.pod.as_deref(), &place.name));
    } else {
        candidates = shown;
    }
    Found {
        jvm: match candidates[..] {
            [only] => Some(only.clone()),
            _ => None,
        },
        ..Found::default()
    }
}

/// Containers that evidence of a JVM, or a process of its name, is about.
fn of_jvms(evidence: &[Evidence]) -> BTreeSet<&Subject> {
    evidence
        .iter()
        .filter(|e| e.quantity.is_of_jvm() || e.subject.process.as_deref().is_some_and(is_jvm_name))
        .map(|e| &e.subject)
        .filter(|s| s.container.is_some())
        .collect()
}

/// Whether two names are of one pod: a host name holds 63 letters at most.
pub(super) fn same_pod(pod: &str, host: &str) -> bool {
    pod == host || (host.len() == 63 && pod.starts_with(host))
}

fn in_another_pod(place: &Place, pod: Option<&str>) -> Option<String> {
    let is_other = |p: &&str| pod.is_some_and(|own| !same_pod(p, own));
    let other = place.pod.as_deref().filter(is_other)?;
    Some(format!(
        "the evidence is about the pod `{other}`, another pod than the dump's (by its host name)"
    ))
}

/// Whether a process called `name` is a JVM.
pub(super) fn is_jvm_name(name: &str) -> bool {
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
            "several processes may be the JVM of the dump (PID {}): none is used; give the evidence of one, or --rss",
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

/// Whether evidence of JVMs or of processes is of several targets, none of which is known to be the dump's.
pub(super) fn several_targets(evidence: &[Evidence], pod: Option<&str>) -> bool {
    let is_own = |s: &Subject| match (s.pod.as_deref(), pod) {
        (Some(p), Some(own)) => same_pod(p, own),
        _ => true,
    };
    let targets = |e: &Evidence| {
        let s = &e.subject;
        (
            s.namespace.clone(),
            s.pod.clone(),
            s.container.clone(),
            s.instance.clone(),
        )
    };
    let places: BTreeSet<_> = evidence
        .iter()
        .filter(|e| e.quantity.is_of_jvm() || e.quantity == Quantity::Resident(Resident::Process))
        .filter(|e| is_own(&e.subject))
        .map(targets)
        .filter(|t| t.1.is_some() || t.2.is_some() || t.3.is_some())
        .take(10_000)
        .collect();
    places.len() > 1
}

/// What is said when JVMs of different sizes are in the evidence.
pub(super) fn several_jvms(evidence: &[Evidence]) -> Option<String> {
    let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
    for fact in evidence.iter().filter(|e| e.quantity == Quantity::MaxHeap) {
        sizes.extend(fact.subject.pid.as_deref().map(|pid| (pid, fact.bytes)));
    }
    let first = sizes.values().next()?;
    if sizes.values().all(|bytes| bytes == first) {
        return None;
    }
    let pids: Vec<&str> = sizes.keys().copied().take(8).collect();
    Some(format!(
        "the evidence is of several JVMs (PID {}), with different maximum heaps: give the evidence of one",
        pids.join(", ")
    ))
}

/// The container that the user named, as `NAME`, `POD/NAME` or `NAMESPACE/POD/NAME`; `None` when no containers were seen.
pub(super) fn named<'p>(
    places: &'p [Place],
    name: &str,
    pod: Option<&str>,
) -> Result<Option<&'p Place>, String> {
    let parts: Vec<&str> = name.split('/').collect();
    let is = |c: &&Place| match parts[..] {
        [name] => c.name == name,
        [pod, name] => c.name == name && c.pod.as_deref() == Some(pod),
        [space, pod, name] => {
            c.name == name && c.pod.as_deref() == Some(pod) && c.namespace.as_deref() == Some(space)
        }
        _ => false,
    };
    let found: Vec<&Place> = places.iter().filter(is).collect();
    let is_own = |c: &&Place| {
        c.pod
            .as_deref()
            .zip(pod)
            .is_some_and(|(p, own)| same_pod(p, own))
    };
    let own: Vec<&Place> = found.iter().copied().filter(is_own).collect();
    let shown = clean_name(name);
    match (&found[..], &own[..]) {
        ([one], _) | (_, [one]) => Ok(Some(one)),
        ([], _) if places.is_empty() => Ok(None),
        ([], _) => Err(format!(
            "no evidence is about the container `{shown}`; there is {}",
            list(places)
        )),
        _ => Err(format!(
            "several pods have a container `{shown}`: say which with --container POD/{shown}"
        )),
    }
}

/// The names of the containers, as `--container` takes them.
fn list(places: &[Place]) -> String {
    let several = places.iter().any(|c| c.pod != places[0].pod);
    let names: BTreeSet<String> = places
        .iter()
        .map(|c| match &c.pod {
            Some(pod) if several => format!("`{pod}/{}`", c.name),
            _ => format!("`{}`", c.name),
        })
        .collect();
    let shown: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
    let rest = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{rest}", shown.join(", "))
}

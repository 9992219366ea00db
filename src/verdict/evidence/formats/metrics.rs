//! Metrics by their names: cAdvisor, kube-state-metrics, Micrometer, OpenTelemetry, jmx_exporter, client libraries of Prometheus.
//!
//! The name decides what a number is. Pools of one JVM add up to its heap; a pool without a maximum has -1. Whole pods (`container=""`) and
//! the pause container would count memory twice.

use super::super::{Evidence, Quantity, Resident, Subject, Time};
use crate::verdict::clean_name;
use std::collections::{BTreeMap, HashMap};

/// One value of a metric.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
    pub time: Option<Time>,
    pub line: u64,
}

/// Which size of a pool or area of the JVM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    Used,
    Committed,
    Max,
}

/// What a metric measures.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    One(Quantity),
    /// Memory areas or pools of the JVM.
    Area(Pool),
    /// A pool alone: its area has a metric of its own.
    PoolOnly,
    Buffers,
    /// The limits of all resources.
    Limits,
    /// 1 for the reason that it was.
    TerminatedReason,
}

/// What metrics mean, by their names with points, hyphens and colons as underscores.
static METRICS: &[(Meaning, &[&str])] = {
    use Meaning::{Area, Buffers, Limits, One, PoolOnly, TerminatedReason};
    &[
        (
            One(Quantity::Resident(Resident::WorkingSet)),
            &[
                "container_memory_working_set_bytes",
                "container_memory_working_set",
                "pod_memory_working_set",
                "kubernetes_memory_working_set",
                "WorkingSetBytes",
                "MemoryWorkingSet",
            ],
        ),
        (
            One(Quantity::Resident(Resident::Anonymous)),
            &[
                "container_memory_rss",
                "container_memory_rss_bytes",
                "kubernetes_memory_rss",
            ],
        ),
        (
            One(Quantity::Resident(Resident::Usage)),
            &[
                "container_memory_usage_bytes",
                "container_memory_usage",
                "kubernetes_memory_usage",
            ],
        ),
        (
            One(Quantity::Limit),
            &[
                "container_spec_memory_limit_bytes",
                "k8s_container_memory_limit",
                "kubernetes_memory_limits",
                "container_memory_limit",
                "k8s_container_memory_limit_bytes",
                "kube_pod_container_resource_limits_memory_bytes",
            ],
        ),
        (Limits, &["kube_pod_container_resource_limits"]),
        (
            One(Quantity::Restarts),
            &[
                "kube_pod_container_status_restarts_total",
                "k8s_container_restarts",
            ],
        ),
        (
            TerminatedReason,
            &[
                "kube_pod_container_status_last_terminated_reason",
                "kube_pod_container_status_terminated_reason",
            ],
        ),
        (One(Quantity::OomKilled), &["container_oom_events_total"]),
        (
            One(Quantity::Resident(Resident::Process)),
            &[
                "process_resident_memory_bytes",
                "process_memory_usage_bytes",
                "process_memory_usage",
            ],
        ),
        // What Datadog's agent calls the sums of the areas.
        (One(Quantity::HeapUsed), &["jvm_heap_memory"]),
        (One(Quantity::HeapCommitted), &["jvm_heap_memory_committed"]),
        (One(Quantity::MaxHeap), &["jvm_heap_memory_max"]),
        (One(Quantity::NonHeapUsed), &["jvm_non_heap_memory"]),
        // Dropwizard, MicroProfile (with the scope before it, in JSON without the unit), the MBean `Memory`.
        (
            One(Quantity::HeapUsed),
            &[
                "jvm_memory_heap_used",
                "memory_usedHeap",
                "memory_usedHeap_bytes",
                "base_memory_usedHeap_bytes",
                "base_memory_used_heap_bytes",
                "HeapMemoryUsage_used",
            ],
        ),
        (
            One(Quantity::HeapCommitted),
            &[
                "jvm_memory_heap_committed",
                "memory_committedHeap",
                "memory_committedHeap_bytes",
                "base_memory_committedHeap_bytes",
                "base_memory_committed_heap_bytes",
                "HeapMemoryUsage_committed",
            ],
        ),
        (
            One(Quantity::MaxHeap),
            &[
                "jvm_memory_heap_max",
                "memory_maxHeap",
                "memory_maxHeap_bytes",
                "base_memory_maxHeap_bytes",
                "base_memory_max_heap_bytes",
                "HeapMemoryUsage_max",
            ],
        ),
        (
            One(Quantity::NonHeapUsed),
            &[
                "jvm_memory_non_heap_used",
                "memory_usedNonHeap",
                "memory_usedNonHeap_bytes",
                "vendor_memory_usedNonHeap_bytes",
                "NonHeapMemoryUsage_used",
            ],
        ),
        (One(Quantity::DirectUsed), &["jvm_buffers_direct_used"]),
        (
            Area(Pool::Used),
            &[
                "jvm_memory_used_bytes",
                "jvm_memory_bytes_used",
                "jvm_memory_used",
                "process_runtime_jvm_memory_usage_bytes",
                "process_runtime_jvm_memory_usage",
            ],
        ),
        (
            Area(Pool::Committed),
            &[
                "jvm_memory_committed_bytes",
                "jvm_memory_bytes_committed",
                "jvm_memory_committed",
                "process_runtime_jvm_memory_committed_bytes",
                "process_runtime_jvm_memory_committed",
            ],
        ),
        (
            Area(Pool::Max),
            &[
                "jvm_memory_max_bytes",
                "jvm_memory_bytes_max",
                "jvm_memory_max",
                "jvm_memory_limit_bytes",
                "jvm_memory_limit",
                "process_runtime_jvm_memory_limit_bytes",
                "process_runtime_jvm_memory_limit",
            ],
        ),
        (
            PoolOnly,
            &["jvm_memory_pool_used_bytes", "jvm_memory_pool_bytes_used"],
        ),
        (
            Buffers,
            &[
                "jvm_buffer_memory_used_bytes",
                "jvm_buffer_memory_used",
                "jvm_buffer_memory_usage_bytes",
                "jvm_buffer_memory_usage",
                "jvm_buffer_pool_used_bytes",
                "process_runtime_jvm_buffer_usage_bytes",
                "process_runtime_jvm_buffer_usage",
            ],
        ),
    ]
};

/// What the metric `name` means; `None` for one that is no evidence.
fn meaning(name: &str) -> Option<Meaning> {
    let plain = name.replace(['.', '-', ':'], "_");
    let row = METRICS
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()));
    row.map(|(meaning, _)| meaning.clone())
}

/// Whether a metric of this name is evidence.
pub(super) fn is_known(name: &str) -> bool {
    meaning(name).is_some()
}

/// The first of `names` among the labels that says something.
fn label<'a>(labels: &'a BTreeMap<String, String>, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| labels.get(*name))
        .map(String::as_str)
        .find(|value| !value.is_empty())
}

/// The heap or the rest, by the labels for the area, else by the pool's name.
fn is_heap(labels: &BTreeMap<String, String>) -> Option<bool> {
    let area = label(
        labels,
        &[
            "area",
            "jvm_memory_type",
            "jvm.memory.type",
            "type",
            "memory_type",
        ],
    );
    match area.map(str::to_ascii_lowercase).as_deref() {
        Some("heap") => return Some(true),
        Some("nonheap" | "non_heap" | "non-heap") => return Some(false),
        _ => {}
    }
    pool(labels).map(is_heap_pool)
}

fn pool(labels: &BTreeMap<String, String>) -> Option<&str> {
    label(
        labels,
        &[
            "id",
            "pool",
            "jvm_memory_pool_name",
            "jvm.memory.pool.name",
            "jvm_memory_pool",
        ],
    )
}

/// Whether a memory pool of the JVM is of the heap, by its name.
pub(super) fn is_heap_pool(name: &str) -> bool {
    const HEAP: [&str; 9] = [
        "Eden",
        "Survivor",
        "Old Gen",
        "Tenured",
        "ZHeap",
        "ZGC ",
        "Shenandoah",
        "Epsilon",
        "G1",
    ];
    HEAP.iter().any(|part| name.contains(part))
}

/// What a pool besides the heap is.
fn of_pool(name: &str) -> Option<Quantity> {
    match name {
        "Metaspace" => Some(Quantity::MetaspaceUsed),
        "Code Cache" | "CodeCache" => Some(Quantity::CodeCacheUsed),
        name if name.starts_with("CodeHeap") => Some(Quantity::CodeCacheUsed),
        _ => None,
    }
}

/// What a sample counts to; nothing for what would count twice or is not limited.
fn quantities(sample: &Sample) -> Vec<Quantity> {
    let labels = &sample.labels;
    let Some(meaning) = meaning(&sample.name) else {
        return Vec::new();
    };
    let pool_quantity = || pool(labels).and_then(of_pool);
    match meaning {
        Meaning::One(Quantity::Limit) if sample.value <= 0.0 || sample.value >= 4.6e18 => {
            Vec::new()
        }
        Meaning::One(quantity) => vec![quantity],
        Meaning::Limits => {
            let is_memory = label(labels, &["resource"]) == Some("memory");
            if is_memory {
                vec![Quantity::Limit]
            } else {
                Vec::new()
            }
        }
        Meaning::TerminatedReason => {
            let is_oom = label(labels, &["reason"]) == Some("OOMKilled") && sample.value > 0.0;
            if is_oom {
                vec![Quantity::OomKilled]
            } else {
                Vec::new()
            }
        }
        Meaning::PoolOnly => pool_quantity().into_iter().collect(),
        Meaning::Buffers => buffers(labels).into_iter().collect(),
        Meaning::Area(which) => area(which, is_heap(labels), pool_quantity()),
    }
}

fn area(which: Pool, is_heap: Option<bool>, pool: Option<Quantity>) -> Vec<Quantity> {
    match (which, is_heap) {
        (Pool::Used, Some(true)) => vec![Quantity::HeapUsed],
        (Pool::Used, Some(false)) => [Some(Quantity::NonHeapUsed), pool]
            .into_iter()
            .flatten()
            .collect(),
        (Pool::Committed, Some(true)) => vec![Quantity::HeapCommitted],
        (Pool::Committed, Some(false)) if pool == Some(Quantity::MetaspaceUsed) => {
            vec![Quantity::MetaspaceCommitted]
        }
        (Pool::Max, Some(true)) => vec![Quantity::MaxHeap],
        _ => Vec::new(),
    }
}

fn buffers(labels: &BTreeMap<String, String>) -> Option<Quantity> {
    let names = [
        "id",
        "pool",
        "jvm_buffer_pool_name",
        "jvm.buffer.pool.name",
        "jvm_buffer_pool",
    ];
    match label(labels, &names) {
        Some("direct") => Some(Quantity::DirectUsed),
        Some(_) => None,
        None => Some(Quantity::BuffersUsed),
    }
}

/// Whose it is; `None` for what would count memory twice.
fn subject_of(sample: &Sample) -> Option<Subject> {
    let labels = &sample.labels;
    let of = |names: &[&str]| label(labels, names).map(clean_name);
    let is_container_metric =
        sample.name.starts_with("container_") || sample.name.starts_with("container.");
    let container = of(&[
        "exported_container",
        "container",
        "container_name",
        "k8s_container_name",
        "k8s.container.name",
    ]);
    // cAdvisor alone has no pods: the container is called `name`.
    let container = match container {
        None if is_container_metric
            && !labels.contains_key("container")
            && !labels.contains_key("container_name") =>
        {
            of(&["name"])
        }
        found => found,
    };
    let is_pause = matches!(container.as_deref(), Some("POD" | "pause"));
    let has_labels = labels.keys().any(|k| k != "__name__");
    if is_pause || is_container_metric && container.is_none() && has_labels {
        return None;
    }
    let pod = of(&[
        "exported_pod",
        "pod",
        "pod_name",
        "kubernetes_pod_name",
        "k8s_pod_name",
        "k8s.pod.name",
    ]);
    let is_nameless = pod.is_none() && container.is_none();
    Some(Subject {
        namespace: of(&[
            "exported_namespace",
            "namespace",
            "kubernetes_namespace",
            "k8s_namespace_name",
            "k8s.namespace.name",
        ]),
        instance: of(&["instance"]).filter(|_| is_nameless),
        // The path of the cgroup, the ID of the container: others after a restart.
        life: is_container_metric
            .then(|| of(&["id", "container_id", "uid"]))
            .flatten(),
        pod,
        container,
        ..Subject::default()
    })
}

/// Bytes of a value, `None` for NaN, infinities and what is negative.
pub(super) fn bytes_of(value: f64) -> Option<u64> {
    // 2^62 is far above any memory and exact in both types.
    (value.is_finite() && (0.0..4.6e18).contains(&value)).then_some(value as u64)
}

/// The facts in `samples`, pools of one JVM at one time added up.
pub(super) fn facts_of(samples: &[Sample]) -> Vec<Evidence> {
    let mut facts: Vec<Evidence> = Vec::new();
    let mut pools: HashMap<(Quantity, Subject, Option<Time>, &str), usize> = HashMap::new();
    let unlimited = has_unlimited_pool(samples);
    for sample in samples {
        let Some(subject) = subject_of(sample) else {
            continue;
        };
        for quantity in quantities(sample) {
            let Some(bytes) = bytes_of(sample.value) else {
                continue;
            };
            let key = (
                quantity.clone(),
                subject.clone(),
                sample.time,
                sample.name.as_str(),
            );
            let fact = Evidence::new(quantity.clone(), bytes, sample.line)
                .of(&subject)
                .at(sample.time);
            let adds_up = pool(&sample.labels).is_some() && !quantity.is_of_container();
            match pools.get(&key).and_then(|at| facts.get_mut(*at)) {
                Some(known) if adds_up => {
                    known.bytes = match quantity == Quantity::MaxHeap && unlimited {
                        true => known.bytes.max(fact.bytes),
                        false => known.bytes.saturating_add(fact.bytes),
                    };
                }
                _ => {
                    pools.insert(key, facts.len());
                    facts.push(fact);
                }
            }
        }
    }
    facts
}

/// Whether a pool may take the whole heap: G1 gives only one of its pools a maximum, generational ZGC both the same.
fn has_unlimited_pool(samples: &[Sample]) -> bool {
    samples.iter().any(|s| {
        let is_max =
            meaning(&s.name) == Some(Meaning::Area(Pool::Max)) && is_heap(&s.labels) == Some(true);
        is_max && (s.value <= 0.0 || pool(&s.labels).is_some_and(|p| p.starts_with("ZGC ")))
    })
}

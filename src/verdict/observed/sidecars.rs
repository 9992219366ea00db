//! Which container runs the JVM, when nobody said it: the only one that is no well-known sidecar.

use super::Container;

/// Names of well-known sidecar containers, none of which runs a JVM: matched as the whole name or as its beginning before a `-`.
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
    "vault-agent",
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
];

/// The only container that is not a well-known sidecar: its index.
pub(super) fn sole_candidate(containers: &[Container]) -> Option<usize> {
    let mut candidates = (0..containers.len()).filter(|at| !is_sidecar(&containers[*at].name));
    candidates.next().filter(|_| candidates.next().is_none())
}

fn is_sidecar(name: &str) -> bool {
    SIDECARS.iter().any(|known| {
        name.strip_prefix(*known)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

/// The index of the container that the user named, as `NAME` or `POD/NAME`; `None` when no containers were seen at all.
pub(super) fn named(containers: &[Container], name: &str) -> Result<Option<usize>, String> {
    let is = |c: &Container| match name.split_once('/') {
        Some((pod, name)) => c.pod.as_deref() == Some(pod) && c.name == name,
        None => c.name == name,
    };
    let mut found = (0..containers.len()).filter(|at| is(&containers[*at]));
    let shown = crate::verdict::clean_name(name);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(Some(one)),
        (None, _) if containers.is_empty() => Ok(None),
        (None, _) => Err(format!("no evidence is about the container `{shown}`")),
        (Some(_), Some(_)) => Err(format!(
            "several pods have a container `{shown}`: say which with --container POD/{shown}"
        )),
    }
}

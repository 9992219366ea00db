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

/// The name of the only container that is not a well-known sidecar.
pub(super) fn sole_candidate(containers: &[Container]) -> Option<String> {
    let is_sidecar = |name: &str| {
        SIDECARS.iter().any(|s| {
            name == *s
                || name
                    .strip_prefix(s)
                    .is_some_and(|rest| rest.starts_with('-'))
        })
    };
    let mut names: Vec<&str> = containers
        .iter()
        .map(|c| c.name.as_str())
        .filter(|name| !is_sidecar(name))
        .collect();
    names.dedup();
    match names.as_slice() {
        [only] if containers.iter().filter(|c| c.name == *only).count() == 1 => {
            Some((*only).to_owned())
        }
        _ => None,
    }
}

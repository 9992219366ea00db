//! Meters and statistics by key: harmless until a key holds something of which there is no end.

use std::collections::BTreeSet;

use super::context::Context;
use super::measure::{finding, holders, limit, sized};
use super::pattern::{Bound, Finding, Pattern, Rule};

/// Meters whose names are compared.
const MOST_NAMES: usize = 20_000;
/// Meters that a large application has.
const USUAL: Bound = Bound::Usual(10_000);

/// Micrometer: one meter for every combination of tag values.
pub const MICROMETER: Pattern = Pattern {
    id: "micrometer_cardinality",
    rows: &[2],
    title: "Micrometer meters",
    component: "Micrometer registry",
    wanted: &["io.micrometer.core.instrument.MeterRegistry"],
    rule: Rule::Code(micrometer),
    unit: "meters",
    advice: "A tag has an unlimited number of values (a URI with identifiers, a user): use templates, and set `MeterFilter.maximumAllowableTags` on the composite registry as well.",
    ..Pattern::PLAIN
};

/// Tasks that a timer of Micrometer believes to be running.
pub const LONG_TASKS: Pattern = Pattern {
    id: "micrometer_long_tasks",
    rows: &[2],
    title: "Tasks of a Micrometer LongTaskTimer",
    component: "Micrometer LongTaskTimer",
    wanted: &["io.micrometer.core.instrument.internal.DefaultLongTaskTimer"],
    rule: Rule::Entries("activeTasks", Bound::Usual(10_000)),
    unit: "tasks",
    advice: "Samples are started and never stopped: call `stop()` in a `finally` block.",
    ..Pattern::PLAIN
};

/// Dropwizard Metrics: one metric for every name.
pub const DROPWIZARD: Pattern = Pattern {
    id: "dropwizard_cardinality",
    rows: &[2],
    title: "Dropwizard metrics",
    component: "Dropwizard registry",
    wanted: &["com.codahale.metrics.MetricRegistry"],
    rule: Rule::Entries("metrics", Bound::Usual(5_000)),
    unit: "metrics",
    advice: "Metric names contain an unlimited number of values (a user, a URI with identifiers): leave these out of the names, and remove metrics that are no longer used.",
    ..Pattern::PLAIN
};

/// Says besides how few names the meters have: the rest is tags.
fn micrometer(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let found = holders(context, pattern.wanted[0], "meterMap").into_iter();
    let found = found.filter_map(|(registry, map)| {
        // A meter is in further maps by its identifier before filters, so the registry dominates it, not this map.
        let measured = context.heap.entries(map)?;
        let (bound, extent) = (USUAL, vec![registry, map]);
        let most = limit(context, bound, registry, map);
        let mut finding = finding(context, pattern, bound, most, registry, extent, measured);
        if finding.measured > Some(10_000) {
            let ids = context.heap.pairs(map, MOST_NAMES);
            let names: BTreeSet<String> = ids
                .iter()
                .filter_map(|&(id, _)| context.heap.string(context.heap.follow(id?, "name")?, 200))
                .collect();
            finding.note = match ids.len() {
                MOST_NAMES => format!("the first 20,000 have {} different names", names.len()),
                _ => format!("{} names", names.len()),
            };
        }
        Some(finding)
    });
    found.collect()
}

/// Prometheus client: children of one metric, 0.x and 1.x.
pub const PROMETHEUS: Pattern = Pattern {
    id: "prometheus_cardinality",
    rows: &[3],
    title: "Label combinations of one Prometheus metric",
    component: "Prometheus metric",
    wanted: &[
        "io.prometheus.client.SimpleCollector",
        "io.prometheus.metrics.core.metrics.StatefulMetric",
    ],
    rule: Rule::Entries("children|data", USUAL),
    unit: "label combinations",
    advice: "A label has an unlimited number of values: drop the label, or map its values to a few.",
    ..Pattern::PLAIN
};

/// Hystrix and Resilience4j: static maps by command or instance name.
pub const HYSTRIX: Pattern = Pattern {
    id: "circuit_breaker_keys",
    rows: &[51],
    title: "Circuit breakers and statistics by key",
    component: "circuit breaker registry",
    wanted: &[
        "com.netflix.hystrix.HystrixCommandMetrics",
        "com.netflix.hystrix.HystrixCircuitBreaker$Factory",
        "com.netflix.hystrix.HystrixThreadPoolMetrics",
        "io.github.resilience4j.core.registry.InMemoryRegistryStore",
    ],
    rule: Rule::Code(registries),
    unit: "keys",
    advice: "Command names contain an unlimited number of values: name a command after what it calls, not after its arguments.",
    ..Pattern::PLAIN
};

fn registries(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let paths = [
        "#metrics",
        "#circuitBreakersByCommand",
        "#metrics",
        "entryMap",
    ];
    let found = pattern
        .wanted
        .iter()
        .zip(paths)
        .flat_map(|(name, path)| holders(context, name, path));
    found
        .filter_map(|(object, map)| sized(context, pattern, Bound::Usual(1_000), object, &[map]))
        .collect()
}

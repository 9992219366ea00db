//! MBeans that are registered and not unregistered.

use super::context::Context;
use super::measure::{finding, holders};
use super::pattern::{Bound, Finding, Pattern, Rule};

/// Domains that are read.
const MOST_DOMAINS: usize = 1_000;

/// The repository of an MBean server: a map by domain of maps by name.
pub const MBEANS: Pattern = Pattern {
    id: "jmx_mbeans",
    rows: &[45],
    title: "MBeans",
    component: "MBean server",
    wanted: &["com.sun.jmx.mbeanserver.Repository"],
    rule: Rule::Code(mbeans),
    unit: "MBeans",
    advice: "MBeans with identifiers in their names are registered and never unregistered: usual causes are Kafka clients, pools and caches that are not closed.",
    ..Pattern::PLAIN
};

fn mbeans(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let found = holders(context, pattern.wanted[0], "domainTb").into_iter();
    let found = found.filter_map(|(repository, domains)| {
        context.heap.entries(domains)?;
        let names = context.heap.pairs(domains, MOST_DOMAINS);
        let counts: Vec<u64> = names
            .iter()
            .filter_map(|&(_, map)| context.heap.entries(map?))
            .collect();
        let total = counts.iter().sum();
        let bound = Bound::Usual(10_000);
        let mut found = finding(
            context,
            pattern,
            bound,
            Some(10_000),
            repository,
            vec![domains],
            total,
        );
        found.note = format!("{} domains", counts.len());
        Some(found)
    });
    found.collect()
}

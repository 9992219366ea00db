//! Hibernate: the query plan cache is bounded but large, a session is not bounded at all.

use super::context::Context;
use super::measure::{finding, holders};
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// `hibernate.query.plan_cache_max_size` unless configured otherwise.
const DEFAULT_PLANS: u64 = 2_048;
/// A query plan takes 50 to 100 kB.
const PLAN_BYTES: u64 = 100_000;

/// Compiled queries.
pub const PLAN_CACHE: Pattern = Pattern {
    id: "hibernate_query_plan_cache",
    rows: &[10],
    title: "Hibernate query plans",
    component: "Hibernate query plan cache",
    wanted: &[
        "org.hibernate.engine.query.spi.QueryPlanCache",
        "org.hibernate.query.internal.QueryInterpretationCacheStandardImpl",
    ],
    rule: Rule::Code(plans),
    unit: "plans",
    advice: "Queries differ in literals or in the length of `IN` lists: set `hibernate.query.in_clause_parameter_padding=true` and bind parameters, or lower `hibernate.query.plan_cache_max_size`.",
    accused: true,
    ..Pattern::PLAIN
};

fn plans(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let paths = ["queryPlanCache", "queryPlanCache|hqlInterpretationCache"];
    let found = pattern
        .wanted
        .iter()
        .zip(paths)
        .flat_map(|(name, path)| holders(context, name, path));
    let found = found.filter_map(|(object, cache)| {
        let measured = context.heap.entries(cache)?;
        // Each segment evicts for itself.
        let segments = context.heap.follow(cache, "segments");
        let segments = segments.map(|segments| context.heap.elements(segments));
        let limits = segments.into_iter().flatten().flatten().take(1 << 16);
        let limit = limits
            .filter_map(|segment| context.heap.number(segment, "evictCap"))
            .fold(0, u64::saturating_add);
        let most = if limit == 0 { DEFAULT_PLANS } else { limit };
        let bound = Bound::Fixed {
            most,
            bytes_each: PLAN_BYTES,
        };
        Some(finding(
            context,
            pattern,
            bound,
            Some(most),
            object,
            // Plans and the statements that they were made from are in two caches of the same object.
            vec![object, cache],
            measured,
        ))
    });
    found.collect()
}

/// The entities of a session.
pub const PERSISTENCE_CONTEXT: Pattern = Pattern {
    id: "hibernate_persistence_context",
    rows: &[11],
    title: "Entities in one Hibernate session",
    component: "Hibernate sessions",
    wanted: &[
        "org.hibernate.engine.internal.StatefulPersistenceContext",
        "org.hibernate.engine.StatefulPersistenceContext",
    ],
    rule: Rule::Code(sessions),
    unit: "entities",
    advice: "Call `flush()` and `clear()` every few hundred entities, read with a `StatelessSession`, or page the query; do not keep sessions open.",
    ..Pattern::PLAIN
};

/// Entities of a session that are usual.
const USUAL_ENTITIES: u64 = 10_000;

/// Entities are in a map by key, in a list of entries with what was loaded of them, and in the queue of actions: whichever of
/// context and session dominates all of those keeps them.
fn sessions(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let paths = "entitiesByKey|entityHoldersByKey|entitySnapshotsByKey";
    let found = pattern.wanted.iter();
    let found = found.flat_map(|name| holders(context, name, paths));
    let found = found.filter_map(|(object, entities)| {
        let session = context.heap.follow(object, "session");
        let session = session.filter(|&session| context.heap.dominates(session, object));
        let extent = [entities, object].into_iter().chain(session).collect();
        let bound = Bound::Usual(USUAL_ENTITIES);
        let measured = context.heap.entries(entities)?;
        let most = Some(USUAL_ENTITIES);
        let mut found = finding(context, pattern, bound, most, object, extent, measured);
        found.note = entity_class(context, entities);
        Some(found)
    });
    found.collect()
}

/// What most entities are. Hibernate 6 wraps them.
fn entity_class(context: &Context<'_, '_>, entities: ObjectIndex) -> String {
    let pairs = context.heap.pairs(entities, 100).into_iter();
    let all = pairs.filter_map(|(_, value)| {
        let value = value?;
        Some(context.heap.follow(value, "entity").unwrap_or(value))
    });
    let most = context.most_common(all);
    most.map_or_else(String::new, |(class, _)| format!("most are {class}"))
}

//! Known leak patterns: components that are often seen, often accused, and known to be harmless up to a bound.
//!
//! A [`Pattern`] is one constant in a small file and one line in [`PATTERNS`]: the classes whose instances it looks at, the
//! path of fields that leads to what it measures, the bound, and the advice. [`find`] measures all of them; [`match_suspects`] compares what was found with the suspects. Thresholds called *usual* come from the public
//! threads and sources that the catalogue of known leak patterns cites; a *bound* is what the component itself enforces.
//!
//! To add one: write `pub const X: Pattern` in a file here, list it in [`PATTERNS`], and add a heap in which it must fire and
//! a near miss in `tests/suite/patterns_*.rs`.

mod clients;
mod condense;
mod context;
mod executors;
mod finalizers;
mod futures;
mod generated;
mod grpc;
mod hibernate;
mod hooks;
mod immutable;
mod jackson;
mod jdbc;
mod jdk_caches;
mod jmx;
mod kafka;
mod limited;
mod listeners;
mod loaders;
mod logging;
mod lru;
mod lucene;
mod matching;
mod measure;
mod metrics;
mod native;
mod netty;
mod opentelemetry;
mod own_limit;
mod pattern;
mod pools;
mod queues;
mod reactor;
mod read;
mod room;
mod scripts;
mod sessions;
mod static_collections;
mod stores;
mod substrings;
mod thread_locals;
mod threads;
mod throwables;
mod timers;
mod tls;
mod weak_maps;
mod webapps;

use condense::condense;
pub use condense::order;
pub(crate) use context::Context;
pub use matching::match_suspects;
pub use pattern::{Assessment, Bound, Finding, Pattern, Rule};
pub use static_collections::is_plain;
pub use threads::are_usual as are_usual_threads;

use rustc_hash::FxHashSet;

use crate::heap::{Instances, ObjectIndex, Snapshot};

/// Whether `pattern` counts threads that take more outside of the heap than in it.
pub fn are_threads(pattern: &Pattern) -> bool {
    [pools::RUNNING.id, pools::THREADS.id].contains(&pattern.id)
}

/// All known patterns, in the order of the catalogue.
pub const PATTERNS: &[&Pattern] = &[
    &opentelemetry::SPAN_QUEUE,
    &opentelemetry::LOG_QUEUE,
    &opentelemetry::MARSHALERS,
    &opentelemetry::CONTEXTS,
    &metrics::MICROMETER,
    &metrics::LONG_TASKS,
    &metrics::DROPWIZARD,
    &metrics::PROMETHEUS,
    &logging::LOG4J_RING,
    &logging::LOG4J_QUEUE,
    &logging::LOGBACK_QUEUE,
    &logging::DISRUPTOR,
    &thread_locals::THREAD_LOCALS,
    &thread_locals::INHERITABLE,
    &webapps::STOPPED,
    &jdbc::MYSQL_CLEANUP,
    &hibernate::PLAN_CACHE,
    &hibernate::PERSISTENCE_CONTEXT,
    &jdbc::OPEN_STATEMENTS,
    &jdbc::STATEMENTS,
    &jdbc::ROWS,
    &jdbc::POOLS,
    &kafka::PRODUCERS,
    &kafka::PRODUCER_BUFFER,
    &kafka::METRICS,
    &kafka::FETCHES,
    &grpc::CHANNELS,
    &grpc::STREAMS,
    &grpc::WRITE_QUEUE,
    &netty::RECYCLER,
    &netty::CHUNKS,
    &netty::ARENAS,
    &netty::OUTBOUND,
    &netty::TASKS,
    &limited::CAFFEINE,
    &limited::GUAVA,
    &limited::EHCACHE,
    &limited::EHCACHE3,
    &limited::EHCACHE3_SIZED,
    &limited::SPRING,
    &limited::CACHES,
    &limited::RINGS,
    &limited::POOLS,
    &limited::KEYED_POOLS,
    &queues::QUEUES,
    &static_collections::STATIC_COLLECTION,
    &lru::LRU,
    &own_limit::OWN_LIMIT,
    &weak_maps::WEAK_MAP,
    &executors::QUEUE,
    &executors::FORK_JOIN,
    &pools::RUNNING,
    &pools::THREADS,
    &futures::CHAIN,
    &executors::SCHEDULED,
    &reactor::QUEUE,
    &reactor::RX_QUEUE,
    &reactor::REPLAY,
    &timers::TIMER,
    &hooks::DELETE_ON_EXIT,
    &hooks::SHUTDOWN,
    &finalizers::FINALIZERS,
    &native::ZLIB,
    &loaders::CLOSED,
    &loaders::LOADERS,
    &loaders::JAR_FILES,
    &loaders::CLASS_PATH,
    &jdk_caches::BEAN_INFO,
    &jdk_caches::SPRING_INTROSPECTION,
    &jdk_caches::RESOURCE_BUNDLES,
    &generated::REFLECTION,
    &generated::METHOD_HANDLES,
    &generated::PROXIES,
    &generated::GROOVY_CLASSES,
    &generated::GROOVY_CLASS_INFO,
    &jackson::MAPPERS,
    &jackson::TYPE_CACHE,
    &jackson::SERIALIZERS,
    &sessions::SESSIONS,
    &tls::SESSION_CACHE,
    &clients::JDK_HTTP,
    &clients::OKHTTP,
    &clients::APACHE,
    &clients::LEASED_CONNECTIONS,
    &clients::JAXB,
    &clients::JERSEY,
    &clients::HK2,
    &scripts::DROOLS,
    &scripts::ENGINES,
    &jmx::MBEANS,
    &listeners::LISTENERS,
    &substrings::SUBSTRINGS,
    &limited::BREAKERS,
    &limited::QUERY_CACHE,
    &lucene::READERS,
    &lucene::DIRECTORY_READERS,
    &lucene::FIELD_CACHE,
    &immutable::COLLECTION,
    &stores::ZOOKEEPER,
    &stores::TABLES,
    &stores::COMPILED,
    &stores::FLINK,
    &stores::UNIT_OF_WORK,
    &stores::OBJECT_STREAM,
    &stores::SELECTOR_KEYS,
    &stores::RHINO,
    &threads::VIRTUAL,
    &throwables::THROWABLES,
    &metrics::HYSTRIX,
    &native::ROCKSDB,
];

/// Patterns of queues and caches of a general kind: one that knows their component tells more.
const PLAIN: &[&str] = &[limited::CACHES.id, queues::QUEUES.id];

/// How far below the component that a pattern knows its queue or cache may be.
const LEVELS: usize = 3;

/// The classes whose objects patterns look at.
pub fn wanted() -> impl Iterator<Item = &'static str> {
    PATTERNS.iter().flat_map(|pattern| pattern.classes())
}

/// What all patterns find in `snapshot`, the most important first; `instances` has those of the classes that are [`wanted`]. Nothing that retains fewer than `floor` bytes is worth a
/// finding of its own; the small ones of a pattern are put together.
pub fn find(snapshot: &Snapshot<'_>, instances: &Instances, floor: u64) -> Vec<Finding> {
    let context = Context::new(snapshot, instances, floor.max(1));
    let mut all: Vec<Finding> = PATTERNS
        .iter()
        .flat_map(|pattern| condense(&context, apply(&context, pattern)))
        .collect();
    without_known(snapshot, &mut all);
    all.sort_by(order);
    all
}

/// What `pattern` finds.
fn apply(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    match pattern.rule {
        Rule::Count(bound) => measure::counted(context, pattern, bound)
            .into_iter()
            .collect(),
        Rule::Entries(path, bound) => measure::entries(context, pattern, path, bound),
        Rule::Limited(rows) => limited::find(context, pattern, rows),
        Rule::Code(examine) => examine(context, pattern),
    }
}

/// Takes out the queues and caches of a general kind that a component has of which a pattern of its own tells more.
fn without_known(snapshot: &Snapshot<'_>, all: &mut Vec<Finding>) {
    let is_plain = |finding: &Finding| PLAIN.contains(&finding.pattern.id);
    let around = |finding: &Finding| {
        let at = finding.object.filter(|_| is_plain(finding));
        std::iter::successors(at, |&at| snapshot.dominator(at)).take(LEVELS)
    };
    let wanted: FxHashSet<ObjectIndex> = all.iter().flat_map(around).collect();
    let in_extent = |others: &dyn Fn(&Finding) -> bool| -> FxHashSet<ObjectIndex> {
        let others = all.iter().filter(|finding| others(finding));
        let objects = others.flat_map(|finding| &finding.extent).copied();
        objects.filter(|object| wanted.contains(object)).collect()
    };
    let others = |finding: &Finding| !is_plain(finding) && !finding.pattern.is_fallback;
    let known = in_extent(&others);
    // What is inside a component without a bound is still worth its own line.
    let bounded = in_extent(&|finding| others(finding) && finding.bounded);
    all.retain(|finding| {
        let mut around = around(finding);
        !around.next().is_some_and(|object| known.contains(&object))
            && !around.any(|object| bounded.contains(&object))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_covered() {
        for row in 1..=52 {
            assert!(
                PATTERNS.iter().any(|pattern| pattern.rows.contains(&row)),
                "no pattern for row {row}"
            );
        }
    }

    #[test]
    fn patterns_are_complete() {
        let mut ids: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), PATTERNS.len(), "identifiers are unique");
        for pattern in PATTERNS {
            let texts = [pattern.id, pattern.title, pattern.component, pattern.advice];
            assert!(texts.iter().all(|text| !text.is_empty()), "{}", pattern.id);
            assert!(!pattern.unit.is_empty(), "{}", pattern.id);
        }
    }
}

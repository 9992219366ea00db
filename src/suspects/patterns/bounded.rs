//! Caches and queues of libraries and the JDK that never hold more than they were made for.

use super::caches::{Measured, cache_finding};
use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// A class, where its entries or their number are, what they weigh where it weighs them, and where its maximum is.
struct Cache {
    class: &'static str,
    entries: &'static str,
    weight: &'static str,
    limit: &'static str,
}

const fn cache(class: &'static str, entries: &'static str, limit: &'static str) -> Cache {
    let weight = "";
    Cache {
        class,
        entries,
        weight,
        limit,
    }
}

/// Identifiers of the patterns here.
pub const IDS: &[&str] = &["bounded_cache", "bounded_queue"];

const KNOWN: &[Cache] = &[
    cache(
        "org.apache.commons.collections4.map.LRUMap",
        "size",
        "maxSize",
    ),
    cache(
        "org.apache.commons.collections.map.LRUMap",
        "size",
        "maxSize",
    ),
    cache(
        "com.google.common.collect.EvictingQueue",
        "delegate",
        "maxSize",
    ),
    cache(
        "org.apache.commons.collections4.queue.CircularFifoQueue",
        "",
        "maxElements",
    ),
    cache(
        "org.apache.commons.collections.buffer.BoundedFifoBuffer",
        "",
        "maxElements",
    ),
    Cache {
        weight: "weightedSize",
        ..cache(
            "com.googlecode.concurrentlinkedhashmap.ConcurrentLinkedHashMap",
            "data",
            "capacity",
        )
    },
    cache(
        "org.springframework.util.ConcurrentLruCache",
        "currentSize|size|cache",
        "capacity|sizeLimit",
    ),
    Cache {
        weight: "_map.weightedSize",
        ..cache(
            "com.fasterxml.jackson.databind.util.LRUMap",
            "_map.data|_map",
            "_maxEntries",
        )
    },
    cache(
        "org.hibernate.internal.util.collections.BoundedConcurrentHashMap",
        "segments",
        "segments",
    ),
    // What does not fit its first map moves to one with weak keys.
    cache("org.apache.el.util.ConcurrentCache", "eden", "size"),
    cache(
        "org.apache.tomcat.util.collections.ConcurrentCache",
        "eden",
        "size",
    ),
];

/// Caches whose maximum is a field of theirs.
pub const CACHES: Pattern = Pattern {
    id: IDS[0],
    rows: &[20],
    title: "Cache with a maximum",
    component: "bounded cache",
    wanted: &[
        KNOWN[0].class,
        KNOWN[1].class,
        KNOWN[2].class,
        KNOWN[3].class,
        KNOWN[4].class,
        KNOWN[5].class,
        KNOWN[6].class,
        KNOWN[7].class,
        KNOWN[8].class,
        KNOWN[9].class,
        KNOWN[10].class,
    ],
    rule: Rule::Code(bounded_caches),
    advice: "Lower its maximum, or let each entry hold less.",
    ..Pattern::PLAIN
};

fn bounded_caches(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut all = Vec::new();
    for known in KNOWN {
        for object in context.readable(known.class) {
            let Some((entries, limit)) = measured(context, known, object) else {
                continue;
            };
            let weight = Some(known.weight).filter(|path| !path.is_empty());
            let measured = Measured {
                entries,
                weight: weight.and_then(|path| context.heap.number(object, path)),
                limit: Some(limit),
                expires: false,
            };
            // Entries are linked in order of their use as well: the cache dominates them, not its table.
            let mut found = cache_finding(context, pattern, object, vec![object], measured);
            if found.note.is_empty() {
                found.note.clone_from(&context.heap.class(object).name);
            }
            all.push(found);
        }
    }
    all
}

/// Entries and maximum.
fn measured(context: &Context<'_, '_>, known: &Cache, cache: ObjectIndex) -> Option<(u64, u64)> {
    if known.limit == "segments" {
        let segments = context
            .heap
            .elements(context.heap.follow(cache, "segments")?);
        let segments = || segments.iter().flatten().take(1 << 16);
        let sum = |field| {
            let numbers = segments().filter_map(|&segment| context.heap.number(segment, field));
            numbers.fold(0, u64::saturating_add)
        };
        let limit = sum("evictCap");
        return (limit > 0).then(|| (sum("count"), limit));
    }
    let limit = context
        .heap
        .number(cache, known.limit)
        .filter(|&most| most > 0)?;
    if known.entries.is_empty() {
        return Some((in_ring(context, cache, limit)?, limit));
    }
    let entries = known.entries.split('|').find_map(|path| {
        let number = context.heap.number(cache, path);
        number.or_else(|| context.heap.entries(context.heap.follow(cache, path)?))
    });
    Some((entries?, limit))
}

/// Elements between the two ends of a ring with `slots`.
fn in_ring(context: &Context<'_, '_>, ring: ObjectIndex, slots: u64) -> Option<u64> {
    if context.heap.integer(ring, "full") == Some(1) {
        return Some(slots);
    }
    let (start, end) = (
        context.heap.integer(ring, "start")?,
        context.heap.integer(ring, "end")?,
    );
    let slots = i64::try_from(slots).ok()?;
    u64::try_from(end.checked_sub(start)?.rem_euclid(slots)).ok()
}

/// Queues of the JDK that were made with a capacity.
pub const QUEUES: Pattern = Pattern {
    id: IDS[1],
    rows: &[22],
    title: "Queue with a capacity",
    component: "bounded queue",
    wanted: &[
        "java.util.concurrent.ArrayBlockingQueue",
        "java.util.concurrent.LinkedBlockingQueue",
        "java.util.concurrent.LinkedBlockingDeque",
    ],
    rule: Rule::Code(bounded_queues),
    unit: "elements",
    advice: "It is allowed more than it holds: see whether its consumers keep up, and lower its capacity.",
    general: true,
    ..Pattern::PLAIN
};

/// A full one (a pool of what is idle, a buffer) cannot grow; one with room may be a backlog on its way, which matters where the heap
/// has no room for it.
fn bounded_queues(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let found = all.filter_map(|queue| {
        let most = context.heap.room(queue)?;
        if most >= i32::MAX as u64 {
            return None;
        }
        let measured = context.heap.entries(queue)?;
        let bytes_each = u64::MAX;
        let bound = Bound::Fixed { most, bytes_each };
        // What is in a pool may be in a list of all there are, too.
        let extent = [vec![queue], context.shared(queue)].concat();
        let mut found = finding(context, pattern, bound, Some(most), queue, extent, measured);
        if measured < most {
            found.bounded = false;
            if found.retained_bytes >= context.floor {
                found.assessment = Assessment::Unknown;
                found.may_take = found.when_full();
            }
        }
        Some(found)
    });
    found.collect()
}

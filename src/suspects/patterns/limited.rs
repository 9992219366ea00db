//! Components that have a limit of their own: caches, pools, rings, memory that is accounted for. The rows name their fields.

use super::context::Context;
use super::measure::{finding, number};
use super::pattern::{Assessment, Bound, Finding, Limited, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Objects of a pool that are asked for: who has borrowed one refers to it as well.
const MOST_LENT: usize = 100_000;

/// A component that counts its entries.
const fn counting(class: &'static str, entries: &'static str, limit: &'static str) -> Limited {
    Limited {
        class,
        entries,
        weight: "",
        limit,
        evicts: true,
        expiry: &[],
        inside: "",
        bytes_each: u64::MAX,
        usual: 0,
    }
}

/// A component that refuses what goes beyond its limit.
const fn accounting(class: &'static str, used: &'static str, limit: &'static str) -> Limited {
    Limited {
        evicts: false,
        ..counting(class, used, limit)
    }
}

/// A cache that may have been made without a limit: then it is a map.
const fn cache(
    class: &'static str,
    entries: &'static str,
    weight: &'static str,
    limit: &'static str,
) -> Limited {
    Limited {
        weight,
        usual: 10_000,
        ..counting(class, entries, limit)
    }
}

/// Caches without a limit have a time after which entries expire, or they only grow.
const fn expiring(row: Limited, expiry: &'static [&'static str]) -> Limited {
    Limited { expiry, ..row }
}

const CAFFEINE_EXPIRY: &[&str] = &["expiresAfterAccessNanos", "expiresAfterWriteNanos"];

/// Caffeine. Its generated classes have `maximum` and `weightedSize` only where a maximum was set.
pub const CAFFEINE: Pattern = Pattern {
    id: "caffeine_cache",
    rows: &[20],
    title: "Caffeine cache",
    component: "Caffeine cache",
    rule: Rule::Limited(&[
        expiring(
            cache(
                "com.github.benmanes.caffeine.cache.BoundedLocalCache",
                "data",
                "weightedSize",
                "maximum",
            ),
            CAFFEINE_EXPIRY,
        ),
        cache(
            "com.github.benmanes.caffeine.cache.UnboundedLocalCache",
            "data",
            "",
            "",
        ),
    ]),
    advice: "Set `maximumSize` or `maximumWeight`, and an expiry.",
    accused: true,
    ..Pattern::PLAIN
};

/// Guava. `maxWeight` is -1 where no maximum was set.
pub const GUAVA: Pattern = Pattern {
    id: "guava_cache",
    title: "Guava cache",
    component: "Guava cache",
    rule: Rule::Limited(&[expiring(
        cache(
            "com.google.common.cache.LocalCache",
            "",
            "segments[].totalWeight",
            "maxWeight",
        ),
        &["expireAfterAccessNanos", "expireAfterWriteNanos"],
    )]),
    ..CAFFEINE
};

/// Ehcache 2: what one cache has in the heap. `maximumSize` is 0 where no maximum was set.
pub const EHCACHE: Pattern = Pattern {
    id: "ehcache",
    title: "Ehcache",
    component: "Ehcache",
    rule: Rule::Limited(&[cache(
        "net.sf.ehcache.store.MemoryStore",
        "map",
        "",
        "maximumSize",
    )]),
    advice: "Set `maxEntriesLocalHeap` (or `maxBytesLocalHeap`), and a time to live.",
    ..CAFFEINE
};

/// Ehcache 3: what one cache has in the heap.
pub const EHCACHE3: Pattern = Pattern {
    id: "ehcache3",
    title: "Ehcache 3",
    component: "Ehcache",
    wanted: &["org.ehcache.impl.internal.store.heap.OnHeapStore"],
    rule: Rule::Code(ehcache3),
    advice: "Give the cache a `heap(...)` tier that fits the heap: few entries, or a size in MB.",
    ..CAFFEINE
};

/// The same where its capacity was given in a unit of memory.
pub const EHCACHE3_SIZED: Pattern = Pattern {
    id: "ehcache3_sized",
    unit: "bytes",
    ..EHCACHE3
};

fn ehcache3(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context.readable(pattern.wanted[0]).into_iter();
    let found = all.filter_map(|store| {
        let map = context.heap.follow(store, "map.realMap")?;
        let sized = context.heap.number(store, "map.byteSized") == Some(1);
        if sized != (pattern.unit == "bytes") {
            return None;
        }
        let entries = match sized {
            true => context.heap.number(store, "map.byteSize")?,
            false => context.heap.entries(map)?,
        };
        let measured = Measured {
            entries,
            weight: None,
            limit: Some(context.heap.number(store, "capacity")?),
            expires: expires(context, store),
        };
        let row = cache("", "", "", "");
        Some(limited(
            context,
            pattern,
            &row,
            store,
            vec![store, map],
            measured,
        ))
    });
    found.collect()
}

/// Whether a store of Ehcache 3 lets entries expire: a constant of the interface stands for never.
fn expires(context: &Context<'_, '_>, store: ObjectIndex) -> bool {
    let expiry = context.heap.follow(store, "expiry");
    expiry.is_some_and(|expiry| {
        context.heap.class(expiry).name != "org.ehcache.expiry.ExpiryPolicy$1"
    })
}

/// Caches whose maximum is a field of theirs.
pub const CACHES: Pattern = Pattern {
    id: "bounded_cache",
    rows: &[20],
    title: "Cache with a maximum",
    component: "bounded cache",
    rule: Rule::Limited(BOUNDED),
    advice: LIMITED,
    ..Pattern::PLAIN
};

#[rustfmt::skip]
const BOUNDED: &[Limited] = &[
    Limited {
        weight: "weightedSize",
        ..counting("com.googlecode.concurrentlinkedhashmap.ConcurrentLinkedHashMap", "data", "capacity")
    },
    Limited {
        weight: "_map.weightedSize",
        ..counting("com.fasterxml.jackson.databind.util.LRUMap", "_map.data|_map", "_maxEntries")
    },
    counting("org.hibernate.internal.util.collections.BoundedConcurrentHashMap", "", "segments[].evictCap"),
    // What does not fit its first map moves to one with weak keys.
    counting("org.apache.el.util.ConcurrentCache", "eden", "size"),
    counting("org.apache.tomcat.util.collections.ConcurrentCache", "eden", "size"),
    counting("org.h2.util.CacheLRU", "memory", "maxMemory"),
    counting("org.h2.mvstore.cache.CacheLongKeyLIRS", "segments[].usedMemory", "maxMemory"),
    counting("org.hsqldb.persist.Cache", "cacheBytesLength", "bytesCapacity"),
    counting("org.springframework.util.ConcurrentLruCache", "currentSize|size|cache", "capacity|sizeLimit"),
    counting("org.apache.commons.collections4.map.LRUMap", "", "maxSize"),
    counting("org.apache.commons.collections.map.LRUMap", "", "maxSize"),
    counting("com.google.common.collect.EvictingQueue", "", "maxSize"),
    counting("org.apache.commons.collections4.queue.CircularFifoQueue", "", "maxElements"),
    counting("org.apache.commons.collections.buffer.BoundedFifoBuffer", "", "maxElements"),
    counting("org.eclipse.jetty.util.BlockingArrayQueue", "", "_maxCapacity"),
];

/// Rings whose slots are made once, when the ring is.
pub const RINGS: Pattern = Pattern {
    id: "ring_buffer",
    title: "Ring buffer of a fixed size",
    component: "ring buffer",
    rule: Rule::Limited(&[counting(
        "com.lmax.disruptor.RingBufferFields",
        "bufferSize",
        "bufferSize",
    )]),
    unit: "slots",
    advice: "Its slots are created once and reused: make it smaller, or clear each event after it was handled.",
    ..CACHES
};

/// Pools of objects that are made once and lent.
pub const POOLS: Pattern = Pattern {
    id: "object_pool",
    rows: &[20],
    title: "Pool of objects",
    component: "object pool",
    rule: Rule::Limited(&[
        Limited {
            inside: "object",
            ..counting(
                "org.apache.commons.pool2.impl.GenericObjectPool",
                "allObjects",
                "maxTotal",
            )
        },
        Limited {
            inside: "connection",
            ..counting(
                "com.zaxxer.hikari.pool.HikariPool",
                "connectionBag.sharedList",
                "config.maxPoolSize",
            )
        },
        counting(
            "org.apache.tomcat.jdbc.pool.ConnectionPool",
            "size",
            "poolProperties.maxActive",
        ),
        counting(
            "org.vibur.objectpool.ConcurrentPool",
            "createdTotal",
            "maxSize",
        ),
    ]),
    unit: "objects",
    advice: "Lower the maximum of the pool, or let each of its objects hold less; limit the objects that are kept idle.",
    ..Pattern::PLAIN
};

/// Pools with objects for each key. Without a maximum of all, which they come without, each key adds as many as one may have.
pub const KEYED_POOLS: Pattern = Pattern {
    id: "keyed_object_pool",
    title: "Pool of objects by key",
    rule: Rule::Limited(&[Limited {
        usual: 1_000,
        ..counting(
            "org.apache.commons.pool2.impl.GenericKeyedObjectPool",
            "numTotal",
            "maxTotal",
        )
    }]),
    advice: "Nothing limits the number of keys: set `maxTotal`, let the evictor run (`timeBetweenEvictionRuns`), or use fewer keys.",
    ..POOLS
};

/// Circuit breakers of Elasticsearch and OpenSearch: what a node believes its requests and field data take.
pub const BREAKERS: Pattern = Pattern {
    id: "circuit_breaker_bytes",
    rows: &[48],
    title: "Memory that a circuit breaker accounts for",
    component: "circuit breaker",
    rule: Rule::Limited(&[
        accounting(
            "org.elasticsearch.common.breaker.ChildMemoryCircuitBreaker",
            "used",
            "memoryBytesLimit",
        ),
        accounting(
            "org.opensearch.common.breaker.ChildMemoryCircuitBreaker",
            "used",
            "memoryBytesLimit",
        ),
    ]),
    unit: "bytes",
    advice: "Lower `indices.breaker.*.limit`, look for large aggregations and field data.",
    accused: true,
    ..Pattern::PLAIN
};

/// Cached results of Lucene's queries. Its own estimate leaves out some of the objects. Each query is a key of several of its maps.
pub const QUERY_CACHE: Pattern = Pattern {
    id: "lucene_query_cache",
    title: "Lucene query cache",
    component: "Lucene query cache",
    rule: Rule::Limited(&[Limited {
        bytes_each: 2,
        ..accounting(
            "org.apache.lucene.search.LRUQueryCache",
            "ramBytesUsed",
            "maxRamBytesUsed",
        )
    }]),
    advice: "Lower the size of the query cache.",
    ..BREAKERS
};

/// The advice where a maximum is set.
const LIMITED: &str = "Lower its maximum, or let each entry hold less.";
/// The advice where entries expire, and that is all that limits them.
const EXPIRING: &str = "Entries expire, but nothing limits how many there are until then: set a maximum as well, or let them expire sooner.";

/// What is known of a component.
struct Measured {
    /// How many entries it has.
    entries: u64,
    /// Weight of the entries by the component's own measure; one each where there is none.
    weight: Option<u64>,
    /// The maximum of that weight.
    limit: Option<u64>,
    /// Whether entries expire.
    expires: bool,
}

/// All components of `rows`.
pub fn find(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    rows: &'static [Limited],
) -> Vec<Finding> {
    let all = rows.iter().flat_map(|row| {
        let objects = context.readable(row.class).into_iter();
        objects.map(move |object| (row, object))
    });
    let found = all.filter_map(|(row, object)| {
        let (entries, collection) = entries(context, object, row.entries)?;
        let number = |path: &str| number(context, object, path);
        let limit = Some(row.limit).filter(|path| !path.is_empty());
        let limit = limit.and_then(|path| context.heap.integer_or_sum(object, path));
        // Only components that weigh come without the field where no limit was set: others are not the version that is known.
        let is_known = limit.is_some() || row.limit.is_empty() || !row.weight.is_empty();
        let limit = limit.and_then(|limit| u64::try_from(limit).ok());
        let limit = limit.filter(|&most| most > 0);
        if !is_known || limit.is_none() && row.usual == 0 {
            return None;
        }
        let expires = |path: &&str| number(path).is_some_and(|nanos| nanos > 0);
        let measured = Measured {
            entries,
            weight: Some(row.weight)
                .filter(|path| !path.is_empty())
                .and_then(number),
            limit,
            expires: row.expiry.iter().any(expires),
        };
        // Entries may hang on the order of their use as well: the component dominates them, not its map.
        let lent = collection.into_iter().filter(|_| !row.inside.is_empty());
        let lent = lent.flat_map(|collection| context.heap.values(collection, MOST_LENT));
        let lent = lent.filter_map(|entry| context.heap.follow(entry, row.inside));
        let extent = [object].into_iter().chain(collection).chain(lent).collect();
        let mut found = limited(context, pattern, row, object, extent, measured);
        // Of what is one of many kinds of components: which.
        if found.note.is_empty() && rows.len() > 2 {
            found.note.clone_from(&context.heap.class(object).name);
        }
        Some(found)
    });
    found.collect()
}

/// How many entries a component has, and the collection that they are in.
fn entries(
    context: &Context<'_, '_>,
    object: ObjectIndex,
    paths: &str,
) -> Option<(u64, Option<ObjectIndex>)> {
    paths.split('|').find_map(|path| {
        let plain = Some(path).filter(|path| !path.is_empty());
        if let Some(number) = plain.and_then(|path| number(context, object, path)) {
            return Some((number, None));
        }
        let collection = context.heap.follow(object, path)?;
        Some((context.heap.entries(collection)?, Some(collection)))
    })
}

/// A component against its limit; a cache without one is a map.
fn limited(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    row: &Limited,
    object: ObjectIndex,
    extent: Vec<ObjectIndex>,
    measured: Measured,
) -> Finding {
    let entries = measured.entries;
    let Some(limit) = measured.limit.filter(|&limit| limit < i64::MAX as u64) else {
        let bound = Bound::Usual(row.usual);
        let mut found = finding(
            context,
            pattern,
            bound,
            Some(row.usual),
            object,
            extent,
            entries,
        );
        if measured.expires {
            found.advice = Some(EXPIRING);
        }
        if measured.expires && found.assessment == Assessment::Unbounded {
            found.assessment = Assessment::Unknown;
            "no maximum, but entries expire".clone_into(&mut found.note);
        } else if found.assessment == Assessment::Unknown {
            found.assessment = Assessment::Unbounded;
        }
        return found;
    };
    let weight = measured.weight.unwrap_or(entries);
    // Eviction runs a little behind insertion.
    let slack = limit.saturating_add(limit / 4).saturating_add(64);
    let most = if row.evicts && weight <= slack {
        weight.max(limit)
    } else {
        limit
    };
    let bytes_each = row.bytes_each;
    let bound = Bound::Fixed { most, bytes_each };
    let mut found = finding(context, pattern, bound, Some(most), object, extent, weight);
    found.bound = Some(limit);
    found.bounded = true;
    // Pools and breakers say themselves what to lower.
    if row.usual > 0 {
        found.advice = Some(LIMITED);
    }
    if weight != entries {
        // What weighs is no number of entries.
        if pattern.unit == "entries" {
            found.unit = Some("weight");
        }
        found.note = match entries {
            1 => "weight of 1 entry".to_owned(),
            entries => format!("weights of {entries} entries"),
        };
    }
    found
}

/// Spring's default cache is a plain map.
pub const SPRING: Pattern = Pattern {
    id: "spring_concurrent_map_cache",
    rows: &[20],
    title: "Spring cache without a maximum",
    component: "Spring ConcurrentMapCache",
    wanted: &["org.springframework.cache.concurrent.ConcurrentMapCache"],
    rule: Rule::Entries("store", Bound::Usual(10_000)),
    advice: "`ConcurrentMapCacheManager` is for tests: use Caffeine with a maximum.",
    ..Pattern::PLAIN
};

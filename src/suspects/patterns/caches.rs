//! Caches of libraries. One within its maximum does its job; one without a maximum is a map.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Who sets a maximum for a cache has the size of its entries in mind.
const ANY_BYTES: u64 = u64::MAX;

const fn maximum(most: u64) -> Bound {
    Bound::Fixed {
        most,
        bytes_each: ANY_BYTES,
    }
}

/// Caffeine.
pub const CAFFEINE: Pattern = Pattern {
    id: "caffeine_cache",
    rows: &[20],
    title: "Caffeine cache",
    component: "Caffeine cache",
    wanted: &[
        "com.github.benmanes.caffeine.cache.BoundedLocalCache",
        "com.github.benmanes.caffeine.cache.UnboundedLocalCache",
    ],
    rule: Rule::Code(caffeine),
    unit: "entries",
    advice: "Set `maximumSize` or `maximumWeight`, and an expiry.",
    accused: true,
    ..Pattern::PLAIN
};

/// The generated subclasses have `maximum` and `weightedSize` only where a maximum was set.
fn caffeine(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let found = all.filter_map(|cache| {
        let data = context.heap.follow(cache, "data")?;
        let entries = context.heap.entries(data)?;
        let limit = context.heap.number(cache, "maximum");
        let weight = context.heap.number(cache, "weightedSize");
        let expires = ["expiresAfterAccessNanos", "expiresAfterWriteNanos"]
            .iter()
            .any(|field| {
                context
                    .heap
                    .number(cache, field)
                    .is_some_and(|nanos| nanos > 0)
            });
        Some(cache_finding(
            context,
            pattern,
            cache,
            // The entries hang on the queues of their order as well, so the cache dominates them, not its map.
            vec![cache, data],
            Measured {
                entries,
                weight,
                limit,
                expires,
            },
        ))
    });
    found.collect()
}

/// Guava.
pub const GUAVA: Pattern = Pattern {
    id: "guava_cache",
    title: "Guava cache",
    component: "Guava cache",
    wanted: &["com.google.common.cache.LocalCache"],
    rule: Rule::Code(guava),
    ..CAFFEINE
};

fn guava(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context.readable(pattern.wanted[0]).into_iter();
    let found = all.filter_map(|cache| {
        let segments = context.heap.follow(cache, "segments")?;
        let entries = context.heap.entries(cache)?;
        // -1 stands for no maximum.
        let limit = context.heap.integer(cache, "maxWeight")?;
        let weights = context.heap.elements(segments).into_iter().flatten();
        let weight = weights
            .take(1 << 16)
            .filter_map(|segment| context.heap.number(segment, "totalWeight"))
            .fold(0, u64::saturating_add);
        let expires = ["expireAfterAccessNanos", "expireAfterWriteNanos"]
            .iter()
            .any(|field| {
                context
                    .heap
                    .number(cache, field)
                    .is_some_and(|nanos| nanos > 0)
            });
        let measured = Measured {
            entries,
            weight: Some(weight),
            limit: u64::try_from(limit).ok(),
            expires,
        };
        Some(cache_finding(
            context,
            pattern,
            cache,
            vec![cache, segments],
            measured,
        ))
    });
    found.collect()
}

/// Ehcache 2: what one cache has in the heap.
pub const EHCACHE: Pattern = Pattern {
    id: "ehcache",
    title: "Ehcache",
    component: "Ehcache",
    wanted: &["net.sf.ehcache.store.MemoryStore"],
    rule: Rule::Code(ehcache),
    advice: "Set `maxEntriesLocalHeap` (or `maxBytesLocalHeap`), and a time to live.",
    ..CAFFEINE
};

fn ehcache(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context.readable(pattern.wanted[0]).into_iter();
    let found = all.filter_map(|store| {
        let map = context.heap.follow(store, "map")?;
        let measured = Measured {
            entries: context.heap.entries(map)?,
            weight: None,
            // Nought stands for no maximum. A store without that field is not the one that is known here.
            limit: Some(context.heap.number(store, "maximumSize")?).filter(|&most| most > 0),
            expires: false,
        };
        Some(cache_finding(context, pattern, store, vec![map], measured))
    });
    found.collect()
}

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
        let extent = vec![store, map];
        Some(cache_finding(context, pattern, store, extent, measured))
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

/// What is known of a cache.
pub struct Measured {
    /// How many entries it has.
    pub entries: u64,
    /// Weight of the entries by the cache's own measure; one each where no weigher was set.
    pub weight: Option<u64>,
    /// The maximum of that weight.
    pub limit: Option<u64>,
    /// Whether entries expire.
    pub expires: bool,
}

/// A cache against its maximum; one without is a map.
pub fn cache_finding(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    cache: ObjectIndex,
    extent: Vec<ObjectIndex>,
    measured: Measured,
) -> Finding {
    let limit = measured.limit.filter(|&limit| limit < i64::MAX as u64);
    let Some(limit) = limit else {
        let bound = Bound::Usual(10_000);
        let most = Some(10_000);
        let mut found = finding(
            context,
            pattern,
            bound,
            most,
            cache,
            extent,
            measured.entries,
        );
        if measured.expires && found.assessment == Assessment::Unbounded {
            found.assessment = Assessment::Unknown;
            "no maximum, but entries expire".clone_into(&mut found.note);
        } else if found.assessment == Assessment::Unknown {
            found.assessment = Assessment::Unbounded;
        }
        return found;
    };
    let weight = measured.weight.unwrap_or(measured.entries);
    // Eviction runs a little behind insertion.
    let slack = limit.saturating_add(limit / 4).saturating_add(64);
    let bound = maximum(if weight <= slack {
        weight.max(limit)
    } else {
        limit
    });
    let most = Some(match bound {
        Bound::Fixed { most, .. } => most,
        _ => limit,
    });
    let mut found = finding(context, pattern, bound, most, cache, extent, weight);
    found.bound = Some(limit);
    found.bounded = true;
    if weight != measured.entries {
        found.note = match measured.entries {
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

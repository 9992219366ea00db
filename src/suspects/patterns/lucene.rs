//! Lucene, Elasticsearch, OpenSearch: readers that nobody closes, and what is kept by reader.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::{counted_objects, finding, holders};
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Open segments.
pub const READERS: Pattern = Pattern {
    id: "lucene_segment_readers",
    rows: &[48],
    title: "Open Lucene segments",
    component: "Lucene segment readers",
    wanted: &["org.apache.lucene.index.SegmentReader"],
    rule: Rule::Count(Bound::Usual(20_000)),
    unit: "readers",
    advice: "Close readers and searchers (`IndexReader.decRef`, `SearcherManager.release`), have fewer shards, merge segments.",
    ..Pattern::PLAIN
};

/// Readers of one index, each a view of it as it once was.
const READERS_OF_ONE: u64 = 20;

/// Readers of a whole index that nobody closes.
pub const DIRECTORY_READERS: Pattern = Pattern {
    id: "lucene_directory_readers",
    title: "Open Lucene readers of one index",
    component: "Lucene readers",
    wanted: &["org.apache.lucene.index.DirectoryReader"],
    rule: Rule::Code(directory_readers),
    ..READERS
};

fn directory_readers(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut by_index: BTreeMap<ObjectIndex, Vec<ObjectIndex>> = BTreeMap::new();
    for reader in context.instances(pattern.wanted[0]).objects {
        // Those that filter have another one inside.
        let filters = context.heap.follow(reader, "in").is_some();
        if let Some(index) = context
            .heap
            .follow(reader, "directory")
            .filter(|_| !filters)
        {
            by_index.entry(index).or_default().push(reader);
        }
    }
    let found = by_index.into_iter().filter_map(|(index, readers)| {
        let measured = readers.len() as u64;
        let bound = Bound::Usual(READERS_OF_ONE);
        let mut found = counted_objects(context, pattern, bound, readers, measured)?;
        found.object = Some(index);
        Some(found)
    });
    found.collect()
}

/// Values of fields, uninverted in memory.
pub const FIELD_CACHE: Pattern = Pattern {
    id: "lucene_field_cache",
    title: "Lucene field cache",
    component: "Lucene field cache",
    wanted: &[
        "org.apache.lucene.search.FieldCacheImpl",
        "org.apache.lucene.uninverting.FieldCacheImpl",
    ],
    rule: Rule::Code(field_caches),
    unit: "caches",
    advice: "Values stay as long as somebody holds their reader: close and drop readers that are no longer searched; sort and facet on fields with doc values.",
    ..READERS
};

fn field_caches(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let found = pattern
        .wanted
        .iter()
        .flat_map(|name| holders(context, name, "caches"));
    let found = found.map(|(object, caches)| {
        let maps = context.heap.pairs(caches, 100);
        let readers = maps.iter().filter_map(|&(_, cache)| {
            context
                .heap
                .entries(context.heap.follow(cache?, "readerCache")?)
        });
        let measured = readers.sum();
        let bound = Bound::Usual(1_000);
        let extent = vec![caches];
        let most = Some(1_000);
        let mut found = finding(context, pattern, bound, most, object, extent, measured);
        // However few: it is their keys that keep them.
        found.advice = Some(pattern.advice);
        found
    });
    found.collect()
}

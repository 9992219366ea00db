//! Small Java objects with native memory behind them.

use super::pattern::{Bound, Pattern, Rule};

/// Compressors, and the streams around them.
pub const ZLIB: Pattern = Pattern {
    id: "zlib_not_closed",
    rows: &[29],
    title: "Inflaters and deflaters",
    component: "Inflater and Deflater",
    wanted: &["java.util.zip.Inflater", "java.util.zip.Deflater"],
    rule: Rule::Count(Bound::Usual(1_000)),
    unit: "objects",
    advice: "Each keeps up to 256 KiB of native memory until it is closed: close the streams around them (try-with-resources), call `end()`.",
    ..Pattern::PLAIN
};

/// RocksDB.
pub const ROCKSDB: Pattern = Pattern {
    id: "rocksdb_handles",
    rows: &[52],
    title: "RocksDB objects with native memory",
    component: "RocksDB",
    wanted: &["org.rocksdb.AbstractNativeReference"],
    rule: Rule::Count(Bound::Usual(10_000)),
    unit: "objects",
    advice: "Close iterators, options, snapshots and batches (try-with-resources): the collector does not see their native memory.",
    ..Pattern::PLAIN
};

//! Why a dump cannot be analysed.

use super::need::Need;
use crate::graph::predecessors::MOST_NODES;
use crate::hprof::PickError;
use crate::input::limits::Available;

/// Why a dump cannot be analysed at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It does not begin as a dump, or there is no dump of that number.
    #[error(transparent)]
    Pick(#[from] PickError),
    /// The file ends, or is damaged, before the first object.
    #[error(
        "the dump holds no heap data: {0}; take it again (where files ending in .p0, .p1 lie beside it, \
         the JVM was stopped before it put them together)"
    )]
    Empty(String),
    /// More objects than indexes.
    #[error("the dump has {0} objects; at most {MOST_NODES} can be analysed")]
    TooMany(u64),
    /// More references than can be numbered.
    #[error(
        "the dump has {0} references to objects with several referrers; at most {most} can be analysed",
        most = u32::MAX
    )]
    TooManyReferences(u64),
    /// It does not fit the memory that may be used.
    #[error(
        "the analysis needs about {needed} MiB of memory for {} objects, and only {} MiB may be used, {}; \
         run it where more is free, or go on with --max-memory {needed}MiB",
        need.objects, limit.bytes >> 20, limit.source.describe(), needed = need.bytes.div_ceil(1 << 20)
    )]
    NeedsMemory {
        /// What it would take.
        need: Need,
        /// What may be used.
        limit: Available,
    },
}

//! The components of a process's memory, and how their sizes are known.

use serde::{Deserialize, Serialize};

/// What a line of the ledger is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Live objects: everything a GC root reaches.
    JavaHeapLive,
    /// The maximum heap (`-Xmx`).
    JavaHeapMax,
    /// Direct buffers as the JDK counts them.
    DirectMemory,
    /// Mapped files; they can be evicted.
    MappedFiles,
    /// Memory of foreign-memory arenas that the JDK does not count as direct.
    ForeignMemory,
    /// The per-thread buffers of NIO channels that the JDK does not count as direct.
    NioThreadCaches,
    /// Stacks of platform threads.
    ThreadStacks,
    /// Metadata of classes (metaspace).
    ClassMetadata,
    /// Streams of `Inflater` and `Deflater`.
    Zlib,
    /// Netty's own direct memory.
    NettyDirect,
    /// Open native handles whose size a field gives.
    NativeHandles,
    /// What Native Memory Tracking counts besides the Java heap.
    NativeTracked,
    /// Resident memory, measured outside.
    Resident,
    /// The container's limit, measured outside.
    Limit,
    /// The observed growth, measured outside.
    Growth,
    /// Resident memory that neither the heap nor known native memory explains.
    Unexplained,
}

impl Component {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Component::JavaHeapLive => "java_heap_live",
            Component::JavaHeapMax => "java_heap_max",
            Component::DirectMemory => "direct_memory",
            Component::MappedFiles => "mapped_files",
            Component::ForeignMemory => "foreign_memory",
            Component::NioThreadCaches => "nio_thread_caches",
            Component::ThreadStacks => "thread_stacks",
            Component::ClassMetadata => "class_metadata",
            Component::Zlib => "zlib",
            Component::NettyDirect => "netty_direct",
            Component::NativeHandles => "native_handles",
            Component::NativeTracked => "native_tracked",
            Component::Resident => "resident",
            Component::Limit => "limit",
            Component::Growth => "growth",
            Component::Unexplained => "unexplained",
        }
    }

    /// The name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Component::JavaHeapLive => "Java heap, live",
            Component::JavaHeapMax => "Java heap, maximum",
            Component::DirectMemory => "direct memory",
            Component::MappedFiles => "mapped files",
            Component::ForeignMemory => "foreign memory (arenas)",
            Component::NioThreadCaches => "NIO thread caches",
            Component::ThreadStacks => "thread stacks",
            Component::ClassMetadata => "class metadata",
            Component::Zlib => "zlib streams",
            Component::NettyDirect => "Netty direct memory",
            Component::NativeHandles => "native handles",
            Component::NativeTracked => "native memory tracked by the JVM",
            Component::Resident => "resident",
            Component::Limit => "limit",
            Component::Growth => "growth",
            Component::Unexplained => "not explained",
        }
    }

    /// Whether it is native memory of the JVM's process.
    pub fn is_native(self) -> bool {
        !matches!(
            self,
            Component::JavaHeapLive
                | Component::JavaHeapMax
                | Component::NativeTracked
                | Component::Resident
                | Component::Limit
                | Component::Growth
                | Component::Unexplained
        )
    }
}

/// How a line of the ledger is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, schemars(rename = "LedgerKind"))]
pub enum Kind {
    /// Read from the dump or from evidence.
    Measured,
    /// A rule of thumb, as a range.
    #[default]
    Estimated,
    /// Given on the command line.
    Given,
    /// Calculated from other lines.
    Derived,
}

impl Kind {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Measured => "measured",
            Kind::Estimated => "estimated",
            Kind::Given => "given",
            Kind::Derived => "derived",
        }
    }
}

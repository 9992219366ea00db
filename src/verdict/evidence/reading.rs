//! One measured fact: what, how much, whose, when, and where it was read.

use super::time::Time;

/// One measured fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was measured.
    pub quantity: Quantity,
    /// Bytes, or how many for [`Quantity::is_count`]; negative only for growth.
    pub bytes: i64,
    /// Whose memory it is.
    pub subject: Subject,
    /// Where it was read.
    pub source: Source,
    /// When it was measured, where the text says it with its time zone.
    pub time: Option<Time>,
    /// A value of the same thing that cannot fall during one life of it: its name and the value. When it falls, there was a restart.
    pub never_falls: Option<(&'static str, u64)>,
}

impl Evidence {
    /// `bytes` of `quantity`, read in `line` of a text; subject and source are filled in later.
    pub(crate) fn new(quantity: Quantity, bytes: u64, line: u64) -> Evidence {
        Evidence::signed(quantity, clamp(bytes), line)
    }

    /// As [`Evidence::new`], for growth.
    pub(crate) fn signed(quantity: Quantity, bytes: i64, line: u64) -> Evidence {
        Evidence {
            quantity,
            bytes,
            subject: Subject::default(),
            source: Source {
                line,
                ..Source::default()
            },
            time: None,
            never_falls: None,
        }
    }

    /// The same of `subject`.
    pub(crate) fn of(self, subject: &Subject) -> Evidence {
        Evidence {
            subject: subject.clone(),
            ..self
        }
    }

    /// The same, measured at `time`.
    pub(crate) fn at(self, time: Option<Time>) -> Evidence {
        Evidence { time, ..self }
    }

    /// The same, with a value that cannot fall.
    pub(crate) fn with_rising(self, name: &'static str, value: u64) -> Evidence {
        Evidence {
            never_falls: Some((name, value)),
            ..self
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Memory in use.
    Resident(Resident),
    /// Growth of the memory in use between two measurements.
    Growth(Resident),
    /// Page cache of a container that is not in use: what usage has more than the working set.
    InactiveFile,
    /// Shared memory of a container: files in memory (tmpfs), and what processes map together.
    SharedMemory,
    /// The most memory the container may use.
    Limit,
    /// The maximum size of the Java heap (`-Xmx`).
    MaxHeap,
    /// Heap that the JVM has committed.
    HeapCommitted,
    /// Heap in use, garbage included.
    HeapUsed,
    /// Heap in use right after a collection of the whole heap: what is live, garbage not included.
    HeapAfterFullCollection,
    /// Growth of [`Quantity::HeapAfterFullCollection`] from the first to the last full collection.
    HeapAfterFullCollectionGrowth,
    /// Memory of the JVM besides the heap that `MemoryMXBean` counts: metaspace and code.
    NonHeapUsed,
    /// Direct buffers.
    DirectUsed,
    /// Buffer pools of `java.nio`, when the text does not say which pool.
    BuffersUsed,
    /// Metaspace in use.
    MetaspaceUsed,
    /// Committed metaspace.
    MetaspaceCommitted,
    /// Compiled code.
    CodeCacheUsed,
    /// What glibc's `malloc` took from the system with `brk` and in its arenas.
    MallocSystem,
    /// What glibc's `malloc` took from the system as single mappings.
    MallocMapped,
    /// Committed memory of a category of Native Memory Tracking (`Total`, `Java Heap`, `Other`, ...).
    NativeCommitted(String),
    /// Reserved address space of such a category.
    NativeReserved(String),
    /// Growth of such a category's committed memory since the baseline (`summary.diff`).
    NativeGrowth(String),
    /// How often a container was started again.
    Restarts,
    /// How often the kernel killed it for its memory.
    OomKilled,
    /// Threads of a process.
    Threads,
}

impl Quantity {
    /// The name in the JSON report.
    pub fn name(&self) -> &'static str {
        match self {
            Quantity::Resident(Resident::Process) => "resident",
            Quantity::Resident(Resident::WorkingSet) => "working_set",
            Quantity::Resident(Resident::Anonymous) => "anonymous",
            Quantity::Resident(Resident::Usage) => "usage",
            Quantity::Growth(_) => "growth",
            Quantity::InactiveFile => "inactive_file",
            Quantity::SharedMemory => "shared_memory",
            Quantity::Limit => "limit",
            Quantity::MaxHeap => "heap_max",
            Quantity::HeapCommitted => "heap_committed",
            Quantity::HeapUsed => "heap_used",
            Quantity::HeapAfterFullCollection => "heap_live",
            Quantity::HeapAfterFullCollectionGrowth => "heap_live_growth",
            Quantity::NonHeapUsed => "nonheap_used",
            Quantity::DirectUsed => "direct_used",
            Quantity::BuffersUsed => "buffers_used",
            Quantity::MetaspaceUsed => "metaspace_used",
            Quantity::MetaspaceCommitted => "metaspace_committed",
            Quantity::CodeCacheUsed => "code_cache_used",
            Quantity::MallocSystem => "malloc_system",
            Quantity::MallocMapped => "malloc_mmap",
            Quantity::NativeCommitted(_) => "native_committed",
            Quantity::NativeReserved(_) => "native_reserved",
            Quantity::NativeGrowth(_) => "native_growth",
            Quantity::Restarts => "restarts",
            Quantity::OomKilled => "oom_killed",
            Quantity::Threads => "threads",
        }
    }

    /// The name in a sentence.
    pub fn title(&self) -> &'static str {
        match self {
            Quantity::Resident(Resident::Process) => "resident",
            Quantity::Resident(Resident::WorkingSet) => "working set",
            Quantity::Resident(Resident::Anonymous) => "anonymous memory",
            Quantity::Resident(Resident::Usage) => "usage, page cache included",
            Quantity::Growth(_) => "growth",
            Quantity::InactiveFile => "inactive page cache",
            Quantity::SharedMemory => "shared memory",
            Quantity::Limit => "limit",
            Quantity::MaxHeap => "maximum heap",
            Quantity::HeapCommitted => "heap committed",
            Quantity::HeapUsed => "heap used",
            Quantity::HeapAfterFullCollection => "heap after a full collection",
            Quantity::HeapAfterFullCollectionGrowth => "growth between full collections",
            Quantity::NonHeapUsed => "non-heap used",
            Quantity::DirectUsed => "direct buffers",
            Quantity::BuffersUsed => "buffer pools",
            Quantity::MetaspaceUsed => "metaspace used",
            Quantity::MetaspaceCommitted => "metaspace committed",
            Quantity::CodeCacheUsed => "code cache used",
            Quantity::MallocSystem => "malloc, from the system",
            Quantity::MallocMapped => "malloc, mapped",
            Quantity::NativeCommitted(_) => "native committed",
            Quantity::NativeReserved(_) => "native reserved",
            Quantity::NativeGrowth(_) => "native growth",
            Quantity::Restarts => "restarts",
            Quantity::OomKilled => "killed for memory",
            Quantity::Threads => "threads",
        }
    }

    /// The category of Native Memory Tracking.
    pub fn category(&self) -> Option<&str> {
        match self {
            Quantity::NativeCommitted(name)
            | Quantity::NativeReserved(name)
            | Quantity::NativeGrowth(name) => Some(name),
            _ => None,
        }
    }

    /// Whether the value is a number of things or events and no bytes.
    pub fn is_count(&self) -> bool {
        matches!(
            self,
            Quantity::Restarts | Quantity::OomKilled | Quantity::Threads
        )
    }

    /// Whether it is of a container and not of one process.
    pub(crate) fn is_of_container(&self) -> bool {
        match self {
            Quantity::Resident(measure) | Quantity::Growth(measure) => {
                *measure != Resident::Process
            }
            other => matches!(
                other,
                Quantity::Restarts
                    | Quantity::OomKilled
                    | Quantity::Limit
                    | Quantity::InactiveFile
                    | Quantity::SharedMemory
            ),
        }
    }

    /// Whether only a JVM has it.
    pub fn is_of_jvm(&self) -> bool {
        !self.is_of_container()
            && !matches!(
                self,
                Quantity::Resident(_)
                    | Quantity::Growth(_)
                    | Quantity::Threads
                    | Quantity::MallocSystem
                    | Quantity::MallocMapped
            )
    }
}

/// Which memory counts as in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resident {
    /// The resident set of the JVM's process (`VmRSS`, `Rss`).
    Process,
    /// A container's working set: usage without inactive page cache. What `kubectl top` shows and the kubelet evicts by.
    WorkingSet,
    /// A container's anonymous memory (`container_memory_rss`, `anon`).
    Anonymous,
    /// All a container is charged for, page cache included.
    Usage,
}

impl Resident {
    /// The measure in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Resident::Process => "resident set of the process",
            Resident::WorkingSet => "working set of the container",
            Resident::Anonymous => "anonymous memory of the container",
            Resident::Usage => "memory charged to the container, page cache included",
        }
    }
}

/// Whose memory a fact is about, as far as the source says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// The namespace of the pod.
    pub namespace: Option<String>,
    /// The name of the pod.
    pub pod: Option<String>,
    /// The name of the container.
    pub container: Option<String>,
    /// The PID of the process.
    pub pid: Option<String>,
    /// The name of the process, e.g. `java`.
    pub process: Option<String>,
    /// The target that a metric was scraped from, where neither pod nor container is named.
    pub instance: Option<String>,
    /// What another life of the same thing has otherwise: the path of a cgroup, the ID of a container, the start time, the address range of
    /// a process's mappings.
    pub life: Option<String>,
}

impl Subject {
    /// Whether something tells this from others: a pod, a container, a process, or the life of one.
    pub fn is_known(&self) -> bool {
        self.container.is_some()
            || self.pod.is_some()
            || self.pid.is_some()
            || self.process.is_some()
            || self.instance.is_some()
            || self.life.is_some()
    }

    /// The same thing without its life.
    pub fn lasting(&self) -> Subject {
        Subject {
            life: None,
            ..self.clone()
        }
    }

    /// How it is called in a sentence: `shop/shop-1/app`, `java 17`; `None` when nothing names it.
    pub fn label(&self) -> Option<String> {
        let place: Vec<&str> = [&self.namespace, &self.pod, &self.container, &self.instance]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let process: Vec<&str> = [&self.process, &self.pid]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let parts: Vec<String> = [place.join("/"), process.join(" ")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(", process "))
    }
}

/// Where a fact was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Source {
    /// The format, e.g. `kubectl top`.
    pub format: &'static str,
    /// The file as it was named.
    pub file: String,
    /// Line in the file, from 1; 0 for what was given on the command line.
    pub line: u64,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.file);
        }
        write!(f, "{}, {}:{}", self.format, self.file, self.line)
    }
}

/// A fact given by hand with the command-line option `option`, e.g. `--rss`.
pub fn given(quantity: Quantity, bytes: u64, option: &str) -> Evidence {
    let mut fact = Evidence::new(quantity, bytes, 0);
    fact.source.format = "given";
    option.clone_into(&mut fact.source.file);
    fact
}

/// `bytes` as a signed number; what exceeds it is not a size of memory.
pub(crate) fn clamp(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

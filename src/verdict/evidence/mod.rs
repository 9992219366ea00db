//! What was measured outside the heap dump: `kubectl top`, `jcmd`, `/proc`, cgroup files, Prometheus, GC logs.
//!
//! Every format is one small file and one line of the table `FORMATS`. A file is recognised by its content (only a bare number of a cgroup file needs
//! its name) and becomes typed facts that know their file and line, so that the report can say where a number comes from.
//!
//! Files come in the order of time: of two snapshots the earlier one first, as given on the command line; in a folder
//! [by name](read_folder).

mod cgroup;
mod document;
mod folder;
mod gc_log;
mod heap_info;
mod kubectl_top;
mod native_memory;
mod proc_status;
mod prometheus;
mod smaps_rollup;
mod vm_flags;
mod vm_info;

pub use document::Document;
pub use folder::{FolderEvidence, Skipped, read_folder};

use std::path::{Path, PathBuf};

/// One measured fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was measured.
    pub quantity: Quantity,
    /// Bytes; negative only for growth.
    pub bytes: i64,
    /// Whose memory it is.
    pub subject: Subject,
    /// Where it was read.
    pub source: Source,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Memory in use.
    Resident(Resident),
    /// Growth of the memory in use between two measurements.
    Growth(Resident),
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
    /// Committed memory of a category of Native Memory Tracking (`Total`, `Java Heap`, `Other`, ...).
    NativeCommitted(String),
    /// Reserved address space of such a category.
    NativeReserved(String),
    /// Growth of such a category's committed memory since the baseline (`summary.diff`).
    NativeGrowth(String),
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

/// Whose memory a fact is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Name of the pod, where the source says it.
    pub pod: Option<String>,
    /// Name of the container, where the source says it.
    pub container: Option<String>,
    /// What tells processes apart, where the source says it: a PID, or the address range of the process's mappings.
    pub process: Option<String>,
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

/// Why evidence could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file could not be read.
    #[error("cannot read evidence {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is larger than evidence ever is.
    #[error("{} is larger than {} MiB: give the last part of it (tail)", path.display(), document::MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// No format recognises the content.
    #[error("{}: not a known kind of evidence (known: {})", path.display(), known_formats())]
    Unrecognised {
        /// The file.
        path: PathBuf,
    },
    /// The format is known, but a line is broken.
    #[error("{file}:{line}: broken {format}: {what}")]
    Malformed {
        /// The file as it was named.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The format it was recognised as.
        format: &'static str,
        /// What is wrong.
        what: String,
    },
}

/// What a broken line is: its number and what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    line: u64,
    what: String,
}

impl Malformed {
    fn new(line: u64, what: impl Into<String>) -> Self {
        Malformed {
            line,
            what: what.into(),
        }
    }
}

/// What a parser found: quantity, bytes, subject, line.
pub(crate) type Facts = Vec<(Quantity, i64, Subject, u64)>;

/// A format of evidence.
pub(crate) struct Format {
    /// Name in messages and sources.
    name: &'static str,
    /// Whether a document is of this format, by its content.
    recognises: fn(&Document) -> bool,
    /// The facts in it.
    parse: fn(&Document) -> Result<Facts, Malformed>,
}

/// All formats; the first that recognises a document reads it. Those with unmistakable headings come first.
const FORMATS: &[Format] = &[
    prometheus::FORMAT,
    vm_info::FORMAT,
    native_memory::FORMAT,
    smaps_rollup::FORMAT,
    proc_status::FORMAT,
    gc_log::FORMAT,
    heap_info::FORMAT,
    vm_flags::FORMAT,
    kubectl_top::FORMAT,
    cgroup::STAT,
    cgroup::VALUES,
];

fn known_formats() -> String {
    FORMATS
        .iter()
        .map(|f| f.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The facts in the evidence file at `path`.
///
/// # Errors
/// When the file cannot be read, is of no known format, or a line of it is broken (the error names file and line).
pub fn read_file(path: &Path) -> Result<Vec<Evidence>, EvidenceError> {
    read_document(&Document::read(path)?, path)
}

/// The facts in a document that is already in memory; `path` is for messages.
///
/// # Errors
/// As [`read_file`].
pub fn read_document(document: &Document, path: &Path) -> Result<Vec<Evidence>, EvidenceError> {
    let Some(format) = FORMATS.iter().find(|f| (f.recognises)(document)) else {
        return Err(EvidenceError::Unrecognised {
            path: path.to_owned(),
        });
    };
    match (format.parse)(document) {
        Ok(facts) => Ok(facts
            .into_iter()
            .map(|(quantity, bytes, subject, line)| Evidence {
                quantity,
                bytes,
                subject,
                source: Source {
                    format: format.name,
                    file: document.file.clone(),
                    line,
                },
            })
            .collect()),
        Err(Malformed { line, what }) => Err(EvidenceError::Malformed {
            file: document.file.clone(),
            line,
            format: format.name,
            what,
        }),
    }
}

/// A fact given by hand with the command-line option `option`, e.g. `--rss`.
pub fn given(quantity: Quantity, bytes: u64, option: &str) -> Evidence {
    Evidence {
        quantity,
        bytes: clamp(bytes),
        subject: Subject::default(),
        source: Source {
            format: "given",
            file: option.to_owned(),
            line: 0,
        },
    }
}

/// `bytes` as a signed number; what exceeds it is not a size of memory.
pub(crate) fn clamp(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

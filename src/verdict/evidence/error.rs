//! Why evidence could not be read.

use super::document::MAX_BYTES;
use std::path::PathBuf;

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
    #[error("{} is larger than {} MiB: give the last part of it (tail)", path.display(), MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is known what the content is, and it says nothing of the memory of a process or container; or nothing is known of it.
    #[error("{}: {what}", path.display())]
    NotEvidence {
        /// The file.
        path: PathBuf,
        /// What it looks like, and what would serve.
        what: String,
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
    /// Nothing tells which of several files is the earlier one.
    #[error(
        "{first} and {second} measure the same, and their order of time is not clear{why}: give the earlier one first with --order given, or --order name|time"
    )]
    UnknownOrder {
        /// One of the files.
        first: String,
        /// The other one.
        second: String,
        /// What makes it unclear; empty when nothing tells it.
        why: &'static str,
    },
}

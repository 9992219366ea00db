//! How a dump is opened: mapped files, containers, standard input; what is not a dump is recognised here.
//!
//! [`open`] takes whatever the user named and gives one contiguous run of plain HPROF bytes, whose header has been checked.

mod container;
mod error;
mod foreign;
mod format;
pub mod limits;
mod mapping;
mod sniff;
mod source;
mod spool;
mod storage;
mod unpack;
mod warning;
mod watch;

use std::ops::Range;
use std::path::{Path, PathBuf};

pub use error::{InputError, Problem};
pub use sniff::is_hprof;
pub use warning::InputWarning;

use crate::platform;
use spool::FreeSpace;
use storage::Storage;
use watch::Watch;

/// Called while a file is unpacked or read: bytes of the given file done, and how many there are where that is known.
pub type Progress<'a> = &'a (dyn Fn(u64, Option<u64>) + Sync);

/// How a dump is to be opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Read the file instead of mapping it: for files that may still change.
    pub no_mmap: bool,
    /// Bytes of anonymous memory that the unpacked dump may take; beyond that a temporary file is used.
    /// `None`: a quarter of what this process may still use ([`limits`]).
    pub memory_budget: Option<u64>,
    /// Where temporary files go; `None`: the system's place.
    pub temp_dir: Option<PathBuf>,
    /// The most bytes that may come out of a container; what the temporary directory has room for limits it as well.
    pub max_unpacked: Option<u64>,
    /// Which of several dumps is wanted, from 1.
    pub dump_number: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            no_mmap: false,
            memory_budget: None,
            temp_dir: None,
            max_unpacked: None,
            dump_number: 1,
        }
    }
}

/// An opened dump: one contiguous run of plain HPROF bytes.
#[derive(Debug)]
pub struct Input {
    storage: Storage,
    /// The dump inside the storage.
    window: Range<usize>,
    file_name: String,
    file_bytes: u64,
    compression: Option<&'static str>,
    warnings: Vec<InputWarning>,
    watch: Option<Watch>,
    path: PathBuf,
    dump_number: usize,
}

/// The file that a dump was read from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Its name as given.
    pub path: &'a Path,
    /// When it was written last, as it was when it was opened.
    pub modified: Option<std::time::SystemTime>,
}

impl Input {
    /// The dump, from its header on.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.storage.as_slice()[self.window.clone()]
    }

    /// The name of the file without its directories, or `-` for standard input. Untrusted text.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Size in bytes as given: on disk for a file, compressed where it is compressed, received for a stream.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The container that the dump was in: `gzip`, `zstd`, `xz`, `zip`, `tar`, `tar.gz`, `tar.zst`, `tar.xz`.
    #[must_use]
    pub fn compression(&self) -> Option<&'static str> {
        self.compression
    }

    /// What was found wrong while opening.
    #[must_use]
    pub fn warnings(&self) -> &[InputWarning] {
        &self.warnings
    }

    /// Which dump of [`Self::bytes`] is wanted, from 1: the number that was asked for, or 1 when it already picked a file of an archive.
    #[must_use]
    pub fn dump_number(&self) -> usize {
        self.dump_number
    }

    /// The file that it was read from; `None` for a stream.
    #[must_use]
    pub fn origin(&self) -> Option<Origin<'_>> {
        let watch = self.watch.as_ref()?;
        Some(Origin {
            path: &self.path,
            modified: watch.modified(),
        })
    }

    /// Compares size and time of the file with what they were when it was opened. To be asked after the last byte was read;
    /// a stream or a file of an archive on standard input cannot be asked.
    #[must_use]
    pub fn check_unchanged(&self) -> Option<InputWarning> {
        self.watch.as_ref().and_then(Watch::check)
    }

    /// Gives the pages of a processed `range` of [`Self::bytes`] back to the system, so that they no longer count as memory of this
    /// process. They are read again when they are touched again. Nothing happens for a dump in anonymous memory.
    ///
    /// Small ranges one after the other are given back together, each time one of them passes a multiple of [`TOGETHER`]: every
    /// call interrupts all cores.
    pub fn release(&self, range: Range<usize>) {
        let start = self.window.start.saturating_add(range.start);
        let end = self.window.start.saturating_add(range.end);
        let end = end.min(self.window.end);
        let (first, last) = if end == self.window.end {
            (start / TOGETHER * TOGETHER, end)
        } else {
            (start / TOGETHER * TOGETHER, end / TOGETHER * TOGETHER)
        };
        if first < last {
            self.storage.release(first.max(self.window.start)..last);
        }
    }

    /// Says that the dump will be read from front to back.
    pub fn advise_sequential(&self) {
        self.storage.advise_sequential();
    }
}

/// The folder for temporary files: the one that was given, else the system's, but not one in memory when a disk is there.
pub fn temporary_directory(given: Option<&Path>) -> PathBuf {
    given.map_or_else(spool::default_directory, Path::to_owned)
}

/// Whether files in `directory` lie in memory (tmpfs).
pub fn is_in_memory(directory: &Path) -> bool {
    platform::is_memory(directory)
}

/// Bytes that are free on the disk of `directory`; `None` where that is not known.
pub fn free_bytes(directory: &Path) -> Option<u64> {
    let folder = std::fs::File::open(directory).ok()?;
    platform::disk_space(&folder).map(|disk| disk.free)
}

/// Bytes of a dump that are given back at once.
const TOGETHER: usize = 16 << 20;

/// Opens the dump at `path`; `-` is standard input.
///
/// # Errors
///
/// [`InputError`] where nothing can be read or what is there is not an HPROF dump.
pub fn open(path: &Path, options: &OpenOptions, progress: Progress) -> Result<Input, InputError> {
    let given = source::open(path)?;
    let room = FreeSpace {
        name: given.name.clone(),
        memory: options.memory_budget.unwrap_or_else(default_budget),
        directory: temporary_directory(options.temp_dir.as_deref()),
        most_unpacked: u64::MAX,
    };
    let (storage, watch) = given.read(options.no_mmap, &room, progress)?;
    let file_bytes = storage.as_slice().len() as u64;
    let room = FreeSpace {
        most_unpacked: options.max_unpacked.unwrap_or(u64::MAX),
        ..room
    };
    let plain = unpack::unpack(storage, &room, options.dump_number, progress)?;
    let mut warnings = plain.warnings;
    if watch.is_some() {
        warnings.extend(watch::part_files(path));
    }
    Ok(Input {
        storage: plain.storage,
        window: plain.window,
        file_name: given.file_name,
        file_bytes,
        compression: plain.compression,
        warnings,
        watch,
        path: path.to_owned(),
        dump_number: if plain.is_picked {
            1
        } else {
            options.dump_number
        },
    })
}

/// A quarter of what may still be used: the analysis needs memory too. Without an answer of the system, 1 GiB.
fn default_budget() -> u64 {
    limits::available().map_or(1 << 30, |available| available.bytes / 4)
}

//! How a dump is opened: mapped files, containers, standard input; what is not a dump is told apart here.
//!
//! [`open`] takes whatever the user named and gives one contiguous run of plain HPROF bytes, whose header has been checked.

mod container;
mod error;
mod foreign;
mod mapping;
pub mod sigbus;
mod sniff;
mod storage;
pub mod warning;
mod watch;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use error::{InputError, Problem};
pub use sniff::is_hprof;
pub use warning::InputWarning;

use error::{neutral, shown};
use mapping::Mapping;
use sniff::{Content, PREFIX};
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
    /// `None`: a quarter of what this process may still use.
    pub memory_budget: Option<u64>,
    /// Where temporary files go; `None`: the system's place.
    pub temp_dir: Option<PathBuf>,
    /// Which of several dumps is wanted, from 1.
    pub dump_number: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            no_mmap: false,
            memory_budget: None,
            temp_dir: None,
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
    dump_number: usize,
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

    /// Compares size and time of the file with what they were when it was opened. To be asked after the last byte was read;
    /// a stream or a file of an archive on standard input cannot be asked.
    #[must_use]
    pub fn check_unchanged(&self) -> Option<InputWarning> {
        self.watch.as_ref().and_then(Watch::check)
    }

    /// Gives the pages of a processed `range` of [`Self::bytes`] back to the system, so that they no longer count as memory of this
    /// process. They are read again when they are touched again. Nothing happens for a dump in anonymous memory.
    pub fn release(&self, range: Range<usize>) {
        let start = self.window.start.saturating_add(range.start);
        let end = self.window.start.saturating_add(range.end);
        self.storage.release(start..end.min(self.window.end));
    }

    /// Says that the dump will be read from front to back.
    pub fn advise_sequential(&self) {
        self.storage.advise_sequential();
    }
}

/// Opens the dump at `path`; `-` is standard input.
///
/// # Errors
///
/// [`InputError`] where nothing can be read or what is there is not an HPROF dump.
pub fn open(path: &Path, options: &OpenOptions, progress: Progress) -> Result<Input, InputError> {
    let _ = progress;
    let name = shown(path);
    let (file, metadata) = open_file(path, &name)?;
    let mapped = |error| read_error(&name, error);
    let file_bytes = metadata.len();
    let storage = if file_bytes == 0 {
        Storage::Memory(Vec::new())
    } else {
        Storage::Mapped(Mapping::new(&file).map_err(mapped)?)
    };
    let prefix = &storage.as_slice()[..storage.as_slice().len().min(PREFIX)];
    let content = |problem| InputError::Content {
        name: name.clone(),
        place: String::new(),
        problem,
    };
    match sniff::sniff(prefix).map_err(content)? {
        Content::Hprof => {}
        Content::Container(container) => {
            return Err(InputError::Unpack {
                name,
                format: container.name(),
                offset: 0,
                reason: "not supported".to_owned(),
            });
        }
    }
    let window = 0..storage.as_slice().len();
    Ok(Input {
        storage,
        window,
        file_name: path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        file_bytes,
        compression: None,
        warnings: watch::part_files(path).into_iter().collect(),
        watch: Some(Watch::new(file, &metadata)),
        dump_number: options.dump_number,
    })
}

fn open_file(path: &Path, name: &str) -> Result<(File, std::fs::Metadata), InputError> {
    // Asked before opening: to open a FIFO blocks, to open a directory succeeds.
    let metadata = path.metadata().map_err(|e| stat_error(path, name, e))?;
    if metadata.is_dir() {
        let name = name.to_owned();
        return Err(InputError::Directory { name });
    }
    let file = File::open(path).map_err(|e| stat_error(path, name, e))?;
    let metadata = file.metadata().map_err(|e| read_error(name, e))?;
    Ok((file, metadata))
}

fn stat_error(path: &Path, name: &str, error: io::Error) -> InputError {
    let name = name.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => match path.read_link() {
            Ok(target) => InputError::DanglingLink {
                name,
                target: neutral(&target.to_string_lossy()),
            },
            Err(_) => InputError::NotFound { name },
        },
        io::ErrorKind::PermissionDenied => InputError::PermissionDenied { name },
        _ if error.raw_os_error() == Some(libc::ELOOP) => InputError::LinkLoop { name },
        _ => read_error(&name, error),
    }
}

fn read_error(name: &str, source: io::Error) -> InputError {
    InputError::Read {
        name: name.to_owned(),
        offset: 0,
        source,
    }
}

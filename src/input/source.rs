//! What the user named: a file, a FIFO, a device, standard input.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal, Read, Seek};
use std::path::Path;

use super::Progress;
use super::error::{InputError, neutral, shown};
use super::mapping::Mapping;
use super::spool::{FreeSpace, Spool};
use super::storage::Storage;
use super::watch::Watch;
use crate::platform::{self, Fifo};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// An opened source.
pub(super) struct Source {
    /// For messages.
    pub(super) name: String,
    /// For the report.
    pub(super) file_name: String,
    file: File,
    /// A byte that was read already.
    first: Option<u8>,
    /// Of a regular file that is read from its beginning.
    regular: Option<Metadata>,
}

/// Opens `path`; `-` is standard input.
pub(super) fn open(path: &Path) -> Result<Source, InputError> {
    if path.as_os_str() == "-" {
        return open_stdin();
    }
    let name = shown(path);
    // Asked before opening: to open a FIFO blocks, to open a directory succeeds.
    let metadata = path.metadata().map_err(|e| stat_error(path, &name, e))?;
    if metadata.is_dir() {
        return Err(InputError::Directory { name });
    }
    let failed = |error| stat_error(path, &name, error);
    let (file, first) = match platform::fifo(path, &metadata).map_err(failed)? {
        Fifo::Other => (File::open(path).map_err(failed)?, None),
        Fifo::Open(file, first) => (file, first),
        Fifo::NoWriter => {
            let seconds = platform::WRITER_WAIT.as_secs();
            return Err(InputError::NoWriter { name, seconds });
        }
    };
    let metadata = file.metadata().map_err(|e| read_error(&name, 0, e))?;
    let file_name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Source {
        name,
        file_name: file_name.to_string_lossy().into_owned(),
        file,
        first,
        regular: metadata.is_file().then_some(metadata),
    })
}

fn open_stdin() -> Result<Source, InputError> {
    let name = "standard input".to_owned();
    if io::stdin().is_terminal() {
        return Err(InputError::Terminal);
    }
    let mut file = platform::stdin_file().map_err(|e| read_error(&name, 0, e))?;
    // Windows says nothing of a pipe. What cannot be asked is read like one.
    let metadata = file.metadata().ok();
    if metadata.as_ref().is_some_and(Metadata::is_dir) {
        return Err(InputError::Directory { name });
    }
    // `< dump.hprof` is a file like any other, unless someone has read from it before.
    let at_start = file.stream_position().is_ok_and(|at| at == 0);
    let regular = metadata.filter(|metadata| metadata.is_file() && at_start);
    Ok(Source {
        name,
        file_name: "-".to_owned(),
        file,
        first: None,
        regular,
    })
}

impl Source {
    /// Its bytes: mapped where that is possible and wanted, else read. A file that can be asked again later is watched.
    pub(super) fn read(
        &self,
        no_mmap: bool,
        room: &FreeSpace,
        progress: Progress,
    ) -> Result<(Storage, Option<Watch>), InputError> {
        let failed = |error| read_error(&self.name, 0, error);
        let Some(metadata) = &self.regular else {
            return Ok((self.stream(None, room, progress)?, None));
        };
        let watch = Watch::new(self.file.try_clone().map_err(failed)?, metadata);
        let size = metadata.len();
        // Files of /proc say that they have no bytes.
        let storage = if no_mmap || !platform::MAPS_FILES || size == 0 {
            self.stream(Some(size).filter(|size| *size > 0), room, progress)?
        } else {
            match Mapping::new(&self.file) {
                Ok(mapping) => Storage::Mapped(mapping),
                // Some file systems cannot map.
                Err(_) => self.stream(Some(size), room, progress)?,
            }
        };
        Ok((storage, Some(watch)))
    }

    fn stream(
        &self,
        total: Option<u64>,
        room: &FreeSpace,
        progress: Progress,
    ) -> Result<Storage, InputError> {
        let mut spool = Spool::new(room.clone(), String::new());
        spool.write(self.first.as_slice())?;
        let mut buffer = vec![0; CHUNK];
        loop {
            match (&self.file).read(&mut buffer) {
                Ok(0) => return spool.finish(),
                Ok(read) => {
                    spool.write(&buffer[..read])?;
                    progress(spool.written(), total);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_error(&self.name, spool.written(), error)),
            }
        }
    }
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
        _ if platform::is_link_loop(&error) => InputError::LinkLoop { name },
        _ => read_error(&name, 0, error),
    }
}

fn read_error(name: &str, offset: u64, source: io::Error) -> InputError {
    InputError::Read {
        name: name.to_owned(),
        offset,
        source,
    }
}

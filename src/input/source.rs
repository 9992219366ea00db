//! What the user named: a file, a FIFO, a device, standard input.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal, Read, Seek};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::Progress;
use super::error::{InputError, neutral, shown};
use super::mapping::Mapping;
use super::spool::{Room, Spool};
use super::storage::Storage;
use super::watch::Watch;

/// How long a FIFO without a writer is waited for: someone may be starting it, but a run must not hang for ever.
const WRITER_WAIT: Duration = Duration::from_secs(5);

/// How often is looked whether a writer has come.
const WRITER_POLL: Duration = Duration::from_millis(50);

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
    let (file, first) = if metadata.file_type().is_fifo() {
        open_fifo(path, &name)?
    } else {
        (
            File::open(path).map_err(|e| stat_error(path, &name, e))?,
            None,
        )
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
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(InputError::Terminal);
    }
    let owned = stdin
        .as_fd()
        .try_clone_to_owned()
        .map_err(|e| read_error(&name, 0, e))?;
    let mut file = File::from(owned);
    let metadata = file.metadata().map_err(|e| read_error(&name, 0, e))?;
    if metadata.is_dir() {
        return Err(InputError::Directory { name });
    }
    // `< dump.hprof` is a file like any other, unless someone has read from it before.
    let is_file = metadata.is_file() && file.stream_position().is_ok_and(|at| at == 0);
    Ok(Source {
        name,
        file_name: "-".to_owned(),
        file,
        first: None,
        regular: is_file.then_some(metadata),
    })
}

impl Source {
    /// Its bytes: mapped where that is possible and wanted, else read. A file that can be asked again later is watched.
    pub(super) fn read(
        &self,
        no_mmap: bool,
        room: &Room,
        progress: Progress,
    ) -> Result<(Storage, Option<Watch>), InputError> {
        let failed = |error| read_error(&self.name, 0, error);
        let Some(metadata) = &self.regular else {
            return Ok((self.stream(None, room, progress)?, None));
        };
        let watch = Watch::new(self.file.try_clone().map_err(failed)?, metadata);
        let size = metadata.len();
        // Files of /proc say that they have no bytes.
        let storage = if no_mmap || size == 0 {
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
        room: &Room,
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

/// Opens a FIFO without waiting for its writer, waits a little for one, and then lets reads block as usual. Gives the byte that was
/// read while waiting, if there was one.
fn open_fifo(path: &Path, name: &str) -> Result<(File, Option<u8>), InputError> {
    let failed = |error: io::Error| stat_error(path, name, error);
    let mut options = File::options();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path).map_err(failed)?;
    let mut waited = Duration::ZERO;
    let first = loop {
        match writer(&file).map_err(failed)? {
            Writer::Absent if waited < WRITER_WAIT => {
                std::thread::sleep(WRITER_POLL);
                waited += WRITER_POLL;
            }
            Writer::Absent => {
                return Err(InputError::NoWriter {
                    name: name.to_owned(),
                    seconds: WRITER_WAIT.as_secs(),
                });
            }
            Writer::Present(first) => break first,
        }
    };
    let flags = fcntl_getfl(&file).map_err(|e| failed(e.into()))?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK).map_err(|e| failed(e.into()))?;
    Ok((file, first))
}

/// Whether somebody has a FIFO open for writing.
enum Writer {
    Absent,
    /// With the byte that it cost to find out.
    Present(Option<u8>),
}

/// There is a writer when there are bytes, or a hang-up of one that has gone, or when a read would block; without one a read
/// gives the end of the file.
fn writer(mut file: &File) -> io::Result<Writer> {
    let mut fds = [PollFd::new(file, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if poll(&mut fds, Some(&now))? > 0 {
        return Ok(Writer::Present(None));
    }
    let mut byte = [0];
    match file.read(&mut byte) {
        Ok(0) => Ok(Writer::Absent),
        // It came between the two questions.
        Ok(_) => Ok(Writer::Present(Some(byte[0]))),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Writer::Present(None)),
        Err(error) => Err(error),
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
        _ if error.raw_os_error() == Some(libc::ELOOP) => InputError::LinkLoop { name },
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

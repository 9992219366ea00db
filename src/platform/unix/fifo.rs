//! FIFOs: opened without waiting for ever.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::super::{Fifo, WRITER_WAIT};

/// How often is looked whether a writer has come.
const WRITER_POLL: Duration = Duration::from_millis(50);

/// Opens a FIFO without waiting for its writer, waits a little for one, and then lets reads block as usual.
pub fn open(path: &Path, metadata: &Metadata) -> io::Result<Fifo> {
    if !metadata.file_type().is_fifo() {
        return Ok(Fifo::Other);
    }
    let mut options = File::options();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path)?;
    let mut waited = Duration::ZERO;
    let first = loop {
        match writer(&file)? {
            Writer::Absent if waited < WRITER_WAIT => {
                std::thread::sleep(WRITER_POLL);
                waited += WRITER_POLL;
            }
            Writer::Absent => return Ok(Fifo::NoWriter),
            Writer::Present(first) => break first,
        }
    };
    let flags = fcntl_getfl(&file)?;
    fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
    Ok(Fifo::Open(file, first))
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

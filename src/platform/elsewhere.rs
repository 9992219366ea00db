//! Windows, and whatever has neither signals nor `mmap`: plain replacements.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use memmap2::Mmap;

use super::{DiskSpace, Fifo};

/// Files of the user are read: an error of the disk under a mapped file would end the process without a message.
pub const MAPS_FILES: bool = false;

/// There is no signal to handle.
pub mod guard {
    /// Does nothing: files of the user are not mapped, and nobody else reaches the temporary ones.
    pub fn install() {}
}

pub fn guard_mapping(_start: usize, _length: usize) {}

pub fn forget_mapping(_start: usize) {}

pub fn advise_sequential(_map: &Mmap) {}

pub fn give_back(_map: &Mmap, _start: usize, _end: usize) {}

/// Standard input as a file, with a handle of its own.
#[cfg(windows)]
pub fn stdin_file() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

#[cfg(not(windows))]
pub fn stdin_file() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn disk_space(_file: &File) -> Option<DiskSpace> {
    None
}

pub fn is_memory(_directory: &Path) -> bool {
    false
}

pub fn is_link_loop(_error: &io::Error) -> bool {
    false
}

/// Links are resolved by name only.
pub fn same_file(_a: &Path, _b: &Path) -> Option<bool> {
    None
}

pub fn like_any_new_file(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Files have names here.
pub fn unnamed_file(_folder: &Path) -> Option<File> {
    None
}

pub fn name_file(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Fills `bytes` from `offset` of the file on.
#[cfg(windows)]
pub fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        let read = file.seek_read(bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        offset += read as u64;
    }
    Ok(())
}

#[cfg(not(windows))]
pub fn read_at(_file: &File, _bytes: &mut [u8], _offset: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn owner_only(_options: &mut fs::OpenOptions) {}

/// Pipes with names are opened like files here.
pub fn fifo(_path: &Path, _metadata: &fs::Metadata) -> io::Result<Fifo> {
    Ok(Fifo::Other)
}

/// No handler is called for signals here: Ctrl-C ends the process, or is a key where the terminal is taken over.
pub mod signals {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    pub fn catch_ending(_mark: &Arc<AtomicUsize>) -> io::Result<()> {
        Ok(())
    }

    pub fn catch_ending_unless_ignored(_mark: &Arc<AtomicUsize>) {}

    pub fn catch_stopping(
        _stopping: &Arc<AtomicBool>,
        _going_on: &Arc<AtomicBool>,
    ) -> io::Result<()> {
        Ok(())
    }

    pub fn survive_file_limit() {}

    pub fn stop() -> io::Result<()> {
        Ok(())
    }

    pub const HANG_UP: i32 = 1;

    /// The console ends its programs itself.
    pub fn is_hung_up() -> bool {
        false
    }

    pub fn end_by(_signal: i32) {}
}

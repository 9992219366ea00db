//! Where bytes go whose number is not known beforehand: anonymous memory as far as the budget allows, then an unlinked
//! temporary file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{InputError, shown};
use super::mapping::Mapping;
use super::sniff::{PREFIX, sniff};
use super::storage::Storage;
use crate::platform::{self, is_memory};

/// What stays free on the disk of the temporary file: at most this, and at most one twentieth of the disk. A small compressed file
/// can unpack to anything; it must not take the last byte from the programs that share the machine.
const DISK_RESERVE: u64 = 1 << 30;

/// Bytes that are written at most before the free space is asked for again. Where the reserve is smaller, it is that.
const DISK_CHECK: u64 = 64 << 20;

/// How and where to keep unpacked bytes.
#[derive(Debug, Clone)]
pub(super) struct FreeSpace {
    /// The file for messages.
    pub(super) name: String,
    /// Bytes of anonymous memory.
    pub(super) memory: u64,
    /// The directory of temporary files.
    pub(super) directory: PathBuf,
    /// The most bytes that may come out of a container; the room itself limits them as well.
    pub(super) most_unpacked: u64,
}

/// Takes bytes in order and becomes a [`Storage`].
#[derive(Debug)]
pub(super) struct Spool {
    room: FreeSpace,
    /// For messages: in which container the bytes were, see [`InputError::Content`].
    place: String,
    memory: Vec<u8>,
    file: Option<File>,
    written: u64,
    next_disk_check: u64,
    is_checked: bool,
}

impl Spool {
    pub(super) fn new(room: FreeSpace, place: String) -> Self {
        Self {
            room,
            place,
            memory: Vec::new(),
            file: None,
            written: 0,
            next_disk_check: 0,
            is_checked: false,
        }
    }

    /// The file for messages.
    pub(super) fn name(&self) -> &str {
        &self.room.name
    }

    /// Bytes taken so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Takes more bytes. As soon as enough of the beginning is there it is looked at: what is not a dump (and not a container) is
    /// refused before the rest of it is unpacked.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        if !self.is_checked && self.written.saturating_add(bytes.len() as u64) >= PREFIX as u64 {
            self.check_beginning(bytes)?;
            self.is_checked = true;
        }
        let after = self.written.saturating_add(bytes.len() as u64);
        if after > self.room.most_unpacked {
            return Err(InputError::UnpacksToMore {
                name: self.room.name.clone(),
                most: self.room.most_unpacked,
            });
        }
        if self.file.is_none() && !self.has_memory_for(bytes.len(), after) {
            self.spill()?;
        }
        if self.file.is_some() {
            self.write_file(bytes)?;
        } else {
            self.memory.extend_from_slice(bytes);
        }
        self.written = after;
        Ok(())
    }

    /// Takes zeros in the place of bytes that are lost.
    pub(super) fn write_zeros(&mut self, mut count: u64) -> Result<(), InputError> {
        const ZEROS: [u8; 4096] = [0; 4096];
        while count > 0 {
            let now = count.min(ZEROS.len() as u64);
            self.write(&ZEROS[..now as usize])?;
            count -= now;
        }
        Ok(())
    }

    /// The bytes as one contiguous run.
    pub(super) fn finish(mut self) -> Result<Storage, InputError> {
        match self.file.take() {
            Some(file) => match Mapping::new(&file) {
                Ok(mapping) => Ok(Storage::Mapped(mapping)),
                Err(error) => Err(self.no_room(&error)),
            },
            None => Ok(Storage::Memory(self.memory)),
        }
    }

    /// Looks at the beginning, of which `more` is the last part. What came before is less than the prefix and so is still in memory.
    fn check_beginning(&self, more: &[u8]) -> Result<(), InputError> {
        let missing = PREFIX.saturating_sub(self.memory.len());
        let prefix = [&self.memory[..], &more[..more.len().min(missing)]].concat();
        match sniff(&prefix) {
            Ok(_) => Ok(()),
            Err(problem) => Err(InputError::Content {
                name: self.room.name.clone(),
                place: self.place.clone(),
                problem,
            }),
        }
    }

    /// Whether the bytes may stay in memory, which is then reserved. The beginning always may: it is looked at there.
    fn has_memory_for(&mut self, more: usize, after: u64) -> bool {
        let budget = self.room.memory.max(2 * PREFIX as u64);
        if after > budget {
            return false;
        }
        if self.memory.capacity() - self.memory.len() >= more {
            return true;
        }
        let doubled = (self.memory.capacity() as u64).saturating_mul(2);
        let target = doubled.clamp(after, budget);
        let additional = target - self.memory.len() as u64;
        usize::try_from(additional).is_ok_and(|n| self.memory.try_reserve_exact(n).is_ok())
    }

    fn spill(&mut self) -> Result<(), InputError> {
        let file = tempfile::tempfile_in(&self.room.directory);
        let file = file.map_err(|error| InputError::TemporaryFolder {
            name: self.room.name.clone(),
            directory: shown(&self.room.directory),
            reason: error.to_string(),
        })?;
        self.file = Some(file);
        let memory = std::mem::take(&mut self.memory);
        self.write_file(&memory)
    }

    fn write_file(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        let Some(file) = self.file.as_mut() else {
            return Ok(());
        };
        let result = if self.written >= self.next_disk_check {
            check_disk(file).and_then(|step| {
                self.next_disk_check = self.written.saturating_add(step);
                file.write_all(bytes)
            })
        } else {
            file.write_all(bytes)
        };
        result.map_err(|error| self.no_room(&error))
    }

    fn no_room(&self, error: &io::Error) -> InputError {
        InputError::TemporaryFile {
            name: self.room.name.clone(),
            directory: shown(&self.room.directory),
            written: self.written,
            reason: error.to_string(),
        }
    }
}

/// Bytes that may be written before the disk of `file` is looked at again. Fails when they would take from the reserve. A disk that does
/// not say is trusted.
fn check_disk(file: &File) -> io::Result<u64> {
    let Some(platform::DiskSpace { free, total }) = platform::disk_space(file) else {
        return Ok(DISK_CHECK);
    };
    let reserve = DISK_RESERVE.min(total / 20);
    let step = DISK_CHECK.min(reserve);
    if total > 0 && free < reserve.saturating_add(step) {
        return Err(io::Error::new(
            io::ErrorKind::StorageFull,
            format!("only {free} bytes are free there, and {reserve} are left to others"),
        ));
    }
    Ok(step)
}

/// Where temporary files go when the user does not say: the system's place, but not one in memory when a disk is there.
pub(super) fn default_directory() -> PathBuf {
    let place = std::env::temp_dir();
    let other = Path::new("/var/tmp");
    if std::env::var_os("TMPDIR").is_none()
        && is_memory(&place)
        && other.is_dir()
        && !is_memory(other)
    {
        return other.to_owned();
    }
    place
}

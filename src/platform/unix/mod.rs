//! Linux, macOS and their like.

mod fifo;
pub mod guard;
pub mod signals;

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use memmap2::{Advice, Mmap, UncheckedAdvice};

use super::DiskSpace;

pub use fifo::open as fifo;
pub use guard::{register as guard_mapping, unregister as forget_mapping};

/// Files of the user are mapped: a file that is cut short meanwhile ends the process with a message ([`guard`]).
pub const MAPS_FILES: bool = true;

/// Tells the system to read ahead. A refusal only costs speed, so it is not reported.
pub fn advise_sequential(map: &Mmap) {
    let _ = map.advise(Advice::Sequential);
}

/// Gives the whole pages inside `start..end` (bytes of the mapping) back to the system; they are read from the file again
/// when they are touched again.
#[allow(unsafe_code)]
pub fn give_back(map: &Mmap, start: usize, end: usize) {
    let page = rustix::param::page_size();
    let start = start.min(map.len()).next_multiple_of(page);
    // The last page of a file is rarely whole: it may go when the range reaches the end.
    let end = if end >= map.len() {
        map.len()
    } else {
        end / page * page
    };
    if start >= end {
        return;
    }
    // SAFETY: MADV_DONTNEED loses data in anonymous or privately written pages. These mappings are shared, backed by a
    // file and never written, so the next access reads the same bytes from the file again.
    let _ = unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, start, end - start) };
}

/// Standard input as a file, with a handle of its own.
pub fn stdin_file() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The disk of `file`; `None` where it does not say.
pub fn disk_space(file: &File) -> Option<DiskSpace> {
    let disk = rustix::fs::fstatvfs(file).ok()?;
    Some(DiskSpace {
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        total: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}

/// Whether files of `directory` are kept in memory.
#[cfg(target_os = "linux")]
pub fn is_memory(directory: &Path) -> bool {
    // From linux/magic.h.
    const TMPFS_MAGIC: u64 = 0x0102_1994;
    rustix::fs::statfs(directory).is_ok_and(|fs| fs.f_type as u64 == TMPFS_MAGIC)
}

/// Elsewhere temporary files are on a disk.
#[cfg(not(target_os = "linux"))]
pub fn is_memory(_directory: &Path) -> bool {
    false
}

/// Whether opening failed since symbolic links lead in a circle.
pub fn is_link_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

/// Whether two names lead to one file, through links of any kind; `None` where one of them is not there.
pub fn same_file(a: &Path, b: &Path) -> Option<bool> {
    let (a, b) = (fs::metadata(a).ok()?, fs::metadata(b).ok()?);
    Some(a.dev() == b.dev() && a.ino() == b.ino())
}

/// Permissions as those of any new file: the process's umask applies. Temporary files are otherwise readable by the owner only.
pub fn like_any_new_file(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(fs::Permissions::from_mode(0o666));
}

/// A file that is created is readable by its owner only.
pub fn owner_only(options: &mut fs::OpenOptions) {
    options.mode(0o600);
}

/// A new file of `folder` that has no name yet, readable by its owner only: whatever ends the process, nothing of it is left. `None`
/// where there are no such files.
#[cfg(target_os = "linux")]
pub fn unnamed_file(folder: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = openat(CWD, folder, flags, Mode::RUSR | Mode::WUSR).ok()?;
    // Without it the file could not be given a name later.
    Path::new("/proc/self/fd").exists().then(|| file.into())
}

#[cfg(not(target_os = "linux"))]
pub fn unnamed_file(_folder: &Path) -> Option<File> {
    None
}

/// Gives such a file the name `path`, which nothing has.
pub fn name_file(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let here = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, here, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Fills `bytes` from `offset` of the file on.
pub fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(bytes, offset)
}

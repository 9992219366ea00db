//! Folders of the JVM, which whoever is in its container may change while this process works in them, perhaps as root.
//!
//! A path is looked up anew with every call, and a link that was put there meanwhile leads anywhere. So a folder is opened once, as
//! seen from the JVM's own root, and everything in it is reached through that handle by a plain name, without following links.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

/// A folder that is held open.
#[derive(Debug)]
pub(super) struct Folder {
    handle: OwnedFd,
    /// Where it was found: for messages only.
    pub path: PathBuf,
}

impl Folder {
    /// The folder that a process whose root folder is `root` sees as `inner`. Links are followed as that process would follow them,
    /// never out of its root.
    pub fn open(root: &Path, inner: &Path) -> io::Result<Folder> {
        let inner = inner.strip_prefix("/").unwrap_or(inner);
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(root, flags | OFlags::PATH, Mode::empty())?;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        let found = rustix::fs::openat2(&handle, inner, flags, Mode::empty(), resolve);
        let handle = match found {
            // Before Linux 5.6, or where the call is forbidden: name by name, without links.
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {
                inner.iter().try_fold(handle, |above, name| {
                    rustix::fs::openat(above, name, flags | OFlags::NOFOLLOW, Mode::empty())
                })?
            }
            found => found?,
        };
        let path = root.join(inner);
        Ok(Folder { handle, path })
    }

    /// Creates the file `name`, which must not exist, for its owner only.
    pub fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&self.handle, name, flags | OFlags::CLOEXEC, mode)?;
        Ok(File::from(file))
    }

    /// Creates the folder `name`, which must not exist, for its owner only.
    pub fn create_folder(&self, name: &str) -> io::Result<Folder> {
        rustix::fs::mkdirat(&self.handle, name, Mode::RWXU)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(&self.handle, name, flags, Mode::empty())?;
        let folder = Folder {
            handle,
            path: self.path.join(name),
        };
        // Between the two calls another folder may have been moved there.
        let found = rustix::fs::fstat(&folder.handle)?;
        if found.st_uid != rustix::process::geteuid().as_raw() || !folder.is_empty()? {
            return Err(io::Error::other("another folder was put in its place"));
        }
        Ok(folder)
    }

    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.names(1)?.is_empty())
    }

    /// Gives the folder itself to another user.
    pub fn give_to(&self, user: u32, group: u32) -> io::Result<()> {
        std::os::unix::fs::fchown(self.handle.as_fd(), Some(user), Some(group))
    }

    /// Opens the regular file `name` for reading.
    pub fn read(&self, name: &str) -> io::Result<File> {
        // A pipe would wait for somebody who writes.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.handle, name, flags, Mode::empty())?;
        let file = File::from(file);
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("not a regular file")),
        }
    }

    /// Connects to the socket `name` if it belongs to `user`; anybody may write to `/tmp`. `None` where there is no such socket.
    /// Whose it is does not count where nobody listens: that is an error of kind `ConnectionRefused`.
    pub fn connect(&self, name: &str, user: u32) -> io::Result<Option<UnixStream>> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(socket) = rustix::fs::openat(&self.handle, name, flags, Mode::empty()) else {
            return Ok(None);
        };
        let found = rustix::fs::fstat(&socket)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::Socket {
            return Ok(None);
        }
        // The file that was looked at, not what its name means by now.
        let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
        let stream = connect_at_once(&path)?;
        Ok(Some(stream).filter(|_| found.st_uid == user))
    }

    /// Removes the file `name`, or the link that it is.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// Moves the file `name` to `to`, on the same file system.
    pub fn rename(&self, name: &str, to: &Folder, as_name: &str) -> io::Result<()> {
        let (from, to) = (&self.handle, &to.handle);
        Ok(rustix::fs::renameat(from, name, to, as_name)?)
    }

    /// Removes the empty folder `name`.
    pub fn remove_folder(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            &self.handle,
            name,
            AtFlags::REMOVEDIR,
        )?)
    }

    /// Whether what is written to the folder lies in memory, which the control group of the writer is charged for.
    pub fn is_in_memory(&self) -> io::Result<bool> {
        /// `TMPFS_MAGIC` and `RAMFS_MAGIC` of `linux/magic.h`.
        const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];
        let found = rustix::fs::fstatfs(&self.handle)?;
        #[allow(
            clippy::unnecessary_cast,
            reason = "the type differs between architectures"
        )]
        Ok(IN_MEMORY.contains(&(found.f_type as u64 & 0xffff_ffff)))
    }

    /// The folder `name` in this one, not through a link.
    pub fn inner(&self, name: &str) -> io::Result<Folder> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(&self.handle, name, flags, Mode::empty())?;
        let path = self.path.join(name);
        Ok(Folder { handle, path })
    }

    /// What tells it from other folders, whatever path leads to it: device and number.
    pub fn identity(&self) -> io::Result<(u64, u64)> {
        let found = rustix::fs::fstat(&self.handle)?;
        Ok((found.st_dev, found.st_ino))
    }

    /// The folder that `handle` is.
    pub fn of(handle: OwnedFd) -> Folder {
        let path = PathBuf::new();
        Folder { handle, path }
    }

    /// Another handle of it.
    pub fn handle(&self) -> io::Result<OwnedFd> {
        self.handle.try_clone()
    }

    /// Names of what is in it, `most` at most.
    pub fn names(&self, most: usize) -> io::Result<Vec<std::ffi::CString>> {
        let entries = Dir::read_from(&self.handle)?.map(|entry| Ok(entry?.file_name().to_owned()));
        let is_inner = |name: &io::Result<std::ffi::CString>| {
            !name
                .as_ref()
                .is_ok_and(|name| matches!(name.to_bytes(), b"." | b".."))
        };
        entries.filter(is_inner).take(most).collect()
    }

    /// Bytes of the files in it.
    pub fn bytes(&self) -> u64 {
        let names = self.names(MOST_FILES).unwrap_or_default();
        let sizes = names.iter().map(|name| {
            let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
            found.map_or(0, |found| u64::try_from(found.st_size).unwrap_or(0))
        });
        sizes.fold(0, u64::saturating_add)
    }

    /// Removes the folder `name` with the files in it. Nothing can be created in it any more by whoever still writes there by name.
    ///
    /// Whoever owns the folder may fill it meanwhile: after some tries it stays.
    pub fn remove_with_files(&self, name: &str) -> io::Result<()> {
        for _ in 0..TRIES {
            let inner = match self.inner(name) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
                inner => inner?,
            };
            for file in inner.names(MOST_FILES)? {
                let _ = rustix::fs::unlinkat(&inner.handle, &file, AtFlags::empty());
            }
            match self.remove_folder(name) {
                Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                done => return done,
            }
        }
        Err(io::Error::other("somebody fills it again"))
    }

    /// Bytes that an unprivileged process may still write to the folder's file system.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let found = rustix::fs::fstatvfs(&self.handle)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }
}

/// Files in a folder of a dump: the dump, and the parts that a JVM writes with several threads.
const MOST_FILES: usize = 10_000;

/// How often a folder is emptied that is filled again.
const TRIES: usize = 100;

/// A connection to the socket `path`; an error of kind `WouldBlock` where its queue is full, as that of a stopped process.
fn connect_at_once(path: &str) -> io::Result<UnixStream> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    let socket = rustix::net::socket_with(family, kind, flags, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A root folder with `tmp`, and beside it a file that nobody may reach from there.
    fn container() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let all = tempfile::tempdir().expect("a folder");
        let root = all.path().join("root");
        fs::create_dir_all(root.join("tmp")).expect("a folder");
        let secret = all.path().join("secret");
        fs::create_dir(&secret).expect("a folder");
        fs::write(secret.join("heap.hprof"), "of the host").expect("a file");
        (all, root, secret)
    }

    #[test]
    fn links_lead_nowhere_out_of_the_root() {
        let (_all, root, secret) = container();
        symlink(&secret, root.join("out")).expect("a link");
        assert!(Folder::open(&root, Path::new("/out")).is_err());
        symlink("../../../secret", root.join("up")).expect("a link");
        assert!(Folder::open(&root, Path::new("/up")).is_err());
        symlink("/tmp", root.join("in")).expect("a link");
        let inside = Folder::open(&root, Path::new("/in"));
        inside.expect("a link within the root is followed");
    }

    /// The folder is swapped for a link while it is in use.
    #[test]
    fn a_link_that_is_swapped_in_is_not_followed() {
        let (_all, root, secret) = container();
        let tmp = Folder::open(&root, Path::new("/tmp")).expect("a folder");
        let staging = tmp.create_folder("staging").expect("a folder");
        fs::rename(root.join("tmp/staging"), root.join("tmp/away")).expect("moved");
        symlink(&secret, root.join("tmp/staging")).expect("a link");
        staging.create("mine").expect("a file");
        assert!(root.join("tmp/away/mine").is_file());
        assert!(!secret.join("mine").exists());
        assert!(
            staging.read("heap.hprof").is_err(),
            "only at the link's end"
        );
        // Links to files, too.
        symlink(secret.join("heap.hprof"), root.join("tmp/away/heap.hprof")).expect("a link");
        assert!(staging.read("heap.hprof").is_err());
        assert!(staging.create("heap.hprof").is_err());
        staging.remove("heap.hprof").expect("the link goes");
        assert!(secret.join("heap.hprof").is_file(), "not where it leads");
        // The folder itself, before it is used.
        fs::rename(root.join("tmp"), root.join("old")).expect("moved");
        symlink(&secret, root.join("tmp")).expect("a link");
        tmp.create("later").expect("a file");
        assert!(root.join("old/later").is_file());
        assert!(
            tmp.create_folder("staging").is_err(),
            "the link has this name"
        );
    }

    #[test]
    fn a_folder_goes_with_its_files_and_nothing_else() {
        let (_all, root, secret) = container();
        let tmp = Folder::open(&root, Path::new("/tmp")).expect("a folder");
        let staging = tmp.create_folder("staging").expect("a folder");
        fs::write(root.join("tmp/staging/heap.hprof"), "a dump").expect("a file");
        fs::write(root.join("tmp/staging/heap.hprof.p0"), "a part").expect("a file");
        symlink(secret.join("heap.hprof"), root.join("tmp/staging/link")).expect("a link");
        assert_eq!(staging.names(10).expect("names").len(), 3);
        assert!(staging.bytes() >= 12);
        tmp.remove_with_files("staging").expect("removed");
        assert!(!root.join("tmp/staging").exists());
        assert!(
            secret.join("heap.hprof").is_file(),
            "not where a link leads"
        );
        assert!(
            staging.create("late").is_err(),
            "nobody writes there any more"
        );
        tmp.remove_with_files("staging").expect("nothing is there");
    }

    #[test]
    fn only_sockets_of_the_user_are_connected_to() {
        let (_all, root, _) = container();
        let tmp = Folder::open(&root, Path::new("/tmp")).expect("a folder");
        let own = rustix::process::geteuid().as_raw();
        assert!(tmp.connect("s", own).expect("no error").is_none());
        let path = root.join("tmp/s");
        let listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        assert!(tmp.connect("s", own).expect("connected").is_some());
        assert!(tmp.connect("s", own + 1).expect("no error").is_none());
        symlink(&path, root.join("tmp/link")).expect("a link");
        assert!(tmp.connect("link", own).expect("no error").is_none());
        drop(listener);
        let refused = tmp.connect("s", own).expect_err("nobody listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}

//! Where a dump lies while it is written, so that nothing of it stays when something goes wrong.
//!
//! The JVM opens the dump by its name, and a name must not exist before; so the file cannot be one that has no name from the beginning. It
//! is written to a folder of its own. When the collection is interrupted, the folder is removed with what is in it: the JVM then writes
//! to a file without a name, whose space is free when the JVM is done, and can create nothing there any more. Killed, this process can
//! remove nothing; a small second process, which waits for the end of this one, does it then ([`clean_up`]).

use super::folder::Folder;
use std::ffi::OsString;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Where the second process finds the name of the folder. Not among its arguments: `pkill -f` with the name of this program would find it.
const NAME: &str = "STAGING_FOLDER";

/// A folder for a dump that is being written; it goes with this value.
pub(super) struct Staging {
    above: Folder,
    name: String,
    /// The folder itself.
    pub inner: Folder,
    cleaner: Option<Cleaner>,
}

impl Staging {
    /// Creates the folder in `above`, and starts the second process with the program `cleaner`.
    pub fn create(
        above: Folder,
        name: &str,
        cleaner: Option<&[OsString]>,
    ) -> Result<Staging, String> {
        let fail = |e: std::io::Error| format!("{}: {e}", above.path.join(name).display());
        // First: whoever is killed in between leaves nothing.
        let cleaner = cleaner.and_then(|command| Cleaner::start(command, &above, name).ok());
        let inner = above.create_folder(name).map_err(fail)?;
        Ok(Staging {
            inner,
            name: name.to_owned(),
            cleaner,
            above,
        })
    }

    /// Whether the folder goes when this process is killed.
    pub fn is_watched(&self) -> bool {
        self.cleaner.is_some()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The second process tries again what fails here.
        let _ = self.above.remove_with_files(&self.name);
        if let Some(cleaner) = self.cleaner.take() {
            cleaner.end();
        }
    }
}

/// The second process.
struct Cleaner {
    process: Child,
    /// It ends when this is closed.
    line: Option<ChildStdin>,
}

impl Cleaner {
    fn start(command: &[OsString], above: &Folder, name: &str) -> std::io::Result<Cleaner> {
        let (program, arguments) = command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
        let mut process = Command::new(program)
            .arg0("remove-partial-dump")
            .args(arguments)
            .env(NAME, name)
            // What is sent to all processes of a terminal or of a job does not reach it.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::from(above.handle()?))
            .stderr(Stdio::null())
            .spawn()?;
        let line = process.stdin.take();
        Ok(Cleaner { process, line })
    }

    fn end(mut self) {
        drop(self.line.take());
        let _ = self.process.wait();
    }
}

/// What the second process does: waits until its standard input ends, as it does when the first process ends in whatever way, and removes
/// the staging folder. Standard output is the folder above it.
///
/// # Errors
/// When it was not started by a collection, or the folder stays.
pub fn clean_up() -> std::io::Result<()> {
    let name = std::env::var(NAME).map_err(std::io::Error::other)?;
    if name.is_empty() || name.contains('/') || name == ".." {
        return Err(std::io::Error::other("not the name of a staging folder"));
    }
    let above = std::io::stdout().as_fd().try_clone_to_owned()?;
    let mut byte = [0];
    let mut input = std::io::stdin().lock();
    loop {
        match input.read(&mut byte) {
            Ok(0) => break,
            Err(e) if e.kind() != std::io::ErrorKind::Interrupted => break,
            _ => {}
        }
    }
    Folder::of(above).remove_with_files(&name)
}

/// The name of a staging folder for the JVM `pid`.
pub(super) fn name(pid: u32) -> String {
    format!("hprof-suspects-{pid}-{}", std::process::id())
}

/// Moves the file `name` out of the staging folder to `target`, for its owner only.
pub(super) fn move_out(staging: &Staging, name: &str, target: &Path) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", target.display());
    let folder = target.parent().unwrap_or(Path::new("/"));
    // Older JVMs write a dump for everybody.
    let file = staging.inner.read(name).map_err(fail)?;
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    file.set_permissions(private).map_err(fail)?;
    let to = Folder::open(Path::new("/"), folder).map_err(fail)?;
    let target = target.file_name().and_then(|name| name.to_str());
    let target = target.ok_or("the folder's name is not text")?;
    staging.inner.rename(name, &to, target).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staging_folder_goes_with_its_value() {
        let root = tempfile::tempdir().expect("a folder");
        let above = || Folder::open(Path::new("/"), root.path()).expect("a folder");
        let staging = Staging::create(above(), "s", None).expect("created");
        assert!(!staging.is_watched());
        std::fs::write(root.path().join("s/heap.hprof"), "a dump").expect("a file");
        std::fs::write(root.path().join("s/heap.hprof.p0"), "a part").expect("a file");
        move_out(&staging, "heap.hprof", &root.path().join("heap.hprof")).expect("moved");
        drop(staging);
        assert!(!root.path().join("s").exists());
        assert!(root.path().join("heap.hprof").is_file());
    }
}

//! Collecting an incident: the heap dump of a running JVM together with the evidence around it, in one folder.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `process` | whether a process is a JVM that survives being asked, and how to reach its files |
//! | `jcmd` | how a JVM is asked: the JDK's `jcmd` |
//! | `attach` | the same without `jcmd`: HotSpot's attach protocol |
//! | `cgroup` | where the memory files of a process's cgroup are |
//! | `folder` | how files of the JVM are reached without following links that somebody puts there |
//! | `steps` | what is taken, in order |
//! | [`manifest`] | what was taken, when, with what |
//! | [`incident`] | reading such a folder again |
//!
//! Nothing is killed, stopped or traced. The JVM is suspended only by the heap dump itself. A JVM is asked by sending SIGQUIT, which
//! ends a process that does not catch it; so that is checked first ([`CollectError::NotAskable`]).

#[cfg(unix)]
mod attach;
#[cfg(unix)]
mod cgroup;
#[cfg(unix)]
mod folder;
pub mod incident;
#[cfg(unix)]
mod jcmd;
pub mod manifest;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod steps;

pub use incident::{Incident, IncidentError, open_incident};
pub use manifest::{Manifest, Outcome, StepRecord};

use crate::labels::Labels;
use crate::verdict::size::Human;
use std::path::{Path, PathBuf};

/// What to collect.
#[derive(Debug, Clone)]
pub struct Options {
    /// The process, as this process sees it.
    pub pid: u32,
    /// The folder to create; it must not exist, or be empty.
    pub folder: PathBuf,
    /// Take the heap dump too, not only the evidence.
    pub dump: bool,
    /// Labels for the report.
    pub labels: Labels,
}

/// What was collected.
#[derive(Debug)]
pub struct Collected {
    /// The folder.
    pub folder: PathBuf,
    /// The heap dump, when it was taken.
    pub dump: Option<PathBuf>,
    /// What was done, as written to the manifest.
    pub manifest: Manifest,
}

/// What happens, for a progress display.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A step begins.
    Started(&'a str),
    /// A step is done.
    Finished(&'a StepRecord),
}

/// Why nothing could be collected. What fails later is recorded in the manifest instead.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// This system has no `/proc`.
    #[error("collecting works on Linux only")]
    Unsupported,
    /// There is no such process.
    #[error("there is no process {0}")]
    NoProcess(u32),
    /// The process is not a JVM.
    #[error("process {0} is not a JVM (no libjvm.so is mapped)")]
    NotJvm(u32),
    /// The JVM does not catch SIGQUIT, so asking it would end it.
    #[error(
        "process {0} does not catch SIGQUIT (started with -Xrs, or still starting): asking would end it"
    )]
    NotAskable(u32),
    /// The JVM belongs to somebody else.
    #[error("process {pid} belongs to user {owner}: run as that user or as root")]
    NotPermitted {
        /// The process.
        pid: u32,
        /// The numeric id of its user.
        owner: u32,
    },
    /// The folder holds something already.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The folder belongs to somebody else, who could change what is written to it.
    #[error("{} belongs to another user: name a folder of your own, or one that does not exist", .0.display())]
    NotOwn(PathBuf),
    /// The dump would not fit.
    #[error("not enough disk space at {}: the dump may need {}, {} are free", path.display(), Human(*needed), Human(*free))]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// Bytes the dump may need.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl CollectError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> CollectError + use<> {
        let path = path.to_owned();
        move |source| CollectError::Io { path, source }
    }
}

/// Collects evidence and a live heap dump of the JVM `options.pid` into `options.folder` (permissions 0700, files 0600).
///
/// # Errors
/// When the process cannot or must not be asked, the folder is in use, or the dump would not fit on the disk (the evidence is taken then all
/// the same, and the JVM not asked for the dump). A single step that fails is
/// no error: the manifest tells it and the others are taken.
pub fn collect(
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Collected, CollectError> {
    #[cfg(unix)]
    if cfg!(target_os = "linux") {
        return collect_here(options, progress);
    }
    let _ = (options, progress);
    Err(CollectError::Unsupported)
}

#[cfg(unix)]
fn collect_here(
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Collected, CollectError> {
    let jvm = process::Jvm::find(options.pid)?;
    let folder = prepare(&options.folder)?;
    let jcmd = jcmd::Jcmd::find(&jvm);
    let mut run = steps::Run::new(&jvm, jcmd, &folder, progress);
    run.label(&options.labels);
    run.evidence();
    let dump = if options.dump { run.dump() } else { Ok(None) };
    let manifest = run.finish();
    // Also when the dump does not fit: the evidence is there.
    manifest.write(&folder)?;
    let dump = dump?;
    Ok(Collected {
        folder,
        dump,
        manifest,
    })
}

/// Creates the folder, for its owner only; its absolute path.
#[cfg(unix)]
fn prepare(folder: &Path) -> Result<PathBuf, CollectError> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    let io = |path: &Path| CollectError::io(path);
    if folder.exists() {
        let mut entries = fs::read_dir(folder).map_err(io(folder))?;
        if entries.next().is_some() {
            return Err(CollectError::NotEmpty(folder.to_owned()));
        }
        let owner = fs::metadata(folder).map_err(io(folder))?.uid();
        if owner != rustix::process::geteuid().as_raw() {
            return Err(CollectError::NotOwn(folder.to_owned()));
        }
    } else {
        fs::create_dir_all(folder).map_err(io(folder))?;
    }
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(folder, private).map_err(io(folder))?;
    folder.canonicalize().map_err(io(folder))
}

/// Creates a file that only its owner may read; it must not exist.
fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

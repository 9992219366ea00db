//! Collecting an incident: the heap dump of a running JVM together with the evidence around it, in one folder.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `process` | whether a process is a JVM that survives being asked, and how to reach its files |
//! | `attach` | how a JVM is asked: HotSpot's attach protocol |
//! | `jcmd` | the same with the JDK's `jcmd`, where the protocol does not reach; how long an answer may take |
//! | `cgroup` | where the memory files of a process's cgroup are |
//! | `headroom` | how much memory the control groups leave |
//! | `space` | what a dump will need, and whether it is there |
//! | `folder` | how files of the JVM are reached without following links that somebody puts there |
//! | `staging` | where a dump lies while it is written, and who removes it when this process is killed |
//! | `dump` | the dump itself |
//! | `steps` | what is taken, in order |
//! | [`watch`] | samples at intervals |
//! | [`interrupt`] | signals that end it |
//! | [`manifest`] | what was taken, when, with what |
//! | [`incident`] | reading such a folder again |
//!
//! Nothing is killed, stopped or traced. The JVM is suspended only by the heap dump itself. A JVM is asked by sending SIGQUIT, which
//! ends a process that does not catch it; so that is checked first ([`CollectError::NotAskable`]).

#[cfg(target_os = "linux")]
mod answers;
#[cfg(target_os = "linux")]
mod attach;
#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod dump;
#[cfg(target_os = "linux")]
mod folder;
#[cfg(target_os = "linux")]
mod headroom;
mod incident;
mod interrupt;
#[cfg(target_os = "linux")]
mod jcmd;
mod manifest;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod space;
#[cfg(target_os = "linux")]
mod staging;
#[cfg(target_os = "linux")]
mod steps;
pub(crate) mod watch;

pub use incident::{Incident, IncidentError, open_incident};
pub use interrupt::Interrupt;
pub use manifest::{Course, Manifest, Outcome, StepRecord};
#[cfg(target_os = "linux")]
pub use staging::clean_up;
pub use watch::{Histogram, Share, Watch};

use crate::labels::Labels;
use crate::verdict::size::Human;
use std::path::{Path, PathBuf};

/// Whether this system is one on which [`collect`] works.
pub const IS_SUPPORTED: bool = cfg!(target_os = "linux");

/// What to collect.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The process, as this process sees it.
    pub pid: u32,
    /// The folder to create; it must not exist, or be empty.
    pub folder: PathBuf,
    /// Take the heap dump too, not only the evidence.
    pub dump: bool,
    /// Take the dump also where space or memory looks short.
    pub force: bool,
    /// Take samples at intervals first.
    pub watch: Option<Watch>,
    /// Ends the collection when a signal is marked in it.
    pub interrupt: Interrupt,
    /// A program with its arguments that runs [`clean_up`], so that nothing of a dump stays when this process is killed.
    pub cleaner: Option<Vec<std::ffi::OsString>>,
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
    /// A sample of a course of time was taken: what it says.
    Sampled(&'a str),
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
    /// The limit of a control group leaves less than the dump takes.
    #[error(
        "not enough memory: the dump may take {} of it, and the limit of {} leaves {}: the kernel could end the JVM",
        Human(*needed), Human(*limit), Human(*left)
    )]
    NoMemory {
        /// Bytes that the dump may take.
        needed: u64,
        /// The limit in bytes.
        limit: u64,
        /// Bytes up to the limit.
        left: u64,
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
/// the same, and the JVM not asked for the dump). A single step that fails is no error: the manifest tells it and the others are taken. So
/// does a signal: the manifest names it.
pub fn collect(
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Collected, CollectError> {
    #[cfg(target_os = "linux")]
    return collect_here(options, progress);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (options, progress);
        Err(CollectError::Unsupported)
    }
}

#[cfg(target_os = "linux")]
fn collect_here(
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Collected, CollectError> {
    let jvm = process::Jvm::find(options.pid)?;
    let folder = prepare(&options.folder)?;
    let mut run = steps::Run::new(&jvm, options, &folder, progress);
    run.evidence(options.watch.is_some());
    let mut measured = (steps::HEAP_INFO.to_owned(), steps::STATUS.to_owned());
    if let Some(watch) = &options.watch {
        let last = watch::course(&mut run, watch);
        measured = (last.clone(), last);
    }
    let dump = match options.dump {
        true => run.dump(&measured.0, &measured.1),
        false => Ok(None),
    };
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
#[cfg(target_os = "linux")]
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

/// There is nothing to remove where nothing is collected.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn clean_up() -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Creates a file that only its owner may read; it must not exist.
fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    crate::platform::owner_only(&mut options);
    options.open(path)
}

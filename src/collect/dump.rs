//! The heap dump: whether it may be taken, where it is written, and how it comes into the folder.

use super::folder::Folder;
use super::headroom::{self, Headroom};
use super::manifest::Outcome;
use super::space::{self, Place, Shortage};
use super::staging::{self, Staging};
use super::steps::{DUMP, Run};
use super::{CollectError, cgroup};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a dump that is being written may stay as it is. The JVM collects garbage before it writes the first byte.
const STALL: Duration = Duration::from_secs(300);

impl Run<'_> {
    /// Takes the live heap dump; its path, or `None` when that failed (the manifest says why). The heap in use is what `heap_info` and
    /// `status` in the folder say.
    pub fn dump(&mut self, heap_info: &str, status: &str) -> Result<Option<PathBuf>, CollectError> {
        let target = self.folder.join(DUMP);
        let mut missing = None;
        let worked = self.step("jcmd GC.heap_dump", Some(DUMP), |run| {
            if let Some(why) = run.options.interrupt.signal() {
                return Err(Outcome::Failed(format!("not taken: interrupted by {why}")));
            }
            if run.jvm.is_stopped() {
                let why = "not taken: the JVM is stopped (SIGSTOP, or a debugger)";
                return Err(Outcome::Failed(why.to_owned()));
            }
            if run.asker.is_silent() {
                let why = "not taken: the JVM did not answer the questions before";
                return Err(Outcome::Failed(why.to_owned()));
            }
            match check(run, heap_info, status) {
                Ok(None) => {}
                Ok(Some(short)) if run.options.force => {
                    run.manifest.forced = Some(short.to_string())
                }
                Ok(Some(short)) => {
                    let why = Outcome::Failed(format!("not taken: {short}"));
                    missing = Some(short);
                    return Err(why);
                }
                Err(error) => {
                    let why = Outcome::Failed(error.to_string());
                    missing = Some(error);
                    return Err(why);
                }
            }
            take(run, &target).map_err(Outcome::Failed)
        });
        self.manifest.dump = worked.then(|| DUMP.to_owned());
        match missing {
            Some(error) => Err(error),
            None => Ok(worked.then_some(target)),
        }
    }
}

/// What a dump needs that is not there: disk, or memory up to a limit. First by the heap in use; where that is too much, by what is live,
/// for which the JVM collects garbage as for the dump itself.
fn check(
    run: &Run<'_>,
    heap_info: &str,
    status: &str,
) -> Result<Option<CollectError>, CollectError> {
    let places = places(run)?;
    let jvm = headroom::of(&cgroup::groups(run.jvm));
    let mut needed = space::by_heap_in_use(run.folder, heap_info, status);
    let mut short = space::shortage(needed, &places, jvm.as_ref());
    // Where nothing would fit, the histogram need not be asked for.
    if short.is_some()
        && space::shortage(0, &places, jvm.as_ref()).is_none()
        && let Some(live) = run
            .live_histogram()
            .as_deref()
            .and_then(space::by_histogram)
    {
        needed = live.min(needed);
        short = space::shortage(needed, &places, jvm.as_ref());
    }
    Ok(short.map(|short| match short {
        Shortage::Disk { path, free } => CollectError::NoSpace { path, needed, free },
        Shortage::Memory(Headroom { limit, left, .. }) => CollectError::NoMemory {
            needed: needed_memory(needed, &places),
            limit,
            left,
        },
    }))
}

/// The memory that a dump of `needed` bytes takes.
fn needed_memory(needed: u64, places: &[Place]) -> u64 {
    let copies = places.iter().filter(|place| place.in_memory).count() as u64;
    needed.saturating_mul(copies).saturating_add(headroom::DUMP)
}

/// Where the dump is written: the folder, and the JVM's `/tmp` when that is not the same.
fn places(run: &Run<'_>) -> Result<Vec<Place>, CollectError> {
    let place = |folder: std::io::Result<Folder>, path: &Path, groups: &[_]| {
        let measured = folder.and_then(|folder| {
            Ok(Place {
                path: path.to_owned(),
                free: folder.free_bytes()?,
                in_memory: folder.is_in_memory()?,
                room: headroom::of(groups),
            })
        });
        measured.map_err(CollectError::io(path))
    };
    let theirs = cgroup::groups(run.jvm);
    let own = Folder::open(Path::new("/"), run.folder);
    if run.jvm.shares_files {
        return Ok(vec![place(own, run.folder, &theirs)?]);
    }
    let own = place(own, run.folder, &cgroup::own_groups())?;
    let tmp = run.jvm.proc("root/tmp");
    Ok(vec![own, place(run.jvm.tmp(), &tmp, &theirs)?])
}

/// Has the JVM write the dump, and brings it to `target`.
fn take(run: &mut Run<'_>, target: &Path) -> Result<(), String> {
    let name = staging::name(run.jvm.pid);
    let cleaner = run.options.cleaner.as_deref();
    let fail = |e: std::io::Error| format!("{}: {e}", run.folder.display());
    let folder = Folder::open(Path::new("/"), run.folder).map_err(fail)?;
    let staging = Staging::create(folder, &name, cleaner)?;
    run.manifest.watched = Some(staging.is_watched());
    if run.jvm.shares_files {
        let path = run.folder.join(&name).join(DUMP);
        written(run, &staging, &path)?;
    } else {
        from_elsewhere(run, &staging, &name)?;
    }
    staging::move_out(&staging, DUMP, target)
}

/// Has the JVM write to its own `/tmp`, which its user and its container can reach, and copies the file.
fn from_elsewhere(run: &Run<'_>, own: &Staging, name: &str) -> Result<(), String> {
    let tmp = run.jvm.tmp().map_err(|e| format!("the JVM's /tmp: {e}"))?;
    let theirs = Staging::create(tmp, name, run.options.cleaner.as_deref())?;
    let fail = |e: std::io::Error| format!("{}: {e}", theirs.inner.path.display());
    let (user, group) = (run.jvm.user, run.jvm.group);
    theirs.inner.give_to(user, group).map_err(fail)?;
    written(run, &theirs, &Path::new("/tmp").join(name).join(DUMP))?;
    let from = theirs.inner.read(DUMP).map_err(fail)?;
    // Open, it needs no name any more.
    drop(theirs);
    let to = own.inner.create(DUMP).map_err(|e| e.to_string())?;
    copy(from, to, run)
}

/// Has the JVM write the dump to `path`, which lies in `staging`.
fn written(run: &Run<'_>, staging: &Staging, path: &Path) -> Result<(), String> {
    let answer = run.folder.join("answer.tmp");
    let (mut bytes, mut since) = (0, Instant::now());
    let mut go_on = |_: Duration| {
        let now = staging.inner.bytes();
        if now != bytes {
            (bytes, since) = (now, Instant::now());
        }
        match since.elapsed() > STALL {
            true => Err(format!(
                "given up: the JVM wrote nothing for {} s",
                STALL.as_secs()
            )),
            false => Ok(()),
        }
    };
    let dumped = run.asker.dump(run.jvm, path, &answer, &mut go_on);
    let _ = std::fs::remove_file(&answer);
    dumped.map_err(|why| format!("{why}; what was written of the dump was removed"))
}

/// Copies the dump, as long as nobody interrupts.
fn copy(mut from: File, mut to: File, run: &Run<'_>) -> Result<(), String> {
    let mut buffer = vec![0; 1 << 20];
    loop {
        run.options.interrupt.check()?;
        let read = from.read(&mut buffer).map_err(|e| e.to_string())?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).map_err(|e| e.to_string())?;
    }
}

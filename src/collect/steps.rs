//! What is taken, in order: first the cheap evidence, last the dump, so that what was measured is not what the dump did.

use super::folder::Folder;
use super::jcmd::Jcmd;
use super::manifest::{Manifest, Outcome, StepRecord};
use super::process::Jvm;
use super::{CollectError, Progress, cgroup, create_private};
use crate::labels::Labels;
use crate::verdict::evidence::{Quantity, read_file};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

/// What the JVM is asked, with the file the answer goes to.
const QUESTIONS: [(&str, &str); 4] = [
    ("GC.heap_info", "heap_info.txt"),
    ("VM.native_memory summary", "native_memory.txt"),
    ("VM.flags", "vm_flags.txt"),
    ("VM.info", "vm_info.txt"),
];

/// The files of `/proc/PID` that are taken.
const PROC_FILES: [(&str, &str); 2] = [
    ("status", "proc_status.txt"),
    ("smaps_rollup", "smaps_rollup.txt"),
];

const DUMP: &str = "heap.hprof";

/// The largest file of `/proc` or a cgroup that is copied, in bytes.
const MAX_COPY: u64 = 1 << 20;

/// A running collection.
pub(super) struct Run<'a> {
    jvm: &'a Jvm,
    jcmd: Jcmd,
    folder: &'a Path,
    progress: &'a mut dyn FnMut(Progress),
    manifest: Manifest,
}

impl<'a> Run<'a> {
    pub fn new(
        jvm: &'a Jvm,
        jcmd: Jcmd,
        folder: &'a Path,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let manifest = Manifest {
            schema_version: 1,
            tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
            pid: jvm.pid,
            jvm_version: None,
            jcmd: jcmd.describe(),
            started_at: now(),
            finished_at: String::new(),
            dump: None,
            labels: Labels::new(),
            steps: Vec::new(),
        };
        Run {
            jvm,
            jcmd,
            folder,
            progress,
            manifest,
        }
    }

    /// Notes the labels for the report.
    pub fn label(&mut self, labels: &Labels) {
        self.manifest.labels.clone_from(labels);
    }

    /// Takes everything but the dump.
    pub fn evidence(&mut self) {
        for (file, name) in PROC_FILES {
            self.step(&format!("/proc/PID/{file}"), Some(name), |run| {
                copy(fs::File::open(run.jvm.proc(file)), &run.folder.join(name))
            });
        }
        for (name, file) in cgroup::memory_files(self.jvm) {
            self.step(&format!("cgroup {name}"), Some(name), |run| {
                copy(Ok(file), &run.folder.join(name))
            });
        }
        for (question, name) in QUESTIONS {
            self.step(&format!("jcmd {question}"), Some(name), |run| {
                run.jcmd
                    .ask(run.jvm, question, &run.folder.join(name))
                    .map_err(Outcome::Failed)
            });
        }
        self.step("jcmd VM.version", None, |run| {
            let answer = run.folder.join("vm_version.tmp");
            let asked = run.jcmd.ask(run.jvm, "VM.version", &answer);
            let text = fs::read_to_string(&answer).unwrap_or_default();
            let _ = fs::remove_file(&answer);
            asked.map_err(Outcome::Failed)?;
            // The program jcmd puts a line with the PID first.
            run.manifest.jvm_version = text
                .lines()
                .find(|l| l.contains("version"))
                .map(crate::verdict::clean_name);
            Ok(())
        });
    }

    /// Takes the live heap dump; its path, or `None` when that failed (the manifest says why).
    pub fn dump(&mut self) -> Result<Option<PathBuf>, CollectError> {
        let target = self.folder.join(DUMP);
        self.check_space()?;
        let worked = self.step("jcmd GC.heap_dump", Some(DUMP), |run| {
            let answer = run.folder.join("heap_dump.tmp");
            let dumped = if run.jvm.shares_files {
                run.jcmd.dump(run.jvm, &target, &answer)
            } else {
                dump_elsewhere(&run.jcmd, run.jvm, &target, &answer)
            };
            let _ = fs::remove_file(&answer);
            dumped
                .and_then(|()| private(&target))
                .map_err(Outcome::Failed)
        });
        self.manifest.dump = worked.then(|| DUMP.to_owned());
        Ok(worked.then_some(target))
    }

    /// The manifest of what was done.
    pub fn finish(mut self) -> Manifest {
        self.manifest.finished_at = now();
        self.manifest
    }

    /// Checks that a dump fits on the disk before the JVM is asked for it.
    fn check_space(&self) -> Result<(), CollectError> {
        let needed = self.dump_may_need();
        let folder = Folder::open(Path::new("/"), self.folder);
        let mut places = vec![(self.folder.to_owned(), folder)];
        if !self.jvm.shares_files {
            places.push((self.jvm.proc("root/tmp"), self.jvm.tmp()));
        }
        for (path, folder) in places {
            let free = folder.and_then(|folder| folder.free_bytes());
            let free = free.map_err(CollectError::io(&path))?;
            if free < needed {
                return Err(CollectError::NoSpace { path, needed, free });
            }
        }
        Ok(())
    }

    /// Bytes that a dump may need: twice the heap in use, since references take 8 bytes in a dump and 4 in most heaps, and a margin for
    /// names and classes. Without the heap's size, that of the process.
    fn dump_may_need(&self) -> u64 {
        let used = |file: &str, wanted: fn(&Quantity) -> bool| {
            let facts = read_file(&self.folder.join(file)).ok()?;
            let fact = facts.into_iter().find(|f| wanted(&f.quantity))?;
            u64::try_from(fact.bytes).ok()
        };
        let heap = used("heap_info.txt", |q| *q == Quantity::HeapUsed);
        let process = || used("proc_status.txt", |q| matches!(q, Quantity::Resident(_)));
        let bytes = heap.or_else(process).unwrap_or(0);
        bytes.saturating_mul(2).saturating_add(64 << 20)
    }

    /// Does one step and records it; whether it worked.
    fn step(
        &mut self,
        name: &str,
        file: Option<&str>,
        work: impl FnOnce(&mut Self) -> Result<(), Outcome>,
    ) -> bool {
        (self.progress)(Progress::Started(name));
        let (started_at, start) = (now(), Instant::now());
        let outcome = work(self).err().unwrap_or(Outcome::Ok);
        let worked = outcome == Outcome::Ok;
        if !worked && let Some(file) = file {
            // Half an answer must not be taken for evidence.
            let _ = fs::remove_file(self.folder.join(file));
        }
        let record = StepRecord {
            name: name.to_owned(),
            file: file.filter(|_| worked).map(str::to_owned),
            started_at,
            milliseconds: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome,
        };
        (self.progress)(Progress::Finished(&record));
        self.manifest.steps.push(record);
        worked
    }
}

/// Has the JVM write to its own `/tmp`, which its user and its container can reach, and copies the file to `target`.
fn dump_elsewhere(jcmd: &Jcmd, jvm: &Jvm, target: &Path, answer: &Path) -> Result<(), String> {
    let tmp = jvm.tmp().map_err(|e| format!("the JVM's /tmp: {e}"))?;
    let name = format!("hprof-suspects-{}-{}", jvm.pid, std::process::id());
    let fail = |e: std::io::Error| format!("{}: {e}", tmp.path.join(&name).display());
    let staging = tmp.create_folder(&name).map_err(fail)?;
    let copied = staging
        .give_to(jvm.user, jvm.group)
        .map_err(fail)
        .and_then(|()| jcmd.dump(jvm, &Path::new("/tmp").join(&name).join(DUMP), answer))
        .and_then(|()| {
            let mut from = staging.read(DUMP).map_err(fail)?;
            let mut to = create_private(target).map_err(|e| e.to_string())?;
            std::io::copy(&mut from, &mut to).map_err(|e| e.to_string())
        });
    let _ = staging.remove(DUMP);
    let _ = tmp.remove_folder(&name);
    copied.map(|_| ())
}

/// Makes the dump readable for its owner only; older JVMs write it for everybody.
fn private(path: &Path) -> Result<(), String> {
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, private).map_err(|e| e.to_string())
}

/// Copies a small file of `/proc` or a cgroup, whose length is unknown until it is read.
fn copy(from: std::io::Result<fs::File>, to: &Path) -> Result<(), Outcome> {
    let fail = |e: std::io::Error| Outcome::Failed(e.to_string());
    let mut source = std::io::Read::take(from.map_err(fail)?, MAX_COPY);
    let mut target = create_private(to).map_err(fail)?;
    std::io::copy(&mut source, &mut target).map_err(fail)?;
    Ok(())
}

/// The time, UTC, to the second.
fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

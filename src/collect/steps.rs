//! What is taken, in order: first the cheap evidence, last the dump, so that what was measured is not what the dump did.

use super::jcmd::{Asker, LONG_PATIENCE, PATIENCE};
use super::manifest::{Manifest, Outcome, StepRecord};
use super::process::Jvm;
use super::{Options, Progress, answers, cgroup, create_private};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// What the JVM is asked, with the file the answer goes to, and what of an answer that holds more than sizes is kept.
const QUESTIONS: [(&str, &str, Option<Kept>); 4] = [
    ("GC.heap_info", HEAP_INFO, None),
    ("VM.native_memory summary", "native_memory.txt", None),
    ("VM.flags", "vm_flags.txt", Some(answers::flags)),
    ("VM.info", "vm_info.txt", Some(answers::info)),
];

type Kept = fn(&str) -> String;

/// The answers that a course of samples repeats.
const REPEATED: [&str; 2] = [HEAP_INFO, "native_memory.txt"];

/// The heap's size, and the process's.
pub(super) const HEAP_INFO: &str = "heap_info.txt";
pub(super) const STATUS: &str = "proc_status.txt";

/// The files of `/proc/PID` that are taken.
const PROC_FILES: [(&str, &str); 2] = [("status", STATUS), ("smaps_rollup", "smaps_rollup.txt")];

/// The name of the dump.
pub(super) const DUMP: &str = "heap.hprof";

/// The largest file of `/proc` or a cgroup that is copied, in bytes.
pub(super) const MAX_COPY: u64 = 1 << 20;

/// A running collection.
pub(super) struct Run<'a> {
    pub jvm: &'a Jvm,
    pub asker: Asker,
    pub options: &'a Options,
    pub folder: &'a Path,
    pub progress: &'a mut dyn FnMut(Progress),
    pub manifest: Manifest,
}

impl<'a> Run<'a> {
    pub fn new(
        jvm: &'a Jvm,
        options: &'a Options,
        folder: &'a Path,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let asker = Asker::find(jvm, &options.interrupt);
        let manifest = Manifest {
            schema_version: 1,
            tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
            pid: jvm.pid,
            jcmd: asker.describe(),
            started_at: now(),
            labels: options.labels.clone(),
            ..Manifest::default()
        };
        Run {
            jvm,
            asker,
            options,
            folder,
            progress,
            manifest,
        }
    }

    /// Takes everything but the dump; what samples repeat is left to them where `with_samples`.
    pub fn evidence(&mut self, with_samples: bool) {
        if !with_samples {
            self.files();
        }
        for (question, name, kept) in QUESTIONS {
            if with_samples && REPEATED.contains(&name) {
                continue;
            }
            self.step(&format!("jcmd {question}"), Some(name), |run| {
                let file = run.folder.join(name);
                match kept {
                    None => run.asker.ask(run.jvm, question, &file, PATIENCE),
                    Some(kept) => run
                        .answer(question, PATIENCE)
                        .and_then(|answer| write(&file, &kept(&answer))),
                }
                .map_err(Outcome::Failed)
            });
        }
        self.step("jcmd VM.version", None, |run| {
            let text = run
                .answer("VM.version", PATIENCE)
                .map_err(Outcome::Failed)?;
            // The program jcmd puts a line with the PID first.
            run.manifest.jvm_version = text
                .lines()
                .find(|l| l.contains("version"))
                .map(crate::verdict::clean_name);
            Ok(())
        });
    }

    /// The files of `/proc` and of the control group.
    fn files(&mut self) {
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
    }

    /// What the JVM says to `question`, without a file in the folder.
    pub fn answer(&self, question: &str, patience: Duration) -> Result<String, String> {
        let answer = self.folder.join("answer.tmp");
        let asked = self.asker.ask(self.jvm, question, &answer, patience);
        let text = fs::read(&answer).unwrap_or_default();
        let _ = fs::remove_file(&answer);
        asked.map(|()| String::from_utf8_lossy(&text).into_owned())
    }

    /// A class histogram of what is live: it has the JVM collect garbage, as the dump does.
    pub fn live_histogram(&self) -> Option<String> {
        self.answer("GC.class_histogram", LONG_PATIENCE).ok()
    }

    /// The manifest of what was done.
    pub fn finish(mut self) -> Manifest {
        self.manifest.finished_at = now();
        self.manifest.jcmd = self.asker.describe();
        self.manifest.interrupted = self.options.interrupt.signal().map(str::to_owned);
        self.manifest
    }

    /// Does one step and records it; whether it worked. While it runs, the manifest says that it did not end: so it says that of the step
    /// in which this process was killed.
    pub fn step(
        &mut self,
        name: &str,
        file: Option<&str>,
        work: impl FnOnce(&mut Self) -> Result<(), Outcome>,
    ) -> bool {
        (self.progress)(Progress::Started(name));
        let (started_at, start) = (now(), Instant::now());
        let at = self.manifest.steps.len();
        self.manifest.steps.push(StepRecord {
            name: name.to_owned(),
            file: None,
            started_at: started_at.clone(),
            milliseconds: 0,
            outcome: Outcome::Failed(
                "the collection ended before this step did (killed?)".to_owned(),
            ),
        });
        self.note();
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
        if let Some(noted) = self.manifest.steps.get_mut(at) {
            *noted = record;
        }
        self.note();
        worked
    }

    /// Writes the manifest as far as it is; when that fails, the last time says so.
    fn note(&self) {
        let _ = self.manifest.write(self.folder);
    }
}

/// Copies a small file of `/proc` or a cgroup, whose length is unknown until it is read.
fn copy(from: std::io::Result<fs::File>, to: &Path) -> Result<(), Outcome> {
    let fail = |e: std::io::Error| Outcome::Failed(e.to_string());
    let mut source = std::io::Read::take(from.map_err(fail)?, MAX_COPY);
    let mut target = create_private(to).map_err(fail)?;
    std::io::copy(&mut source, &mut target).map_err(fail)?;
    Ok(())
}

fn write(to: &Path, text: &str) -> Result<(), String> {
    let written =
        create_private(to).and_then(|file| std::io::Write::write_all(&mut &file, text.as_bytes()));
    written.map_err(|e| e.to_string())
}

/// The time, UTC, to the second.
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

//! How a JVM is asked: with the attach protocol; with the JDK's `jcmd`, a second JVM, only where the protocol does not reach and memory allows.

use super::attach::{self, Refusal};
use super::headroom::{self, Headroom};
use super::interrupt::Interrupt;
use super::process::Jvm;
use super::{cgroup, create_private};
use crate::verdict::size::Human;
use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a question may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a question may take that has the JVM collect garbage or count all objects first.
pub(super) const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// How long a JVM may be stopped while it answers.
const STOPPED: Duration = Duration::from_secs(5);

/// Asks a JVM, and remembers when it does not answer.
pub(super) struct Asker {
    /// The JDK's program, where there is one that can ask this JVM.
    program: Option<PathBuf>,
    interrupt: Interrupt,
    /// It left a question without an answer: the others would wait in vain.
    is_silent: Cell<bool>,
    /// The program was used.
    used: Cell<bool>,
}

impl Asker {
    /// Looks for `jcmd`: beside the JVM's own `java` (the version that fits), then in `JAVA_HOME`, then in `PATH`.
    ///
    /// Only a JVM that shares this process's files can be asked with it: `jcmd` of JDK 17 does not find one that has another `/tmp`.
    pub fn find(jvm: &Jvm, interrupt: &Interrupt) -> Asker {
        let java = std::fs::read_link(jvm.proc("exe")).ok();
        let beside = java.and_then(|java| Some(java.parent()?.to_owned()));
        // JDK 8 runs jre/bin/java and has jcmd in bin.
        let of_jdk8 = beside.as_ref().map(|bin| bin.join("../../bin"));
        let home = std::env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = beside
            .into_iter()
            .chain(of_jdk8)
            .chain(home)
            .chain(std::env::split_paths(&path))
            .map(|bin| bin.join("jcmd"))
            .find(|candidate| candidate.is_file())
            .filter(|_| jvm.shares_files);
        Asker {
            program,
            interrupt: interrupt.clone(),
            is_silent: Cell::new(false),
            used: Cell::new(false),
        }
    }

    /// What was used, for the manifest.
    pub fn describe(&self) -> String {
        match &self.program {
            Some(path) if self.used.get() => path.display().to_string(),
            _ => "built in (attach protocol)".to_owned(),
        }
    }

    /// Asks the JVM `command`; what it answers goes to the file `to`, which is created.
    pub fn ask(
        &self,
        jvm: &Jvm,
        command: &str,
        to: &Path,
        patience: Duration,
    ) -> Result<(), String> {
        self.run(jvm, command, to, &mut |passed| match passed > patience {
            true => Err(format!("no answer within {} s", patience.as_secs())),
            false => Ok(()),
        })
    }

    /// Has the JVM write a live heap dump to `file`, a path as the JVM sees it; what it answers goes to `to`. `go_on` may end the wait.
    pub fn dump(
        &self,
        jvm: &Jvm,
        file: &Path,
        to: &Path,
        go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
    ) -> Result<(), String> {
        let name = file
            .to_str()
            .filter(|name| !name.contains(['"', '\n', '\0']))
            .ok_or("the folder's name has a quotation mark or is not text")?;
        // The JVM splits the command at spaces unless it is quoted.
        self.run(jvm, &format!("GC.heap_dump \"{name}\""), to, go_on)?;
        let answer = std::fs::read_to_string(to).unwrap_or_default();
        if answer.contains("file created") {
            return Ok(());
        }
        // Success is said even when the JVM could not write.
        let said = answer.lines().last().unwrap_or("no answer");
        Err(format!(
            "the JVM did not write the dump: {}",
            crate::verdict::clean_name(said)
        ))
    }

    /// Asks again, though a question had no answer: some time has passed.
    pub fn forgive(&self) {
        self.is_silent.set(false);
    }

    /// Whether the JVM left a question without an answer.
    pub fn is_silent(&self) -> bool {
        self.is_silent.get()
    }

    fn run(
        &self,
        jvm: &Jvm,
        command: &str,
        to: &Path,
        go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
    ) -> Result<(), String> {
        self.interrupt.check()?;
        if self.is_silent() {
            return Err("not asked: the JVM did not answer before".to_owned());
        }
        if jvm.is_stopped() {
            return Err(
                "not asked: the JVM is stopped (SIGSTOP, or a debugger) and cannot answer"
                    .to_owned(),
            );
        }
        let mut out = create_private(to).map_err(|e| format!("{}: {e}", to.display()))?;
        let mut stopped: Option<Instant> = None;
        let mut silent = false;
        let mut go_on = |passed: Duration| {
            self.interrupt.check()?;
            let since = stopped.filter(|_| jvm.is_stopped());
            stopped = since.or_else(|| jvm.is_stopped().then(Instant::now));
            let result = match stopped {
                Some(since) if since.elapsed() > STOPPED => Err(
                    "the JVM was stopped (SIGSTOP, or a debugger) before it answered".to_owned(),
                ),
                _ => go_on(passed),
            };
            silent |= result.is_err();
            result
        };
        let asked = match attach::ask(jvm, command, &mut out, &mut go_on) {
            Ok(()) => Ok(()),
            Err(Refusal::Failed(why)) => {
                // The socket did not open in time, or the answer did not come.
                silent |= why.contains("did not answer within") || why.contains("takes no more");
                Err(why)
            }
            Err(Refusal::Unreachable(why)) => self.program(jvm, command, out, to, &why, &mut go_on),
        };
        self.is_silent.set(self.is_silent() || silent);
        asked
    }

    /// Asks with the program `jcmd`, where there is one and memory for a second JVM.
    fn program(
        &self,
        jvm: &Jvm,
        command: &str,
        out: File,
        to: &Path,
        why: &str,
        go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(path) = &self.program else {
            return Err(why.to_owned());
        };
        if let Some(tight) = too_tight(headroom::of(&cgroup::own_groups())) {
            return Err(format!("{why}; {tight}"));
        }
        self.used.set(true);
        let errors = out.try_clone().map_err(|e| e.to_string())?;
        let child = program(path, jvm, command, out, errors)
            .spawn()
            .map_err(|e| format!("{}: {e}", path.display()))?;
        match wait(child, go_on)? {
            true => Ok(()),
            false => Err(complaint(to)),
        }
    }
}

/// Why `jcmd` is not run, where the limit leaves less than it takes.
fn too_tight(room: Option<Headroom>) -> Option<String> {
    let room = room.filter(|room| room.left < headroom::JCMD)?;
    Some(format!(
        "jcmd is not run: a second JVM may take {}, and the limit of {} leaves {}",
        Human(headroom::JCMD),
        Human(room.limit),
        Human(room.left)
    ))
}

/// Waits for `jcmd`; whether it succeeded.
fn wait(
    mut child: Child,
    go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
) -> Result<bool, String> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            return Ok(status.success());
        }
        if let Err(why) = go_on(start.elapsed()) {
            // Ends jcmd, our own child, not the JVM.
            let _ = child.kill();
            let _ = child.wait();
            return Err(why);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What `jcmd` complained about in its answer.
fn complaint(answer: &Path) -> String {
    let answer = std::fs::read_to_string(answer).unwrap_or_default();
    let said = answer
        .lines()
        .find(|l| l.contains("Exception") || l.contains("rror"))
        .or(answer.lines().last())
        .unwrap_or("no message");
    format!("jcmd: {}", crate::verdict::clean_name(said))
}

/// The call of the program `jcmd`, which joins its arguments with spaces. Its own JVM is to be as small as it can.
fn program(path: &Path, jvm: &Jvm, command: &str, out: File, errors: File) -> Command {
    let mut run = Command::new(path);
    run.args([
        "-J-Xmx16m",
        "-J-XX:+UseSerialGC",
        "-J-XX:TieredStopAtLevel=1",
    ])
    .arg(jvm.pid.to_string())
    .arg(command)
    // Options meant for the application would be taken by jcmd's own JVM: agents, heap sizes, debug ports.
    .env_remove("JAVA_TOOL_OPTIONS")
    .env_remove("JDK_JAVA_OPTIONS")
    .env_remove("_JAVA_OPTIONS")
    .stdin(Stdio::null())
    .stdout(out)
    .stderr(errors);
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_jvm_in_a_tight_group() {
        let room = |left| {
            Some(Headroom {
                group: (1, 2),
                limit: 512 << 20,
                left,
            })
        };
        let tight = too_tight(room(20 << 20)).expect("too tight");
        assert!(
            tight.contains("64 MiB") && tight.contains("20 MiB"),
            "{tight}"
        );
        assert_eq!(too_tight(room(65 << 20)), None);
        assert_eq!(too_tight(None), None);
    }
}

//! How a JVM is asked: where the JDK's `jcmd` is and how to run it, or the attach protocol without it.

use super::process::Jvm;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a question may take. The dump has no limit: ending `jcmd` would not end the dump.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a JVM is asked.
pub(super) enum Jcmd {
    /// With the JDK's program `jcmd`.
    Program(PathBuf),
    /// With the attach protocol itself.
    BuiltIn,
}

impl Jcmd {
    /// Finds `jcmd`: beside the JVM's own `java` (the version that fits), then in `JAVA_HOME`, then in `PATH`.
    ///
    /// Only a JVM that shares this process's files is asked with it: `jcmd` of JDK 17 does not find one that has another `/tmp`.
    pub fn find(jvm: &Jvm) -> Jcmd {
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
        program.map_or(Jcmd::BuiltIn, Jcmd::Program)
    }

    /// What was used, for the manifest.
    pub fn describe(&self) -> String {
        match self {
            Jcmd::Program(path) => path.display().to_string(),
            Jcmd::BuiltIn => "built in (attach protocol)".to_owned(),
        }
    }

    /// Asks the JVM `command`; what it answers goes to the file `to`, which is created.
    pub fn ask(&self, jvm: &Jvm, command: &str, to: &Path) -> Result<(), String> {
        self.run(jvm, command, to, Some(PATIENCE))
    }

    /// Has the JVM write a live heap dump to `file`, a path as the JVM sees it; what it answers goes to `to`.
    pub fn dump(&self, jvm: &Jvm, file: &Path, to: &Path) -> Result<(), String> {
        let name = file
            .to_str()
            .filter(|name| !name.contains(['"', '\n', '\0']))
            .ok_or("the folder's name has a quotation mark or is not text")?;
        // The JVM splits the command at spaces unless it is quoted.
        self.run(jvm, &format!("GC.heap_dump \"{name}\""), to, None)?;
        let answer = std::fs::read_to_string(to).unwrap_or_default();
        if answer.contains("file created") {
            return Ok(());
        }
        // jcmd ends with 0 even when the JVM could not write.
        let said = answer.lines().last().unwrap_or("no answer");
        Err(format!(
            "the JVM did not write the dump: {}",
            crate::verdict::clean_name(said)
        ))
    }

    fn run(
        &self,
        jvm: &Jvm,
        command: &str,
        to: &Path,
        patience: Option<Duration>,
    ) -> Result<(), String> {
        let mut out = super::create_private(to).map_err(|e| format!("{}: {e}", to.display()))?;
        match self {
            Jcmd::BuiltIn => super::attach::ask(jvm, command, &mut out, patience),
            Jcmd::Program(path) => {
                let errors = out.try_clone().map_err(|e| e.to_string())?;
                let child = program(path, jvm, command, out, errors)
                    .spawn()
                    .map_err(|e| format!("{}: {e}", path.display()))?;
                if wait(child, patience)? {
                    return Ok(());
                }
                Err(complaint(to))
            }
        }
    }
}

/// Waits for `jcmd`; whether it succeeded.
fn wait(mut child: Child, patience: Option<Duration>) -> Result<bool, String> {
    let start = Instant::now();
    loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => return Ok(status.success()),
            None if patience.is_some_and(|p| start.elapsed() > p) => {
                // Ends jcmd, our own child, not the JVM.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("no answer within {} s", PATIENCE.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
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

/// The call of the program `jcmd`, which joins its arguments with spaces.
fn program(path: &Path, jvm: &Jvm, command: &str, out: File, errors: File) -> Command {
    let mut run = Command::new(path);
    run.arg(jvm.pid.to_string())
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

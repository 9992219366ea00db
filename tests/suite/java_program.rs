//! Programs of `testdata/java` under a JDK: compiled, started, and asked to end. Each prints `READY` and ends when its input does.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::support::project;

/// Compiles `testdata/java/NAME.java`, for each of `names`, into `classes`.
pub fn compile(javac: &Path, names: &[&str], classes: &Path) {
    let folder = project().join("testdata/java");
    let compiled = Command::new(javac)
        .arg("-d")
        .arg(classes)
        .args(names.iter().map(|name| folder.join(format!("{name}.java"))))
        .status()
        .expect("javac");
    assert!(compiled.success(), "{names:?}");
}

/// `java` with `options` and the classes in `classes`; the caller adds main class and arguments.
pub fn java<S: AsRef<OsStr>>(java: &Path, options: &[S], classes: &Path) -> Command {
    let mut command = Command::new(java);
    command.args(options).arg("-cp").arg(classes);
    command
}

/// A running program.
pub struct JavaProgram {
    pub process: Child,
    output: BufReader<ChildStdout>,
}

impl JavaProgram {
    /// Starts `command` and waits until the program is ready.
    pub fn start(command: &mut Command) -> JavaProgram {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut program = JavaProgram { process, output };
        program.says("READY");
        program
    }

    /// The program's next line.
    #[track_caller]
    pub fn says(&mut self, expected: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), expected);
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for JavaProgram {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // A test that failed may have left it stopped: it would never see that its input has ended.
        if std::thread::panicking() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

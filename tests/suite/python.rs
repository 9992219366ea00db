//! Python with packages: DuckDB, pyspark, schemas of Kubernetes. Tests that need one say so where it is not there.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::{project, skipped};

/// A Python: that of the folder that `.ci/run` installs packages to, else that of the machine.
fn python() -> PathBuf {
    let own = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project().join("target"), PathBuf::from);
    let own = own.join("python/bin/python3");
    let named = std::env::var_os("HPROF_SUSPECTS_PYTHON").map(PathBuf::from);
    named.unwrap_or(if own.exists() {
        own
    } else {
        PathBuf::from("python3")
    })
}

fn has(package: &str) -> bool {
    let import = Command::new(python())
        .args(["-c", &format!("import {package}")])
        .output();
    import.is_ok_and(|output| output.status.success())
}

/// Python, where it has `package`; else the test says what it skips.
pub fn with(package: &'static str) -> Option<Command> {
    static DUCKDB: OnceLock<bool> = OnceLock::new();
    let known = match package {
        "duckdb" => *DUCKDB.get_or_init(|| has(package)),
        other => has(other),
    };
    if !known {
        skipped(&format!(
            "there is no Python with {package} (`.ci/run` installs it)"
        ));
        return None;
    }
    Some(Command::new(python()))
}

/// What `script` prints when `input` is its standard input.
pub fn answer(mut python: Command, script: &Path, input: &str) -> serde_json::Value {
    let mut child = python
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input.as_bytes()).expect("it reads");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", script.display());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

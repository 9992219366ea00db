//! The damaged, odd and hostile files of the corpus: never a panic, never a hang, never a silent success.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Run, corpus, program};

/// Far above what the slowest file takes, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the program; `None` when it had to be stopped.
fn run_patiently(file: &Path) -> Option<Run> {
    let mut stdout = tempfile::tempfile().expect("a temporary file");
    let mut stderr = tempfile::tempfile().expect("a temporary file");
    let started = Instant::now();
    let mut child = program()
        .args(["--format", "json"])
        .arg(file)
        .stdout(Stdio::from(stdout.try_clone().expect("a second handle")))
        .stderr(Stdio::from(stderr.try_clone().expect("a second handle")))
        .spawn()
        .expect("the program starts");
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program's state") {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().expect("the program stops");
            child.wait().expect("the program is gone");
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let content = |file: &mut fs::File| {
        use std::io::{Read, Seek};
        let mut bytes = Vec::new();
        file.rewind().expect("a rewound file");
        file.read_to_end(&mut bytes).expect("what was written");
        bytes
    };
    let stderr = String::from_utf8_lossy(&content(&mut stderr)).into_owned();
    Some(Run {
        code: status.code(),
        stdout: content(&mut stdout),
        stderr,
    })
}

/// What is wrong with the run, if anything; `expected` is the corpus's own word for the file.
fn complaint(run: Option<Run>, expected: &str) -> Option<String> {
    let Some(run) = run else {
        return Some(format!("no end after {PATIENCE:?}"));
    };
    if run.stderr.contains("panicked") || !matches!(run.code, Some(0 | 1)) {
        return Some(format!("exit {:?}: {}", run.code, run.stderr));
    }
    if run.code == Some(1) {
        let lines = run.stderr.trim_end().lines().count();
        let told = lines == 1 && run.stdout.is_empty();
        let wrong = expected.starts_with("full report") && !expected.contains("or error");
        return (wrong || !told).then(|| format!("refused in {lines} lines: {}", run.stderr));
    }
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&run.stdout) else {
        return Some("no JSON".to_owned());
    };
    let warned = json["warnings"]
        .as_array()
        .is_some_and(|warnings| !warnings.is_empty());
    if expected.starts_with("warn") && !warned {
        return Some("a report without a warning".to_owned());
    }
    let must_fail = [
        "error",
        "error: not HPROF",
        "error: bad id size",
        "error: empty",
        "error: looks like HTML",
    ];
    must_fail
        .contains(&expected)
        .then(|| "a report of what is no dump".to_owned())
}

#[test]
fn damaged_files_end_in_a_report_or_one_clear_line() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("broken");
    let list = fs::read_to_string(folder.join("expect.json")).expect("expect.json");
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let mut failed = Vec::new();
    let mut tried = 0;
    for (name, about) in list.as_object().expect("an object") {
        let file = folder.join(name);
        // A FIFO without a writer never ends; two sparse files are described only; links lead outside.
        let regular = fs::symlink_metadata(&file).is_ok_and(|data| data.is_file());
        if !regular {
            continue;
        }
        tried += 1;
        let expected = about["expect"].as_str().unwrap_or_default();
        if let Some(complaint) = complaint(run_patiently(&file), expected) {
            failed.push(format!(
                "{name} ({} -> {expected}): {complaint}",
                about["wrong"]
            ));
        }
    }
    assert!(tried > 100, "only {tried} files tried");
    assert!(
        failed.is_empty(),
        "{} of {tried}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

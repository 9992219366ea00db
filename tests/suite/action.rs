//! `contrib/action.sh`, the script of the GitHub Action, run as a job runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::project;

fn job(folder: &Path, variables: &[(&str, &str)]) -> Output {
    Command::new("sh")
        .arg(project().join("contrib/action.sh"))
        .current_dir(folder)
        .env("PROGRAM", env!("CARGO_BIN_EXE_hprof-suspects"))
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("GITHUB_OUTPUT", folder.join("output"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("sh")
}

fn sample() -> String {
    let dump = project().join("testdata/sample.hprof.gz");
    dump.to_str().expect("UTF-8").to_owned()
}

#[test]
fn the_report_is_in_the_summary_and_the_verdict_in_the_outputs() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let done = job(folder.path(), &[("DUMP", &sample())]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let summary = fs::read_to_string(folder.path().join("summary.md")).expect("a summary");
    assert!(summary.contains("Java heap"), "{summary}");
    let output = fs::read_to_string(folder.path().join("output")).expect("outputs");
    let report = fs::read(folder.path().join("hprof-suspects/report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
    let verdict = report["verdict"]["heap"].as_str().expect("a verdict");
    assert_eq!(
        output,
        format!("verdict={verdict}\nreports=hprof-suspects\n")
    );
}

#[test]
fn a_condition_fails_the_job_after_the_summary_was_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let done = job(
        folder.path(),
        &[("DUMP", &sample()), ("FAIL_ON", "suspected over=1KiB")],
    );
    assert_eq!(done.status.code(), Some(3), "{done:?}");
    assert!(
        String::from_utf8_lossy(&done.stderr).contains("::error"),
        "{done:?}"
    );
    assert!(folder.path().join("summary.md").is_file());
}

#[test]
fn without_a_dump_the_job_says_so() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let done = job(folder.path(), &[]);
    assert_eq!(done.status.code(), Some(2), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stderr).contains("no dump was named"));
}

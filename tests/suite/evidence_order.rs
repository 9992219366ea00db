//! Which file is the earlier one, whose a process is, and what the program says of files that are no evidence: through the real program.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{Run, golden, program, run_command};

const TWO_HOURS: u64 = 7_200;

fn top(pod: &str, mib: u64) -> String {
    format!("POD NAME CPU(cores) MEMORY(bytes)\n{pod} app 3m {mib}Mi\n")
}

/// A file that was last written so many seconds ago.
fn file(folder: &Path, name: &str, text: &str, age: u64) {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file");
    let written = SystemTime::now() - Duration::from_secs(age);
    let file = File::options().write(true).open(path).expect("the file");
    file.set_modified(written).expect("a time");
}

/// The report on the sample with `evidence`.
fn run_with(dump: &str, format: &str, evidence: &[&Path], options: &[&str]) -> Run {
    let mut command = program();
    command.arg(golden(dump)).args(["--format", format]);
    for path in evidence {
        command.arg("--evidence").arg(path);
    }
    run_command(command.args(options))
}

/// How much the container `app` grew, in MiB.
fn growth(run: Run) -> Option<i64> {
    let report = run.succeeded().json();
    let rows = report["evidence"].as_array().expect("evidence").clone();
    let mut readings = rows
        .iter()
        .flat_map(|row| row["readings"].as_array().into_iter().flatten());
    let found = readings.find(|r| r["what"] == "growth")?;
    assert_eq!(found["container"], "app");
    Some(found["value_bytes"].as_i64()? >> 20)
}

#[test]
fn file_times_order_a_folder_whose_names_say_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "ada.txt", &top("web-1", 900), 0);
    file(folder.path(), "bob.txt", &top("web-1", 100), TWO_HOURS);
    let run = |options: &[&str]| run_with("sample", "json", &[folder.path()], options);
    assert_eq!(growth(run(&[])), Some(800));
    // Where names and times disagree, it asks, and takes the answer.
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "top-before.txt", &top("web-1", 100), 0);
    file(
        folder.path(),
        "top-after.txt",
        &top("web-1", 900),
        TWO_HOURS,
    );
    let run = |options: &[&str]| run_with("sample", "json", &[folder.path()], options);
    let asked = run(&[]);
    assert_ne!(asked.code, Some(0));
    for word in ["--order", "top-before.txt", "top-after.txt"] {
        assert!(asked.stderr.contains(word), "{word}: {}", asked.stderr);
    }
    assert_eq!(growth(run(&["--order", "name"])), Some(800));
    assert_eq!(growth(run(&["--order", "time"])), Some(-800));
}

#[test]
fn times_in_the_content_count_more_than_names_and_file_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let dated = |hour, mib| format!("2026-11-29T{hour}:00:05Z\n{}", top("web-1", mib));
    file(folder.path(), "top-1.txt", &dated("14", 900), TWO_HOURS);
    file(folder.path(), "top-2.txt", &dated("08", 100), 0);
    let run = run_with("sample", "json", &[folder.path()], &[]);
    assert_eq!(growth(run), Some(800));
}

#[test]
fn processes_that_started_at_different_times_are_different_ones() {
    let ps = |start: &str, rss: u64| {
        format!(
            "  PID                  STARTED   RSS COMMAND\n   17 {start} {rss} java -jar a.jar\n"
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let growths = |second: &str| {
        let (one, two) = (
            folder.path().join("ps-1.txt"),
            folder.path().join("ps-2.txt"),
        );
        fs::write(&one, ps("Sun Nov 29 07:45:00 2026", 400_000)).expect("a file");
        fs::write(&two, ps(second, 900_000)).expect("a file");
        let report = run_with("sample", "json", &[&one, &two], &[]);
        let report = report.succeeded().json();
        let said = [&report["verdict"], &report["warnings"], &report["evidence"]];
        let said = said.map(Value::to_string).join(" ");
        (said.matches("\"growth\"").count(), said)
    };
    let (count, said) = growths("Sun Nov 29 07:45:00 2026");
    assert!(count > 0, "{said}");
    let (count, said) = growths("Sun Nov 29 09:12:00 2026");
    assert!(count == 0 && said.contains("restart"), "{said}");
}

#[test]
fn a_file_of_a_folder_may_be_none_and_a_named_one_may_not() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "top.txt", &top("web-1", 900), 0);
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "remember the milk\n").expect("a file");
    let report = run_with("sample", "json", &[folder.path()], &[]);
    let report = report.succeeded().json();
    let rows = report["evidence"].as_array().expect("evidence");
    let row = rows.iter().find(|row| row["source"] == "notes.txt");
    let row = row.expect("a line for the file").to_string();
    assert!(row.contains("not a known kind"), "{row}");
    assert_eq!(rows.len(), 2);
    let refused = run_with("sample", "json", &[&notes], &[]);
    assert_ne!(refused.code, Some(0));
    for word in ["notes.txt", "not a known kind", "kubectl top pod"] {
        assert!(refused.stderr.contains(word), "{word}: {}", refused.stderr);
    }
}

#[test]
fn every_format_says_what_was_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pasted-top.txt");
    fs::write(&path, top("web-1", 913)).expect("a file");
    for format in ["text", "markdown", "jira", "html", "json", "slack"] {
        let told = run_with("sample", format, &[&path], &[]).succeeded().text();
        for word in ["pasted-top.txt", "web-1", "app"] {
            assert!(told.contains(word), "{format}: {word}\n{told}");
        }
        assert!(told.to_lowercase().contains("evidence"), "{format}");
        assert!(told.contains("913 MiB"), "{format}\n{told}");
    }
}

#[test]
fn the_pod_of_the_dump_is_compared_with_the_evidences() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("top.txt");
    let told = |pod: &str| {
        fs::write(&path, top(pod, 400)).expect("a file");
        run_with("planted-secrets", "text", &[&path], &[])
            .succeeded()
            .text()
    };
    let other = told("other-1");
    assert!(other.contains("`other-1`, another pod"), "{other}");
    let own = told("acme-vault-7d9f8b6c5d-x2x4z");
    assert!(!own.contains("another pod"), "{own}");
}

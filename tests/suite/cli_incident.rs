//! Folders instead of files, thresholds, gates, help.

use std::fs;
use std::path::Path;

use crate::support::{Run, golden, program, project, run, run_command};

/// A folder with a golden dump, packed as it is, and the given files.
fn incident(dump: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("{dump}.hprof.gz");
    let packed = project().join("testdata").join(&name);
    fs::copy(packed, folder.path().join(name)).expect("the dump");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    folder
}

fn json(path: &Path, arguments: &[&str]) -> serde_json::Value {
    let mut command = program();
    command.arg(path).args(arguments).args(["--format", "json"]);
    run_command(&mut command).succeeded().json()
}

const TOP: &str = "POD   NAME   CPU(cores)   MEMORY(bytes)\nshop  app    212m         412Mi\n";

#[test]
fn a_folder_is_a_dump_and_its_evidence() {
    let folder = incident(
        "traced-shop",
        &[("top.txt", TOP), ("notes.txt", "call Ada\n")],
    );
    let json = json(folder.path(), &[]);
    assert_eq!(json["dump"]["file_name"], "traced-shop.hprof.gz");
    let resident = json["ledger"]
        .as_array()
        .expect("a ledger")
        .iter()
        .find(|entry| entry["component"] == "resident")
        .unwrap_or_else(|| panic!("{}", json["ledger"]));
    assert_eq!(resident["bytes"], 412 << 20);
    let warnings = json["warnings"].to_string();
    assert!(
        warnings.contains("notes.txt"),
        "what was not read is told: {warnings}"
    );
    assert!(
        !json
            .to_string()
            .contains(folder.path().to_str().expect("a plain path"))
    );
    assert_eq!(
        json["dump"]["complete"], true,
        "a note beside the dump is no damage"
    );
}

/// The drill-down commands take the folder too.
#[test]
fn every_command_finds_the_dump_in_a_folder() {
    let folder = incident("traced-shop", &[("top.txt", TOP)]);
    let path = folder.path().to_str().expect("a plain path");
    let listed = run([
        "histogram",
        path,
        "--class",
        "TracedShop$",
        "--format",
        "tsv",
    ]);
    assert!(listed.succeeded().text().starts_with("class\t"));
}

fn told(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    assert!(run.stdout.is_empty(), "{}", run.text());
    for word in words {
        assert!(
            run.stderr.contains(word),
            "{word:?} is not in: {}",
            run.stderr
        );
    }
}

#[test]
fn a_folder_without_one_dump_is_told() {
    let empty = tempfile::tempdir().expect("a folder");
    told(&run([empty.path()]), 1, &["holds no heap dump"]);
    let two = incident("traced-shop", &[("second.hprof", "JAVA PROFILE 1.0.2\0")]);
    told(&run([two.path()]), 1, &["2 heap dumps"]);
}

#[test]
fn broken_evidence_is_told_with_its_line() {
    let broken = "POD   NAME   CPU(cores)   MEMORY(bytes)\nshop  app    212m         many\n";
    let folder = incident("traced-shop", &[("top.txt", broken)]);
    // In a folder it is one line, and does not stop the analysis.
    let warnings = json(folder.path(), &[])["warnings"].to_string();
    assert!(
        warnings.contains("top.txt") && warnings.contains("line 2"),
        "{warnings}"
    );
    // Named on the command line it is an error.
    let file = folder.path().join("top.txt");
    let dump = golden("traced-shop");
    let named = run_command(program().arg(&dump).arg("--evidence").arg(&file));
    told(&named, 1, &["top.txt:2"]);
}

#[test]
fn a_threshold_changes_the_verdict_and_is_told() {
    let dump = golden("traced-shop-leak");
    // 78 MiB of 1,024 MiB.
    let lax = json(&dump, &[]);
    assert_ne!(lax["verdict"]["heap"], "suspected", "{}", lax["verdict"]);
    let strict = json(&dump, &["--threshold", "nearly-full=5%"]);
    assert_eq!(
        strict["verdict"]["heap"], "suspected",
        "{}",
        strict["verdict"]
    );
    assert_eq!(strict["tool"]["options"]["threshold"], "nearly-full=5%");
}

#[test]
fn a_wrong_threshold_is_told_before_the_dump_is_read() {
    let nowhere = "/nowhere/heap.hprof";
    let wrong = run([nowhere, "--threshold", "holder-of-everything=1"]);
    told(&wrong, 2, &["no such threshold", "holder-of-max"]);
    told(
        &run([nowhere, "--threshold", "holder-of-max=200%"]),
        2,
        &["share from 0 to 1"],
    );
    told(&run([nowhere, "--fail-on", "doubt"]), 2, &["over=SIZE"]);
    told(&run([nowhere, "--rss", "big"]), 2, &["--rss"]);
}

#[test]
fn gates_of_scripts() {
    let dump = golden("traced-shop-leak");
    let gate = |conditions: &[&str]| {
        let mut command = program();
        command.arg(&dump);
        for condition in conditions {
            command.args(["--fail-on", condition]);
        }
        let run = run_command(&mut command);
        assert!(!run.stdout.is_empty(), "the report comes all the same");
        run.code
    };
    assert_eq!(gate(&["over=70MiB"]), Some(3));
    assert_eq!(gate(&["over=100MiB"]), Some(0));
    assert_eq!(gate(&["over=100MiB", "over=70MiB"]), Some(3), "any of them");
}

#[test]
fn no_arguments_print_the_short_help() {
    let none: [&str; 0] = [];
    let run_without = run(none);
    told(&run_without, 2, &["Usage:", "Commands:", "Examples:"]);
    let short = run(["-h"]).succeeded().text();
    let long = run(["--help"]).succeeded().text();
    assert!(short.lines().count() < 95, "-h is short:\n{short}");
    assert!(long.lines().count() > short.lines().count());
    for heading in [
        "Evidence from outside the dump:",
        "Decision and scripts:",
        "Output:",
        "Reading the dump:",
    ] {
        assert!(
            short.contains(heading) && long.contains(heading),
            "{heading}"
        );
    }
    for topic in ["Exit codes", "kubectl", "collect PID"] {
        assert!(long.contains(topic), "{topic}");
    }
}

#[test]
fn collect_refuses_what_is_no_jvm() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("incident");
    let collect = |pid: &str| run_command(program().args(["collect", pid, "-o"]).arg(&target));
    // This test is no JVM, and no process has the largest number.
    let own = std::process::id().to_string();
    told(&collect(&own), 1, &["is not a JVM", "jcmd -l"]);
    told(&collect("4294967295"), 1, &["no process"]);
    told(&collect("main"), 2, &["PID"]);
    assert!(!target.exists(), "nothing is left behind");
}

#[test]
fn tools_of_the_program_itself() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = run(["completions", shell]).succeeded().text();
        assert!(text.contains("dominators"), "{shell}");
    }
    let manual = run(["man"]).succeeded().text();
    assert!(
        manual.starts_with(".ie") && manual.contains("hprof\\-suspects"),
        "{manual}"
    );
    let schema = run(["schema"]).succeeded().json();
    assert!(schema["properties"]["verdict"].is_object());
}

/// Whoever can write into a folder that is looked at can put a pipe there, which nobody writes to.
#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_not_waited_for() {
    let folder = incident("traced-shop", &[]);
    let report = run([folder.path().as_os_str(), "-f".as_ref(), "json".as_ref()]).succeeded();
    fs::write(folder.path().join("report.json"), report.stdout).expect("a report");
    for name in ["manifest.json", "top.txt", "other.json"] {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status();
        assert!(made.expect("mkfifo").success());
    }
    let path = folder.path().as_os_str();
    for words in [
        vec![path],
        vec!["histogram".as_ref(), path],
        vec!["fleet".as_ref(), path],
    ] {
        let mut child = program()
            .args(&words)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("started");
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let ended = loop {
            match child.try_wait().expect("ours") {
                None if std::time::Instant::now() < patience => {
                    std::thread::sleep(std::time::Duration::from_millis(50))
                }
                ended => break ended,
            }
        };
        let _ = child.kill();
        let _ = child.wait();
        assert!(
            ended.is_some_and(|status| status.success()),
            "{words:?}: {ended:?}"
        );
    }
}

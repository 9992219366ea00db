//! `examples/fleet/spark.py` in Spark's local mode: 22 dumps, of which one is damaged and one too large for its task.

use std::path::Path;

use serde_json::Value;

use crate::python;
use crate::support::{golden, golden_names, jdk_tool, program, project, run, skipped};

/// Dumps that are analysed.
const ANALYSED: usize = 20;

/// Bytes that the analysis of `dump` takes.
fn needed(dump: &Path) -> u64 {
    let arguments = [
        "estimate".as_ref(),
        dump.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    run(arguments).succeeded().json()["memory_bytes"]
        .as_u64()
        .expect("a number")
}

/// Small dumps, each under several names, and the most that one of them needs.
fn small_dumps(folder: &Path) -> u64 {
    let names = golden_names();
    let mut dumps: Vec<(u64, std::path::PathBuf)> = names
        .iter()
        .map(|name| golden(name))
        .map(|dump| (needed(&dump), dump))
        .collect();
    dumps.sort();
    dumps.truncate(dumps.len() - 1);
    let most = dumps.last().expect("a dump").0;
    for i in 0..ANALYSED {
        let (_, dump) = &dumps[i % dumps.len()];
        std::fs::copy(dump, folder.join(format!("pod-{i:02}.hprof"))).expect("a dump");
    }
    most
}

#[test]
fn twenty_dumps_on_spark_are_twenty_single_runs() {
    let Some(mut python) = python::with("pyspark") else {
        return;
    };
    let Some(java) = jdk_tool("java").or_else(|| jdk_tool("javac")) else {
        skipped("Spark needs a Java runtime");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let dumps = folder.path().join("dumps");
    std::fs::create_dir(&dumps).expect("a folder");
    let most = small_dumps(&dumps);
    // The largest of the golden dumps needs more than the others.
    let mut all: Vec<_> = golden_names().iter().map(|name| golden(name)).collect();
    all.sort_by_key(|dump| needed(dump));
    let large = all.last().expect("a dump");
    assert!(
        needed(large) > most + most / 100,
        "{} {most}",
        needed(large)
    );
    std::fs::copy(large, dumps.join("large.hprof")).expect("a dump");
    std::fs::write(dumps.join("damaged.hprof"), "JAVA PROFILE 9").expect("a file");
    let output = folder.path().join("out");
    let java = std::fs::canonicalize(java).expect("a file");
    let home = java.parent().and_then(Path::parent).expect("a folder");
    let ended = python
        .arg(project().join("examples/fleet/spark.py"))
        .arg(&dumps)
        .arg("--output")
        .arg(&output)
        .args(["--program".as_ref(), program().get_program()])
        .args(["--task-memory", &(most + most / 10 + 1).to_string()])
        .args(["--label", "service=shop", "--pod-from-name", "--json"])
        .env(
            "PYSPARK_SUBMIT_ARGS",
            "--master local[2] --conf spark.ui.enabled=false --driver-memory 512m pyspark-shell",
        )
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env("JAVA_HOME", home)
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{errors}");
    let text = String::from_utf8_lossy(&ended.stdout);
    let line = text
        .lines()
        .rfind(|line| line.starts_with('{'))
        .expect("an answer");
    let answer: Value = serde_json::from_str(line).expect("JSON");

    let runs = answer["runs"].as_array().expect("runs");
    let status = |name: &str| {
        let run = runs.iter().find(|run| run["dump"] == name).expect(name);
        (
            run["status"].as_str().expect("a word").to_owned(),
            run["attempts"].as_u64(),
        )
    };
    assert_eq!(runs.len(), ANALYSED + 2);
    assert_eq!(status("damaged.hprof"), ("failed".to_owned(), Some(2)));
    assert_eq!(status("large.hprof"), ("too large".to_owned(), Some(1)));
    let analysed = runs
        .iter()
        .filter(|run| run["status"] == "analysed")
        .count();
    assert_eq!(analysed, ANALYSED, "{runs:?}");
    assert!(output.join("runs/_SUCCESS").exists());

    // The same, one after the other, put together by the program itself.
    let single = folder.path().join("single");
    std::fs::create_dir(&single).expect("a folder");
    for i in 0..ANALYSED {
        let dump = dumps.join(format!("pod-{i:02}.hprof"));
        let report = single.join(format!("{i}.json"));
        let pod = format!("pod=pod-{i:02}");
        let words = [
            "-o".as_ref(),
            report.as_os_str(),
            "--label".as_ref(),
            "service=shop".as_ref(),
            "--label".as_ref(),
            pod.as_ref(),
        ];
        run([dump.as_os_str()].into_iter().chain(words)).succeeded();
    }
    let own = crate::fleet_support::fleet(&[&single], &["--top", "0"]);
    let causes = own["causes"].as_array().expect("causes");
    let of_spark = answer["causes"].as_array().expect("causes");
    assert_eq!(of_spark.len(), causes.len());
    assert!(!causes.is_empty());
    for (row, cause) in of_spark.iter().zip(causes) {
        for name in [
            "signature",
            "holder",
            "dumps",
            "pods",
            "largest_retained_bytes",
            "total_retained_bytes",
        ] {
            assert_eq!(row[name], cause[name], "{name} of {row}");
        }
    }
}

//! Labels: given, noted by `collect`, masked, shown.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{golden, program, project, run, run_command};

const DUMP: &str = "sample";

/// The labels of the JSON report of `dump`.
fn labels(arguments: &[&str]) -> serde_json::Value {
    let json = run(arguments.iter().chain(&["--format", "json"])).succeeded();
    json.json()["labels"].clone()
}

#[test]
fn labels_are_in_the_report() {
    let dump = golden(DUMP);
    let dump = dump.to_str().expect("a plain path");
    let given = [
        dump,
        "--label",
        "service=shop",
        "--label",
        "version=1.42",
        "--label",
        "pod=shop-7d9f8b6c5d-x2x9z",
        "--label",
        "environment=production",
    ];
    let expected = serde_json::json!({
        "service": "shop", "version": "1.42", "pod": "shop-7d9f8b6c5d-x2x9z", "environment": "production",
    });
    assert_eq!(labels(&given), expected);
    let text = run(given.iter().chain(&["--detail", "full"]));
    let line = "labels service=shop, version=1.42, pod=shop-7d9f8b6c5d-x2x9z,";
    let text = text.succeeded().text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(line), "{text}");
    assert_eq!(labels(&[dump]), serde_json::Value::Null);
}

#[test]
fn what_identifies_somebody_is_masked_unless_asked_for() {
    let dump = golden(DUMP);
    let dump = dump.to_str().expect("a plain path");
    let given = [
        dump,
        "--label",
        "asked-by=alice.smith@example.com",
        "--label",
        "version=Zq1fieldString7Kw3Rt9",
        "--label",
        "note=see https://user:pw@host/x",
    ];
    assert_eq!(
        labels(&given),
        serde_json::json!({"asked-by": "*", "version": "*", "note": "see *"})
    );
    let shown: Vec<&str> = given.into_iter().chain(["--show-values"]).collect();
    assert_eq!(labels(&shown)["asked-by"], "alice.smith@example.com");
}

#[test]
fn a_label_has_a_name_and_a_value() {
    let dump = golden(DUMP);
    for wrong in ["service", "=x", "a b=c", "service="] {
        let run = run([dump.as_os_str(), "--label".as_ref(), wrong.as_ref()]);
        assert_eq!(run.code, Some(2), "{wrong}: {}", run.stderr);
    }
}

/// An incident folder has the labels of its manifest; those that are given count more.
#[test]
fn an_incident_folder_has_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = project().join(format!("testdata/{DUMP}.hprof.gz"));
    fs::copy(packed, folder.path().join("heap.hprof.gz")).expect("the dump");
    let manifest = r#"{"schema_version": 1, "tool": "hprof-suspects 0.1.0", "pid": 1, "jvm_version": null, "jcmd": "built in",
        "started_at": "2026-01-01T00:00:00Z", "finished_at": "2026-01-01T00:00:00Z", "dump": "heap.hprof.gz", "steps": [],
        "labels": {"service": "shop", "version": "1.41", "a b": "no label"}}"#;
    fs::write(folder.path().join("manifest.json"), manifest).expect("a manifest");
    let path = folder.path().to_str().expect("a plain path");
    assert_eq!(
        labels(&[path, "--label", "version=1.42"]),
        serde_json::json!({"service": "shop", "version": "1.42"})
    );
}

/// What a pod's environment tells, and what is given on the command line, is in the manifest.
#[test]
fn collect_notes_the_labels_of_its_environment() {
    let Some(javac) = crate::support::jdk_tool("javac") else {
        crate::support::skipped("there is no JDK");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("Hold.java");
    let text = "public class Hold { public static void main(String[] a) throws Exception { System.out.println(); System.in.read(); } }";
    fs::write(&source, text).expect("a source");
    let mut java = Command::new(javac.with_file_name("java"))
        .args(["-Xmx64m", "-XX:+UseSerialGC"])
        .arg(&source)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a JVM");
    let mut line = [0];
    let started = std::io::Read::read_exact(java.stdout.as_mut().expect("a pipe"), &mut line);
    let incident = folder.path().join("incident");
    let mut collect = program();
    collect
        .args(["collect", &java.id().to_string(), "--no-dump", "-o"])
        .arg(&incident)
        .args(["--label", "version=2"])
        .env("POD_NAME", "shop-1")
        .env("SERVICE_VERSION", "1")
        .env("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop");
    let collected = run_command(&mut collect);
    let _ = java.kill();
    let _ = java.wait();
    started.expect("a JVM that runs");
    collected.succeeded();
    let manifest = fs::read(incident.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    assert_eq!(
        manifest["labels"],
        serde_json::json!({"pod": "shop-1", "service": "shop", "version": "2"})
    );
}

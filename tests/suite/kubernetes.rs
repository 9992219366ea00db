//! The examples for Kubernetes: their manifests are what Kubernetes takes, the memory of a Job is that of the estimate, and the script
//! of the sidecar does what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::python;
use crate::support::{golden, program, project, run, temporary};

fn example(name: &str) -> PathBuf {
    project().join("examples/kubernetes").join(name)
}

/// The manifests in `files`, checked against the schemas. `None` without them.
fn checked(files: &[&Path]) -> Option<Vec<Value>> {
    let python = python::with("kubernetes_validate")?;
    let script = project().join("tests/kubernetes/validate.py");
    let answer = python::answer(python, &script, &json!(files).to_string());
    Some(answer.as_array().expect("manifests").clone())
}

/// What `job.sh` prints for `dump`.
fn job(dump: &Path, options: &[&str]) -> String {
    let output = Command::new("sh")
        .arg(example("job.sh"))
        .arg(dump)
        .args(options)
        .env("PROGRAM", program().get_program())
        .output()
        .expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_manifests_are_valid() {
    let files = [example("fleet-cronjob.yaml"), example("dump-on-oom.yaml")];
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let Some(manifests) = checked(&files) else {
        return;
    };
    let kinds: Vec<&str> = manifests
        .iter()
        .filter_map(|manifest| manifest["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["CronJob", "Deployment", "ConfigMap"]);
    // The command of the CronJob is one that the program takes: it fails for want of reports, not of sense.
    let container =
        &manifests[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    let words = container["command"].as_array().expect("a command");
    let words: Vec<&str> = words.iter().skip(1).filter_map(Value::as_str).collect();
    let tried = run(&words);
    assert_eq!(tried.code, Some(1), "{}", tried.stderr);
}

#[test]
fn a_job_has_the_memory_of_the_estimate() {
    let dump = golden("sample");
    let arguments = [
        "estimate".as_ref(),
        dump.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    let needed = run(arguments).succeeded().json()["memory_bytes"]
        .as_u64()
        .expect("a number");
    let text = job(&dump, &["--label", "service=a \"b\""]);
    assert!(
        text.contains(&format!(
            "memory: \"{}\"",
            needed + needed / 10 + (64 << 20)
        )),
        "{text}"
    );
    let file = temporary(".yaml", text.as_bytes());
    let Some(manifests) = checked(&[&file]) else {
        return;
    };
    let pod = &manifests[0]["spec"]["template"]["spec"];
    let words = pod["containers"][0]["command"]
        .as_array()
        .expect("a command");
    assert!(words.contains(&json!("service=a \"b\"")), "{words:?}");
    let memory = words
        .iter()
        .position(|word| word == "--max-memory")
        .expect("a limit");
    assert!(
        words[memory + 1]
            .as_str()
            .and_then(|text| text.parse::<u64>().ok())
            >= Some(needed),
        "{words:?}"
    );
}

/// The script of the sidecar, with stand-ins for curl and for the wait: one dump is analysed and uploaded, a file that is none is kept.
#[test]
fn the_sidecar_uploads_the_report_only() {
    let manifest = std::fs::read_to_string(example("dump-on-oom.yaml")).expect("a manifest");
    let (_, script) = manifest.split_once("watch.sh: |\n").expect("a script");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["dumps", "up", "bin"] {
        std::fs::create_dir(at(name)).expect("a folder");
    }
    std::fs::copy(golden("sample"), at("dumps/java_pid1.hprof")).expect("a dump");
    std::fs::write(at("dumps/java_pid2.hprof"), "no dump").expect("a file");
    let path = |name: &str| at(name).display().to_string();
    // One round.
    let script = script
        .replace("/dumps", &path("dumps"))
        .replace("while :; do", "for round in 1; do");
    std::fs::write(at("watch.sh"), script).expect("a script");
    let stand_in = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(at("bin").join(name), format!("#!/bin/sh\n{text}\n")).expect("a file");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(at("bin").join(name), mode).expect("ours");
    };
    stand_in("sleep", "");
    let upload = "for a; do case $a in *.json) last=$a; [ -f \"$a\" ] && file=$a;; esac; done; cp \"$file\" ";
    stand_in(
        "curl",
        &format!("{upload}{}/$(basename \"$last\")", path("up")),
    );
    stand_in(
        "hprof-suspects",
        &format!(
            "exec {} \"$@\"",
            Path::new(program().get_program()).display()
        ),
    );
    let search = format!("{}:{}", path("bin"), std::env::var("PATH").expect("a path"));
    let ended = Command::new("sh")
        .arg(at("watch.sh"))
        .env("PATH", search)
        .env("SERVICE_NAME", "shop")
        .env("SERVICE_VERSION", "1.42")
        .env("POD_NAME", "shop-1")
        .env("ENVIRONMENT", "test")
        .env("UPLOAD_URL", "https://reports.example.com/incoming")
        .output()
        .expect("a shell");
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let left: Vec<String> = crate::support::files_ending(&at("dumps"), &[""])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        left,
        ["java_pid2.hprof.failed"],
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let uploaded = crate::support::files_ending(&at("up"), &[".json"]);
    assert_eq!(uploaded.len(), 1);
    let report = std::fs::read(&uploaded[0].1).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["labels"]["pod"], "shop-1");
}

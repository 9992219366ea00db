//! The story the program exists for: memory grew, somebody blames the span exporter. Is it the Java heap?

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Run, golden, jdk_tool, program, project, run_command, skipped};

/// `kubectl top pod --containers` before; the columns are kubectl's.
const BEFORE: &str = "\
POD                     NAME         CPU(cores)   MEMORY(bytes)
shop-6d8f9c7b5d-x2x9p   app          212m         412Mi
shop-6d8f9c7b5d-x2x9p   fluent-bit   9m           96Mi
";
/// An hour later: the log shipper beside the JVM grew.
const SIDECAR_GREW: &str = "\
POD                     NAME         CPU(cores)   MEMORY(bytes)
shop-6d8f9c7b5d-x2x9p   app          198m         415Mi
shop-6d8f9c7b5d-x2x9p   fluent-bit   31m          908Mi
";
/// An hour later: the JVM grew.
const JVM_GREW: &str = "\
POD                     NAME         CPU(cores)   MEMORY(bytes)
shop-6d8f9c7b5d-x2x9p   app          198m         500Mi
shop-6d8f9c7b5d-x2x9p   fluent-bit   9m           97Mi
";

/// Puts both snapshots into `folder`.
fn snapshots(folder: &Path, after: &str) {
    fs::write(folder.join("top-1.txt"), BEFORE).expect("a snapshot");
    fs::write(folder.join("top-2.txt"), after).expect("a snapshot");
}

fn report(dump: &Path, evidence: Option<&Path>) -> Run {
    let mut command = program();
    command.arg(dump).args(["--container", "app"]);
    if let Some(folder) = evidence {
        command.arg("--evidence").arg(folder);
    }
    run_command(&mut command).succeeded()
}

/// The headline, which is what people read and paste. The page may be narrower than it.
fn first_line(run: &Run) -> String {
    let text = run.text();
    let headline = text.lines().take_while(|line| !line.is_empty());
    headline.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn is_ruled_out(run: &Run) {
    let line = first_line(run);
    assert!(line.starts_with("Java heap RULED OUT: "), "{line}");
    assert!(line.contains(" MiB live of 1,024 MiB maximum; "), "{line}");
    assert!(line.contains("; largest holder 1.2 MiB; "), "{line}");
    assert!(
        line.contains("container `fluent-bit` grew 812 MiB"),
        "{line}"
    );
}

#[track_caller]
fn is_suspected(run: &Run) {
    let line = first_line(run);
    assert!(line.starts_with("Java heap SUSPECTED: "), "{line}");
    assert!(
        line.contains("`com.acme.shop.TracedShop.AUDIT_LOG` retains 78 MiB"),
        "{line}"
    );
    assert!(
        line.contains("800 x com.acme.shop.TracedShop$AuditRecord"),
        "{line}"
    );
    assert!(line.contains("of the growth"), "{line}");
}

#[test]
fn the_sidecar_grew_and_the_heap_is_ruled_out() {
    let evidence = tempfile::tempdir().expect("a folder");
    snapshots(evidence.path(), SIDECAR_GREW);
    let run = report(&golden("traced-shop"), Some(evidence.path()));
    is_ruled_out(&run);
}

#[test]
fn the_audit_log_grew_and_is_named() {
    let evidence = tempfile::tempdir().expect("a folder");
    snapshots(evidence.path(), JVM_GREW);
    let run = report(&golden("traced-shop-leak"), Some(evidence.path()));
    is_suspected(&run);
}

/// The span exporter is what everybody accuses: it must never be what the report accuses.
#[test]
fn the_span_exporter_is_not_accused() {
    for name in ["traced-shop", "traced-shop-leak"] {
        let report = crate::support::report(&golden(name));
        let accused = report["suspects"].to_string();
        assert!(!accused.contains("BatchSpanProcessor"), "{name}: {accused}");
    }
}

/// The same heap, the same evidence, one gate: a script decides by the exit code.
#[test]
fn a_script_sees_the_difference() {
    let evidence = tempfile::tempdir().expect("a folder");
    let gate = |dump: &str| {
        let mut command = program();
        command
            .arg(golden(dump))
            .args(["--container", "app", "--fail-on", "suspected"]);
        run_command(command.arg("--evidence").arg(evidence.path())).code
    };
    snapshots(evidence.path(), SIDECAR_GREW);
    assert_eq!(gate("traced-shop"), Some(0));
    snapshots(evidence.path(), JVM_GREW);
    assert_eq!(gate("traced-shop-leak"), Some(3));
}

// --- with a JVM that runs ---

/// The shop, running. It ends when its input does.
struct Shop(Child);

impl Shop {
    /// Compiles and starts it; `None` without a JDK.
    fn start(classes: &Path, arguments: &[&str]) -> Option<Shop> {
        let (javac, java) = (jdk_tool("javac")?, jdk_tool("java")?);
        let java_folder = project().join("testdata/java");
        let compiled = Command::new(javac)
            .arg("-d")
            .arg(classes)
            .args(["BatchSpanProcessor.java", "TracedShop.java"].map(|name| java_folder.join(name)))
            .status()
            .expect("javac");
        assert!(compiled.success());
        let mut child = Command::new(java)
            .args(["-Xmx1024m", "-XX:+UseG1GC", "-cp"])
            .arg(classes)
            .arg("com.acme.shop.TracedShop")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java");
        let mut ready = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output)
            .read_line(&mut ready)
            .expect("a line");
        assert_eq!(ready.trim(), "READY");
        Some(Shop(child))
    }

    /// Dump and evidence of it, as a user takes them.
    fn collect(&self, folder: &Path) -> PathBuf {
        let incident = folder.join("incident");
        let mut command = program();
        command.arg("collect").arg(self.0.id().to_string());
        let run = run_command(command.arg("-o").arg(&incident)).succeeded();
        assert_eq!(run.stderr, "", "nothing when piped");
        assert!(run.text().contains("heap.hprof"), "{}", run.text());
        incident
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn with_a_jvm(arguments: &[&str], after: &str) -> Option<Run> {
    if jdk_tool("javac").is_none() || !cfg!(target_os = "linux") {
        skipped("no JDK in JAVA_HOME or on the path, or not Linux");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Shop::start(folder.path(), arguments)?;
    let incident = shop.collect(folder.path());
    snapshots(&incident, after);
    Some(report(&incident, None))
}

#[test]
fn collected_from_a_jvm_beside_a_sidecar_that_grew() {
    if let Some(run) = with_a_jvm(&[], SIDECAR_GREW) {
        is_ruled_out(&run);
    }
}

#[test]
fn collected_from_a_jvm_that_leaks() {
    if let Some(run) = with_a_jvm(&["leak=800"], JVM_GREW) {
        is_suspected(&run);
    }
}

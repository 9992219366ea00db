//! The story the program exists for: memory grew, somebody blames the span exporter. Is it the Java heap?

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::java_program::{JavaProgram, compile, java};
use crate::support::{Run, golden, jdk_tool, program, run_command, skipped};

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

/// The whole line: live heap, largest holder, what everybody accuses with its size, and who grew.
#[track_caller]
fn is_ruled_out(run: &Run, processor: &str, grew: &str) {
    let line = first_line(run);
    let live = line.strip_prefix("Java heap RULED OUT: ");
    let live = live.unwrap_or_else(|| panic!("{line}"));
    let (live, rest) = live.split_once(" MiB live of ").expect("a size");
    let live: f64 = live.parse().expect("MiB");
    assert!((5.0..8.0).contains(&live), "{line}");
    let expected = format!(
        "1,024 MiB maximum; largest holder 1.2 MiB (`com.acme.shop.TracedShop.IMAGES`); BatchSpanProcessor {processor}; \
         container `fluent-bit` grew {grew}"
    );
    assert_eq!(rest, expected);
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
        line.contains("800 × com.acme.shop.TracedShop$AuditRecord"),
        "{line}"
    );
    assert!(line.contains("of the growth"), "{line}");
}

#[test]
fn the_sidecar_grew_and_the_heap_is_ruled_out() {
    let evidence = tempfile::tempdir().expect("a folder");
    snapshots(evidence.path(), SIDECAR_GREW);
    let run = report(&golden("traced-shop"), Some(evidence.path()));
    is_ruled_out(&run, "8.2 KiB", "812 MiB");
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

/// Shop or sidecar, running.
struct Running(JavaProgram);

impl Running {
    /// Starts `main`, which was compiled to `classes`.
    fn start(classes: &Path, options: &[&str], main: &str, arguments: &[&str]) -> Running {
        let tool = jdk_tool("java").expect("a JDK has both");
        let mut command = java(&tool, options, classes);
        Running(JavaProgram::start(command.arg(main).args(arguments)))
    }

    /// Makes the sidecar take `mib` MiB of native memory.
    fn grow(&mut self, mib: u32) {
        let input = self.0.process.stdin.as_mut().expect("a pipe");
        writeln!(input, "{mib}").expect("its input is open");
        self.0.says("GROWN");
    }

    /// Resident memory in MiB, as `kubectl top` shows it of a container with one process.
    fn resident_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1));
        kib.expect("a size").parse::<u64>().expect("a number") / 1024
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

/// Compiles shop and sidecar into a new folder; `None`, and a line that says so, without a JDK.
fn compiled() -> Option<tempfile::TempDir> {
    let Some(javac) = jdk_tool("javac").filter(|_| cfg!(target_os = "linux")) else {
        skipped("no JDK in JAVA_HOME or on the path, or not Linux");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let sources = ["BatchSpanProcessor", "TracedShop", "Sidecar"];
    compile(&javac, &sources, folder.path());
    Some(folder)
}

/// The shop with a span queue of 400 bytes.
fn shop(classes: &Path, arguments: &[&str]) -> Running {
    let options = ["-Xmx1024m", "-XX:+UseG1GC", "-Dspan.queue=56"];
    Running::start(classes, &options, "com.acme.shop.TracedShop", arguments)
}

#[test]
fn collected_from_a_jvm_beside_a_sidecar_that_grew() {
    let Some(folder) = compiled() else { return };
    let shop = shop(folder.path(), &[]);
    let incident = shop.collect(folder.path());
    snapshots(&incident, SIDECAR_GREW);
    is_ruled_out(&report(&incident, None), "400 B", "812 MiB");
}

/// Both processes are real, and so are the numbers: the sidecar takes 100 MiB between two looks at them.
#[test]
fn a_second_process_that_grows_is_named() {
    let Some(folder) = compiled() else { return };
    let shop = shop(folder.path(), &[]);
    let mut sidecar = Running::start(folder.path(), &["-Xmx512m"], "com.acme.shop.Sidecar", &[]);
    let look = |sidecar: &Running| {
        let (app, shipper) = (shop.resident_mib(), sidecar.resident_mib());
        let top = format!(
            "POD NAME CPU(cores) MEMORY(bytes)\nshop-1 app 9m {app}Mi\nshop-1 fluent-bit 9m {shipper}Mi\n"
        );
        (top, shipper)
    };
    let (before, small) = look(&sidecar);
    sidecar.grow(100);
    let (after, large) = look(&sidecar);
    assert!((100..110).contains(&(large - small)), "{small} to {large}");
    let incident = shop.collect(folder.path());
    fs::write(incident.join("top-1.txt"), before).expect("a snapshot");
    fs::write(incident.join("top-2.txt"), after).expect("a snapshot");
    let grew = format!("{} MiB", large - small);
    is_ruled_out(&report(&incident, None), "400 B", &grew);
}

#[test]
fn collected_from_a_jvm_that_leaks() {
    let Some(folder) = compiled() else { return };
    let shop = shop(folder.path(), &["leak=800"]);
    let incident = shop.collect(folder.path());
    snapshots(&incident, JVM_GREW);
    is_suspected(&report(&incident, None));
}

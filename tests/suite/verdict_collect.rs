//! Collecting from a running JVM, and reading the folder again.

use hprof_suspects::collect::{
    CollectError, IncidentError, Options, Outcome, Progress, collect, open_incident,
};
use hprof_suspects::verdict::evidence::{Quantity, Resident};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that keeps 64 MiB of direct buffers and 30,000,000 bytes of heap until its standard input ends.
const HOLD: &str = r#"
import java.nio.ByteBuffer; import java.util.*;
public class Hold {
  static final List<Object> KEEP = new ArrayList<>();
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < 4; i++) KEEP.add(ByteBuffer.allocateDirect(16 << 20));
    for (int i = 0; i < 30; i++) KEEP.add(new byte[1_000_000]);
    System.out.println("ready");
    while (System.in.read() >= 0) { }
  }
}
"#;

/// A running JVM; it ends with the test.
struct Jvm(Child);

impl Drop for Jvm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The JDKs of this machine, by their folder.
fn jdks() -> Vec<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/jvm")
        .into_iter()
        .flatten()
        .flatten();
    let mut homes: Vec<PathBuf> = installed
        .map(|e| e.path())
        .chain(std::env::var_os("JAVA_HOME").map(PathBuf::from))
        .collect();
    homes = homes
        .into_iter()
        .filter_map(|h| h.canonicalize().ok())
        .filter(|h| h.join("bin/jcmd").is_file() && h.join("bin/javac").is_file())
        .collect();
    homes.sort();
    homes.dedup();
    homes
}

fn start(jdk: &Path, dir: &Path, options: &[&str]) -> Jvm {
    start_with(Command::new(jdk.join("bin/java")), dir, options)
}

fn start_with(mut java: Command, dir: &Path, options: &[&str]) -> Jvm {
    let source = dir.join("Hold.java");
    std::fs::write(&source, HOLD).expect("writable");
    let mut child = java
        .args(options)
        .arg(&source)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("java starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("readable");
    assert_eq!(line.trim(), "ready");
    Jvm(child)
}

#[cfg(target_os = "linux")]
#[test]
fn a_running_jvm_is_collected_and_lives_on() {
    use std::os::unix::fs::PermissionsExt;
    let jdks = jdks();
    if jdks.is_empty() {
        eprintln!("skipped: no JDK with jcmd and javac here");
    }
    for jdk in jdks {
        let temp = tempfile::tempdir().expect("temporary folder");
        let mut jvm = start(
            &jdk,
            temp.path(),
            &["-Xmx256m", "-XX:NativeMemoryTracking=summary"],
        );
        // A space in the name: the JVM splits commands at spaces.
        let options = Options {
            pid: jvm.0.id(),
            folder: temp.path().join("incident 1"),
            dump: true,
            ..Options::default()
        };
        let mut seen = Vec::new();
        let collected = collect(&options, &mut |p| {
            if let Progress::Finished(step) = p {
                seen.push(step.name.clone());
            }
        })
        .unwrap_or_else(|e| panic!("{}: {e}", jdk.display()));
        let manifest = &collected.manifest;
        assert_eq!(manifest.jcmd, "built in (attach protocol)", "no second JVM");
        assert_eq!(seen.len(), manifest.steps.len());
        assert!(
            manifest.steps.iter().all(|s| s.outcome == Outcome::Ok),
            "{:#?}",
            manifest.steps
        );
        assert!(
            manifest
                .jvm_version
                .as_deref()
                .is_some_and(|v| v.contains("VM version")),
            "{manifest:?}"
        );
        assert!(
            jvm.0.try_wait().expect("ours").is_none(),
            "the JVM lives on"
        );

        let mode = |path: &Path| path.metadata().expect("exists").permissions().mode() & 0o777;
        assert_eq!(mode(&options.folder), 0o700);
        for entry in std::fs::read_dir(&options.folder)
            .expect("readable")
            .flatten()
        {
            assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        }
        let incident = open_incident(&options.folder).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(incident.dump, collected.dump.expect("a dump"));
        assert!(incident.dump.metadata().expect("exists").len() > 30_000_000);
        assert_eq!(incident.manifest.as_ref(), Some(manifest));
        let skipped: Vec<_> = incident.evidence.skipped().collect();
        assert!(skipped.is_empty(), "{skipped:?}");
        let facts = incident.evidence.facts();
        let fact = |q: Quantity| facts.iter().find(|f| f.quantity == q).map(|f| f.bytes);
        assert_eq!(fact(Quantity::MaxHeap), Some(256 << 20));
        assert!(fact(Quantity::NativeCommitted("Other".into())) >= Some(64 << 20));
        assert!(fact(Quantity::Resident(Resident::Process)) > Some(64 << 20));
        assert!(fact(Quantity::HeapUsed) >= Some(30_000_000));

        let again = collect(&options, &mut |_| {});
        assert!(matches!(again, Err(CollectError::NotEmpty(_))), "{again:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_must_not_be_asked_is_left_alone() {
    let temp = tempfile::tempdir().expect("temporary folder");
    let options = |pid: u32| Options {
        pid,
        folder: temp.path().join("incident"),
        dump: true,
        ..Options::default()
    };
    // A PID above the largest possible one.
    assert!(matches!(
        collect(&options(5_000_000), &mut |_| {}),
        Err(CollectError::NoProcess(_))
    ));
    let mut sleeper = Command::new("sleep")
        .arg("60")
        .spawn()
        .expect("sleep starts");
    let result = collect(&options(sleeper.id()), &mut |_| {});
    assert!(matches!(result, Err(CollectError::NotJvm(_))), "{result:?}");
    assert!(sleeper.try_wait().expect("ours").is_none(), "it lives on");
    sleeper.kill().expect("ours");
    sleeper.wait().expect("ours");
    assert!(
        !temp.path().join("incident").exists(),
        "nothing is left behind"
    );
    let Some(jdk) = jdks().into_iter().next() else {
        eprintln!("skipped: no JDK with jcmd and javac here");
        return;
    };
    let mut deaf = start(&jdk, temp.path(), &["-Xrs", "-Xmx256m"]);
    let result = collect(&options(deaf.0.id()), &mut |_| {});
    assert!(
        matches!(result, Err(CollectError::NotAskable(_))),
        "{result:?}"
    );
    assert!(deaf.0.try_wait().expect("ours").is_none(), "it lives on");
}

/// As root, a JVM of another user, which cannot write into root's folder.
#[cfg(target_os = "linux")]
#[test]
fn a_jvm_of_another_user_is_collected_by_root() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let temp = tempfile::tempdir().expect("temporary folder");
    let is_root = temp.path().metadata().expect("exists").uid() == 0;
    let Some(jdk) = jdks().into_iter().next().filter(|_| is_root) else {
        eprintln!("skipped: not root, or no JDK with jcmd and javac here");
        return;
    };
    std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o755)).expect("ours");
    let mut java = Command::new(jdk.join("bin/java"));
    java.uid(65534).gid(65534).current_dir(temp.path());
    let mut jvm = start_with(java, temp.path(), &["-Xmx256m"]);
    // What an ended JVM of root's with the same PID left, which this one may not remove.
    let stale = format!("/tmp/.java_pid{}", jvm.0.id());
    drop(std::os::unix::net::UnixListener::bind(stale).expect("no socket yet"));
    let folder = temp.path().join("incident");
    let options = Options {
        pid: jvm.0.id(),
        folder,
        dump: true,
        ..Options::default()
    };
    let collected = collect(&options, &mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
    let dump = collected
        .dump
        .unwrap_or_else(|| panic!("{:#?}", collected.manifest.steps));
    let meta = dump.metadata().expect("exists");
    assert_eq!((meta.uid(), meta.permissions().mode() & 0o777), (0, 0o600));
    assert!(meta.len() > 30_000_000);
    assert!(
        jvm.0.try_wait().expect("ours").is_none(),
        "the JVM lives on"
    );
    let staging = format!("hprof-suspects-{}-", options.pid);
    let mut left = std::fs::read_dir("/tmp").expect("readable").flatten();
    assert!(!left.any(|e| e.file_name().to_string_lossy().starts_with(&staging)));
}

/// As root, a JVM that sees other files, as one in a container does from the outside.
#[cfg(target_os = "linux")]
#[test]
fn a_jvm_in_another_mount_namespace_is_collected_by_root() {
    // Not in /tmp, which the JVM gets a new one of.
    let temp = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("temporary folder");
    let can = |c: &mut Command| c.output().is_ok_and(|o| o.status.success());
    let jdk = jdks().into_iter().next();
    let may = can(Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/tmp"]));
    // The JVM's own program must not vanish below the new /tmp.
    let may = may && !Path::new(env!("CARGO_TARGET_TMPDIR")).starts_with("/tmp");
    let (Some(jdk), true) = (jdk, may) else {
        eprintln!("skipped: no JDK, or not allowed to make a mount namespace");
        return;
    };
    let mut java = Command::new("unshare");
    java.args([
        "-m",
        "sh",
        "-c",
        "mount -t tmpfs none /tmp && exec \"$@\"",
        "sh",
    ])
    .arg(jdk.join("bin/java"))
    .env("JAVA_HOME", &jdk);
    let mut jvm = start_with(java, temp.path(), &["-Xmx256m"]);
    let folder = temp.path().join("incident");
    let options = Options {
        pid: jvm.0.id(),
        folder,
        dump: true,
        ..Options::default()
    };
    let collected = collect(&options, &mut |_| {}).unwrap_or_else(|e| panic!("{e}"));
    let dump = collected
        .dump
        .unwrap_or_else(|| panic!("{:#?}", collected.manifest.steps));
    assert!(dump.metadata().expect("exists").len() > 30_000_000);
    assert!(
        jvm.0.try_wait().expect("ours").is_none(),
        "the JVM lives on"
    );
}

#[test]
fn folders_that_are_no_incident() {
    let temp = tempfile::tempdir().expect("temporary folder");
    let open = || open_incident(temp.path());
    assert!(matches!(open(), Err(IncidentError::NoDump(_))));
    std::fs::write(temp.path().join("a.hprof"), b"JAVA PROFILE 1.0.2\0").expect("writable");
    assert!(open().expect("one dump").dump.ends_with("a.hprof"));
    std::fs::write(temp.path().join("b.bin"), b"JAVA PROFILE 1.0.2\0").expect("writable");
    assert!(matches!(open(), Err(IncidentError::SeveralDumps { dumps, .. }) if dumps.len() == 2));
    // A manifest settles it, but cannot point elsewhere.
    let manifest = |dump: &str| {
        format!(
            r#"{{"schema_version":1,"tool":"t","pid":1,"jvm_version":null,"jcmd":"","started_at":"","finished_at":"","dump":"{dump}","steps":[]}}"#
        )
    };
    std::fs::write(temp.path().join("manifest.json"), manifest("b.bin")).expect("writable");
    assert!(open().expect("named").dump.ends_with("b.bin"));
    std::fs::write(temp.path().join("manifest.json"), manifest("../x.hprof")).expect("writable");
    assert!(matches!(open(), Err(IncidentError::SeveralDumps { .. })));
    // A broken file beside the dump is one line of the report, and does not stop the analysis.
    std::fs::write(temp.path().join("manifest.json"), manifest("b.bin")).expect("writable");
    std::fs::write(temp.path().join("memory.current"), b"12x\n").expect("writable");
    let skipped: Vec<String> = open()
        .expect("named")
        .evidence
        .skipped()
        .map(|s| s.name())
        .collect();
    assert_eq!(skipped, ["memory.current"]);
}

//! `contrib/kubectl-suspects` against a stand-in for kubectl that maps the containers of a pod to namespaces of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::java_program::{self, JavaProgram};
use crate::support::{jdk_tool, project};

const OWN_TMP: &str =
    "mount -t tmpfs none /tmp && mount -t proc none /proc && echo $$ >&2 && exec \"$@\"";

/// A pod with two containers: `app` runs a JVM, `fluent-bit` does not.
struct Pod {
    folder: tempfile::TempDir,
    _jvm: JavaProgram,
    sidecar: Child,
}

impl Drop for Pod {
    fn drop(&mut self) {
        let _ = self.sidecar.kill();
        let _ = self.sidecar.wait();
    }
}

fn in_namespaces() -> Command {
    let mut command = Command::new("unshare");
    command.args(["-mpf", "--kill-child", "sh", "-c", OWN_TMP, "sh"]);
    command
}

/// The child of `parent`, which is the process inside the namespaces.
fn child_of(parent: u32) -> String {
    for _ in 0..100 {
        let found = Command::new("pgrep")
            .arg("-P")
            .arg(parent.to_string())
            .output()
            .expect("pgrep");
        let found = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        if !found.is_empty() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no process in the namespaces");
}

impl Pod {
    /// `None`, with a message, where namespaces or a JDK cannot be had.
    fn start() -> Option<Pod> {
        let works = |command: &mut Command| command.output().is_ok_and(|out| out.status.success());
        let may = works(in_namespaces().arg("true"))
            && works(Command::new("pgrep").arg("-V"))
            && !Path::new(env!("CARGO_TARGET_TMPDIR")).starts_with("/tmp");
        let tools = (jdk_tool("java"), jdk_tool("javac"));
        let ((Some(java), Some(javac)), true) = (tools, may) else {
            eprintln!("skipped: no JDK, no pgrep, or not allowed to make namespaces");
            return None;
        };
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("temporary folder");
        let classes = folder.path().join("classes");
        java_program::compile(&javac, &["DirectBuffers"], &classes);
        let mut program = in_namespaces();
        program
            .arg(java)
            .args(["-Xmx64m", "-cp"])
            .arg(&classes)
            .arg("com.acme.net.DirectBuffers")
            .stderr(Stdio::null());
        let jvm = JavaProgram::start(&mut program);
        let sidecar = in_namespaces()
            .args(["sleep", "600"])
            .stderr(Stdio::null())
            .spawn()
            .expect("a second container");
        let containers = folder.path().join("pod");
        fs::create_dir(&containers).expect("a folder");
        fs::write(containers.join("app"), child_of(jvm.id())).expect("writable");
        fs::write(containers.join("fluent-bit"), child_of(sidecar.id())).expect("writable");
        Some(Pod {
            folder,
            _jvm: jvm,
            sidecar,
        })
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("incident")
    }

    /// Runs the script on the pod; what it printed, and whether it succeeded.
    fn suspects(&self, arguments: &[&str]) -> (bool, String) {
        let path = std::env::var("PATH").expect("a PATH");
        let stand_in = project().join("tests/kubectl");
        let done = Command::new("sh")
            .arg(project().join("contrib/kubectl-suspects"))
            .args([
                "shop-1",
                "-n",
                "prod",
                "--binary",
                env!("CARGO_BIN_EXE_hprof-suspects"),
                "-o",
            ])
            .arg(self.output())
            .args(arguments)
            .env("PATH", format!("{}:{path}", stand_in.display()))
            .env("STANDIN", self.folder.path().join("pod"))
            .stdin(Stdio::null())
            .output()
            .expect("sh");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            done.status.success(),
            text(&done.stdout) + &text(&done.stderr),
        )
    }

    /// Names in the container's own `/tmp`.
    fn temporary_files(&self, container: &str) -> String {
        let process =
            fs::read_to_string(self.folder.path().join("pod").join(container)).expect("a process");
        let seen = Command::new("nsenter")
            .args(["-t", process.trim(), "-m", "ls", "/tmp"])
            .output()
            .expect("nsenter");
        String::from_utf8_lossy(&seen.stdout).into_owned()
    }
}

#[test]
fn a_jvm_in_a_pod_is_found_collected_and_analysed() {
    let Some(pod) = Pod::start() else { return };
    let (succeeded, said) = pod.suspects(&[]);
    assert!(succeeded, "{said}");
    assert!(
        said.contains("+ kubectl --namespace prod exec shop-1 -c app -- /tmp/suspects-"),
        "{said}"
    );
    assert!(said.contains("DirectBuffers.POOL"), "the report: {said}");
    for file in ["heap.hprof", "manifest.json", "top-1.txt", "top-2.txt"] {
        assert!(
            pod.output().join(file).metadata().expect(file).len() > 0,
            "{file}"
        );
    }
    assert!(
        !pod.temporary_files("app").contains("suspects"),
        "what was copied in is removed"
    );
}

/// As krew installs it: a link to the script, and the programs beside the script.
#[test]
fn the_program_for_the_pods_processor_lies_beside_the_script() {
    let Some(pod) = Pod::start() else { return };
    let folder = pod.folder.path().join("store");
    fs::create_dir(&folder).expect("a folder");
    let script = folder.join("kubectl-suspects");
    fs::copy(project().join("contrib/kubectl-suspects"), &script).expect("the script");
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let beside = folder.join(format!("hprof-suspects.linux-{processor}"));
    fs::copy(env!("CARGO_BIN_EXE_hprof-suspects"), &beside).expect("the program");
    let link = pod.folder.path().join("kubectl-suspects");
    std::os::unix::fs::symlink(&script, &link).expect("a link");
    let path = std::env::var("PATH").expect("a PATH");
    let done = Command::new("sh")
        .arg(&link)
        .args(["shop-1", "-c", "app", "-o"])
        .arg(pod.output())
        .env(
            "PATH",
            format!("{}:{path}", project().join("tests/kubectl").display()),
        )
        .env("STANDIN", pod.folder.path().join("pod"))
        .stdin(Stdio::null())
        .output()
        .expect("sh");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(
        said.contains("+ kubectl exec shop-1 -c app -- uname -m"),
        "{said}"
    );
    let beside = beside.to_str().expect("UTF-8");
    assert!(
        said.contains(&format!("< {beside}")),
        "into the pod: {said}"
    );
    assert!(said.contains(&format!("+ {beside} ")), "here: {said}");
    assert!(String::from_utf8_lossy(&done.stdout).contains("DirectBuffers.POOL"));
}

#[test]
fn a_container_without_a_shell_is_seen_from_a_debug_container() {
    let Some(pod) = Pod::start() else { return };
    let (succeeded, said) =
        pod.suspects(&["-c", "app", "--debug", "debian:stable-slim", "--no-dump"]);
    assert!(succeeded, "{said}");
    assert!(
        said.contains(
            "+ kubectl --namespace prod debug shop-1 --image=debian:stable-slim --target=app"
        ),
        "{said}"
    );
    assert!(pod.output().join("vm_flags.txt").is_file(), "{said}");
    assert!(!pod.output().join("heap.hprof").exists());
}

#[test]
fn what_was_copied_is_removed_after_an_error_too() {
    let Some(pod) = Pod::start() else { return };
    let (succeeded, said) = pod.suspects(&["-c", "app", "--pid", "99999"]);
    assert!(!succeeded, "no such process: {said}");
    assert!(said.contains("-- rm -rf /tmp/suspects-"), "{said}");
    assert!(!pod.temporary_files("app").contains("suspects"));
}

#[test]
fn a_wrong_container_is_refused_with_the_names_that_there_are() {
    let Some(pod) = Pod::start() else { return };
    let (succeeded, said) = pod.suspects(&["-c", "ap"]);
    assert!(
        !succeeded && said.contains("it has: app fluent-bit"),
        "{said}"
    );
    assert!(!pod.output().exists());
}

#[test]
fn a_dry_run_prints_every_command_and_runs_none() {
    let done = Command::new("sh")
        .arg(project().join("contrib/kubectl-suspects"))
        .args([
            "shop-1",
            "--dry-run",
            "--wait",
            "30m",
            "--binary",
            "/nowhere/hprof-suspects",
        ])
        .env("PATH", std::env::var("PATH").expect("a PATH"))
        .output()
        .expect("sh");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    for step in [
        "get pod shop-1",
        "top pod shop-1",
        "+ sleep 1800",
        "collect PID",
        "-- rm -rf /tmp/suspects-",
    ] {
        assert!(said.contains(step), "{step}: {said}");
    }
    assert!(!Path::new("incident-shop-1").exists());
}

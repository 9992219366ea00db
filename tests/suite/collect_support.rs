//! Real JVMs, real control groups and the real program, for the promises of docs/collect.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::java_program::{JavaProgram, compile, java};
use crate::offheap_live::{feature, jdk_homes};
use crate::support::{program, skipped};

/// A JVM with sessions, of a JDK, in a folder of its own; it ends with the value.
pub struct Shop {
    pub jvm: JavaProgram,
    pub folder: tempfile::TempDir,
}

/// How a JVM is started.
#[derive(Default)]
pub struct Start<'a> {
    pub options: &'a [&'a str],
    /// Sessions at once, and at most; 1,000 bytes each.
    pub sessions: (u32, u32),
    /// As another user than root.
    pub other_user: bool,
    /// Below these control groups.
    pub groups: &'a [&'a Group],
}

impl Shop {
    pub fn start(home: &Path, start: &Start<'_>) -> Shop {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::process::CommandExt;
        let folder = tempfile::tempdir().expect("a folder");
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("ours");
        compile(&home.join("bin/javac"), &["Sessions"], folder.path());
        let fixed = ["-Xmx256m", "-XX:NativeMemoryTracking=summary"];
        let options = [&fixed, start.options].concat();
        let mut command = java(&home.join("bin/java"), &options, folder.path());
        let (first, most) = start.sessions;
        command.args([
            "com.acme.shop.Sessions",
            &first.to_string(),
            &most.to_string(),
        ]);
        let mut command = within(start.groups, command);
        if start.other_user {
            // The groups are joined as root.
            command = Group::as_nobody(command);
        }
        command.current_dir("/").process_group(0);
        let jvm = JavaProgram::start(&mut command);
        Shop { jvm, folder }
    }

    pub fn id(&self) -> u32 {
        self.jvm.id()
    }

    #[track_caller]
    pub fn lives(&mut self) {
        let ended = self.jvm.process.try_wait().expect("ours");
        assert!(ended.is_none(), "the JVM lives on: {ended:?}");
    }

    /// `collect` of this JVM into `folder`.
    pub fn collect(&self, folder: &Path) -> Command {
        let mut command = program();
        command.arg("collect").arg(self.id().to_string());
        command.arg("-o").arg(folder);
        command
    }

    /// A folder for an incident, which does not exist.
    pub fn incident(&self) -> PathBuf {
        self.folder.path().join("incident")
    }
}

/// One JDK of each of the versions 17 and 25, as far as they are here.
pub fn jdks() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for home in jdk_homes() {
        let version = feature(&home).filter(|version| [17, 25].contains(version));
        if let Some(version) = version.filter(|v| found.iter().all(|(known, _)| known != v)) {
            found.push((version, home));
        }
    }
    if found.len() < 2 {
        let versions: Vec<u32> = found.iter().map(|(version, _)| *version).collect();
        skipped(&format!("of JDK 17 and 25 there is only {versions:?}"));
    }
    found.into_iter().map(|(_, home)| home).collect()
}

pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.contains("\nUid:\t0\t0\t")
}

/// A control group of this test; it goes with the value.
pub struct Group {
    path: PathBuf,
    is_v2: bool,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Group {
    /// One of the memory controller. `None` where the machine does not let this process.
    pub fn of_memory() -> Option<Group> {
        let v1 = Group::below("/sys/fs/cgroup/memory", false, "memory.limit_in_bytes");
        let group = v1.or_else(|| Group::below("/sys/fs/cgroup", true, "memory.max"));
        if group.is_none() {
            skipped("no memory control group can be made here");
        }
        group
    }

    /// One that can freeze processes.
    pub fn of_freezer() -> Option<Group> {
        let v1 = Group::below("/sys/fs/cgroup/freezer", false, "freezer.state");
        let group = v1.or_else(|| Group::below("/sys/fs/cgroup", true, "cgroup.freeze"));
        if group.is_none() {
            skipped("no control group that freezes can be made here");
        }
        group
    }

    fn below(mount: &str, is_v2: bool, file: &str) -> Option<Group> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hprof-suspects-test-{}-{number}", std::process::id());
        let path = Path::new(mount).join(name);
        fs::create_dir(&path).ok()?;
        let group = Group { path, is_v2 };
        group.path.join(file).is_file().then_some(group)
    }

    pub fn usage(&self) -> u64 {
        let name = if self.is_v2 {
            "memory.current"
        } else {
            "memory.usage_in_bytes"
        };
        let text = fs::read_to_string(self.path.join(name)).expect("the usage");
        text.trim().parse().expect("a number")
    }

    pub fn limit(&self, bytes: u64) {
        let name = if self.is_v2 {
            "memory.max"
        } else {
            "memory.limit_in_bytes"
        };
        fs::write(self.path.join(name), bytes.to_string()).expect("a limit");
    }

    pub fn freeze(&self, on: bool) {
        let (name, text) = match (self.is_v2, on) {
            (true, true) => ("cgroup.freeze", "1"),
            (true, false) => ("cgroup.freeze", "0"),
            (false, true) => ("freezer.state", "FROZEN"),
            (false, false) => ("freezer.state", "THAWED"),
        };
        fs::write(self.path.join(name), text).expect("the state");
    }

    /// `command` as the user nobody.
    fn as_nobody(command: Command) -> Command {
        let mut wrapped = Command::new("setpriv");
        wrapped.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        wrapped.arg(command.get_program()).args(command.get_args());
        wrapped
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that has just ended may still be in it.
        for _ in 0..100 {
            if fs::remove_dir(&self.path).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// `command`, run in `groups`.
pub fn within(groups: &[&Group], command: Command) -> Command {
    if groups.is_empty() {
        return command;
    }
    let mut shell = Command::new("sh");
    let script = "n=$1; shift; while [ $n -gt 0 ]; do echo $$ > \"$1/cgroup.procs\" || exit 99; shift; n=$((n-1)); done; exec \"$@\"";
    shell.args(["-c", script, "sh", &groups.len().to_string()]);
    shell.args(groups.iter().map(|group| &group.path));
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// The program, running.
pub fn spawn(command: &mut Command) -> Child {
    use std::os::unix::process::CommandExt;
    let command = command.process_group(0).stdin(Stdio::null());
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program")
}

/// Whether the tests, and what they start, ignore a signal: HUP under `nohup`, INT in the background of a script.
pub fn is_ignored(name: &str) -> bool {
    let numbers = [("HUP", 1), ("INT", 2), ("TERM", 15)];
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(mask.expect("a mask").trim(), 16).expect("a mask");
    let mut known = numbers.iter().filter(|(known, _)| *known == name);
    known.any(|(_, number)| mask >> (number - 1) & 1 == 1)
}

pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
    assert!(sent.expect("kill").success(), "{name} to {process}");
}

/// Waits for `condition`; whether it came in time.
pub fn comes(within: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < within {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// The manifest of an incident.
pub fn manifest(folder: &Path) -> serde_json::Value {
    let text = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    serde_json::from_str(&text).expect("JSON")
}

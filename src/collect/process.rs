//! Whether a process is a JVM that survives being asked, and how to reach its files.

use super::CollectError;
use super::folder::Folder;
use std::fs;
use std::path::{Path, PathBuf};

/// A JVM that can be asked.
pub(super) struct Jvm {
    /// Its PID as this process sees it.
    pub pid: u32,
    /// Its PID as it sees itself.
    pub inner_pid: u32,
    /// It is HotSpot, not OpenJ9.
    pub is_hotspot: bool,
    /// Its user and group.
    pub user: u32,
    pub group: u32,
    /// It sees the same files under the same paths and runs as the same user.
    pub shares_files: bool,
    /// When it was started, in ticks since the system was: what tells it from a later process with its PID.
    started: Option<u64>,
}

/// The number of SIGQUIT; bit 3 - 1 of the signal masks in `/proc/PID/status`.
const SIGQUIT: u32 = 3;

impl Jvm {
    /// Finds the JVM `pid` and checks that asking it is safe.
    pub fn find(pid: u32) -> Result<Jvm, CollectError> {
        let proc = PathBuf::from(format!("/proc/{pid}"));
        let status =
            fs::read_to_string(proc.join("status")).map_err(|_| CollectError::NoProcess(pid))?;
        let user = id(&status, "Uid:").ok_or(CollectError::NoProcess(pid))?;
        let group = id(&status, "Gid:").ok_or(CollectError::NoProcess(pid))?;
        let own = rustix::process::geteuid().as_raw();
        if own != 0 && own != user {
            return Err(CollectError::NotPermitted { pid, owner: user });
        }
        let maps_path = proc.join("maps");
        let maps = fs::read(&maps_path).map_err(CollectError::io(&maps_path))?;
        let maps = String::from_utf8_lossy(&maps);
        if !maps.contains("/libjvm.so") {
            return Err(CollectError::NotJvm(pid));
        }
        if !catches(&status, SIGQUIT) {
            return Err(CollectError::NotAskable(pid));
        }
        let same_files = namespace(pid) == namespace(std::process::id()) && same_root(&proc);
        Ok(Jvm {
            pid,
            inner_pid: inner_pid(&status).unwrap_or(pid),
            is_hotspot: !maps.contains("/libj9vm"),
            user,
            group,
            shares_files: same_files && own == user,
            started: started(pid),
        })
    }

    /// Whether it is there, and still the same process.
    pub fn is_alive(&self) -> bool {
        let now = started(self.pid);
        now.is_some() && now == self.started && self.state() != Some('Z')
    }

    /// Whether it is stopped by a signal or a debugger.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state(), Some('T' | 't'))
    }

    /// The letter of its state in `/proc/PID/status`.
    fn state(&self) -> Option<char> {
        let status = fs::read_to_string(self.proc("status")).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("State:"))?;
        line.trim().chars().next()
    }

    /// A file of this process in `/proc`.
    pub fn proc(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid))
    }

    /// The folder that the JVM sees as `path`.
    pub fn folder(&self, path: &str) -> std::io::Result<Folder> {
        Folder::open(&self.proc("root"), Path::new(path))
    }

    /// The JVM's `/tmp`.
    pub fn tmp(&self) -> std::io::Result<Folder> {
        self.folder("/tmp")
    }
}

/// The effective id in a line such as `Uid: 1000 1000 1000 1000`: the second.
fn id(status: &str, key: &str) -> Option<u32> {
    let line = status.lines().find_map(|l| l.strip_prefix(key))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// When a process was started: the 22nd field of `/proc/PID/stat`; its name, which may hold anything, is in brackets before.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(19)?.parse().ok()
}

/// The PID in the innermost namespace: the last of `NSpid: 4711 7`.
fn inner_pid(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|l| l.strip_prefix("NSpid:"))?;
    line.split_whitespace().next_back()?.parse().ok()
}

/// Sends SIGQUIT to the JVM, after checking again that it is caught: the process may have been replaced since.
pub(super) fn send_sigquit(jvm: &Jvm) -> Result<(), String> {
    let status = fs::read_to_string(jvm.proc("status")).map_err(|e| e.to_string())?;
    if !catches(&status, SIGQUIT) {
        return Err("the process does not catch SIGQUIT any more".to_owned());
    }
    let pid = i32::try_from(jvm.pid).map_err(|e| e.to_string())?;
    let pid = rustix::process::Pid::from_raw(pid).ok_or("no process")?;
    rustix::process::kill_process(pid, rustix::process::Signal::QUIT).map_err(|e| e.to_string())
}

/// Whether the signal mask `SigCgt` (caught) has `signal`.
fn catches(status: &str, signal: u32) -> bool {
    status
        .lines()
        .find_map(|l| l.strip_prefix("SigCgt:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// What names the mount namespace of a process.
fn namespace(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/mnt")).ok()
}

/// Whether the process has this process's root folder (no chroot).
fn same_root(proc: &Path) -> bool {
    match (
        fs::read_link(proc.join("root")),
        fs::read_link("/proc/self/root"),
    ) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_masks() {
        // A JVM (JDK 17), and one with -Xrs.
        assert!(catches("SigCgt:\t2000000181005ccf\n", SIGQUIT));
        assert!(!catches("SigCgt:\t0000000181000cc8\n", SIGQUIT));
        assert!(!catches("", SIGQUIT));
        assert!(started(std::process::id()).is_some_and(|ticks| ticks > 0));
        assert_eq!(started(u32::MAX), None);
        assert_eq!(inner_pid("NSpid:\t4711\t7\n"), Some(7));
        assert_eq!(id("Uid:\t1000\t1001\t0\t0\n", "Uid:"), Some(1001));
    }
}

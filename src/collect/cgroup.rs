//! Where the memory files of a process's cgroup are.

use super::process::Jvm;
use std::path::{Path, PathBuf};

/// The files that are evidence, by version of the cgroup file system.
const FILES_V2: [&str; 3] = ["memory.current", "memory.max", "memory.stat"];
const FILES_V1: [&str; 3] = [
    "memory.usage_in_bytes",
    "memory.limit_in_bytes",
    "memory.stat",
];

/// The memory files of the cgroup of `jvm`; empty when there are none.
pub(super) fn memory_files(jvm: &Jvm) -> Vec<PathBuf> {
    let groups = std::fs::read_to_string(jvm.proc("cgroup")).unwrap_or_default();
    candidates(&groups, &jvm.outside(Path::new("/sys/fs/cgroup")))
        .into_iter()
        .map(|(folder, files)| existing(&folder, files))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn existing(folder: &Path, files: [&str; 3]) -> Vec<PathBuf> {
    // Without the usage it is not a memory cgroup (the root group of version 2 has only a memory.stat).
    if !folder.join(files[0]).is_file() {
        return Vec::new();
    }
    files
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| path.is_file())
        .collect()
}

/// The folders to look in, best first: the process's group as this process sees it, then as the JVM's own container shows it.
///
/// `groups` is `/proc/PID/cgroup`: `0::/path` for version 2, `4:memory:/path` for version 1. A path with `..` lies outside what this
/// process's namespace shows.
fn candidates(groups: &str, inside: &Path) -> Vec<(PathBuf, [&'static str; 3])> {
    let mut found = Vec::new();
    let ours = Path::new("/sys/fs/cgroup");
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let path = path.trim_start_matches('/');
        let visible = !path.split('/').any(|part| part == "..");
        if controllers.split(',').any(|c| c == "memory") {
            if visible {
                found.push((ours.join("memory").join(path), FILES_V1));
            }
            found.push((inside.join("memory"), FILES_V1));
        } else if controllers.is_empty() {
            if visible {
                found.push((ours.join(path), FILES_V2));
            }
            found.push((inside.to_owned(), FILES_V2));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_both_versions() {
        let inside = Path::new("/proc/7/root/sys/fs/cgroup");
        let folders = |groups| -> Vec<String> {
            candidates(groups, inside)
                .iter()
                .map(|(p, _)| p.display().to_string())
                .collect()
        };
        assert_eq!(
            folders("0::/kubepods/pod1/abc\n"),
            [
                "/sys/fs/cgroup/kubepods/pod1/abc",
                "/proc/7/root/sys/fs/cgroup"
            ]
        );
        assert_eq!(
            folders("9:name=systemd:/\n4:cpu,memory:/x\n"),
            [
                "/sys/fs/cgroup/memory/x",
                "/proc/7/root/sys/fs/cgroup/memory"
            ]
        );
        assert_eq!(folders("0::/../other\n"), ["/proc/7/root/sys/fs/cgroup"]);
        assert_eq!(folders("rubbish\n"), [""; 0]);
    }
}

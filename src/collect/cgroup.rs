//! Where the memory files of a process's cgroup are.

use super::folder::Folder;
use super::process::Jvm;
use std::fs::File;
use std::path::Path;

/// The files that are evidence, by version of the cgroup file system.
const FILES_V2: [&str; 3] = ["memory.current", "memory.max", "memory.stat"];
const FILES_V1: [&str; 3] = [
    "memory.usage_in_bytes",
    "memory.limit_in_bytes",
    "memory.stat",
];

/// Where a folder lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Among the files of this process.
    Here,
    /// Among those of the JVM.
    Inside,
}

/// The memory files of the cgroup of `jvm` with their names; empty when there are none.
pub(super) fn memory_files(jvm: &Jvm) -> Vec<(&'static str, File)> {
    let groups = std::fs::read_to_string(jvm.proc("cgroup")).unwrap_or_default();
    let found = candidates(&groups).into_iter().filter_map(|candidate| {
        let (seen, path, files) = candidate;
        let folder = match seen {
            Seen::Here => Folder::open(Path::new("/"), Path::new(&path)),
            Seen::Inside => jvm.folder(&path),
        };
        Some(existing(&folder.ok()?, files))
    });
    let mut found = found.filter(|files| !files.is_empty());
    found.next().unwrap_or_default()
}

fn existing(folder: &Folder, files: [&'static str; 3]) -> Vec<(&'static str, File)> {
    let [usage, ..] = files;
    // Without the usage it is not a memory cgroup (the root group of version 2 has only a memory.stat).
    if folder.read(usage).is_err() {
        return Vec::new();
    }
    let opened = files.into_iter();
    opened
        .filter_map(|name| Some((name, folder.read(name).ok()?)))
        .collect()
}

/// The folders to look in, best first: the process's group as this process sees it, then as the JVM's own container shows it.
///
/// `groups` is `/proc/PID/cgroup`: `0::/path` for version 2, `4:memory:/path` for version 1. A path with `..` lies outside what this
/// process's namespace shows.
fn candidates(groups: &str) -> Vec<(Seen, String, [&'static str; 3])> {
    let mut found = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (mount, files) = match controllers {
            "" => ("/sys/fs/cgroup", FILES_V2),
            list if list.split(',').any(|c| c == "memory") => ("/sys/fs/cgroup/memory", FILES_V1),
            _ => continue,
        };
        let path = path.trim_start_matches('/');
        if !path.split('/').any(|part| part == "..") {
            found.push((Seen::Here, format!("{mount}/{path}"), files));
        }
        found.push((Seen::Inside, mount.to_owned(), files));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_both_versions() {
        let folders = |groups| -> Vec<(Seen, String)> {
            let found = candidates(groups).into_iter();
            found.map(|(seen, path, _)| (seen, path)).collect()
        };
        let here = |path: &str| (Seen::Here, path.to_owned());
        let inside = |path: &str| (Seen::Inside, path.to_owned());
        assert_eq!(
            folders("0::/kubepods/pod1/abc\n"),
            [
                here("/sys/fs/cgroup/kubepods/pod1/abc"),
                inside("/sys/fs/cgroup")
            ]
        );
        assert_eq!(
            folders("9:name=systemd:/\n4:cpu,memory:/x\n"),
            [
                here("/sys/fs/cgroup/memory/x"),
                inside("/sys/fs/cgroup/memory")
            ]
        );
        assert_eq!(folders("0::/../other\n"), [inside("/sys/fs/cgroup")]);
        assert!(folders("rubbish\n").is_empty());
    }
}

//! Where the memory files of a process's cgroup are.

use super::folder::Folder;
use super::process::Jvm;
use std::fs::File;
use std::path::Path;

/// The version of the cgroup file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// One hierarchy for memory alone.
    One,
    /// One for everything.
    Two,
}

/// Names of the files with usage, limit and details.
pub(super) fn files(version: Version) -> [&'static str; 3] {
    match version {
        Version::One => [
            "memory.usage_in_bytes",
            "memory.limit_in_bytes",
            "memory.stat",
        ],
        Version::Two => ["memory.current", "memory.max", "memory.stat"],
    }
}

/// More groups than anybody nests.
const MOST_GROUPS: usize = 64;

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
    let Some((folder, version)) = groups(jvm).into_iter().next() else {
        return Vec::new();
    };
    let opened = files(version).into_iter();
    opened
        .filter_map(|name| Some((name, folder.read(name).ok()?)))
        .collect()
}

/// The memory cgroup of `jvm` and those around it, as far as they are seen from here.
pub(super) fn groups(jvm: &Jvm) -> Vec<(Folder, Version)> {
    let groups = std::fs::read_to_string(jvm.proc("cgroup")).unwrap_or_default();
    of_text(&groups, &|path| jvm.folder(path))
}

/// The memory cgroup of this process and those around it.
pub(super) fn own_groups() -> Vec<(Folder, Version)> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    of_text(&groups, &|path| {
        Folder::open(Path::new("/"), Path::new(path))
    })
}

fn of_text(
    groups: &str,
    inside: &dyn Fn(&str) -> std::io::Result<Folder>,
) -> Vec<(Folder, Version)> {
    let open = |seen: Seen, path: &str| match seen {
        Seen::Here => Folder::open(Path::new("/"), Path::new(path)).ok(),
        Seen::Inside => inside(path).ok(),
    };
    // Without the usage it is not a memory cgroup (the root group of version 2 has only a memory.stat).
    let is_group = |folder: &Folder, version: Version| folder.read(files(version)[0]).is_ok();
    for (seen, mount, path, version) in candidates(groups) {
        let mut found = Vec::new();
        let mut path = path.as_str();
        while found.len() < MOST_GROUPS {
            // Where the group itself is not seen, those above it would be somebody else's.
            let Some(folder) = open(seen, &format!("{mount}{path}")) else {
                break;
            };
            if is_group(&folder, version) {
                found.push((folder, version));
            }
            let Some((above, _)) = path.rsplit_once('/') else {
                break;
            };
            path = above;
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The folders to look in, best first: the process's group as this process sees it, then as the JVM's own container shows it. Each is the
/// mount and the path below it, which is empty or begins with `/`.
///
/// `groups` is `/proc/PID/cgroup`: `0::/path` for version 2, `4:memory:/path` for version 1. A path with `..` lies outside what this
/// process's namespace shows.
fn candidates(groups: &str) -> Vec<(Seen, &'static str, String, Version)> {
    let mut found = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (mount, version) = match controllers {
            "" => ("/sys/fs/cgroup", Version::Two),
            list if list.split(',').any(|c| c == "memory") => {
                ("/sys/fs/cgroup/memory", Version::One)
            }
            _ => continue,
        };
        let path = path.trim_matches('/');
        if !path.split('/').any(|part| part == "..") {
            let below = match path {
                "" => String::new(),
                path => format!("/{path}"),
            };
            found.push((Seen::Here, mount, below, version));
        }
        found.push((Seen::Inside, mount, String::new(), version));
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
            let path =
                |(seen, mount, below, _): (_, &str, String, _)| (seen, format!("{mount}{below}"));
            found.map(path).collect()
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

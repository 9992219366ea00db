//! How much memory this process may still use: the machine's free memory, the limits of its control groups (containers) and of its
//! user (`ulimit`), whichever is smallest.

use std::fs;
use std::path::{Path, PathBuf};

/// Memory that may still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Bytes.
    pub bytes: u64,
    /// Who sets the limit.
    pub source: Source,
}

/// Who limits the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The user, by an option.
    Option,
    /// The machine: `MemAvailable` of `/proc/meminfo`.
    Machine,
    /// A control group of version 1 or 2, as Kubernetes and Docker set it.
    ControlGroup,
    /// A limit of the process: `ulimit -v` or `ulimit -d`.
    ProcessLimit,
}

impl Source {
    /// Whose limit it is, as the end of a sentence about it.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Source::Option => "by --max-memory",
            Source::Machine => "left on this machine",
            Source::ControlGroup => "left in this container (its control group's limit)",
            Source::ProcessLimit => "left to this process (ulimit)",
        }
    }
}

/// What this process may still use; `None` where the system does not say.
#[must_use]
pub fn available() -> Option<Available> {
    available_under(Path::new("/"))
}

/// The same for a system whose `proc` and `sys` lie under `root`.
#[must_use]
pub fn available_under(root: &Path) -> Option<Available> {
    let machine = machine(root).map(|bytes| (bytes, Source::Machine));
    let group = control_groups(root).map(|bytes| (bytes, Source::ControlGroup));
    let process = process_limit(root).map(|bytes| (bytes, Source::ProcessLimit));
    let smallest = [machine, group, process]
        .into_iter()
        .flatten()
        .min_by_key(|(bytes, _)| *bytes);
    smallest.map(|(bytes, source)| Available { bytes, source })
}

/// `MemAvailable`, in kibibytes in the file; kernels before 3.14 lack it, there `MemFree` and `Cached` say nearly the same.
fn machine(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let kib = |key: &str| -> Option<u64> {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        let number: u64 = line.split_whitespace().next()?.parse().ok()?;
        number.checked_mul(1024)
    };
    kib("MemAvailable").or_else(|| kib("MemFree")?.checked_add(kib("Cached")?))
}

/// The least that a control group of this process, or a group above it, leaves.
fn control_groups(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    text.lines()
        .filter_map(|line| control_group(root, line))
        .min()
}

/// One line of `/proc/self/cgroup`: `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers.
fn control_group(root: &Path, line: &str) -> Option<u64> {
    let mut parts = line.splitn(3, ':');
    let (hierarchy, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
    let (mount, files) = if hierarchy == "0" && controllers.is_empty() {
        (root.join("sys/fs/cgroup"), &V2)
    } else if controllers.split(',').any(|c| c == "memory") {
        (root.join("sys/fs/cgroup/memory"), &V1)
    } else {
        return None;
    };
    groups(&mount, path)
        .filter_map(|group| left_in(&group, files))
        .min()
}

/// The group's directory and all above it. In a container the path may be the host's and not be there: then the directories
/// above it count, down to the mount itself, which is the container's own group.
fn groups<'a>(mount: &'a Path, path: &str) -> impl Iterator<Item = PathBuf> + 'a {
    let inside: PathBuf = Path::new(path)
        .components()
        .filter(|part| matches!(part, std::path::Component::Normal(_)))
        .collect();
    let steps: Vec<PathBuf> = inside.ancestors().map(|step| mount.join(step)).collect();
    steps.into_iter()
}

/// The names of a version's files.
struct Files {
    limit: &'static str,
    usage: &'static str,
    /// The line of `memory.stat` with the page cache that the kernel gives back when memory is short.
    cache: &'static str,
}

const V1: Files = Files {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: "total_inactive_file",
};
const V2: Files = Files {
    limit: "memory.max",
    usage: "memory.current",
    cache: "inactive_file",
};

/// Limit minus usage, where cache that can be given back is not counted as usage. `None` without a limit: version 2 writes `max`,
/// version 1 a number near 2^63.
fn left_in(group: &Path, files: &Files) -> Option<u64> {
    const NO_LIMIT: u64 = 1 << 62;
    let number = |file: &str| -> Option<u64> {
        fs::read_to_string(group.join(file))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let limit = number(files.limit).filter(|limit| *limit < NO_LIMIT)?;
    let usage = number(files.usage).unwrap_or(0);
    let cache = fs::read_to_string(group.join("memory.stat"))
        .ok()
        .and_then(|text| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(files.cache)?.strip_prefix(' '))?;
            value.trim().parse::<u64>().ok()
        });
    Some(limit.saturating_sub(usage.saturating_sub(cache.unwrap_or(0))))
}

/// The soft limits of address space and of data, in bytes in the file. What is already used is small when this is asked.
fn process_limit(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let soft = |name: &str| -> Option<u64> {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    [soft("Max address space"), soft("Max data size")]
        .into_iter()
        .flatten()
        .min()
}

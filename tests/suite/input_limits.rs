//! How much memory is left, on made-up systems.

use std::fs;

use hprof_suspects::input::limits::{Available, Source, available, available_under};
use tempfile::TempDir;

const GIB: u64 = 1 << 30;
const MEMINFO: &str = "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\nCached:          2097152 kB\n";

/// A system with these files.
fn system(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

#[track_caller]
fn leaves(files: &[(&str, &str)], bytes: u64, source: Source) {
    let root = system(files);
    assert_eq!(
        available_under(root.path()),
        Some(Available { bytes, source })
    );
}

#[test]
fn the_machine() {
    leaves(&[("proc/meminfo", MEMINFO)], 8 * GIB, Source::Machine);
    let old = "MemTotal: 16777216 kB\nMemFree: 1048576 kB\nCached: 2097152 kB\n";
    leaves(&[("proc/meminfo", old)], 3 * GIB, Source::Machine);
}

#[test]
fn control_groups_of_version_2() {
    let limited = [
        ("proc/meminfo", MEMINFO),
        ("proc/self/cgroup", "0::/kubepods/pod1\n"),
        ("sys/fs/cgroup/kubepods/pod1/memory.max", "2147483648\n"),
        ("sys/fs/cgroup/kubepods/pod1/memory.current", "1610612736\n"),
        (
            "sys/fs/cgroup/kubepods/pod1/memory.stat",
            "anon 5\nactive_file 9\ninactive_file 1073741824\n",
        ),
    ];
    // 2 GiB minus 1.5 GiB, of which 1 GiB is cache.
    leaves(&limited, GIB * 3 / 2, Source::ControlGroup);
    // A group above is stricter.
    let mut above = limited.to_vec();
    above.push(("sys/fs/cgroup/kubepods/memory.max", "1073741824\n"));
    above.push(("sys/fs/cgroup/kubepods/memory.current", "536870912\n"));
    leaves(&above, GIB / 2, Source::ControlGroup);
    let unlimited = [
        ("proc/meminfo", MEMINFO),
        ("proc/self/cgroup", "0::/\n"),
        ("sys/fs/cgroup/memory.max", "max\n"),
        ("sys/fs/cgroup/memory.current", "1\n"),
    ];
    leaves(&unlimited, 8 * GIB, Source::Machine);
}

#[test]
fn a_container_that_sees_the_hosts_path() {
    let files = [
        ("proc/meminfo", MEMINFO),
        ("proc/self/cgroup", "0::/../../kubepods/pod7/container\n"),
        ("sys/fs/cgroup/memory.max", "1073741824\n"),
        ("sys/fs/cgroup/memory.current", "0\n"),
    ];
    leaves(&files, GIB, Source::ControlGroup);
}

#[test]
fn control_groups_of_version_1() {
    let files = [
        ("proc/meminfo", MEMINFO),
        (
            "proc/self/cgroup",
            "12:cpu,cpuacct:/x\n5:memory:/docker/abc\n0::/elsewhere\n",
        ),
        (
            "sys/fs/cgroup/memory/memory.limit_in_bytes",
            "9223372036854771712\n",
        ),
        (
            "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes",
            "1073741824\n",
        ),
        (
            "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes",
            "805306368\n",
        ),
        (
            "sys/fs/cgroup/memory/docker/abc/memory.stat",
            "inactive_file 1\ntotal_inactive_file 268435456\n",
        ),
    ];
    leaves(&files, GIB / 2, Source::ControlGroup);
    let over = [
        ("proc/self/cgroup", "5:memory:/\n"),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "100\n"),
        ("sys/fs/cgroup/memory/memory.usage_in_bytes", "200\n"),
    ];
    leaves(&over, 0, Source::ControlGroup);
}

#[test]
fn limits_of_the_process() {
    let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                  Max data size             unlimited            unlimited            bytes     \n\
                  Max address space         4294967296           unlimited            bytes     \n";
    let files = [("proc/meminfo", MEMINFO), ("proc/self/limits", limits)];
    leaves(&files, 4 * GIB, Source::ProcessLimit);
}

#[test]
fn a_system_that_says_nothing() {
    assert_eq!(available_under(system(&[]).path()), None);
    let nonsense = [
        ("proc/meminfo", "MemAvailable: lots\n"),
        ("proc/self/cgroup", "nonsense\n0::\n::\n"),
        ("proc/self/limits", ""),
    ];
    assert_eq!(available_under(system(&nonsense).path()), None);
}

#[test]
#[cfg(target_os = "linux")]
fn this_machine() {
    let bytes = available().expect("Linux says").bytes;
    assert!(bytes > 0 && bytes < 1 << 50, "{bytes}");
}

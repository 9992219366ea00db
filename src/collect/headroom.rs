//! How much memory the control groups of a process leave: what a second JVM, or a dump into a file system in memory, may take.

use super::cgroup;
use super::folder::Folder;
use std::io::Read;

/// What a JVM that asks (`jcmd`) takes, in bytes. Measured with JDK 17 and 25: 22 to 30 MiB when the JDK's files are in the page cache
/// already; without that, those count too.
pub(super) const JCMD: u64 = 64 << 20;

/// What writing a dump takes of the JVM besides the file, in bytes. Measured with JDK 17 and 25: 5.7 to 6.7 MiB.
pub(super) const DUMP: u64 = 16 << 20;

/// What limits a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Headroom {
    /// The control group with the least room: device and number of its folder.
    pub group: (u64, u64),
    /// Its limit in bytes.
    pub limit: u64,
    /// Bytes up to the limit, page cache that can be given back not counted.
    pub left: u64,
}

/// The least room among the control groups that `folders` are; `None` where none of them has a limit.
pub(super) fn of(folders: &[(Folder, cgroup::Version)]) -> Option<Headroom> {
    let rooms = folders.iter().filter_map(|(folder, version)| {
        let [usage, limit, stat] = cgroup::files(*version);
        let number = |name: &str| text(folder, name)?.trim().parse::<u64>().ok();
        // `max` of version 2 is no number; no limit of version 1 is the largest one that pages can count.
        let limit = number(limit).filter(|limit| *limit < 1 << 60)?;
        let stat = text(folder, stat).unwrap_or_default();
        let used = number(usage)?.saturating_sub(reclaimable(&stat));
        Some(Headroom {
            group: folder.identity().ok()?,
            limit,
            left: limit.saturating_sub(used),
        })
    });
    rooms.min_by_key(|room| room.left)
}

/// Page cache that is not in use: what the kernel takes back before it kills.
fn reclaimable(stat: &str) -> u64 {
    let value = |key: &str| {
        let mut lines = stat.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
        value.trim().parse::<u64>().ok()
    };
    // Version 1 counts the groups below under `total_`.
    value("total_inactive_file")
        .or_else(|| value("inactive_file"))
        .unwrap_or(0)
}

fn text(folder: &Folder, name: &str) -> Option<String> {
    let mut text = String::new();
    let file = folder.read(name).ok()?;
    file.take(1 << 20).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn group(root: &Path, name: &str, files: [(&str, &str); 3]) {
        let folder = root.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("a file");
        }
    }

    #[test]
    fn the_tightest_group_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let v2 = |current, max| {
            [
                ("memory.current", current),
                ("memory.max", max),
                ("memory.stat", "anon 5\ninactive_file 100\nslab 3\n"),
            ]
        };
        group(root.path(), "pod", v2("900\n", "1000\n"));
        group(root.path(), "pod/app", v2("700\n", "max\n"));
        let open = |name: &str, version| {
            let folder = Folder::open(root.path(), Path::new(name));
            (folder.expect("a folder"), version)
        };
        let both = [
            open("/pod/app", cgroup::Version::Two),
            open("/pod", cgroup::Version::Two),
        ];
        let room = of(&both).expect("a limit");
        assert_eq!((room.limit, room.left), (1000, 200));
        assert_eq!(room.group, both[1].0.identity().expect("a folder"));
        assert_eq!(of(&both[..1]), None, "no limit");
        let v1 = [
            ("memory.usage_in_bytes", "900\n"),
            ("memory.limit_in_bytes", "950\n"),
            ("memory.stat", "inactive_file 1\ntotal_inactive_file 50\n"),
        ];
        group(root.path(), "old", v1);
        let old = [open("/old", cgroup::Version::One)];
        assert_eq!(of(&old).map(|room| room.left), Some(100));
        let without = [
            ("memory.limit_in_bytes", "9223372036854771712\n"),
            v1[0],
            v1[2],
        ];
        group(root.path(), "old", without);
        assert_eq!(of(&old), None, "no limit");
    }
}

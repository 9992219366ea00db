//! What docs/collect.md promises: `collect` harms nobody. With real JVMs and real control groups.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::collect_support::{
    Group, Shop, Start, comes, is_ignored, is_root, jdks, manifest, signal, spawn, within,
};
use crate::support::{run_command, skipped};

const MIB: u64 = 1 << 20;

/// A collection ends within this, whatever the JVM does; docs/collect.md says 30 s without the dump.
const WHOLE: Duration = Duration::from_secs(30);

/// In a group with less room than a second JVM takes, everything is taken, the dump too, and nobody is killed.
#[test]
fn a_tight_container_survives() {
    for home in jdks() {
        let Some(group) = Group::of_memory() else {
            return;
        };
        let start = Start {
            sessions: (20_000, 20_000),
            groups: &[&group],
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        group.limit(group.usage() + 30 * MIB);
        let folder = shop.incident();
        let run = run_command(&mut within(&[&group], shop.collect(&folder)));
        assert_eq!(run.code, Some(0), "{}{}", run.text(), run.stderr);
        shop.lives();
        let manifest = manifest(&folder);
        assert_eq!(manifest["jcmd"], "built in (attach protocol)");
        assert_eq!(manifest["watched"], true);
        let steps = manifest["steps"].as_array().expect("steps");
        assert!(
            steps.iter().all(|step| step["outcome"] == "ok"),
            "{steps:?}"
        );
        assert!(folder.join("heap.hprof").metadata().expect("a dump").len() > 20_000_000);
    }
}

/// A dump into memory counts to the limit: it is refused where it does not fit, with the numbers and a way out.
#[test]
fn a_dump_that_the_limit_does_not_allow_is_refused() {
    let shm = Path::new("/dev/shm");
    if !shm.is_dir() {
        return skipped("no /dev/shm");
    }
    for home in jdks() {
        let Some(group) = Group::of_memory() else {
            return;
        };
        let start = Start {
            sessions: (20_000, 20_000),
            groups: &[&group],
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        group.limit(group.usage() + 40 * MIB);
        let folder = tempfile::tempdir_in(shm).expect("a folder");
        let run = run_command(&mut within(&[&group], shop.collect(folder.path())));
        assert_eq!(run.code, Some(1), "{}", run.text());
        for word in ["not enough memory", "the limit of", "--force"] {
            assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
        }
        shop.lives();
        assert!(!folder.path().join("heap.hprof").exists());
        assert!(
            folder.path().join("heap_info.txt").is_file(),
            "the evidence is there"
        );
        // Where not even writing to a disk leaves room, that is said, too.
        group.limit(group.usage() + 4 * MIB);
        let run = run_command(&mut shop.collect(&shop.incident()));
        assert!(run.stderr.contains("not enough memory"), "{}", run.stderr);
        shop.lives();
    }
}

/// The space is estimated from what is live, not from `-Xmx`; what looks too small can be forced.
#[test]
fn the_space_is_that_of_the_live_heap() {
    let can = Command::new("unshare").args(["-m", "true"]).status();
    if !can.is_ok_and(|status| status.success()) {
        return skipped("no mount namespace can be made here");
    }
    for home in jdks() {
        let mut shop = Shop::start(
            &home,
            &Start {
                options: &["-Xmx2g"],
                sessions: (20_000, 20_000),
                ..Start::default()
            },
        );
        // 20 MB live, 64 MiB besides; 2 GiB at most.
        for (size, arguments, code) in [
            ("200m", &[][..], 0),
            ("60m", &[], 1),
            ("60m", &["--force"], 0),
        ] {
            let mount = shop
                .folder
                .path()
                .join(format!("disk-{size}-{}", arguments.len()));
            fs::create_dir(&mount).expect("a folder");
            let script = "mount -t tmpfs -o size=$1 none \"$2\" && shift 2 && \"$@\" && ls -l \"$M\"/incident/heap.hprof";
            let mut collect = shop.collect(&mount.join("incident"));
            collect.args(arguments);
            let mut command = Command::new("unshare");
            command
                .args(["-m", "sh", "-c", script, "sh", size])
                .arg(&mount);
            command
                .arg(collect.get_program())
                .args(collect.get_args())
                .env("M", &mount);
            let run = run_command(&mut command);
            assert_eq!(run.code, Some(code), "{size}: {}{}", run.text(), run.stderr);
            match code {
                0 => assert!(
                    run.text().contains("incident/heap.hprof\n"),
                    "{}",
                    run.text()
                ),
                _ => assert!(
                    run.stderr.contains("not enough disk space") && run.stderr.contains("--force"),
                    "{}",
                    run.stderr
                ),
            }
            shop.lives();
        }
    }
}

/// The staging folders for the dump of a JVM, in `folder`.
fn staged(folder: &Path, jvm: u32) -> Vec<PathBuf> {
    let prefix = format!("hprof-suspects-{jvm}-");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.filter(|e| e.file_name().to_string_lossy().starts_with(&prefix));
    paths.map(|entry| entry.path()).collect()
}

/// Begins to collect, and stops the JVM when it has begun to write the dump below `place`; the collecting process. `None` when the JVM
/// was quicker than this test.
fn caught_writing(shop: &Shop, place: &Path, folder: &Path) -> Option<std::process::Child> {
    let mut collecting = spawn(&mut shop.collect(folder));
    let begun = || {
        let folders = staged(place, shop.id());
        folders
            .iter()
            .any(|f| f.join("heap.hprof").metadata().is_ok_and(|m| m.len() > 0))
    };
    let mut ended = false;
    let seen = comes(Duration::from_secs(60), || {
        ended = collecting.try_wait().expect("ours").is_some();
        ended || begun()
    });
    assert!(seen, "the dump neither began nor ended");
    signal(shop.id(), "STOP");
    if !ended && collecting.try_wait().expect("ours").is_none() && begun() {
        return Some(collecting);
    }
    signal(shop.id(), "CONT");
    let _ = collecting.wait();
    None
}

/// Begins to collect until the JVM is caught writing, and is stopped: the collecting process, and its incident folder. The dump is
/// written below `place`, or in the incident folder when that is empty.
fn caught(shop: &Shop, place: &Path, name: &str) -> (std::process::Child, PathBuf) {
    for attempt in 0..8 {
        let folder = shop
            .folder
            .path()
            .join(format!("incident-{name}-{attempt}"));
        fs::create_dir(&folder).expect("a folder");
        let place = match place.as_os_str().is_empty() {
            true => &folder,
            false => place,
        };
        if let Some(collecting) = caught_writing(shop, place, &folder) {
            return (collecting, folder);
        }
    }
    panic!("the JVM was quicker than the test, eight times");
}

/// Interrupted or killed while the JVM writes: nothing of the dump stays, not even when the JVM goes on to write, and the manifest tells.
fn is_cleaned_up(shop: &mut Shop, place: &Path, name: &str) {
    let (mut collecting, folder) = caught(shop, place, name);
    let place = if place.as_os_str().is_empty() {
        &folder
    } else {
        place
    };
    signal(collecting.id(), name);
    let start = Instant::now();
    collecting.wait().expect("ours");
    assert!(start.elapsed() < Duration::from_secs(5), "{name}: at once");
    let gone = comes(Duration::from_secs(5), || {
        staged(place, shop.id()).is_empty()
    });
    assert!(gone, "{name}: {:?}", staged(place, shop.id()));
    signal(shop.id(), "CONT");
    std::thread::sleep(Duration::from_millis(1500));
    assert!(
        staged(place, shop.id()).is_empty(),
        "{name}: nothing comes back"
    );
    assert!(!folder.join("heap.hprof").exists(), "{name}");
    shop.lives();
    let manifest = manifest(&folder);
    assert!(manifest["dump"].is_null(), "{manifest}");
    let step = manifest["steps"]
        .as_array()
        .and_then(|steps| steps.last())
        .expect("a step");
    let why = step["outcome"]["failed"].as_str().unwrap_or_default();
    match name {
        "KILL" => assert!(why.contains("ended before"), "{step}"),
        _ => {
            assert!(why.contains(&format!("interrupted by SIG{name}")), "{step}");
            assert_eq!(manifest["interrupted"], format!("SIG{name}"));
        }
    }
}

/// A JVM that is stopped while it writes does not hold the collection up.
#[test]
fn a_dump_that_does_not_go_on_is_given_up() {
    for home in jdks() {
        let start = Start {
            sessions: (120_000, 120_000),
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        let (mut collecting, folder) = caught(&shop, Path::new(""), "stopped");
        let ended = comes(WHOLE, || collecting.try_wait().expect("ours").is_some());
        signal(shop.id(), "CONT");
        assert!(ended, "it waits for a JVM that is stopped");
        assert!(staged(&folder, shop.id()).is_empty());
        assert!(!folder.join("heap.hprof").exists());
        let steps = manifest(&folder)["steps"].to_string();
        assert!(steps.contains("the JVM was stopped"), "{steps}");
        shop.lives();
    }
}

/// The signals that end a collection.
fn signals() -> impl Iterator<Item = &'static str> {
    let all = ["TERM", "INT", "HUP", "KILL"].into_iter();
    all.filter(|name| !is_ignored(name))
}

#[test]
fn nothing_of_a_dump_stays_in_the_folder() {
    for home in jdks() {
        let start = Start {
            sessions: (120_000, 120_000),
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        for name in signals() {
            is_cleaned_up(&mut shop, Path::new(""), name);
        }
    }
}

/// The JVM of another user writes to its own `/tmp`.
#[test]
fn nothing_of_a_dump_stays_in_the_jvms_tmp() {
    if !is_root() {
        return skipped("not root: no JVM of another user");
    }
    for home in jdks() {
        let start = Start {
            sessions: (120_000, 120_000),
            other_user: true,
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        for name in signals() {
            is_cleaned_up(&mut shop, Path::new("/tmp"), name);
        }
    }
}

/// A JVM that is stopped is not asked; it gets no signal either, which would make it print its threads later.
#[test]
fn a_stopped_jvm_costs_no_time() {
    for home in jdks() {
        let mut shop = Shop::start(
            &home,
            &Start {
                sessions: (100, 100),
                ..Start::default()
            },
        );
        signal(shop.id(), "STOP");
        let folder = shop.incident();
        let start = Instant::now();
        let run = run_command(&mut shop.collect(&folder));
        let took = start.elapsed();
        let pending =
            fs::read_to_string(format!("/proc/{}/status", shop.id())).expect("its status");
        signal(shop.id(), "CONT");
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(run.code, Some(1));
        assert!(run.text().contains("the JVM is stopped"), "{}", run.text());
        assert!(pending.contains("ShdPnd:\t0000000000000000\n"), "{pending}");
        assert!(
            folder.join("proc_status.txt").is_file(),
            "what needs no answer is taken"
        );
        assert!(!folder.join("heap.hprof").exists());
        shop.lives();
    }
}

/// A JVM that hangs for another reason: each question ends in seconds, and the others are not asked.
#[test]
fn a_frozen_jvm_costs_a_stated_time() {
    for home in jdks() {
        for asked_before in [false, true] {
            let Some(group) = Group::of_freezer() else {
                return;
            };
            let start = Start {
                sessions: (100, 100),
                groups: &[&group],
                ..Start::default()
            };
            let mut shop = Shop::start(&home, &start);
            if asked_before {
                // Its socket is open then, and takes questions that nobody answers.
                let folder = shop.folder.path().join("before");
                run_command(shop.collect(&folder).arg("--no-dump")).succeeded();
            }
            group.freeze(true);
            let start = Instant::now();
            let run = run_command(&mut shop.collect(&shop.incident()));
            let took = start.elapsed();
            group.freeze(false);
            assert!(took < WHOLE, "{took:?}");
            assert_eq!(run.code, Some(1), "{}", run.text());
            assert!(
                run.text().contains("did not answer before"),
                "{}",
                run.text()
            );
            assert!(!shop.incident().join("heap.hprof").exists());
            assert!(staged(&shop.incident(), shop.id()).is_empty());
            shop.lives();
        }
    }
}

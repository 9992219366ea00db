//! `collect --watch`: samples of a real JVM over time, and what the program says of the folder.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::collect_support::{
    Group, Shop, Start, comes, is_ignored, jdks, manifest, signal, spawn,
};
use crate::support::{program, run_command};

const MIB: u64 = 1 << 20;

/// Sessions for longer than any test.
const LEAKS: (u32, u32) = (5_000, 150_000);

fn report(folder: &Path) -> serde_json::Value {
    run_command(program().arg(folder).args(["--format", "json"]))
        .succeeded()
        .json()
}

/// The numbers of a class over time.
fn course_of<'r>(report: &'r serde_json::Value, class: &str) -> &'r serde_json::Value {
    let classes = report["growth"]["classes"].as_array().expect("classes");
    let row = classes.iter().find(|row| row["class"] == class);
    row.unwrap_or_else(|| panic!("{}", report["growth"]))
}

fn samples(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("watch-"))
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_leak_is_seen_over_time() {
    for home in jdks() {
        let mut shop = Shop::start(
            &home,
            &Start {
                sessions: LEAKS,
                ..Start::default()
            },
        );
        let folder = shop.incident();
        let run =
            run_command(shop.collect(&folder).args(["--watch", "2s", "--for", "6s"])).succeeded();
        shop.lives();
        assert_eq!(run.stderr.matches("resident").count(), 4, "{}", run.stderr);
        assert!(run.stderr.contains("sample 2 of 4"), "{}", run.stderr);
        let files = samples(&folder);
        assert_eq!(files.len(), 4);
        for file in &files {
            let bytes = file.metadata().expect("a file").len();
            assert!((1_000..12_000).contains(&bytes), "{file:?}: {bytes}");
        }
        assert_eq!(manifest(&folder)["course"]["ended"], "the time is over");

        let report = report(&folder);
        let row = course_of(&report, "com.acme.shop.Sessions$Session");
        assert_eq!(row["course"], "grew", "{row}");
        let text = run_command(program().arg(&folder)).succeeded().text();
        for words in [
            "GROWTH",
            "com.acme.shop.Sessions$Session grew",
            "Sessions.SESSIONS grew",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        // Memory of the process over the samples, by readings.
        let readings: Vec<&serde_json::Value> = report["evidence"]
            .as_array()
            .expect("evidence")
            .iter()
            .flat_map(|file| file["readings"].as_array().expect("readings"))
            .collect();
        let of = |what: &str| readings.iter().filter(|r| r["what"] == what).count();
        assert_eq!((of("threads"), of("growth")), (4, 1), "{readings:#?}");
        assert!(
            of("heap_used") >= 4 && of("native_committed") > 40,
            "{readings:#?}"
        );

        // The same without the dump.
        fs::remove_file(folder.join("heap.hprof")).expect("removed");
        let alone = run_command(program().arg(&folder)).succeeded().text();
        for words in [
            "com.acme.shop.Sessions$Session grew",
            "memory grew by",
            "garbage included",
            "EVIDENCE",
        ] {
            assert!(alone.contains(words), "{words}: {alone}");
        }
    }
}

#[test]
fn the_dump_is_taken_when_the_memory_passes_a_share() {
    for home in jdks() {
        let Some(group) = Group::of_memory() else {
            return;
        };
        let start = Start {
            sessions: LEAKS,
            groups: &[&group],
            ..Start::default()
        };
        let mut shop = Shop::start(&home, &start);
        group.limit(1 << 30);
        let folder = shop.incident();
        let status = fs::read_to_string(format!("/proc/{}/status", shop.id())).expect("a status");
        let rss = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .expect("its memory");
        let rss: u64 = rss
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        let share = (rss * 1024 + 20 * MIB) * 100 / (1 << 30) + 1;
        let share = format!("{share}%");
        let began = Instant::now();
        let mut collect = shop.collect(&folder);
        collect.args(["--watch", "1h", "--for", "2h", "--dump-when", &share]);
        let run = run_command(&mut collect).succeeded();
        assert!(began.elapsed() < Duration::from_secs(60));
        assert!(
            run.text().contains("the resident memory passed"),
            "{}",
            run.text()
        );
        assert!(folder.join("heap.hprof").is_file());
        assert_eq!(
            samples(&folder).len(),
            2,
            "at the beginning, and when it passed"
        );
        shop.lives();
    }
}

#[test]
fn a_course_that_is_interrupted_keeps_what_it_has() {
    for home in jdks() {
        let mut shop = Shop::start(
            &home,
            &Start {
                sessions: (100, 100),
                ..Start::default()
            },
        );
        let folder = shop.incident();
        let mut collect = shop.collect(&folder);
        collect.args(["--watch", "1s", "--for", "1h", "--histogram", "live"]);
        let mut collecting = spawn(&mut collect);
        let taken = || folder.is_dir() && samples(&folder).len() >= 2;
        assert!(comes(Duration::from_secs(30), taken));
        let name = if is_ignored("INT") { "TERM" } else { "INT" };
        signal(collecting.id(), name);
        let code = collecting.wait().expect("ours").code();
        assert_eq!(code, Some(1));
        let manifest = manifest(&folder);
        assert_eq!(manifest["interrupted"], format!("SIG{name}"));
        let ended = format!("interrupted by SIG{name}");
        assert_eq!(manifest["course"]["ended"], ended);
        assert!(manifest["course"]["samples"].as_u64() >= Some(2));
        assert!(!folder.join("heap.hprof").exists());
        // Histograms with a collection before them count what is live.
        let report = report(&folder);
        let live = report["evidence"]
            .to_string()
            .matches(r#""heap_live""#)
            .count();
        assert!(live >= 2, "{}", report["evidence"]);
        shop.lives();
    }
}

/// What is not wanted is not taken; a signal that `nohup` has made ignored does not end the course.
#[test]
fn a_course_takes_no_more_than_it_is_told() {
    let Some(home) = jdks().pop() else {
        return;
    };
    let start = Start {
        sessions: (100, 100),
        ..Start::default()
    };
    let mut shop = Shop::start(&home, &start);
    let folder = shop.incident();
    let mut collect = shop.collect(&folder);
    collect.args(["--watch", "1s", "--for", "3s", "--no-dump"]);
    collect.args(["--histogram", "none"]);
    let mut ignoring = Command::new("sh");
    ignoring.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    ignoring.arg(collect.get_program()).args(collect.get_args());
    let mut collecting = spawn(&mut ignoring);
    let taken = || folder.is_dir() && !samples(&folder).is_empty();
    assert!(comes(Duration::from_secs(30), taken));
    signal(collecting.id(), "HUP");
    assert_eq!(collecting.wait().expect("ours").code(), Some(0));
    let manifest = manifest(&folder);
    assert!(manifest["interrupted"].is_null(), "{manifest}");
    assert_eq!(manifest["course"]["ended"], "the time is over");
    assert!(!folder.join("heap.hprof").exists());
    for sample in samples(&folder) {
        let text = fs::read_to_string(sample).expect("a sample");
        assert!(text.contains("VmRSS"), "{text}");
        assert!(!text.contains("#instances"), "{text}");
    }
    shop.lives();
}

/// The JVM ends: so does the course, and what was taken is kept.
#[test]
fn a_course_ends_with_its_jvm() {
    let Some(home) = jdks().pop() else {
        return;
    };
    let shop = Shop::start(
        &home,
        &Start {
            sessions: (100, 100),
            ..Start::default()
        },
    );
    let folder = shop.incident();
    let mut collect = shop.collect(&folder);
    let mut collecting = spawn(collect.args(["--watch", "1s", "--for", "1h"]));
    assert!(comes(Duration::from_secs(30), || folder.is_dir()
        && !samples(&folder).is_empty()));
    let Shop { jvm, folder: _kept } = shop;
    drop(jvm);
    assert!(comes(Duration::from_secs(20), || collecting
        .try_wait()
        .expect("ours")
        .is_some()));
    assert_eq!(manifest(&folder)["course"]["ended"], "the JVM ended");
}

#[test]
fn senseless_times_are_refused() {
    for (arguments, word) in [
        (&["--watch", "10m"][..], "--for"),
        (&["--for", "2h"], "--watch"),
        (&["--watch", "0s", "--for", "1s"], "one second"),
        (&["--watch", "1s", "--for", "3d"], "10000"),
        (
            &["--watch", "1s", "--for", "3s", "--dump-when", "250%"],
            "share",
        ),
        (&["--dump-when", "85%"], "--watch"),
    ] {
        let run = run_command(
            program()
                .args(["collect", "1", "-o", "nowhere"])
                .args(arguments),
        );
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(word), "{arguments:?}: {}", run.stderr);
        assert!(!Path::new("nowhere").exists());
    }
}

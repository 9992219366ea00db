//! `--max-memory`, the limit that applies without it, and `estimate`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{golden, program, run, run_command, skipped, temporary};

const MIB: u64 = 1 << 20;

/// The estimate of the sample dump, as JSON.
fn estimated(more: &[&str]) -> serde_json::Value {
    let dump = golden("sample");
    let mut command = program();
    command
        .arg("estimate")
        .arg(&dump)
        .args(["--format", "json"]);
    run_command(command.args(more)).succeeded().json()
}

/// The number before ` MiB` after `words` in `text`.
#[track_caller]
fn mebibytes(text: &str, words: &str) -> u64 {
    let after = text.split_once(words).expect(words).1;
    let number = after.split_once(" MiB").expect("a size").0;
    number.trim().parse().expect("a number")
}

#[test]
fn a_dump_that_does_not_fit_is_refused_in_one_line_with_both_numbers() {
    let dump = golden("sample");
    let need = estimated(&[])["memory_bytes"].as_u64().expect("bytes");
    let refused = run([
        dump.as_os_str(),
        "--max-memory".as_ref(),
        "3MiB".as_ref(),
        "--spill".as_ref(),
        "never".as_ref(),
    ]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stdout.is_empty());
    assert_eq!(refused.stderr.trim_end().lines().count(), 1);
    let said = &refused.stderr;
    assert_eq!(mebibytes(said, "needs about"), need.div_ceil(MIB), "{said}");
    assert_eq!(mebibytes(said, "and only"), 3, "{said}");
    assert!(said.contains("by --max-memory"), "{said}");
    // What it says to go on with works.
    let how = said
        .split_once("go on with --max-memory ")
        .expect("how to go on")
        .1;
    let size = how.split_whitespace().next().expect("a size");
    run([dump.as_os_str(), "--max-memory".as_ref(), size.as_ref()]).succeeded();
}

#[test]
fn the_estimate_is_of_the_sample() {
    let estimate = estimated(&["--max-memory", "1GiB", "--threads", "1"]);
    let objects = estimate["objects"].as_u64().expect("a number");
    let report = run([
        golden("sample").as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ]);
    let heap = &report.succeeded().json()["heap"];
    let (strong, all) = (&heap["strong"]["objects"], objects);
    assert!(
        strong.as_u64().expect("a number") <= all,
        "{strong} of {all}"
    );
    let memory = estimate["memory_bytes"].as_u64().expect("bytes");
    assert!(
        memory > 20 * objects,
        "{memory} bytes for {objects} objects"
    );
    assert!(estimate["seconds"].as_f64().expect("seconds") > 0.0);
    assert_eq!(estimate["threads"], 1);
    assert_eq!(estimate["available_bytes"], 1u64 << 30);
    assert_eq!(estimate["fits"], true);
    assert_eq!(estimated(&["--max-memory", "3MiB"])["fits"], false);
    let dump = golden("sample");
    let text = run([
        "estimate".as_ref(),
        dump.as_os_str(),
        "--max-memory".as_ref(),
        "3MiB".as_ref(),
    ]);
    let text = text.succeeded().text();
    assert!(
        text.contains("does not fit: 3.0 MiB may be used, by --max-memory"),
        "{text}"
    );
}

/// A limit that nobody gave as an option: `ulimit -d` stands for what machine and container leave, which a test cannot set
/// (`input_limits` reads those from made-up systems).
#[cfg(target_os = "linux")]
#[test]
fn without_the_option_what_is_left_is_the_limit() {
    use std::process::Command;
    let limited = |more: &str| {
        let script = format!("ulimit -d 30000 && exec \"$0\" --threads 1 {more} \"$1\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        command.arg(program().get_program()).arg(golden("sample"));
        run_command(&mut command)
    };
    let refused = limited("--spill never");
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let said = &refused.stderr;
    assert_eq!(mebibytes(said, "and only"), 29, "{said}");
    assert!(said.contains("left to this process (ulimit)"), "{said}");
    limited("--max-memory 1GiB").succeeded();
}

/// Runs the report on the sample with `more`, its temporary files in `folder`.
#[cfg(target_os = "linux")]
fn in_folder(folder: &std::path::Path, more: &[&str]) -> crate::support::Run {
    let mut command = program();
    let dump = golden("sample");
    command.arg(dump).args(["--format", "json"]).args(more);
    run_command(command.arg("--temp-dir").arg(folder))
}

/// The same bytes, wherever the tables lie.
#[cfg(target_os = "linux")]
#[test]
fn tables_that_do_not_fit_go_to_a_file() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let usual = in_folder(folder.path(), &[]).succeeded();
    let spilled = in_folder(folder.path(), &["--max-memory", "3MiB"]).succeeded();
    let said = &spilled.stderr;
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    for part in [
        "its tables go to a file",
        "by --max-memory",
        "3.0 MiB may be used",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert_eq!(spilled.stdout, usual.stdout);
    let always = in_folder(folder.path(), &["--spill", "always"]).succeeded();
    assert!(always.stderr.is_empty(), "{}", always.stderr);
    assert_eq!(always.stdout, usual.stdout);
    let left = std::fs::read_dir(folder.path())
        .expect("the folder")
        .count();
    assert_eq!(left, 0, "nothing stays");
    let estimate = estimated(&["--max-memory", "3MiB"]);
    let bytes = estimate["spill_bytes"].as_u64().expect("bytes");
    assert!(bytes > estimate["memory_bytes"].as_u64().expect("bytes"));
    assert_eq!(estimated(&[])["spill_bytes"], serde_json::Value::Null);
}

/// With less memory than what is looked up here and there the analysis would read a page of the disk for each reference: it is refused
/// before that, and `estimate` says the same.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_tables_needs_some_memory_too() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let least = estimated(&[])["spill_least_bytes"].as_u64();
    let least = least.expect("bytes");
    let (below, above) = (format!("{}B", least - 1), format!("{least}B"));
    let refused = in_folder(folder.path(), &["--max-memory", &below]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stdout.is_empty());
    let said = &refused.stderr;
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    for part in [
        "tables that are looked up here and there",
        "with tables in a file it needs at least",
        "by --max-memory",
        "--spill always",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let usual = in_folder(folder.path(), &[]).succeeded();
    for more in [
        vec!["--max-memory", &above],
        vec!["--max-memory", &below, "--spill", "always"],
    ] {
        let went_on = in_folder(folder.path(), &more).succeeded();
        assert_eq!(went_on.stdout, usual.stdout, "{more:?}");
    }
    let estimate = estimated(&["--max-memory", &below]);
    assert_eq!(estimate["spill_bytes"], serde_json::Value::Null);
    assert!(estimated(&["--max-memory", &above])["spill_bytes"].is_u64());
    let dump = golden("sample");
    let words = [
        "estimate".as_ref(),
        dump.as_os_str(),
        "--max-memory".as_ref(),
    ];
    let text = run(words.into_iter().chain([below.as_ref()]))
        .succeeded()
        .text();
    assert!(text.contains("it needs at least"), "{text}");
    assert!(text.contains("it is refused"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn tables_do_not_go_where_they_cannot() {
    let tight = ["--max-memory", "3MiB"];
    let missing = in_folder("/no/such/folder".as_ref(), &tight);
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stderr.contains("/no/such/folder"),
        "{}",
        missing.stderr
    );
    assert!(missing.stderr.contains("--temp-dir"), "{}", missing.stderr);
    let memory = std::path::Path::new("/dev/shm");
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    if !mounts
        .lines()
        .any(|line| line.starts_with("tmpfs /dev/shm "))
    {
        eprintln!("skipped: /dev/shm is no file system in memory here");
        return;
    }
    let refused = in_folder(memory, &tight);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("in memory (tmpfs)"),
        "{}",
        refused.stderr
    );
}

/// A small archive can unpack to anything. Without `--max-unpacked` it takes what is free, less a part that is left to others.
#[cfg(target_os = "linux")]
#[test]
fn unpacking_leaves_room_on_the_disk() {
    use std::process::Command;
    const DISK: u64 = 100 * MIB;
    let folder = tempfile::tempdir().expect("a folder");
    let mount = |command: &mut Command| {
        let script = "mount -t tmpfs -o size=100m none \"$0\" && exec \"$@\"";
        command.args(["-m", "sh", "-c", script]).arg(folder.path());
    };
    let mut empty = Command::new("unshare");
    mount(&mut empty);
    if !empty.arg("true").output().is_ok_and(|o| o.status.success()) {
        return skipped("not allowed to make a mount namespace");
    }
    // Packed piece by piece: what this process takes is counted to the programs that other tests start.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let dump = std::fs::read(golden("sample")).expect("a dump");
    packed.write_all(&dump).expect("memory");
    for _ in 0..3 * DISK / MIB {
        packed.write_all(&[0; MIB as usize]).expect("memory");
    }
    let packed = temporary(".hprof.gz", &packed.finish().expect("memory"));
    let mut command = Command::new("unshare");
    mount(&mut command);
    command.arg(program().get_program()).arg(&*packed);
    command.args(["--max-memory", "2MiB", "--temp-dir"]);
    let run = run_command(command.arg(folder.path()));
    let error = &run.stderr;
    assert_eq!(run.code, Some(1), "{error}");
    let written = error.split_once("unpacked dump (").expect("how much").1;
    let written: u64 = written
        .split_once(' ')
        .expect("a number")
        .0
        .parse()
        .expect("a number");
    assert!(error.contains("--temp-dir"), "{error}");
    assert!(written > DISK / 2, "{error}");
    assert!(written <= DISK - DISK / 20, "{error}");
}

//! `--keep`: later commands give the same answers from the index, and do without it where it does not fit.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::keep_support::{Scene, small};
use crate::support::{golden, program, run, run_command};

/// Every command that analyses a dump, with `ADDRESS` where it takes one.
const COMMANDS: &[&str] = &[
    "DUMP -f json --detail full --waste",
    "DUMP --detail full",
    "DUMP -f html",
    "DUMP -f folded",
    "path DUMP ADDRESS -f json",
    "path DUMP ADDRESS --paths 50 -f json",
    "show DUMP ADDRESS -f json",
    "dominators DUMP --depth 3 -f json",
    "dominators DUMP --by class",
    "histogram DUMP --top 0 -f tsv",
    "threads DUMP --frames 0 -f json",
    "objects DUMP",
];

/// All answers with and without an index of `dump`.
fn answers_are_the_same(dump: &Path, more: &[&str]) {
    let scene = Scene::with(dump);
    let address = scene.address(more);
    let answers = |how: &[&str]| -> Vec<(Vec<u8>, String)> {
        let answer = |line: &&str| {
            let run = scene.run(line, &address, &[more, how].concat());
            (run.stdout, run.stderr)
        };
        COMMANDS.iter().map(answer).collect()
    };
    let without = answers(&[]);
    assert!(!scene.index().exists(), "nobody asked for an index");
    scene.keep(more);
    let with = answers(&[]);
    for ((line, with), without) in COMMANDS.iter().zip(with).zip(without) {
        assert_eq!(with.1, without.1, "{line}");
        assert!(with.0 == without.0, "another answer to {line}");
        assert!(!without.0.is_empty(), "{line}: {}", without.1);
    }
    // They did use it.
    let told = scene.run("histogram DUMP", &address, &[more, &["-v"]].concat());
    assert!(told.stderr.contains("is used"), "{}", told.stderr);
    assert!(!told.stderr.contains("dominators"), "{}", told.stderr);
}

#[test]
fn answers_are_the_same_with_an_index() {
    answers_are_the_same(&golden("references"), &[]);
}

/// Objects in any order have a column of their own; classes of several loaders, threads and locals.
#[test]
fn answers_are_the_same_with_an_index_of_objects_in_any_order() {
    answers_are_the_same(&golden("cache-jdk25-zgc"), &[]);
}

#[test]
fn answers_are_the_same_with_an_index_by_mats_rules() {
    answers_are_the_same(&golden("class-loaders"), &["--compat", "mat"]);
}

/// A dump that lost its end, its roots with it, and one with a hole.
#[test]
fn answers_are_the_same_with_an_index_of_a_damaged_dump() {
    let mut bytes = fs::read(golden("references")).expect("a dump");
    bytes.truncate(bytes.len() * 2 / 3);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 300].fill(0xee);
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("cut.hprof");
    fs::write(&dump, bytes).expect("room");
    answers_are_the_same(&dump, &[]);
}

/// A compressed dump is unpacked as ever; a comparison reads an index for each of its dumps.
#[test]
fn compressed_and_compared_dumps_have_indexes() {
    let scene = Scene::with(&golden("sample"));
    let packed = scene.folder().join("sample.hprof.gz");
    fs::copy("testdata/sample.hprof.gz", &packed).expect("a copy");
    let report = |how: &[&str]| {
        let mut command = scene.program();
        command.arg(&packed).arg(scene.dump()).args(["-f", "json"]);
        let run = run_command(command.args(how)).succeeded();
        (run.stdout, run.stderr)
    };
    let (without, _) = report(&[]);
    let (keeping, _) = report(&["--keep"]);
    assert!(keeping == without);
    assert!(scene.folder().join("sample.hprof.gz.kept").exists());
    let (with, told) = report(&["-v"]);
    assert_eq!(told.matches("is used").count(), 2, "{told}");
    assert!(with == without);
}

#[cfg(feature = "mcp")]
#[test]
fn an_agent_gets_the_same_answers_with_an_index() {
    use std::io::Write;
    let scene = Scene::with(&golden("references"));
    let address = scene.address(&[]);
    let session = |how: &[&str]| {
        let mut command = scene.program();
        command.arg("mcp").arg(scene.dump()).args(how);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut server = command.spawn().expect("the server starts");
        let mut to = server.stdin.take().expect("its input");
        let call = |id: u32, name: &str, arguments: &str| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#
            )
        };
        let lines = [
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#.to_owned(),
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
            call(2, "path", &format!(r#"{{"address":"{address}"}}"#)),
        ];
        for line in lines {
            writeln!(to, "{line}").expect("sent");
        }
        // The end of the input ends the session, and may overtake what was asked: wait for the answer.
        let mut from = std::io::BufReader::new(server.stdout.take().expect("its output"));
        let mut answers = String::new();
        while !answers.contains("\"id\":2") {
            let read = std::io::BufRead::read_line(&mut from, &mut answers);
            assert!(read.expect("an answer") > 0, "{answers}");
        }
        drop(to);
        let ended = server.wait_with_output().expect("it ends");
        (answers, String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let (without, _) = session(&[]);
    scene.keep(&[]);
    let (with, told) = session(&["-v"]);
    assert!(told.contains("is used"), "{told}");
    assert_eq!(with, without);
    assert!(without.contains(&address), "{without}");
}

/// The line that `-v` prints about the index.
fn told(scene: &Scene, more: &[&str]) -> String {
    let run = scene.run("histogram DUMP -v", "", more).succeeded();
    let mut lines = run.stderr.lines().filter(|line| line.contains("the index"));
    lines.next().unwrap_or_default().to_owned()
}

#[test]
fn an_index_of_another_state_of_the_dump_is_not_used() {
    let scene = Scene::of(&small());
    scene.keep(&[]);
    assert!(told(&scene, &[]).ends_with("is used"));
    assert_eq!(told(&scene, &["--no-keep"]), "");
    assert!(told(&scene, &["--compat", "mat"]).contains("is not used: it was made"));
    // Touched.
    let file = File::options()
        .write(true)
        .open(scene.dump())
        .expect("the dump");
    let before = file.metadata().expect("facts").modified().expect("a time");
    file.set_modified(before + std::time::Duration::from_secs(1))
        .expect("touched");
    assert!(told(&scene, &[]).contains("is not used: it was made"));
    file.set_modified(before).expect("touched");
    assert!(told(&scene, &[]).ends_with("is used"));
    // Another content of the same length and time.
    let mut bytes = fs::read(scene.dump()).expect("the dump");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(scene.dump(), bytes).expect("room");
    file.set_modified(before).expect("touched");
    assert!(told(&scene, &[]).contains("is not used: it was made"));
    // A new one takes its place.
    scene.keep(&[]);
    assert!(told(&scene, &[]).ends_with("is used"));
}

#[test]
fn an_index_of_another_version_is_not_used() {
    let scene = Scene::of(&small());
    scene.keep(&[]);
    let mut index = scene.parsed();
    let version = env!("CARGO_PKG_VERSION");
    let key = index.list["key"].as_str().expect("a key").to_owned();
    assert!(key.starts_with(version), "{key}");
    index.list["key"] = key.replacen(version, "0.0.1", 1).into();
    index.write(&scene);
    assert!(told(&scene, &[]).contains("another version"));
    // And of another layout of the file.
    let mut bytes = fs::read(scene.index()).expect("the index");
    bytes[15] = b'0';
    fs::write(scene.index(), bytes).expect("room");
    assert!(told(&scene, &[]).contains("is not used"));
}

#[test]
fn a_damaged_index_is_not_used() {
    let scene = Scene::of(&small());
    let answer = || scene.run("objects DUMP", "", &[]).succeeded();
    let without = answer().stdout;
    scene.keep(&[]);
    let whole = fs::read(scene.index()).expect("the index");
    let step = whole.len() / 40;
    for at in (0..whole.len()).step_by(step) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(scene.index(), &damaged).expect("room");
        let run = answer();
        assert!(run.stdout == without, "byte {at}");
        assert_eq!(run.stderr, "", "it is ignored quietly");
        fs::write(scene.index(), &whole[..at]).expect("room");
        assert!(answer().stdout == without, "cut to {at}");
    }
    fs::write(scene.index(), &whole).expect("room");
    assert!(told(&scene, &[]).ends_with("is used"));
}

/// Where the dump's folder cannot be written to the index goes to the cache folder, and is found there.
#[test]
fn the_cache_folder_takes_the_index() {
    let scene = Scene::of(&small());
    // No file can take the place of a folder. (Permissions do not stop root.)
    fs::create_dir(scene.index()).expect("a folder");
    let kept = scene.run("histogram DUMP --keep", "", &[]).succeeded();
    assert_eq!(kept.stderr, "");
    let cached: Vec<PathBuf> = fs::read_dir(scene.cache().join("hprof-suspects"))
        .expect("the folder in the cache")
        .map(|entry| entry.expect("a file").path())
        .collect();
    assert_eq!(cached.len(), 1, "{cached:?}");
    assert!(told(&scene, &[]).contains(&*cached[0].to_string_lossy()));
    assert!(told(&scene, &[]).ends_with("is used"));
    assert_eq!(scene.left(), ["heap.hprof", "heap.hprof.kept"]);
}

/// The answer comes all the same, one line says why there is no index, and nothing is left.
#[cfg(unix)]
#[test]
fn a_full_disk_is_no_error() {
    let scene = Scene::of(&small());
    let script = "ulimit -f 8 && exec \"$0\" histogram \"$1\" --keep";
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command.arg(program().get_program()).arg(scene.dump());
    command.env("XDG_CACHE_HOME", scene.cache());
    let full = run_command(&mut command).succeeded();
    let usual = scene.run("histogram DUMP", "", &[]).succeeded();
    assert!(full.stdout == usual.stdout);
    let lines: Vec<&str> = full.stderr.trim_end().lines().collect();
    assert_eq!(lines.len(), 1, "{}", full.stderr);
    assert!(lines[0].contains("no index was kept"), "{}", lines[0]);
    assert_eq!(scene.left(), ["heap.hprof"]);
    let cached = fs::read_dir(scene.cache().join("hprof-suspects"));
    assert_eq!(cached.map_or(0, Iterator::count), 0);
}

#[test]
fn several_writers_at_once_leave_one_index() {
    let scene = Scene::of(&small());
    let start = |_| {
        let mut command = scene.program();
        command.arg("histogram").arg(scene.dump()).arg("--keep");
        command.stdout(Stdio::null()).spawn().expect("it starts")
    };
    let writers: Vec<_> = (0..4).map(start).collect();
    for mut writer in writers {
        assert!(writer.wait().expect("it ends").success());
    }
    assert_eq!(scene.left(), ["heap.hprof", "heap.hprof.kept"]);
    assert!(told(&scene, &[]).ends_with("is used"));
}

/// A stream has no name to find its index by.
#[test]
fn a_stream_has_no_index() {
    let scene = Scene::of(&small());
    let mut command = scene.program();
    command.args(["histogram", "-", "--keep"]);
    command.stdin(File::open(scene.dump()).expect("the dump"));
    let run = run_command(&mut command).succeeded();
    assert!(run.stderr.contains("no index was kept"), "{}", run.stderr);
    assert_eq!(scene.left(), ["heap.hprof"]);
}

/// In an incident folder the index is neither evidence nor a second dump.
#[test]
fn an_index_is_no_evidence() {
    let scene = Scene::of(&small());
    let report =
        || run_command(scene.program().arg(scene.folder()).args(["-f", "json"])).succeeded();
    let without = report();
    scene.keep(&[]);
    let with = report();
    assert!(with.stdout == without.stdout);
    assert_eq!(with.stderr, without.stderr);
    let refused = run([scene.index().as_os_str()]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("the index of a dump"),
        "{}",
        refused.stderr
    );
}

#[test]
fn the_estimate_tells_the_size_of_the_index() {
    let scene = Scene::with(&golden("sample"));
    let estimate = scene
        .run("estimate DUMP -f json", "", &[])
        .succeeded()
        .json();
    let told = estimate["index_bytes"].as_u64().expect("a number");
    scene.keep(&[]);
    let bytes = fs::metadata(scene.index()).expect("the index").len();
    assert!((bytes / 2..bytes * 2).contains(&told), "{told} for {bytes}");
}

/// Its owner alone can read it, like the dump of a JVM.
#[cfg(unix)]
#[test]
fn the_index_is_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::of(&small());
    scene.keep(&[]);
    let mode = fs::metadata(scene.index())
        .expect("the index")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

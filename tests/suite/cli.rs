//! The command line: exit codes, messages, where output goes.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use crate::support::{
    golden, golden_names, program, project, run, run_command, skipped, temporary,
};
use crate::synth::{Heap, RawDump};

/// Runs the program on a file that it must refuse: exit code 1, one line on standard error that names the file and holds each
/// of `words` (in any case), nothing on standard output.
#[track_caller]
fn refused(file: &Path, words: &[&str]) {
    let run = run([file]);
    let said = run.stderr.to_lowercase();
    assert_eq!(run.code, Some(1), "{said}");
    assert!(
        run.stdout.is_empty(),
        "a report of a file that is no dump: {}",
        run.text()
    );
    assert_eq!(
        run.stderr.trim_end().lines().count(),
        1,
        "one clear line: {said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a plain name")
        .to_lowercase();
    for word in words.iter().copied().chain([name.as_str()]) {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

#[test]
fn a_missing_file_is_told() {
    refused(Path::new("/nowhere/to/be/found.hprof"), &["no such file"]);
}

#[test]
fn a_directory_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    refused(folder.path(), &["directory"]);
}

#[test]
fn an_empty_file_is_told() {
    refused(&temporary(".hprof", b""), &["empty"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let file = temporary(".hprof", &Heap::new().write().bytes);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::File::open(&file).is_ok() {
        return skipped("this user may read everything");
    }
    refused(&file, &["permission denied"]);
}

#[test]
fn a_web_page_is_told() {
    let page = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please log in</body></html>\n";
    refused(&temporary(".hprof", page), &["html"]);
}

#[test]
fn what_is_no_dump_is_told() {
    let not_dumps: [&[u8]; 5] = [
        b"hello world, this is a text file\n",
        b"{\"error\": \"not found\"}",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0\x3e\0",
        b"JAVA PROFITS 1.0.2\0\0\0\0\x08\0\0\0\0\0\0\0\0",
        &[0; 4096],
    ];
    for content in not_dumps {
        refused(&temporary(".hprof", content), &[]);
    }
}

#[test]
fn an_impossible_identifier_size_is_told() {
    for size in [0u32, 3, 5, 16, 255, u32::MAX] {
        let mut dump = RawDump::with_header("JAVA PROFILE 1.0.2", 8, size);
        dump.string(1, b"x").heap_dump_end();
        // The size stands behind the 18 letters of the magic and a NUL.
        refused(
            &temporary(".hprof", &dump.into_bytes()),
            &["identifier size", &size.to_string(), "19"],
        );
    }
}

#[test]
fn a_header_that_ends_early_is_told() {
    let whole = RawDump::new(8).into_bytes();
    for length in [4, 18, 19, 22, 30] {
        refused(&temporary(".hprof", &whole[..length]), &[]);
    }
}

#[test]
fn a_container_without_evidence_is_a_usage_error() {
    let dump = golden("sample");
    let wrong = run([dump.as_os_str(), "--container".as_ref(), "app".as_ref()]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("--evidence"), "{}", wrong.stderr);
}

#[test]
fn usage_errors_exit_with_2() {
    let dump = golden("bounded-queue");
    let dump = dump.to_str().expect("a plain path");
    let wrong: [&[&str]; 6] = [
        &[],
        &["--no-such-option", dump],
        &[dump, "--top", "many"],
        &[dump, "--format", "papyrus"],
        &[dump, "--threads", "-1"],
        &["objects"],
    ];
    for arguments in wrong {
        let run = run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(
            run.stdout.is_empty() && !run.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for option in ["--help", "--version"] {
        let run = run([option]).succeeded();
        assert!(run.text().contains("hprof-suspects"), "{option}");
        assert_eq!(run.stderr, "", "{option}");
    }
    assert!(
        run(["--version"])
            .text()
            .contains(env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn the_version_says_commit_target_and_features() {
    let short = run(["-V"]).succeeded().text();
    assert_eq!(
        short,
        concat!("hprof-suspects ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let long = run(["--version"]).succeeded().text();
    let lines: Vec<&str> = long.lines().collect();
    assert_eq!(lines.len(), 4, "{long}");
    assert_eq!(lines[0], short.trim());
    let git = std::process::Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(project())
        .output();
    let here = git.ok().filter(|done| done.status.success());
    let commit = lines[1].strip_prefix("commit: ").expect("a commit");
    match here.map(|done| String::from_utf8(done.stdout).expect("UTF-8")) {
        // A tree without git, or a build that asks no git: see build.rs.
        _ if commit == "unknown" => {}
        Some(head) => assert!(head.starts_with(commit), "{commit} of {head}"),
        None => panic!("{commit} without git"),
    }
    let target = lines[2].strip_prefix("target: ").expect("a target");
    assert!(target.starts_with(std::env::consts::ARCH), "{target}");
    if cfg!(target_os = "linux") {
        assert!(target.contains("linux"), "{target}");
        assert!(
            lines[3].starts_with("features: collect, mapped files"),
            "{}",
            lines[3]
        );
    }
}

#[test]
fn nothing_but_the_report_is_written_when_piped() {
    let run = run([golden("sample")]).succeeded();
    assert_eq!(run.stderr, "");
    let text = run.text();
    assert!(text.contains("com.acme.shop.CacheLeak.PRODUCTS"), "{text}");
    assert!(!text.contains('\u{1b}'), "colour in a pipe: {text}");
}

#[test]
fn a_closed_pipe_is_success() {
    // More than a pipe holds, so that the program is still writing when its reader goes.
    let mut child = program()
        .arg("objects")
        .arg(golden("sample"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut first).expect("some output");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_report_goes_into_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = golden("bounded-queue");
    for format in ["text", "json"] {
        let file = folder.path().join(format);
        let mut to_file = program();
        to_file
            .arg(&dump)
            .args(["--format", format, "-o"])
            .arg(&file);
        let quiet = run_command(&mut to_file).succeeded();
        assert!(quiet.stdout.is_empty(), "{}", quiet.text());
        let shown = run_command(program().arg(&dump).args(["--format", format])).succeeded();
        assert_eq!(
            fs::read(&file).expect("the report"),
            shown.stdout,
            "{format}: the same as on standard output"
        );
    }
    let nowhere = folder.path().join("no/such/folder/report");
    let failed = run_command(program().arg(&dump).arg("-o").arg(nowhere));
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(failed.stderr.contains("report"), "{}", failed.stderr);
}

/// Runs the program on a terminal of its own, made by script(1).
fn on_a_terminal(environment: &[(&str, &str)]) -> Option<String> {
    let command = format!(
        "'{}' '{}' --format text 2>/dev/null",
        env!("CARGO_BIN_EXE_hprof-suspects"),
        golden("sample").display()
    );
    let mut script = std::process::Command::new("script");
    script
        .args(["-qec", &command, "/dev/null"])
        .stdin(Stdio::null());
    script
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR")
        .env_remove("CI")
        .env("TERM", "xterm-256color");
    script.envs(environment.iter().copied());
    let output = script.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn colour_on_a_terminal_unless_no_color() {
    let Some(shown) = on_a_terminal(&[]) else {
        return skipped("script(1) makes no terminal here");
    };
    assert!(
        shown.contains("\u{1b}["),
        "no colour on a terminal: {shown}"
    );
    let plain = on_a_terminal(&[("NO_COLOR", "1")]).expect("it ran before");
    assert!(
        !plain.contains("\u{1b}["),
        "colour despite NO_COLOR: {plain}"
    );
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    for name in golden_names() {
        let dump = golden(&name);
        let with = |threads: &str| {
            run_command(program().arg(&dump).args([
                "--format",
                "json",
                "--top",
                "1000",
                "--threads",
                threads,
            ]))
            .succeeded()
        };
        let alone = with("1");
        assert_eq!(alone.json()["schema_version"], 2, "{name}");
        for threads in ["2", "5"] {
            assert!(
                alone.stdout == with(threads).stdout,
                "{name}: one thread and {threads} say different things"
            );
        }
    }
}

#[test]
fn a_compressed_dump_gives_the_same_report() {
    let packed = crate::support::project().join("testdata/bounded-queue.hprof.gz");
    let plain = crate::support::report(&golden("bounded-queue"));
    let inflated = crate::support::report(&packed);
    for part in [
        "jvm",
        "heap",
        "suspects",
        "classes",
        "dominators",
        "threads",
    ] {
        assert_eq!(plain[part], inflated[part], "{part}");
    }
}

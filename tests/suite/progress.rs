//! Progress as people see it: the real program, its standard error a pseudo-terminal.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::process::Stdio;

use rustix::io::{FdFlags, fcntl_setfd};

use crate::support::{golden, program, project, run_command};

/// A new pseudo-terminal of `columns` columns: the end that sees what is shown, and the end that programs write to.
#[allow(unsafe_code)]
fn pseudo_terminal(columns: u16) -> (OwnedFd, OwnedFd) {
    let size = libc::winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let (mut ours, mut theirs) = (-1, -1);
    let (no_name, no_modes) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: two numbers are written and one size is read, all of which outlive the call; the rest may be null.
    let made = unsafe { libc::openpty(&mut ours, &mut theirs, no_name, no_modes, &size) };
    assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the call has just opened both for us.
    let ends = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) };
    // Programs that other tests start must not hold them open.
    for end in [ends.0.as_fd(), ends.1.as_fd()] {
        fcntl_setfd(end, FdFlags::CLOEXEC).expect("close on exec");
    }
    ends
}

/// What a terminal of `columns` columns shows on standard error, redraw by redraw, and what came to standard output.
fn on_a_terminal(columns: u16, arguments: &[&std::ffi::OsStr]) -> (Vec<String>, String) {
    let (terminal, user) = pseudo_terminal(columns);
    let mut command = program();
    command
        .args(arguments)
        .env("TERM", "xterm-256color")
        .stdout(Stdio::piped())
        .stderr(File::from(user));
    let child = command.spawn().expect("the program starts");
    // The command holds the other end open too.
    drop(command);
    let reader = std::thread::spawn(move || {
        let (mut shown, mut file) = (Vec::new(), File::from(terminal));
        // The end of a terminal is an error (EIO).
        let _ = file.read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    });
    let output = child.wait_with_output().expect("the program ends");
    let shown = reader.join().expect("a reader");
    assert!(output.status.success(), "{shown}");
    let report = String::from_utf8(output.stdout).expect("the report is UTF-8");
    let lines = shown.split(['\r', '\n']).map(without_escapes);
    (lines.filter(|line| !line.is_empty()).collect(), report)
}

/// The text without control sequences (`ESC [ ... letter`).
fn without_escapes(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| {
        let end = piece.find(|c: char| c.is_ascii_alphabetic());
        all + end.map_or("", |end| &piece[end + 1..])
    })
}

/// A redraw that names the phase, bytes done and in all, bytes a second, and the time that is left (`left` follows it).
fn tells_all(line: &str, phase: &str, left: &str) -> bool {
    let pattern = format!(
        r"^\s*{phase} (\[.*\] )?\s*[0-9.]+/[0-9.]+ [KMG]iB\s+[0-9.]+ [KMG]iB/s\s+[0-9]+(s|m[0-9]+s){left}\s*$"
    );
    regex_lite::Regex::new(&pattern)
        .expect("a pattern")
        .is_match(line)
}

#[track_caller]
fn some(lines: &[String], is: impl Fn(&str) -> bool) {
    assert!(lines.iter().any(|line| is(line)), "{}", lines.join("\n"));
}

#[test]
fn a_terminal_shows_phase_bytes_rate_and_the_time_left() {
    let dump = golden("sample");
    let (lines, report) = on_a_terminal(100, &[dump.as_os_str()]);
    some(&lines, |line| tells_all(line, "references", " left"));
    some(&lines, |line| tells_all(line, "scan", " left"));
    // Phases that read nothing of the file are named, with the time that is left.
    some(&lines, |line| {
        line.trim_start().starts_with("suspects ") && line.trim_end().ends_with("s left")
    });
    assert!(report.starts_with("Java heap "), "{report}");
    assert!(
        !report.contains('\x1b'),
        "no progress and no colour in the report"
    );
}

#[test]
fn a_narrow_terminal_has_the_same_on_one_line() {
    let dump = golden("sample");
    let (lines, _) = on_a_terminal(40, &[dump.as_os_str()]);
    some(&lines, |line| tells_all(line, "references", ""));
    for line in &lines {
        assert!(line.chars().count() <= 40, "{line:?} wraps");
    }
}

#[test]
fn unpacking_is_shown() {
    let packed = project().join("testdata/sample.hprof.gz");
    let (lines, _) = on_a_terminal(100, &[packed.as_os_str()]);
    some(&lines, |line| tells_all(line, "unpacking", " left"));
}

/// Every command that reads a dump shows it, and none does when piped.
#[test]
fn a_pipe_sees_nothing() {
    let dump = golden("sample");
    for command in [&[][..], &["histogram"], &["threads"], &["estimate"]] {
        let mut piped = program();
        piped.args(command).arg(&dump).env("TERM", "xterm-256color");
        let run = run_command(&mut piped).succeeded();
        assert_eq!(run.stderr, "", "{command:?}");
        let mut arguments: Vec<&std::ffi::OsStr> = command.iter().map(AsRef::as_ref).collect();
        arguments.push(dump.as_os_str());
        let (lines, report) = on_a_terminal(80, &arguments);
        some(&lines, |line| tells_all(line, "scan", " left"));
        assert_eq!(report, run.text(), "{command:?}");
    }
}

/// `--verbose` tells time and memory of every phase, on a terminal and in a pipe.
#[test]
fn verbose_tells_every_phase() {
    let dump = golden("sample");
    let mut command = program();
    let run = run_command(command.arg("--verbose").arg(&dump)).succeeded();
    for phase in ["scan", "references", "retained sizes", "suspects"] {
        let told = run
            .stderr
            .lines()
            .find(|line| line.trim_start().starts_with(phase));
        let told = told.unwrap_or_else(|| panic!("{phase}: {}", run.stderr));
        assert!(
            told.contains(" s wall") && told.contains(" MiB, anonymous "),
            "{told}"
        );
    }
    let (lines, _) = on_a_terminal(100, &["--verbose".as_ref(), dump.as_os_str()]);
    some(&lines, |line| {
        line.contains("retained sizes") && line.contains(" s wall")
    });
}

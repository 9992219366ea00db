//! Where reports go and how wide they are, as the program itself behaves: terminals, locales, full disks, names of files.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr;

use crate::support::{golden, program, run, run_command, skipped, temporary};
use crate::synth::{Heap, Kind, Value};

/// The report on a terminal with so many columns, made by script(1).
fn on_terminal(columns: usize, locale: &str, options: &str) -> Option<String> {
    let command = format!(
        "stty cols {columns} rows 50; '{}' '{}' {options}",
        env!("CARGO_BIN_EXE_hprof-suspects"),
        golden("sample").display()
    );
    let mut script = Command::new("script");
    script
        .args(["-qec", &command, "/dev/null"])
        .stdin(Stdio::null());
    script
        .env_remove("CLICOLOR")
        .env_remove("LC_CTYPE")
        .env_remove("LANG");
    script
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("LC_ALL", locale);
    let output = script
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.replace('\r', "");
    // The progress bar came before.
    let start = text.rfind("Java heap INCONCLUSIVE:")?;
    Some(text[start..].to_owned())
}

#[test]
fn widths_follow_the_terminal_and_signs_the_locale() {
    if on_terminal(80, "C.UTF-8", "").is_none() {
        return skipped("script(1) makes no terminal here");
    }
    for columns in [60, 80, 100, 140] {
        for locale in ["C.UTF-8", "C"] {
            let text = on_terminal(columns, locale, "").expect("it ran before");
            assert!(
                text.lines().count() <= 50,
                "{columns}: {} lines",
                text.lines().count()
            );
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
            // Wide as the terminal, not wider, and not as if it were narrower.
            assert!(
                (columns * 9 / 10..=columns).contains(&widest),
                "{widest} of {columns} columns:\n{text}"
            );
            assert_eq!(text.is_ascii(), locale == "C", "{locale}: {text}");
            assert!(
                text.contains(if locale == "C" {
                    "####"
                } else {
                    "████"
                }),
                "{text}"
            );
            let path = if locale == "C" { " -> " } else { " → " };
            assert!(columns < 80 || text.contains(path), "{text}");
            let full = on_terminal(columns, locale, "--detail full").expect("it ran before");
            assert!(
                full.contains(if locale == "C" { "` " } else { "└ " }),
                "{full}"
            );
        }
    }
}

#[test]
fn several_files_and_standard_output_in_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (html, json) = (folder.path().join("r.html"), folder.path().join("r.json"));
    let ran = run([
        golden("sample").as_os_str(),
        "-o".as_ref(),
        html.as_os_str(),
        "-o".as_ref(),
        "-".as_ref(),
        "-o".as_ref(),
        json.as_os_str(),
    ])
    .succeeded();
    assert!(ran.text().starts_with("Java heap "), "{}", ran.text());
    assert!(
        fs::read_to_string(html)
            .expect("a page")
            .starts_with("<!DOCTYPE html>")
    );
    assert!(fs::read_to_string(json).expect("a report").starts_with('{'));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

/// The dump under its own name, through a symbolic and a hard link, and in another spelling: never overwritten, and told before
/// it is read.
#[test]
fn the_dump_is_no_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("heap.json");
    fs::copy(golden("bounded-queue"), &dump).expect("copied");
    let before = fs::read(&dump).expect("a dump");
    let (soft, hard) = (
        folder.path().join("soft.json"),
        folder.path().join("hard.json"),
    );
    std::os::unix::fs::symlink(&dump, &soft).expect("linked");
    fs::hard_link(&dump, &hard).expect("linked");
    for output in [&dump, &soft, &hard, &folder.path().join("./heap.json")] {
        let refused = run([dump.as_os_str(), "-o".as_ref(), output.as_os_str()]);
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("is the dump itself"),
            "{}",
            refused.stderr
        );
        assert!(fs::read(&dump).expect("a dump") == before);
    }
    // A saved report is no output of `render` either.
    let saved = folder.path().join("saved.json");
    run([dump.as_os_str(), "-o".as_ref(), saved.as_os_str()]).succeeded();
    let refused = run([
        "render".as_ref(),
        saved.as_os_str(),
        "-o".as_ref(),
        saved.as_os_str(),
    ]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
}

#[test]
fn an_unknown_extension_is_told_with_those_that_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("report.docx");
    let refused = run([
        golden("sample").as_os_str(),
        "-o".as_ref(),
        output.as_os_str(),
    ]);
    assert!(
        refused.code.is_some_and(|code| code != 0),
        "{}",
        refused.stderr
    );
    for told in ["report.docx", "--format", ".html", ".md"] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    assert!(!output.exists());
}

/// A file that cannot be finished: no half of it, no temporary file, the old one as it was.
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = folder.path().join("report.html");
    fs::write(&old, "the old one").expect("written");
    // No file may grow beyond 8 KiB; writing more fails as on a full disk instead of ending the program.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let full = |output: &Path| {
        let mut shell = Command::new("bash");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_hprof-suspects")]);
        run_command(shell.arg(golden("sample")).arg("-o").arg(output))
    };
    for output in [&old, &folder.path().join("new.html")] {
        let failed = full(output);
        assert_eq!(failed.code, Some(1), "{}", failed.stderr);
        let name = output
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        assert!(
            failed.stderr.contains(name) && failed.stderr.contains("nothing was changed"),
            "{}",
            failed.stderr
        );
    }
    assert_eq!(
        fs::read_to_string(&old).expect("still there"),
        "the old one"
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    // What fits is written under the same limit.
    let small = folder.path().join("small.txt");
    let written = full(&small);
    assert_eq!(written.code, Some(0), "{}", written.stderr);
}

#[test]
fn help_manual_and_completions_name_every_option() {
    let help = run(["--help"]).succeeded().text();
    assert!(help.contains("Examples:"), "{help}");
    let manual = run(["man"]).succeeded().text();
    let shells: Vec<String> = ["bash", "zsh", "fish"]
        .map(|shell| run(["completions", shell]).succeeded().text())
        .into();
    let options: Vec<&str> = help
        .lines()
        .filter_map(|line| {
            line.trim_start()
                .strip_prefix("--")
                .or_else(|| line.trim_start().get(2..)?.strip_prefix(", --"))
        })
        .filter_map(|rest| rest.split([' ', '\n']).next())
        .collect();
    assert!(options.len() > 15, "{options:?}");
    for option in options {
        assert!(
            manual.replace('\\', "").contains(&format!("--{option}")),
            "{option} in the manual page"
        );
        for shell in &shells {
            assert!(shell.contains(option), "{option} in completions");
        }
    }
    // The examples of the help are commands that the program takes.
    let mut tried = 0;
    for line in help
        .lines()
        .filter(|line| line.trim_start().starts_with("hprof-suspects heap.hprof"))
    {
        let words: Vec<&str> = line
            .split_whitespace()
            .skip(2)
            .take_while(|word| *word != "|")
            .collect();
        let missing = run_command(program().arg("/no/such/heap.hprof").args(&words));
        assert_ne!(missing.code, Some(2), "{line}: {}", missing.stderr);
        tried += 1;
    }
    assert!(tried >= 4, "{help}");
}

/// What no root reaches counts as shallow, not as retained: less retained than shallow is explained above the table.
#[test]
fn a_histogram_says_why_a_class_may_retain_less_than_its_objects_take() {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Main")
        .static_field("KEPT", Value::Null);
    let class = class.done();
    let kept = heap.prim_array(Kind::Byte, 1_000);
    heap.set_static(class, "KEPT", kept);
    heap.prim_array(Kind::Byte, 50_000);
    let dump = temporary(".hprof", &heap.write().bytes);
    let shown = run([OsStr::new("histogram"), dump.as_os_str()]).succeeded();
    let text = shown.text();
    let bytes = text.lines().find(|line| line.ends_with(" byte[]"));
    assert!(
        bytes.is_some_and(|line| line.contains("KiB") && line.contains(" 50 KiB")),
        "{text}"
    );
    let explained = "Objects and Shallow: all objects in the dump; Retained: by those that have a path from a GC root";
    assert!(text.contains(explained), "{text}");
}

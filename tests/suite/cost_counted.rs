//! Instructions of runs of the program, counted by valgrind. All of them are made in one process: to start one under valgrind and to translate
//! the program takes longer than most runs.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hprof_suspects::cli;
use hprof_suspects::cli::exit::Exit;

/// What names the file with the runs that the process makes.
const RUNS: &str = "HPROF_SUSPECTS_COUNTED_RUNS";

/// Instructions of a run in three sizes.
pub type Counts = [u64; 3];

/// Instructions of `runs`, each in three sizes; `None` where they cannot be counted, which is said.
pub fn counted(runs: &[[&Vec<OsString>; 3]]) -> Option<Vec<Counts>> {
    let version = Command::new("valgrind").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no valgrind here");
        return None;
    }
    // The smallest twice: the first time tables are made that stay.
    let each = runs
        .iter()
        .flat_map(|sizes| [sizes[0], sizes[0], sizes[1], sizes[2]]);
    let each: Vec<Vec<&str>> = each
        .map(|run| {
            run.iter()
                .map(|word| word.to_str().expect("a plain word"))
                .collect()
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let (list, counts) = (
        folder.path().join("runs.json"),
        folder.path().join("counts"),
    );
    fs::write(&list, serde_json::to_vec(&each).expect("a list")).expect("a file");
    let output = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--dump-before=*cost_counted::another_run*",
        ])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "cost_counted::runs_of_a_list",
            "--ignored",
            "--nocapture",
        ])
        .env(RUNS, &list)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // The first part is what comes before the first run.
    let counted: Vec<u64> = (2..each.len() + 2)
        .map(|part| instructions(&counts.with_extension(part.to_string())))
        .collect();
    let counted = counted.chunks_exact(4);
    Some(counted.map(|four| [four[1], four[2], four[3]]).collect())
}

/// The number of instructions in a part of valgrind's counts.
fn instructions(part: &Path) -> u64 {
    let text =
        fs::read_to_string(part).unwrap_or_else(|error| panic!("{}: {error}", part.display()));
    let summary = text.lines().find_map(|line| line.strip_prefix("summary: "));
    let number = summary.unwrap_or_else(|| panic!("{}: no count", part.display()));
    number.trim().parse().expect("a number")
}

/// Where valgrind ends one part of its counts and begins another.
#[inline(never)]
fn another_run(number: usize) {
    std::hint::black_box(number);
}

/// The process that is counted.
#[test]
#[ignore = "part of the cost suite, which names the runs"]
fn runs_of_a_list() {
    let Some(list) = std::env::var_os(RUNS) else {
        return;
    };
    let list = fs::read(list).expect("a list");
    let runs: Vec<Vec<String>> = serde_json::from_slice(&list).expect("a list");
    for (number, run) in runs.iter().enumerate() {
        // The smallest size is run twice, and nothing is written over what is there.
        let outputs = run.windows(2).filter(|words| words[0] == "--output");
        for output in outputs {
            let _ = fs::remove_dir_all(&output[1]);
        }
        let program = std::iter::once("hprof-suspects");
        let words = program.chain(run.iter().map(String::as_str));
        another_run(number);
        let exit = cli::run_with(words.map(OsString::from));
        assert_eq!(exit, Exit::Analysed, "{run:?}");
    }
    another_run(runs.len());
}

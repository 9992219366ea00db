//! What a run costs grows in proportion to the dump: instructions are counted by valgrind, not seconds, for shapes of dumps that grow,
//! in every command and format. Without valgrind these tests say that they are skipped.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use hprof_suspects::report::Format;

use crate::cost_shapes::SHAPES;
use crate::support::{golden, program, run, temporary};

/// The smallest size of a shape, in whatever it consists of.
const SMALLEST: u64 = 250;
/// Twice the size may cost so much more: the rest is for hash tables that grow and for logarithms.
const MOST_PER_DOUBLING: f64 = 2.2;
/// Instructions that do not count: what starts once a buffer is full, a table is first made, a thread is used.
const SLACK: u64 = 3_000_000;

/// Instructions of a run; `None` where they cannot be counted.
fn instructions(arguments: &[OsString]) -> Option<u64> {
    let version = Command::new("valgrind").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no valgrind here");
        return None;
    }
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program().get_program())
        .args(arguments)
        .stdout(Stdio::null())
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    let counted = said
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    let counted = counted.unwrap_or_else(|| panic!("no count: {said}"));
    Some(counted.trim().parse().expect("a number"))
}

/// Every command, and every format of each; files that they write and reports that they read are in `folder`.
fn runs(dump: &Path, folder: &Path) -> Vec<Vec<OsString>> {
    let run = |before: &[&str], after: &str| {
        let before = before.iter().map(OsString::from);
        let after = after.split_whitespace().map(OsString::from);
        before.chain([dump.into()]).chain(after).collect()
    };
    let mut all: Vec<Vec<OsString>> = Vec::new();
    for format in Format::all() {
        all.push(run(&[], &format!("{REPORT} --format {format}")));
    }
    for format in ["text", "json", "tsv", "html", "markdown", "jira"] {
        let more = format!("--threads 1 --format {format}");
        all.push(run(&["dominators"], &format!("--top 0 --depth 6 {more}")));
        all.push(run(&["histogram"], &format!("--top 0 {more}")));
        all.push(run(&["threads"], &format!("--frames 0 {more}")));
    }
    for by in ["class", "loader", "package"] {
        let tree = format!("--top 0 --depth 6 --by {by} --threads 1");
        all.push(run(&["dominators"], &tree));
    }
    all.push(run(&["objects"], "--threads 1"));
    all.push(run(&["estimate"], "--threads 1"));
    for object in some_objects(dump) {
        all.push(run(&["show"], &format!("{object} --top 0 --threads 1")));
        all.push(run(&["path"], &format!("{object} --paths 10 --threads 1")));
    }
    let tables = folder.join("tables");
    let export = run(&["export"], "--threads 1 --output");
    all.push([export, vec![tables.into()]].concat());
    all.extend(compared(dump, folder));
    all
}

/// How a report with everything is asked for.
const REPORT: &str = "--detail full --top 0 --suspects 1000 --waste --threads 1";

/// The first and the last object that `objects` lists.
fn some_objects(dump: &Path) -> Vec<String> {
    let listed = run(["objects".as_ref(), dump.as_os_str()])
        .succeeded()
        .text();
    let addresses = listed.lines().filter_map(|line| line.split('\t').next());
    let addresses: Vec<&str> = addresses.filter(|it| it.starts_with("0x")).collect();
    let both = [addresses.first(), addresses.last()];
    both.into_iter()
        .flatten()
        .map(|it| (*it).to_owned())
        .collect()
}

/// Runs over several inputs: the dump, its saved report, its class histogram; and the saved report in other formats.
fn compared(dump: &Path, folder: &Path) -> Vec<Vec<OsString>> {
    let saved = folder.join("report.json");
    let words = |text: &str| {
        text.split_whitespace()
            .map(OsString::from)
            .collect::<Vec<_>>()
    };
    let made = [
        vec![dump.into()],
        words(REPORT),
        vec!["-o".into(), saved.clone().into()],
    ];
    run(made.concat()).succeeded();
    let histogram = folder.join("histogram.txt");
    std::fs::write(&histogram, class_histogram(dump)).expect("a file");
    let (dump, saved, histogram) = (dump.as_os_str(), saved.as_os_str(), histogram.as_os_str());
    let mut all = Vec::new();
    for (inputs, options) in [
        (vec![dump, dump], REPORT),
        (vec![saved, dump], "--threads 1 --detail full --top 0"),
        (vec![saved, saved], "--threads 1 --detail full --top 0"),
        (
            vec![histogram, histogram],
            "--threads 1 --detail full --top 0",
        ),
        (vec![saved, dump], "--threads 1 --format html"),
    ] {
        let inputs = inputs.into_iter().map(OsString::from).collect();
        all.push([inputs, words(options)].concat());
    }
    for format in Format::all() {
        let render = vec!["render".into(), saved.to_owned()];
        let options = format!("--detail full --top 0 --format {format}");
        all.push([render, words(&options)].concat());
    }
    all.push([words("fleet --threads 1 --top 0"), vec![saved.to_owned()]].concat());
    all
}

/// The classes of `dump` as `jcmd GC.class_histogram` lists them.
fn class_histogram(dump: &Path) -> String {
    let words = ["--top", "0", "--format", "tsv"].map(OsStr::new);
    let asked = ["histogram".as_ref(), dump.as_os_str()];
    let listed = run(asked.into_iter().chain(words)).succeeded().text();
    let mut text = " num     #instances         #bytes  class name (module)\n-------\n".to_owned();
    let (mut objects, mut bytes) = (0, 0);
    for (number, line) in listed.lines().skip(1).enumerate() {
        let cells: Vec<&str> = line.split('\t').collect();
        let numbers = [cells[2], cells[3]].map(|cell| cell.parse::<u64>().expect("a number"));
        objects += numbers[0];
        bytes += numbers[1];
        text += &format!(
            "{:4}: {:12} {:12}  {}\n",
            number + 1,
            numbers[0],
            numbers[1],
            cells[0]
        );
    }
    text + &format!("Total {objects:12} {bytes:12}\n")
}

/// What is wrong with the cost of the same run on something, on twice as much and on four times as much.
fn complaint(name: &str, runs: [&Vec<OsString>; 3]) -> Option<String> {
    let mut counted = Vec::new();
    for run in runs {
        counted.push(instructions(run)?);
    }
    // What a run costs at all is in each of the three: only what is added counts.
    let first = counted[1].saturating_sub(counted[0]);
    let second = counted[2].saturating_sub(counted[1]).saturating_sub(SLACK);
    let out = second as f64 > MOST_PER_DOUBLING * first as f64;
    eprintln!("{name}: {:?}: {counted:?}", &runs[0]);
    out.then(|| format!("{name}: {:?}: {counted:?} instructions", runs[0]))
}

/// What is wrong with the cost of one shape.
fn complaints(
    name: &str,
    make: fn(u64) -> Vec<u8>,
    which: impl Fn(&[OsString]) -> bool,
) -> Vec<String> {
    let files = [1, 2, 4].map(|times| temporary(".hprof", &make(times * SMALLEST)));
    let folders = [1, 2, 4].map(|_| tempfile::tempdir().expect("a folder"));
    let all = [0, 1, 2].map(|i| runs(&files[i], folders[i].path()));
    (0..all[0].len())
        .filter(|&i| which(&all[0][i]))
        .filter_map(|i| complaint(name, all.each_ref().map(|runs| &runs[i])))
        .collect()
}

/// Looks at the shapes of which the number is `part` modulo `of`.
#[track_caller]
fn check(part: usize, of: usize, which: impl Fn(&[OsString]) -> bool) {
    let shapes = SHAPES.iter().enumerate().filter(|(i, _)| i % of == part);
    let wrong: Vec<String> = shapes
        .flat_map(|(_, &(name, make))| complaints(name, make, &which))
        .collect();
    assert!(wrong.is_empty(), "out of proportion:\n{}", wrong.join("\n"));
}

/// The report and the tree as text: other commands and formats share what is behind them.
fn usual(run: &[OsString]) -> bool {
    let has = |word: &str| run.iter().any(|it| it == word);
    has("text") && (has("dominators") || has("--waste"))
}

/// A part of the shapes, so that the tests end in minutes.
#[test]
fn twice_the_dump_is_twice_the_work() {
    check(0, 9, usual);
}

/// Lines of evidence: rows of a table, of a log, of metrics, of a class histogram.
#[test]
fn twice_the_evidence_is_twice_the_work() {
    let table = |i: u64| format!("shop-{i}   app   12m   {}Mi\n", 100 + i);
    let log =
        |i: u64| format!("[{i}.012s][info][gc] GC({i}) Pause Young (Normal) 24M->3M(128M) 1.2ms\n");
    let metric = |i: u64| format!("process_resident_memory_bytes{{pod=\"shop-{i}\"}} {i}000000\n");
    let row = |i: u64| {
        format!(
            "{i:4}:  {}  {}  com.acme.C{i}\n",
            900_000 - i,
            9_000_000 - i
        )
    };
    let texts: [(&str, &dyn Fn(u64) -> String); 4] = [
        ("POD NAME CPU(cores) MEMORY(bytes)\n", &table),
        ("", &log),
        ("", &metric),
        (
            " num     #instances         #bytes  class name (module)\n-------------------------------\n",
            &row,
        ),
    ];
    let dump = golden("sample");
    for (heading, line) in texts {
        let files = [1, 2, 4].map(|times| {
            let lines: String = (1..=times * 4 * SMALLEST).map(line).collect();
            // A class histogram without its end is refused.
            let text = match heading.starts_with(" num") {
                true => format!("{heading}{lines}Total  1700000000  9900000000\n"),
                false => format!("{heading}{lines}"),
            };
            temporary(".txt", text.as_bytes())
        });
        let runs = files.each_ref().map(|file| {
            let words = [dump.as_os_str(), "--evidence".as_ref(), file.as_os_str()];
            let words = words.map(OsString::from).to_vec();
            [words, ["--threads".into(), "1".into()].to_vec()].concat()
        });
        let wrong = complaint(&line(1), runs.each_ref());
        assert_eq!(wrong, None);
    }
}

/// Saved reports of many dumps, and one report made into other formats.
#[test]
fn twice_the_reports_are_twice_the_work() {
    let report = run([golden("sample").as_os_str(), "-f".as_ref(), "json".as_ref()]);
    let report = report.succeeded().stdout;
    let folders = [1, 2, 4].map(|times| {
        let folder = tempfile::tempdir().expect("a folder");
        for i in 0..times * SMALLEST / 10 {
            let file = folder.path().join(format!("shop-{i}.json"));
            std::fs::write(file, &report).expect("a report");
        }
        folder
    });
    for format in ["text", "json", "markdown", "jira", "html", "openmetrics"] {
        let runs = folders.each_ref().map(|folder| {
            let words = ["fleet".as_ref(), folder.path().as_os_str()];
            let words = words.map(OsString::from).to_vec();
            let options = ["--threads", "1", "--top", "0", "--format", format];
            [words, options.map(OsString::from).to_vec()].concat()
        });
        assert_eq!(complaint("reports", runs.each_ref()), None);
    }
}

/// All shapes: `cargo test --release -- --ignored every_shape --nocapture` tells what each costs.
#[test]
#[ignore = "takes ten minutes"]
fn twice_the_dump_is_twice_the_work_for_every_shape() {
    check(0, 1, usual);
}

/// All shapes, in every command and format: `cargo test --release -- --ignored every_format`.
#[test]
#[ignore = "takes hours"]
fn twice_the_dump_is_twice_the_work_in_every_format() {
    check(0, 1, |_| true);
}

//! What a run costs grows in proportion to the dump: instructions are counted, not seconds, for shapes of dumps that grow, in every command
//! and format.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use hprof_suspects::report::Format;
use rayon::prelude::*;

use crate::cost_counted::{Counts, counted};
use crate::cost_shapes::SHAPES;
use crate::support::{golden, run, temporary};

/// The smallest size of a shape, in whatever it consists of.
const SMALLEST: u64 = 250;
/// Twice the size may cost so much more: the rest is for hash tables that grow and for logarithms.
const MOST_PER_DOUBLING: f64 = 2.2;
/// Instructions that do not count: what starts once a buffer is full, a table is first made, a thread is used.
const SLACK: u64 = 3_000_000;

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
        for format in ["text", "json", "html"] {
            let show = format!("{object} --top 0 --threads 1 --format {format}");
            let path = format!("{object} --paths 10 --threads 1 --format {format}");
            all.push(run(&["show"], &show));
            all.push(run(&["path"], &path));
        }
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
        let options = format!("--detail full --format {format}");
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

/// A run: its words.
type Run = Vec<OsString>;

/// What is wrong with the cost of the runs that `at` makes for something, for twice as much and for four times as much; with the runs it makes
/// what they read, which is kept as long as they are made.
///
/// A table that grows, or a section that is there from some size on, is a step: a doubling after it is in proportion again. So what is out of
/// proportion is looked at again at twice the size, and once more.
fn complaints<K>(name: &str, at: impl Fn(u64) -> (Vec<Run>, K)) -> Vec<String> {
    let [mut small, mut middle, mut large] = [1, 2, 4].map(&at);
    let mut suspected: Vec<usize> = (0..small.0.len()).collect();
    let mut told = Vec::new();
    for next in [Some(8), Some(16), None] {
        let found = out_of_proportion(name, &suspected, [&small.0, &middle.0, &large.0]);
        (suspected, told) = found.into_iter().unzip();
        let Some(next) = next.filter(|_| !suspected.is_empty()) else {
            break;
        };
        (small, middle, large) = (middle, large, at(next));
    }
    told
}

/// Those of the runs `which` that cost out of proportion to the three sizes, told with what they cost.
fn out_of_proportion(name: &str, which: &[usize], runs: [&[Run]; 3]) -> Vec<(usize, String)> {
    let each: Vec<[&Run; 3]> = which.iter().map(|&i| runs.map(|runs| &runs[i])).collect();
    let counts = counted(&each).unwrap_or_default();
    let all = which.iter().zip(&each).zip(&counts);
    all.filter_map(|((&i, run), counts)| {
        let words: Vec<_> = run[0].iter().map(|word| word.to_string_lossy()).collect();
        let told = format!("{name}: {}: {counts:?} instructions", words.join(" "));
        eprintln!("{told}");
        is_out_of_proportion(counts).then_some((i, told))
    })
    .collect()
}

fn is_out_of_proportion(counts: &Counts) -> bool {
    // What a run costs at all is in each of the three: only what is added counts.
    let first = counts[1].saturating_sub(counts[0]);
    let second = counts[2].saturating_sub(counts[1]).saturating_sub(SLACK);
    second as f64 > MOST_PER_DOUBLING * first as f64
}

#[test]
fn a_square_is_out_of_proportion_and_a_line_is_not() {
    let counts = |cost: fn(u64) -> u64| [1, 2, 4].map(|times| cost(times * SMALLEST));
    assert!(!is_out_of_proportion(&counts(|n| 30_000_000 + n * 100_000)));
    assert!(!is_out_of_proportion(&counts(|n| n
        * n.ilog2() as u64
        * 10_000)));
    assert!(is_out_of_proportion(&counts(|n| 30_000_000 + n * n * 100)));
}

/// What is wrong with the cost of one shape.
fn complaints_of_shape(
    name: &str,
    make: fn(u64) -> Vec<u8>,
    which: impl Fn(&[OsString]) -> bool,
) -> Vec<String> {
    complaints(name, |times| {
        let file = temporary(".hprof", &make(times * SMALLEST));
        let folder = tempfile::tempdir().expect("a folder");
        let mut runs = runs(&file, folder.path());
        runs.retain(|run| which(run));
        (runs, (file, folder))
    })
}

/// What names the shapes to look at, with a comma between them: a run over all of them can be made in parts.
const ONLY_SHAPES: &str = "HPROF_SUSPECTS_SHAPES";

/// Looks at the shapes of which the number is `part` modulo `of`, as many at a time as there are cores.
#[track_caller]
fn check(part: usize, of: usize, which: impl Fn(&[OsString]) -> bool + Sync) {
    check_shapes(|number, _| number % of == part, which);
}

/// Looks at the shapes of which the number and the name are taken.
#[track_caller]
fn check_shapes(
    takes: impl Fn(usize, &str) -> bool + Sync,
    which: impl Fn(&[OsString]) -> bool + Sync,
) {
    let only = std::env::var(ONLY_SHAPES).ok();
    let asked = |name: &str| {
        only.as_ref()
            .is_none_or(|it| it.split(',').any(|it| it == name))
    };
    let shapes = SHAPES.par_iter().enumerate();
    let wrong: Vec<String> = shapes
        .filter(|(i, (name, _))| takes(*i, name) && asked(name))
        .flat_map_iter(|(_, &(name, make))| complaints_of_shape(name, make, &which))
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

/// What cost the square of its size once: one walk for each class, one budget for each object, one width for each cell.
const ONCE_A_SQUARE: [&str; 4] = [
    "lists of a deep class",
    "caches of one array of segments",
    "queues of one chain",
    "threads",
];

#[test]
fn what_was_a_square_once_is_twice_the_work() {
    check_shapes(|_, name| ONCE_A_SQUARE.contains(&name), usual);
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
    // What could begin something that many lines away does not come.
    let number = |i: u64| format!("{i}.5\n");
    let property = |i: u64| format!("MemoryPeak={i}000000\n");
    let collection = |i: u64| format!("{{Heap before GC invocations={i} (full 0):\n");
    let pods = "POD NAME CPU(cores) MEMORY(bytes)\n";
    let histogram = " num     #instances         #bytes  class name (module)\n-------------------------------\n";
    type Text<'a> = (&'a str, &'a dyn Fn(u64) -> String, String);
    let known = || format!("{pods}{}", table(1));
    let texts: [Text<'_>; 7] = [
        (pods, &table, String::new()),
        ("", &log, String::new()),
        ("", &metric, String::new()),
        // Without its end it is refused.
        (
            histogram,
            &row,
            "Total  1700000000  9900000000\n".to_owned(),
        ),
        ("", &number, known()),
        ("", &property, known()),
        ("", &collection, known()),
    ];
    let (_, small) = SHAPES[0];
    let dump = temporary(".hprof", &small(10));
    check_runs("lines", |times| {
        let files = texts.each_ref().map(|(heading, line, end)| {
            let lines: String = (1..=times * SMALLEST).map(line).collect();
            temporary(".txt", format!("{heading}{lines}{end}").as_bytes())
        });
        let run = |file: &Path| {
            let words = [dump.as_os_str(), "--evidence".as_ref(), file.as_os_str()];
            let words = words.map(OsString::from).to_vec();
            [words, ["--threads".into(), "1".into()].to_vec()].concat()
        };
        (files.iter().map(|file| run(file)).collect(), files)
    });
}

/// Runs that `at` makes for some sizes.
#[track_caller]
fn check_runs<K>(name: &str, at: impl Fn(u64) -> (Vec<Run>, K)) {
    let wrong = complaints(name, at);
    assert!(wrong.is_empty(), "out of proportion:\n{}", wrong.join("\n"));
}

/// Class histograms of which every row grew.
#[test]
fn twice_the_rows_are_twice_the_work() {
    check_runs("rows", |times| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files: Run = [1, 2]
            .map(|factor| -> OsString {
                let rows = times * SMALLEST * 8;
                let objects = |i: u64| 100 * factor * (1 + rows - i);
                let lines: String = (1..=rows)
                    .map(|i| format!("{i:4}: {} {}  com.acme.C{i}\n", objects(i), 24 * objects(i)))
                    .collect();
                let all: u64 = (1..=rows).map(objects).sum();
                let heading = " num     #instances         #bytes  class name (module)\n-------\n";
                let text = format!("{heading}{lines}Total {all} {}\n", 24 * all);
                let file = folder.path().join(format!("{factor}.txt"));
                std::fs::write(&file, text).expect("a histogram");
                file.into()
            })
            .into();
        files.extend(["--threads".into(), "1".into()]);
        (vec![files], folder)
    });
}

/// Saved reports of many dumps, and one report made into other formats.
#[test]
fn twice_the_reports_are_twice_the_work() {
    let report = run([golden("sample").as_os_str(), "-f".as_ref(), "json".as_ref()]);
    let report = report.succeeded().stdout;
    check_runs("reports", |times| {
        let folder = tempfile::tempdir().expect("a folder");
        for i in 0..times * SMALLEST / 10 {
            let file = folder.path().join(format!("shop-{i}.json"));
            std::fs::write(file, &report).expect("a report");
        }
        let formats = ["text", "json", "markdown", "jira", "html", "openmetrics"];
        let mut runs: Vec<Run> = formats
            .iter()
            .map(|format| {
                let words = ["fleet".as_ref(), folder.path().as_os_str()];
                let words = words.map(OsString::from).to_vec();
                let options = ["--threads", "1", "--top", "0", "--format", format];
                [words, options.map(OsString::from).to_vec()].concat()
            })
            .collect();
        // The same reports as inputs of one comparison.
        let mut files: Run = std::fs::read_dir(folder.path())
            .expect("a folder")
            .map(|file| file.expect("a file").path().into())
            .collect();
        files.sort();
        files.extend(["--threads", "1", "--detail", "full", "--top", "0"].map(OsString::from));
        runs.push(files);
        (runs, folder)
    });
}

/// A saved report with many suspects, in every format, in a comparison and beside others.
#[test]
fn twice_the_suspects_are_twice_the_work() {
    let report = run([golden("sample").as_os_str(), "-f".as_ref(), "json".as_ref()]);
    let report = report.succeeded().json();
    let suspect = report["suspects"][0].clone();
    assert!(suspect.is_object(), "a suspect");
    let mut asked: Vec<String> = Format::all()
        .map(|format| format!("render REPORT --detail full --format {format}"))
        .collect();
    asked.push("REPORT REPORT --threads 1 --detail full --top 0".to_owned());
    asked.push("fleet REPORT --threads 1 --top 0".to_owned());
    check_runs("suspects", |times| {
        let mut report = report.clone();
        let number = (times * SMALLEST / 5) as usize;
        report["suspects"] = vec![suspect.clone(); number].into();
        let file = temporary(".json", report.to_string().as_bytes());
        let run = |words: &String| -> Run {
            let words = words.split_whitespace().map(|word| match word {
                "REPORT" => file.as_os_str().into(),
                word => OsString::from(word),
            });
            words.collect()
        };
        (asked.iter().map(run).collect(), file)
    });
}

/// All shapes: `cargo test --release -- --ignored every_shape --nocapture` tells what each costs.
#[test]
#[ignore = "takes minutes"]
fn twice_the_dump_is_twice_the_work_for_every_shape() {
    check(0, 1, usual);
}

/// All shapes, in every command and format: `cargo test --release -- --ignored every_format`, some of them with
/// `HPROF_SUSPECTS_SHAPES="classes,threads"` before it.
#[test]
#[ignore = "takes 20 minutes"]
fn twice_the_dump_is_twice_the_work_in_every_format() {
    check(0, 1, |_| true);
}

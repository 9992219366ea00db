//! The first screen of a terminal, and what is the same wherever the report goes: nothing that decides is cut.

use hprof_suspects::report::model::{HeapVerdict, Report};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};
use unicode_width::UnicodeWidthStr;

use crate::report_fixtures;
use crate::support::{golden, program, project, run, run_command};

fn text(report: &Report, options: &RenderOptions) -> String {
    String::from_utf8(render(report, Format::Text, options).expect("renders")).expect("UTF-8")
}

fn terminal(width: usize, rows: usize) -> RenderOptions {
    RenderOptions {
        width,
        rows: Some(rows),
        ..RenderOptions::default()
    }
}

/// The reports of the traced shop with the evidence beside it: a leak, and a sidecar that grew.
fn shops() -> [Report; 2] {
    [
        ("traced-shop-leak", "top-2-app"),
        ("traced-shop", "top-2-sidecar"),
    ]
    .map(|(dump, second)| {
        let evidence = |name: &str| project().join(format!("testdata/evidence/shop/{name}.txt"));
        let mut command = program();
        command
            .arg(golden(dump))
            .args(["--container", "app", "-f", "json"]);
        command.arg("--evidence").arg(evidence("top-1"));
        command.arg("--evidence").arg(evidence(second));
        let json = run_command(&mut command).succeeded();
        hprof_suspects::report::json::parse(&json.stdout).expect("a report")
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_fits_the_terminal_and_its_line_for_the_shell() {
    let mut reports = report_fixtures::all();
    reports.extend(shops().map(|report| ("shop", report)));
    for (name, report) in reports {
        for (width, rows) in [
            (80, 24),
            (80, 10),
            (60, 24),
            (100, 30),
            (140, 50),
            (250, 80),
            (40, 24),
        ] {
            let text = text(&report, &terminal(width, rows));
            assert!(
                text.lines().count() < rows.max(24),
                "{name} at {width} x {rows}:\n{text}"
            );
            let widest = text.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{name} at {width}:\n{text}");
        }
    }
}

/// At 24 rows of 80 columns: the headline, the confidence, the first reason and the first step are whole, and so are the owner's field and the
/// advice.
#[test]
fn what_decides_is_whole_on_the_smallest_screen() {
    for report in shops() {
        let screen = text(&report, &terminal(80, 24));
        let shown = one_line(&screen);
        let units = terminal(80, 24).units();
        let verdict = &report.verdict;
        let mut decisive = vec![
            verdict.headline.written(units),
            format!("confidence {}", verdict.confidence.as_str()),
            verdict.reasons[0].written(units),
            verdict.next_steps[0].written(units),
        ];
        if let Some(suspect) = report.suspects.first() {
            decisive.push(suspect.holder.field.clone().expect("a field"));
            decisive.push(suspect.pattern.as_ref().expect("a pattern").advice.clone());
        }
        for told in decisive {
            assert!(shown.contains(&one_line(&told)), "{told}\n{screen}");
        }
        assert!(
            shown.contains("more: ") && shown.contains("--detail full"),
            "{screen}"
        );
        if report.verdict.heap == HeapVerdict::RuledOut {
            assert!(
                shown.contains("container `fluent-bit` grew 812 MiB"),
                "{screen}"
            );
        }
    }
}

#[test]
fn files_and_pipes_are_never_cut() {
    for report in shops() {
        let whole = text(&report, &RenderOptions::default());
        let shown = one_line(&whole);
        let units = RenderOptions::default().units();
        let verdict = &report.verdict;
        let sentences = verdict.reasons.iter().chain(&verdict.next_steps);
        for sentence in sentences.chain(&verdict.judged_against) {
            let told = one_line(&sentence.written(units));
            assert!(shown.contains(&told), "{told}\n{whole}");
        }
        assert!(!whole.contains('…'), "{whole}");
    }
}

#[test]
fn everything_says_nothing_twice() {
    let options = RenderOptions {
        detail: Detail::Full,
        width: 400,
        ..RenderOptions::default()
    };
    for report in shops() {
        let full = text(&report, &options);
        let mut seen = std::collections::BTreeSet::new();
        // Threads may have the same stack.
        let lines = full
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("at "));
        for line in lines.filter(|line| line.len() > 24) {
            assert!(seen.insert(line), "twice: {line}\n{full}");
        }
        for entry in &report.ledger {
            let source = entry.source.written(options.units());
            let times = full.matches(&source).count();
            assert!(times >= 1, "{source}\n{full}");
        }
    }
}

#[test]
fn classes_begin_with_the_applications_own() {
    let [leak, _] = shops();
    let largest = &leak.classes[0].class;
    assert!(largest.starts_with("java."), "{largest}");
    let text = text(&leak, &RenderOptions::default());
    let (_, after) = text.split_once("TOP CLASSES").expect("the section");
    let first = after.lines().nth(2);
    assert!(
        first.is_some_and(|line| line.contains("com.acme.shop.")),
        "{after}"
    );
}

#[test]
fn a_wide_terminal_is_used() {
    let [leak, _] = shops();
    let widest = |width| {
        let text = text(&leak, &terminal(width, 60));
        text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
    };
    assert!(widest(240) > 161, "{}", widest(240));
}

fn mistake(arguments: &[&str], says: &[&str]) {
    let mut command = program();
    let ran = run_command(command.args(arguments).current_dir(project()));
    assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
    for said in says {
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(ran.text(), "", "{arguments:?}");
}

#[test]
fn mistakes_are_answered_with_what_was_meant() {
    let dump = "testdata/sample.hprof.gz";
    mistake(
        &["histgram"],
        &["no file or command `histgram`", "did you mean `histogram`?"],
    );
    mistake(&["dominator", dump], &["did you mean `dominators`?"]);
    mistake(
        &["--verbose", "histogram", dump],
        &["the command comes first"],
    );
    mistake(&[dump, "--limit", "100"], &["100 bytes", "100MiB"]);
    mistake(&[dump, "--max-memory", "4"], &["4GiB"]);
    mistake(
        &[dump, "-f", "json", "-o", "r.html"],
        &["r.html", "--format says json", "the extension says html"],
    );
    mistake(
        &["histogram", dump, "-f", "json", "-o", "r.tsv"],
        &["--format says json"],
    );
    mistake(
        &[dump, "-f", "json", "-f", "html"],
        &["given twice", "-o report.html -o report.json"],
    );
    mistake(
        &[dump, "--rss", "1GiB", "--rss", "2GiB"],
        &["--rss", "given twice"],
    );
    let unit = run([
        golden("sample").as_os_str(),
        "--limit".as_ref(),
        "4000000B".as_ref(),
    ]);
    assert_eq!(unit.code, Some(0), "{}", unit.stderr);
}

/// A name as `jstack` prints it matches nothing here: digits are masked, and the answer says so.
#[test]
fn masked_names_are_explained() {
    let dump = golden("sample");
    let ran = run([
        "threads".as_ref(),
        dump.as_os_str(),
        "--name".as_ref(),
        "http-nio-8080".as_ref(),
    ])
    .succeeded();
    assert!(ran.stderr.contains("stands for digits"), "{}", ran.stderr);
    let found = run([
        "threads".as_ref(),
        dump.as_os_str(),
        "--name".as_ref(),
        "main".as_ref(),
    ])
    .succeeded();
    assert_eq!(found.stderr, "");
}

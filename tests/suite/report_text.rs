//! Suspects on the terminal: names that people look for are whole, whatever else has to give way.

use hprof_suspects::report::model::{Member, PathStep};
use hprof_suspects::report::{Format, RenderOptions, Report, render};
use unicode_width::UnicodeWidthStr;

use crate::report_fixtures::suspected;
use crate::support::{golden, program, run_command};

fn text(report: &Report, width: usize) -> String {
    // A terminal with many rows: there lines are cut, in files they are not.
    let options = RenderOptions {
        width,
        rows: Some(51),
        ..RenderOptions::default()
    };
    String::from_utf8(render(report, Format::Text, &options).expect("renders")).expect("UTF-8")
}

/// The lines about the first suspect, its numbers first.
fn first_suspect(text: &str) -> Vec<&str> {
    let from = text.lines().skip_while(|line| !line.starts_with(" 1. "));
    let next = |line: &&str| !line.is_empty() && !line.starts_with(" 2. ");
    from.take_while(next).collect()
}

/// What stands behind a label, on however many lines, without spaces.
fn told(lines: &[&str], label: &str) -> String {
    let from = lines
        .iter()
        .skip_while(|line| !line.starts_with(&format!("    {label}")));
    let mut said = String::new();
    for (i, line) in from.enumerate() {
        if i > 0 && !line.starts_with("              ") {
            break;
        }
        said.push_str(line.get(14..).unwrap_or_default());
    }
    said.replace(' ', "")
}

fn with_long_names() -> Report {
    let mut report = suspected();
    let suspect = &mut report.suspects[0];
    suspect.holder.class = "org.apache.spark.storage.memory.MemoryStoreOfTheDriver".to_owned();
    suspect.holder.via = Some("thread \"RemoteBlock-temp-file-clean-thread\"".to_owned());
    suspect.signature = format!(
        "instance_field {}.entries holds org.apache.spark.storage.memory.DeserializedMemoryEntry",
        suspect.holder.class
    );
    suspect.pattern.as_mut().expect("a pattern").advice = "word ".repeat(60);
    let step = suspect.path[1].clone();
    suspect.path.splice(1..1, std::iter::repeat_n(step, 30));
    report
}

#[test]
fn holder_and_signature_are_whole() {
    let report = with_long_names();
    let suspect = &report.suspects[0];
    for width in [100, 140] {
        let text = text(&report, width);
        let lines = first_suspect(&text);
        let signature = told(&lines, "signature");
        assert_eq!(
            signature,
            suspect.signature.replace(' ', ""),
            "{width}: {text}"
        );
        let holder = told(&lines, "held by");
        assert!(holder.contains(&suspect.holder.class), "{width}: {text}");
        assert!(holder.contains("clean-thread"), "{width}: {text}");
    }
}

#[test]
fn no_suspect_takes_more_than_thirteen_lines() {
    // With everything that there may be: whose field it is, and another owner.
    let mut crowded = with_long_names();
    let suspect = &mut crowded.suspects[0];
    let field = format!("com.acme.{}.history", "shop.".repeat(20));
    suspect.holder.via = Some(format!("{field}.Stores.sharedInstance"));
    suspect.shared_with = vec![Member {
        title: field,
        retained_bytes: 5,
        ..Member::default()
    }];
    for report in [with_long_names(), crowded] {
        for width in [40, 60, 80, 100, 140] {
            let text = text(&report, width);
            let lines = first_suspect(&text);
            assert!(lines.len() <= 13, "{width}: {text}");
            assert!(lines.iter().all(|line| line.width() <= width), "{text}");
            // Who holds is named, and in what it is.
            let said = lines.concat().replace(' ', "");
            let named = ["MemoryStoreOfTheDriver", "sharedInstance"];
            let named = named.iter().all(|name| said.contains(name));
            let crowded = !report.suspects[0].shared_with.is_empty();
            assert!(named || !crowded || width < 80, "{width}: {text}");
        }
    }
}

/// The end of a path is where the objects are: its middle is left out, and how much of it.
#[test]
fn a_long_path_keeps_both_ends() {
    let report = with_long_names();
    let suspect = &report.suspects[0];
    let last = suspect.path.last().expect("a step");
    for width in [60, 80, 100] {
        let text = text(&report, width);
        let path = told(&first_suspect(&text), "path");
        let root = suspect.path_root.as_deref().unwrap_or("").replace(' ', "");
        assert!(path.starts_with(&format!("[{root}]")), "{path}");
        assert!(path.contains('…'), "{path}");
        let class = last.class.rsplit('.').next().expect("a name");
        // Where there is room for one of both, the field that is named comes first.
        let both = path.contains(class) && !path.ends_with('…');
        assert!(
            both || path.contains(".CACHE"),
            "{width}: {class} in {path}"
        );
    }
}

/// What is left out of a long path is never the step through the field that is named.
#[test]
fn a_long_path_keeps_the_named_field() {
    let mut report = with_long_names();
    let suspect = &mut report.suspects[0];
    suspect.holder.field = Some("history".to_owned());
    let step = PathStep {
        reference: Some("history".to_owned()),
        class: "com.acme.Log".to_owned(),
        ..suspect.path[1].clone()
    };
    suspect.path.insert(9, step);
    for width in [80, 100] {
        let path = told(&first_suspect(&text(&report, width)), "path");
        assert!(path.contains(".historyLog"), "{width}: {path}");
        assert_eq!(path.matches('…').count(), 2, "{width}: {path}");
    }
}

/// `COLUMNS` is exported by those who mean it; files are as wide as ever.
#[test]
fn the_width_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.txt");
    let ran = run_command(
        program()
            .arg(golden("sample"))
            .args(["-o", "-", "-o"])
            .arg(&file)
            .env("COLUMNS", "60")
            .env("LC_ALL", "C.UTF-8"),
    )
    .succeeded();
    let widest = |text: &str| text.lines().map(UnicodeWidthStr::width).max();
    let shown = widest(&ran.text());
    assert!(Some(50) < shown && shown <= Some(60), "{}", ran.text());
    let written = std::fs::read_to_string(&file).expect("a report");
    assert!(widest(&written) > Some(90), "{written}");
}

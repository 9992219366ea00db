//! Every format over every hand-built report: what it looks like, how large it may be, that names cannot act.

use std::path::PathBuf;

use hprof_suspects::report::{Detail, Format, RenderOptions, Report, json, neutralise, render};
use unicode_width::UnicodeWidthStr;

use crate::report_fixtures;

fn rendered(report: &Report, format: Format, options: &RenderOptions) -> String {
    let bytes = render(report, format, options).expect("renders");
    String::from_utf8(bytes).expect("text formats are UTF-8")
}

fn full() -> RenderOptions {
    RenderOptions {
        detail: Detail::Full,
        ..RenderOptions::default()
    }
}

/// Compares with the committed file; `UPDATE_EXPECTED=1` writes it instead.
fn expect(name: &str, got: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/suite/expected/report")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, got).expect("written");
        return;
    }
    let want =
        std::fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}; UPDATE_EXPECTED=1 writes it"));
    if want == got {
        return;
    }
    let (want, got) = (String::from_utf8_lossy(&want), String::from_utf8_lossy(got));
    let line = want
        .lines()
        .zip(got.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (want.lines().nth(line), got.lines().nth(line));
    panic!(
        "{name} differs at line {}:\n want {a:?}\n  got {b:?}\nUPDATE_EXPECTED=1 accepts it",
        line + 1
    );
}

#[test]
fn text_as_committed() {
    for (name, report) in report_fixtures::all() {
        let text = rendered(&report, Format::Text, &RenderOptions::default());
        expect(&format!("{name}.txt"), text.as_bytes());
    }
    let report = report_fixtures::suspected();
    expect(
        "suspected.full.txt",
        rendered(&report, Format::Text, &full()).as_bytes(),
    );
    let report = report_fixtures::ruled_out();
    expect(
        "ruled_out.full.txt",
        rendered(&report, Format::Text, &full()).as_bytes(),
    );
    let ascii = RenderOptions {
        unicode: false,
        width: 72,
        exact_bytes: true,
        ..RenderOptions::default()
    };
    expect(
        "suspected.ascii.txt",
        rendered(&report_fixtures::suspected(), Format::Text, &ascii).as_bytes(),
    );
}

#[test]
fn text_is_one_screen_at_any_width() {
    for (name, report) in report_fixtures::all() {
        for width in [40, 60, 80, 100, 140] {
            for unicode in [true, false] {
                let text = rendered(
                    &report,
                    Format::Text,
                    &RenderOptions {
                        width,
                        unicode,
                        ..RenderOptions::default()
                    },
                );
                assert!(
                    text.lines().count() <= 50,
                    "{name} at {width}: {} lines",
                    text.lines().count()
                );
                for line in text.lines() {
                    assert!(
                        line.width() <= width,
                        "{name} at {width}: {} columns: {line}",
                        line.width()
                    );
                    assert!(unicode || line.is_ascii(), "{name}: not ASCII: {line}");
                }
            }
        }
    }
}

#[test]
fn colour_only_when_told() {
    let report = report_fixtures::suspected();
    let plain = rendered(&report, Format::Text, &RenderOptions::default());
    let coloured = rendered(
        &report,
        Format::Text,
        &RenderOptions {
            colour: true,
            ..RenderOptions::default()
        },
    );
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn tickets_as_committed_and_small() {
    for (name, report) in report_fixtures::all() {
        let options = RenderOptions::default();
        let markdown = rendered(&report, Format::Markdown, &options);
        assert!(markdown.len() < 10_000, "{name}: {} bytes", markdown.len());
        expect(&format!("{name}.md"), markdown.as_bytes());
        let jira = rendered(&report, Format::Jira, &options);
        assert!(jira.len() < 32_000, "{name}: {} bytes", jira.len());
        expect(&format!("{name}.jira"), jira.as_bytes());
        let whole = rendered(&report, Format::Markdown, &full());
        assert_eq!(
            whole.matches("<details>").count(),
            whole.matches("</details>").count()
        );
        assert!(
            whole
                .lines()
                .next()
                .is_some_and(|line| line.starts_with("Java heap ")),
            "{name}"
        );
    }
    expect(
        "ruled_out.full.md",
        rendered(&report_fixtures::ruled_out(), Format::Markdown, &full()).as_bytes(),
    );
}

//! What `fleet` writes: each format says the same, and names act in none.

use std::fs;
use std::path::Path;

use crate::fleet_support::{MIB, Saved, small_fleet};
use crate::support::{program, run, run_command};

/// `fleet` over `folder` in `format`.
fn written(folder: &Path, format: &str, options: &[&str]) -> String {
    let arguments = [
        "fleet".as_ref(),
        folder.as_os_str(),
        "--format".as_ref(),
        format.as_ref(),
    ];
    let mut command = program();
    command.args(arguments).args(options).env("LC_ALL", "C");
    run_command(&mut command).succeeded().text()
}

#[test]
fn the_text_fits_and_says_what_recurs() {
    let folder = small_fleet();
    let text = written(folder.path(), "text", &[]);
    let first = text.lines().next().expect("a line");
    assert_eq!(
        first,
        "2 causes in 5 dumps of 2 services, 2026-11-01 to 2026-11-04; Java heap 3 suspected, 1 inconclusive, 1 ruled out"
    );
    // Long lines are wrapped.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "3 40 MiB 60 MiB 3 suspected com.acme.Sessions.ALL",
        "com.acme.Sessions.ALL",
        "shop since 1.42 (not in 1.41 before): 3 dumps, 2 pods, 2026-11-02 to 2026-11-03",
        "still grew in 1 of 1 comparison, by at most 40 MiB",
        "signature static_field com.acme.Sessions.ALL holds com.acme.Session",
        "shop / shop-1: 3 dumps",
        "restarted once",
        "com.acme.Sessions.ALL grew: ? -> 20 MiB -> 60 MiB",
        "2 files were not read.",
        "cut.json: not a JSON report, or damaged",
    ] {
        assert!(words.contains(part), "{part}\n{text}");
    }
    // The first line is a title.
    assert!(text.lines().skip(1).all(|line| line.len() <= 104), "{text}");
}

#[test]
fn markdown_and_jira_have_tables() {
    let folder = small_fleet();
    let markdown = written(folder.path(), "markdown", &[]);
    assert!(
        markdown.contains("| dumps | median | largest |"),
        "{markdown}"
    );
    assert!(
        markdown.contains("| 3 | 40 MiB | 60 MiB | 3 suspected | `com.acme.Sessions.ALL` |"),
        "{markdown}"
    );
    let jira = written(folder.path(), "jira", &[]);
    assert!(jira.contains("||dumps||median||largest||"), "{jira}");
    assert!(jira.contains("{{com.acme.Sessions.ALL}}"), "{jira}");
}

/// A timeline and a link for each report; a page beside a report is linked instead of the JSON.
#[test]
fn the_page_has_timelines_and_links_to_the_reports() {
    let folder = small_fleet();
    fs::write(folder.path().join("shop-2.html"), "the page").expect("a page");
    let page = folder.path().join("fleet.html");
    let arguments = [
        "fleet".as_ref(),
        folder.path(),
        "-o".as_ref(),
        page.as_path(),
    ];
    run(arguments).succeeded();
    let html = fs::read_to_string(&page).expect("a page");
    assert_eq!(html.matches("<svg").count(), 2);
    assert_eq!(html.matches("<circle").count(), 6);
    for link in [
        "href=\"a/b/shop-1-b.json\"",
        "href=\"shop-2.html\"",
        "href=\"cart-1.json\"",
    ] {
        assert!(html.contains(link), "{link}\n{html}");
    }
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn metrics_are_openmetrics() {
    let folder = small_fleet();
    let text = written(folder.path(), "openmetrics", &[]);
    assert!(text.ends_with("# EOF\n"));
    let sample = "hprof_suspects_fleet_cause_dumps{cause=\"static_field com.acme.Sessions.ALL holds com.acme.Session\",\
                  service=\"shop\",since_version=\"1.42\"} 3";
    assert!(text.contains(sample), "{text}");
    assert!(
        text.contains("hprof_suspects_fleet_reports_not_read 2\n"),
        "{text}"
    );
    assert!(
        text.contains("hprof_suspects_fleet_verdict_dumps{verdict=\"ruled_out\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("last_seen_timestamp_seconds{") && text.contains(" 1793700000\n"),
        "{text}"
    );
    let mut known: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        let mut words = line.split(' ');
        if line.starts_with("# TYPE ") {
            let name = words.nth(2).expect("a name");
            assert!(!known.contains(&name), "{name} twice");
            known.push(name);
        } else if !line.starts_with('#') {
            // Every sample follows the type of its own family, and is a number.
            let name = line.split(['{', ' ']).next().expect("a name");
            assert_eq!(known.last(), Some(&name), "{line}");
            assert!(
                line.rsplit(' ')
                    .next()
                    .is_some_and(|n| n.parse::<u64>().is_ok()),
                "{line}"
            );
        }
        // The unit ends the name, as the format asks.
        if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').expect("a unit");
            assert!(name.ends_with(&format!("_{unit}")), "{line}");
        }
    }
}

/// Whether a part of Markdown is a link, a picture, or HTML other than that of a folded part.
fn acts(event: &pulldown_cmark::Event<'_>) -> bool {
    use pulldown_cmark::{Event, Tag};
    match event {
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) => true,
        Event::Html(html) | Event::InlineHtml(html) => {
            !html.contains("details") && !html.contains("summary")
        }
        _ => false,
    }
}

/// Whoever names a class, a pod or a file steers no terminal, runs nothing in a browser and formats no ticket.
#[test]
fn names_act_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let hostile = "a\u{1b}[31m<img src=x>|*b*`{code}\"\n\u{202e}";
    Saved::new(hostile, hostile, "2026-11-01T00:00:00Z")
        .version(hostile)
        .suspect(hostile, hostile, hostile, MIB)
        .write(&folder.path().join("javascript:alert(1).json"));
    fs::write(folder.path().join("x\u{1b}[31m.json"), hostile).expect("a file");
    for format in ["text", "json", "markdown", "jira", "html", "openmetrics"] {
        let text = written(folder.path(), format, &[]);
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}'),
            "{format}: {text}"
        );
        if format == "html" {
            assert!(!text.contains("<img"), "{text}");
        }
        if format == "markdown" {
            for event in pulldown_cmark::Parser::new(&text) {
                assert!(!acts(&event), "{event:?} in {text}");
            }
        }
        assert!(!text.contains("\"javascript:"), "{format}: {text}");
    }
}

/// A report that was made with `--show-values` is told.
#[test]
fn shown_values_are_told() {
    let folder = small_fleet();
    let mut saved = Saved::new("shop", "shop-5", "2026-11-05T00:00:00Z");
    saved.0["tool"]["values_shown"] = serde_json::json!(true);
    saved.write(&folder.path().join("shown.json"));
    for format in ["text", "markdown", "html"] {
        assert!(
            written(folder.path(), format, &[]).contains("--show-values"),
            "{format}"
        );
    }
}

#[test]
fn the_reports_are_not_overwritten() {
    let folder = small_fleet();
    let report = folder.path().join("shop-2.json");
    let before = fs::read(&report).expect("a report");
    let run = run([
        "fleet".as_ref(),
        report.as_os_str(),
        "-o".as_ref(),
        report.as_os_str(),
    ]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(fs::read(&report).expect("a report"), before);
}

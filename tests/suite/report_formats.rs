//! Every format over every hand-built report: what it looks like, how large it may be, that names cannot act.

use std::path::PathBuf;

use hprof_suspects::report::model::PathStep;
use hprof_suspects::report::{Detail, Format, RenderOptions, Report, neutralise, render};
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
pub fn expect(name: &str, got: &[u8]) {
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

/// What is too long to be read in a difference, by its hash: a line for each.
pub fn expect_hashes<'b>(name: &str, outputs: impl Iterator<Item = (String, &'b [u8])>) {
    use sha2::{Digest, Sha256};
    let line = |(what, bytes): (String, &[u8])| {
        let hash: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{hash}  {what}\n")
    };
    let lines: String = outputs.map(line).collect();
    expect(name, lines.as_bytes());
}

#[test]
fn every_format_of_every_story_is_as_committed() {
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, report) in report_fixtures::all() {
        for format in Format::all() {
            for (detail, options) in [("default", RenderOptions::default()), ("full", full())] {
                let bytes = render(&report, format, &options).expect("renders");
                outputs.push((format!("{name} {format} {detail}"), bytes));
            }
        }
    }
    let outputs = outputs
        .iter()
        .map(|(what, bytes)| (what.clone(), bytes.as_slice()));
    expect_hashes("stories.sha256", outputs);
}

#[test]
fn text_as_committed() {
    for (name, report) in report_fixtures::all() {
        let text = rendered(&report, Format::Text, &RenderOptions::default());
        if name != "large" {
            expect(&format!("{name}.txt"), text.as_bytes());
        }
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
                        rows: Some(51),
                        unicode,
                        ..RenderOptions::default()
                    },
                );
                let most = 50;
                assert!(
                    text.lines().count() <= most,
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
        if name != "large" {
            expect(&format!("{name}.md"), markdown.as_bytes());
        }
        let jira = rendered(&report, Format::Jira, &options);
        assert!(jira.len() < 32_000, "{name}: {} bytes", jira.len());
        if name != "large" {
            expect(&format!("{name}.jira"), jira.as_bytes());
        }
        let whole = rendered(&report, Format::Markdown, &full());
        let opened = whole
            .lines()
            .filter(|line| line.starts_with("<details>"))
            .count();
        assert_eq!(
            opened,
            whole.lines().filter(|line| *line == "</details>").count()
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

#[test]
fn html_as_committed_and_small() {
    for (name, report) in report_fixtures::all() {
        let html = rendered(&report, Format::Html, &RenderOptions::default());
        assert!(html.len() < 500_000, "{name}: {} bytes", html.len());
        assert!(html.starts_with("<!DOCTYPE html>"), "{name}");
        assert!(
            !html.contains("http://") || name == "hostile",
            "{name}: nothing is loaded from anywhere"
        );
        if name == "suspected" {
            expect(&format!("{name}.html"), html.as_bytes());
        }
    }
}

/// Tree, treemap and the contents of a suspect are pictures without scripts; each table says what it does not have.
#[test]
fn html_has_its_pictures_without_scripts() {
    let report = report_fixtures::suspected();
    let html = rendered(&report, Format::Html, &RenderOptions::default());
    let html = html.replace('\u{a0}', " ");
    let after = |start: &str| {
        let from = html.find(start).unwrap_or_else(|| panic!("no {start}"));
        let picture = &html[from..];
        &picture[..picture.find("</div>").expect("an end")]
    };
    for picture in ["id=\"icicle\"", "id=\"treemap\""] {
        let svg = after(picture);
        assert!(
            svg.contains("role=\"img\" aria-label=\"Dominator tree"),
            "{picture}"
        );
        assert_eq!(svg.matches("<svg x=").count(), 8, "a box for each node");
        assert!(svg.contains(">CACHE: HashMap 63 MiB</text>"), "{svg}");
    }
    assert!(html.contains("aria-label=\"63 MiB by class\""));
    let path = after("class=\"path\"");
    assert!(
        path.contains("aria-label=\"Path from system class with retained sizes: class StaticHashMapCache$UserCache 63 MiB, then .CACHE HashMap 63 MiB, then .table HashMap$Node[] 63 MiB\""),
        "{path}"
    );
    for step in [
        "class StaticHashMapCache$UserCache",
        ".CACHE HashMap",
        ".table HashMap$Node[]",
    ] {
        assert!(path.contains(&format!("y=\"14\">{step}</text>")), "{path}");
    }
    assert_eq!(path.matches("text-anchor=\"end\">63 MiB</text>").count(), 3);
    assert!(html.contains("<title>byte[]: 34 MiB in 300,000 objects</title>"));
    assert!(html.contains("Not listed: 1,425 of 1,428 classes"));
    assert!(html.contains("Not listed: smaller objects, which keep 25 MiB in all"));
}

/// A path of a thousand steps is drawn with both its ends.
#[test]
fn a_long_path_is_drawn_with_both_its_ends() {
    let mut report = report_fixtures::suspected();
    let path = &mut report.suspects[0].path;
    let last = path.pop().expect("a step");
    let step = |number: u64| PathStep {
        reference: Some(format!("next{number}")),
        retained_bytes: 1_000_000 - number,
        ..last.clone()
    };
    path.extend((0..1000).map(step));
    path.push(last.clone());
    let html = rendered(&report, Format::Html, &RenderOptions::default());
    let from = html.find("class=\"path\"").expect("a path");
    let picture = &html[from..][..html[from..].find("<details>").expect("an end")];
    assert_eq!(picture.matches("text-anchor").count(), 16, "{picture}");
    assert!(picture.contains(">… 987 further steps</text>"), "{picture}");
    assert!(picture.contains(".next5 ") && picture.contains(".next993 "));
    assert!(!picture.contains(".next6 ") && !picture.contains(".next992 "));
    assert!(html.len() < 500_000);
}

#[test]
fn names_cannot_act_in_any_text() {
    let report = report_fixtures::hostile();
    for detail in [Detail::Default, Detail::Full] {
        let options = RenderOptions {
            detail,
            ..RenderOptions::default()
        };
        for format in Format::all().filter(|format| !format.is_binary()) {
            let text = rendered(&report, format, &options);
            let harmful = text
                .chars()
                .find(|&c| c != '\n' && neutralise::is_harmful(c));
            assert_eq!(harmful, None, "{format}");
            let longest = text.split(['\n', ' ', '"']).map(str::len).max();
            assert!(
                longest < Some(10_000) || format == Format::Html,
                "{format}: {longest:?}"
            );
        }
        let html = rendered(&report, Format::Html, &options);
        assert!(html.len() < 500_000, "{} bytes", html.len());
        for bad in ["<script>alert", "<img", "</svg>&amp;amp"] {
            assert!(!html.contains(bad), "{bad} in HTML");
        }
        let svg = rendered(&report, Format::Svg, &options);
        assert!(
            !svg.contains("<script>alert") && !svg.contains("<img"),
            "SVG"
        );
        let markdown = rendered(&report, Format::Markdown, &options);
        let acting = markdown_that_acts(&markdown);
        assert!(acting.is_empty(), "{acting:?}");
        let jira = rendered(&report, Format::Jira, &options);
        assert!(!jira.replace("\\{", "").contains("{color"), "Jira");
        assert!(!jira.replace("\\[", "").contains("[x"), "Jira");
        let folded = rendered(&report, Format::Folded, &options);
        for line in folded.lines() {
            let (frames, bytes) = line.rsplit_once(' ').expect("frames and bytes");
            assert!(
                bytes.parse::<u64>().is_ok() && frames.split(';').all(|frame| !frame.is_empty()),
                "{line}"
            );
        }
    }
}

/// A message has to be read in a channel: short, and nothing in it formats, links or mentions.
#[test]
fn messages_for_a_channel_are_short_and_harmless() {
    for (name, report) in report_fixtures::all() {
        for options in [RenderOptions::default(), full()] {
            let message = rendered(&report, Format::Slack, &options);
            let lines = message.lines().count();
            assert!(
                (4..=35).contains(&lines),
                "{name}: {lines} lines\n{message}"
            );
            // What stands in a fixed-width font and in the marks of emphasis does nothing.
            let bare: String = message.split('`').step_by(2).collect();
            for bad in [
                "<!",
                "<http",
                "<@",
                "@here",
                "@everyone",
                "://",
                ":tada:",
                "~",
            ] {
                assert!(!bare.contains(bad), "{name}: {bad} in\n{bare}");
            }
            assert_eq!(message.matches('`').count() % 2, 0, "{name}\n{message}");
        }
    }
    for (name, report) in [
        ("suspected", report_fixtures::suspected()),
        ("ruled_out", report_fixtures::ruled_out()),
    ] {
        let message = rendered(&report, Format::Slack, &RenderOptions::default());
        expect(&format!("{name}.slack"), message.as_bytes());
    }
}

#[test]
fn stacks_add_up_to_the_tree() {
    let report = report_fixtures::suspected();
    let folded = rendered(&report, Format::Folded, &RenderOptions::default());
    expect("suspected.folded", folded.as_bytes());
    let sum: u64 = folded
        .lines()
        .map(|line| {
            line.rsplit(' ')
                .next()
                .expect("bytes")
                .parse::<u64>()
                .expect("number")
        })
        .sum();
    assert_eq!(sum, report.dominator_tree.total_bytes);
    let svg = rendered(&report, Format::Svg, &RenderOptions::default());
    assert!(svg.contains("StaticHashMapCache") && svg.starts_with("<?xml"));
    assert_eq!(
        svg,
        rendered(&report, Format::Svg, &RenderOptions::default()),
        "same report, same bytes"
    );
}

#[test]
fn pprof_decodes_to_the_same_bytes() {
    use hprof_suspects::report::pprof::Profile;
    use prost::Message;
    use std::io::Read;
    let report = report_fixtures::suspected();
    let packed = render(&report, Format::Pprof, &RenderOptions::default()).expect("renders");
    assert_eq!(
        packed,
        render(&report, Format::Pprof, &RenderOptions::default()).expect("renders")
    );
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_end(&mut bytes)
        .expect("gzip");
    let profile = Profile::decode(bytes.as_slice()).expect("a profile");
    let name = |index: i64| profile.string_table[usize::try_from(index).expect("index")].as_str();
    assert_eq!(name(0), "");
    assert_eq!(
        (
            name(profile.sample_type[0].r#type),
            name(profile.sample_type[0].unit)
        ),
        ("inuse_space", "bytes")
    );
    let sum: i64 = profile.sample.iter().map(|sample| sample.value[0]).sum();
    assert_eq!(
        u64::try_from(sum).expect("positive"),
        report.dominator_tree.total_bytes
    );
    let leafs: Vec<&str> = profile
        .sample
        .iter()
        .map(|sample| {
            let location = profile
                .location
                .iter()
                .find(|l| l.id == sample.location_id[0])
                .expect("location");
            let function = profile
                .function
                .iter()
                .find(|f| f.id == location.line[0].function_id)
                .expect("function");
            name(function.name)
        })
        .collect();
    assert!(leafs.contains(&"payload: 150,000 × byte[]"), "{leafs:?}");
}

/// What a GitHub-flavoured Markdown reader would make of names: links, pictures, raw HTML, mentions in running text.
fn markdown_that_acts(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let mut acting = Vec::new();
    for event in Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH,
    ) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let own = html.starts_with("<details><summary>") || html.starts_with("</details>");
                let tags = html.matches('<').count();
                if !own || tags > 4 {
                    acting.push(html.to_string());
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                acting.push(dest_url.to_string())
            }
            Event::Start(Tag::Emphasis | Tag::Strikethrough) => acting.push("emphasis".to_owned()),
            Event::InlineMath(math) | Event::DisplayMath(math) => acting.push(math.to_string()),
            _ => {}
        }
    }
    // The parser knows no mentions and bare links: they must not stand in the source outside code.
    let outside: String = markdown.split('`').step_by(2).collect();
    acting.extend(
        ["@everyone", "http://", " #1 "]
            .iter()
            .filter(|bad| outside.contains(**bad))
            .map(|bad| (*bad).to_owned()),
    );
    acting
}

#[test]
fn the_check_of_markdown_can_fail() {
    for bad in [
        "<img src=x>",
        "[x](http://e)",
        "![x](y)",
        "*b*",
        "hi @everyone",
        "a <b>b</b>",
        "see http://e",
    ] {
        assert!(!markdown_that_acts(bad).is_empty(), "{bad}");
    }
}

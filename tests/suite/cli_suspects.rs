//! `--suspects N`: how many suspects are listed, and how many more are told to be there.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use crate::holders_support::{KB, in_static, payloads};
use crate::support::{run, temporary};
use crate::synth::Heap;

/// Twelve caches of different sizes, each above the floor, and one below.
fn twelve() -> Heap {
    let mut heap = Heap::new();
    for i in 0..13 {
        let n = if i == 12 { 100 } else { 1_500 + 100 * i };
        let list = payloads(&mut heap, &format!("com.acme.Item{i}"), n, KB);
        let list = heap.array_list(&list);
        in_static(&mut heap, &format!("com.acme.Cache{i}"), "ALL", list);
    }
    heap
}

fn told(file: &Path, options: &[&str]) -> String {
    let mut all: Vec<OsString> = vec![file.into()];
    all.extend(options.iter().map(OsString::from));
    run(all).succeeded().text()
}

fn json(file: &Path, options: &[&str]) -> Value {
    let all = [options, &["--format", "json"]].concat();
    serde_json::from_str(&told(file, &all)).expect("JSON")
}

fn holders(json: &Value) -> Vec<String> {
    let suspects = json["suspects"].as_array().expect("a list");
    let class = |suspect: &Value| suspect["holder"]["class"].to_string().replace('"', "");
    suspects.iter().map(class).collect()
}

#[test]
fn five_are_listed_and_the_others_counted() {
    let file = temporary(".hprof", &twelve().write().bytes);
    let five = json(&file, &[]);
    let largest: Vec<String> = (7..12)
        .rev()
        .map(|i| format!("com.acme.Cache{i}"))
        .collect();
    assert_eq!(holders(&five), largest);
    assert_eq!(five["more_suspects"], 7);
    for format in ["text", "markdown", "jira", "html"] {
        for detail in ["default", "full"] {
            let text = told(&file, &["--format", format, "--detail", detail]);
            // The option is code where a format has it.
            let text = text.replace(['\\', '`', '{', '}'], "");
            let text = text.replace("<code>", "").replace("</code>", "");
            assert!(
                text.contains("7 more: --suspects 12"),
                "{format} {detail}: {text}"
            );
        }
    }
}

#[test]
fn all_are_listed_when_asked_for() {
    let file = temporary(".hprof", &twelve().write().bytes);
    let all = json(&file, &["--suspects", "20"]);
    assert_eq!(holders(&all).len(), 12);
    assert_eq!(all["more_suspects"], 0);
    assert_eq!(all["tool"]["options"]["suspects"], "20");
    for format in ["text", "markdown", "jira", "html"] {
        let options = ["--format", format, "--suspects", "12", "--detail", "full"];
        let text = told(&file, &options);
        assert!(!text.contains("more: --suspects"), "{format}: {text}");
        for i in 0..12 {
            assert!(
                text.contains(&format!("com.acme.Cache{i}.ALL")),
                "{format} {i}"
            );
        }
    }
    // In the short report as well, briefly: two lines for each.
    let text = told(&file, &["--suspects", "12"]);
    assert!(text.lines().count() <= 90 + 2 * 7, "{text}");
    let shown = (0..12).filter(|i| text.contains(&format!("com.acme.Cache{i}.ALL")));
    assert!(shown.count() == 12, "{text}");
    let refused = run(["x.hprof", "--suspects", "0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

#[test]
fn how_many_are_listed_does_not_change_the_verdict() {
    let file = temporary(".hprof", &twelve().write().bytes);
    let verdict = json(&file, &[])["verdict"].clone();
    for n in ["1", "3", "12", "65535"] {
        let mut other = json(&file, &["--suspects", n])["verdict"].clone();
        // Which it lists, it lists from.
        other["suspect_floor_bytes"] = verdict["suspect_floor_bytes"].clone();
        assert_eq!(other, verdict, "{n}");
    }
}

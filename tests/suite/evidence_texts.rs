//! Texts as people paste them, with the facts that are in them: `testdata/evidence-texts`, and those in the folder of shared truth.

use std::fs;
use std::path::{Path, PathBuf};

use hprof_suspects::verdict::evidence::{
    Document, Evidence, EvidenceError, read_document, read_file,
};

use crate::support::{project, skipped};

/// A fact that a text states: what, how much, within how much, whose.
#[derive(Default)]
struct Stated {
    what: String,
    value: i64,
    plus_minus: i64,
    keys: Vec<(String, String)>,
}

impl Stated {
    /// Whether a fact is about the same; times to the second.
    fn is_same(&self, fact: &Evidence) -> bool {
        fact.quantity.name() == self.what
            && self
                .keys
                .iter()
                .all(|(key, value)| key_of(fact, key) == *value)
    }

    fn is_near(&self, fact: &Evidence) -> bool {
        (fact.bytes - self.value).abs() <= self.plus_minus.max(1)
    }
}

fn key_of(fact: &Evidence, key: &str) -> String {
    let subject = &fact.subject;
    let value = match key {
        "category" => fact.quantity.category().map(str::to_owned),
        "container" => subject.container.clone(),
        "pod" => subject.pod.clone(),
        "namespace" => subject.namespace.clone(),
        "pid" => subject.pid.clone(),
        "process" => subject.process.clone(),
        "time" => fact.time.map(|time| time.to_string()),
        other => panic!("no such key: {other}"),
    };
    value.unwrap_or_default().replace(' ', "_")
}

/// Why `facts` are not what is stated; nothing when they are.
fn wrong(facts: &[Evidence], stated: &Stated) -> Option<String> {
    let mut same = facts.iter().filter(|fact| stated.is_same(fact)).peekable();
    if same.peek().is_none() {
        return Some(format!("{} {:?} is missing", stated.what, stated.keys));
    }
    (!same.any(|fact| stated.is_near(fact)))
        .then(|| format!("{} is not {}", stated.what, stated.value))
}

fn folder() -> PathBuf {
    project().join("testdata/evidence-texts")
}

/// Checks one line of `expect.tsv`: file, what, value, within, keys.
fn check(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [file, what, value, plus_minus, keys] = cells[..] else {
        panic!("not five cells: {line:?}");
    };
    let read = read_file(&folder().join(file));
    let found = match (what, read) {
        ("refused", Err(error)) => {
            let error = error.to_string().to_lowercase();
            let says = value
                .split('|')
                .any(|word| error.contains(&word.to_lowercase()));
            (!says).then(|| format!("refused, but without {value:?}: {error}"))
        }
        ("refused", Ok(facts)) => Some(format!("taken for evidence: {facts:?}")),
        (_, Err(error)) => Some(error.to_string()),
        ("never", Ok(facts)) => facts
            .iter()
            .find(|fact| fact.quantity.name() == value)
            .map(|fact| format!("{value} is not in the text: {fact:?}")),
        (what, Ok(facts)) => {
            let pair = |key: &str| {
                let (name, value) = key.split_once('=').expect("a key with its value");
                (name.to_owned(), value.to_owned())
            };
            let stated = Stated {
                what: what.to_owned(),
                value: value.parse().expect("a number"),
                plus_minus: plus_minus.parse().expect("a number"),
                keys: keys.split_whitespace().map(pair).collect(),
            };
            wrong(&facts, &stated)
        }
    };
    found.map(|why| format!("{file}: {why}"))
}

#[test]
fn texts_of_many_tools_say_what_is_in_them() {
    let expected = fs::read_to_string(folder().join("expect.tsv")).expect("expect.tsv");
    let failures: Vec<String> = expected.lines().filter_map(check).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(expected.lines().count() > 200);
}

/// The shared texts, by their own list of facts.
#[test]
fn shared_texts_say_what_is_in_them() {
    let folder = project().join("../shared/evidence");
    let Ok(list) = fs::read(folder.join("expect.json")) else {
        return skipped("no shared evidence beside the project");
    };
    let list: serde_json::Value = serde_json::from_slice(&list).expect("JSON");
    let mut failures = Vec::new();
    for entry in list["files"].as_array().expect("files") {
        let file = entry["file"].as_str().expect("a name");
        let read = read_file(&folder.join(file));
        match (entry["not_evidence"] == true, read) {
            (true, Ok(facts)) => failures.push(format!("{file}: taken for evidence: {facts:?}")),
            (true, Err(_)) => {}
            (false, Err(error)) => failures.push(error.to_string()),
            (false, Ok(facts)) => {
                let states = entry["states"].as_array().expect("states");
                let found = states
                    .iter()
                    .filter_map(|state| wrong(&facts, &stated(state)));
                failures.extend(found.map(|why| format!("{file}: {why}")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn stated(state: &serde_json::Value) -> Stated {
    let number = |key: &str| state[key].as_i64();
    let keys = [
        "category",
        "container",
        "pod",
        "namespace",
        "pid",
        "process",
        "time",
    ];
    let pair = |key: &&str| {
        let value = state[*key].as_str()?;
        Some(((*key).to_owned(), value.replace(' ', "_")))
    };
    Stated {
        what: state["what"].as_str().expect("what").to_owned(),
        value: number("value_bytes").or(number("count")).expect("a value"),
        plus_minus: number("plus_minus").unwrap_or(0),
        keys: keys.iter().filter_map(pair).collect(),
    }
}

/// The same texts in the other shapes that they are pasted in.
#[test]
fn pasting_changes_nothing() {
    for entry in fs::read_dir(folder()).expect("texts").flatten() {
        let path = entry.path();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let facts = |text: &str| {
            let read = read_document(&Document::from_bytes(&path, text.as_bytes()), &path);
            let value = |fact: &Evidence| (fact.quantity.clone(), fact.bytes, fact.subject.clone());
            read.ok()
                .map(|facts| facts.iter().map(value).collect::<Vec<_>>())
        };
        let plain = facts(&text);
        let fenced = format!("```\n{text}\n```\n");
        let picked = format!("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\n{text}");
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let coloured = format!("\u{1b}[0m{}\u{1b}[0m", text.replace('\n', "\u{1b}[K\n"));
        for other in [fenced, picked, windows, coloured] {
            // A cut text has no end to put something behind; a quote is one to the end.
            if path.ends_with("nmt-cut.txt") || text.starts_with('>') {
                continue;
            }
            assert_eq!(facts(&other), plain, "{}:\n{other}", path.display());
        }
    }
}

#[test]
fn compressed_and_huge_texts_are_read_in_seconds() {
    let began = std::time::Instant::now();
    let line = "[2026-11-29T08:00:12.787+0000][12.787s][info][gc] GC(0) Pause Young (Normal) 65M->18M(247M) 3.011ms\n";
    let mut text = line.repeat((50 << 20) / line.len());
    text.push_str("[99.120s][info][gc] GC(1) Pause Full (System.gc()) 30M->20M(247M) 3.0ms\n");
    let path = Path::new("gc.log");
    let facts = read_document(&Document::from_bytes(path, text.as_bytes()), path).expect("a log");
    assert!(facts.iter().any(|f| f.quantity.name() == "heap_live"));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn what_is_no_evidence_is_said_without_its_content() {
    let path = Path::new("notes.txt");
    let text = "password=hunter2\n";
    let error = read_document(&Document::from_bytes(path, text.as_bytes()), path);
    let Err(error @ EvidenceError::NotEvidence { .. }) = error else {
        panic!("{error:?}");
    };
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

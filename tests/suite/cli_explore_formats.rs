//! The drill-down commands in the formats of tickets and pages: the same numbers as in text, names neutralised, to files as well.

use std::ffi::OsString;
use std::path::Path;

use crate::support::{Run, golden, run, temporary};
use crate::synth::{Heap, Kind, Root};

const MARKUP: [&str; 3] = ["markdown", "jira", "html"];

fn on(file: &Path, command: &str, arguments: &[&str]) -> Run {
    let mut all: Vec<OsString> = vec![command.into(), file.into()];
    all.extend(arguments.iter().map(OsString::from));
    run(all)
}

fn told(file: &Path, command: &str, arguments: &[&str]) -> String {
    on(file, command, arguments).succeeded().text()
}

fn largest(file: &Path) -> String {
    let json = on(file, "dominators", &["--top", "1", "--format", "json"]);
    let json = json.succeeded().json();
    let address = json["nodes"][0]["object_id"].as_str();
    address.expect("an address").to_owned()
}

/// What a reader sees: no tags, escapes resolved, one space between words; no colons.
fn seen(format: &str, text: &str) -> String {
    let mut text = text.to_owned();
    if format == "html" {
        let body = text.split_once("<main>").expect("a body").1.to_owned();
        text.clear();
        let mut inside = false;
        for c in body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                c if !inside => text.push(c),
                _ => {}
            }
        }
    }
    for (escape, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#64;", "@"),
        ("&#35;", "#"),
        ("&amp;", "&"),
        ("\\", ""),
        ("|", " "),
        ("`", " "),
        ("{{", " "),
        ("}}", " "),
        ("**", " "),
        ("*", " "),
        ("\u{a0}", " "),
        // Facts have one there.
        (":", " "),
    ] {
        text = text.replace(escape, c);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[test]
fn every_line_of_the_text_is_in_each_markup() {
    for name in ["sample", "thread-locals", "class-loaders"] {
        let dump = golden(name);
        let address = largest(&dump);
        let commands: [(&str, &[&str]); 8] = [
            ("path", &[&address]),
            ("show", &[&address]),
            ("dominators", &["--depth", "4", "--top", "3"]),
            ("dominators", &["--by", "package", "--under", &address]),
            ("histogram", &["--top", "30"]),
            ("threads", &["--frames", "0"]),
            ("threads", &["--frames", "1", "--name", "main"]),
            ("estimate", &[]),
        ];
        for (command, arguments) in commands {
            let text = told(&dump, command, arguments);
            let shown: Vec<String> = MARKUP
                .iter()
                .map(|format| {
                    let all = [arguments, &["--format", format]].concat();
                    seen(format, &told(&dump, command, &all))
                })
                .collect();
            for line in text.lines().filter(|line| !line.is_empty()) {
                let line = seen("text", line);
                for (format, shown) in MARKUP.iter().zip(&shown) {
                    // The need of memory changes from run to run.
                    let changes = line.contains("memory") || line.contains("may be used");
                    assert!(
                        shown.contains(&line) || changes,
                        "{command} {arguments:?}, {name} as {format}: no {line:?} in {shown}"
                    );
                }
            }
            for (format, shown) in MARKUP.iter().zip(&shown) {
                let file = dump.file_name().expect("a name").to_string_lossy();
                assert!(shown.contains(&*file), "{format}: {file} in {shown}");
                assert!(shown.contains("hprof-suspects"), "{format}");
            }
        }
    }
}

#[test]
fn tables_are_those_of_each_language() {
    let dump = golden("sample");
    let arguments = ["--class", r"^com\.acme\.shop\.CacheLeak\$Product$"];
    let class = "com.acme.shop.CacheLeak$Product";
    let of = |format| {
        told(
            &dump,
            "histogram",
            &[&arguments[..], &["-f", format]].concat(),
        )
    };
    let markdown = of("md");
    assert!(markdown.starts_with("Class histogram of "), "{markdown}");
    let head =
        "| Retained | Shallow | Objects | Loader | Class |\n| ---: | ---: | ---: | --- | --- |\n";
    assert!(markdown.contains(head), "{markdown}");
    assert!(
        markdown.contains(&format!("| 8,000 | `app` | `{class}` |\n")),
        "{markdown}"
    );
    let jira = of("jira");
    assert!(
        jira.contains("||Retained||Shallow||Objects||Loader||Class||\n"),
        "{jira}"
    );
    assert!(
        jira.contains(&format!("|8,000|{{{{app}}}}|{{{{{class}}}}}|\n")),
        "{jira}"
    );
    let html = of("html");
    let row =
        format!("<td class=\"n\">8,000</td><td><code>app</code></td><td><code>{class}</code></td>");
    assert!(html.contains(&row), "{html}");
    assert!(html.contains("script-src 'none'") && !html.contains("<script"));
    // A tree's indentation survives where spaces at the beginning of a cell do not.
    let tree = told(
        &dump,
        "dominators",
        &["--depth", "2", "--top", "1", "-f", "md"],
    );
    assert!(tree.contains("| \u{a0}\u{a0}`0x"), "{tree}");
}

#[test]
fn answers_go_to_files_by_extension() {
    let dump = golden("sample");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let extensions = ["txt", "json", "tsv", "md", "jira", "html"];
    let names: Vec<String> = extensions.iter().map(|e| file(&format!("a.{e}"))).collect();
    let mut arguments: Vec<&str> = Vec::new();
    for name in &names {
        arguments.extend(["-o", name]);
    }
    let silent = told(&dump, "histogram", &arguments);
    assert_eq!(silent, "", "nothing on standard output");
    for (name, format) in names
        .iter()
        .zip(["text", "json", "tsv", "markdown", "jira", "html"])
    {
        let written = std::fs::read_to_string(name).expect("written");
        let printed = told(&dump, "histogram", &["--format", format]);
        assert!(written == printed, "{format}: the same in a file");
    }
    // Both at once; an extension that is no format's leaves the choice to the option.
    let odd = file("odd.table");
    let both = told(&dump, "histogram", &["-f", "tsv", "-o", &odd, "-o", "-"]);
    assert!(both.starts_with("class\tloader\t"));
    assert_eq!(std::fs::read_to_string(&odd).expect("written"), both);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_dump_is_read() {
    let dump = temporary(".hprof", b"JAVA PROFILE 1.0.2\0broken");
    let path = dump.to_str().expect("a plain path").to_owned();
    for (output, words) in [
        ("/nowhere/a.md", "create the folder"),
        ("a.docx", ".txt .json .tsv .md .jira .html"),
        ("a.svg", ".txt .json .tsv .md .jira .html"),
        (path.as_str(), "no format has this extension"),
    ] {
        let run = on(&dump, "threads", &["-o", output]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{output}: {}", run.stderr);
    }
    let over = on(&dump, "threads", &["-f", "md", "-o", &path]);
    assert!(
        over.stderr.contains("is the dump itself"),
        "{}",
        over.stderr
    );
    assert_eq!(std::fs::read(&dump).expect("still there").len(), 25);
    let refused = on(&dump, "threads", &["--format", "svg"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

#[test]
fn damage_and_values_are_told_in_the_page_itself() {
    let whole = std::fs::read(golden("sample")).expect("a dump");
    let cut = temporary(".hprof", &whole[..whole.len() * 3 / 4]);
    let address = largest(&golden("sample"));
    for format in MARKUP {
        for command in ["histogram", "threads", "dominators"] {
            let shown = seen(format, &told(&cut, command, &["--format", format]));
            assert!(shown.contains("Damaged dump. The answer covers"), "{shown}");
            let whole = seen(format, &told(&golden("sample"), command, &["-f", format]));
            assert!(!whole.contains("Damaged"), "{whole}");
        }
        let arguments = [address.as_str(), "--show-values", "--format", format];
        let shown = seen(format, &told(&golden("sample"), "show", &arguments));
        let banner = "This page shows values from the heap. They may be secret.";
        assert!(shown.contains(banner), "{shown}");
    }
}

/// Markdown without its code spans, in which nothing acts.
fn outside_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[test]
fn hostile_names_do_nothing_in_any_markup() {
    let name = "<img src=x onerror=alert(1)> `|**b**[a](http://e)@all {code} \u{1b}[31m\u{202e}\nx";
    let mut heap = Heap::new();
    let class = heap.class(name).app().field(name, Kind::Object).done();
    let object = heap.instance(class);
    let inner = heap.instance(class);
    heap.set(object, name, inner);
    heap.root(Root::JniGlobal, object);
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let address = format!("{:#x}", written.address(inner));
    let commands: [(&str, &[&str]); 5] = [
        ("path", &[&address]),
        ("show", &[&address]),
        ("dominators", &["--depth", "3", "--top", "0"]),
        ("histogram", &["--top", "0"]),
        ("threads", &[]),
    ];
    for (command, arguments) in commands {
        for format in MARKUP {
            let told = told(&file, command, &[arguments, &["--format", format]].concat());
            let text = told.clone();
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{command} {format}");
            let (acts, text): (&[&str], String) = match format {
                "html" => (&["<img"], text),
                "jira" => (&["{code}", "*b*[", " |http:"], text),
                _ => (&["<img", "[a](", "**b", "@all"], outside_code(&text)),
            };
            for bad in acts {
                let acting = text.replace(&format!("\\{bad}"), "");
                assert!(!acting.contains(bad), "{command} {format}: {bad} in {text}");
            }
            if command != "threads" {
                assert!(told.contains("onerror"), "shown, not acting: {told}");
            }
        }
    }
}

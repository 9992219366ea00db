//! Which module may import which, who may print, and how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::project;

/// Modules that know nothing of the project: everybody may import them.
const LEAVES: &[&str] = &[
    "kept", "labels", "numbers", "packed", "phase", "platform", "sentence",
];

/// The layers from the bytes to the report, and what each may import besides itself and the leaves.
const LAYERS: &[(&str, &[&str])] = &[
    ("input", &[]),
    ("hprof", &[]),
    ("graph", &[]),
    ("heap", &["input", "hprof", "graph"]),
    ("suspects", &["input", "hprof", "graph", "heap"]),
    ("growth", &["input", "hprof", "graph", "heap", "suspects"]),
    (
        "verdict",
        &["input", "hprof", "graph", "heap", "suspects", "growth"],
    ),
    (
        "report",
        &[
            "input", "hprof", "graph", "heap", "suspects", "growth", "verdict",
        ],
    ),
    (
        "analyze",
        &[
            "input", "hprof", "graph", "heap", "suspects", "growth", "verdict", "report",
        ],
    ),
    ("dump", &["input", "heap", "report", "analyze"]),
    ("fleet", &["growth", "verdict", "report"]),
    (
        "export",
        &[
            "input", "hprof", "graph", "heap", "suspects", "growth", "verdict", "report",
            "analyze", "fleet",
        ],
    ),
    ("collect", &["verdict"]),
];

/// The model of the report takes enums and plain data from the layers below; all other files of `src/report` see the model only.
const REPORT_BUILDERS: &[&str] = &["model"];

/// The longest file of the program, in lines.
const MOST_LINES: usize = 500;

/// What only the command line may do.
const OUTPUT: &[&str] = &[
    "print!(",
    "println!(",
    "eprint!(",
    "eprintln!(",
    "dbg!(",
    "process::exit",
    "process::abort",
];

fn is_command_line(module_path: &[String]) -> bool {
    matches!(
        module_path.first().map(String::as_str),
        Some("main" | "cli")
    )
}

/// Every Rust file below `folder`, sorted.
pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `src/hprof/tag.rs` is `[hprof, tag]`, `src/hprof/mod.rs` is `[hprof]`, `src/lib.rs` is empty.
pub fn module_path(file: &Path) -> Vec<String> {
    let relative = file
        .strip_prefix(project().join("src"))
        .expect("a file below src")
        .with_extension("");
    let names = relative
        .iter()
        .map(|part| part.to_str().expect("a plain name").to_owned());
    names
        .filter(|name| name != "mod" && name != "lib")
        .collect()
}

/// The code without comments and without the insides of string literals.
pub fn code_only(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|&c| c != '\n').is_some() {},
            // A quote in a character literal opens no string.
            '\'' => {
                code.push(letter);
                if rest.next_if_eq(&'\\').is_some() || rest.peek() == Some(&'"') {
                    rest.next();
                }
            }
            '"' => {
                while let Some(inner) = rest.next() {
                    match inner {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            other => code.push(other),
        }
    }
    code
}

/// The first names of the paths that follow `prefix`: one, or several in braces.
fn names_after(rest: &str) -> Vec<String> {
    let word = |text: &str| {
        text.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            ',' if depth == 0 => {
                names.push(word(&group[start..at]));
                start = at + 1;
            }
            '}' if depth == 0 => {
                names.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

/// The top-level modules that code in the module `path` names, by `crate::` or by enough `super::`.
fn imports(code: &str, path: &[String]) -> Vec<String> {
    let mut found: Vec<String> = code
        .split("crate::")
        .skip(1)
        .flat_map(names_after)
        .collect();
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        rest = &rest[at..];
        let mut levels = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            rest = after;
            levels += 1;
        }
        if levels >= path.len() {
            found.extend(names_after(rest));
        }
    }
    found
}

/// What is wrong with the imports of one file.
fn wrong_imports(path: &[String], code: &str) -> Vec<String> {
    let Some(layer) = path.first() else {
        return Vec::new();
    };
    let renderer = layer == "report"
        && path
            .get(1)
            .is_some_and(|file| !REPORT_BUILDERS.contains(&file.as_str()));
    let allowed: &[&str] = match LAYERS.iter().find(|(name, _)| name == layer) {
        _ if renderer => &[],
        Some((_, allowed)) => allowed,
        None if LEAVES.contains(&layer.as_str()) => &[],
        // The command line and the index of the library stand above everything.
        None => return Vec::new(),
    };
    let restricted = |name: &String| LAYERS.iter().any(|(layer, _)| layer == name) || name == "cli";
    let wrong =
        |name: &String| restricted(name) && name != layer && !allowed.contains(&name.as_str());
    imports(code, path).into_iter().filter(wrong).collect()
}

#[test]
fn every_layer_imports_only_what_stands_below_it() {
    let mut wrong = Vec::new();
    for file in sources(&project().join("src")) {
        let path = module_path(&file);
        let code = code_only(&fs::read_to_string(&file).expect("a source file"));
        for name in wrong_imports(&path, &code) {
            wrong.push(format!("{}: {name}", file.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "imports against the direction of the layers:\n{}",
        wrong.join("\n")
    );
}

/// Whoever ports the program reads one folder, and `collect`, which is for Linux only.
#[test]
fn only_the_platform_asks_for_the_operating_system() {
    let asks = [
        "cfg(unix)",
        "cfg(not(unix",
        "cfg(windows",
        "target_os",
        "target_env",
        "std::os::",
        "libc::",
        "rustix::",
    ];
    let mut wrong = Vec::new();
    for file in sources(&project().join("src")) {
        let path = module_path(&file);
        if matches!(path[..], [ref layer, ..] if layer == "platform" || layer == "collect") {
            continue;
        }
        let code = code_only(&fs::read_to_string(&file).expect("a source file"));
        for (number, line) in code.lines().enumerate() {
            // Tests inside a module may be for one system.
            if asks.iter().any(|ask| line.contains(ask)) && !line.contains("cfg(all(test") {
                wrong.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_and_exits() {
    let mut wrong = Vec::new();
    for file in sources(&project().join("src")) {
        let code = code_only(&fs::read_to_string(&file).expect("a source file"));
        if is_command_line(&module_path(&file)) {
            continue;
        }
        for (number, line) in code.lines().enumerate() {
            if OUTPUT.iter().any(|call| line.contains(call)) {
                wrong.push(format!(
                    "{}:{}: {}",
                    file.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "library code neither prints nor exits:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_file_is_too_long() {
    let files = sources(&project().join("src")).into_iter();
    let lines = |file: &PathBuf| {
        fs::read_to_string(file)
            .expect("a source file")
            .lines()
            .count()
    };
    let long: Vec<_> = files
        .map(|file| (lines(&file), file))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "over {MOST_LINES} lines: {long:?}");
}

/// The guards themselves: what they must see, and what they must not mistake for it.
#[test]
fn the_guards_see_violations() {
    let path = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let wrong = |names: &[&str], source: &str| wrong_imports(&path(names), &code_only(source));
    assert_eq!(wrong(&["hprof", "tag"], "use crate::heap::Heap;"), ["heap"]);
    assert_eq!(
        wrong(&["hprof", "tag"], "use super::super::graph;"),
        ["graph"]
    );
    assert_eq!(
        wrong(
            &["graph"],
            "use crate::{numbers::Units, hprof::{self, Tag}, heap};"
        ),
        ["hprof", "heap"]
    );
    assert_eq!(
        wrong(&["report", "json"], "let x = crate::suspects::find();"),
        ["suspects"]
    );
    assert_eq!(wrong(&["heap"], "use crate::cli::Arguments;"), ["cli"]);
    assert_eq!(wrong(&["numbers"], "use crate::heap::Heap;"), ["heap"]);
    let fine: [(&[&str], &str); 6] = [
        (
            &["hprof", "tag"],
            "use super::cursor::Cursor; // crate::heap",
        ),
        (
            &["graph"],
            "use crate::numbers::Units; use crate::graph::csr;",
        ),
        (&["report", "model"], "use crate::suspects::Suspect;"),
        (
            &["report", "json"],
            "use super::model::Report; let s = \"crate::heap\";",
        ),
        (
            &["heap", "scan"],
            "use crate::{hprof::Tag, numbers::Units};",
        ),
        (&["cli"], "use crate::report::json;"),
    ];
    for (names, source) in fine {
        assert_eq!(wrong(names, source), Vec::<String>::new(), "{source}");
    }
    let stripped = code_only("a '\"' b // c\n \"x // \\\" y\" d '\\\"' e");
    assert_eq!(stripped, "a '' b \n  d '' e");
}

/// A dump holds secrets: no part of the program opens a connection, and no crate in its lock file is made for that. (`collect` talks to the
/// JVM through a socket of the file system.)
#[test]
fn nothing_opens_the_network() {
    let words = [
        "std::net",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "AF_INET",
    ];
    for file in sources(&project().join("src")) {
        let text = fs::read_to_string(&file).expect("source");
        let found = words.iter().find(|word| text.contains(**word));
        assert_eq!(found, None, "{}", file.display());
    }
    let lock = fs::read_to_string(project().join("Cargo.lock")).expect("Cargo.lock");
    // `socket2` is what tokio has for its sockets: it is in the lock file where that part of tokio is.
    for name in ["socket2", "hyper", "reqwest", "ureq", "curl"] {
        let entry = format!("name = \"{name}\"");
        assert!(!lock.contains(&entry), "{name}");
    }
    // The event loop of the terminal (mio) has code for sockets, which nothing here asks for. Nothing in the program looks up a host.
    let program = fs::read(env!("CARGO_BIN_EXE_hprof-suspects")).expect("the program");
    let found = memchr::memmem::find(&program, b"getaddrinfo");
    assert_eq!(found, None, "getaddrinfo in the program");
    // Names of functions are there to be found.
    let own = memchr::memmem::find(&program, b"hprof_suspects");
    assert!(own.is_some(), "the program has no symbols");
}

/// Pictures of pages are written by one module, which escapes what is in them; the templates and the script have none of their own.
#[test]
fn svg_is_written_in_one_place() {
    let names = [
        "svg", "rect", "text", "circle", "line", "polyline", "path", "g",
    ];
    let mut files = sources(&project().join("src"));
    for folder in ["src/report/html", "src/fleet"] {
        let entries = fs::read_dir(project().join(folder)).expect("a folder");
        let entries = entries.map(|entry| entry.expect("a file").path());
        files.extend(entries.filter(|file| file.extension().is_some_and(|ending| ending != "rs")));
    }
    assert!(files.iter().any(|file| file.ends_with("report.html")));
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let text = &text[..text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len())];
        let tag = names.into_iter().find(|name| {
            let starts = [">", " ", "{"].map(|end| format!("<{name}{end}"));
            starts.iter().any(|start| text.contains(start.as_str()))
        });
        assert_eq!(tag, None, "{} writes SVG", file.display());
    }
}

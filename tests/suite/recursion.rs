//! No function that reads a dump calls itself: how deep it would go is what the dump says, and a stack that is too deep ends the
//! program without a report. Walks over references use lists of their own.
//!
//! What a name means is told by text, so only calls that are sure count: `name(...)`, `Self::name(...)`, `self.name(...)`, and
//! `module::name(...)` where one function alone has the name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::project;

/// The layers that read what a dump holds.
const LAYERS: [&str; 6] = ["hprof", "graph", "heap", "suspects", "verdict", "analyze"];

/// Functions that may, since something other than a dump says how deep they go.
const BOUNDED: &[(&str, &str)] = &[
    // `levels` counts down from a constant: a collection that is made of collections.
    ("suspects/own_collection.rs", "storage_within"),
    // Texts of evidence, not objects: `depth` ends at a constant.
    ("verdict/evidence/formats/yaml.rs", "block"),
    ("verdict/evidence/formats/yaml.rs", "items"),
    // The parser of JSON ends at 128 levels; `read` is here also the name of a variable.
    ("verdict/evidence/formats/json/mod.rs", "number"),
    ("verdict/evidence/formats/json/mod.rs", "shaped"),
];

/// A function: file, name, whether it is called on `self`.
type Function = (PathBuf, String, bool);

/// The text without comments, and without what stands in quotation marks.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let quoted = rest.starts_with('\'') && rest.len() > 2;
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            end_of_text(rest)
        } else if quoted && rest[1..].starts_with('\\') {
            rest[3..].find('\'').map_or(1, |end| end + 4)
        } else if quoted && rest.chars().nth(2) == Some('\'') {
            rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        rest = &rest[length..];
    }
    out
}

/// The length of the text in quotation marks that `rest` begins with.
fn end_of_text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The functions of `text` with their bodies.
fn functions(text: &str) -> Vec<(String, bool, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("fn ") {
        if text[..at].ends_with(is_word) {
            continue;
        }
        let after = &text[at + 3..];
        let name: String = after.chars().take_while(|&c| is_word(c)).collect();
        // A semicolon inside of brackets is that of an array's type.
        let mut brackets = 0;
        let open = after.find(|c| {
            brackets += i32::from(c == '[') - i32::from(c == ']');
            c == '{' || c == ';' && brackets == 0
        });
        let Some(open) = open.filter(|&open| !name.is_empty() && after[open..].starts_with('{'))
        else {
            continue;
        };
        let head = &after[..open];
        let first = head.split(['(', ',', ')']).nth(1).unwrap_or("");
        let on_self = first.split([' ', '&', ':']).any(|word| word == "self");
        let mut depth = 0;
        let end = after[open..].find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        });
        let end = end.map_or(after.len(), |end| open + end);
        found.push((name, on_self, &after[open..end]));
    }
    found
}

/// How a function is called.
enum Call<'t> {
    OnSelf(&'t str),
    Plain(&'t str),
    /// Module and name.
    OfModule(&'t str, &'t str),
}

fn calls(body: &str) -> Vec<Call<'_>> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices('(') {
        let before = &body[..at];
        let start = before.rfind(|c| !is_word(c)).map_or(0, |i| i + 1);
        let (path, name) = before.split_at(start);
        if name.is_empty() || path.ends_with("fn ") {
            continue;
        }
        if path.ends_with("self.") {
            found.push(Call::OnSelf(name));
        } else if path.ends_with("Self::") {
            found.extend([Call::Plain(name), Call::OnSelf(name)]);
        } else if let Some(path) = path.strip_suffix("::") {
            let module = path.rsplit(|c| !is_word(c)).next().unwrap_or("");
            if module.starts_with(|c: char| c.is_ascii_lowercase()) {
                found.push(Call::OfModule(module, name));
            }
        } else if !path.ends_with('.') {
            found.push(Call::Plain(name));
        }
    }
    found
}

/// Whether `file` is that of `module`.
fn is_in(file: &Path, module: &str) -> bool {
    let folder = file.parent().and_then(Path::file_name);
    file.file_stem().is_some_and(|stem| stem == module)
        || file.ends_with("mod.rs") && folder.is_some_and(|folder| folder == module)
}

/// All functions with those that they call.
fn graph(texts: &[(PathBuf, String)]) -> BTreeMap<Function, BTreeSet<Function>> {
    let mut bodies: Vec<(Function, &str)> = Vec::new();
    for (file, text) in texts {
        let all = functions(text).into_iter();
        bodies.extend(all.map(|(name, on_self, body)| ((file.clone(), name, on_self), body)));
    }
    let mut free: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for (function, _) in bodies.iter().filter(|(function, _)| !function.2) {
        free.entry(&function.1).or_default().push(function);
    }
    let known: BTreeSet<&Function> = bodies.iter().map(|(function, _)| function).collect();
    let only = |name: &str| match free.get(name).map(Vec::as_slice) {
        Some([only]) => Some((*only).clone()),
        _ => None,
    };
    let mut graph: BTreeMap<Function, BTreeSet<Function>> = BTreeMap::new();
    for (function, body) in &bodies {
        let here = |name: &str, on_self| {
            let called = (function.0.clone(), name.to_owned(), on_self);
            known.contains(&called).then_some(called)
        };
        let called = calls(body).into_iter().filter_map(|call| match call {
            Call::OnSelf(name) => here(name, true),
            Call::Plain(name) => here(name, false).or_else(|| only(name)),
            Call::OfModule(module, name) => only(name).filter(|called| is_in(&called.0, module)),
        });
        graph.entry(function.clone()).or_default().extend(called);
    }
    graph
}

/// The functions that lead back to themselves.
fn recursive(graph: &BTreeMap<Function, BTreeSet<Function>>) -> Vec<&Function> {
    let leads_back = |start: &&Function| {
        let mut seen: BTreeSet<&Function> = BTreeSet::new();
        let mut waiting: Vec<&Function> = graph[*start].iter().collect();
        while let Some(at) = waiting.pop() {
            if at == *start {
                return true;
            }
            if seen.insert(at) {
                waiting.extend(graph.get(at).into_iter().flatten());
            }
        }
        false
    };
    graph.keys().filter(leads_back).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|end| end == "rs") => found.push(path),
            false => {}
        }
    }
}

#[test]
fn no_function_that_reads_objects_calls_itself() {
    let src = project().join("src");
    let mut files = Vec::new();
    for layer in LAYERS {
        sources(&src.join(layer), &mut files);
    }
    let text = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).expect("text");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
        let file = file.strip_prefix(&src).expect("a source file").to_owned();
        (file, code(text))
    };
    let texts: Vec<(PathBuf, String)> = files.into_iter().map(text).collect();
    let mut graph = graph(&texts);
    assert!(graph.len() > 1000, "{} functions", graph.len());
    // Without those that may, the others that they lead to are no circle.
    graph.retain(|(file, name, _), _| {
        !BOUNDED
            .iter()
            .any(|&(path, bounded)| file == Path::new(path) && name == bounded)
    });
    let found = recursive(&graph);
    assert!(
        found.is_empty(),
        "these call themselves, perhaps by way of others; use a list instead: {found:#?}"
    );
}

#[test]
fn circles_are_found() {
    let text = r#"
        impl A {
            fn depth(&self) -> u32 { match self.above() { Some(a) => a + 1, None => 0 } }
            fn above(&self) -> Option<u32> { /* no */ Some(Self::twice(self.depth())) }
            fn twice(x: u32) -> u32 { 2 * x } // twice(x)
            fn size(&self) -> usize { size("size(") }
        }
        fn size(text: &str) -> usize { text.len() }
        fn walk(n: u32) { if n > 0 { walk(n - 1) } }
        fn list(n: &N) { n.list(); }
    "#;
    let texts = [(PathBuf::from("a.rs"), code(text))];
    let graph = graph(&texts);
    let found = recursive(&graph);
    let names: Vec<&str> = found.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["above", "depth", "walk"]);
}

//! Files of one module import each other in one direction only. What a module hands on (`super::Name`) is not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::layering::{code_only, module_path, sources};
use crate::support::project;

/// A path of modules below the crate.
type Module = Vec<String>;

/// The paths that begin at `crate`, `super` or `self`, groups in braces written out.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                written_out(&code[at..], &[], &mut found);
            }
        }
    }
    found
}

/// Adds the paths at the beginning of `code`, each below `parents`; returns what follows them.
fn written_out<'c>(code: &'c str, parents: &[String], found: &mut Vec<Vec<String>>) -> &'c str {
    let mut path = parents.to_vec();
    let mut rest = code.trim_start();
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        path.extend(Some(name.to_owned()).filter(|name| !name.is_empty()));
        rest = after;
        let Some(below) = rest.strip_prefix("::") else {
            break;
        };
        rest = below;
        if let Some(mut group) = rest.strip_prefix('{') {
            while !group.starts_with('}') && !group.is_empty() {
                group = written_out(group, &path, found);
                let next = group.find([',', '}']).unwrap_or(group.len());
                group = group[next..].trim_start_matches(',').trim_start();
            }
            return group.strip_prefix('}').unwrap_or(group);
        }
    }
    found.push(path);
    rest
}

/// The module of `modules` that `path`, written in the module `from`, leads to.
fn target(path: &[String], from: &[String], modules: &BTreeSet<Module>) -> Module {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let start = match path.first().map(String::as_str) {
        Some("crate") => 0,
        _ => from.len().saturating_sub(ups),
    };
    let mut module = from[..start].to_vec();
    for part in &path[ups.max(usize::from(ups == 0))..] {
        module.push(part.clone());
        if !modules.contains(&module) {
            module.pop();
            break;
        }
    }
    module
}

/// For each module, which of the files and folders in it imports which other one.
fn edges(files: &[(Module, String)]) -> BTreeMap<Module, BTreeSet<(String, String)>> {
    let modules: BTreeSet<Module> = files.iter().map(|(module, _)| module.clone()).collect();
    let mut edges: BTreeMap<Module, BTreeSet<(String, String)>> = BTreeMap::new();
    for (from, code) in files {
        for path in paths(code) {
            let to = target(&path, from, &modules);
            let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(own), Some(other)) = (from.get(same), to.get(same)) {
                let between = edges.entry(from[..same].to_vec()).or_default();
                between.insert((own.clone(), other.clone()));
            }
        }
    }
    edges
}

/// The names that lead back to themselves, those of one circle together.
fn circles(edges: &BTreeSet<(String, String)>) -> BTreeSet<BTreeSet<String>> {
    let reached = |start: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(name) = open.pop() {
            let next = edges.iter().filter(|(from, _)| from == name);
            open.extend(
                next.filter(|(_, to)| reached.insert(to.clone()))
                    .map(|(_, to)| to),
            );
        }
        reached
    };
    let names: BTreeSet<&String> = edges.iter().map(|(from, _)| from).collect();
    let reach: BTreeMap<&String, BTreeSet<String>> =
        names.iter().map(|name| (*name, reached(name))).collect();
    let of = |name: &&String| -> BTreeSet<String> {
        let both = reach
            .iter()
            .filter(|(other, back)| reach[*name].contains(**other) && back.contains(*name));
        both.map(|(other, _)| (*other).clone()).collect()
    };
    let circular = names.iter().filter(|name| reach[**name].contains(**name));
    circular.map(of).collect()
}

/// `module: file, file` for every circle.
fn all_circles(files: &[(Module, String)]) -> Vec<String> {
    let mut all = Vec::new();
    for (module, edges) in edges(files) {
        for circle in circles(&edges) {
            let names: Vec<String> = circle.into_iter().collect();
            all.push(format!("{}: {}", module.join("::"), names.join(", ")));
        }
    }
    all
}

/// Code without the tests at its end.
fn without_tests(code: &str) -> String {
    let code = code_only(code);
    let end = code.find("#[cfg(test)]\nmod tests").unwrap_or(code.len());
    code[..end].to_owned()
}

#[test]
fn files_of_a_module_import_each_other_in_one_direction() {
    let files: Vec<(Module, String)> = sources(&project().join("src"))
        .iter()
        .map(|file| {
            (
                module_path(file),
                fs::read_to_string(file).expect("a source file"),
            )
        })
        .filter(|(module, _)| !module.is_empty())
        .map(|(module, code)| (module, without_tests(&code)))
        .collect();
    assert_eq!(all_circles(&files), Vec::<String>::new());
}

/// The guard itself.
#[test]
fn the_guard_sees_circles() {
    let files = |files: &[(&str, &str)]| -> Vec<(Module, String)> {
        let file = |(module, code): &(&str, &str)| {
            let module = module.split("::").map(str::to_owned).collect();
            (module, without_tests(code))
        };
        files.iter().map(file).collect()
    };
    let circular = files(&[
        ("a", "mod b; mod c; mod d;"),
        ("a::b", "use super::{d::Deep, c::{One, Two}};"),
        ("a::c", "fn f() { super::d::g() }"),
        ("a::d", "use super::super::a::b::Thing;"),
        ("e", "use crate::a::c::One; // crate::e"),
    ]);
    assert_eq!(all_circles(&circular), ["a: b, c, d"]);
    let straight = files(&[
        ("a", "mod b; mod c;"),
        ("a::b", "use super::Name; use self::inner::X;"),
        (
            "a::c",
            "use super::b::One;\n#[cfg(test)]\nmod tests { use crate::a::c::x; }",
        ),
        ("e", "use crate::{a, a::b::One};"),
    ]);
    assert_eq!(all_circles(&straight), Vec::<String>::new());
}

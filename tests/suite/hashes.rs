//! Keys that a file chooses, texts and identifiers, do not go into maps whose hash anybody can compute: chosen ones would all meet in one
//! place, and each look-up would take as long as there are keys.

use std::path::{Path, PathBuf};

use crate::support::project;

/// What keys of maps with such a hash may consist of: numbers that the program gave itself, and words of its own.
const HARMLESS: &[&str] = &[
    "ClassIndex",
    "Kind",
    "LabelId",
    "ObjectIndex",
    "Option",
    "RootKind",
    "SharedKey",
    "bool",
    "static",
    "str",
    "u16",
    "u32",
    "usize",
];
/// How such maps are called.
const MAPS: [&str; 2] = ["FxHashMap<", "FxHashSet<"];

/// The keys of all maps in `text`.
fn keys(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for map in MAPS {
        for (at, _) in text.match_indices(map) {
            let rest = &text[at + map.len()..];
            let mut depth = 0;
            let end = rest.find(|c: char| {
                depth += i32::from("<([".contains(c)) - i32::from(">)]".contains(c));
                depth < 0 || (depth == 0 && c == ',')
            });
            found.push(&rest[..end.unwrap_or(rest.len())]);
        }
    }
    found
}

/// The parts of `key` that a file may choose.
fn chosen(key: &str) -> Vec<&str> {
    let words = key.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words = words.filter(|word| !word.is_empty());
    // A text is the program's own where it lives as long as the program.
    let foreign = key.contains("str") && !key.contains("&'static str");
    words
        .filter(|word| !HARMLESS.contains(word) || (*word == "str" && foreign))
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn keys_of_a_file_are_hashed_with_a_seed() {
    let mut files = Vec::new();
    sources(&project().join("src"), &mut files);
    let mut maps = 0;
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|it| it == "rs"))
    {
        let text = std::fs::read_to_string(file).expect("a source");
        for key in keys(&text) {
            maps += 1;
            assert_eq!(chosen(key), Vec::<&str>::new(), "{}: {key}", file.display());
        }
    }
    assert!(maps > 30, "{maps} maps");
}

#[test]
fn keys_are_found() {
    let text = "a: FxHashMap<(u32, Option<String>), Vec<u64>>, b: FxHashSet<&'static str>, c: FxHashMap<u64, u8>";
    assert_eq!(keys(text), ["(u32, Option<String>)", "u64", "&'static str"]);
    assert_eq!(chosen("(u32, Option<String>)"), ["String"]);
    assert_eq!(chosen("&'static str"), Vec::<&str>::new());
    assert_eq!(chosen("&str"), ["str"]);
}

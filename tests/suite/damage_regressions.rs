//! What fuzzing found once (`fuzz/`) and what it begins with, replayed: `testdata/regressions/TARGET-*` and `fuzz/corpus/TARGET/*`, each
//! file an input of that target.

use std::fs;
use std::path::{Path, PathBuf};

use crate::damage_support::read;
use crate::heap_inputs;
use crate::support::project;
use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::heap::{Compat, LoadOptions, Unobserved, load};
use hprof_suspects::input::{OpenOptions, open};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};
use hprof_suspects::verdict::evidence::{Document, read_source};

/// The fuzz targets that have a corpus of their own; the one for evidence begins with `testdata/evidence-texts`.
const TARGETS: [&str; 6] = [
    "comparison",
    "containers",
    "heap",
    "parse",
    "questions",
    "reports",
];
/// Most bytes of all of it together.
const MOST_CORPUS: u64 = 100_000;

#[test]
fn nothing_that_fuzzing_found_does_harm_again() {
    let found = files(&project().join("testdata/regressions"));
    assert!(!found.is_empty(), "no inputs");
    for path in found {
        let name = path.file_name().expect("a name").to_string_lossy();
        let target = name.split('-').next().unwrap_or_default();
        replay(target, &path);
    }
}

/// The inputs that each target begins with.
#[test]
fn the_corpus_does_no_harm() {
    let corpus = project().join("fuzz/corpus");
    let mut bytes = 0;
    for target in TARGETS {
        let seeds = files(&corpus.join(target));
        assert!(!seeds.is_empty(), "{target} begins with nothing");
        for path in seeds {
            bytes += fs::metadata(&path).expect("a file").len();
            replay(target, &path);
        }
    }
    assert!(bytes < MOST_CORPUS, "{bytes} bytes of corpus");
}

/// The files in `folder`, without what describes them.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_none_or(|extension| extension != "md"))
        .collect()
}

/// What the target does with a file; bytes of dumps go to every format whatever the target was.
fn replay(target: &str, path: &Path) {
    eprintln!("{}", path.display());
    let bytes = fs::read(path).expect("an input");
    let words = heap_inputs::words(&project().join("src"));
    match target {
        "heap" => heap_inputs::heap(words, &bytes),
        "questions" => heap_inputs::questions(words, &bytes),
        "comparison" => heap_inputs::comparison(words, &bytes),
        "evidence" => {
            let document = Document::from_bytes(path, &bytes);
            let _ = read_source(&document, path);
        }
        _ => {
            if let Ok(input) = open(path, &OpenOptions::default(), &|_, _| {}) {
                every_format(input.bytes());
            }
            every_format(&bytes);
        }
    }
}

fn every_format(bytes: &[u8]) {
    let mat = LoadOptions {
        compat: Compat::Mat,
        ..LoadOptions::default()
    };
    drop(load(bytes, mat, &Unobserved));
    let Ok(mut snapshot) = read(bytes) else {
        return;
    };
    for show_values in [false, true] {
        if show_values {
            snapshot.show_values();
        }
        let options = Options {
            waste: show_values,
            ..Options::default()
        };
        let report = analyze(&snapshot, &FileFacts::default(), &options, &Unobserved).report;
        for format in Format::all() {
            let options = RenderOptions {
                detail: Detail::Full,
                ..RenderOptions::default()
            };
            let out = render(&report, format, &options).expect("every report can be written");
            assert!(format.is_binary() || std::str::from_utf8(&out).is_ok());
        }
    }
}

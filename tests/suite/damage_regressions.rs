//! What fuzzing found once (`fuzz/`), replayed: `testdata/regressions/TARGET-*`, each file an input of that target.

use std::fs;

use crate::damage_support::read;
use crate::support::project;
use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::heap::{Compat, LoadOptions, Unobserved, load};
use hprof_suspects::input::{OpenOptions, open};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};

#[test]
fn nothing_that_fuzzing_found_does_harm_again() {
    let folder = project().join("testdata/regressions");
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).expect("testdata/regressions") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        let bytes = fs::read(&path).expect("an input");
        eprintln!("{}", path.display());
        if let Ok(input) = open(&path, &OpenOptions::default(), &|_, _| {}) {
            every_format(input.bytes());
        }
        every_format(&bytes);
        replayed += 1;
    }
    assert!(replayed > 0, "no inputs in {}", folder.display());
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

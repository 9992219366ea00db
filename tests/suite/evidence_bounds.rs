//! Very long evidence: what is kept of it has a bound, and that is said.

use std::path::Path;

use hprof_suspects::verdict::evidence::{Document, SourceFile, read_source};

fn read(text: &str) -> SourceFile {
    let path = Path::new("long.txt");
    let document = Document::from_bytes(path, text.as_bytes());
    read_source(&document, path).expect("evidence")
}

#[test]
fn of_very_many_measurements_the_first_are_kept_and_the_report_says_so() {
    let rows = |text: &str| text.repeat(101_000);
    let pods = "POD NAME CPU(cores) MEMORY(bytes)\n".to_owned();
    for text in [
        pods + &rows("shop-1 app 12m 100Mi\n"),
        rows("shop-app-1: 100MiB / 1GiB\n"),
        rows("==> /sys/fs/cgroup/memory.max <==\n1000000\n"),
    ] {
        let read = read(&text);
        let first = &text[..30];
        assert!(read.facts.len() <= 100_000, "{}: {first}", read.facts.len());
        let cut = read
            .left_out
            .iter()
            .find(|note| note.contains("was not read"));
        let rest = read
            .left_out
            .iter()
            .find(|note| note.contains("not understood"));
        assert!(cut.or(rest).is_some(), "{first}: {:?}", read.left_out);
    }
}

#[test]
fn what_stands_before_the_bound_is_read_as_ever() {
    let text = "shop-1 app 12m 100Mi\n".repeat(55_000);
    let read = read(&text);
    assert_eq!(read.facts.len(), 55_000);
    assert_eq!(read.facts[54_999].source.line, 55_000);
    assert_eq!(read.left_out, [] as [String; 0]);
}

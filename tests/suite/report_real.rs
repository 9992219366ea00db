//! Reports of real dumps: no longer than promised, the same whether saved first or not, for any number of threads and in every run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use unicode_width::UnicodeWidthStr;

use crate::report_formats::{expect, expect_hashes};
use crate::support::{corpus, files_ending, golden, golden_names, project, run};

const EXTENSIONS: [&str; 8] = [
    "txt", "json", "md", "jira", "html", "pb.gz", "folded", "svg",
];

/// Writes a report in every format and gives them back in the order of [`EXTENSIONS`].
fn every_format(arguments: &[OsString]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let files = EXTENSIONS.map(|extension| folder.path().join(format!("report.{extension}")));
    let mut all = arguments.to_vec();
    for file in &files {
        all.extend(["-o".into(), file.into()]);
    }
    run(&all).succeeded();
    files
        .iter()
        .map(|file| std::fs::read(file).expect("a report"))
        .collect()
}

fn words(dump: &Path, options: &[&str]) -> Vec<OsString> {
    let mut all: Vec<OsString> = options.iter().map(OsString::from).collect();
    all.push(dump.into());
    all
}

/// Real dumps without any heap data, which are refused with a message: the disk was full, or the JVM gone, before the first object.
const REFUSED: [&str; 2] = ["disk-full-jdk25.hprof", "killed9-jdk25-par4.hprof"];

/// The golden dumps; the real ones of the corpus as well, where that is at hand.
fn real_dumps() -> Vec<PathBuf> {
    let mut dumps: Vec<PathBuf> = golden_names().iter().map(|name| golden(name)).collect();
    for folder in corpus().iter().flat_map(|corpus| {
        ["leaks", "jvm", "mat", "foreign", "broken/real"].map(|name| corpus.join(name))
    }) {
        dumps.extend(
            files_ending(&folder, &[".hprof", ".hprof.gz"])
                .into_iter()
                .map(|(_, path)| path)
                .filter(|path| !REFUSED.iter().any(|name| path.ends_with(name))),
        );
    }
    dumps
}

fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// The promised sizes of one report, and that its first line can be the title of a ticket.
fn check_sizes(name: &str, formats: &[Vec<u8>]) {
    let [text, json, markdown, jira, html, _, folded, svg] = formats else {
        panic!("{} formats", formats.len());
    };
    let text = as_text(text);
    assert!(
        text.lines().count() <= 120,
        "{name}: {} lines",
        text.lines().count()
    );
    let widest = text.lines().map(UnicodeWidthStr::width).max();
    assert!(widest <= Some(100), "{name}: {widest:?} columns");
    assert!(
        markdown.len() < 10_000,
        "{name}: {} bytes of Markdown",
        markdown.len()
    );
    assert!(
        jira.len() < 32_767,
        "{name}: {} bytes of Jira markup",
        jira.len()
    );
    assert!(html.len() < 500_000, "{name}: {} bytes of HTML", html.len());
    let report: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let headline = report["verdict"]["headline"].as_str().expect("a headline");
    assert!(
        headline.len() < 300 && !headline.contains('\n'),
        "{name}: {headline}"
    );
    for (format, ticket) in [("Markdown", as_text(markdown)), ("Jira", as_text(jira))] {
        let title = ticket.lines().next().expect("a title");
        assert!(title.starts_with("Java heap "), "{name}, {format}: {title}");
        for suspect in report["suspects"]
            .as_array()
            .expect("suspects")
            .iter()
            .take(3)
        {
            // What marks up is escaped; no sign that is escaped is a letter.
            let plain = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric(), "");
            let signature = plain(suspect["signature"].as_str().expect("a signature"));
            let told = plain(&ticket.replace("&#91;", "").replace("&#93;", ""));
            let end = signature.len().saturating_sub(30);
            assert!(
                told.contains(&signature[end..]),
                "{name}, {format}: no {signature}"
            );
        }
    }
    assert!(as_text(svg).starts_with("<?xml"), "{name}");
    let sum: u64 = as_text(folded)
        .lines()
        .map(|line| {
            line.rsplit(' ')
                .next()
                .expect("a number")
                .parse::<u64>()
                .expect("bytes")
        })
        .sum();
    assert_eq!(
        sum,
        report["dominator_tree"]["total_bytes"]
            .as_u64()
            .expect("bytes"),
        "{name}"
    );
}

/// The same formats made from the saved report.
fn rendered(json: &[u8], options: &[&str]) -> Vec<Vec<u8>> {
    let saved = crate::support::temporary(".json", json);
    let mut all: Vec<OsString> = vec!["render".into(), saved.as_os_str().into()];
    all.extend(options.iter().map(OsString::from));
    every_format(&all)
}

fn assert_same(what: &str, direct: &[Vec<u8>], other: &[Vec<u8>]) {
    for ((extension, direct), other) in EXTENSIONS.iter().zip(direct).zip(other) {
        assert!(direct == other, "{what}: report.{extension} differs");
    }
}

#[test]
fn reports_of_real_dumps_are_small_and_render_alike() {
    for dump in real_dumps() {
        let name = dump.display().to_string();
        let direct = every_format(&words(&dump, &[]));
        check_sizes(&name, &direct);
        assert_same(&name, &direct, &rendered(&direct[1], &[]));
    }
}

/// Two real dumps as every format tells them. `UPDATE_EXPECTED=1` accepts what changed.
#[test]
fn real_dumps_as_committed() {
    for name in ["sample", "thread-locals"] {
        // The program names the file that it was given.
        let dump = project().join("testdata").join(format!("{name}.hprof.gz"));
        let formats = every_format(&words(&dump, &[]));
        let full = every_format(&words(&dump, &["--detail", "full"]));
        for (extension, bytes) in EXTENSIONS.iter().zip(&formats) {
            if ["txt", "md", "jira", "folded"].contains(extension) {
                expect(&format!("real-{name}.{extension}"), bytes);
            }
        }
        expect(&format!("real-{name}.full.txt"), &full[0]);
        expect(&format!("real-{name}.full.md"), &full[2]);
        let all = EXTENSIONS
            .iter()
            .zip(&formats)
            .map(|(e, bytes)| (format!("{e} default"), bytes.as_slice()));
        let all_full = EXTENSIONS
            .iter()
            .zip(&full)
            .map(|(e, bytes)| (format!("{e} full"), bytes.as_slice()));
        expect_hashes(&format!("real-{name}.sha256"), all.chain(all_full));
    }
}

#[test]
fn saved_reports_render_alike_with_every_option() {
    let mut dumps = vec![golden("thread-locals"), golden("planted-secrets")];
    if let Some(corpus) = corpus() {
        dumps.push(corpus.join("leaks/classloader_leak.hprof"));
        dumps.push(corpus.join("mat/oracle_jdk8_05_x64.hprof"));
    }
    let evidence = project().join("testdata/evidence/kubectl_top.txt");
    let evidence = evidence.to_str().expect("a plain path");
    let content: [&[&str]; 3] = [
        &["--waste", "--top", "7", "--show-values"],
        &["--compat", "mat", "--top", "300"],
        &[
            "--evidence",
            evidence,
            "--rss",
            "900MiB",
            "--growth",
            "300MiB",
            "--threshold",
            "holder-of-max=30%",
        ],
    ];
    let look: [&[&str]; 3] = [
        &["--detail", "full"],
        &["--bytes"],
        &["--detail", "full", "--bytes"],
    ];
    for dump in &dumps {
        for (content, look) in content
            .iter()
            .flat_map(|content| look.map(|look| (content, look)))
        {
            let direct = every_format(&words(dump, &[*content, look].concat()));
            let what = format!("{} {content:?} {look:?}", dump.display());
            assert_same(&what, &direct, &rendered(&direct[1], look));
        }
    }
}

#[test]
fn the_same_bytes_in_every_run_and_for_any_number_of_threads() {
    for name in ["sample", "thread-locals", "planted-secrets"] {
        let options = ["--detail", "full", "--waste", "--top", "50"];
        let first = every_format(&words(&golden(name), &options));
        for threads in ["1", "2", "7"] {
            let again = every_format(&words(
                &golden(name),
                &[&options[..], &["--threads", threads]].concat(),
            ));
            assert_same(&format!("{name}, {threads} threads"), &first, &again);
        }
    }
}

/// Words one space apart, wherever lines were broken.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No rounded size is left in a text that was asked for exact ones, and no exact one is made up.
#[test]
fn exact_bytes_everywhere_when_asked_for() {
    let mut dumps: Vec<PathBuf> = [
        "sample",
        "direct-buffers",
        "planted-secrets",
        "traced-shop-leak",
    ]
    .map(golden)
    .into();
    if let Some(corpus) = corpus() {
        dumps.extend(
            [
                "leaks/direct_buffer.hprof",
                "leaks/otel_benign_native.hprof",
                "mat/oracle_jdk7_75_x64_directmemory.hprof",
            ]
            .map(|name| corpus.join(name)),
        );
    }
    for dump in dumps {
        for detail in ["default", "full"] {
            let options = [
                "--detail",
                detail,
                "--bytes",
                "--rss",
                "912680551",
                "--growth",
                "301989888",
                "--limit",
                "1073741825",
                "--waste",
            ];
            let formats = every_format(&words(&dump, &options));
            for (extension, bytes) in EXTENSIONS
                .iter()
                .zip(&formats)
                .filter(|(e, _)| ["txt", "md", "jira"].contains(*e))
            {
                let text = as_text(bytes);
                let rounded = text
                    .lines()
                    .find(|line| ["KiB", "MiB", "GiB"].iter().any(|unit| line.contains(unit)));
                assert_eq!(rounded, None, "{} {detail} {extension}", dump.display());
                assert!(
                    unwrapped(text).contains("912,680,551 B"),
                    "{} {detail} {extension}",
                    dump.display()
                );
            }
            let report: serde_json::Value = serde_json::from_slice(&formats[1]).expect("JSON");
            // Live is what any kind of reference reaches.
            let live: u64 = ["strong", "soft", "weak", "final", "phantom"]
                .iter()
                .map(|strength| report["heap"][strength]["bytes"].as_u64().expect("bytes"))
                .sum();
            // What hangs on references that a dump does not record is live as well.
            let hidden = report["heap"]["no_path"]["bytes"].as_u64().expect("bytes");
            let title = unwrapped(as_text(&formats[0]));
            let shown = title
                .split(" B live")
                .next()
                .and_then(|before| before.rsplit(' ').next());
            let shown: u64 = shown
                .expect("a size")
                .replace(',', "")
                .parse()
                .expect("bytes");
            assert!((live..=live + hidden).contains(&shown), "{title}");
            // What other programs read is the same with and without.
            let headline = report["verdict"]["headline"].as_str().expect("a headline");
            assert!(headline.contains("iB live"), "{headline}");
        }
    }
}

//! The HTML report in a real browser (`tests/browser/report.mjs`), where Chromium, Node.js and the script's packages are.

use std::path::{Path, PathBuf};
use std::process::Command;

use hprof_suspects::report::{Format, RenderOptions, render};

use crate::report_fixtures;
use crate::support::{corpus, golden, run};

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// A leak, an innocent program, an OutOfMemoryError, a damaged dump; more of the corpus where that is at hand.
fn real_dumps(folder: &Path) -> Vec<(String, PathBuf)> {
    let names = [
        "sample",
        "bounded-queue",
        "out-of-memory",
        "thread-locals",
        "class-loaders",
    ];
    let mut dumps: Vec<(String, PathBuf)> =
        names.map(|name| (name.to_owned(), golden(name))).into();
    let whole = std::fs::read(golden("sample")).expect("a dump");
    let cut = folder.join("cut.hprof");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("written");
    dumps.push(("cut".to_owned(), cut));
    if let Some(corpus) = corpus() {
        for name in [
            "leaks/classloader_leak",
            "leaks/healthy_control",
            "leaks/thread_leak",
            "foreign/android-leak_service_binder",
            "mat/oracle_jdk8_05_x64",
            "broken/real/killed9-jdk17",
        ] {
            let short = name.rsplit('/').next().unwrap_or(name);
            dumps.push((short.to_owned(), corpus.join(format!("{name}.hprof"))));
        }
    }
    dumps
}

#[test]
fn html_works_in_a_browser() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let (Some(chromium), Some(node)) = (
        program(&["chromium", "chromium-browser", "google-chrome"]),
        program(&["node"]),
    ) else {
        eprintln!(
            "SKIPPED html_works_in_a_browser: needs chromium and node (apt-get install chromium nodejs npm)"
        );
        return;
    };
    if !scripts.join("node_modules/playwright-core").is_dir() {
        eprintln!("SKIPPED html_works_in_a_browser: needs `npm ci --prefix tests/browser`");
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    for (name, report) in report_fixtures::all() {
        for (extension, format) in [
            ("html", Format::Html),
            ("svg", Format::Svg),
            ("folded", Format::Folded),
            ("pb.gz", Format::Pprof),
        ] {
            let bytes = render(&report, format, &RenderOptions::default()).expect("renders");
            std::fs::write(folder.path().join(format!("{name}.{extension}")), bytes)
                .expect("written");
        }
    }
    for (name, dump) in real_dumps(folder.path()) {
        let page = folder.path().join(format!("real-{name}.html"));
        // More rows than a table begins with.
        let options = ["--top", "40", "-o"].map(std::ffi::OsStr::new);
        run([&[dump.as_os_str()], &options[..], &[page.as_os_str()]].concat()).succeeded();
    }
    let (earlier, later) = (golden("bounded-queue"), golden("sample"));
    let compared = folder.path().join("real-compared.html");
    let names = [&earlier, &later].map(|dump| dump.as_os_str());
    run([&names[..], &["-o".as_ref(), compared.as_os_str()]].concat()).succeeded();
    let mut command = Command::new(node);
    command
        .arg(scripts.join("report.mjs"))
        .arg(chromium)
        .arg(folder.path());
    // Where to leave screenshots for people to look at.
    command.args(std::env::var_os("REPORT_SCREENSHOTS"));
    let output = command.output().expect("node runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
}

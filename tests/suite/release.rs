//! What a release is made of: the metadata, the packed crate, and what `release/generate` makes of `release/release.toml`. The artifacts
//! themselves are built and tried by `release/check`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::support::{project, skipped};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `None` where there is no Python that reads TOML.
fn generate(arguments: &[&str]) -> Option<Output> {
    let works = Command::new("python3")
        .args(["-c", "import tomllib"])
        .output();
    if !works.is_ok_and(|done| done.status.success()) {
        skipped("no Python 3.11");
        return None;
    }
    let done = Command::new("python3")
        .arg(project().join("release/generate"))
        .args(arguments)
        .output();
    Some(done.expect("python3"))
}

fn text(done: &Output) -> &str {
    assert!(done.status.success(), "{done:?}");
    std::str::from_utf8(&done.stdout).expect("UTF-8")
}

#[test]
fn the_workflows_are_as_generated() {
    let Some(done) = generate(&["workflows", "--check"]) else {
        return;
    };
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn the_version_is_in_the_changelog_with_its_date() {
    let changelog = fs::read_to_string(project().join("CHANGELOG.md")).expect("CHANGELOG.md");
    let heading = format!("## [{VERSION}] - ");
    let line = changelog.lines().find(|line| line.starts_with(&heading));
    let date = &line.expect("a heading for this version")[heading.len()..];
    let parts: Vec<usize> = date.split('-').map(str::len).collect();
    assert_eq!(parts, [4, 2, 2], "{date}");
}

#[test]
fn the_crate_says_where_it_is_from() {
    for value in [
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_HOMEPAGE"),
        env!("CARGO_PKG_DESCRIPTION"),
        env!("CARGO_PKG_LICENSE"),
        env!("CARGO_PKG_RUST_VERSION"),
    ] {
        assert!(!value.is_empty());
    }
    let readme = fs::read_to_string(project().join("README.md")).expect("README.md");
    assert!(readme.contains(concat!(
        "Rust ",
        env!("CARGO_PKG_RUST_VERSION"),
        " or later"
    )));
}

/// No test data but the example's dump, no scripts of the project's machines, and everything that the sources include.
#[test]
fn the_packed_crate_is_small() {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(project())
        .output()
        .expect("cargo");
    let files: Vec<&str> = text(&listed).lines().collect();
    let size = |file: &&str| fs::metadata(project().join(file)).map_or(0, |meta| meta.len());
    let total: u64 = files.iter().map(size).sum();
    assert!(total < 6 << 20, "{total} bytes");
    let kept = |file: &&&str| file.starts_with("testdata") || file.starts_with("tests");
    assert_eq!(
        files.iter().filter(kept).collect::<Vec<_>>(),
        [&"testdata/sample.hprof.gz"]
    );
    for file in ["build.rs", "src/report/html/report.css", "LICENSE-MIT"] {
        assert!(files.contains(&file), "{file}");
    }
}

/// Made-up archives in a folder: what the formula and the manifest say of them.
fn archives(folder: &Path) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for (target, content) in [
        ("x86_64-unknown-linux-musl", "one"),
        ("aarch64-apple-darwin", "two"),
    ] {
        let name = format!("hprof-suspects-{VERSION}-{target}.tar.gz");
        fs::write(folder.join(&name), content).expect("writable");
        made.push((name, hex(content)));
    }
    let plugin = format!("kubectl-suspects-{VERSION}.tar.gz");
    fs::write(folder.join(plugin), "three").expect("writable");
    made
}

fn hex(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_formula_names_each_archive_with_its_sum() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let made = archives(folder.path());
    let path = folder.path().to_str().expect("UTF-8");
    let Some(done) = generate(&["formula", path]) else {
        return;
    };
    let formula = text(&done);
    for (name, sum) in &made {
        let place = formula.find(name.as_str()).expect(name);
        assert!(formula[place..].contains(sum.as_str()), "{sum}: {formula}");
    }
    let macos = formula.find("on_macos").expect("macOS");
    assert!(formula[macos..].contains("on_arm"), "{formula}");
    assert!(
        !formula.contains('@'),
        "a place that was not filled: {formula}"
    );
}

#[test]
fn the_krew_manifest_has_an_entry_for_each_system_with_the_plugins_sum() {
    let folder = tempfile::tempdir().expect("temporary folder");
    archives(folder.path());
    let path = folder.path().to_str().expect("UTF-8");
    let Some(done) = generate(&["krew", path]) else {
        return;
    };
    let manifest = text(&done);
    assert_eq!(manifest.matches(&hex("three")).count(), 2, "{manifest}");
    for entry in [
        "os: linux\n          arch: amd64",
        "os: darwin\n          arch: arm64",
    ] {
        assert!(manifest.contains(entry), "{manifest}");
    }
    assert!(
        manifest.contains(&format!("version: v{VERSION}")),
        "{manifest}"
    );
}

//! What the project says of its dependencies, and what CI does with them, is there.

use std::fs;

use crate::support::project;

fn text(file: &str) -> String {
    fs::read_to_string(project().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Bindings to what an operating system or a browser has; no C code is built for them.
const OF_SYSTEMS: [&str; 4] = [
    "core-foundation-sys",
    "js-sys",
    "linux-raw-sys",
    "windows-sys",
];

#[test]
fn c_code_that_is_built_is_named_with_its_reason() {
    let (lock, security) = (text("Cargo.lock"), text("SECURITY.md"));
    let names = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix("-sys\""));
    let mut built = 0;
    for name in names.filter(|name| !OF_SYSTEMS.contains(&format!("{name}-sys").as_str())) {
        let row = format!("(crate `{name}`, built from its source)");
        assert!(
            security.contains(&row),
            "{name} is not named in SECURITY.md"
        );
        built += 1;
    }
    assert!(built > 0);
}

#[test]
fn ci_checks_licences_sources_and_versions_and_fuzzes() {
    let ci = text(".ci/run");
    assert!(ci.contains("step cargo deny check licenses bans sources"));
    assert!(ci.contains("step fuzz/run 300"));
    let deny = text("deny.toml");
    for part in [
        "[licenses]",
        "multiple-versions = \"deny\"",
        "unknown-registry = \"deny\"",
        "unknown-git = \"deny\"",
    ] {
        assert!(deny.contains(part), "{part}");
    }
}

/// A target that no build names is not run.
#[test]
fn every_fuzz_target_is_built() {
    let manifest = text("fuzz/Cargo.toml");
    let targets = fs::read_dir(project().join("fuzz/fuzz_targets")).expect("targets");
    let mut found = 0;
    for target in targets {
        let file = target
            .expect("a file")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            manifest.contains(&format!("\"fuzz_targets/{file}\"")),
            "{file}"
        );
        found += 1;
    }
    assert!(found >= 7, "{found}");
}

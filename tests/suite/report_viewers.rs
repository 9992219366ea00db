//! Other people's readers open what is written for them. Speedscope is in `report_browser`.

use std::path::PathBuf;
use std::process::Command;

use crate::growth_support::{compared, dump, growth, store};
use crate::support::{golden, run, skipped};

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// `go tool pprof` reads the profile: the sum is that of the tree, and the holder is among the functions.
#[test]
fn go_tool_pprof_reads_the_profile() {
    let Some(go) = on_path("go") else {
        return skipped("needs Go (apt-get install golang-go)");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (profile, json) = (
        folder.path().join("heap.pb.gz"),
        folder.path().join("heap.json"),
    );
    run([
        golden("sample").as_os_str(),
        "-o".as_ref(),
        profile.as_os_str(),
        "-o".as_ref(),
        json.as_os_str(),
    ])
    .succeeded();
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(json).expect("a report")).expect("JSON");
    let pprof = |words: &[&str]| {
        let mut command = Command::new(&go);
        command.args(["tool", "pprof"]).args(words).arg(&profile);
        // It wants a home for its cache.
        command
            .env("HOME", folder.path())
            .env("PPROF_TMPDIR", folder.path());
        let output = command.output().expect("go runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).expect("text")
    };
    let raw = pprof(&["-raw"]);
    assert!(raw.contains("PeriodType: inuse_space bytes"), "{raw}");
    let samples = raw.split_once("Samples:\n").expect("samples").1;
    let samples = samples.split_once("Locations\n").expect("locations").0;
    let sum: u64 = samples
        .lines()
        .filter_map(|line| line.split_once(": ")?.0.trim().parse::<u64>().ok())
        .sum();
    assert_eq!(
        Some(sum),
        report["dominator_tree"]["total_bytes"].as_u64(),
        "{samples}"
    );
    let top = pprof(&["-top", "-cum", "-unit=B"]);
    let line = top
        .lines()
        .find(|line| line.ends_with("static PRODUCTS: java.util.HashMap"))
        .unwrap_or_else(|| panic!("{top}"));
    let retained = report["suspects"][0]["retained_bytes"]
        .as_u64()
        .expect("bytes");
    assert!(line.contains(&format!("{retained}B")), "{line}");
}

/// `go tool pprof` reads the difference of two dumps as with `-diff_base`: what did not change is nothing, what grew is what is left.
#[test]
fn go_tool_pprof_reads_a_difference() {
    let Some(go) = on_path("go") else {
        return skipped("needs Go (apt-get install golang-go)");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("growth.pb.gz");
    let dumps = [3_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let out = profile.to_str().expect("a plain path");
    compared(&dumps, &["-o", out]).succeeded();
    let told = growth(&dumps);
    let output = Command::new(&go)
        .args(["tool", "pprof", "-top", "-cum", "-unit=B", out])
        .env("HOME", folder.path())
        .env("PPROF_TMPDIR", folder.path())
        .output()
        .expect("go runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let top = String::from_utf8(output.stdout).expect("text");
    let line = |name: &str| top.lines().find(|line| line.ends_with(name)).unwrap_or("");
    let grew = told["holders"][0]["grew_bytes"].as_i64().expect("bytes");
    assert!(
        line("com.acme.Store.ORDERS").contains(&format!("{grew}B")),
        "{top}"
    );
    let constant = line("com.acme.Table.RATES").split_whitespace().nth(3);
    assert!(constant.is_none_or(|cumulated| cumulated == "0"), "{top}");
}

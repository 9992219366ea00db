//! Series of real dumps whose truth is known: the owners have the same names in all dumps of a program.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;

use crate::growth_support::{compared, grown};
use crate::support::{project, read_text, skipped};

/// The folder with the series, unpacked by the script beside them; `None` where they are not at hand.
fn series() -> Option<(PathBuf, Json)> {
    let shared = project().join("../shared");
    let expected = shared.join("series/expect.json");
    let script = Command::new(shared.join("tools/series.sh")).output();
    let folder = script
        .ok()
        .filter(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    match folder.filter(|_| expected.exists()) {
        Some(folder) => Some((
            folder,
            serde_json::from_str(&read_text(&expected)).expect("JSON"),
        )),
        None => {
            skipped("the series are not at hand");
            None
        }
    }
}

#[test]
fn planted_owners_grew_and_no_others() {
    let Some((folder, expected)) = series() else {
        return;
    };
    for case in expected.as_array().expect("a list") {
        let files: Vec<PathBuf> = case["files"]
            .as_array()
            .expect("files")
            .iter()
            .map(|file| folder.join(file.as_str().expect("a name")))
            .collect();
        let report = compared(&files, &["--format", "json"]).succeeded().json();
        let headline = report["verdict"]["headline"].as_str().expect("a headline");
        for innocent in case["must_not_accuse"].as_array().expect("a list") {
            let name = innocent.as_str().expect("a name");
            assert!(!headline.contains(name), "{}: {headline}", case["series"]);
        }
        let growth = &report["growth"];
        let planted: BTreeSet<String> = case["grew"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| {
                row["holder"]
                    .as_str()
                    .expect("a name")
                    .trim_start_matches("thread ")
                    .to_owned()
            })
            .collect();
        let found: BTreeSet<String> = grown(growth).into_iter().collect();
        assert_eq!(found, planted, "{}: {}", case["series"], growth["holders"]);
    }
}

//! Answers about damaged dumps look like any other: each command says on standard error that its dump is damaged.

use std::ffi::OsString;
use std::path::Path;

use crate::support::{Run, golden, run, temporary};

fn on(file: &Path, command: &str, arguments: &[&str]) -> Run {
    let mut all: Vec<OsString> = vec![command.into(), file.into()];
    all.extend(arguments.iter().map(OsString::from));
    run(all)
}

fn some_address(file: &Path) -> String {
    let json = on(file, "dominators", &["--top", "1", "--format", "json"]);
    let json = json.succeeded().json();
    let address = json["nodes"][0]["object_id"].as_str();
    address.expect("an address").to_owned()
}

#[test]
fn every_command_tells_that_its_dump_is_damaged() {
    let whole = std::fs::read(golden("sample")).expect("a dump");
    let cut = temporary(".hprof", &whole[..whole.len() * 3 / 4]);
    let whole = golden("sample");
    for (file, damaged) in [(cut.as_ref() as &Path, true), (&whole, false)] {
        let address = some_address(file);
        let commands: [(&str, &[&str]); 6] = [
            ("path", &[&address]),
            ("show", &[&address]),
            ("dominators", &[]),
            ("histogram", &[]),
            ("threads", &[]),
            ("objects", &[]),
        ];
        for (command, arguments) in commands {
            let answer = on(file, command, arguments).succeeded();
            let lines = answer.stderr.lines().count();
            assert_eq!(lines, usize::from(damaged), "{command}: {}", answer.stderr);
            assert_eq!(answer.stderr.contains("DAMAGED"), damaged);
            let strict = on(file, command, &[arguments, &["--strict"]].concat());
            assert_eq!(strict.code, Some(i32::from(damaged)), "{command}");
            assert!(strict.stdout == answer.stdout, "{command}: all the same");
            // Lists have no room for it.
            if !matches!(command, "threads" | "objects") {
                let json = on(file, command, &[arguments, &["--format", "json"]].concat());
                assert_eq!(json.json()["complete"], !damaged, "{command}");
            }
        }
    }
}

//! The README and docs/verdict.md agree with the program: sessions are real outputs, tables are what the program does.

use crate::support::{program, project, run, run_command};

fn readme() -> String {
    std::fs::read_to_string(project().join("README.md")).expect("README.md")
}

fn verdict() -> String {
    std::fs::read_to_string(project().join("docs/verdict.md")).expect("docs/verdict.md")
}

/// The command after `$ ` of each session, and the lines under it.
fn sessions(readme: &str) -> Vec<(String, String)> {
    let blocks = readme.split("```console\n").skip(1);
    let session = |block: &str| {
        let block = block.split("```").next().unwrap_or_default();
        let (command, output) = block.split_once('\n').expect("a command and its output");
        (command.to_owned(), output.to_owned())
    };
    blocks.map(session).collect()
}

/// As many lines of the report as `expected` has before its last one, which stands for the rest.
fn beginning(report: &str, expected: &str) -> String {
    let lines = expected.lines().count().saturating_sub(1);
    let shown: Vec<&str> = report.lines().take(lines).chain(["..."]).collect();
    shown.join("\n") + "\n"
}

/// `UPDATE_EXPECTED=1` writes them anew.
#[test]
fn the_sessions_are_real_reports() {
    let mut readme = readme();
    let sessions = sessions(&readme);
    assert_eq!(sessions.len(), 2);
    for ((command, expected), verdict) in sessions.iter().zip(["SUSPECTED", "RULED OUT"]) {
        let arguments = command
            .strip_prefix("$ hprof-suspects ")
            .unwrap_or_else(|| panic!("no command: {command}"));
        let mut program = program();
        program
            .args(arguments.split_whitespace())
            .current_dir(project())
            .env("LC_ALL", "C.UTF-8");
        let report = run_command(&mut program).succeeded().text();
        let shown = beginning(&report, expected);
        assert!(
            shown.starts_with(&format!("Java heap {verdict}")),
            "{shown}"
        );
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            let (old, new) = (
                format!("{command}\n{expected}"),
                format!("{command}\n{shown}"),
            );
            readme = readme.replacen(&old, &new, 1);
        } else {
            assert_eq!(&shown, expected, "UPDATE_EXPECTED=1 writes README.md anew");
        }
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(project().join("README.md"), readme).expect("README.md");
    }
}

#[test]
fn the_readme_is_short() {
    let lines = readme().lines().count();
    assert!(lines <= 245, "{lines} lines");
}

/// Who sends a report knows what is in it.
#[test]
fn the_section_on_privacy_names_what_a_report_holds() {
    let readme = readme();
    let section = readme.split("\n## Privacy\n").nth(1).expect("the section");
    let section = section
        .split("\n## ")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    for part in [
        "classes, fields, methods and source files",
        "threads, class loaders and web applications",
        "logins",
        "memory flags",
    ] {
        assert!(section.contains(part), "{part}");
    }
}

/// `docs/verdict.md` has the rules word by word, in their order, and the value of every threshold that they name.
#[test]
fn the_documented_table_is_the_table() {
    use hprof_suspects::verdict::decision::{RULES, Thresholds};
    let docs = verdict();
    let rows: Vec<String> = RULES
        .iter()
        .enumerate()
        .map(|(i, rule)| {
            let outcome = rule.heap.as_str().replace('_', " ");
            format!(
                "| {} | `{}` | {outcome} | {} | {} |",
                i + 1,
                rule.id,
                rule.confidence,
                rule.when
            )
        })
        .collect();
    let table = rows.join("\n");
    assert!(docs.contains(&table), "docs/verdict.md needs:\n{table}");
    for name in Thresholds::names().split(", ") {
        assert!(docs.contains(&format!("`{name}`")), "missing: {name}");
    }
}

/// The table of thresholds has every one of them, with the default of the program.
#[test]
fn the_thresholds_are_those_of_the_program() {
    use hprof_suspects::verdict::decision::Thresholds;
    let verdict = verdict();
    let (_, table) = verdict
        .split_once("| threshold | default |")
        .expect("the table");
    let rows: Vec<(&str, String)> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`'), cells[2].replace(' ', ""))
        })
        .collect();
    let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    let (mut listed, known) = (names.clone(), Thresholds::names());
    let mut known: Vec<&str> = known.split(", ").collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
    let mut read = Thresholds::default();
    for name in &names {
        // Something else first, so that the table's value counts.
        let shares = ["nearly-full", "dominating", "fits", "others-growth"];
        let other = if name.contains("-of-") || shares.contains(name) {
            "99%"
        } else {
            "1B"
        };
        read.set(&format!("{name}={other}")).expect(name);
    }
    assert_ne!(read, Thresholds::default());
    for (name, value) in &rows {
        read.set(&format!("{name}={value}")).expect(name);
    }
    assert_eq!(read, Thresholds::default());
}

/// Every threshold, command, format and option of the program is explained.
#[test]
fn nothing_of_the_command_line_is_missing() {
    let (readme, verdict) = (readme(), verdict());
    let thresholds = hprof_suspects::verdict::decision::Thresholds::names();
    for name in thresholds.split(", ") {
        assert!(verdict.contains(&format!("`{name}`")), "threshold {name}");
    }
    let help = run(["--help"]).succeeded().text();
    let options = help
        .split_whitespace()
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()));
    for option in options {
        assert!(readme.contains(option), "option {option}");
    }
    let (_, commands) = help.split_once("Commands:").expect("commands");
    let commands = commands
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty());
    for line in commands.filter(|line| !line.starts_with("    ")) {
        let name = line.split_whitespace().next().expect("a name");
        assert!(name == "help" || readme.contains(name), "command {name}");
    }
}

/// The table of exit codes lists the codes of the program, each once.
#[test]
fn the_exit_codes_are_those_of_the_program() {
    use hprof_suspects::cli::exit::Exit;
    let readme = readme();
    let (_, table) = readme
        .split_once("| exit code | meaning |")
        .expect("the table");
    let codes: Vec<u8> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let program = [
        Exit::Analysed,
        Exit::Failed,
        Exit::Usage,
        Exit::GateExceeded,
    ];
    assert_eq!(codes, program.map(|exit| exit as u8));
}

/// Links into the project lead somewhere.
#[test]
fn links_lead_somewhere() {
    for file in ["README.md", "CHANGELOG.md"] {
        let text = std::fs::read_to_string(project().join(file)).expect(file);
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                assert!(project().join(target).exists(), "{file}: {target}");
            }
        }
    }
}

//! The README tells the truth: its first screen is what the program says, its tables are what the program does.

use crate::support::{program, project, run, run_command};

fn readme() -> String {
    std::fs::read_to_string(project().join("README.md")).expect("README.md")
}

/// The command after `$ ` and the lines under it, of the first block that is a session.
fn first_screen(readme: &str) -> (String, String) {
    let block = readme.split("```").nth(1).expect("a block");
    let block = block.split_once('\n').expect("lines").1;
    let (command, output) = block.split_once('\n').expect("a command and its output");
    (command.to_owned(), output.to_owned())
}

/// `UPDATE_EXPECTED=1` writes it anew.
#[test]
fn the_first_screen_is_a_real_report() {
    let readme = readme();
    let (command, expected) = first_screen(&readme);
    let arguments = command
        .strip_prefix("$ hprof-suspects ")
        .unwrap_or_else(|| panic!("no command: {command}"));
    let mut program = program();
    program
        .args(arguments.split_whitespace())
        .current_dir(project())
        .env("LC_ALL", "C.UTF-8");
    let shown = run_command(&mut program).succeeded().text();
    if std::env::var_os("UPDATE_EXPECTED").is_some() && shown != expected {
        let new = readme.replacen(&expected, &shown, 1);
        return std::fs::write(project().join("README.md"), new).expect("README.md");
    }
    assert_eq!(shown, expected, "UPDATE_EXPECTED=1 writes README.md anew");
}

/// The table of thresholds has every one of them, with the default of the program.
#[test]
fn the_thresholds_are_those_of_the_program() {
    use hprof_suspects::verdict::decision::Thresholds;
    let docs = std::fs::read_to_string(project().join("docs/verdict.md")).expect("verdict.md");
    let (_, table) = docs
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

/// Every command, format and option of the program is explained.
#[test]
fn nothing_of_the_command_line_is_missing() {
    let readme = readme();
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

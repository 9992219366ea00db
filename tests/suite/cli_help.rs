//! Help: every command tells examples that it takes, only options that it has, and every format; completions and manual page are
//! read by those they are for.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{program, run, run_command, skipped};

const COMMANDS: [&str; 16] = [
    "path",
    "show",
    "dominators",
    "histogram",
    "threads",
    "explore",
    "mcp",
    "objects",
    "estimate",
    "collect",
    "export",
    "fleet",
    "render",
    "completions",
    "man",
    "schema",
];

fn help(command: &str) -> String {
    run([command, "--help"]).succeeded().text()
}

/// Words of an example as a shell would take them: quotes kept together, nothing behind a pipe or an arrow.
fn words(example: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in example.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            '|' | '>' if !quoted => break,
            c => words.last_mut().expect("a word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_examples_of_every_command_are_taken() {
    for command in COMMANDS {
        let help = help(command);
        let examples: Vec<&str> = help
            .split_once("Examples:")
            .unwrap_or_else(|| panic!("{command}: {help}"))
            .1
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("hprof-suspects "))
            .collect();
        let own = examples.iter().filter(|e| e.starts_with(command));
        assert!(own.count() >= 1, "{command}: {examples:?}");
        for example in examples {
            // Nothing is collected from whatever process 1 is here; no file is there.
            let words = words(example);
            let words = words
                .iter()
                .map(|word| if word == "1" { "4000000000" } else { word });
            let folder = tempfile::tempdir().expect("a folder");
            let tried = run_command(program().args(words).current_dir(folder.path()));
            assert_ne!(tried.code, Some(2), "{example}: {}", tried.stderr);
        }
    }
}

#[test]
fn options_are_told_where_they_do_something() {
    for command in ["collect", "render", "completions", "man", "schema"] {
        let help = help(command);
        assert!(!help.contains("--max-memory"), "{command}: {help}");
        let refused = run([command, "x", "--no-mmap"]);
        assert_eq!(refused.code, Some(2), "{command}");
    }
    assert!(help("histogram").contains("--max-memory"));
}

#[test]
fn formats_are_told_and_a_wrong_one_is_answered_with_them() {
    for help in [run(["--help"]).succeeded().text(), help("render")] {
        for format in ["markdown:", "jira:", "pprof:", "svg:"] {
            assert!(help.contains(format), "{format} in {help}");
        }
    }
    let wrong = run(["heap.hprof", "--format", "markdwon"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong
            .stderr
            .contains("text, json, markdown, jira, slack, html")
            && wrong.stderr.contains("a similar value exists: 'markdown'"),
        "{}",
        wrong.stderr
    );
    let short = run(["/no/such.hprof", "--format", "md"]);
    assert_eq!(short.code, Some(1), "{}", short.stderr);
}

#[test]
fn a_misspelt_command_or_an_option_before_it_is_explained() {
    for words in [
        ["--verbose", "histogram", "heap.hprof"].as_slice(),
        &["hisotgram", "heap.hprof"],
    ] {
        let wrong = run(words);
        assert_eq!(wrong.code, Some(2));
        assert!(
            wrong.stderr.contains("hprof-suspects COMMAND DUMP")
                && wrong.stderr.contains("histogram, threads")
                && !wrong.stderr.contains("subcommand"),
            "{words:?}: {}",
            wrong.stderr
        );
    }
}

#[test]
fn what_cannot_be_rendered_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.json");
    std::fs::write(&other, "JAVA PROFILE").expect("written");
    for (name, says) in [
        (folder.path().join("missing.json"), "no such file"),
        (folder.path().to_owned(), "a folder"),
        (other, "hprof-suspects DUMP -o report.json"),
    ] {
        let refused = run(["render".as_ref(), name.as_os_str()]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
        assert!(!refused.stderr.contains("os error"), "{}", refused.stderr);
    }
}

/// What `name` says to `text` on its standard input; `None` where there is no such program.
fn reader(name: &str, options: &[&str], text: &str) -> Option<(bool, String, String)> {
    let mut child = Command::new(name)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut pipe = child.stdin.take()?;
    let text = text.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let _ = writer.join();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

#[test]
fn shells_read_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(["completions", shell]).succeeded().text();
        for word in ["markdown", "folded", "--max-memory"] {
            assert!(
                script.contains(word.trim_start_matches('-')),
                "{word} for {shell}"
            );
        }
        match reader(shell, &["-n", "/dev/stdin"], &script) {
            Some((ok, _, errors)) => assert!(ok && errors.is_empty(), "{shell}: {errors}"),
            None => skipped(&format!("needs {shell}")),
        }
    }
}

/// One page with every command; its examples can be copied line by line.
#[test]
fn the_manual_page_has_every_command_and_whole_examples() {
    let page = run(["man"]).succeeded().text();
    assert!(
        !page.contains("(1)\n") || !page.contains("suspects-path(1)"),
        "{page}"
    );
    let Some((ok, shown, errors)) = reader("groff", &["-man", "-Tascii", "-ww", "-P-c"], &page)
    else {
        return skipped("needs groff");
    };
    assert!(ok && errors.is_empty(), "{errors}");
    // Bold letters are struck twice.
    let letters: Vec<char> = shown.chars().collect();
    let shown: String = letters
        .iter()
        .enumerate()
        .filter(|(i, c)| **c != '\u{8}' && letters.get(i + 1) != Some(&'\u{8}'))
        .map(|(_, c)| *c)
        .collect();
    for command in COMMANDS {
        let heading = format!("COMMAND: {}", command.to_uppercase());
        assert!(shown.contains(&heading), "{heading} in {shown}");
    }
    for example in [
        "hprof-suspects heap.hprof --rss 1.9GiB --limit 2GiB --growth 800MiB",
        "hprof-suspects histogram heap.hprof --class '^com\\.acme\\.' --sort objects",
    ] {
        assert!(
            shown.lines().any(|line| line.trim() == example),
            "{example} in {shown}"
        );
    }
}

/// What bash offers behind `words`, of which the last is the one to complete.
fn offered(script: &str, words: &[&str]) -> Option<Vec<String>> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let [.., before, last] = &quoted[..] else {
        return None;
    };
    let driven = format!(
        "{script}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n\
         f=$(complete -p hprof-suspects | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n\
         $f hprof-suspects {last} {before}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        quoted.join(" "),
        words.len() - 1,
    );
    let (ok, offered, errors) = reader("bash", &["--norc", "--noprofile"], &driven)?;
    assert!(ok && errors.is_empty(), "{errors}");
    Some(offered.lines().map(str::to_owned).collect())
}

/// The function is called as bash calls it: a script without mistakes may still offer nothing.
#[test]
fn bash_completes_every_command() {
    let script = run(["completions", "bash"]).succeeded().text();
    let Some(commands) = offered(&script, &["hprof-suspects", ""]) else {
        return skipped("needs bash");
    };
    for command in COMMANDS {
        assert!(commands.iter().any(|word| word == command), "{command}");
        let options = offered(&script, &["hprof-suspects", command, "--"]).expect("bash");
        let help = help(command);
        let first = help
            .split_whitespace()
            .find(|word| word.starts_with("--"))
            .expect("an option");
        let first = first.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        assert!(
            options.iter().any(|word| word == first),
            "{command} {first}: {options:?}"
        );
    }
    let values = offered(&script, &["hprof-suspects", "dominators", "--by", ""]);
    assert_eq!(values.expect("bash"), ["class", "loader", "package"]);
}

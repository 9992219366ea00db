//! What is said to arguments that make no sense, so that the next try does.

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};

use super::command_line::Args;

/// How alike a word must be to the name of a command, from 0 to 1.
const ALIKE: f64 = 0.8;

/// What to say where the first of the names is no file but may be a command that is misspelt.
pub fn no_command(args: &Args) -> Option<String> {
    let first = args.dumps.first().filter(|_| args.command.is_none())?;
    let text = first.to_string_lossy();
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '-';
    if text == "-" || !text.chars().all(is_word) || first.exists() {
        return None;
    }
    let meant = commands()
        .map(|name| {
            (
                strsim::jaro_winkler(&text.to_ascii_lowercase(), &name),
                name,
            )
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match meant {
        Some((_, name)) => Some(one_dump_or_a_command(Some((text.as_ref(), name.as_str())))),
        None => (args.dumps.len() > 1).then(|| one_dump_or_a_command(None)),
    }
}

/// What to say of an option that may be given once.
pub fn twice(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let option = text(ContextKind::InvalidArg)?;
    let is_repeated = text(ContextKind::PriorArg) == Some(option) && option.starts_with('-');
    let how = match option.starts_with("--format") {
        true => "; for several formats name a file for each: -o report.html -o report.json",
        false => "",
    };
    is_repeated.then(|| {
        format!("error: {option} is given twice{how}\n\nFor more information, try '--help'.")
    })
}

/// What the program expects; with a word that is no command, and the command that it is most like.
pub fn one_dump_or_a_command(meant: Option<(&str, &str)>) -> String {
    let names: Vec<String> = commands().collect();
    let found = match meant {
        Some((word, name)) if word == name => {
            format!("the command comes first: `hprof-suspects {name} ...`\n\nExpected")
        }
        Some((word, name)) => {
            format!("there is no file or command `{word}`; did you mean `{name}`?\n\nExpected")
        }
        None => "expected".to_owned(),
    };
    format!(
        "error: {found} dumps, or a command followed by its dump and options\n\n  \
         hprof-suspects DUMP... [OPTIONS]\n  hprof-suspects COMMAND DUMP [OPTIONS]\n\n\
         Commands: {}\n\nFor more information, try '--help'.",
        names.join(", ")
    )
}

fn commands() -> impl Iterator<Item = String> {
    let command = Args::command();
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter()
}

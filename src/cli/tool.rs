//! Commands about the program itself: completions, manual page, schema.

use std::io::Write;

use clap::CommandFactory;

use super::command_line::Args;
use super::exit::{Exit, Failure};

/// Prints the completions for `shell`.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "hprof-suspects", &mut text);
    if shell == clap_complete::Shell::Bash {
        text = same_names(&String::from_utf8_lossy(&text)).into_bytes();
    }
    print(&text)
}

/// The script for bash with one spelling of each command. That of clap_complete (4.6.11) takes the dash of the program's name for the
/// boundary to a subcommand, but only in the labels that its loop should lead to: no subcommand was ever completed.
fn same_names(script: &str) -> String {
    script.replace("hprof__subcmd__suspects", "hprof__suspects")
}

/// Prints the manual page: all commands on one page, since there is one file to install.
pub fn man() -> Result<Exit, Failure> {
    let mut command = Args::command();
    command.build();
    let mut text = examples_as_they_are(&page(&command)?);
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        text.push_str(&section(sub)?);
    }
    print(text.as_bytes())
}

fn page(command: &clap::Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    // There are no pages of their own to refer to.
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(text
        .replace("hprof\\-suspects\\-", "hprof\\-suspects ")
        .replace("(1)", ""))
}

/// Usage, options and examples of one command, below a heading with its name.
fn section(command: &clap::Command) -> Result<String, Failure> {
    let man = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if let Some(examples) = command.get_after_help() {
        let lines = examples
            .to_string()
            .replace('\\', "\\e")
            .replace('-', "\\-");
        text.push_str(&format!(".SH EXAMPLES\n.nf\n{lines}\n.fi\n"));
    }
    let heading = format!(".SH \"COMMAND: {}\"\n", command.get_name().to_uppercase());
    Ok(heading + &text.replace(".SH ", ".SS "))
}

/// The page with its examples line by line: a command that is broken cannot be copied.
fn examples_as_they_are(page: &str) -> String {
    match page.split_once(".SH EXTRA\n") {
        Some((before, after)) => {
            let (examples, rest) = after.split_once("\n.SH ").unwrap_or((after, ""));
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!(".SH {rest}")
            };
            format!("{before}.SH EXAMPLES\n.nf\n{examples}\n.fi\n{rest}")
        }
        None => page.to_owned(),
    }
}

/// Prints the JSON Schema of the JSON report.
pub fn schema() -> Result<Exit, Failure> {
    let schema = crate::report::json::schema();
    let schema = schema.map_err(|error| Failure::Other(error.to_string()))?;
    print(schema.as_bytes())
}

fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(Exit::Analysed)
}

//! The command line: arguments, progress, exit codes, one file for each command.
//!
//! This and `main` are the only places that print or end the process.

pub mod allocator;
pub mod args;
pub mod collect;
pub mod commands;
mod course;
pub mod dominators;
pub mod estimate;
mod examples;
pub mod exit;
#[cfg(feature = "export")]
pub mod export;
pub mod fleet;
pub mod histogram;
pub mod incident;
pub mod objects;
pub mod open;
pub mod page;
pub mod path;
pub mod progress;
mod progress_line;
pub mod report;
mod series;
pub mod show;
mod spill;
pub mod threads;
pub mod tool;
pub mod version;
pub mod view;

use clap::Parser;

use args::Args;
use commands::Command;
use exit::{Exit, Failure};

/// Runs the command that the arguments name.
pub fn run() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to standard output and are success; the rest is a usage error.
            // clap takes the second name of `hprof-suspects A B` for a command. Its message would be misleading.
            if error.kind() == clap::error::ErrorKind::ArgumentConflict {
                anstream::eprintln!("{}", one_dump_or_a_command());
                return Exit::Usage;
            }
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Analysed
            };
        }
    };
    if args.command.is_none() && args.dumps.len() > 1 && is_a_word(&args.dumps[0]) {
        anstream::eprintln!("{}", one_dump_or_a_command());
        return Exit::Usage;
    }
    let result = match &args.command {
        None => report::run(&args),
        Some(Command::Path(path)) => path::run(path),
        Some(Command::Show(show)) => show::run(show),
        Some(Command::Dominators(dominators)) => dominators::run(dominators),
        Some(Command::Histogram(histogram)) => histogram::run(histogram),
        Some(Command::Threads(threads)) => threads::run(threads),
        Some(Command::Estimate(estimate)) => estimate::run(estimate),
        Some(Command::Collect(collect)) => collect::run(collect),
        Some(Command::CleanUp) => collect::clean_up(),
        Some(Command::Objects(objects)) => objects::run(objects),
        #[cfg(feature = "export")]
        Some(Command::Export(export)) => export::run(export),
        Some(Command::Fleet(fleet)) => fleet::run(fleet),
        Some(Command::Render(render)) => report::render_saved(render),
        Some(Command::Completions { shell }) => tool::completions(*shell),
        Some(Command::Man) => tool::man(),
        Some(Command::Schema) => tool::schema(),
    };
    match result {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Analysed,
        Err(failure) => {
            anstream::eprintln!("hprof-suspects: {failure}");
            failure.exit()
        }
    }
}

/// Whether the first of several names is no file but may be a command that is misspelt.
fn is_a_word(name: &std::path::Path) -> bool {
    let text = name.to_string_lossy();
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '-';
    text != "-" && text.chars().all(is_word) && !name.exists()
}

fn one_dump_or_a_command() -> String {
    use clap::CommandFactory;
    let command = Args::command();
    let names: Vec<&str> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    format!(
        "error: expected dumps, or a command followed by its dump and options\n\n  \
         hprof-suspects DUMP... [OPTIONS]\n  hprof-suspects COMMAND DUMP [OPTIONS]\n\n\
         Commands: {}\n\nFor more information, try '--help'.",
        names.join(", ")
    )
}

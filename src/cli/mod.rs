//! The command line: arguments, progress, exit codes, one file for each command.
//!
//! This and `main` are the only places that print or end the process.

pub mod args;
pub mod exit;
pub mod objects;
pub mod open;
pub mod progress;
pub mod report;
pub mod tool;

use clap::Parser;

use args::{Args, Command};
use exit::{Exit, Failure};

/// Runs the command that the arguments name.
pub fn run() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to standard output and are success; the rest is a usage error.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Analysed
            };
        }
    };
    let result = match &args.command {
        None => report::run(&args),
        Some(Command::Objects(objects)) => objects::run(objects, &args.global),
        Some(Command::Render(render)) => report::render_saved(render, &args.global),
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

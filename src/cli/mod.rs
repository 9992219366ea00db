//! The command line: arguments, progress, exit codes, one file for each command.
//!
//! This and `main` are the only places that print or end the process.

pub mod allocator;
pub mod args;
pub mod collect;
pub mod commands;
pub mod dominators;
pub mod estimate;
pub mod exit;
pub mod histogram;
pub mod incident;
pub mod objects;
pub mod open;
pub mod path;
pub mod progress;
mod progress_line;
pub mod report;
pub mod show;
pub mod threads;
pub mod tool;
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
        Some(Command::Path(path)) => path::run(path, &args.global),
        Some(Command::Show(show)) => show::run(show, &args.global),
        Some(Command::Dominators(dominators)) => dominators::run(dominators, &args.global),
        Some(Command::Histogram(histogram)) => histogram::run(histogram, &args.global),
        Some(Command::Threads(threads)) => threads::run(threads, &args.global),
        Some(Command::Estimate(estimate)) => estimate::run(estimate, &args.global),
        Some(Command::Collect(collect)) => collect::run(collect, &args.global),
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

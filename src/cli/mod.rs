//! The command line: arguments, progress, exit codes, one file for each command.
//!
//! This and `main` are the only places that print or end the process.

pub mod address;
pub mod allocator;
pub mod args;
pub mod collect;
pub mod commands;
mod course;
pub mod dominators;
pub mod estimate;
mod examples;
pub mod exit;
pub mod explore;
pub mod explore_args;
#[cfg(feature = "export")]
pub mod export;
pub mod fleet;
pub mod histogram;
pub mod incident;
#[cfg(feature = "mcp")]
mod mcp;
mod mistakes;
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
                let message = mistakes::twice(&error)
                    .unwrap_or_else(|| mistakes::one_dump_or_a_command(None));
                anstream::eprintln!("{message}");
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
    if let Some(message) = mistakes::no_command(&args) {
        anstream::eprintln!("{message}");
        return Exit::Usage;
    }
    let result = match &args.command {
        None => report::run(&args),
        Some(Command::Path(path)) => path::run(path),
        Some(Command::Show(show)) => show::run(show),
        Some(Command::Dominators(dominators)) => dominators::run(dominators),
        Some(Command::Histogram(histogram)) => histogram::run(histogram),
        Some(Command::Threads(threads)) => threads::run(threads),
        Some(Command::Explore(explore)) => explore::run(explore),
        #[cfg(feature = "mcp")]
        Some(Command::Mcp(served)) => mcp::run(served),
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

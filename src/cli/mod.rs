//! The command line: arguments, progress, exit codes, one file for each command.
//!
//! This and `main` are the only places that print or end the process.

mod address;
pub mod allocator;
mod args;
mod collect;
mod command_line;
mod commands;
mod course;
mod dominators;
mod dump_time;
mod estimate;
mod examples;
pub mod exit;
pub mod explore;
mod explore_args;
#[cfg(feature = "export")]
mod export;
#[cfg(feature = "export")]
mod export_args;
mod fleet;
mod histogram;
mod incident;
mod keep;
#[cfg(feature = "mcp")]
mod mcp;
mod mistakes;
mod objects;
mod open;
mod page;
mod path;
mod progress;
mod progress_line;
mod report;
mod series;
mod show;
mod spill;
mod terminal;
mod threads;
mod tool;
mod version;
mod view;
mod view_args;

use std::ffi::OsString;

use clap::Parser;

use command_line::Args;
use commands::Command;
use exit::{Exit, Failure};

/// Runs the command that the arguments of the process name.
pub fn run() -> Exit {
    run_with(std::env::args_os())
}

/// Runs the command that `arguments` name, of which the first is the program.
pub fn run_with(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let args = match Args::try_parse_from(arguments) {
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

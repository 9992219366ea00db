//! Commands about the program itself: completions, manual page, schema.

use std::io::Write;

use clap::CommandFactory;

use super::args::Args;
use super::exit::{Exit, Failure};

/// Prints the completions for `shell`.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "hprof-suspects", &mut text);
    print(&text)
}

/// Prints the manual page.
pub fn man() -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut text)?;
    print(&text)
}

/// Prints the JSON Schema of the JSON report.
pub fn schema() -> Result<Exit, Failure> {
    print(crate::report::json::schema().as_bytes())
}

fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(Exit::Analysed)
}

//! The command `hprof-suspects`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hprof_suspects::cli::allocator::give_back_large_blocks();
    hprof_suspects::input::sigbus::install();
    hprof_suspects::cli::run().into()
}

//! The command `hprof-suspects`.

use std::process::ExitCode;

use hprof_suspects::cli::allocator::Recycling;

#[global_allocator]
static ALLOCATOR: Recycling = Recycling::new();

fn main() -> ExitCode {
    ALLOCATOR.serve();
    hprof_suspects::platform::give_back_middling_blocks();
    hprof_suspects::platform::guard_mappings();
    hprof_suspects::cli::run().into()
}

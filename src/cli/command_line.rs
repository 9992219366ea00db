//! What the command line is: a report, or one of the [commands](super::commands).

use std::path::PathBuf;

use clap::Parser;

use super::args::{Content, OutputArgs, Reading};
use super::commands::Command;
use super::examples;

/// Says from an HPROF heap dump whether the JVM heap is the cause of a memory problem, and who holds the memory.
#[derive(Debug, Parser)]
#[command(
    version,
    long_version = super::version::long(),
    about,
    after_help = examples::SHORT,
    after_long_help = examples::LONG,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub struct Args {
    /// The dump, or a folder made by `collect`; several to see what grew
    ///
    /// `-` is standard input.
    /// Plain or compressed: gzip, zstd, xz, zip, tar.gz. The content decides the format, not the name.
    /// With two or more the last one is reported on and compared with the earlier ones, each a dump, a folder, a report saved as JSON, or a
    /// class histogram (`jcmd PID GC.class_histogram`, `jmap -histo`); these from gzip and zstd, too.
    #[arg(required_unless_present = "baseline", value_name = "DUMP")]
    pub dumps: Vec<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub content: Content,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,

    #[command(subcommand)]
    #[allow(missing_docs)]
    pub command: Option<Command>,
}

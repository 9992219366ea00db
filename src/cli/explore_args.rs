//! The arguments of the commands that read a dump once and answer many questions.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::args::Reading;

/// Arguments of `explore` and `mcp`.
#[derive(Debug, ClapArgs)]
pub struct ExploreArgs {
    /// The dump, or a folder made by `collect`; several to see what grew
    #[arg(required = true, value_name = "DUMP")]
    pub dumps: Vec<PathBuf>,

    /// Output of kubectl top, jcmd, /proc ...: a file or a folder, repeatable
    #[arg(long, value_name = "FILE")]
    pub evidence: Vec<PathBuf>,

    /// The JVM's container among those in the evidence: NAME or POD/NAME
    #[arg(long, value_name = "NAME")]
    pub container: Option<String>,

    /// Package or class of the application, such as com.acme; repeatable
    #[arg(long, value_name = "PREFIX")]
    pub application: Vec<String>,

    /// Also look for duplicate strings, empty collections and other waste
    #[arg(long)]
    pub waste: bool,

    /// Show texts, contents of arrays and names as they are
    #[arg(long)]
    pub show_values: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

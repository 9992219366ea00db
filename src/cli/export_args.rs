//! The arguments of `export`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::args::{Content, Reading};

/// Arguments of `export`.
#[derive(Debug, ClapArgs)]
pub struct ExportArgs {
    /// The dump, or a folder made by `collect`
    pub dump: PathBuf,

    /// The folder to create: TABLE.parquet for each table, and report.json
    #[arg(long, short, value_name = "FOLDER")]
    pub output: PathBuf,

    /// Only these tables, such as objects,references; docs/tables.md has them all
    ///
    /// classes, roots, threads, frames, holders, suspects, objects, references; with --show-values also strings and fields.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    pub tables: Vec<String>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub content: Content,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

//! The commands besides the report, and their arguments.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

pub use super::address::{Address, address};
use super::args::{OutputArgs, Reading};
pub use super::collect::CollectArgs;
use super::examples;
pub use super::explore_args::ExploreArgs;
#[cfg(feature = "export")]
pub use super::export_args::ExportArgs;
pub use super::fleet::FleetArgs;
pub use super::view_args::{View, ViewArgs};
use crate::analyze::explore::dominators::By;
use crate::analyze::explore::histogram::Order;

/// The commands besides the report itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Paths from GC roots to an object: what keeps it alive
    #[command(after_help = examples::PATH)]
    Path(PathArgs),
    /// One object: fields, sizes, who refers to it, what it dominates
    #[command(after_help = examples::SHOW)]
    Show(ShowArgs),
    /// The dominator tree: what each object alone keeps alive
    #[command(after_help = examples::DOMINATORS)]
    Dominators(DominatorsArgs),
    /// Classes with their objects, shallow and retained sizes
    #[command(after_help = examples::HISTOGRAM)]
    Histogram(HistogramArgs),
    /// Threads with state, stack, retained size and largest local variable
    #[command(after_help = examples::THREADS)]
    Threads(ThreadsArgs),
    /// Walk through the dump in the terminal: suspects, dominator tree, classes, objects, threads
    #[command(after_help = examples::EXPLORE)]
    Explore(ExploreArgs),
    /// Answer an agent's questions about the dump (Model Context Protocol, standard input and output)
    #[cfg(feature = "mcp")]
    #[command(after_help = examples::MCP)]
    Mcp(ExploreArgs),
    /// One line for every object: address, class, sizes, dominator (TSV)
    #[command(after_help = examples::OBJECTS)]
    Objects(ObjectsArgs),
    /// Memory and approximate time that an analysis needs; reads the dump once
    #[command(after_help = examples::ESTIMATE)]
    Estimate(EstimateArgs),
    /// Take a live dump of a running JVM and the evidence around it, into one folder
    #[command(after_help = examples::COLLECT)]
    Collect(CollectArgs),
    /// Tables in Parquet for DuckDB, Spark, Trino: objects, references, classes, threads, suspects
    #[cfg(feature = "export")]
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),
    /// Compare many saved reports: which holder recurs, in which service, since which build
    #[command(after_help = examples::FLEET)]
    Fleet(FleetArgs),
    /// Write a report that was saved as JSON in another format
    #[command(after_help = examples::RENDER)]
    Render(RenderArgs),
    /// Removes what a collection that was killed wrote of a dump; started by `collect` itself
    #[command(hide = true, name = super::collect::CLEANER)]
    CleanUp,
    /// Print shell completions
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = examples::MAN)]
    Man,
    /// Print the JSON Schema of the JSON report
    #[command(after_help = examples::SCHEMA)]
    Schema,
}

/// Arguments of `path`.
#[derive(Debug, ClapArgs)]
pub struct PathArgs {
    /// The dump
    pub dump: PathBuf,

    /// Address of the object, as reports print it: 0x7851e9c00
    #[arg(value_parser = address)]
    pub address: Address,

    /// Number of paths, each through another referrer; more than 1 reads the dump once more
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub paths: usize,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `show`.
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// The dump
    pub dump: PathBuf,

    /// Address of the object, as reports print it: 0x7851e9c00
    #[arg(value_parser = address)]
    pub address: Address,

    /// Rows of each list; 0 for all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    /// Show texts, contents of arrays and names of threads as they are
    #[arg(long)]
    pub show_values: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `dominators`.
#[derive(Debug, ClapArgs)]
pub struct DominatorsArgs {
    /// The dump
    pub dump: PathBuf,

    /// Begin below this object instead of at the top
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub under: Option<Address>,

    /// Number of levels
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub depth: u32,

    /// Group the objects of a level
    #[arg(long, value_enum)]
    pub by: Option<ByArg>,

    /// Rows below each node; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `histogram`.
#[derive(Debug, ClapArgs)]
pub struct HistogramArgs {
    /// The dump
    pub dump: PathBuf,

    /// Only classes whose name contains a match: 'Order', '^com\.acme\.', 'byte\[\]'
    #[arg(long, value_name = "REGEX", value_parser = regex_lite::Regex::new)]
    pub class: Option<regex_lite::Regex>,

    /// Order, largest first
    #[arg(long, value_enum, default_value_t = OrderArg::Retained)]
    pub sort: OrderArg,

    /// Rows; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `threads`.
#[derive(Debug, ClapArgs)]
pub struct ThreadsArgs {
    /// The dump
    pub dump: PathBuf,

    /// Only threads whose name (as shown) matches
    #[arg(long, value_name = "REGEX", value_parser = regex_lite::Regex::new)]
    pub name: Option<regex_lite::Regex>,

    /// Frames of each stack; 0 for all
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub frames: usize,

    /// Show names as they are
    #[arg(long)]
    pub show_values: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `estimate`.
#[derive(Debug, ClapArgs)]
pub struct EstimateArgs {
    /// The dump
    pub dump: PathBuf,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub view: ViewArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `objects`.
#[derive(Debug, ClapArgs)]
pub struct ObjectsArgs {
    /// The dump
    pub dump: PathBuf,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub strict: StrictArgs,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub reading: Reading,
}

/// Arguments of `render`.
#[derive(Debug, ClapArgs)]
pub struct RenderArgs {
    /// A report saved with --format json
    pub report: PathBuf,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputArgs,
}

/// What a damaged dump means for the exit code.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub struct StrictArgs {
    /// Exit code 1 when the dump is damaged
    #[arg(long)]
    pub strict: bool,
}

/// `--by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ByArg {
    /// By class
    Class,
    /// By the class loader of the class
    Loader,
    /// By package
    Package,
}

impl From<Option<ByArg>> for By {
    fn from(by: Option<ByArg>) -> By {
        match by {
            None => By::Object,
            Some(ByArg::Class) => By::Class,
            Some(ByArg::Loader) => By::Loader,
            Some(ByArg::Package) => By::Package,
        }
    }
}

/// `--sort`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderArg {
    /// Retained size
    Retained,
    /// Shallow size
    Shallow,
    /// Number of objects
    Objects,
}

impl From<OrderArg> for Order {
    fn from(order: OrderArg) -> Order {
        match order {
            OrderArg::Retained => Order::Retained,
            OrderArg::Shallow => Order::Shallow,
            OrderArg::Objects => Order::Objects,
        }
    }
}

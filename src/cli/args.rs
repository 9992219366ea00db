//! The arguments.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::heap::Compat;
use crate::report::Format;
use crate::verdict::decision::FailOn;

const EXAMPLES: &str = "\
Examples:
  hprof-suspects heap.hprof                                report on the terminal
  hprof-suspects heap.hprof.gz -o report.html -o report.md two files for the ticket
  kubectl exec POD -- cat /tmp/heap.hprof | hprof-suspects -
  hprof-suspects heap.hprof --rss 1.9GiB --limit 2GiB --growth 800MiB
  hprof-suspects heap.hprof --evidence top-before.txt --evidence top-after.txt
  hprof-suspects heap.hprof --fail-on suspected            exit code 3 in a script
  hprof-suspects objects heap.hprof | awk -F'\\t' '$4 > 1e6'

Exit codes: 0 analysed, 1 failed, 2 wrong arguments, 3 a condition of --fail-on is met.";

/// Rules the JVM heap in or out as the source of a memory problem, from an HPROF heap dump.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    /// The dump: plain or gzip, zstd, xz, zip, tar.gz; `-` for standard input; or a folder made by `collect`
    #[arg(required = true)]
    pub dump: Option<PathBuf>,

    /// What to put into the report.
    #[command(flatten)]
    pub content: Content,

    /// Where the report goes and how it looks.
    #[command(flatten)]
    pub output: OutputArgs,

    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,

    /// A command other than the report.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands besides the report itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// One line for every object: address, class, shallow and retained bytes, dominator (TSV)
    Objects(ObjectsArgs),
    /// Make another format from a report saved with --format json
    Render(RenderArgs),
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Print the JSON Schema of the JSON report
    Schema,
}

/// Arguments of `objects`.
#[derive(Debug, ClapArgs)]
pub struct ObjectsArgs {
    /// The dump
    pub dump: PathBuf,
}

/// Arguments of `render`.
#[derive(Debug, ClapArgs)]
pub struct RenderArgs {
    /// A report saved with --format json
    pub report: PathBuf,

    /// Where the report goes and how it looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What changes the content of a report.
#[derive(Debug, ClapArgs)]
pub struct Content {
    /// Rows of each table
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,

    /// Also look for duplicate strings, empty collections and other waste (reads contents)
    #[arg(long)]
    pub waste: bool,

    /// Show names and values as they are; the report says so in a banner
    #[arg(long)]
    pub show_values: bool,

    /// Resident memory of the process or container, such as 1.9GiB
    #[arg(long, value_name = "SIZE", value_parser = crate::verdict::size::parse, help_heading = "What was measured outside")]
    pub rss: Option<u64>,

    /// Memory limit of the container
    #[arg(long, value_name = "SIZE", value_parser = crate::verdict::size::parse, help_heading = "What was measured outside")]
    pub limit: Option<u64>,

    /// By how much memory grew
    #[arg(long, value_name = "SIZE", value_parser = crate::verdict::size::parse, help_heading = "What was measured outside")]
    pub growth: Option<u64>,

    /// Output of kubectl top, jcmd, /proc, cgroup files, Prometheus or a GC log; a file or a folder, repeatable
    #[arg(long, value_name = "FILE", help_heading = "What was measured outside")]
    pub evidence: Vec<PathBuf>,

    /// The JVM's container among those in the evidence: NAME or POD/NAME
    #[arg(long, value_name = "NAME", help_heading = "What was measured outside")]
    pub container: Option<String>,

    /// Exit code 3 when: suspected, inconclusive (or suspected), over=SIZE
    #[arg(long, value_name = "CONDITION", help_heading = "For scripts")]
    pub fail_on: Vec<FailOn>,

    /// Exit code 1 when the dump is damaged
    #[arg(long, help_heading = "For scripts")]
    pub strict: bool,
}

/// Where a report goes and how it looks.
#[derive(Debug, ClapArgs)]
pub struct OutputArgs {
    /// Format of the report
    #[arg(long, short, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Write the report here; format by extension; repeatable; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,

    /// How much to tell
    #[arg(long, value_enum, default_value_t = DetailArg::Default)]
    pub detail: DetailArg,

    /// Exact bytes instead of KiB, MiB, GiB
    #[arg(long)]
    pub bytes: bool,
}

/// `--detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DetailArg {
    /// One screen
    Default,
    /// Everything
    Full,
}

/// What holds for every command.
#[derive(Debug, ClapArgs)]
pub struct Global {
    /// Whose rules: the JVM's own sizes, or Eclipse MAT's to compare with it
    #[arg(long, global = true, value_enum, default_value_t = CompatArg::Jvm)]
    pub compat: CompatArg,

    /// Threads to use; all cores by default
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Print time and memory of each phase
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// Which dump of a file that holds several
    #[arg(long, global = true, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub dump_number: u32,

    /// Read the file instead of mapping it: for files that may still change
    #[arg(long, global = true)]
    pub no_mmap: bool,

    /// Where compressed dumps are unpacked when they do not fit into memory
    #[arg(long, global = true, value_name = "FOLDER")]
    pub temp_dir: Option<PathBuf>,
}

/// `--compat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompatArg {
    /// Sizes as the JVM counts them; weak references do not hold
    Jvm,
    /// Eclipse MAT's edges, roots and sizes
    Mat,
}

impl From<CompatArg> for Compat {
    fn from(compat: CompatArg) -> Compat {
        match compat {
            CompatArg::Jvm => Compat::Jvm,
            CompatArg::Mat => Compat::Mat,
        }
    }
}

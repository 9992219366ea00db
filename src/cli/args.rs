//! The arguments of a report, and what all commands share.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, ValueEnum};

use crate::analyze::Options;
use crate::heap::Compat;
use crate::report::Format;
use crate::verdict::decision::{FailOn, Thresholds};
use crate::verdict::evidence::Order;

/// Headings of `--help`.
const MEASURED: &str = "Evidence from outside the dump";
const DECISION: &str = "Decision and scripts";
const OUTPUT: &str = "Output";
const READING: &str = "Reading the dump";

/// Below, a size without a unit is taken for a mistake.
const FEWEST_BYTES: u64 = 1 << 20;

/// What changes the content of a report.
#[derive(Debug, ClapArgs)]
pub struct Content {
    /// Resident memory of the process or container, such as 1.9GiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = MEASURED)]
    pub rss: Option<u64>,

    /// Memory limit of the container, such as 2GiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = MEASURED)]
    pub limit: Option<u64>,

    /// Growth of the memory of the process or container, such as 800MiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = MEASURED)]
    pub growth: Option<u64>,

    /// Output of kubectl top, jcmd, /proc ...: a file or a folder, repeatable
    ///
    /// The program recognises the content, also as pasted from a terminal or a ticket: `kubectl top`, `describe` and `get`, `docker`, `podman` and
    /// `crictl stats`, `ps`, `top`, `pmap`, /proc/PID files, cgroup memory files, `jcmd`, `jmap`, `jstat`, hs_err files, GC logs,
    /// Prometheus, Micrometer, the kernel's log. Give the earlier of two snapshots first.
    #[arg(long, value_name = "FILE", help_heading = MEASURED)]
    pub evidence: Vec<PathBuf>,

    /// How to tell which evidence file is earlier: clear, given, name or time
    ///
    /// `clear` looks at the times in the text, the order on the command line, the names (before, after, 1, 2) and the times of
    /// the files. If these contradict each other or say nothing, choose one of the other values.
    #[arg(long, value_name = "BY", value_enum, default_value_t = OrderArg::Clear, hide_default_value = true, help_heading = MEASURED)]
    pub order: OrderArg,

    /// The JVM's container among those in the evidence: NAME or POD/NAME
    #[arg(long, value_name = "NAME", help_heading = MEASURED)]
    pub container: Option<String>,

    /// Package or class of the application, such as com.acme; repeatable
    ///
    /// A suspect has the name of the application's field that holds it. Without this option the program decides by the places that classes
    /// were loaded from, or else by the package of the main class. `--detail full` and JSON say how it decided.
    #[arg(long, value_name = "PREFIX", help_heading = OUTPUT)]
    pub application: Vec<String>,

    /// An earlier report saved as JSON, dump or class histogram to compare with; repeatable
    #[arg(long, value_name = "REPORT", help_heading = MEASURED)]
    pub baseline: Vec<PathBuf>,

    /// Change a threshold of the verdict, such as holder-of-max=30%; repeatable
    ///
    /// Shares from 0 to 1 or in percent: holder-of-growth (50 %), holder-of-max (25 %), unbounded-of-max (10 %),
    /// nearly-full (80 %), dominating (50 %), small-of-max (25 %), small-of-observed (25 %), negligible-of-max (1 %),
    /// minor-of-max (5 %), negligible-of-growth (5 %). Sizes: negligible (4 MiB), growth (32 MiB), unexplained (256 MiB). The
    /// page docs/verdict.md says what each one decides.
    #[arg(long, value_name = "NAME=VALUE", value_parser = threshold, help_heading = DECISION)]
    pub threshold: Vec<String>,

    /// Exit code 3 when: suspected, inconclusive (or suspected), over=SIZE, grew=SIZE, new-suspect
    ///
    /// `over=500MiB` is met when one holder retains more than 500 MiB. Two conditions need earlier inputs: `grew=50MiB` is met when
    /// one holder still grows and grew by 50 MiB or more, `new-suspect` when the first input does not have a suspect. Repeatable:
    /// one condition is enough.
    #[arg(long, value_name = "CONDITION", help_heading = DECISION)]
    pub fail_on: Vec<FailOn>,

    /// Exit code 1 when the dump is damaged
    #[arg(long, help_heading = DECISION)]
    pub strict: bool,

    /// Label of the report, such as service=shop or version=1.42; repeatable
    ///
    /// `fleet` groups by service, version, pod and environment. The labels that `collect` noted are in the incident folder. The report
    /// masks mail addresses, URLs, file paths and what looks like a key.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::labels::parse, help_heading = OUTPUT)]
    pub label: Vec<(String, String)>,

    /// Rows of each table; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = rows, help_heading = OUTPUT)]
    pub top: usize,

    /// Suspects at most; the verdict stays the same
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..), help_heading = OUTPUT)]
    pub suspects: u16,

    /// Also look for duplicate strings, empty collections and other waste
    ///
    /// Reads the contents of strings and arrays.
    #[arg(long, help_heading = OUTPUT)]
    pub waste: bool,

    /// Show names and values as they are; the report says so at its top
    #[arg(long, help_heading = OUTPUT)]
    pub show_values: bool,
}

/// Where a report goes and how it looks.
#[derive(Debug, ClapArgs)]
pub struct OutputArgs {
    /// Format of the report
    #[arg(long, short, value_name = "FORMAT", value_parser = format(), help_heading = OUTPUT)]
    pub format: Option<Format>,

    /// Write the report here, in the format of the extension; repeatable
    ///
    /// `-` is standard output.
    #[arg(long, short, value_name = "FILE", help_heading = OUTPUT)]
    pub output: Vec<PathBuf>,

    /// How much to write
    #[arg(long, value_enum, default_value_t = DetailArg::Default, help_heading = OUTPUT)]
    pub detail: DetailArg,

    /// Exact bytes instead of KiB, MiB, GiB
    #[arg(long, help_heading = OUTPUT)]
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

/// `--order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderArg {
    /// Compare only where all of these agree
    Clear,
    /// The order on the command line
    Given,
    /// The names of the files
    Name,
    /// The times when the files were written
    Time,
}

impl Default for Content {
    fn default() -> Content {
        let options = Options::default();
        Content {
            label: Vec::new(),
            rss: None,
            limit: None,
            growth: None,
            evidence: Vec::new(),
            order: OrderArg::Clear,
            container: None,
            application: Vec::new(),
            baseline: Vec::new(),
            threshold: Vec::new(),
            fail_on: Vec::new(),
            strict: false,
            top: options.top,
            suspects: u16::try_from(options.suspects).unwrap_or(u16::MAX),
            waste: false,
            show_values: false,
        }
    }
}

/// A number of rows; 0 is all of them.
///
/// # Errors
/// When it is no number.
pub(super) fn rows(text: &str) -> Result<usize, std::num::ParseIntError> {
    text.parse()
        .map(|rows| if rows == 0 { usize::MAX } else { rows })
}

impl From<OrderArg> for Order {
    fn from(order: OrderArg) -> Order {
        match order {
            OrderArg::Clear => Order::Clear,
            OrderArg::Given => Order::Given,
            OrderArg::Name => Order::Name,
            OrderArg::Time => Order::Time,
        }
    }
}

/// How a dump is read: options of every command that reads one.
#[derive(Debug, ClapArgs)]
pub struct Reading {
    /// Rules for sizes, references and GC roots
    #[arg(long, value_enum, default_value_t = CompatArg::Jvm, help_heading = READING)]
    pub compat: CompatArg,

    /// Threads to use; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = READING)]
    pub threads: Option<u16>,

    /// Most memory to use, such as 4GiB; see --spill for a dump that needs more
    ///
    /// Default: the memory that the machine, the container and ulimit leave.
    ///
    /// The limit covers the tables of the analysis and unpacked dumps. An unpacked dump that does not fit goes to --temp-dir. The limit
    /// does not cover the pages of the mapped file, because the system can take them back. `estimate` says how much a dump needs.
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = READING)]
    pub max_memory: Option<u64>,

    /// Which dump to read, if the file holds several
    #[arg(long = "dump", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), help_heading = READING)]
    pub dump_number: u32,

    /// Read the file instead of mapping it: for files that may still change
    #[arg(long, help_heading = READING)]
    pub no_mmap: bool,

    /// When to put the tables of the analysis into a temporary file
    ///
    /// The analysis is then slower and needs little memory: the system writes the tables out when memory is short. The file is in
    /// --temp-dir, has no name, and ends with the program. `estimate` says how large it gets. Linux only.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = SpillArg::Auto, help_heading = READING)]
    pub spill: SpillArg,

    /// Keep an index of the analysed dump: later commands answer in a fraction of the time
    ///
    /// The index is the file DUMP.kept beside the dump, or a file in the user's cache folder if the folder of the dump is not writable.
    /// Later commands use it without any option if it matches the dump, the program and the options. `estimate` says how large it gets.
    /// Delete it when you no longer need it.
    #[arg(long, conflicts_with = "no_keep", help_heading = READING)]
    pub keep: bool,

    /// Analyse the dump again even if there is an index
    #[arg(long, help_heading = READING)]
    pub no_keep: bool,

    /// Folder for unpacked dumps and tables that do not fit into memory
    #[arg(long, value_name = "FOLDER", help_heading = READING)]
    pub temp_dir: Option<PathBuf>,

    /// Most bytes that a compressed dump may unpack to, such as 20GiB
    ///
    /// Default: the free disk space less 1 GiB.
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = READING)]
    pub max_unpacked: Option<u64>,

    /// Print time and memory of each phase to standard error
    #[arg(long, short, help_heading = READING)]
    pub verbose: bool,
}

/// `--spill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SpillArg {
    /// When the tables do not fit into the allowed memory
    Auto,
    /// For every dump
    Always,
    /// Never: refuse a dump that does not fit
    Never,
}

/// `--compat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompatArg {
    /// Sizes as the JVM counts them; weak references do not hold
    Jvm,
    /// Eclipse MAT's edges, roots and sizes, to compare with it
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

/// A format by its name; help and completions list them all.
fn format() -> impl TypedValueParser<Value = Format> {
    let names = Format::all().map(|format| {
        let name = PossibleValue::new(format.name()).help(format.about());
        match format {
            Format::Markdown => name.alias("md"),
            _ => name,
        }
    });
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Format>())
}

/// Checks one `--threshold`, so that a mistake shows before a large dump is read.
fn threshold(text: &str) -> Result<String, String> {
    Thresholds::default().set(text).map(|()| text.to_owned())
}

/// A size. A bare number is bytes, and few bytes are a unit that was forgotten.
fn size(text: &str) -> Result<u64, String> {
    let bytes = crate::verdict::size::parse(text).map_err(|error| error.to_string())?;
    let is_bare = text.trim().bytes().all(|byte| byte.is_ascii_digit());
    match is_bare && (1..FEWEST_BYTES).contains(&bytes) {
        true => Err(format!(
            "`{bytes}` without a unit is {bytes} bytes; did you mean {bytes}MiB or {bytes}GiB? ({bytes}B is taken as it is)"
        )),
        false => Ok(bytes),
    }
}

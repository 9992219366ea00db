//! `fleet`: many saved reports together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::exit::{Exit, Failure};
use super::terminal::{WIDTH, is_utf8, terminal_width, wanted_width};
use crate::fleet::{self, Condition, Fleet, FleetFormat, Gathered, View};
use crate::numbers::{Units, count};
use crate::report::neutralise;
use crate::report::output::{self, Extensions, Output, Target};

/// Arguments of `fleet`.
#[derive(Debug, ClapArgs)]
pub struct FleetArgs {
    /// Reports saved as JSON, plain or packed with gzip or zstd; or folders that contain them
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,

    /// Reports to compare with, such as those of the last release: a folder or a report; repeatable
    #[arg(long, value_name = "FOLDER")]
    pub baseline: Vec<PathBuf>,

    /// Exit code 3 when: new, regressed=SHARE; repeatable
    ///
    /// Needs --baseline. `new` is met when a cause is not in the baseline, and the heap of a dump that has it is not ruled out.
    /// `regressed=20%` is met when the median size of a cause grew by 20 % or more.
    #[arg(long, value_name = "CONDITION")]
    pub fail_on: Vec<Condition>,

    /// Format; text by default
    #[arg(long, short, value_name = "FORMAT", value_parser = format())]
    pub format: Option<FleetFormat>,

    /// Write it here, in the format of the extension; repeatable; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,

    /// Causes and pods that are listed; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,

    /// Exact bytes instead of KiB, MiB, GiB (JSON always has them)
    #[arg(long)]
    pub bytes: bool,

    /// Write one table for each service and date: service=shop/date=2026-11-30/part-0.parquet
    ///
    /// Needs --format parquet -o FOLDER.
    #[arg(long)]
    pub partition: bool,

    /// Threads to use; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

fn format() -> impl TypedValueParser<Value = FleetFormat> {
    let names = FleetFormat::all().map(|format| {
        let name = PossibleValue::new(format.name()).help(format.about());
        match format {
            FleetFormat::Markdown => name.alias("md"),
            _ => name,
        }
    });
    PossibleValuesParser::new(names).try_map(|name| {
        let name = if name == "md" {
            "markdown".to_owned()
        } else {
            name
        };
        FleetFormat::from_name(&name).ok_or_else(|| format!("no format {name}"))
    })
}

/// Reads the reports, puts them together, compares them, and writes what was found.
pub fn run(args: &FleetArgs) -> Result<Exit, Failure> {
    if !args.fail_on.is_empty() && args.baseline.is_empty() {
        return Err(Failure::Usage(
            "--fail-on compares with earlier reports: name them with --baseline".to_owned(),
        ));
    }
    super::open::start_threads(args.threads)?;
    let (tables, named) = tables(args)?;
    let outputs = match tables.is_empty() || !named.is_empty() {
        true => output::outputs(&named, args.format)?,
        false => Vec::new(),
    };
    for report in &args.reports {
        output::check(&outputs, Some(report))?;
    }
    let all = gather(&args.reports)?;
    let mut fleet = fleet::summarise(&all, args.top);
    let mut exit = Exit::Analysed;
    if !args.baseline.is_empty() {
        let before = fleet::summarise(&gather(&args.baseline)?, 0);
        let comparison = fleet::compare(&before, &fleet::summarise(&all, 0));
        if args
            .fail_on
            .iter()
            .any(|condition| condition.is_met(&comparison))
        {
            exit = Exit::GateExceeded;
        }
        fleet.baseline = Some(comparison);
    }
    write(args, &outputs, &fleet)?;
    write_tables(args, &tables, &all)?;
    Ok(exit)
}

/// The outputs that are tables, and the others.
fn tables(args: &FleetArgs) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Failure> {
    let usage = |text: &str| Err(Failure::Usage(text.to_owned()));
    let is_table = |path: &PathBuf| match args.format {
        Some(format) => format == FleetFormat::Parquet,
        None => FleetFormat::of(path) == Some(FleetFormat::Parquet),
    };
    let (tables, others): (Vec<PathBuf>, Vec<PathBuf>) =
        args.output.iter().cloned().partition(is_table);
    let to_output = tables.iter().any(|path| path == Path::new("-"));
    if to_output || (args.format == Some(FleetFormat::Parquet) && tables.is_empty()) {
        return usage("--format parquet is written to a folder: name it with -o");
    }
    if args.partition && !tables.iter().any(|path| !is_one_file(path)) {
        return usage("--partition makes folders of tables: it needs --format parquet -o FOLDER");
    }
    if !tables.is_empty() && !cfg!(feature = "export") {
        return usage("this build of the program writes no Parquet");
    }
    Ok((tables, others))
}

/// `NAME.parquet` is one file with all suspects; any other name is a folder of tables.
fn is_one_file(path: &Path) -> bool {
    FleetFormat::of(path) == Some(FleetFormat::Parquet)
}

#[cfg(feature = "export")]
fn write_tables(args: &FleetArgs, tables: &[PathBuf], all: &Gathered) -> Result<(), Failure> {
    use crate::export::{self, Partition};
    let partition = match args.partition {
        true => Partition::ServiceAndDate,
        false => Partition::None,
    };
    for path in tables {
        let written = match is_one_file(path) {
            true => export::one_file(all, path).map(|_| ()),
            false => export::fleet_tables(all, &fleet::summarise(all, 0), path, partition),
        };
        written.map_err(|error| Failure::Other(error.to_string()))?;
    }
    Ok(())
}

#[cfg(not(feature = "export"))]
fn write_tables(_: &FleetArgs, _: &[PathBuf], _: &Gathered) -> Result<(), Failure> {
    Ok(())
}

fn gather(inputs: &[PathBuf]) -> Result<Gathered, Failure> {
    let found = fleet::find(inputs);
    let found = found.map_err(|error| Failure::Other(format!("{}: {error}", listed(inputs))))?;
    if found.is_empty() {
        let why = "no report in there; one is made with: hprof-suspects DUMP -o report.json";
        return Err(Failure::Other(format!("{}: {why}", listed(inputs))));
    }
    let loud = std::io::stderr().is_terminal() && found.len() > 1000;
    let all = fleet::gather(&found, &|done, of| {
        if loud {
            anstream::eprint!("\r{} of {} reports", count(done), count(of));
        }
    });
    if loud {
        anstream::eprintln!();
    }
    match all.not_read.first() {
        Some(first) if all.records.is_empty() => {
            let name = neutralise::plain(&first.file, is_utf8());
            let more = match all.not_read_count - 1 {
                0 => String::new(),
                more => format!(" (and {} more files)", count(more)),
            };
            Err(Failure::Other(format!(
                "{name}: {}{more}; no report was read",
                first.why
            )))
        }
        _ => Ok(all),
    }
}

fn listed(inputs: &[PathBuf]) -> String {
    let names = inputs.iter().map(|path| path.display().to_string());
    neutralise::plain(&names.collect::<Vec<_>>().join(", "), is_utf8())
}

fn write(args: &FleetArgs, outputs: &[Output<FleetFormat>], fleet: &Fleet) -> Result<(), Failure> {
    let mut written: Vec<Vec<u8>> = Vec::with_capacity(outputs.len());
    for output in outputs {
        let rendered = fleet::render(fleet, output.format, &view(args, &output.target));
        let text = rendered
            .map_err(|error| Failure::Other(format!("cannot write {}: {error}", output.format)))?;
        written.push(text.into_bytes());
    }
    output::write_each(outputs, &written, None, &mut std::io::stdout().lock())?;
    Ok(())
}

fn view(args: &FleetArgs, target: &Target) -> View {
    let units = Units { exact: args.bytes };
    match target {
        Target::StandardOutput => View {
            width: wanted_width()
                .or_else(terminal_width)
                .unwrap_or(WIDTH)
                .max(40),
            unicode: is_utf8(),
            units,
            folder: PathBuf::from("."),
        },
        Target::File(path) => View {
            width: WIDTH,
            unicode: true,
            units,
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        },
    }
}

//! `collect`: dump and evidence of a running JVM in one folder.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use super::exit::{Exit, Failure};
use crate::collect::watch::MOST_SAMPLES;
use crate::collect::{
    self, Collected, Histogram, Interrupt, Options, Outcome, Progress, Share, StepRecord, Watch,
};
use crate::labels::{self, Labels};
use crate::platform::signals::catch_ending_unless_ignored;
use crate::report::neutralise;

/// The command that removes what a killed collection wrote of a dump.
pub const CLEANER: &str = "remove-partial-dump";

/// Arguments of `collect`.
#[derive(Debug, ClapArgs)]
pub struct CollectArgs {
    /// Process number of the JVM, as seen from here (1 in most containers)
    pub pid: u32,

    /// The folder to create
    #[arg(long, short, value_name = "FOLDER", default_value = "incident")]
    pub output: PathBuf,

    /// Take only the evidence and no heap dump; the JVM does not stop
    #[arg(long)]
    pub no_dump: bool,

    /// Take the dump even if disk or memory looks too small for it
    ///
    /// The program estimates the size from the live heap. In a container near its limit the kernel may kill the JVM.
    #[arg(long, conflicts_with = "no_dump")]
    pub force: bool,

    /// Take cheap evidence at intervals first, such as 10m; a few kilobytes each time
    ///
    /// Each time: memory of the process and its control group, heap, Native Memory Tracking, threads, class histogram. The dump follows at
    /// the end.
    #[arg(long, value_name = "INTERVAL", value_parser = interval, requires = "lasts")]
    pub watch: Option<Duration>,

    /// How long to watch, such as 2h
    #[arg(long = "for", id = "lasts", value_name = "DURATION", value_parser = humantime::parse_duration, requires = "watch")]
    pub lasts: Option<Duration>,

    /// Take the dump as soon as the resident memory passes this: 85% of the container's limit, or a size
    ///
    /// The program checks every second. Without a limit the share is of the machine's memory.
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "watch", conflicts_with = "no_dump")]
    pub dump_when: Option<Share>,

    /// What the class histograms of --watch count
    #[arg(long, value_enum, default_value_t = HistogramArg::All, requires = "watch")]
    pub histogram: HistogramArg,
    /// Label of the report, such as service=shop; repeatable
    ///
    /// For labels that are not given, `collect` reads its environment: POD_NAME, SERVICE_NAME, SERVICE_VERSION, ENVIRONMENT,
    /// OTEL_RESOURCE_ATTRIBUTES.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::labels::parse)]
    pub label: Vec<(String, String)>,

    /// Print each step to standard error, also in a pipe
    #[arg(long, short)]
    pub verbose: bool,
}

/// `--histogram` of `collect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HistogramArg {
    /// All objects, garbage included; starts no collection
    All,
    /// Live objects only; starts a full collection each time
    Live,
    /// No histograms
    None,
}

/// A time of one second or more.
fn interval(text: &str) -> Result<Duration, String> {
    let interval = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    match interval < Duration::from_secs(1) {
        true => Err("one second at least".to_owned()),
        false => Ok(interval),
    }
}

/// `85%`, `0.85`, or a size such as `1.5GiB`.
fn share(text: &str) -> Result<Share, String> {
    let percent = text
        .strip_suffix('%')
        .map(|number| number.trim().parse::<f64>());
    let share = match percent {
        Some(number) => Some(number.map_err(|e| e.to_string())? / 100.0),
        None => text.parse::<f64>().ok().filter(|share| *share <= 1.0),
    };
    match share {
        Some(share) if share > 0.0 && share <= 1.0 => Ok(Share::OfLimit(share)),
        Some(_) => Err("a share from 1% to 100%".to_owned()),
        None => crate::verdict::size::parse(text)
            .map(Share::Bytes)
            .map_err(|e| e.to_string()),
    }
}

/// Collects; says on standard output what was taken and how to go on.
pub fn run(args: &CollectArgs) -> Result<Exit, Failure> {
    let watch = watch(args)?;
    let options = Options {
        pid: args.pid,
        folder: args.output.clone(),
        dump: !args.no_dump,
        force: args.force,
        watch,
        interrupt: interrupt(),
        cleaner: Some(vec!["/proc/self/exe".into(), CLEANER.into()]),
        labels: labels(args),
    };
    let loud = args.verbose || std::io::stderr().is_terminal();
    let mut progress = |event: Progress| match event {
        Progress::Started(name) if loud => anstream::eprintln!("{name} ..."),
        Progress::Sampled(line) => anstream::eprintln!("{}", plain(line)),
        _ => {}
    };
    let collected = collect::collect(&options, &mut progress)
        .map_err(|error| Failure::Other(format!("{error}{}", advice(&error))))?;
    print(args, &collected)
}

fn watch(args: &CollectArgs) -> Result<Option<Watch>, Failure> {
    let (Some(every), Some(lasts)) = (args.watch, args.lasts) else {
        return Ok(None);
    };
    let watch = Watch {
        every,
        lasts,
        until: args.dump_when,
        histogram: match args.histogram {
            HistogramArg::All => Histogram::All,
            HistogramArg::Live => Histogram::Live,
            HistogramArg::None => Histogram::None,
        },
    };
    match watch.samples() > MOST_SAMPLES {
        true => Err(Failure::Usage(format!(
            "--watch and --for make {} samples; {MOST_SAMPLES} are the most",
            watch.samples()
        ))),
        false => Ok(Some(watch)),
    }
}

/// Catches TERM, INT and HUP, but for those that whoever started this process wants ignored (`nohup`).
fn interrupt() -> Interrupt {
    let interrupt = Interrupt::default();
    catch_ending_unless_ignored(&interrupt.mark());
    interrupt
}

/// The second process of a collection: it waits for the end of the first.
pub fn clean_up() -> Result<Exit, Failure> {
    catch_ending_unless_ignored(&Interrupt::default().mark());
    collect::clean_up().map_err(|error| Failure::Other(error.to_string()))?;
    Ok(Exit::Analysed)
}

fn print(args: &CollectArgs, collected: &Collected) -> Result<Exit, Failure> {
    let manifest = &collected.manifest;
    let mut out = std::io::stdout().lock();
    for step in &manifest.steps {
        writeln!(out, "{}", described(step))?;
    }
    if let Some(course) = &manifest.course {
        let ended = plain(&course.ended);
        writeln!(
            out,
            "taken   {} samples (watch-*.txt); {ended}",
            course.samples
        )?;
    }
    if let Some(short) = &manifest.forced {
        writeln!(out, "forced  {}", plain(short))?;
    }
    let folder = args.output.display();
    if let Some(signal) = &manifest.interrupted {
        return Err(Failure::Other(format!(
            "interrupted by {signal}; what was taken before is in {folder}"
        )));
    }
    if collected.dump.is_some() {
        writeln!(out, "\nNext: hprof-suspects {folder}")?;
    } else if !args.no_dump {
        return Err(Failure::Other(format!(
            "the heap dump was not taken (the reason is above); the evidence is in {folder}"
        )));
    } else if manifest.course.is_some() {
        writeln!(out, "\nNext: hprof-suspects {folder}")?;
    } else {
        writeln!(out, "\nNext: hprof-suspects heap.hprof --evidence {folder}")?;
    }
    out.flush()?;
    Ok(Exit::Analysed)
}

/// The labels that the environment tells, and those that were given, which count more.
fn labels(args: &CollectArgs) -> Labels {
    let mut labels = labels::of_environment(|name| std::env::var(name).ok());
    labels.extend(args.label.iter().cloned());
    labels
}

fn described(step: &StepRecord) -> String {
    let what = match (&step.outcome, &step.file) {
        (Outcome::Ok, Some(file)) => format!("taken   {file}  ({})", step.name),
        (Outcome::Ok, None) => format!("done    {}", step.name),
        (Outcome::Failed(why), _) => format!("failed  {}: {why}", step.name),
    };
    plain(&what)
}

fn plain(text: &str) -> String {
    neutralise::plain(text, super::terminal::is_utf8())
}

/// What to do about it.
fn advice(error: &collect::CollectError) -> &'static str {
    match error {
        collect::CollectError::NoProcess(_) | collect::CollectError::NotJvm(_) => {
            "; `jcmd -l` or `pgrep -a java` lists the JVMs"
        }
        collect::CollectError::NotEmpty(_) => "; name another folder with -o",
        collect::CollectError::NoSpace { .. } => {
            "; the evidence was taken. Name a folder on another disk with -o, leave the dump out with --no-dump, or --force it"
        }
        collect::CollectError::NoMemory { .. } => {
            "; the evidence was taken. Raise the limit, name a folder on a disk with -o, or --force it"
        }
        _ => "",
    }
}

//! `collect`: dump and evidence of a running JVM in one folder.

use std::io::{IsTerminal, Write};

use super::commands::{CollectArgs, HistogramArg};
use super::exit::{Exit, Failure};
use crate::collect::watch::MOST_SAMPLES;
use crate::collect::{
    self, Collected, Histogram, Interrupt, Options, Outcome, Progress, StepRecord, Watch,
};
use crate::labels::{self, Labels};
use crate::report::neutralise;

/// The command that removes what a killed collection wrote of a dump.
pub const CLEANER: &str = "remove-partial-dump";

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
    told(args, &collected)
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
    #[cfg(target_os = "linux")]
    catch(&interrupt);
    interrupt
}

#[cfg(target_os = "linux")]
fn catch(interrupt: &Interrupt) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let bit = 1_u64 << (signal - 1);
        if ignored.unwrap_or(0) & bit == 0 {
            let number = usize::try_from(signal).unwrap_or(usize::MAX);
            // Where the system does not allow it, the signal ends the process, and the second one cleans up.
            let _ = signal_hook::flag::register_usize(signal, interrupt.mark(), number);
        }
    }
}

/// The second process of a collection: it waits for the end of the first.
pub fn clean_up() -> Result<Exit, Failure> {
    #[cfg(target_os = "linux")]
    {
        catch(&Interrupt::default());
        collect::clean_up().map_err(|error| Failure::Other(error.to_string()))?;
    }
    Ok(Exit::Analysed)
}

fn told(args: &CollectArgs, collected: &Collected) -> Result<Exit, Failure> {
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
    neutralise::plain(text, super::view::is_utf8())
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

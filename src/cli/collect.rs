//! `collect`: dump and evidence of a running JVM in one folder.

use std::io::{IsTerminal, Write};

use super::commands::CollectArgs;
use super::exit::{Exit, Failure};
use crate::collect::{self, Options, Outcome, Progress, StepRecord};
use crate::labels::{self, Labels};
use crate::report::neutralise;

/// Collects; says on standard output what was taken and how to go on.
pub fn run(args: &CollectArgs) -> Result<Exit, Failure> {
    let options = Options {
        pid: args.pid,
        folder: args.output.clone(),
        dump: !args.no_dump,
        labels: labels(args),
    };
    let loud = args.verbose || std::io::stderr().is_terminal();
    let mut progress = |event: Progress| {
        if let (true, Progress::Started(name)) = (loud, event) {
            anstream::eprintln!("{name} ...");
        }
    };
    let collected = collect::collect(&options, &mut progress)
        .map_err(|error| Failure::Other(format!("{error}{}", advice(&error))))?;
    let mut out = std::io::stdout().lock();
    for step in &collected.manifest.steps {
        writeln!(out, "{}", described(step))?;
    }
    let folder = args.output.display();
    if collected.dump.is_some() {
        writeln!(out, "\nNext: hprof-suspects {folder}")?;
    } else if options.dump {
        return Err(Failure::Other(format!(
            "the heap dump was not taken (the reason is above); the evidence is in {folder}"
        )));
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
    neutralise::plain(&what, super::view::is_utf8())
}

/// What to do about it.
fn advice(error: &collect::CollectError) -> &'static str {
    match error {
        collect::CollectError::NoProcess(_) | collect::CollectError::NotJvm(_) => {
            "; `jcmd -l` or `pgrep -a java` lists the JVMs"
        }
        collect::CollectError::NotEmpty(_) => "; name another folder with -o",
        collect::CollectError::NoSpace { .. } => {
            "; name a folder on another disk with -o, or leave the dump out with --no-dump"
        }
        _ => "",
    }
}

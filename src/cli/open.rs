//! From a path to a snapshot, for every command that needs one.

use std::path::Path;
use std::time::Instant;

use super::address::Address;
use super::args::{Reading, SpillArg};
use super::exit::Failure;
use super::incident;
use super::keep::{self, Wish};
use super::progress::Progress;
use super::spill;
use crate::analyze::{Analysis, FileFacts, Options, analyze, overview};
use crate::heap::need::Need;
use crate::heap::{self, LoadError, LoadOptions, ObjectIndex, Snapshot, load};
use crate::input::limits::{self, Available, Source};
use crate::input::{self, Input, OpenOptions};
use crate::report::model::Warning;
use crate::report::units::count;
use crate::report::{describe, neutralise};

/// Opens the dump at `path`, or the one in the incident folder `path`.
pub fn open(path: &Path, reading: &Reading) -> Result<Input, Failure> {
    let dump = incident::resolve(path)?.dump;
    open_file(&dump, reading)
}

/// Opens the file `path`.
pub fn open_file(path: &Path, reading: &Reading) -> Result<Input, Failure> {
    set_threads(reading)?;
    let options = OpenOptions {
        no_mmap: reading.no_mmap,
        temp_dir: reading.temp_dir.clone(),
        max_unpacked: reading.max_unpacked,
        dump_number: reading.dump_number as usize,
        memory_budget: reading.max_memory,
    };
    let progress = Progress::new(reading.verbose, None, Instant::now());
    let input = input::open(path, &options, &|done, total| {
        progress.unpacked(done, total)
    })?;
    progress.finish();
    Ok(input)
}

/// Analyses an opened dump.
pub fn load_input<'a>(input: &'a Input, reading: &Reading) -> Result<Snapshot<'a>, Failure> {
    let progress = Progress::new(reading.verbose, Some(input), Instant::now());
    let options = load_options(input, reading);
    spill::always(reading)?;
    let wish = Wish {
        write: reading.keep,
        read: !reading.no_keep,
        verbose: reading.verbose,
    };
    if let Some(snapshot) = keep::restore(input, wish, &options) {
        return Ok(snapshot.with_pages(input));
    }
    let snapshot = match load(input.bytes(), options, &progress) {
        Err(LoadError::NeedsMemory { need, limit }) if reading.spill != SpillArg::Never => {
            progress.finish();
            spill::spill(reading, input.file_name(), &need, limit)?;
            let unlimited = LoadOptions {
                limit: None,
                ..options
            };
            load(input.bytes(), unlimited, &progress)
        }
        loaded => loaded,
    };
    let snapshot = snapshot.map_err(named(input))?.with_pages(input);
    progress.finish();
    keep::keep(&snapshot, input, wish, &options);
    Ok(snapshot)
}

/// Analyses an opened dump and makes its report. `warnings` are those about what lies beside the dump.
pub fn analyze_input<'a>(
    input: &'a Input,
    (reading, show_values): (&Reading, bool),
    options: &Options,
    mut warnings: Vec<Warning>,
) -> Result<(Snapshot<'a>, Analysis), Failure> {
    let began = Instant::now();
    let mut snapshot = load_input(input, reading)?;
    if show_values {
        snapshot.show_values();
    }
    let progress = Progress::new(reading.verbose, None, began);
    let mut file = FileFacts::of(input);
    file.warnings.append(&mut warnings);
    let analysis = analyze(&snapshot, &file, options, &progress);
    // Before the report begins: both may go to the same terminal.
    progress.finish();
    Ok((snapshot, analysis))
}

/// What analysing an opened dump will take.
pub fn estimate(input: &Input, reading: &Reading) -> Result<Need, Failure> {
    let progress = Progress::new(reading.verbose, Some(input), Instant::now());
    let need = heap::estimate(input.bytes(), load_options(input, reading), &progress)
        .map_err(named(input))?;
    progress.finish();
    Ok(need)
}

fn load_options(input: &Input, reading: &Reading) -> LoadOptions {
    LoadOptions {
        dump_number: input.dump_number(),
        compat: reading.compat.into(),
        limit: limit(reading).filter(|_| reading.spill != SpillArg::Always),
    }
}

/// How much memory the analysis may use: as much as the user says, else what is left.
pub fn limit(reading: &Reading) -> Option<Available> {
    let given = reading.max_memory.map(|bytes| Available {
        bytes,
        source: Source::Option,
    });
    given.or_else(limits::available)
}

/// The error with the file it is about.
fn named(input: &Input) -> impl FnOnce(LoadError) -> Failure {
    let file = input.file_name().to_owned();
    move |error| Failure::Load { file, error }
}

/// The object at `address`: where no object has the hexadecimal number, that with the decimal one.
pub fn find(snapshot: &Snapshot<'_>, address: Address) -> Result<ObjectIndex, Failure> {
    let Address {
        hexadecimal,
        decimal,
    } = address;
    let readings = [hexadecimal, decimal].into_iter().flatten();
    let object = readings.filter_map(|number| snapshot.find(number)).next();
    let object = object.ok_or_else(|| {
        let hexadecimal = hexadecimal.map(|number| format!("{number:#x}"));
        let tried = match (hexadecimal, decimal) {
            (Some(hexadecimal), Some(decimal)) => {
                format!("{hexadecimal} (read as hexadecimal) nor at {decimal:#x} (read as decimal)")
            }
            (Some(hexadecimal), None) => hexadecimal,
            (None, decimal) => format!("{:#x}", decimal.unwrap_or(0)),
        };
        Failure::Other(format!(
            "no object at {tried}; addresses are those of this dump's own report, or of hprof-suspects objects"
        ))
    })?;
    if snapshot.contains(object) {
        Ok(object)
    } else {
        let address = snapshot.address(object);
        Err(Failure::Other(format!(
            "the object at {address:#x} has no path from a GC root, and MAT's rules leave it out; try without --compat mat"
        )))
    }
}

/// Whether the dump is whole. Says on standard error, in one line, if it is not: answers about parts of it look like any other.
pub fn is_complete(input: &Input, snapshot: &Snapshot<'_>) -> bool {
    let file = FileFacts::of(input);
    let complete = overview::is_complete(snapshot, &file);
    if !complete {
        let warnings = overview::warnings(snapshot, &file);
        let damage: Vec<&Warning> = warnings.iter().filter(|warning| warning.damage).collect();
        let first = damage
            .first()
            .map(|warning| describe::warning(warning, crate::numbers::Units::default()));
        let first = first.unwrap_or_else(|| "it is incomplete".to_owned());
        let more = match damage.len().saturating_sub(1) as u64 {
            0 => String::new(),
            more => format!(" ({} more)", count(more)),
        };
        let text = neutralise::plain(&format!("{}: {first}", file.name), true);
        anstream::eprintln!(
            "hprof-suspects: DAMAGED {text}{more}; the answer covers what could be read"
        );
    }
    complete
}

/// Starts the threads that the user asked for, before the first dump is read.
fn set_threads(reading: &Reading) -> Result<(), Failure> {
    start_threads(reading.threads)
}

/// The same for commands that read no dump.
pub fn start_threads(threads: Option<u16>) -> Result<(), Failure> {
    static STARTED: std::sync::Once = std::sync::Once::new();
    let Some(threads) = threads.filter(|_| !STARTED.is_completed()) else {
        return Ok(());
    };
    STARTED.call_once(|| ());
    let built = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global();
    built.map_err(|error| Failure::Other(format!("cannot start {threads} threads: {error}")))
}

//! `estimate`: what an analysis will need.

use serde::Serialize;

use super::args::SpillArg;
use super::commands::EstimateArgs;
use super::exit::{Exit, Failure};
use super::keep;
use super::open;
use super::page::Page;
use super::spill;
use super::view::{self, Answer, AnswerWriter};
use crate::input::limits::Available;
use crate::platform::pages::MAPS_MEMORY;
use crate::report::units::{count, counted};

/// The answer as JSON.
#[derive(Serialize)]
struct Estimate {
    /// Objects in the dump.
    objects: u64,
    /// Bytes of heap records.
    heap_bytes: u64,
    /// Bytes of memory at the peak, pages of the mapped file left out.
    memory_bytes: u64,
    /// Bytes of memory that may be used here, by `--max-memory`, the machine, its container or ulimit; null where none of them sets a limit.
    available_bytes: Option<u64>,
    /// Whether the analysis fits.
    fits: bool,
    /// Bytes of memory that it needs at least where its tables lie in a file; null where they cannot.
    spill_least_bytes: Option<u64>,
    /// Bytes of a file in the temporary folder that the tables go to where the analysis does not fit; null where it fits, where less
    /// memory is left than that, or no such file can be had.
    spill_bytes: Option<u64>,
    /// Bytes that are free on that folder's disk.
    spill_free_bytes: Option<u64>,
    /// Bytes of the file that `--keep` writes, about.
    index_bytes: u64,
    /// Seconds that the analysis takes, about, with the dump in memory.
    seconds: f64,
    /// Threads that it was reckoned for.
    threads: usize,
}

/// Prints the estimate.
pub fn run(args: &EstimateArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let need = open::estimate(&input, &args.reading)?;
    let limit = open::limit(&args.reading);
    let threads = rayon::current_num_threads();
    let fits = limit.is_none_or(|limit| need.bytes <= limit.bytes);
    let place = spill::place(&args.reading);
    let can_spill = MAPS_MEMORY && args.reading.spill != SpillArg::Never;
    let enough = limit.is_none_or(|limit| need.least() <= limit.bytes);
    let spills = !fits && enough && can_spill && !place.is_in_memory;
    let estimate = Estimate {
        objects: need.objects,
        heap_bytes: need.heap_bytes,
        memory_bytes: need.bytes,
        available_bytes: limit.map(|limit| limit.bytes),
        fits,
        spill_least_bytes: (can_spill && !place.is_in_memory).then(|| need.least()),
        spill_bytes: spills.then(|| spill::file_bytes(&need)),
        spill_free_bytes: place.free_bytes.filter(|_| spills),
        index_bytes: keep::estimate(&need),
        seconds: (need.wall_time(threads).as_secs_f64() * 10.0).ceil() / 10.0,
        threads,
    };
    let answer = Answer {
        subject: "Estimate for",
        json: &|| view::json(&estimate),
        tsv: &|| tsv(&estimate),
        page: &|page| self::page(&estimate, limit, page),
    };
    writer.write(&answer, &input, true)?;
    Ok(Exit::Analysed)
}

fn tsv(estimate: &Estimate) -> String {
    let header = [
        "objects",
        "heap_bytes",
        "memory_bytes",
        "available_bytes",
        "fits",
        "spill_least_bytes",
        "spill_bytes",
        "spill_free_bytes",
        "index_bytes",
        "seconds",
        "threads",
    ];
    let optional = |bytes: Option<u64>| bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
    let row = [
        estimate.objects.to_string(),
        estimate.heap_bytes.to_string(),
        estimate.memory_bytes.to_string(),
        optional(estimate.available_bytes),
        estimate.fits.to_string(),
        optional(estimate.spill_least_bytes),
        optional(estimate.spill_bytes),
        optional(estimate.spill_free_bytes),
        estimate.index_bytes.to_string(),
        estimate.seconds.to_string(),
        estimate.threads.to_string(),
    ];
    view::tsv(header, [row])
}

fn page(estimate: &Estimate, limit: Option<Available>, page: &mut Page) {
    page.line(format!(
        "{} objects, {} of heap records",
        count(estimate.objects),
        page.bytes(estimate.heap_bytes)
    ));
    page.line(format!(
        "about {} of memory besides the file, about {} s on {} once the file is in memory",
        page.bytes(estimate.memory_bytes),
        estimate.seconds,
        counted(estimate.threads as u64, "thread")
    ));
    if let Some(limit) = limit {
        let fits = if estimate.fits {
            "fits"
        } else {
            "does not fit"
        };
        let (bytes, whose) = (page.bytes(limit.bytes), limit.source.describe());
        page.line(format!("{fits}: {bytes} may be used, {whose}"));
    }
    page.line(format!(
        "an index of it takes about {} of disk, and later commands a fraction of the time (--keep)",
        page.bytes(estimate.index_bytes)
    ));
    if let Some(least) = estimate.spill_least_bytes.filter(|_| !estimate.fits) {
        let needs = format!(
            "with tables in a file it needs at least {}",
            page.bytes(least)
        );
        let is_refused = estimate.available_bytes.is_some_and(|bytes| bytes < least);
        page.line(match is_refused {
            true => format!("{needs}: it is refused"),
            false => needs,
        });
    }
    if let Some(bytes) = estimate.spill_bytes {
        let free = estimate.spill_free_bytes.map(|free| page.bytes(free));
        let free = free.map(|free| format!(", where {free} are free"));
        page.line(format!(
            "the tables go to a file of up to {} in the temporary folder{}; that takes longer (--spill, --temp-dir)",
            page.bytes(bytes),
            free.unwrap_or_default()
        ));
    }
}

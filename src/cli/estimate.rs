//! `estimate`: what an analysis will need.

use serde::Serialize;

use super::commands::EstimateArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter};
use crate::input::limits::Available;
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
    let estimate = Estimate {
        objects: need.objects,
        heap_bytes: need.heap_bytes,
        memory_bytes: need.bytes,
        available_bytes: limit.map(|limit| limit.bytes),
        fits: limit.is_none_or(|limit| need.bytes <= limit.bytes),
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
        "seconds",
        "threads",
    ];
    let available = estimate.available_bytes.map(|bytes| bytes.to_string());
    let row = [
        estimate.objects.to_string(),
        estimate.heap_bytes.to_string(),
        estimate.memory_bytes.to_string(),
        available.unwrap_or_default(),
        estimate.fits.to_string(),
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
        let (bytes, whose) = (page.bytes(limit.bytes), limit.source.told());
        page.line(format!("{fits}: {bytes} may be used, {whose}"));
    }
}

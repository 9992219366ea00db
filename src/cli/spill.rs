//! `--spill`: the tables of an analysis in a temporary file, where the memory does not suffice for them.

use std::path::{Path, PathBuf};

use super::allocator;
use super::args::{Reading, SpillArg};
use super::exit::Failure;
use crate::heap::need::Need;
use crate::input;
use crate::input::limits::Available;
use crate::report::neutralise;
use crate::report::units::Units;

/// Where tables would lie.
pub struct Place {
    /// The folder.
    pub directory: PathBuf,
    /// Bytes that are free on its disk, where it says so.
    pub free_bytes: Option<u64>,
    /// Whether its files lie in memory.
    pub is_in_memory: bool,
}

/// The place that `reading` asks for.
pub fn place(reading: &Reading) -> Place {
    let directory = input::temporary_directory(reading.temp_dir.as_deref());
    Place {
        free_bytes: input::free_bytes(&directory),
        is_in_memory: input::is_in_memory(&directory),
        directory,
    }
}

/// Bytes that a table file of an analysis may take: its columns, and what is lost where they begin at huge pages.
pub fn file_bytes(need: &Need) -> u64 {
    need.bytes.saturating_add(need.bytes / 8)
}

/// Puts the tables of the analysis of `file`, which does not fit, into a file, and says so in one line.
///
/// # Errors
/// When too little memory is left for that, or it cannot be done: the reason, beside what is missing.
pub fn spill(reading: &Reading, file: &str, need: &Need, limit: Available) -> Result<(), Failure> {
    let units = Units::default();
    if limit.bytes < need.least() {
        return Err(Failure::Other(format!(
            "{file}: the analysis needs {} of memory, and {} may be used, {}; {} of it are tables that are looked up here and there, so that \
             with tables in a file it needs at least {}; run it where more is free, or go on with --spill always, which may take hours",
            units.bytes(need.bytes),
            units.bytes(limit.bytes),
            limit.source.describe(),
            units.bytes(need.resident),
            units.bytes(need.least()),
        )));
    }
    let place = place(reading);
    let bytes = file_bytes(need);
    start(&place, bytes)?;
    anstream::eprintln!(
        "hprof-suspects: the analysis needs {} of memory, and {} may be used, {}; its tables go to a file of up to {} in {}, which takes longer",
        units.bytes(need.bytes),
        units.bytes(limit.bytes),
        limit.source.describe(),
        units.bytes(bytes),
        shown(&place.directory),
    );
    Ok(())
}

/// `--spill always`, before anything is known of the dump but its size.
///
/// # Errors
/// When it cannot be done.
pub fn always(reading: &Reading) -> Result<(), Failure> {
    match reading.spill {
        SpillArg::Always => start(&place(reading), 0),
        SpillArg::Auto | SpillArg::Never => Ok(()),
    }
}

/// Opens the file, once in a process, with room for `bytes`.
fn start(place: &Place, bytes: u64) -> Result<(), Failure> {
    static STARTED: std::sync::Mutex<bool> = std::sync::Mutex::new(false);
    let mut started = STARTED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if *started {
        return Ok(());
    }
    let failed = |why: String| {
        Failure::Other(format!(
            "the tables of the analysis need a file of {} in {}: {why}; name another folder with --temp-dir",
            Units::default().bytes(bytes),
            shown(&place.directory),
        ))
    };
    if place.is_in_memory {
        return Err(failed("its files lie in memory (tmpfs)".to_owned()));
    }
    if let Some(free) = place.free_bytes.filter(|&free| free < bytes) {
        let free = Units::default().bytes(free);
        return Err(failed(format!("only {free} are free there")));
    }
    let file =
        tempfile::tempfile_in(&place.directory).map_err(|error| failed(error.to_string()))?;
    allocator::spill_to(file, bytes).map_err(|error| failed(error.to_string()))?;
    *started = true;
    Ok(())
}

fn shown(directory: &Path) -> String {
    neutralise::plain(&directory.display().to_string(), true)
}

//! When a dump was written, by its header alone.

use std::fs::File;
use std::path::Path;

use crate::analyze::overview;
use crate::growth::histogram;
use crate::hprof::Header;
use crate::packed;
use crate::verdict::evidence::Time;

/// The time in the header of a dump, also of one in gzip or zstd. `None` where another container is around it, or it says nonsense.
pub fn time_of_dump(path: &Path) -> Option<Time> {
    let bytes = prefix(path);
    let header = Header::read(&bytes, 0).ok()?;
    overview::captured_at(header.timestamp_millis)?;
    i64::try_from(header.timestamp_millis).ok().map(Time)
}

/// The beginning of a file, unpacked if it is in gzip or zstd; nothing of folders, pipes and what cannot be read: opening them says why.
pub fn prefix(path: &Path) -> Vec<u8> {
    let file = File::open(path).ok().filter(|_| path.is_file());
    let most = histogram::HEADING_WITHIN as u64;
    file.map(|file| packed::beginning(file, most))
        .unwrap_or_default()
}

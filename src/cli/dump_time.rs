//! When a dump was written, by its header alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::analyze::overview;
use crate::growth::histogram;
use crate::hprof::Header;
use crate::input::is_hprof;
use crate::verdict::evidence::Time;

/// The time in the header of a dump, also of one in gzip or zstd. `None` where another container is around it, or it says nonsense.
pub fn time_of_dump(path: &Path) -> Option<Time> {
    let mut bytes = prefix(path);
    if !is_hprof(&bytes) {
        let file = File::open(path).ok().filter(|_| path.is_file())?;
        bytes = unpacked(&bytes, file)?;
    }
    let header = Header::read(&bytes, 0).ok()?;
    overview::captured_at(header.timestamp_millis)?;
    i64::try_from(header.timestamp_millis).ok().map(Time)
}

fn unpacked(prefix: &[u8], file: File) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = histogram::HEADING_WITHIN as u64;
    let read = match prefix {
        [0x1f, 0x8b, ..] => flate2::read::GzDecoder::new(file)
            .take(most)
            .read_to_end(&mut bytes),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::Decoder::new(file)
            .ok()?
            .take(most)
            .read_to_end(&mut bytes),
        _ => return None,
    };
    // A file that is cut short may still have its header.
    (read.is_ok() || !bytes.is_empty()).then_some(bytes)
}

/// The beginning of a plain file; nothing of folders, pipes and what cannot be read: opening them says why.
pub fn prefix(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file()
        && let Ok(file) = File::open(path)
    {
        let _ = file
            .take(histogram::HEADING_WITHIN as u64)
            .read_to_end(&mut bytes);
    }
    bytes
}

//! Texts that may be packed: saved reports, class histograms, evidence. The content decides, not the name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

/// Reads what is in `file`, unpacked if it is in gzip or zstd.
///
/// # Errors
/// When the beginning cannot be read.
pub fn reader(file: File) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(file);
    Ok(match file.fill_buf()? {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::with_buffer(file)?),
        _ => Box::new(file),
    })
}

/// At most `most` bytes of what is in `file`, unpacked.
///
/// # Errors
/// When it cannot be read or unpacked.
pub fn read(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// At most `most` bytes of the beginning of `file`, unpacked. A file that is cut short may still have its beginning.
pub fn beginning(file: File, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(reader) = reader(file) {
        let _ = reader.take(most).read_to_end(&mut bytes);
    }
    bytes
}

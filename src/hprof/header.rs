//! The first bytes of a dump.

use super::cursor::{Cursor, IdSize};

/// The header of a dump: format name, identifier size, time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The format name without its terminator, such as `JAVA PROFILE 1.0.2`.
    pub format: String,
    /// Width of identifiers.
    pub id_size: IdSize,
    /// When the dump was made: milliseconds since 1970 UTC, 0 where the writer did not say.
    pub timestamp_millis: u64,
    /// Length of the header in bytes; the first record starts here.
    pub length: usize,
}

/// Why the first bytes are not the header of a dump that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It does not begin with `JAVA PROFILE `.
    #[error(
        "not an HPROF dump: byte 0 does not begin `JAVA PROFILE 1.0`; pass a file written by `jcmd PID GC.heap_dump` or -XX:+HeapDumpOnOutOfMemoryError"
    )]
    NotHprof,
    /// The file ends inside the header.
    #[error(
        "the dump ends inside its header, after {0} bytes; take the dump again or copy the whole file"
    )]
    Truncated(usize),
    /// The identifier size is neither 4 nor 8.
    #[error(
        "impossible identifier size {0} at byte offset {1} (4 or 8 expected); the file is damaged or not a heap dump"
    )]
    IdSize(u32, usize),
    /// The version is not one that we know.
    #[error(
        "unknown HPROF version `{0}` at byte offset 0; versions 1.0, 1.0.1, 1.0.2 and 1.0.3 can be read"
    )]
    Version(String),
}

/// Longest header name that is looked at; the known ones have 16 to 18 bytes.
const LONGEST_NAME: usize = 32;

impl Header {
    /// Reads the header at `start` of `bytes`.
    ///
    /// # Errors
    /// When the bytes are not the header of an HPROF dump of a known version with identifiers of 4 or 8 bytes.
    pub fn read(bytes: &[u8], start: usize) -> Result<Header, HeaderError> {
        let rest = bytes.get(start..).unwrap_or_default();
        let magic = b"JAVA PROFILE ";
        let seen = rest.len().min(magic.len());
        if rest[..seen] != magic[..seen] || rest.is_empty() {
            return Err(HeaderError::NotHprof);
        }
        let window = &rest[..rest.len().min(LONGEST_NAME)];
        let Some(nul) = window.iter().position(|&b| b == 0) else {
            return Err(if rest.len() < LONGEST_NAME {
                HeaderError::Truncated(rest.len())
            } else {
                HeaderError::NotHprof
            });
        };
        let format = String::from_utf8_lossy(&window[..nul]).into_owned();
        if !matches!(&format[magic.len()..], "1.0" | "1.0.1" | "1.0.2" | "1.0.3") {
            return Err(HeaderError::Version(
                format.chars().filter(|c| !c.is_control()).collect(),
            ));
        }
        let mut cursor = Cursor::new(rest, nul + 1, rest.len());
        let truncated = HeaderError::Truncated(rest.len());
        let id = cursor.u4().ok_or(truncated.clone())?;
        let id_size = match id {
            4 => IdSize::Four,
            8 => IdSize::Eight,
            other => return Err(HeaderError::IdSize(other, start + nul + 1)),
        };
        let timestamp_millis = cursor.u8().ok_or(truncated)?;
        Ok(Header {
            format,
            id_size,
            timestamp_millis,
            length: cursor.position(),
        })
    }
}

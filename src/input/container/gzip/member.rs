//! One gzip member: header, deflate data, trailer.

use flate2::{Decompress, FlushDecompress, Status};

use crate::input::container::drive::{Decoder, End, Step};

/// Bytes of a trailer: CRC-32 and size modulo 2^32.
pub(super) const TRAILER: usize = 8;

/// What the comment of HotSpot's first member begins with; the size of its blocks in bytes follows.
const BLOCK_COMMENT: &[u8] = b"HPROF BLOCKSIZE=";

/// Blocks larger than this are not worth the memory of inflating several at once; HotSpot writes 1 MiB.
const LARGEST_BLOCK: usize = 16 << 20;

/// A header is text and a few numbers: one longer than this is no header.
const LONGEST_HEADER: usize = 1 << 17;

/// The header of a member.
pub(super) struct Header<'a> {
    /// Bytes before the deflate data.
    pub(super) length: usize,
    comment: &'a [u8],
}

/// Why there is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderError {
    /// The data ends in it.
    Cut,
    /// Something else lies there.
    NotGzip,
}

impl<'a> Header<'a> {
    /// Reads the header at the beginning of `data`.
    pub(super) fn parse(data: &'a [u8]) -> Result<Self, HeaderError> {
        const MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];
        const FIXED: usize = 10;
        const HAS_HEADER_CRC: u8 = 0x02;
        const HAS_EXTRA: u8 = 0x04;
        const HAS_NAME: u8 = 0x08;
        const HAS_COMMENT: u8 = 0x10;
        const RESERVED: u8 = 0xe0;
        if !data.iter().zip(MAGIC).all(|(have, want)| *have == want) {
            return Err(HeaderError::NotGzip);
        }
        let Some(fixed) = data.first_chunk::<FIXED>() else {
            return Err(HeaderError::Cut);
        };
        let flags = fixed[3];
        if flags & RESERVED != 0 {
            return Err(HeaderError::NotGzip);
        }
        let mut fields = Fields { data, at: FIXED };
        if flags & HAS_EXTRA != 0 {
            fields.skip_sized()?;
        }
        if flags & HAS_NAME != 0 {
            fields.text()?;
        }
        let comment = if flags & HAS_COMMENT != 0 {
            fields.text()?
        } else {
            &[]
        };
        if flags & HAS_HEADER_CRC != 0 {
            fields.skip(2)?;
        }
        Ok(Self {
            length: fields.at,
            comment,
        })
    }

    /// Bytes of a block that HotSpot's comment promises, where they are worth inflating in parallel.
    pub(super) fn block_size(&self) -> Option<usize> {
        let digits = self.comment.strip_prefix(BLOCK_COMMENT)?;
        let size: usize = std::str::from_utf8(digits).ok()?.trim().parse().ok()?;
        (1..=LARGEST_BLOCK).contains(&size).then_some(size)
    }
}

/// The fields of variable length in a header.
struct Fields<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn skip(&mut self, bytes: usize) -> Result<(), HeaderError> {
        self.at += bytes;
        if self.at > self.data.len() {
            return Err(HeaderError::Cut);
        }
        Ok(())
    }

    fn skip_sized(&mut self) -> Result<(), HeaderError> {
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        let size = rest.first_chunk::<2>().ok_or(HeaderError::Cut)?;
        self.skip(2 + usize::from(u16::from_le_bytes(*size)))
    }

    /// The bytes up to a zero byte, which is passed.
    fn text(&mut self) -> Result<&'a [u8], HeaderError> {
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        let window = &rest[..rest.len().min(LONGEST_HEADER)];
        let Some(length) = memchr::memchr(0, window) else {
            let is_cut = window.len() == rest.len();
            return Err(if is_cut {
                HeaderError::Cut
            } else {
                HeaderError::NotGzip
            });
        };
        self.at += length + 1;
        Ok(&window[..length])
    }
}

/// What ends a member.
pub(super) struct Trailer {
    pub(super) crc: u32,
    /// Unpacked bytes modulo 2^32.
    pub(super) size: u32,
}

impl Trailer {
    /// Reads the trailer at the beginning of `data`.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let bytes = data.first_chunk::<TRAILER>()?;
        let [a, b, c, d, e, f, g, h] = *bytes;
        Some(Self {
            crc: u32::from_le_bytes([a, b, c, d]),
            size: u32::from_le_bytes([e, f, g, h]),
        })
    }
}

/// Deflate data without header and trailer (RFC 1951), as gzip and ZIP hold it.
pub(in crate::input::container) struct Inflate(Decompress);

impl Default for Inflate {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Inflate {
    /// Made ready for other data: to make another one costs more than a small member.
    pub(super) fn restart(&mut self) {
        self.0.reset(false);
    }
}

impl Decoder for Inflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let end = match self.0.decompress(input, output, FlushDecompress::None) {
            Ok(Status::StreamEnd) => Some(End::Whole),
            Ok(_) => None,
            Err(error) => Some(End::Corrupt(error.to_string())),
        };
        Step {
            // Both differences are at most the lengths of the slices.
            read: (self.0.total_in() - read) as usize,
            written: (self.0.total_out() - written) as usize,
            end,
        }
    }
}

//! Columns of numbers in one file, so that a later run need not work them out again. Knows nothing of what they mean.
//!
//! # The file
//!
//! | bytes | content |
//! | --- | --- |
//! | 16 | [`MAGIC`] |
//! | 4 | length of the list |
//! | 8 | checksum of the list |
//! | length | the list, JSON: the key, and of every column its name, width of a number, place, length, checksum |
//! | the rest | the columns, one after the other, as they lie in memory; the key says of which kind of machine |
//!
//! A file whose key is another one does not fit. Columns are read, not mapped: whoever may write to the file could change what was
//! checked before. Every column is checked while it is read, and none is longer than its reader says it can be, so neither damage nor
//! a forged list costs more than the reader allows.

mod read;
mod write;

pub use read::Kept;
pub use write::Columns;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

/// What every such file begins with.
pub const NAME: &[u8; 15] = b"hprof-suspects ";

/// The whole beginning. The number changes with the layout of the file.
const MAGIC: &[u8; 16] = b"hprof-suspects 1";

/// Longest list that is read, in bytes.
const LONGEST_LIST: u32 = 64 << 10;

/// Bytes of a column that one thread reads and checks at a time.
const PIECE: usize = 4 << 20;

/// Why a file is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit(pub &'static str);

/// The list of the columns.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    key: String,
    columns: Vec<Entry>,
}

/// A column in the list.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// Bytes of a number.
    width: usize,
    /// Where it begins in the file.
    start: u64,
    /// Its length in bytes.
    bytes: u64,
    /// Checksum of the checksums of its pieces.
    sum: u64,
}

/// The checksum of a piece.
fn checksum(piece: &[u8]) -> u64 {
    XxHash3_64::oneshot(piece)
}

/// The checksum of a column, whose pieces have these.
fn checksum_of_all(pieces: &[u64]) -> u64 {
    checksum(bytemuck::cast_slice(pieces))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn written(bytes: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("room");
        file
    }

    fn example() -> Vec<u8> {
        let (narrow, wide) = ([1u16, 2, 3], [u64::MAX, 7]);
        let mut columns = Columns::default();
        columns.put("narrow", &narrow);
        columns.put("wide", &wide);
        columns.put_owned("none", Vec::<u32>::new());
        let mut out = Vec::new();
        columns.write("key", &mut out).expect("memory");
        assert!(columns.bytes() <= out.len() as u64);
        out
    }

    #[test]
    fn columns_come_back() {
        let kept = Kept::open(written(&example()), "key").expect("it fits");
        assert_eq!(kept.take::<u16>("narrow", 3).expect("a column"), [1, 2, 3]);
        assert_eq!(
            kept.take::<u64>("wide", 9).expect("a column"),
            [u64::MAX, 7]
        );
        assert_eq!(kept.take::<u32>("none", 0).expect("a column"), [0u32; 0]);
        assert!(kept.exactly::<u64>("wide", 3).is_err(), "another length");
        assert!(kept.take::<u16>("narrow", 2).is_err(), "too long");
        assert!(kept.take::<u32>("narrow", 9).is_err(), "another width");
        assert!(kept.take::<u32>("other", 9).is_err(), "another name");
        assert!(Kept::open(written(&example()), "another").is_err());
    }

    /// Every flipped bit and every cut is noticed, at the latest when the column is read.
    #[test]
    fn damage_is_noticed() {
        let whole = example();
        let is_read = |bytes: &[u8]| {
            let kept = Kept::open(written(bytes), "key")?;
            kept.take::<u16>("narrow", 3)?;
            kept.take::<u64>("wide", 2)?;
            kept.take::<u32>("none", 0)
        };
        assert!(is_read(&whole).is_ok());
        for at in 0..whole.len() * 8 {
            let mut damaged = whole.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert!(is_read(&damaged).is_err(), "bit {at}");
        }
        for length in 0..whole.len() {
            assert!(is_read(&whole[..length]).is_err(), "cut to {length}");
        }
    }
}

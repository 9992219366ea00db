//! Reading columns.

use std::fs::File;
use std::io;

use bytemuck::{AnyBitPattern, NoUninit};
use rayon::prelude::*;

use super::{Entry, LONGEST_LIST, List, MAGIC, PIECE, Unfit, checksum, checksum_of_all};
use crate::platform;

/// Bytes before the list.
const HEAD: usize = MAGIC.len() + 4 + 8;

const DAMAGED: Unfit = Unfit("it is damaged");

/// An opened file of columns.
#[derive(Debug)]
pub struct Kept {
    file: File,
    entries: Vec<Entry>,
    /// Where the columns begin.
    base: u64,
}

impl Kept {
    /// Opens `file`, which was written with `key`.
    ///
    /// # Errors
    /// When it is no such file, is shorter than its list says, or has another key.
    pub fn open(file: File, key: &str) -> Result<Kept, Unfit> {
        let length = file.metadata().map_err(unreadable)?.len();
        let mut head = [0; HEAD];
        platform::read_at(&file, &mut head, 0).map_err(unreadable)?;
        let (magic, rest) = head.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(Unfit("it is no index of this version's layout"));
        }
        let (bytes, sum) = rest.split_at(4);
        let bytes = u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        if bytes > LONGEST_LIST || HEAD as u64 + u64::from(bytes) > length {
            return Err(DAMAGED);
        }
        let mut list = vec![0; bytes as usize];
        platform::read_at(&file, &mut list, HEAD as u64).map_err(unreadable)?;
        if checksum(&list).to_le_bytes() != sum {
            return Err(DAMAGED);
        }
        let list: List = serde_json::from_slice(&list).map_err(|_| DAMAGED)?;
        if list.key != key {
            return Err(Unfit(
                "it was made from another state of the dump, by another version, or with other options",
            ));
        }
        let base = HEAD as u64 + u64::from(bytes);
        let is_inside = |entry: &Entry| {
            let end = base.checked_add(entry.start)?.checked_add(entry.bytes)?;
            (end <= length).then_some(())
        };
        match list.columns.iter().all(|entry| is_inside(entry).is_some()) {
            true => Ok(Kept {
                file,
                entries: list.columns,
                base,
            }),
            false => Err(Unfit("it was cut short")),
        }
    }

    /// Bytes of all columns together.
    pub fn bytes(&self) -> u64 {
        let bytes = self.entries.iter().map(|entry| entry.bytes);
        bytes.fold(0, u64::saturating_add)
    }

    /// The width in bytes of the numbers of column `name`; 0 where there is none.
    pub fn width(&self, name: &str) -> usize {
        self.entry(name).map_or(0, |entry| entry.width)
    }

    fn entry(&self, name: &str) -> Result<&Entry, Unfit> {
        let entry = self.entries.iter().find(|entry| entry.name == name);
        entry.ok_or(Unfit("a column is missing"))
    }

    /// The column `name`, which has at most `most` numbers.
    ///
    /// # Errors
    /// When it is not there, is longer, has numbers of another width, cannot be read, or is damaged.
    pub fn take<T: NoUninit + AnyBitPattern + Send>(
        &self,
        name: &str,
        most: usize,
    ) -> Result<Vec<T>, Unfit> {
        let entry = self.entry(name)?;
        let width = size_of::<T>();
        let length = usize::try_from(entry.bytes).map_err(|_| DAMAGED)? / width;
        if entry.width != width || entry.bytes % width as u64 != 0 || length > most {
            return Err(Unfit("a column has another shape"));
        }
        let mut numbers: Vec<T> = bytemuck::allocation::zeroed_vec(length);
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut numbers);
        let start = self.base + entry.start;
        let read = |(piece, bytes): (usize, &mut [u8])| {
            platform::read_at(&self.file, bytes, start + (piece * PIECE) as u64)?;
            Ok(checksum(bytes))
        };
        let sums: io::Result<Vec<u64>> =
            bytes.par_chunks_mut(PIECE).enumerate().map(read).collect();
        let sum = checksum_of_all(&sums.map_err(unreadable)?);
        if sum == entry.sum {
            Ok(numbers)
        } else {
            Err(DAMAGED)
        }
    }

    /// The column `name`, which has `length` numbers.
    ///
    /// # Errors
    /// As [`Kept::take`], and when it is shorter.
    pub fn exactly<T: NoUninit + AnyBitPattern + Send>(
        &self,
        name: &str,
        length: usize,
    ) -> Result<Vec<T>, Unfit> {
        let numbers = self.take(name, length)?;
        match numbers.len() == length {
            true => Ok(numbers),
            false => Err(Unfit("a column has another length")),
        }
    }
}

fn unreadable(_: io::Error) -> Unfit {
    Unfit("it cannot be read")
}

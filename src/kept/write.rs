//! Writing columns.

use std::borrow::Cow;
use std::io::{self, Write};

use bytemuck::NoUninit;
use rayon::prelude::*;

use super::{Entry, List, MAGIC, PIECE, checksum, checksum_of_all};

/// Columns that are to be written.
#[derive(Debug, Default)]
pub struct Columns<'a> {
    list: Vec<Column<'a>>,
}

#[derive(Debug)]
struct Column<'a> {
    name: &'static str,
    width: usize,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Columns<'a> {
    /// Adds a column.
    pub fn put<T: NoUninit>(&mut self, name: &'static str, numbers: &'a [T]) {
        self.add::<T>(name, Cow::Borrowed(bytemuck::cast_slice(numbers)));
    }

    /// Adds a column that is made for this.
    pub fn put_owned<T: NoUninit>(&mut self, name: &'static str, numbers: Vec<T>) {
        let bytes: &[u8] = bytemuck::cast_slice(&numbers);
        self.add::<T>(name, Cow::Owned(bytes.to_vec()));
    }

    fn add<T>(&mut self, name: &'static str, bytes: Cow<'a, [u8]>) {
        let width = size_of::<T>();
        self.list.push(Column { name, width, bytes });
    }

    /// Bytes of all columns together.
    pub fn bytes(&self) -> u64 {
        let bytes = self.list.iter().map(|column| column.bytes.len() as u64);
        bytes.sum()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, key: &str, out: &mut dyn Write) -> io::Result<()> {
        let list = self.list(key)?;
        let length = u32::try_from(list.len()).map_err(io::Error::other)?;
        out.write_all(MAGIC)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(&checksum(&list).to_le_bytes())?;
        out.write_all(&list)?;
        for column in &self.list {
            out.write_all(&column.bytes)?;
        }
        out.flush()
    }

    /// The list, in which places count from the end of the list: how long it gets is not known before.
    fn list(&self, key: &str) -> io::Result<Vec<u8>> {
        let mut start = 0;
        let entries = self.list.iter().map(|column| {
            let bytes = column.bytes.len() as u64;
            start += bytes;
            Entry {
                name: column.name.to_owned(),
                width: column.width,
                start: start - bytes,
                bytes,
                sum: sum(&column.bytes),
            }
        });
        let list = List {
            columns: entries.collect(),
            key: key.to_owned(),
        };
        Ok(serde_json::to_vec(&list)?)
    }
}

fn sum(column: &[u8]) -> u64 {
    let pieces: Vec<u64> = column.par_chunks(PIECE).map(checksum).collect();
    checksum_of_all(&pieces)
}

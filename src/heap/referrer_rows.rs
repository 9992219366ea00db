//! Who refers to whom, as far as the dominator tree does not tell: rows of a compressed table, for the index that `--keep` writes.
//!
//! Most objects have one referrer, which is their immediate dominator. They have no row. The others have the numbers of all that
//! refer to them from instances and arrays: the first as its difference to the object itself, the next ones as differences to the one
//! before, all of them seven bits a byte. Objects that refer to each other are often neighbours, so most numbers take one or two bytes.

use std::sync::OnceLock;

use crate::graph::{AtomicBits, Ranked};
use crate::kept::{Columns, Kept, Unfit};

/// Rows of which the place of the first is noted.
const GROUP: usize = 16;
/// Bytes of rows for each byte of the dump, at most: a reference has four bytes there, and never more than ten here.
const LONGEST: usize = 3;

/// The table.
#[derive(Debug)]
pub struct ReferrerRows {
    /// The objects that have a row.
    referred: Ranked,
    /// Where every so many rows begin.
    starts: Vec<u64>,
    /// Length and content of each row.
    bytes: Vec<u8>,
}

impl ReferrerRows {
    /// The rows of `objects` objects from runs of (object, who refers to it), each run and all of them together ascending, each pair
    /// once.
    pub fn new(objects: usize, runs: impl Iterator<Item = Vec<(u32, u32)>>) -> ReferrerRows {
        let referred = AtomicBits::new(objects);
        let (mut starts, mut bytes, mut row) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows = 0usize;
        for run in runs {
            for pairs in run.chunk_by(|a, b| a.0 == b.0) {
                let mut before = pairs[0].0;
                referred.insert(before);
                row.clear();
                for (number, &(_, from)) in pairs.iter().enumerate() {
                    match number {
                        0 => put(folded(i64::from(from) - i64::from(before)), &mut row),
                        _ => put(u64::from(from.wrapping_sub(before)), &mut row),
                    }
                    before = from;
                }
                if rows.is_multiple_of(GROUP) {
                    starts.push(bytes.len() as u64);
                }
                rows += 1;
                put(row.len() as u64, &mut bytes);
                bytes.extend_from_slice(&row);
            }
        }
        ReferrerRows {
            referred: referred.ranked(),
            starts,
            bytes,
        }
    }

    /// Adds the columns.
    pub fn keep<'s>(&'s self, columns: &mut Columns<'s>) {
        columns.put("referred", self.referred.words());
        columns.put("referrer_starts", &self.starts);
        columns.put("referrers", &self.bytes);
    }

    fn restore(kept: &Kept, objects: usize, dump: usize) -> Result<ReferrerRows, Unfit> {
        let words = kept.exactly("referred", objects.div_ceil(64))?;
        let referred = Ranked::of_words(words, objects).ok_or(Unfit("it holds no rows"))?;
        Ok(ReferrerRows {
            starts: kept.exactly("referrer_starts", referred.len().div_ceil(GROUP))?,
            bytes: kept.take("referrers", dump.saturating_mul(LONGEST))?,
            referred,
        })
    }

    /// The objects that refer to `object`, ascending; nothing where it has no row. Numbers of a forged index may be any.
    pub fn of(&self, object: u32) -> impl Iterator<Item = u32> + '_ {
        let mut row = self.row(object).unwrap_or_default();
        let mut before = None;
        std::iter::from_fn(move || {
            let number = take(&mut row)?;
            let from = match before {
                None => i64::from(object).checked_add(unfolded(number))?,
                Some(before) => i64::from(before).checked_add_unsigned(number)?,
            };
            before = u32::try_from(from).ok();
            before
        })
    }

    fn row(&self, object: u32) -> Option<&[u8]> {
        if !self.referred.contains(object) {
            return None;
        }
        let rank = self.referred.rank(object) as usize;
        let start = usize::try_from(*self.starts.get(rank / GROUP)?).ok()?;
        let mut rest = self.bytes.get(start..)?;
        for _ in 0..rank % GROUP {
            let length = usize::try_from(take(&mut rest)?).ok()?;
            rest = rest.get(length..)?;
        }
        let length = usize::try_from(take(&mut rest)?).ok()?;
        rest.get(..length)
    }
}

/// The rows that a snapshot has: those of an index, which are read when they are first asked for, or those that were made.
#[derive(Debug, Default)]
pub struct KnownRows {
    /// The index, the objects of the heap, the bytes of the dump.
    file: Option<(Kept, usize, usize)>,
    read: OnceLock<Option<ReferrerRows>>,
    made: OnceLock<ReferrerRows>,
}

impl KnownRows {
    /// Those in `kept`, of a heap of so many objects in a dump of so many bytes.
    pub fn in_file(kept: Kept, objects: usize, dump: usize) -> KnownRows {
        KnownRows {
            file: Some((kept, objects, dump)),
            ..KnownRows::default()
        }
    }

    /// The rows; `None` where there are none yet, or those of the index are damaged.
    pub fn get(&self) -> Option<&ReferrerRows> {
        let read = || {
            let (kept, objects, dump) = self.file.as_ref()?;
            ReferrerRows::restore(kept, *objects, *dump).ok()
        };
        self.made
            .get()
            .or_else(|| self.read.get_or_init(read).as_ref())
    }

    /// Takes rows that were made.
    pub fn set(&self, rows: ReferrerRows) {
        // Those that somebody else made in the meantime say the same.
        let _ = self.made.set(rows);
    }
}

/// A number with a sign as one without, small ones as small ones.
fn folded(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Adds `number` in groups of seven bits, the lowest first; all but the last have the eighth bit set.
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the front of `bytes`.
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let most = 70_000;
        // Objects with many referrers, few, one, none; far and near ones, itself among them.
        let pairs: Vec<(u32, u32)> = (0..most)
            .step_by(7)
            .flat_map(|object| {
                let step = 1 + object * 31 % 997;
                let few = (0..most)
                    .step_by(step as usize * 64 + 1)
                    .take(object as usize % 60);
                few.chain([most]).map(move |from| (object, from))
            })
            .collect();
        let halves = pairs.split_at(pairs.partition_point(|pair| pair.0 < most / 2));
        let runs = [halves.0.to_vec(), Vec::new(), halves.1.to_vec()];
        let rows = ReferrerRows::new(most as usize, runs.into_iter());
        let mut rest = pairs.as_slice();
        for object in 0..most {
            let own = rest.partition_point(|pair| pair.0 == object);
            let expected: Vec<u32> = rest[..own].iter().map(|pair| pair.1).collect();
            assert_eq!(rows.of(object).collect::<Vec<_>>(), expected, "{object}");
            rest = &rest[own..];
        }
        assert!(rest.is_empty());
        assert!(rows.bytes.len() < 4 * pairs.len(), "it is no compression");
    }

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, -1, 63, -64, 64, 1 << 40, i64::MAX, i64::MIN] {
            let mut bytes = Vec::new();
            put(folded(number), &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!(take(&mut rest).map(unfolded), Some(number));
            assert!(rest.is_empty());
            // Cut, it is no number.
            assert_eq!(take(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(take(&mut [0xff; 11].as_slice()), None, "it has no end");
    }
}

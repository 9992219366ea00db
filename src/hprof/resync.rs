//! Finding the next record where the bytes stop making sense.
//!
//! A place is believed to begin a record when several records in a row fit there: their tags are known, their lengths lie
//! inside the file and suit their tags.

use super::cursor::{Cursor, IdSize};
use super::sub_record::{self, SubRecords};
use super::tag::record;

/// Bytes of a top-level record's own header: tag, time, length.
pub const RECORD_HEADER: usize = 9;
/// Records in a row that have to fit before a place in the middle of garbage is believed.
const CHAIN: usize = 3;
/// Zeros are skipped in pieces of so many bytes.
const PIECE: usize = 4096;
/// Bytes that are searched before it is reported that they were.
const REPORT_EVERY: usize = 16 << 20;

/// Looks for records in the bytes of a dump.
pub struct Search<'a> {
    bytes: &'a [u8],
    id: IdSize,
    /// Called with offsets that the search has passed and will not come back to soon.
    passed: &'a dyn Fn(usize, usize),
    /// Sub-records that may still be hopped over: keeps the whole search linear, whatever the bytes say.
    hops: usize,
}

impl<'a> Search<'a> {
    /// Searches in `bytes`, the whole dump. `passed` learns which offsets were searched in vain: a file that ends in gigabytes
    /// of zeros need not stay in memory.
    pub fn new(bytes: &'a [u8], id: IdSize, passed: &'a dyn Fn(usize, usize)) -> Search<'a> {
        Search {
            bytes,
            id,
            passed,
            hops: bytes.len(),
        }
    }

    /// Where the sub-records that begin at `body` end, whatever the length of their record (which says `end`): at the
    /// first border at or after `end`, or at the first place that holds no sub-record, that a record or the end of the
    /// file follows. `None` where neither comes.
    pub fn true_end(&mut self, body: usize, end: usize) -> Option<usize> {
        let mut records = SubRecords::new(self.bytes, body, self.bytes.len(), self.id);
        loop {
            let at = records.position();
            // GC roots look like short records now and then: a longer chain where the length does not lead.
            if at == end && self.plausible(at, 2) || at > end && self.plausible(at, CHAIN + 1) {
                return Some(at);
            }
            self.hops = self.hops.checked_sub(1)?;
            match records.next() {
                Ok(Some(_)) => {}
                Ok(None) => return Some(at),
                Err(_) => return self.plausible(at, CHAIN).then_some(at),
            }
        }
    }

    /// Whether `depth` records in a row could start at `at`, or the file ends there.
    pub fn plausible(&self, mut at: usize, depth: usize) -> bool {
        for _ in 0..depth {
            if at == self.bytes.len() {
                return true;
            }
            if self.bytes[at.min(self.bytes.len())..].starts_with(b"JAVA PROFILE 1.") {
                return true;
            }
            let mut cursor = Cursor::new(self.bytes, at, self.bytes.len());
            let (Some(tag), Some(_), Some(length)) = (cursor.u1(), cursor.u4(), cursor.u4()) else {
                return false;
            };
            let body = cursor.position();
            if !record::is_known(tag) || length as usize > self.bytes.len() - body {
                return false;
            }
            if !self.fits(tag, body, length as usize) {
                return false;
            }
            at = body + length as usize;
        }
        true
    }

    /// Whether a record of kind `tag` can have this body.
    fn fits(&self, tag: u8, body: usize, length: usize) -> bool {
        let width = self.id.bytes();
        match tag {
            record::UTF8 => length >= width,
            record::LOAD_CLASS => length == 8 + 2 * width,
            record::FRAME => length == 8 + 4 * width,
            record::TRACE => length >= 12,
            record::UNLOAD_CLASS | record::END_THREAD => length == 4,
            record::HEAP_DUMP | record::HEAP_DUMP_SEGMENT => {
                length == 0
                    || self
                        .bytes
                        .get(body)
                        .is_some_and(|&tag| tag != 0 && sub_record::is_known(tag))
            }
            record::HEAP_DUMP_END => length == 0,
            _ => true,
        }
    }

    /// The next offset at or after `from` where a chain of records could start. Linear in the bytes looked at.
    pub fn find_plausible(&self, from: usize) -> Option<usize> {
        let last = self.bytes.len().checked_sub(RECORD_HEADER)?;
        let mut at = from;
        let mut reported = from;
        while at <= last {
            if at - reported >= REPORT_EVERY {
                (self.passed)(reported, at);
                reported = at;
            }
            let piece = &self.bytes[at..(at + PIECE).min(self.bytes.len())];
            // Preallocated files end in gigabytes of zeros.
            if piece.iter().fold(0, |any, &byte| any | byte) != 0 {
                let found = (at..=last.min(at + PIECE - 1))
                    .find(|&at| record::is_known(self.bytes[at]) && self.plausible(at, CHAIN));
                if found.is_some() {
                    return found;
                }
            }
            at += PIECE;
        }
        None
    }

    /// Whether the bytes read as several sub-records in a row.
    pub fn looks_like_heap(&self, start: usize, end: usize) -> bool {
        let mut records = SubRecords::new(self.bytes, start, end, self.id);
        let mut read = 0;
        while read < 16 {
            match records.next() {
                Ok(Some(_)) => read += 1,
                Ok(None) => return read > 0,
                Err(_) => return false,
            }
        }
        true
    }
}

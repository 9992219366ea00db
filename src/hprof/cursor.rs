//! Bounds-checked big-endian reads.

use byteorder::{BigEndian, ByteOrder};

/// Width of an identifier in this dump: 4 or 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdSize {
    /// 4 bytes: 32-bit JVMs, Android, the old hprof agent.
    Four,
    /// 8 bytes: 64-bit HotSpot.
    Eight,
}

impl IdSize {
    /// The width in bytes.
    #[inline(always)]
    pub fn bytes(self) -> usize {
        match self {
            IdSize::Four => 4,
            IdSize::Eight => 8,
        }
    }

    /// Reads the identifier that starts `bytes`. The caller has checked that it is long enough.
    #[inline(always)]
    pub fn read(self, bytes: &[u8]) -> u64 {
        match self {
            IdSize::Four => u64::from(BigEndian::read_u32(bytes)),
            IdSize::Eight => BigEndian::read_u64(bytes),
        }
    }
}

/// A position in the file's bytes up to an end; every read says whether the bytes were there.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes[start..end]`; positions stay file offsets.
    pub fn new(bytes: &'a [u8], start: usize, end: usize) -> Cursor<'a> {
        let end = end.min(bytes.len());
        Cursor {
            bytes,
            position: start.min(end),
            end,
        }
    }

    /// The file offset of the next byte.
    #[inline(always)]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    #[inline(always)]
    pub fn remaining(&self) -> usize {
        self.end - self.position
    }

    /// The next `n` bytes.
    #[inline(always)]
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        if n > self.remaining() {
            return None;
        }
        let slice = &self.bytes[self.position..self.position + n];
        self.position += n;
        Some(slice)
    }

    /// One unsigned byte.
    #[inline(always)]
    pub fn u1(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    /// Two bytes, unsigned.
    #[inline(always)]
    pub fn u2(&mut self) -> Option<u16> {
        self.take(2).map(BigEndian::read_u16)
    }

    /// Four bytes, unsigned.
    #[inline(always)]
    pub fn u4(&mut self) -> Option<u32> {
        self.take(4).map(BigEndian::read_u32)
    }

    /// Eight bytes, unsigned.
    #[inline(always)]
    pub fn u8(&mut self) -> Option<u64> {
        self.take(8).map(BigEndian::read_u64)
    }

    /// An identifier.
    #[inline(always)]
    pub fn id(&mut self, id: IdSize) -> Option<u64> {
        self.take(id.bytes()).map(|b| id.read(b))
    }
}

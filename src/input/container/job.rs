//! What every container's unpacking works on: the data, where it goes, what was found wrong.

use std::ops::ControlFlow;

use super::drive::{Decoder, End, STEP, drive_with};
use crate::input::Progress;
use crate::input::error::InputError;
use crate::input::spool::Spool;
use crate::input::warning::{
    CONTAINER_CHECKSUM, CONTAINER_CORRUPT, CONTAINER_TRAILING, CONTAINER_TRUNCATED, InputWarning,
};

/// The unpacking of one container.
pub(in crate::input) struct Job<'a> {
    /// The name of the container.
    pub(super) format: &'static str,
    /// The compressed data.
    pub(super) data: &'a [u8],
    /// Where the unpacked bytes go.
    pub(super) out: Spool,
    /// What was found wrong.
    pub(super) warnings: Vec<InputWarning>,
    /// What the decoder said about the damage.
    pub(super) fault: Option<String>,
    /// Tells how far it got in `data`.
    pub(super) progress: Progress<'a>,
    /// What decoders write to: a file may have a million streams of a few bytes.
    buffer: Vec<u8>,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        format: &'static str,
        data: &'a [u8],
        out: Spool,
        progress: Progress<'a>,
    ) -> Self {
        Self {
            format,
            data,
            out,
            warnings: Vec::new(),
            fault: None,
            progress,
            buffer: Vec::new(),
        }
    }

    /// Decompresses from `start` on; `also` sees what came out. Gives the offset reached, and how it ended.
    pub(super) fn decode(
        &mut self,
        decoder: &mut dyn Decoder,
        start: usize,
        mut also: impl FnMut(&[u8]),
    ) -> Result<(usize, End), InputError> {
        let data = self.data;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(STEP, 0);
        let done = drive_with(&mut buffer, decoder, &data[start..], |read, bytes| {
            also(bytes);
            self.tick(start + read);
            match self.out.write(bytes) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        });
        self.buffer = buffer;
        match done {
            ControlFlow::Continue((read, end)) => Ok((start + read, end)),
            ControlFlow::Break(error) => Err(error),
        }
    }

    pub(super) fn tick(&self, done: usize) {
        (self.progress)(done as u64, Some(self.data.len() as u64));
    }

    /// Remembers how compressed data ended, unless it ended well. Whether it did.
    pub(super) fn is_whole(&mut self, at: usize, end: End) -> bool {
        match end {
            End::Whole => return true,
            End::Truncated => self.truncated(at),
            End::Corrupt(what) => self.corrupt(at, &what),
        }
        false
    }

    pub(super) fn truncated(&mut self, at: usize) {
        let message = format!(
            "the {} data ends in the middle: the dump is cut after {} unpacked bytes; copy the file again",
            self.format,
            self.out.written()
        );
        self.warn(CONTAINER_TRUNCATED, message, at);
    }

    pub(super) fn corrupt(&mut self, at: usize, what: &str) {
        self.fault = Some(what.to_owned());
        let message = format!(
            "the {} data is damaged ({what}): the dump is cut after {} unpacked bytes; copy the file again",
            self.format,
            self.out.written()
        );
        self.warn(CONTAINER_CORRUPT, message, at);
    }

    pub(super) fn wrong_checksum(&mut self, at: usize) {
        let message = format!(
            "the checksum of the {} data does not fit: some of the unpacked bytes are wrong; copy the file again",
            self.format
        );
        self.warn(CONTAINER_CHECKSUM, message, at);
    }

    /// Remembers that what lies from `at` to the end belongs to nothing. Zeros are padding and not worth a word.
    pub(super) fn trailing(&mut self, at: usize) {
        let rest = &self.data[at..];
        if rest.iter().all(|&byte| byte == 0) {
            return;
        }
        let count = rest.len() as u64;
        let message = format!(
            "{count} bytes after the end of the {} data were ignored",
            self.format
        );
        self.warn(CONTAINER_TRAILING, message, at);
        if let Some(warning) = self.warnings.last_mut() {
            warning.count = Some(count);
        }
    }

    pub(super) fn warn(&mut self, code: &'static str, message: String, at: usize) {
        self.warnings
            .push(InputWarning::new(code, message).at(at as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::Step;
    use super::*;
    use crate::input::spool::FreeSpace;

    /// Notes where it is to write, and ends.
    struct Ends(Vec<usize>);

    impl Decoder for Ends {
        fn step(&mut self, _: &[u8], output: &mut [u8]) -> Step {
            self.0.push(output.as_ptr().addr());
            Step {
                read: 0,
                written: 0,
                end: Some(End::Whole),
            }
        }
    }

    #[test]
    fn streams_of_one_file_share_a_buffer() {
        let room = FreeSpace {
            name: "heap.hprof.gz".to_owned(),
            memory: 1 << 20,
            directory: std::env::temp_dir(),
            most_unpacked: 1 << 20,
        };
        let mut job = Job::new("gzip", b"", Spool::new(room, String::new()), &|_, _| {});
        let mut decoder = Ends(Vec::new());
        let mut between = Vec::new();
        for _ in 0..2 {
            assert!(job.decode(&mut decoder, 0, |_| {}).is_ok());
            // Another one would lie elsewhere.
            between.push(vec![1; STEP]);
        }
        assert_eq!(decoder.0[0], decoder.0[1]);
    }
}

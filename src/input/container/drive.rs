//! The loop that all decompressors share.

use std::ops::ControlFlow;

/// Bytes that a decompressor may give in one step.
pub(super) const STEP: usize = 256 << 10;

/// What one step of a decompressor did.
pub(super) struct Step {
    /// Bytes taken from the input.
    pub(super) read: usize,
    /// Bytes put into the output.
    pub(super) written: usize,
    /// The compressed data ends here, by its own mark or in nonsense. What this step read and wrote before counts.
    pub(super) end: Option<End>,
}

/// A decompressor that is fed by hand, so that the offset of its damage is known.
pub(super) trait Decoder {
    /// Takes from `input`, puts into `output`.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;
}

/// How compressed data ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With its own mark.
    Whole,
    /// With the end of the file.
    Truncated,
    /// In nonsense.
    Corrupt(String),
}

/// Runs `decoder` over `data` and hands what comes out to `take` with the offset reached; `take` may stop it. Gives the
/// number of bytes that were read, and how it ended.
pub(super) fn drive<B>(
    decoder: &mut dyn Decoder,
    data: &[u8],
    take: impl FnMut(usize, &[u8]) -> ControlFlow<B>,
) -> ControlFlow<B, (usize, End)> {
    drive_with(&mut vec![0; STEP], decoder, data, take)
}

/// The same, with a buffer that is there already.
pub(super) fn drive_with<B>(
    buffer: &mut [u8],
    decoder: &mut dyn Decoder,
    data: &[u8],
    mut take: impl FnMut(usize, &[u8]) -> ControlFlow<B>,
) -> ControlFlow<B, (usize, End)> {
    let mut at = 0;
    loop {
        let step = decoder.step(&data[at..], buffer);
        at += step.read;
        if step.written > 0 {
            take(at, &buffer[..step.written])?;
        }
        if let Some(end) = step.end {
            return ControlFlow::Continue((at, end));
        }
        if step.read == 0 && step.written == 0 {
            let end = if at >= data.len() {
                End::Truncated
            } else {
                End::Corrupt("the decoder makes no progress".to_owned())
            };
            return ControlFlow::Continue((at, end));
        }
    }
}

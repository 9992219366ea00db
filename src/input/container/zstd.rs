//! Zstandard (RFC 8878): frames one after the other, skippable ones between them.

use zstd::stream::raw::{DParameter, Decoder as Raw, Operation};

use super::drive::{Decoder, End, Step};
use super::job::Job;
use crate::input::error::InputError;

/// The largest window that is accepted, as a power of 2: 128 MiB, what `zstd -19` and `zstd --long` use. A file may ask for 2 GiB,
/// and that memory would be ours.
const WINDOW_LOG: u32 = 27;

struct Frame(Raw<'static>);

impl Decoder for Frame {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self.0.run_on_buffers(input, output) {
            Ok(status) => Step {
                read: status.bytes_read,
                written: status.bytes_written,
                end: (status.remaining == 0).then_some(End::Whole),
            },
            Err(error) => Step {
                read: 0,
                written: 0,
                end: Some(End::Corrupt(error.to_string())),
            },
        }
    }
}

/// Unpacks all frames.
pub(super) fn unpack(job: &mut Job) -> Result<(), InputError> {
    let mut at = 0;
    while at < job.data.len() {
        if at > 0 && !begins_frame(&job.data[at..]) {
            job.trailing(at);
            break;
        }
        let mut frame = match Raw::new() {
            Ok(raw) => Frame(raw),
            Err(error) => {
                job.corrupt(at, &error.to_string());
                break;
            }
        };
        // A parameter that is refused leaves the default, which is as strict.
        let _ = frame.0.set_parameter(DParameter::WindowLogMax(WINDOW_LOG));
        let (reached, end) = job.decode(&mut frame, at, |_| {})?;
        if !job.is_whole(reached, end) {
            break;
        }
        at = reached;
    }
    Ok(())
}

fn begins_frame(data: &[u8]) -> bool {
    // A skippable frame begins with 0x184D2A50 to 0x184D2A5F, least byte first.
    let is_skippable = |m: &[u8; 4]| m[0] & 0xf0 == 0x50 && m[1..] == [0x2a, 0x4d, 0x18];
    data.first_chunk::<4>()
        .is_some_and(|m| *m == [0x28, 0xb5, 0x2f, 0xfd] || is_skippable(m))
}

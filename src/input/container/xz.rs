//! The `.xz` format: streams one after the other, zeros in multiples of four between them.

use liblzma::stream::{Action, Error, Status, Stream};

use super::drive::{Decoder, End, Step};
use super::job::Job;
use crate::input::error::InputError;

/// Memory that the decoder may take, in bytes. `xz -9` needs 65 MiB; a file may ask for 4 GiB.
const MEMORY: u64 = 256 << 20;

const MAGIC: &[u8] = b"\xfd7zXZ\x00";

struct One(Stream);

impl Decoder for One {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let end = match self.0.process(input, output, Action::Run) {
            Ok(Status::StreamEnd) => Some(End::Whole),
            Ok(_) => None,
            Err(Error::MemLimit) => Some(End::Corrupt(format!(
                "it needs more than {MEMORY} bytes of memory: unpack it with xz -d"
            ))),
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

/// Unpacks all streams.
pub(super) fn unpack(job: &mut Job) -> Result<(), InputError> {
    let mut at = 0;
    loop {
        let mut stream = match Stream::new_stream_decoder(MEMORY, 0) {
            Ok(stream) => One(stream),
            Err(error) => {
                job.corrupt(at, &error.to_string());
                return Ok(());
            }
        };
        let (reached, end) = job.decode(&mut stream, at, |_| {})?;
        if !job.is_whole(reached, end) {
            return Ok(());
        }
        let rest = &job.data[reached..];
        let padding = rest.iter().take_while(|&&byte| byte == 0).count();
        at = reached + padding;
        if !job.data[at..].starts_with(MAGIC) {
            job.trailing(reached);
            return Ok(());
        }
    }
}

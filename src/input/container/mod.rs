//! The containers a dump is unpacked from, one file each. To read one more: a file with an `unpack`, a line in each of the functions below.

mod archive;
mod drive;
mod gzip;
mod job;
mod tar;
mod xz;
mod zip;
mod zstd;

use std::ops::Range;

use super::Progress;
use super::error::InputError;
use super::format::Container;
use super::spool::Spool;
use super::storage::Storage;
use super::warning::InputWarning;
use job::Job;

/// What was in a container.
pub(super) enum Inner {
    /// A part of the container's own bytes.
    Window(Range<usize>),
    /// Unpacked bytes.
    Bytes(Storage),
}

/// What came out of a container.
pub(super) struct Outcome {
    /// The content.
    pub(super) inner: Inner,
    /// What was wrong; offsets are bytes of the container.
    pub(super) warnings: Vec<InputWarning>,
    /// Whether the number that the user gave picked a file of an archive.
    pub(super) is_picked: bool,
}

/// Opens `container`, whose bytes are `data`, and unpacks into `out`. `number` is the dump that is wanted, from 1.
pub(super) fn open(
    container: Container,
    data: &[u8],
    out: Spool,
    number: usize,
    progress: Progress,
) -> Result<Outcome, InputError> {
    let name = out.name().to_owned();
    let mut job = Job::new(container.name(), data, out, progress);
    match container {
        Container::Gzip => gzip::unpack(&mut job)?,
        Container::Zstd => zstd::unpack(&mut job)?,
        Container::Xz => xz::unpack(&mut job)?,
        Container::Zip => return zip::open(job, &name, number),
        Container::Tar => return tar::open(data, &name, number),
    }
    finish(job, false)
}

/// The unpacked bytes; an error where damage left none.
fn finish(job: Job, is_picked: bool) -> Result<Outcome, InputError> {
    let damage = job.warnings.iter().find(|warning| warning.is_damage());
    if let (0, Some(damage)) = (job.out.written(), damage) {
        let reason = match &job.fault {
            Some(what) => format!("{what}; copy the file again, or unpack it yourself"),
            None => "it ends there; copy the file again".to_owned(),
        };
        return Err(InputError::Unpack {
            name: job.out.name().to_owned(),
            format: job.format,
            offset: damage.offset.unwrap_or(0),
            reason,
        });
    }
    Ok(Outcome {
        inner: Inner::Bytes(job.out.finish()?),
        warnings: job.warnings,
        is_picked,
    })
}

//! gzip (RFC 1952): members one after the other.
//!
//! HotSpot (`jcmd GC.heap_dump -gz=N`, JDK 15 and later) writes one member for each buffer of 1 MiB and says so in the comment of
//! the first: those are inflated in parallel ([`blocks`]). Everything else goes member by member.

mod blocks;
mod member;

use super::drive::End;
use super::job::Job;
use crate::input::error::InputError;
use member::{Header, HeaderError, Inflate, TRAILER, Trailer};

pub(super) use member::Inflate as RawInflate;

/// Unpacks all members.
pub(super) fn unpack(job: &mut Job) -> Result<(), InputError> {
    match Header::parse(job.data).ok().and_then(|h| h.block_size()) {
        Some(block_size) => blocks::unpack(job, block_size),
        None => members(job, 0),
    }
}

/// Unpacks the members from `at` on, one after the other.
fn members(job: &mut Job, mut at: usize) -> Result<(), InputError> {
    let mut inflate = Inflate::default();
    while at < job.data.len() {
        match Header::parse(&job.data[at..]) {
            Ok(header) => match one(job, &mut inflate, at, header.length)? {
                Some(end) => at = end,
                None => break,
            },
            Err(HeaderError::Cut) => {
                job.truncated(job.data.len());
                break;
            }
            Err(HeaderError::NotGzip) if at > 0 => {
                job.trailing(at);
                break;
            }
            Err(HeaderError::NotGzip) => {
                job.corrupt(at, "its header is impossible");
                break;
            }
        }
    }
    Ok(())
}

/// Unpacks the member at `at` and gives its end; `None` where nothing after it can be read.
fn one(
    job: &mut Job,
    inflate: &mut Inflate,
    at: usize,
    header: usize,
) -> Result<Option<usize>, InputError> {
    inflate.restart();
    let mut crc = flate2::Crc::new();
    let (reached, end) = job.decode(inflate, at + header, |b| crc.update(b))?;
    if !job.is_whole(reached, end) {
        return Ok(None);
    }
    let Some(trailer) = Trailer::parse(&job.data[reached..]) else {
        job.is_whole(job.data.len(), End::Truncated);
        return Ok(None);
    };
    if trailer.crc != crc.sum() {
        job.wrong_checksum(reached);
    }
    Ok(Some(reached + TRAILER))
}

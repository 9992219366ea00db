//! HotSpot's many members, inflated in parallel.
//!
//! Nothing in a gzip file says where the next member begins. Members are looked for by their first bytes, inflated several at a
//! time, and accepted in order: a member counts when it begins where the one before it ended. What only looks like a member, inside
//! compressed data, costs an attempt and is dropped.

use std::ops::ControlFlow;

use memchr::memmem;
use rayon::prelude::*;

use super::member::{Header, Inflate, TRAILER, Trailer};
use super::members;
use crate::input::container::drive::{End, drive};
use crate::input::container::job::Job;
use crate::input::error::InputError;
use crate::input::warning::CONTAINER_CORRUPT;

/// Members that a thread inflates in one round: enough to keep all threads busy, few enough to stay small.
const PER_THREAD: usize = 4;

/// One attempt to inflate a member.
struct Attempt {
    start: usize,
    /// Where the next member begins, for a good one; where it went wrong, for another.
    end: usize,
    bytes: Vec<u8>,
    fault: Option<Fault>,
}

enum Fault {
    /// How the data ended.
    Bad(End),
    /// The checksum differs.
    Checksum,
    /// It is larger than a block: not what HotSpot writes.
    TooLarge,
}

/// Unpacks members of at most `block_size` bytes.
pub(super) fn unpack(job: &mut Job, block_size: usize) -> Result<(), InputError> {
    let data = job.data;
    let round = rayon::current_num_threads().max(1) * PER_THREAD;
    let finder = memmem::Finder::new(b"\x1f\x8b\x08");
    let mut starts = finder
        .find_iter(data)
        .filter(|at| looks_like_member(&data[*at..]))
        .peekable();
    let mut at = 0;
    let mut lost: Option<Attempt> = None;
    loop {
        let batch: Vec<usize> = starts
            .by_ref()
            .filter(|start| *start >= at)
            .take(round)
            .collect();
        if batch.is_empty() {
            break;
        }
        let attempts: Vec<Attempt> = batch
            .into_par_iter()
            .map(|start| attempt(data, start, block_size))
            .collect();
        for attempt in attempts {
            if attempt.start < at {
                continue;
            }
            if attempt.start > at && lost.is_none() && Header::parse(&data[at..]).is_ok() {
                // A member with a name or a time: another program's, appended.
                return members(job, at);
            }
            if attempt.start > at || lost.is_some() {
                // What should begin at `at` is damaged. Only a good member tells how many bytes it had.
                if attempt.fault.is_some() {
                    continue;
                }
                let bad = lost.take();
                match lost_bytes(data, at, attempt.start, block_size) {
                    Some(size) => bridge(job, at, bad, size)?,
                    None => return give_up(job, at, bad),
                }
            }
            match attempt.fault {
                None => {}
                Some(Fault::Checksum) => job.wrong_checksum(attempt.end),
                Some(Fault::Bad(_) | Fault::TooLarge) => {
                    lost = Some(attempt);
                    continue;
                }
            }
            job.out.write(&attempt.bytes)?;
            at = attempt.end;
            job.tick(at);
        }
    }
    finish(job, at, lost)
}

/// The last words: a member that is cut or damaged, or what does not look like one of HotSpot's.
fn finish(job: &mut Job, at: usize, lost: Option<Attempt>) -> Result<(), InputError> {
    match lost {
        Some(bad) => give_up(job, at, Some(bad)),
        None => members(job, at),
    }
}

/// Ends with what is left of a damaged member at `at`; one that was only too large is not damaged.
fn give_up(job: &mut Job, at: usize, bad: Option<Attempt>) -> Result<(), InputError> {
    let Some(bad) = bad else {
        job.corrupt(at, "no member begins where one should");
        return Ok(());
    };
    if let Some(Fault::Bad(end)) = bad.fault {
        job.out.write(&bad.bytes)?;
        job.is_whole(bad.end, end);
        return Ok(());
    }
    if at > 0 && !is_sound(job.data, at) {
        // Damage that unpacks to much more than a block was: rubbish.
        job.corrupt(at, "a block unpacks to too much");
        return Ok(());
    }
    members(job, at)
}

/// Whether the member at `at` can be unpacked to its end.
fn is_sound(data: &[u8], at: usize) -> bool {
    let Ok(header) = Header::parse(&data[at..]) else {
        return false;
    };
    let rest = &data[at + header.length..];
    let end = drive(&mut Inflate::default(), rest, |_, _| {
        ControlFlow::<()>::Continue(())
    });
    matches!(end, ControlFlow::Continue((_, End::Whole)))
}

/// Whether HotSpot writes such a header: no name and no extra field, no time.
fn looks_like_member(data: &[u8]) -> bool {
    data.first_chunk::<8>()
        .is_some_and(|h| matches!(h[3], 0x00 | 0x10) && h[4..] == [0; 4])
}

fn attempt(data: &[u8], start: usize, block_size: usize) -> Attempt {
    let mut bytes = Vec::with_capacity(block_size.min(1 << 20));
    let Ok(header) = Header::parse(&data[start..]) else {
        let fault = Some(Fault::Bad(End::Truncated));
        return Attempt {
            start,
            end: data.len(),
            bytes,
            fault,
        };
    };
    let deflated = start + header.length;
    let done = drive(&mut Inflate::default(), &data[deflated..], |_, more| {
        bytes.extend_from_slice(more);
        // A changed bit can make a block a little longer than it was.
        if bytes.len() > 2 * block_size {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    let (end, fault) = match done {
        ControlFlow::Break(()) => {
            bytes = Vec::new();
            (start, Some(Fault::TooLarge))
        }
        ControlFlow::Continue((read, End::Whole)) => check(data, deflated + read, &mut bytes),
        ControlFlow::Continue((read, end)) => (deflated + read, Some(Fault::Bad(end))),
    };
    Attempt {
        start,
        end,
        bytes,
        fault,
    }
}

/// The end of a member whose deflate data ends at `end`, and what its trailer says. Bytes of the wrong number are made as many as the
/// trailer says, so that what follows keeps its place.
fn check(data: &[u8], end: usize, bytes: &mut Vec<u8>) -> (usize, Option<Fault>) {
    let Some(trailer) = Trailer::parse(&data[end..]) else {
        return (data.len(), Some(Fault::Bad(End::Truncated)));
    };
    let next = end + TRAILER;
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let size = trailer.size as usize;
    if crc.sum() == trailer.crc {
        // The size alone cannot make these bytes wrong.
        return (next, (size != bytes.len()).then_some(Fault::Checksum));
    }
    let is_followed = next == data.len() || Header::parse(&data[next..]).is_ok();
    if !is_followed || size > 2 * bytes.len().max(1) {
        // Not where the member ends: changed bits made the deflate data seem to end here.
        let what = "it ends in the wrong place".to_owned();
        return (end, Some(Fault::Bad(End::Corrupt(what))));
    }
    bytes.resize(size, 0);
    (next, Some(Fault::Checksum))
}

/// How many bytes the damaged member between `at` and the next good one had: its trailer, right before `next`, says so. `None` where
/// it cannot be one member of at most `block_size` bytes.
fn lost_bytes(data: &[u8], at: usize, next: usize, block_size: usize) -> Option<usize> {
    // Deflate never makes data much larger; a longer gap was more than one member, whose sizes are unknown.
    let longest = block_size + block_size / 1000 + 1024;
    let trailer = Trailer::parse(data.get(next.checked_sub(TRAILER)?..)?)?;
    let size = trailer.size as usize;
    (size <= block_size && next - at <= longest).then_some(size)
}

/// Puts what is left of a damaged member, and zeros for the rest of its `size` bytes, so that what follows keeps its offset in the dump.
fn bridge(job: &mut Job, at: usize, bad: Option<Attempt>, size: usize) -> Result<(), InputError> {
    let (kept, place) = bad.map_or((Vec::new(), at), |bad| (bad.bytes, bad.end));
    let kept = &kept[..kept.len().min(size)];
    job.out.write(kept)?;
    let zeros = (size - kept.len()) as u64;
    job.out.write_zeros(zeros)?;
    let message = format!(
        "the gzip data is damaged: a block of {size} bytes of the dump is lost or wrong, {zeros} of them read as zeros; copy the file again"
    );
    job.warn(CONTAINER_CORRUPT, message, place);
    if let Some(warning) = job.warnings.last_mut() {
        warning.count = Some(size as u64);
    }
    Ok(())
}

//! ZIP archives: files stored or deflated. A cut archive has lost its directory, which is at the end: there the first file is read.

use std::ops::{ControlFlow, Range};

use rawzip::{CompressionMethod, ZipArchive};

use super::archive::{Member, Members, choose};
use super::drive::drive;
use super::gzip::RawInflate;
use super::job::Job;
use super::{Inner, Outcome};
use crate::input::error::{InputError, Problem, neutral};
use crate::input::foreign::foreign;
use crate::input::sniff::{PREFIX, sniff};

/// Where a file lies in the archive and how it is packed.
struct Place {
    packed: Range<usize>,
    is_deflated: bool,
    /// Of the unpacked file; unknown without a directory.
    crc: Option<u32>,
    /// Whether the archive is cut.
    is_cut: bool,
}

/// Finds the dump in the archive and unpacks it.
pub(super) fn open(mut job: Job, name: &str, number: usize) -> Result<Outcome, InputError> {
    let members = members(job.data).unwrap_or_else(|| only_first(job.data));
    let choice = choose(members, "zip", name, number)?;
    job.warnings.extend(choice.warning);
    let place = choice.place;
    if !place.is_deflated {
        if place.is_cut {
            job.truncated(place.packed.end);
        }
        return Ok(Outcome {
            inner: Inner::Window(place.packed),
            warnings: job.warnings,
            is_picked: choice.is_picked,
        });
    }
    inflate(&mut job, &place)?;
    super::finish(job, choice.is_picked)
}

fn inflate(job: &mut Job, place: &Place) -> Result<(), InputError> {
    let mut crc = flate2::Crc::new();
    let whole = job.data;
    job.data = &whole[..place.packed.end];
    let done = job.decode(&mut RawInflate::default(), place.packed.start, |b| {
        crc.update(b)
    });
    job.data = whole;
    let (reached, end) = done?;
    if job.is_whole(reached, end) && place.crc.is_some_and(|right| right != crc.sum()) {
        job.wrong_checksum(reached);
    }
    Ok(())
}

/// The files that the directory lists; `None` without a directory.
fn members(data: &[u8]) -> Option<Members<Place>> {
    let archive = ZipArchive::from_slice(data).ok()?;
    let mut members = Members::new();
    for record in archive.entries() {
        let Ok(record) = record else { break };
        if record.is_dir() {
            continue;
        }
        let Ok(entry) = archive.get_entry(record.wayfinder()) else {
            continue;
        };
        let (start, end) = entry.compressed_data_range();
        let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
            continue;
        };
        if start > end || end > data.len() {
            continue;
        }
        let method = record.compression_method();
        let place = Place {
            packed: start..end,
            is_deflated: method == CompressionMethod::DEFLATE,
            crc: Some(record.crc32()),
            is_cut: false,
        };
        let name = neutral(&String::from_utf8_lossy(record.file_path().as_ref()));
        let is_known = place.is_deflated || method == CompressionMethod::STORE;
        members.add(member(
            data,
            name,
            place,
            is_known,
            record.flags().is_encrypted(),
        ));
    }
    Some(members)
}

/// The first file of an archive without a directory.
fn only_first(data: &[u8]) -> Members<Place> {
    let mut members = Members::new();
    if let Some(member) = first(data) {
        members.add(member);
    }
    members
}

/// The first file, by its local header (APPNOTE 4.3.7), up to the end of the data.
fn first(data: &[u8]) -> Option<Member<Place>> {
    const FIXED: usize = 30;
    const ENCRYPTED: u16 = 1;
    let header = data.first_chunk::<FIXED>()?;
    let u2 = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let (flags, method) = (u2(6), u2(8));
    let name_end = FIXED + usize::from(u2(26));
    let start = name_end + usize::from(u2(28));
    let name = data.get(FIXED..name_end)?;
    if start > data.len() {
        return None;
    }
    let place = Place {
        packed: start..data.len(),
        is_deflated: method == 8,
        crc: None,
        is_cut: true,
    };
    let name = neutral(&String::from_utf8_lossy(name));
    Some(member(
        data,
        name,
        place,
        matches!(method, 0 | 8),
        flags & ENCRYPTED != 0,
    ))
}

fn member(
    data: &[u8],
    name: String,
    place: Place,
    is_known: bool,
    is_encrypted: bool,
) -> Member<Place> {
    let content = if is_encrypted {
        Err(foreign("an encrypted ZIP file", "unpack it first"))
    } else if !is_known {
        Err(foreign(
            "a ZIP file of an unusual method",
            "unpack it first",
        ))
    } else {
        sniff_packed(&data[place.packed.clone()], place.is_deflated)
    };
    Member {
        name,
        content,
        place,
    }
}

/// Looks at the beginning of a packed file.
fn sniff_packed(packed: &[u8], is_deflated: bool) -> Result<crate::input::sniff::Content, Problem> {
    if !is_deflated {
        return sniff(&packed[..packed.len().min(PREFIX)]);
    }
    let mut prefix = Vec::new();
    let _ = drive(&mut RawInflate::default(), packed, |_, bytes| {
        prefix.extend_from_slice(bytes);
        if prefix.len() < PREFIX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    sniff(&prefix[..prefix.len().min(PREFIX)])
}

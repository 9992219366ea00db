//! Tape archives. A file in one is a contiguous run of bytes: it is used where it lies.

use std::io::Cursor;
use std::ops::Range;

use tar::{Archive, EntryType};

use super::archive::{Member, Members, choose};
use super::{Inner, Outcome};
use crate::input::error::{InputError, neutral};
use crate::input::foreign::foreign;
use crate::input::sniff::{PREFIX, sniff};
use crate::input::warning::{CONTAINER_TRUNCATED, InputWarning};

/// Where a file lies.
struct Place {
    range: Range<usize>,
    is_cut: bool,
}

/// Finds the dump in the archive `data`.
pub(super) fn open(data: &[u8], name: &str, number: usize) -> Result<Outcome, InputError> {
    let choice = choose(members(data), "tar", name, number)?;
    let mut warnings: Vec<InputWarning> = choice.warning.into_iter().collect();
    if choice.place.is_cut {
        let message =
            "the tar archive ends in the middle of the dump; copy the file again".to_owned();
        warnings.push(InputWarning::new(CONTAINER_TRUNCATED, message).at(data.len() as u64));
    }
    Ok(Outcome {
        inner: Inner::Window(choice.place.range),
        warnings,
        is_picked: choice.is_picked,
    })
}

/// The files up to the end or to the first entry that cannot be read.
fn members(data: &[u8]) -> Members<Place> {
    let mut archive = Archive::new(Cursor::new(data));
    let mut members = Members::new();
    let Ok(entries) = archive.entries_with_seek() else {
        return members;
    };
    for entry in entries {
        let Ok(entry) = entry else { break };
        let kind = entry.header().entry_type();
        if !matches!(
            kind,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse
        ) {
            continue;
        }
        let start = usize::try_from(entry.raw_file_position())
            .unwrap_or(usize::MAX)
            .min(data.len());
        let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        let end = start.saturating_add(size);
        let is_cut = end > data.len();
        let range = start..end.min(data.len());
        let prefix = &data[start..range.end.min(start + PREFIX)];
        members.add(Member {
            name: neutral(&String::from_utf8_lossy(&entry.path_bytes())),
            content: if kind == EntryType::GNUSparse {
                Err(foreign("a sparse file", "unpack it first: tar -xf FILE"))
            } else {
                sniff(prefix)
            },
            place: Place { range, is_cut },
        });
    }
    members
}

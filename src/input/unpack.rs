//! From the bytes that were given to plain HPROF bytes: containers are opened until a dump appears.

use std::ops::Range;

use super::Progress;
use super::container::{self, Inner};
use super::error::{InputError, Problem};
use super::format::Container;
use super::sniff::{Content, PREFIX, sniff};
use super::spool::{FreeSpace, Spool};
use super::storage::Storage;
use super::warning::InputWarning;

/// Containers in containers that are opened: a `.gz` in a `.tar.gz`. A file that unpacks to itself has no end.
const MOST_LEVELS: usize = 3;

/// Plain bytes and what was met on the way.
pub(super) struct Plain {
    pub(super) storage: Storage,
    /// The dump inside the storage.
    pub(super) window: Range<usize>,
    pub(super) compression: Option<&'static str>,
    pub(super) warnings: Vec<InputWarning>,
    /// Whether the number that the user gave picked a file of an archive.
    pub(super) is_picked: bool,
}

/// Opens containers until a dump appears.
pub(super) fn unpack(
    storage: Storage,
    room: &FreeSpace,
    number: usize,
    progress: Progress,
) -> Result<Plain, InputError> {
    let mut plain = Plain {
        window: 0..storage.as_slice().len(),
        storage,
        compression: None,
        warnings: Vec::new(),
        is_picked: false,
    };
    let mut opened: Vec<Container> = Vec::new();
    loop {
        let data = &plain.storage.as_slice()[plain.window.clone()];
        let place = place(&opened);
        let failed = |problem| InputError::Content {
            name: room.name.clone(),
            place: place.clone(),
            problem,
        };
        let container = match sniff(&data[..data.len().min(PREFIX)]).map_err(failed)? {
            Content::Hprof => break,
            Content::Container(container) => container,
        };
        let levels = opened.len();
        if levels == MOST_LEVELS {
            return Err(failed(Problem::NestedTooDeep { levels }));
        }
        plain.storage.advise_sequential();
        let mut left = room.clone();
        left.memory = left.memory.saturating_sub(plain.storage.memory_bytes());
        let inside = format!("in the unpacked {} data: ", container.name());
        let out = Spool::new(left, inside);
        let wanted = if plain.is_picked { 1 } else { number };
        let outcome = container::open(container, data, out, wanted, progress)?;
        plain
            .warnings
            .extend(outcome.warnings.into_iter().map(|w| placed(w, &place)));
        plain.is_picked |= outcome.is_picked;
        match outcome.inner {
            Inner::Window(range) => {
                let start = plain.window.start;
                plain.window = start + range.start..start + range.end;
            }
            Inner::Bytes(storage) => {
                plain.window = 0..storage.as_slice().len();
                plain.storage = storage;
            }
        }
        opened.push(container);
    }
    plain.compression = name(&opened);
    Ok(plain)
}

/// Which bytes an offset counts in, for messages: nothing for the file itself.
fn place(opened: &[Container]) -> String {
    opened.last().map_or_else(String::new, |last| {
        format!("in the unpacked {} data: ", last.name())
    })
}

/// Offsets of a warning are those of the file that was given; in what was unpacked from it they would mislead.
fn placed(mut warning: InputWarning, place: &str) -> InputWarning {
    if !place.is_empty() {
        warning.message.insert_str(0, place);
        warning.offset = None;
    }
    warning
}

/// What the report calls it: the outermost container, with a tape archive in it.
fn name(opened: &[Container]) -> Option<&'static str> {
    Some(match opened {
        [] => return None,
        [Container::Gzip, Container::Tar, ..] => "tar.gz",
        [Container::Zstd, Container::Tar, ..] => "tar.zst",
        [Container::Xz, Container::Tar, ..] => "tar.xz",
        [first, ..] => first.name(),
    })
}

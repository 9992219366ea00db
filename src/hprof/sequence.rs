//! Several heap dumps in one file: whole files one after the other, or one file into which the old hprof agent wrote a
//! heap dump whenever it was asked to.

use foldhash::HashSet;

use super::container::Container;
use super::cursor::IdSize;
use super::damage::{self, Damage, DamageCode};
use super::header::{Header, HeaderError};
use super::sub_record::{SubRecord, SubRecords};

/// Dumps that are counted and named; a file of nothing but headers would have no end.
const MOST_DUMPS: usize = 1_000;

/// Why the dump that is wanted cannot be taken from the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// The file does not begin as a dump.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// There are fewer dumps.
    #[error("dump {wanted} was asked for, but the file holds {found}; see `--dump`")]
    NoSuchDump {
        /// The number that was asked for, from 1.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

/// Finds dump number `wanted` (from 1) of the file. The others are named in the damage of the container. `passed` learns which
/// offsets were searched for a record in vain.
///
/// # Errors
/// When the file does not begin as a dump, or has fewer dumps.
pub fn pick(
    bytes: &[u8],
    wanted: usize,
    passed: &dyn Fn(usize, usize),
) -> Result<(Header, Container), PickError> {
    let wanted = wanted.max(1);
    let mut starts = Vec::new();
    let mut picked = None;
    let mut next = Some(0);
    while let Some(start) = next.filter(|_| starts.len() < MOST_DUMPS) {
        let header = match Header::read(bytes, start) {
            Ok(header) => header,
            Err(error) if start == 0 => return Err(error.into()),
            Err(_) => break,
        };
        let mut container = Container::walk(bytes, start, &header, passed);
        next = container.further_dumps.first().copied();
        let mut chosen = None;
        for (i, (first, last)) in sequences(bytes, &container, header.id_size)
            .into_iter()
            .enumerate()
        {
            let heap = container
                .segments
                .get(first)
                .map_or(start, |segment| segment.0);
            starts.push(if i == 0 { start } else { heap });
            if starts.len() == wanted {
                chosen = Some(first..last);
            }
        }
        if let Some(range) = chosen {
            container.segments = container.segments[range].to_vec();
            picked = Some((header, container));
        }
    }
    let found = starts.len();
    let (header, mut container) = picked.ok_or(PickError::NoSuchDump { wanted, found })?;
    for (i, &start) in starts.iter().enumerate() {
        let number = i + 1;
        if number != wanted {
            let message = format!(
                "the file holds {found} dumps and only number {wanted} is analysed; number {number} begins at byte {start}: pass --dump {number}"
            );
            let damage = Damage::new(DamageCode::AnotherDump, start, 0, message);
            damage::add(&mut container.damage, damage);
        }
    }
    Ok((header, container))
}

/// The heap dumps of one container, as ranges of its segments. What follows an end record, or stands in a record of its
/// own, is another dump only if it describes the classes again; otherwise it belongs to the dump before.
fn sequences(bytes: &[u8], container: &Container, id: IdSize) -> Vec<(usize, usize)> {
    let all = container.segments.len();
    let borders = &container.sequence_starts;
    if borders.len() < 2 {
        return vec![(0, all)];
    }
    let mut known: HashSet<u64> = HashSet::default();
    let mut sequences: Vec<(usize, usize)> = Vec::new();
    for (i, &first) in borders.iter().enumerate() {
        let last = borders.get(i + 1).copied().unwrap_or(all);
        let classes = class_ids(bytes, &container.segments[first..last], id);
        let again = classes.iter().filter(|class| known.contains(class)).count();
        match sequences.last_mut() {
            Some(before) if again * 2 <= classes.len() => before.1 = last,
            _ => {
                known.clear();
                sequences.push((first, last));
            }
        }
        known.extend(classes);
    }
    sequences
}

fn class_ids(bytes: &[u8], segments: &[(usize, usize)], id: IdSize) -> Vec<u64> {
    let mut ids = Vec::new();
    for &(start, end) in segments {
        let mut records = SubRecords::new(bytes, start, end, id);
        while let Ok(Some(record)) = records.next() {
            if let SubRecord::Class { id, .. } = record {
                ids.push(id);
            }
        }
    }
    ids
}

//! Reads many reports at once, a few at a time, and keeps of each what is needed.

use foldhash::{HashMap, HashSet};
use rayon::prelude::*;

use super::model::NotRead;
use super::read::{Entry, Found, Kept, Sighting, read};
use crate::growth::Course;
use crate::report::model::HolderKind;

/// Reports that are read before they are put together: their texts are in memory at the same time, one for each thread.
const AT_ONCE: usize = 512;
/// Files that were not read of which the reason is kept.
const MOST_REASONS: usize = 10_000;

/// A report without the names that many have; no two of its suspects are of one cause.
pub type Record = Kept<Suspect>;

/// A suspect of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspect {
    /// The number of its cause in [`Gathered::causes`].
    pub cause: u32,
    /// Its place in the report.
    pub rank: u32,
    /// Bytes that it retains.
    pub retained_bytes: u64,
    /// Objects that it retains.
    pub retained_objects: u64,
    /// How it grew, where the report compares.
    pub grew: Option<(Course, i64)>,
}

/// The names of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its signature.
    pub signature: String,
    /// What reports call its kind.
    pub kind: HolderKind,
    /// The holder in one expression.
    pub holder: String,
    /// Class of what is kept.
    pub content: String,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The reports, the earliest dump first.
    pub records: Vec<Record>,
    /// The causes that they have.
    pub causes: Vec<Named>,
    /// Reports of a dump that another one is of, too.
    pub repeated: u64,
    /// Whether a report was made with `--show-values`.
    pub values_shown: bool,
    /// Files that were not read.
    pub not_read: Vec<NotRead>,
    /// How many.
    pub not_read_count: u64,
    numbers: HashMap<String, u32>,
    seen: HashSet<Identity>,
}

/// What is the same in all reports of one dump of one process.
type Identity = (
    Option<String>,
    u64,
    String,
    u64,
    u64,
    Option<String>,
    Option<String>,
);

/// Reads the files of `found`. One that cannot be read is noted. `progress` gets how many were read of how many.
pub fn gather(found: &[Found], progress: &(dyn Fn(u64, u64) + Sync)) -> Gathered {
    let mut all = Gathered::default();
    let mut done = 0;
    for some in found.chunks(AT_ONCE) {
        let read: Vec<_> = some.par_iter().map(|file| read(&file.path)).collect();
        for (file, entry) in some.iter().zip(read) {
            match entry {
                Ok(entry) => all.add(entry),
                Err(why) => all.refuse(file, &why.to_string()),
            }
        }
        done += some.len() as u64;
        progress(done, found.len() as u64);
    }
    // Reports without a time stand at the end, in the order of their paths.
    all.records.sort_by(|a, b| {
        (a.millis.is_none(), a.millis, &a.path).cmp(&(b.millis.is_none(), b.millis, &b.path))
    });
    all.numbers = HashMap::default();
    all.seen = HashSet::default();
    all
}

impl Gathered {
    fn refuse(&mut self, file: &Found, why: &str) {
        self.not_read_count += 1;
        if self.not_read.len() < MOST_REASONS {
            self.not_read.push(NotRead {
                file: file.path.display().to_string(),
                why: why.to_owned(),
            });
        }
    }

    fn add(&mut self, entry: Entry) {
        if let Some(millis) = entry.millis {
            let identity = (
                entry.process.clone(),
                millis,
                entry.dump.clone(),
                entry.dump_bytes,
                entry.live_bytes,
                entry.place.service.clone(),
                entry.place.pod.clone(),
            );
            if !self.seen.insert(identity) {
                self.repeated += 1;
                return;
            }
        }
        self.values_shown |= entry.values_shown;
        let mut suspects: Vec<Suspect> = Vec::with_capacity(entry.suspects.len());
        for sighting in entry.suspects {
            let suspect = self.suspect(sighting);
            match suspects
                .iter_mut()
                .find(|known| known.cause == suspect.cause)
            {
                // Two suspects that differ in what no signature has: a class of which there are two copies.
                Some(known) => {
                    let bytes = suspect.retained_bytes;
                    known.retained_bytes = known.retained_bytes.saturating_add(bytes);
                    let objects = suspect.retained_objects;
                    known.retained_objects = known.retained_objects.saturating_add(objects);
                }
                None => suspects.push(suspect),
            }
        }
        self.records.push(Record {
            suspects,
            path: entry.path,
            place: entry.place,
            dump: entry.dump,
            dump_bytes: entry.dump_bytes,
            complete: entry.complete,
            captured_at: entry.captured_at,
            millis: entry.millis,
            process: entry.process,
            live_bytes: entry.live_bytes,
            max_bytes: entry.max_bytes,
            verdict: entry.verdict,
            confidence: entry.confidence,
            values_shown: entry.values_shown,
            owners: entry.owners,
            owners_floor: entry.owners_floor,
        });
    }

    fn suspect(&mut self, sighting: Sighting) -> Suspect {
        let next = self.causes.len() as u32;
        let cause = match self.numbers.get(&sighting.signature) {
            Some(&known) => known,
            None => {
                self.numbers.insert(sighting.signature.clone(), next);
                self.causes.push(Named {
                    signature: sighting.signature,
                    kind: sighting.kind,
                    holder: sighting.holder,
                    content: sighting.content,
                });
                next
            }
        };
        Suspect {
            cause,
            rank: sighting.rank,
            retained_bytes: sighting.retained_bytes,
            retained_objects: sighting.retained_objects,
            grew: sighting.grew,
        }
    }
}

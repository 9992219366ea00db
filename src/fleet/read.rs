//! Finding reports in folders, and reading one.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::model::Place;
use super::saved::{Owner, Saved, Suspect};
use crate::growth::Course;
use crate::packed;
use crate::report::model::{
    Confidence, FIRST_SCHEMA_VERSION, HeapVerdict, HolderKind, SCHEMA_VERSION,
};
use crate::report::{describe, json, neutralise};
use crate::verdict::MANIFEST;

/// Folders inside each other that are looked into.
const DEEPEST: usize = 64;
/// Files that are found at most.
const MOST_FILES: usize = 4 << 20;
/// Longest report in bytes, unpacked. The largest that tests make has some 3 MB.
const LONGEST: u64 = 256 << 20;
/// Suspects that are taken of one report.
const MOST_SUSPECTS: usize = 100;
/// Owners of an inventory that are looked at; it lists 200.
const MOST_OWNERS: usize = 1000;
/// The largest of them that are kept.
const KEPT_OWNERS: usize = 64;

/// A file that may be a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named itself, not found in a folder.
    pub named: bool,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The system says why.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Not JSON, or cut short.
    #[error("not a JSON report, or damaged: {}", json::complaint(.0))]
    Json(#[from] serde_json::Error),
    /// JSON of something else.
    #[error("JSON, but not a report of hprof-suspects")]
    NotAReport,
    /// Made by `fleet` itself.
    #[error("a summary that `fleet` made, not a report")]
    Fleet,
    /// A report of a later program.
    #[error(
        "a report of schema version {0}; this program reads versions {FIRST_SCHEMA_VERSION} to {SCHEMA_VERSION}"
    )]
    OtherVersion(u64),
    /// Too long.
    #[error("longer than {} MiB: no report is", LONGEST >> 20)]
    TooLong,
}

/// The files that `inputs` name, and those in folders whose names end as those of reports do, each once, in the order of their paths.
///
/// # Errors
/// When a folder that is named itself cannot be read.
pub fn find(inputs: &[PathBuf]) -> io::Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    for input in inputs {
        if input.is_dir() {
            fs::read_dir(input)?;
            walk(input, &mut found);
        } else {
            found.push(Found {
                path: input.clone(),
                named: true,
            });
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

/// Looks into `folder` and those in it; links to folders are not followed, so that none is seen twice.
fn walk(folder: &Path, found: &mut Vec<Found>) {
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEEPEST => folders.push((path, depth + 1)),
                Ok(kind) if kind.is_dir() => {}
                // A pipe would wait for somebody who writes, a device may never end; links lead to files too.
                Ok(_) if is_report_name(&path) && path.is_file() && found.len() < MOST_FILES => {
                    found.push(Found { path, named: false })
                }
                _ => {}
            }
        }
    }
}

fn is_report_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    let endings = [".json", ".json.gz", ".json.zst"];
    name != MANIFEST && endings.iter().any(|ending| name.ends_with(ending))
}

/// A suspect in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Its place among the suspects, from 1.
    pub rank: u32,
    /// The cause.
    pub signature: String,
    /// What the report calls its kind.
    pub kind: HolderKind,
    /// The holder in one expression.
    pub holder: String,
    /// Class of what is kept.
    pub content: String,
    /// Bytes that it retains.
    pub retained_bytes: u64,
    /// Objects that it retains.
    pub retained_objects: u64,
    /// How it grew, where the report compares.
    pub grew: Option<(Course, i64)>,
}

/// What is kept of one report, its suspects as `S`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<S> {
    /// Where the report is.
    pub path: PathBuf,
    /// Where it was from.
    pub place: Place,
    /// Name of the dump's file.
    pub dump: String,
    /// Size of the dump.
    pub dump_bytes: u64,
    /// Whether the dump is whole.
    pub complete: bool,
    /// Time of the dump, as the report has it.
    pub captured_at: Option<String>,
    /// The same in milliseconds since 1970.
    pub millis: Option<u64>,
    /// The process.
    pub process: Option<String>,
    /// Bytes that strong references reach.
    pub live_bytes: u64,
    /// The maximum heap.
    pub max_bytes: Option<u64>,
    /// The verdict.
    pub verdict: HeapVerdict,
    /// Its confidence.
    pub confidence: Confidence,
    /// Whether it was made with `--show-values`.
    pub values_shown: bool,
    /// Suspects.
    pub suspects: Vec<S>,
    /// Owners as [`owner_key`] numbers them, ascending, and the bytes that they keep; none where the report has no inventory.
    pub owners: Box<[(u64, u64)]>,
    /// Owners that keep fewer bytes are not listed.
    pub owners_floor: u64,
}

/// A report as it was read: with the names of its suspects.
pub type Entry = Kept<Sighting>;

/// The number of an owner's signature in this run of the program: of a few hundred owners no two have the same.
pub fn owner_key(signature: &str) -> u64 {
    static SEED: OnceLock<foldhash::quality::RandomState> = OnceLock::new();
    SEED.get_or_init(Default::default).hash_one(signature)
}

/// The owner's part of the signature of a cause.
pub fn owner_of(signature: &str) -> &str {
    signature
        .split_once(" holds ")
        .map_or(signature, |(owner, _)| owner)
}

/// Reads the report at `path`.
///
/// # Errors
/// When it cannot be read or is none.
pub fn read(path: &Path) -> Result<Entry, Refusal> {
    if fs::metadata(path)?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    let file = File::open(path)?;
    let bytes = packed::read(file, LONGEST + 1)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Refusal::TooLong);
    }
    entry(path, serde_json::from_slice(&bytes)?)
}

fn entry(path: &Path, saved: Saved) -> Result<Entry, Refusal> {
    if saved.fleet_schema_version.is_some() {
        return Err(Refusal::Fleet);
    }
    let version = saved.schema_version.ok_or(Refusal::NotAReport)?;
    if !(u64::from(FIRST_SCHEMA_VERSION)..=u64::from(SCHEMA_VERSION)).contains(&version) {
        return Err(Refusal::OtherVersion(version));
    }
    let mut saved = saved;
    let grown = std::mem::take(&mut saved.growth)
        .unwrap_or_default()
        .holders;
    let mut suspects = Vec::new();
    for suspect in saved.suspects.into_iter().take(MOST_SUSPECTS) {
        let owner = owner_of(&suspect.signature);
        let course = grown.iter().find(|row| row.signature == owner);
        let grew = course.and_then(|row| Some((row.course?, row.grew_bytes?)));
        suspects.push(sighting(suspect, grew));
    }
    let inventory = saved.inventory.unwrap_or_default();
    let (owners, owners_floor) = owners(inventory.owners, inventory.owners_floor_bytes);
    let short = |text: Option<String>| text.map(cut);
    let place = Place::new(&saved.labels, saved.jvm.main_class, saved.jvm.pod);
    Ok(Entry {
        path: path.to_owned(),
        place: Place {
            service: short(place.service),
            version: short(place.version),
            pod: short(place.pod),
            environment: short(place.environment),
        },
        dump: cut(saved.dump.file_name),
        dump_bytes: saved.dump.bytes,
        complete: saved.dump.complete,
        millis: saved.dump.captured_at.as_deref().and_then(millis),
        captured_at: saved.dump.captured_at.filter(|at| millis(at).is_some()),
        process: short(inventory.process),
        live_bytes: saved.heap.strong.bytes,
        max_bytes: saved.heap.max_bytes,
        verdict: saved.verdict.heap,
        confidence: saved.verdict.confidence,
        values_shown: saved.tool.values_shown,
        suspects,
        owners,
        owners_floor,
    })
}

/// The largest owners, ascending by their numbers, and the bytes below which others are.
fn owners(all: Vec<Owner>, floor: u64) -> (Box<[(u64, u64)]>, u64) {
    let mut all: Vec<Owner> = all.into_iter().take(MOST_OWNERS).collect();
    all.sort_by_key(|owner| Reverse(owner.bytes));
    let floor = all
        .get(KEPT_OWNERS)
        .map_or(floor, |owner| owner.bytes.max(floor));
    all.truncate(KEPT_OWNERS);
    let number = |owner: Owner| {
        let bytes = owner.bytes;
        (owner_key(&owner.signature()), bytes)
    };
    let mut owners: Vec<(u64, u64)> = all.into_iter().map(number).collect();
    owners.sort_unstable();
    (owners.into_boxed_slice(), floor)
}

fn sighting(suspect: Suspect, grew: Option<(Course, i64)>) -> Sighting {
    Sighting {
        rank: suspect.rank,
        holder: cut(describe::holder_alone(&suspect.holder)),
        signature: cut(suspect.signature),
        kind: suspect.kind,
        content: cut(suspect.content.class),
        retained_bytes: suspect.retained_bytes,
        retained_objects: suspect.retained_objects,
        grew,
    }
}

/// A name, shortened where it is longer than any that formats carry.
fn cut(name: String) -> String {
    neutralise::limit(&name).unwrap_or(name)
}

/// A time, which no text of a report need be.
fn millis(text: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339_weak(text).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

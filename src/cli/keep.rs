//! `--keep`: the index of an analysed dump, in a file beside the dump or in the user's cache folder, for later commands.
//!
//! An index that does not fit is not used, and one that cannot be written is no error: the dump answers everything.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::heap::{self, LoadOptions, Need, Snapshot};
use crate::input::{self, Input};
use crate::kept::{Columns, Kept, Unfit};
use crate::platform;
use crate::report::neutralise;
use crate::report::units::Units;

/// What the name of the dump is followed by.
const ENDING: &str = ".kept";
/// The folder in the user's cache folder.
const FOLDER: &str = "hprof-suspects";
/// Blocks of the dump that must be as they were, and the bytes of each.
const SAMPLES: usize = 64;
const SAMPLE: usize = 4 << 10;
/// Bytes of an index for each object: nodes in preorder 4, class 2, size 2, sums and counts of inner nodes 4, addresses about 0.7, who
/// refers to whom about 1.5.
const BYTES_PER_OBJECT: u64 = 15;
/// Bytes of a dump for which the index has one more: where its blocks begin, and its classes.
const DUMP_PER_BYTE: u64 = 200;

/// What the user wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// An index is to be written.
    pub write: bool,
    /// One that is there may be used.
    pub read: bool,
    /// It is to be said what becomes of it.
    pub verbose: bool,
}

/// About how large the index gets.
pub fn estimate(need: &Need) -> u64 {
    let objects = need.objects.saturating_mul(BYTES_PER_OBJECT);
    objects.saturating_add(need.heap_bytes / DUMP_PER_BYTE)
}

/// The analysed dump, where an index of it is there and fits.
pub fn restore<'a>(input: &'a Input, wish: Wish, options: &LoadOptions) -> Option<Snapshot<'a>> {
    if !wish.read {
        return None;
    }
    let places = Places::of(input)?;
    let key = key(input, options)?;
    for place in places.all() {
        let say = |what: &str| {
            if wish.verbose {
                anstream::eprintln!("hprof-suspects: the index {} {what}", shown(&place));
            }
        };
        let Some(file) = open(&place) else { continue };
        let kept = file.map_err(|_| Unfit("it cannot be opened"));
        let kept = kept.and_then(|file| Kept::open(file, &key));
        match kept.and_then(|kept| heap::restore(input.bytes(), options, kept)) {
            Ok(snapshot) => {
                say("is used");
                return Some(snapshot);
            }
            Err(Unfit(why)) => say(&format!("is not used: {why}")),
        }
    }
    None
}

/// Opens an index, where there is a file at all. Nothing but files: to open a FIFO would wait for its writer.
fn open(place: &Path) -> Option<io::Result<File>> {
    fs::metadata(place)
        .is_ok_and(|found| found.is_file())
        .then(|| File::open(place))
}

/// Writes the index of `snapshot` if it is asked for, and says in one line if that cannot be done.
pub fn keep(snapshot: &Snapshot<'_>, input: &Input, wish: Wish, options: &LoadOptions) {
    if !wish.write {
        return;
    }
    match write(snapshot, input, options) {
        Ok(place) if wish.verbose => {
            anstream::eprintln!("hprof-suspects: the index {} was written", shown(&place));
        }
        Ok(_) => {}
        Err(why) => anstream::eprintln!("hprof-suspects: no index was kept: {why}"),
    }
}

fn write(snapshot: &Snapshot<'_>, input: &Input, options: &LoadOptions) -> Result<PathBuf, String> {
    let unnamed = || "the dump is no file that could be found again".to_owned();
    let places = Places::of(input).ok_or_else(unnamed)?;
    let key = key(input, options).ok_or_else(unnamed)?;
    let rows = snapshot.rows_of_referrers(1, &|| false);
    let mut columns = Columns::default();
    heap::keep(snapshot, rows.as_ref(), &mut columns);
    // A limit of the size of files is an error of the write, not the end of the process.
    platform::signals::survive_file_limit();
    let mut whys = Vec::new();
    for place in places.all() {
        match write_to(&place, &columns, &key) {
            Ok(()) => return Ok(place),
            Err(error) => whys.push(format!("{}: {error}", shown(&place))),
        }
    }
    Err(whys.join("; "))
}

/// Writes a file that is either whole or not there.
fn write_to(place: &Path, columns: &Columns<'_>, key: &str) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    if is_cache(place) {
        fs::create_dir_all(folder)?;
    }
    let bytes = columns.bytes();
    if let Some(free) = input::free_bytes(folder).filter(|&free| free < bytes) {
        let units = Units::default();
        let (bytes, free) = (units.bytes(bytes), units.bytes(free));
        return Err(io::Error::other(format!(
            "it takes {bytes}, and {free} are free"
        )));
    }
    let mut named = tempfile::Builder::new();
    named.prefix(".hprof-suspects-").suffix(ENDING);
    // It gets its name when it is whole, where the system can do that. Readable by its owner only, as temporary files are.
    match platform::unnamed_file(folder) {
        Some(mut file) => {
            fill(&mut file, columns, key)?;
            let named = named.make_in(folder, |name| platform::name_file(&file, name))?;
            named.persist(place).map_err(|error| error.error)?;
        }
        None => {
            let mut file = named.tempfile_in(folder)?;
            fill(file.as_file_mut(), columns, key)?;
            file.persist(place).map_err(|error| error.error)?;
        }
    }
    Ok(())
}

/// Writes the columns, down to the disk.
fn fill(file: &mut File, columns: &Columns<'_>, key: &str) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    columns.write(key, &mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Where the index of a dump may be.
struct Places {
    beside: PathBuf,
    cached: Option<PathBuf>,
}

impl Places {
    /// Those of the dump, if it is a file with a name.
    fn of(input: &Input) -> Option<Places> {
        let dump = input.origin()?.path.canonicalize().ok()?;
        let mut name = dump.file_name()?.to_owned();
        name.push(ENDING);
        let digest = hex(&Sha256::digest(dump.as_os_str().as_encoded_bytes()));
        let cached = cache_folder().map(|folder| folder.join(format!("{}{ENDING}", &digest[..32])));
        Some(Places {
            beside: dump.with_file_name(name),
            cached,
        })
    }

    fn all(self) -> impl Iterator<Item = PathBuf> {
        [self.beside].into_iter().chain(self.cached)
    }
}

/// The program's folder in the user's cache folder.
fn cache_folder() -> Option<PathBuf> {
    let folder = |name: &str| {
        let folder = PathBuf::from(std::env::var_os(name)?);
        folder.is_absolute().then_some(folder)
    };
    let cache = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".cache")))?;
    Some(cache.join(FOLDER))
}

fn is_cache(place: &Path) -> bool {
    let folder = place.parent().map(Path::to_owned);
    folder.is_some() && folder == cache_folder()
}

/// What an index must have been written for: the same dump, program and options. `None` for what is no file.
fn key(input: &Input, options: &LoadOptions) -> Option<String> {
    let origin = input.origin()?;
    let modified = origin.modified?.duration_since(UNIX_EPOCH).ok()?;
    let bytes = input.bytes();
    let machine = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    Some(format!(
        "{}\n{} bits, {machine} endian\nrules {:?}, dump {}\nfile of {} bytes, {} ns\ndump of {} bytes, {}",
        program(),
        usize::BITS,
        options.compat,
        options.dump_number,
        input.file_bytes(),
        modified.as_nanos(),
        bytes.len(),
        digest(bytes),
    ))
}

/// The program. Builds that do not know their commit are distinguished by their files.
fn program() -> String {
    let commit = env!("HPROF_SUSPECTS_BUILT_FROM");
    let version = env!("CARGO_PKG_VERSION");
    let file = || {
        let file = fs::metadata(std::env::current_exe().ok()?).ok()?;
        let modified = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{} bytes, {} ns", file.len(), modified.as_nanos()))
    };
    match commit {
        "unknown" => format!("{version} {}", file().unwrap_or_default()),
        commit => format!("{version} {commit}"),
    }
}

/// A digest of blocks from all over the dump, its header and its end among them.
fn digest(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    let last = bytes.len().saturating_sub(SAMPLE);
    for sample in 0..=SAMPLES {
        let start = (last as u128 * sample as u128 / SAMPLES as u128) as usize;
        digest.update(&bytes[start..(start + SAMPLE).min(bytes.len())]);
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(place: &Path) -> String {
    neutralise::plain(&place.display().to_string(), true)
}

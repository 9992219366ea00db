//! A folder of evidence: all files in it.

use super::{Document, Evidence, EvidenceError, read_document};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// The evidence of a folder.
#[derive(Debug, Default)]
pub struct FolderEvidence {
    /// The facts, in the order of the files.
    pub facts: Vec<Evidence>,
    /// Heap dumps found in it.
    pub dumps: Vec<PathBuf>,
    /// Files that are no evidence, with the reason.
    pub skipped: Vec<Skipped>,
}

/// A file that was not read as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// More files than any incident has; a home directory given by mistake is told, not read.
const MAX_FILES: usize = 1_000;

/// Reads every file of the folder `dir` (not of folders in it).
///
/// Files are taken in the order of time that their names tell: `before` ahead of the others, `after` behind them, numbers by value
/// (`top-2.txt` ahead of `top-10.txt`), else by name. Files of no known format are listed in [`FolderEvidence::skipped`]; heap dumps in
/// [`FolderEvidence::dumps`].
///
/// # Errors
/// When the folder or a file cannot be read, or a file of a known format is broken.
pub fn read_folder(dir: &Path) -> Result<FolderEvidence, EvidenceError> {
    let io = |source| EvidenceError::Io {
        path: dir.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_file() {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            return Err(io(std::io::Error::other(format!(
                "more than {MAX_FILES} files: not a folder of evidence"
            ))));
        }
    }
    paths.sort_by(|a, b| in_time(&name_of(a), &name_of(b)).then_with(|| a.cmp(b)));
    let mut found = FolderEvidence::default();
    for path in paths {
        let skip = |why: &str| Skipped {
            path: path.clone(),
            why: why.to_owned(),
        };
        if is_dump(&path)? {
            found.dumps.push(path);
            continue;
        }
        if name_of(&path) == crate::verdict::MANIFEST {
            continue;
        }
        let document = match Document::read(&path) {
            Ok(document) => document,
            Err(EvidenceError::TooLarge { .. }) => {
                found.skipped.push(skip("too large for evidence"));
                continue;
            }
            Err(error) => return Err(error),
        };
        match read_document(&document, &path) {
            Ok(facts) => found.facts.extend(facts),
            Err(EvidenceError::Unrecognised { .. }) => {
                found.skipped.push(skip("not a known kind of evidence"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Whether the file starts like a heap dump, plain or compressed.
fn is_dump(path: &Path) -> Result<bool, EvidenceError> {
    use std::io::Read;
    let io = |source| EvidenceError::Io {
        path: path.to_owned(),
        source,
    };
    const MAGIC: &[u8] = b"JAVA PROFILE ";
    let open = || std::fs::File::open(path).map_err(io);
    let mut start = Vec::new();
    open()?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(io)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        start.clear();
        let mut inflated = flate2::read::MultiGzDecoder::new(open()?).take(MAGIC.len() as u64);
        // A broken gzip file is no dump here; whoever opens it as one says what is wrong.
        if inflated.read_to_end(&mut start).is_err() {
            return Ok(false);
        }
    }
    Ok(start == MAGIC)
}

/// Orders two file names by the time they tell.
fn in_time(a: &str, b: &str) -> Ordering {
    let phase = |name: &str| {
        let name = name.to_lowercase();
        if name.contains("before") {
            0
        } else if name.contains("after") {
            2
        } else {
            1
        }
    };
    phase(a).cmp(&phase(b)).then_with(|| natural(a, b))
}

/// Orders names with numbers in them by the value of the numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (na, rest_a) = number(a);
                let (nb, rest_b) = number(b);
                let by_value = na.len().cmp(&nb.len()).then_with(|| na.cmp(nb));
                if by_value != Ordering::Equal {
                    return by_value;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// The digits at the start without leading zeros, and the rest.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let zeros = text[..end].iter().take_while(|b| **b == b'0').count();
    (&text[zeros..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_order_of_time() {
        let mut names = vec![
            "top-after.txt",
            "top-10.txt",
            "top-2.txt",
            "top-before.txt",
            "top-02.txt",
        ];
        names.sort_by(|a, b| in_time(a, b));
        assert_eq!(
            names,
            [
                "top-before.txt",
                "top-2.txt",
                "top-02.txt",
                "top-10.txt",
                "top-after.txt"
            ]
        );
    }
}

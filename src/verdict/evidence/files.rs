//! Files and folders of evidence.

use super::{Document, Evidence, EvidenceError, Gathered, gather};
use std::path::{Path, PathBuf};

/// What was read from one file.
#[derive(Debug, Clone, Default)]
pub struct SourceFile {
    /// The file.
    pub path: PathBuf,
    /// The formats that were recognised in it.
    pub kinds: Vec<&'static str>,
    /// The facts, in the order of the text.
    pub facts: Vec<Evidence>,
    /// What was left out, and why, as sentences.
    pub left_out: Vec<String>,
    /// Why nothing was read, when the file is no evidence.
    pub refused: Option<String>,
    /// When the file was last written, in milliseconds since 1970.
    pub modified_ms: Option<i64>,
    /// The file was named on its own, in an order that somebody chose.
    pub named: bool,
}

impl SourceFile {
    /// The file without its folder.
    pub fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// The evidence of a folder.
#[derive(Debug, Default)]
pub struct FolderEvidence {
    /// All files but heap dumps, in the order of their names.
    pub sources: Vec<SourceFile>,
    /// Heap dumps found in it.
    pub dumps: Vec<PathBuf>,
}

impl FolderEvidence {
    /// The facts of all files.
    pub fn facts(&self) -> Vec<Evidence> {
        self.sources.iter().flat_map(|s| s.facts.clone()).collect()
    }

    /// The files that are no evidence.
    pub fn skipped(&self) -> impl Iterator<Item = &SourceFile> {
        self.sources.iter().filter(|s| s.refused.is_some())
    }
}

/// More files than any incident has; a home directory given by mistake is reported, not read.
const MAX_FILES: usize = 20_000;

/// The facts in the evidence file at `path`.
///
/// # Errors
/// When the file cannot be read, is no evidence, or a line of it is broken and nothing else is in it (the error names file and line).
pub fn read_file(path: &Path) -> Result<Vec<Evidence>, EvidenceError> {
    read_source(&Document::read(path)?, path).map(|source| source.facts)
}

/// What is in a document that is already in memory; `path` is for messages.
///
/// # Errors
/// As [`read_file`].
pub fn read_source(document: &Document, path: &Path) -> Result<SourceFile, EvidenceError> {
    let mut gathered = gather(document);
    if gathered.facts.is_empty() {
        nothing(document, path, &mut gathered)?;
    }
    Ok(SourceFile {
        path: path.to_owned(),
        left_out: gathered.notes(),
        kinds: gathered.kinds,
        facts: gathered.facts,
        refused: None,
        modified_ms: document.modified_ms,
        named: true,
    })
}

/// Why there are no facts; fine when the text says so itself (Native Memory Tracking is off).
fn nothing(document: &Document, path: &Path, gathered: &mut Gathered) -> Result<(), EvidenceError> {
    if let Some((format, broken)) = gathered.broken.take() {
        return Err(EvidenceError::Malformed {
            file: document.file.clone(),
            line: broken.line,
            format,
            what: broken.what,
        });
    }
    let refusal = match gathered.refusals.first() {
        Some(refusal) => refusal.clone(),
        None if gathered.kinds.is_empty() => super::formats::refused::looks_like(document),
        None => return Ok(()),
    };
    Err(EvidenceError::NotEvidence {
        path: path.to_owned(),
        what: refusal,
    })
}

/// Reads every file of the folder `dir` (not of folders in it). A file that is no evidence, or broken, is listed with the reason.
///
/// # Errors
/// When the folder cannot be read, or holds more files than evidence ever has.
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
    paths.sort_by(|a, b| super::order::by_name(&name_of(a), &name_of(b)).then_with(|| a.cmp(b)));
    let mut found = FolderEvidence::default();
    for path in paths {
        match is_dump(&path) {
            Ok(true) => found.dumps.push(path),
            _ if name_of(&path) == crate::verdict::MANIFEST => {}
            _ if is_index(&path) => {}
            _ => found.sources.push(of_folder(path)),
        }
    }
    Ok(found)
}

/// A file of a folder, whatever it is.
fn of_folder(path: PathBuf) -> SourceFile {
    let read = Document::read(&path).and_then(|document| read_source(&document, &path));
    match read {
        Ok(source) => SourceFile {
            named: false,
            ..source
        },
        Err(error) => SourceFile {
            refused: Some(reason(&error)),
            path,
            ..SourceFile::default()
        },
    }
}

/// An error without the name of the file, which stands beside it.
fn reason(error: &EvidenceError) -> String {
    match error {
        EvidenceError::NotEvidence { what, .. } => what.clone(),
        EvidenceError::Malformed {
            line, format, what, ..
        } => format!("broken {format}, line {line}: {what}"),
        EvidenceError::TooLarge { .. } => "too large for evidence".to_owned(),
        EvidenceError::Io { source, .. } => format!("cannot be read: {source}"),
        other => other.to_string(),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Whether the file is an index that `--keep` wrote.
fn is_index(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; crate::kept::NAME.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *crate::kept::NAME
}

/// Whether the file starts like a heap dump, plain or compressed.
fn is_dump(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    const MAGIC: &[u8] = b"JAVA PROFILE ";
    let open = || std::fs::File::open(path);
    let mut start = Vec::new();
    open()?.take(MAGIC.len() as u64).read_to_end(&mut start)?;
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

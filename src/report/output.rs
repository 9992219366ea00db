//! Where reports go: standard output or files, several in one run, never half written and never over the dump.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::formats::{Format, RenderError, RenderOptions, render};
use super::model::Report;

/// One place for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `-`.
    StandardOutput,
    /// A file.
    File(PathBuf),
}

/// One report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Where.
    pub target: Target,
    /// As what.
    pub format: Format,
}

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The extension says no format and none was given.
    #[error(
        "{path}: no format has this extension; name one with --format or use .txt .json .md .jira .html .pprof .folded .svg"
    )]
    UnknownExtension {
        /// The file.
        path: String,
    },
    /// The file is the dump.
    #[error("{path} is the dump itself: not overwritten; choose another name")]
    IsTheDump {
        /// The file.
        path: String,
    },
    /// Two outputs name one file.
    #[error("{path} is named twice; give each report its own file")]
    Twice {
        /// The file.
        path: String,
    },
    /// A folder, a device or something else that cannot be replaced by a file.
    #[error("{path} is not an ordinary file; choose another name (`-` is standard output)")]
    NotAFile {
        /// The file.
        path: String,
    },
    /// Writing failed; a file that was there before is unchanged.
    #[error("cannot write {path}: {source}; nothing was changed")]
    Write {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no folder to write into, or it cannot be written.
    #[error("cannot write {path}: {folder}: {why}; create the folder or name another one")]
    Folder {
        /// The file.
        path: String,
        /// Where it should be.
        folder: String,
        /// What the system said.
        why: io::ErrorKind,
    },
    /// Standard output failed.
    #[error("cannot write to standard output: {0}")]
    StandardOutput(io::Error),
    /// The format failed.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl OutputError {
    /// True when whoever read standard output went away: no failure (`hprof-suspects dump | head`).
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, OutputError::StandardOutput(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl Output {
    /// The output that `-o NAME` asks for, in `format` or by its extension; `-` is standard output, text unless told.
    ///
    /// # Errors
    ///
    /// [`OutputError::UnknownExtension`], [`OutputError::NotAFile`] for a folder.
    pub fn new(name: &Path, format: Option<Format>) -> Result<Output, OutputError> {
        if name == Path::new("-") {
            return Ok(Output {
                target: Target::StandardOutput,
                format: format.unwrap_or(Format::Text),
            });
        }
        // Asked for first: of a folder nobody wants to hear that it has no extension.
        if name.is_dir() {
            return Err(OutputError::NotAFile { path: shown(name) });
        }
        let format = format.or_else(|| Format::from_extension(name));
        let format = format.ok_or_else(|| OutputError::UnknownExtension { path: shown(name) })?;
        Ok(Output {
            target: Target::File(name.to_owned()),
            format,
        })
    }
}

/// Checks before hours of work that no output is the dump, named twice or no file, and that each can be written.
///
/// # Errors
///
/// [`OutputError::IsTheDump`], [`OutputError::Twice`], [`OutputError::NotAFile`], [`OutputError::Folder`].
pub fn check(outputs: &[Output], dump: Option<&Path>) -> Result<(), OutputError> {
    for (i, output) in outputs.iter().enumerate() {
        let Target::File(path) = &output.target else {
            continue;
        };
        if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            return Err(OutputError::NotAFile { path: shown(path) });
        }
        if dump.is_some_and(|dump| same_file(path, dump)) {
            return Err(OutputError::IsTheDump { path: shown(path) });
        }
        let earlier = outputs.iter().take(i).filter_map(|o| match &o.target {
            Target::File(path) => Some(path),
            Target::StandardOutput => None,
        });
        if earlier
            .into_iter()
            .any(|other| other == path || same_file(other, path))
        {
            return Err(OutputError::Twice { path: shown(path) });
        }
        // Whoever may create a file there can move it to its place; it is gone at once. A link's target is what is replaced.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        temporary_beside(path).map_err(|error| OutputError::Folder {
            path: shown(path),
            folder: shown(folder_of(path)),
            why: error.kind(),
        })?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A file under a temporary name in the folder of `path`.
fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hprof-suspects-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's umask applies. Temporary files are otherwise readable by the owner only.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path))
}

/// Renders and writes every output. All are rendered before the first is written; each file is written under a
/// temporary name in its folder and then moved, so that nobody ever reads half of it.
///
/// `options_for` gives the presentation of each output: a terminal has another width than a file.
///
/// # Errors
///
/// What [`check`] finds, what a format or the system says.
pub fn write_all(
    report: &Report,
    outputs: &[Output],
    dump: Option<&Path>,
    options_for: impl Fn(&Output) -> RenderOptions,
    standard_output: &mut dyn Write,
) -> Result<(), OutputError> {
    check(outputs, dump)?;
    let mut rendered = Vec::with_capacity(outputs.len());
    for output in outputs {
        rendered.push(render(report, output.format, &options_for(output))?);
    }
    for (output, bytes) in outputs.iter().zip(&rendered) {
        match &output.target {
            Target::StandardOutput => standard_output
                .write_all(bytes)
                .and_then(|()| standard_output.flush())
                .map_err(OutputError::StandardOutput)?,
            Target::File(path) => write_file(path, bytes, dump)?,
        }
    }
    Ok(())
}

/// Writes one file under a temporary name and moves it to its place.
///
/// # Errors
///
/// [`OutputError::IsTheDump`] (asked again right before), [`OutputError::Write`].
pub fn write_file(path: &Path, bytes: &[u8], dump: Option<&Path>) -> Result<(), OutputError> {
    let failed = |source| OutputError::Write {
        path: shown(path),
        source,
    };
    // A link stays a link: its target is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut file = temporary_beside(path).map_err(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    if dump.is_some_and(|dump| same_file(path, dump)) {
        return Err(OutputError::IsTheDump { path: shown(path) });
    }
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Whether two names lead to one file, through links of any kind.
fn same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return a.dev() == b.dev() && a.ino() == b.ino();
        }
    }
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

fn shown(path: &Path) -> String {
    super::neutralise::plain(&path.display().to_string(), true)
}

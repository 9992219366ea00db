//! Where reports go: standard output or files, several in one run, never half written and never over the dump.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::formats::{Format, RenderError, render};
use super::model::Report;
use super::options::RenderOptions;

/// One place for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `-`.
    StandardOutput,
    /// A file.
    File(PathBuf),
}

/// Formats of which an output has one: those of reports, or those of other answers.
pub trait Extensions: Copy + PartialEq + std::fmt::Display {
    /// What a terminal gets.
    const TEXT: Self;

    /// The extensions that are known, for people who used another one.
    fn known() -> String;

    /// The format that a file's extension asks for.
    fn of(file: &Path) -> Option<Self>;
}

impl Extensions for Format {
    const TEXT: Format = Format::Text;
    fn known() -> String {
        Format::extensions()
    }

    fn of(file: &Path) -> Option<Format> {
        Format::from_extension(file)
    }
}

/// One report, or another answer, to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<F = Format> {
    /// Where.
    pub target: Target,
    /// As what.
    pub format: F,
}

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The extension says no format and none was given.
    #[error("{path}: no format has this extension; name one with --format or use {known}")]
    UnknownExtension {
        /// The file.
        path: String,
        /// Extensions that say a format.
        known: String,
    },
    /// The extension says one format and `--format` another.
    #[error(
        "{path}: --format says {format}, the extension says {other}; leave --format out, or choose another name"
    )]
    OtherFormat {
        /// The file.
        path: String,
        /// The format that was named.
        format: String,
        /// That of the extension.
        other: String,
    },
    /// Bytes that a terminal would take for commands.
    #[error(
        "{format} is no text for a terminal: name a file, such as -o heap.pb.gz, or send it to a program"
    )]
    NoText {
        /// The format.
        format: String,
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

impl<F: Extensions> Output<F> {
    /// The output that `-o NAME` asks for, in `format` or by its extension; `-` is standard output, text by default.
    ///
    /// # Errors
    ///
    /// [`OutputError::UnknownExtension`], [`OutputError::OtherFormat`], [`OutputError::NotAFile`] for a folder.
    pub fn new(name: &Path, format: Option<F>) -> Result<Output<F>, OutputError> {
        if name == Path::new("-") {
            return Ok(Output {
                target: Target::StandardOutput,
                format: format.unwrap_or(F::TEXT),
            });
        }
        // Checked first: that a folder has no extension is no help.
        if name.is_dir() {
            return Err(OutputError::NotAFile { path: shown(name) });
        }
        let of_extension = F::of(name);
        if let (Some(format), Some(other)) = (format, of_extension)
            && format != other
        {
            return Err(OutputError::OtherFormat {
                path: shown(name),
                format: format.to_string(),
                other: other.to_string(),
            });
        }
        let format = format.or(of_extension);
        let format = format.ok_or_else(|| OutputError::UnknownExtension {
            path: shown(name),
            known: F::known(),
        })?;
        Ok(Output {
            target: Target::File(name.to_owned()),
            format,
        })
    }
}

/// The outputs that `names` ask for; standard output where there are none.
///
/// # Errors
///
/// What [`Output::new`] says of one of them.
pub fn outputs<F: Extensions>(
    names: &[PathBuf],
    format: Option<F>,
) -> Result<Vec<Output<F>>, OutputError> {
    if names.is_empty() {
        return Ok(vec![Output::new(Path::new("-"), format)?]);
    }
    names.iter().map(|name| Output::new(name, format)).collect()
}

/// Checks before hours of work that no output is the dump, named twice or no file, and that each can be written.
///
/// # Errors
///
/// [`OutputError::IsTheDump`], [`OutputError::Twice`], [`OutputError::NotAFile`], [`OutputError::Folder`].
pub fn check<F>(outputs: &[Output<F>], dump: Option<&Path>) -> Result<(), OutputError> {
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
    crate::platform::like_any_new_file(&mut builder);
    builder.tempfile_in(folder_of(path))
}

/// Renders every output and writes it by [`write_each`]. All are rendered before the first is written.
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
    let mut rendered = Vec::with_capacity(outputs.len());
    for output in outputs {
        rendered.push(render(report, output.format, &options_for(output))?);
    }
    write_each(outputs, &rendered, dump, standard_output)
}

/// Writes the bytes of every output to its place. Each file is written under a temporary name in its folder and then moved, so
/// that no reader sees half of it.
///
/// # Errors
///
/// What [`check`] finds, what the system says.
pub fn write_each<F>(
    outputs: &[Output<F>],
    rendered: &[impl AsRef<[u8]>],
    dump: Option<&Path>,
    standard_output: &mut dyn Write,
) -> Result<(), OutputError> {
    check(outputs, dump)?;
    for (output, bytes) in outputs.iter().zip(rendered) {
        let bytes = bytes.as_ref();
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
    crate::platform::same_file(a, b).unwrap_or_else(
        || matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b),
    )
}

fn shown(path: &Path) -> String {
    super::neutralise::plain(&path.display().to_string(), true)
}

//! Why a file could not be opened as a dump: one line that says what, where and what to do.

use std::io;
use std::path::Path;

/// Why there is no dump to analyse.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Nothing has this name.
    #[error("{name}: no such file; check the path")]
    NotFound {
        /// The file as the user named it, control characters escaped.
        name: String,
    },
    /// A symbolic link that leads nowhere.
    #[error("{name}: a symbolic link to {target}, which does not exist")]
    DanglingLink {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// What the link says.
        target: String,
    },
    /// Symbolic links that lead back to themselves.
    #[error("{name}: symbolic links go round in a loop; give the path of the dump itself")]
    LinkLoop {
        /// The file as the user named it, control characters escaped.
        name: String,
    },
    /// A directory.
    #[error("{name}: is a directory; give the path of the dump file in it")]
    Directory {
        /// The file as the user named it, control characters escaped.
        name: String,
    },
    /// The user may not read it.
    #[error(
        "{name}: permission denied; a JVM writes its dump readable by its own user only: run as that user or copy the file"
    )]
    PermissionDenied {
        /// The file as the user named it, control characters escaped.
        name: String,
    },
    /// Standard input was asked for and is a terminal.
    #[error(
        "standard input is a terminal; pipe a dump into it: kubectl exec POD -- cat /path/heap.hprof | hprof-suspects -"
    )]
    Terminal,
    /// A FIFO that nobody writes to.
    #[error("{name}: a FIFO, and no writer opened it within {seconds} s; start the writer first")]
    NoWriter {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// How long we waited.
        seconds: u64,
    },
    /// Any other answer of the operating system.
    #[error("{name}: cannot be read at byte {offset}: {source}")]
    Read {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// Bytes read before.
        offset: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// The content is not a dump that can be read.
    #[error("{name}: {place}{problem}")]
    Content {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// Empty, or which unpacked container the offset of the problem counts in, ending in a colon and a space.
        place: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A container that cannot be unpacked, not even in part.
    #[error("{name}: {format} data cannot be unpacked at byte {offset}: {reason}")]
    Unpack {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// The container.
        format: &'static str,
        /// Offset in bytes into the compressed data.
        offset: u64,
        /// What is wrong and what to do.
        reason: String,
    },
    /// No temporary file can be made.
    #[error(
        "{name}: the unpacked dump needs a temporary file, and none can be made in {directory}: {reason}; \
         name another directory with --temp-dir, or unpack the dump yourself"
    )]
    TemporaryFolder {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// Where the temporary file should be.
        directory: String,
        /// What the operating system said.
        reason: String,
    },
    /// More comes out of a container than the user allows.
    #[error(
        "{name}: unpacks to more than {most} bytes, the limit of --max-unpacked; raise it if the dump is that large"
    )]
    UnpacksToMore {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// The limit in bytes.
        most: u64,
    },
    /// No room for the unpacked dump.
    #[error(
        "{name}: no room in {directory} for the unpacked dump ({written} bytes were written and removed again): {reason}; \
         name a directory with more room with --temp-dir, or unpack the dump yourself"
    )]
    TemporaryFile {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// Where the temporary file was.
        directory: String,
        /// How far it got, in bytes.
        written: u64,
        /// What the operating system said.
        reason: String,
    },
    /// The archive holds fewer dumps than the number asked for.
    #[error("{name}: dump {wanted} was asked for, but the archive holds {found}")]
    NoSuchDump {
        /// The file as the user named it, control characters escaped.
        name: String,
        /// The number that was asked for, counted from 1.
        wanted: usize,
        /// How many dumps there are.
        found: usize,
    },
}

/// What is wrong with the content of a file; offsets are bytes from its beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No byte at all.
    #[error(
        "the file is empty (0 bytes); the JVM could not write it, or the copy failed: look for a full disk, take the dump again"
    )]
    Empty,
    /// The header of 31 bytes (less for format 1.0) is cut.
    #[error(
        "the header is cut at byte {have}, before the first record; the dump or its copy was interrupted: copy it again"
    )]
    TruncatedHeader {
        /// Bytes that are there.
        have: u64,
    },
    /// `JAVA PROFILE`, but not a version that is known.
    #[error(
        "HPROF version \"{version}\" at byte 13 is not known (1.0, 1.0.1, 1.0.2 and 1.0.3 are); if a JVM wrote this, report it"
    )]
    UnknownVersion {
        /// The text after `JAVA PROFILE `, control characters escaped, at most 20 bytes.
        version: String,
    },
    /// The format string has no end.
    #[error(
        "no zero byte ends the format string that begins at byte 0; the header is damaged: copy the dump again"
    )]
    EndlessMagic,
    /// Identifiers of a size that no JVM writes.
    #[error(
        "identifier size {size} at byte {offset} is impossible (4 or 8 are possible); the header is damaged: copy the dump again"
    )]
    IdentifierSize {
        /// What the header says.
        size: u32,
        /// Where it says so.
        offset: u64,
    },
    /// A known format that is no HPROF dump.
    #[error("not an HPROF dump: {what} at byte 0; {advice}")]
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A dump that went through a program for text.
    #[error("the dump was changed by a text-mode copy ({how}, first at byte {offset}); {advice}")]
    Mangled {
        /// What happened to its bytes.
        how: &'static str,
        /// The first place where it shows.
        offset: u64,
        /// What to do.
        advice: &'static str,
    },
    /// A dump with something else before it.
    #[error(
        "not an HPROF dump from byte 0 on, but one begins at byte {offset}: messages of the copying command were written into the file; \
         cut them off: tail -c +{next} FILE > heap.hprof"
    )]
    Preceded {
        /// Where the dump begins.
        offset: u64,
        /// The same, counted from 1.
        next: u64,
    },
    /// Nothing but zeros.
    #[error(
        "not an HPROF dump: only zeros from byte 0 to {upto}; the disk was full or the copy failed: take or copy the dump again"
    )]
    Zeros {
        /// How many bytes were looked at.
        upto: u64,
    },
    /// Anything else.
    #[error(
        "not an HPROF dump: bytes {found} at byte 0 where \"JAVA PROFILE 1.0.x\" is expected; take one with: jcmd PID GC.heap_dump FILE"
    )]
    NotHprof {
        /// The first bytes, in hexadecimal.
        found: String,
    },
    /// An archive in which no file is a dump.
    #[error("the {format} archive holds no HPROF dump among its {files} files")]
    NoDumpInArchive {
        /// The archive.
        format: &'static str,
        /// How many files were looked at.
        files: usize,
    },
    /// Containers in containers.
    #[error("containers nested more than {levels} deep; unpack it yourself")]
    NestedTooDeep {
        /// How many levels were unpacked.
        levels: usize,
    },
}

/// A path for a message: what would steer a terminal is escaped.
pub(super) fn shown(path: &Path) -> String {
    neutral(&path.to_string_lossy())
}

/// The same text with control characters and characters that turn the writing direction escaped.
pub(super) fn neutral(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if steers {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

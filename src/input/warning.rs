//! What was wrong with the input although it could be read.

/// A finding about the input, in the shape of the report's `warnings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputWarning {
    /// A stable name for programs, `snake_case`.
    pub code: &'static str,
    /// One line for people: what, what it means, what to do.
    pub message: String,
    /// Where, as an offset in bytes into the file as it was given (into the compressed file for a container).
    pub offset: Option<u64>,
    /// How many, in the unit that the message names.
    pub count: Option<u64>,
}

/// A compressed file ends in the middle: the dump is cut there.
pub const CONTAINER_TRUNCATED: &str = "container_truncated";
/// A compressed file is damaged: bytes of the dump are lost from there on, or replaced by zeros where the message says so.
pub const CONTAINER_CORRUPT: &str = "container_corrupt";
/// The checksum of a compressed file does not fit what was unpacked: some byte is wrong.
pub const CONTAINER_CHECKSUM: &str = "container_checksum";
/// Bytes after the end of the compressed data that belong to nothing.
pub const CONTAINER_TRAILING: &str = "container_trailing_bytes";
/// An archive holds more than one dump.
pub const OTHER_DUMPS_IN_ARCHIVE: &str = "other_dumps_in_archive";
/// Part files of a parallel dump that was never finished lie beside the dump.
pub const PART_FILES: &str = "part_files";
/// The file changed while it was read.
pub const FILE_CHANGED: &str = "file_changed";

impl InputWarning {
    /// A warning without an offset and a count.
    pub(super) fn new(code: &'static str, message: String) -> Self {
        Self {
            code,
            message,
            offset: None,
            count: None,
        }
    }

    /// The same warning at an offset in bytes.
    pub(super) fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same warning with a count.
    pub(super) fn counting(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Whether bytes of the dump are missing, wrong or in doubt: such a dump is not complete.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        !matches!(self.code, CONTAINER_TRAILING | OTHER_DUMPS_IN_ARCHIVE)
    }
}

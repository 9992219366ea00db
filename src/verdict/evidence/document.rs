//! A text file of evidence, decoded and cut into lines.

use super::EvidenceError;
use std::io::Read;
use std::path::Path;

/// The largest evidence file that is read, in bytes. GC logs of weeks stay below it.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// A text file of evidence.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file as it is named in messages.
    pub file: String,
    /// The last component of the file's path: what tells cgroup files with a bare number apart.
    pub name: String,
    /// The decoded text.
    text: String,
}

impl Document {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or is larger than evidence ever is.
    pub fn read(path: &Path) -> Result<Document, EvidenceError> {
        let io = |source| EvidenceError::Io {
            path: path.to_owned(),
            source,
        };
        // Only regular files: a fifo would block, a device never end. /proc and cgroup files are regular and report length 0.
        let file = std::fs::File::open(path).map_err(io)?;
        if !file.metadata().map_err(io)?.is_file() {
            return Err(io(std::io::Error::other("not a regular file")));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(EvidenceError::TooLarge {
                path: path.to_owned(),
            });
        }
        Ok(Document::from_bytes(path, &bytes))
    }

    /// A document of `bytes` as if read from `path`.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Document {
        Document {
            file: super::super::clean_name(&path.display().to_string()),
            name: path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
            text: decode(bytes),
        }
    }

    /// The lines with their numbers from 1, without line ends.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (1u64..).zip(self.text.lines())
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first `count` lines that are not empty.
    pub(crate) fn head(&self, count: usize) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .take(count)
    }
}

/// Text of `bytes`: UTF-8, or UTF-16 with a byte order mark, which is what PowerShell's `>` writes.
fn decode(bytes: &[u8]) -> String {
    let utf16 = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|pair| from([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_powershell_is_decoded() {
        let mut bytes = vec![0xff, 0xfe];
        for unit in "POD  NAME\r\n".encode_utf16() {
            bytes.extend(unit.to_le_bytes());
        }
        let document = Document::from_bytes(Path::new("top.txt"), &bytes);
        assert_eq!(document.lines().next(), Some((1, "POD  NAME")));
    }
}

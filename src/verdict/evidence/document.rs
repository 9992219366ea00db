//! A text file of evidence, decoded and freed of what pasting adds: byte order marks, colours, Markdown.

use super::line_prefix::{Unprefixed, without_prefixes};
use super::log_json::messages;
use super::paste::without_margin;
use super::{EvidenceError, Time};
use crate::packed;
use std::borrow::Cow;
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
    /// When the file was last written, in milliseconds since 1970; `None` when the system does not say.
    pub modified_ms: Option<i64>,
    /// The decoded text.
    text: String,
    /// When lines were written, by their numbers, where a log says so before each of them.
    times: Vec<(u64, Time)>,
    /// The pod and the container whose log it is, where the log says so before each line.
    pod: Option<(String, String)>,
}

/// A line of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Its text without the line end and spaces behind it, and without what a log tool put before it.
    pub text: &'a str,
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
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(io(std::io::Error::other("not a regular file")));
        }
        // A rotated log, as it lies there.
        let bytes = packed::read(file, MAX_BYTES + 1).map_err(io)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(EvidenceError::TooLarge {
                path: path.to_owned(),
            });
        }
        let mut document = Document::from_bytes(path, &bytes);
        document.modified_ms = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok());
        Ok(document)
    }

    /// A document of `bytes` as if read from `path`.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Document {
        let text = without_margin(plain(decode(bytes)));
        let log = messages(&text).or_else(|| without_prefixes(&text));
        let found = log.unwrap_or(Unprefixed {
            text,
            ..Unprefixed::default()
        });
        Document {
            file: super::super::clean_name(&path.display().to_string()),
            name: path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
            modified_ms: None,
            text: found.text,
            times: found.times,
            pod: found.pod,
        }
    }

    /// The lines.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (1u64..).zip(self.text.lines()).map(|(number, text)| Line {
            number,
            text: text.trim_end(),
        })
    }

    /// When the line was written, where a log says so before it.
    pub(crate) fn time_of(&self, line: u64) -> Option<Time> {
        let at = self
            .times
            .binary_search_by_key(&line, |(number, _)| *number);
        Some(self.times[at.ok()?].1)
    }

    /// The pod and the container whose log it is, where the log says so before each line.
    pub(crate) fn pod(&self) -> Option<&(String, String)> {
        self.pod.as_ref()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
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

/// `text` without colours, with plain spaces, rows of Markdown tables and quotes without their marks; the lines stay in number.
fn plain(text: String) -> String {
    let text = match text.contains(['\u{1b}', '\u{a0}', '\u{200b}', '\u{feff}']) {
        true => without_escapes(&text),
        false => text,
    };
    let quoted = is_quoted(&text);
    let has_table = text.starts_with('|') || text.contains("\n|") || text.contains("\n  |");
    if !quoted && !has_table {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = match quoted {
            true => line
                .strip_prefix("> ")
                .or(line.strip_prefix('>'))
                .unwrap_or(line),
            false => line,
        };
        out.push_str(&cells_of_markdown(line));
        out.push('\n');
    }
    out
}

/// Whether every line that says something begins with the mark of a quote.
fn is_quoted(text: &str) -> bool {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty()).take(200);
    text.starts_with('>') && lines.all(|l| l.starts_with('>'))
}

/// A row of a Markdown table as columns with spaces between them.
fn cells_of_markdown(line: &str) -> Cow<'_, str> {
    /// Bytes of the longest row that a wiki shows.
    const LONGEST: usize = 1 << 20;
    let row = line.trim();
    if row.len() > LONGEST {
        return Cow::Borrowed(line);
    }
    match row.strip_prefix('|').and_then(|r| r.strip_suffix('|')) {
        Some(cells) => {
            // Wikis write two marks between headings.
            let mark = if cells.starts_with('|') { "||" } else { "|" };
            let cells = cells.trim_start_matches('|').trim_end_matches('|');
            let cells: Vec<&str> = cells.split(mark).map(str::trim).collect();
            Cow::Owned(cells.join("   "))
        }
        None => Cow::Borrowed(line),
    }
}

/// `text` without escape sequences of terminals and without spaces of zero width.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{200b}' | '\u{feff}' => {}
            '\u{a0}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Skips the rest of an escape sequence: `[31m`, `]0;title` up to the bell, `(B`.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next_if(|c| matches!(c, '[' | ']' | '(' | ')')) {
        Some('[') => while chars.next_if(|c| !matches!(c, '@'..='~' | '\n')).is_some() {},
        Some(']') => {
            while chars
                .next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\n'))
                .is_some()
            {}
        }
        _ => {}
    }
    chars.next_if(|c| *c != '\n' && *c != '\u{1b}');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> String {
        let document = Document::from_bytes(Path::new("top.txt"), bytes);
        document
            .lines()
            .next()
            .map_or(String::new(), |l| l.text.to_owned())
    }

    #[test]
    fn text_of_powershell_is_decoded() {
        let mut bytes = vec![0xff, 0xfe];
        for unit in "POD  NAME\r\n".encode_utf16() {
            bytes.extend(unit.to_le_bytes());
        }
        assert_eq!(first(&bytes), "POD  NAME");
    }

    #[test]
    fn colours_quotes_and_tables_are_taken_off() {
        assert_eq!(
            first(b"\x1b[2J\x1b[H\x1b[1;31mPOD\x1b[0m  NAME\x1b[K\r\n"),
            "POD  NAME"
        );
        assert_eq!(first(b"\x1b]0;title\x07POD\x1b(B\n"), "POD");
        assert_eq!(first("POD\u{a0}NAME".as_bytes()), "POD NAME");
        assert_eq!(first(b"> POD  NAME\n> shop app\n"), "POD  NAME");
        assert_eq!(
            first(b"| POD | NAME |\n|---|---|\n| shop | app |\n"),
            "POD   NAME"
        );
    }
}

//! What a file is, recognised by its first bytes and never by its name.

use super::error::{Problem, neutral};
use super::foreign::{foreign, recognise};
use super::format::Container;

/// How many bytes of the beginning are looked at: enough to tell a dump that a text-mode copy changed.
pub(super) const PREFIX: usize = 64 << 10;

/// The words every HPROF file begins with.
pub const MAGIC: &[u8] = b"JAVA PROFILE ";

/// The format strings that writers are known to use. HotSpot up to JDK 8 and the old agent write 1.0.1, HotSpot 1.0.2, Android 1.0.3.
const VERSIONS: &[&[u8]] = &[b"1.0", b"1.0.1", b"1.0.2", b"1.0.3"];

/// No version has more bytes; a format string without a zero byte is not searched further.
const LONGEST_VERSION: usize = 20;

/// Fewer line feeds or replacement characters than this prove nothing.
const EVIDENCE: usize = 8;

/// What the beginning of a stream of bytes says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A dump, its header checked.
    Hprof,
    /// Something to unpack.
    Container(Container),
}

/// Whether `bytes` begin with an HPROF header of a known version and a possible identifier size. To be asked at a record
/// border, where a second dump may follow in the same file.
#[must_use]
pub fn is_hprof(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) && check_header(bytes).is_ok()
}

/// Tells what begins with `prefix`: the first [`PREFIX`] bytes, or all there are.
pub(super) fn sniff(prefix: &[u8]) -> Result<Content, Problem> {
    if prefix.is_empty() {
        return Err(Problem::Empty);
    }
    if prefix.starts_with(MAGIC) {
        check_header(prefix)?;
        return check_not_mangled(prefix).map(|()| Content::Hprof);
    }
    if let Some(container) = Container::of(prefix) {
        return Ok(Content::Container(container));
    }
    Err(not_a_dump(prefix))
}

fn not_a_dump(prefix: &[u8]) -> Problem {
    if MAGIC.starts_with(prefix) {
        let have = prefix.len() as u64;
        return Problem::TruncatedHeader { have };
    }
    if let Some(problem) = recognise(prefix).or_else(|| utf16(prefix)) {
        return problem;
    }
    if let Some(offset) = memchr::memmem::find(prefix, MAGIC)
        && is_hprof(&prefix[offset..])
    {
        let offset = offset as u64;
        return Problem::Preceded {
            offset,
            next: offset + 1,
        };
    }
    if prefix.iter().all(|&byte| byte == 0) {
        let upto = prefix.len() as u64;
        return Problem::Zeros { upto };
    }
    let found: Vec<String> = prefix.iter().take(16).map(|b| format!("{b:02x}")).collect();
    Problem::NotHprof {
        found: found.join(" "),
    }
}

/// The header: `JAVA PROFILE x`, a zero byte, u4 identifier size, u8 milliseconds.
fn check_header(prefix: &[u8]) -> Result<(), Problem> {
    let version = &prefix[MAGIC.len()..prefix.len().min(MAGIC.len() + LONGEST_VERSION)];
    if version.starts_with(b"1.0.1, created") {
        let advice = "dump again in binary form: -agentlib:hprof=heap=dump,format=b, or jcmd PID GC.heap_dump FILE";
        return Err(foreign("HPROF in its ASCII form (format=a)", advice));
    }
    let have = prefix.len() as u64;
    let Some(length) = version.iter().position(|&byte| byte == 0) else {
        let cut = prefix.len() < MAGIC.len() + LONGEST_VERSION;
        return Err(if cut {
            Problem::TruncatedHeader { have }
        } else {
            Problem::EndlessMagic
        });
    };
    if !VERSIONS.contains(&&version[..length]) {
        let version = neutral(&String::from_utf8_lossy(&version[..length]));
        return Err(Problem::UnknownVersion { version });
    }
    let at = MAGIC.len() + length + 1;
    let (Some(size), true) = (
        prefix.get(at..).and_then(<[u8]>::first_chunk::<4>),
        prefix.len() >= at + 12,
    ) else {
        return Err(Problem::TruncatedHeader { have });
    };
    let size = u32::from_be_bytes(*size);
    if size != 4 && size != 8 {
        let offset = at as u64;
        return Err(Problem::IdentifierSize { size, offset });
    }
    Ok(())
}

fn check_not_mangled(prefix: &[u8]) -> Result<(), Problem> {
    match crlf(prefix).or_else(|| replacement(prefix)) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// Every line feed became carriage return and line feed: FTP in text mode, `kubectl exec -t`. In a binary file line
/// feeds are lengths and ids; that each one follows a carriage return does not happen by itself.
fn crlf(prefix: &[u8]) -> Option<Problem> {
    let mut count = 0;
    let mut first = 0;
    for (at, _) in prefix.iter().enumerate().filter(|(_, b)| **b == b'\n') {
        if at == 0 || prefix[at - 1] != b'\r' {
            return None;
        }
        if count == 0 {
            first = at - 1;
        }
        count += 1;
    }
    (count >= EVIDENCE).then_some(Problem::Mangled {
        how: "every line feed became carriage return and line feed",
        offset: first as u64,
        advice: "copy it in binary mode (FTP: binary; kubectl exec: without -t)",
    })
}

/// The bytes that are not UTF-8 became U+FFFD: a program decoded the dump as text. A whole prefix that is valid
/// UTF-8 and full of replacement characters does not happen by itself.
fn replacement(prefix: &[u8]) -> Option<Problem> {
    const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
    let is_text = match std::str::from_utf8(prefix) {
        Ok(_) => true,
        // The prefix may end inside a character.
        Err(error) => error.error_len().is_none(),
    };
    if !is_text {
        return None;
    }
    let mut places = prefix
        .windows(REPLACEMENT.len())
        .enumerate()
        .filter(|(_, window)| *window == REPLACEMENT)
        .map(|(at, _)| at);
    let first = places.next()?;
    (places.count() + 1 >= EVIDENCE).then_some(Problem::Mangled {
        how: "bytes were replaced by the UTF-8 character U+FFFD",
        offset: first as u64,
        advice: "those bytes are lost: copy the original again, as binary",
    })
}

/// The magic in 16-bit characters: a shell (PowerShell's `>`) decoded the dump and wrote it as UTF-16.
fn utf16(prefix: &[u8]) -> Option<Problem> {
    let text = prefix
        .strip_prefix(b"\xff\xfe")
        .or_else(|| prefix.strip_prefix(b"\xfe\xff"))
        .unwrap_or(prefix);
    let every_other = |first: usize| {
        let letters = text.iter().skip(first).step_by(2);
        let zeros = text.iter().skip(1 - first).step_by(2);
        text.len() >= 2 * MAGIC.len()
            && letters.take(MAGIC.len()).eq(MAGIC)
            && zeros.take(MAGIC.len()).all(|&byte| byte == 0)
    };
    (every_other(0) || every_other(1)).then_some(Problem::Mangled {
        how: "it became UTF-16 text",
        offset: 0,
        advice: "do not redirect a dump with PowerShell's >: copy it as binary",
    })
}

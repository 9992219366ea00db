//! Files that people hand over instead of an HPROF dump, recognised by their first bytes.
//!
//! To know one more, add a line to [`FORMATS`].

use super::error::Problem;

/// A known format that is no dump: its first bytes, its name, what to do about it.
struct Format {
    magic: &'static [u8],
    what: &'static str,
    advice: &'static str,
}

const TAKE_HPROF: &str = "take an HPROF dump with: jcmd PID GC.heap_dump FILE";
const OPENJ9: &str = "OpenJ9 dumps can be converted: open it in Eclipse MAT with the DTFJ plug-in and export it as HPROF";
const UNPACK: &str = "this container is not supported: unpack it first";
const NOT_THE_FILE: &str = "the download or copy failed: fetch the dump itself";

const FORMATS: &[Format] = &[
    // Containers that are not unpacked here.
    f(b"BZh", "bzip2 data", "unpack it first: bzip2 -d FILE"),
    f(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    f(b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    f(
        b"\x04\x22\x4d\x18",
        "LZ4 data",
        "unpack it first: lz4 -d FILE",
    ),
    f(b"LZIP", "lzip data", "unpack it first: lzip -d FILE"),
    f(
        b"\x1f\x9d",
        "compress(1) data",
        "unpack it first: uncompress FILE",
    ),
    f(b"\xff\x06\x00\x00sNaPpY", "Snappy data", UNPACK),
    f(b"\x89LZO\x00", "lzop data", "unpack it first: lzop -d FILE"),
    // Other dumps of a JVM or a process.
    f(
        b"\x00\x15portable heap dump",
        "a PHD heap dump of OpenJ9",
        OPENJ9,
    ),
    f(b"0SECTION", "a javacore of OpenJ9", TAKE_HPROF),
    f(
        b"FLR\x00",
        "a JFR recording",
        "read it with: jfr summary FILE; or take an HPROF dump with: jcmd PID GC.heap_dump FILE",
    ),
    f(
        b"\x7fELF",
        "an ELF file (a core dump?)",
        "a core of a JVM can be converted: jhsdb jmap --binaryheap --dumpfile FILE --exe JAVA --core CORE",
    ),
    f(
        b"\x1c\x00\x00\x00\x00",
        "a part file of a parallel dump",
        "the JVM was stopped before it put the parts together: take the dump again",
    ),
    f(b"MDMP", "a Windows minidump", TAKE_HPROF),
    f(b"\xca\xfe\xba\xbe", "a Java class file", TAKE_HPROF),
    f(b"go1.7 heap dump\n", "a heap dump of Go", TAKE_HPROF),
    f(b"Nettrace", "a .NET trace", TAKE_HPROF),
    f(b"Full thread dump", "a thread dump", TAKE_HPROF),
    f(
        b"hprof-suspects 1",
        "the index of a dump (see --keep)",
        "pass the dump itself: the file without .kept at its end",
    ),
    // What a failed download leaves.
    f(
        b"version https://git-lfs.github.com/",
        "a git-lfs pointer",
        "fetch the dump itself: git lfs pull",
    ),
    f(
        b"SkFWQSBQUk9GSUxF",
        "an HPROF dump in base64",
        "decode it first: base64 -d FILE > heap.hprof",
    ),
    f(b"%PDF-", "a PDF document", NOT_THE_FILE),
];

const fn f(magic: &'static [u8], what: &'static str, advice: &'static str) -> Format {
    Format {
        magic,
        what,
        advice,
    }
}

/// What the beginning of a file is when it is neither a dump nor a container that is unpacked here.
pub(super) fn recognise(prefix: &[u8]) -> Option<Problem> {
    if let Some(format) = FORMATS.iter().find(|f| prefix.starts_with(f.magic)) {
        return Some(foreign(format.what, format.advice));
    }
    recognise_text(prefix)
}

/// Pages and messages of a server, recognised by their first characters that are not blank.
fn recognise_text(prefix: &[u8]) -> Option<Problem> {
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let text = text.trim_ascii_start();
    let begins = |with: &[u8]| {
        text.get(..with.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(with))
    };
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") {
        let advice = "a server sent a page (a login?) instead of the dump: fetch the dump itself";
        return Some(foreign("an HTML page", advice));
    }
    if begins(b"<?xml") || begins(b"<error") {
        let advice =
            "a server sent a message instead of the dump: read it, then fetch the dump itself";
        return Some(foreign("XML", advice));
    }
    // A brace alone is one byte of evidence: what follows must look like JSON too.
    let rest = text.get(1..).map_or(&[][..], <[u8]>::trim_ascii_start);
    let json = matches!(
        (text.first(), rest.first()),
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'"' | b']'))
    );
    json.then(|| {
        let advice =
            "a server sent a message instead of the dump: read it, then fetch the dump itself";
        foreign("JSON", advice)
    })
}

pub(super) fn foreign(what: &'static str, advice: &'static str) -> Problem {
    Problem::Foreign { what, advice }
}

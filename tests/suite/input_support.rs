//! Dumps and containers for the tests of `input`, and the shortest way to open them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use hprof_suspects::input::{Input, InputError, OpenOptions, open};
use tempfile::TempDir;

/// A header and UTF8 records with bytes that compress a little, `bytes` long in all (at least a header).
pub fn dump(bytes: usize) -> Vec<u8> {
    let mut out = b"JAVA PROFILE 1.0.2\0\0\0\0\x08\0\0\x01\x98\x76\x54\x32\x10".to_vec();
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    while out.len() < bytes {
        out.extend_from_slice(b"\x01\0\0\0\0\0\0\0\x28");
        for _ in 0..5 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Half of the bytes zero: what a heap looks like to a compressor.
            out.extend_from_slice(&(state & 0xff00_ff00_ff00_ffff).to_be_bytes());
        }
    }
    out.truncate(bytes);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Members of `block` bytes each, as `jcmd GC.heap_dump -gz=1` writes them; with the offset of each in the result.
pub fn hotspot_gzip(bytes: &[u8], block: usize) -> (Vec<u8>, Vec<usize>) {
    let mut out = Vec::new();
    let mut starts = Vec::new();
    for (number, part) in bytes.chunks(block).enumerate() {
        starts.push(out.len());
        let mut builder = flate2::GzBuilder::new();
        if number == 0 {
            builder = builder.comment(format!("HPROF BLOCKSIZE={block}"));
        }
        let mut encoder = builder.write(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part).unwrap();
        out.extend(encoder.finish().unwrap());
    }
    (out, starts)
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn zip(files: &[(&str, &[u8])], is_deflated: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (name, bytes) in files {
        let method = if is_deflated {
            rawzip::CompressionMethod::DEFLATE
        } else {
            rawzip::CompressionMethod::STORE
        };
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(method)
            .start()
            .unwrap();
        let descriptor = if is_deflated {
            let encoder =
                flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            writer.write_all(bytes).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

/// A directory with one file in it.
pub struct Given {
    pub directory: TempDir,
    pub path: PathBuf,
}

/// A file `heap.bin` with these bytes: a name that tells nothing.
pub fn file(bytes: &[u8]) -> Given {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("heap.bin");
    fs::write(&path, bytes).unwrap();
    Given { directory, path }
}

pub fn open_plainly(path: &Path) -> Result<Input, InputError> {
    open(path, &OpenOptions::default(), &|_, _| {})
}

pub fn open_bytes(bytes: &[u8]) -> Result<Input, InputError> {
    open_plainly(&file(bytes).path)
}

/// The message of the error that must come.
pub fn error_of(bytes: &[u8]) -> String {
    open_bytes(bytes).expect_err("an error").to_string()
}

/// The codes of the warnings.
pub fn codes(input: &Input) -> Vec<&'static str> {
    input.warnings().iter().map(|w| w.code).collect()
}

/// The folder of the corpus, where its script lies beside the project.
pub fn corpus() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/corpus.sh");
    if !script.exists() {
        eprintln!("skipped: no corpus beside the project");
        return None;
    }
    let output = Command::new(script).output().unwrap();
    assert!(output.status.success(), "the corpus script failed");
    Some(PathBuf::from(
        String::from_utf8(output.stdout).unwrap().trim(),
    ))
}

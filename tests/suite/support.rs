//! What many tests need: the built program, golden dumps, the corpus, a JDK.

// A library for the other tests: a part that no test uses at the moment is no defect.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use flate2::read::MultiGzDecoder;

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program, without arguments, in an environment that does not change what it prints.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hprof-suspects"));
    for variable in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Run {
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("the report is UTF-8")
    }

    /// The standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_slice(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("no JSON ({error}); standard error: {}", self.stderr))
    }

    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "standard error: {}", self.stderr);
        self
    }
}

/// Runs the program to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    run_command(program().args(arguments))
}

pub fn run_command(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The JSON report of a dump.
pub fn report(dump: &Path) -> serde_json::Value {
    run([dump.as_os_str(), "--format".as_ref(), "json".as_ref()])
        .succeeded()
        .json()
}

/// A file with this content that goes when the value goes.
pub fn temporary(suffix: &str, content: &[u8]) -> tempfile::TempPath {
    let mut file = tempfile::Builder::new()
        .suffix(suffix)
        .tempfile()
        .expect("a temporary file");
    file.write_all(content).expect("room for a temporary file");
    file.into_temp_path()
}

// --- golden dumps ---

/// Names of the golden dumps, sorted.
pub fn golden_names() -> Vec<String> {
    let folder = fs::read_dir(project().join("testdata")).expect("testdata");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a plain name");
        name.strip_suffix(".hprof.gz").map(str::to_owned)
    };
    let mut names: Vec<String> = folder.filter_map(name).collect();
    names.sort();
    assert!(!names.is_empty(), "testdata/ holds golden dumps");
    names
}

/// `testdata/NAME.hprof.gz` inflated below the build folder. The name carries the checksum, so a new dump is a new file.
pub fn golden(name: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let packed = project().join("testdata").join(format!("{name}.hprof.gz"));
    let packed = fs::read(&packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
    let crc = u32::from_le_bytes(
        packed[packed.len() - 8..packed.len() - 4]
            .try_into()
            .expect("4 bytes"),
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
    let file = folder.join(format!("{name}-{crc:08x}.hprof"));
    if !file.exists() {
        fs::create_dir_all(&folder).expect("a folder for inflated dumps");
        let mut content = Vec::new();
        MultiGzDecoder::new(&packed[..])
            .read_to_end(&mut content)
            .expect("a gzip file");
        // Another test process may do the same: the file appears whole or not at all.
        let mut fresh = tempfile::NamedTempFile::new_in(&folder).expect("a temporary file");
        fresh.write_all(&content).expect("room for a dump");
        fresh.persist(&file).expect("the dump in its place");
    }
    file
}

// --- the corpus of real dumps ---

/// The folder of the unpacked corpus, or `None` (and a line that says so) where it is not at hand.
pub fn corpus() -> Option<&'static Path> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOLDER.get_or_init(unpack_corpus) {
        Ok(folder) => Some(folder),
        Err(reason) => {
            skipped(&format!("the corpus is not at hand ({reason})"));
            None
        }
    }
}

fn unpack_corpus() -> Result<PathBuf, String> {
    let script = project().join("../shared/tools/corpus.sh");
    if !script.exists() {
        return Err("no ../shared/tools/corpus.sh".to_owned());
    }
    let output = Command::new(script)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(PathBuf::from(
        String::from_utf8_lossy(&output.stdout).trim(),
    ))
}

/// Files in `folder` whose name ends in one of `endings`, with the name before the ending; sorted.
pub fn files_ending(folder: &Path, endings: &[&str]) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let matching = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?;
        let stem = endings
            .iter()
            .find_map(|ending| name.strip_suffix(ending))?;
        Some((stem.to_owned(), path))
    };
    let mut found: Vec<_> = entries.filter_map(matching).collect();
    found.sort();
    found
}

/// `NAME.hprof` or `NAME.hprof.gz` in `folder`.
pub fn dump_named(folder: &Path, name: &str) -> Option<PathBuf> {
    let candidates = ["hprof", "hprof.gz"].map(|ending| folder.join(format!("{name}.{ending}")));
    candidates.into_iter().find(|path| path.exists())
}

/// The content of a text file, inflated where its name ends in `.gz`.
pub fn read_text(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut text = String::new();
    let read = match file.extension() {
        Some(extension) if extension == "gz" => {
            MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)
        }
        _ => (&bytes[..]).read_to_string(&mut text),
    };
    read.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text
}

/// Says that a test did not run to its end, and why. Goes past the test harness, so that it is seen.
pub fn skipped(reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}

// --- JDK ---

/// A tool of a JDK (`javac`, `jcmd`): in `JAVA_HOME`, else on the path.
pub fn jdk_tool(name: &str) -> Option<PathBuf> {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    home.into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|tool| tool.is_file())
}

#[test]
fn golden_dumps_inflate_to_dumps_with_histograms() {
    for name in golden_names() {
        let dump = fs::read(golden(&name)).expect("an inflated dump");
        assert!(dump.starts_with(b"JAVA PROFILE 1.0."), "{name}");
        // A JVM that ran out of memory could not be asked.
        let histogram = project().join("testdata").join(format!("{name}.histo.txt"));
        let asked = !["out-of-memory", "planted-secrets"].contains(&name.as_str());
        assert_eq!(histogram.exists(), asked, "{name}");
    }
}

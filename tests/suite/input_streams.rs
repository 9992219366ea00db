//! FIFOs and standard input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::input_support::{dump, gzip, hotspot_gzip, open_plainly};
use hprof_suspects::input::InputError;
use tempfile::TempDir;

fn fifo(directory: &TempDir) -> std::path::PathBuf {
    let path = directory.path().join("fifo");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path
}

#[test]
fn a_fifo_is_read_to_its_end() {
    let plain = dump(3_000_000);
    for packed in [plain.clone(), gzip(&plain), hotspot_gzip(&plain, 100_000).0] {
        let directory = TempDir::new().unwrap();
        let path = fifo(&directory);
        let to = path.clone();
        let bytes = packed.clone();
        let writer = thread::spawn(move || {
            // A writer that comes late and pauses.
            thread::sleep(Duration::from_millis(200));
            let mut file = std::fs::File::options().write(true).open(to).unwrap();
            thread::sleep(Duration::from_millis(200));
            let (head, tail) = bytes.split_at(5);
            file.write_all(head).unwrap();
            thread::sleep(Duration::from_millis(100));
            file.write_all(tail).unwrap();
        });
        let input = open_plainly(&path).unwrap();
        writer.join().unwrap();
        assert!(input.bytes() == plain);
        assert_eq!(input.file_bytes(), packed.len() as u64);
        assert_eq!(input.check_unchanged(), None);
    }
}

#[test]
fn a_fifo_without_a_writer_does_not_hang() {
    let directory = TempDir::new().unwrap();
    let start = Instant::now();
    let error = open_plainly(&fifo(&directory)).unwrap_err();
    assert!(matches!(error, InputError::NoWriter { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// A child whose standard input is what the test gives opens `-`.
#[test]
fn standard_input() {
    const CHILD: &str = "HPROF_SUSPECTS_TEST_STDIN";
    let plain = dump(500_000);
    if std::env::var_os(CHILD).is_some() {
        let input = open_plainly(Path::new("-")).unwrap();
        assert!(input.bytes() == plain);
        assert_eq!(input.file_name(), "-");
        return;
    }
    let child = |stdin: Stdio| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "input_streams::standard_input"])
            .env(CHILD, "1")
            .stdin(stdin)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    for packed in [plain.clone(), gzip(&plain)] {
        let mut piped = child(Stdio::piped());
        piped.stdin.take().unwrap().write_all(&packed).unwrap();
        assert!(piped.wait().unwrap().success(), "from a pipe");
        let given = crate::input_support::file(&packed);
        let file = std::fs::File::open(&given.path).unwrap();
        assert!(child(file.into()).wait().unwrap().success(), "from a file");
    }
}

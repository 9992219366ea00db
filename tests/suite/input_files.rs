//! What is no dump, and files that change.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::input_support::{codes, dump, error_of, file, open_bytes, open_plainly};
use hprof_suspects::input::{InputError, is_hprof};
use tempfile::TempDir;

#[track_caller]
fn says(bytes: &[u8], part: &str) {
    let error = error_of(bytes);
    assert!(error.contains(part), "{error}");
    assert!(
        !error.contains('\n') && !error.contains('\x1b'),
        "{error:?}"
    );
}

#[test]
fn damaged_headers() {
    let good = dump(31);
    assert!(open_bytes(&good).is_ok());
    says(b"", "is empty");
    for cut in 1..31 {
        says(&good[..cut], &format!("the header is cut at byte {cut}"));
    }
    says(
        b"JAVA PROFILE 1.0.9\0\0\0\0\x08aaaaaaaa",
        "version \"1.0.9\"",
    );
    says(
        b"JAVA PROFILE \x1b[2J\0\0\0\0\x08aaaaaaaa",
        "version \"\\u{1b}[2J\"",
    );
    says(
        &[b"JAVA PROFILE ".as_slice(), &[b'1'; 1000]].concat(),
        "no zero byte ends",
    );
    says(
        b"java profile 1.0.2\0\0\0\0\x08aaaaaaaa",
        "not an HPROF dump",
    );
    for size in [0u32, 1, 2, 3, 5, 16, 255, u32::MAX] {
        let mut bad = good.clone();
        bad[19..23].copy_from_slice(&size.to_be_bytes());
        says(&bad, &format!("identifier size {size} at byte 19"));
        assert!(!is_hprof(&bad));
    }
}

#[test]
fn every_version_and_identifier_size() {
    for version in ["1.0", "1.0.1", "1.0.2", "1.0.3"] {
        for size in [4, 8] {
            let mut bytes = format!("JAVA PROFILE {version}\0\0\0\0").into_bytes();
            bytes.push(size);
            bytes.extend_from_slice(&[0; 8]);
            let input = open_bytes(&bytes).unwrap();
            assert_eq!(input.bytes(), bytes);
            assert!(is_hprof(&bytes));
        }
    }
}

#[test]
fn other_formats_are_named() {
    says(
        b"\n <!DOCTYPE HTML><html><body>Log in</body>",
        "an HTML page",
    );
    says(b"{\"error\": \"not found\"}", "JSON");
    says(b"[{\"error\": 1}]", "JSON");
    says(b"<?xml version=\"1.0\"?><Error/>", "XML");
    says(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
        "git lfs pull",
    );
    says(
        b"JAVA PROFILE 1.0.1, created Thu Jan  1 00:00:00 1970\n",
        "ASCII form",
    );
    says(
        b"\0\x15portable heap dump\0\0\0\x06",
        "a PHD heap dump of OpenJ9",
    );
    says(b"\x7fELF\x02\x01\x01\0\0\0\0\0", "jhsdb jmap");
    says(b"FLR\0\0\x02\0\x01", "a JFR recording");
    says(
        b"\x1c\0\0\0\0\0\x0f\xff\xd2\x20\0",
        "a part file of a parallel dump",
    );
    says(b"BZh91AY&SY", "bzip2 -d");
    says(b"SkFWQSBQUk9GSUxFIDEuMC4y", "base64 -d");
    let preceded = [
        b"Defaulted container \"app\" out of: app, log\n",
        &dump(100)[..],
    ]
    .concat();
    says(&preceded, "one begins at byte 43");
    says(&preceded, "tail -c +44 FILE");
    says(&[0; 5000], "only zeros from byte 0 to 5000");
    says(b"\x9c\x11random", "bytes 9c 11 72 61");
}

#[test]
fn text_mode_copies_are_named() {
    let good = dump(20_000);
    let mut crlf = Vec::new();
    for &byte in &good {
        if byte == b'\n' {
            crlf.push(b'\r');
        }
        crlf.push(byte);
    }
    says(
        &crlf,
        "every line feed became carriage return and line feed",
    );
    says(String::from_utf8_lossy(&good).as_bytes(), "U+FFFD");
    let wide = |to: fn(u16) -> [u8; 2]| {
        good.iter()
            .flat_map(|&b| to(u16::from(b)))
            .collect::<Vec<u8>>()
    };
    says(&wide(u16::to_le_bytes), "UTF-16");
    says(&wide(u16::to_be_bytes), "UTF-16");
    says(
        &[b"\xff\xfe".as_slice(), &wide(u16::to_le_bytes)].concat(),
        "UTF-16",
    );
}

#[test]
fn names_that_lead_nowhere() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| directory.path().join(name);
    let error = open_plainly(&at("missing\x1b[31m")).unwrap_err();
    assert!(matches!(error, InputError::NotFound { .. }), "{error}");
    assert!(!error.to_string().contains('\x1b'));
    let error = open_plainly(directory.path()).unwrap_err();
    assert!(matches!(error, InputError::Directory { .. }), "{error}");
    symlink("gone.hprof", at("dangling")).unwrap();
    let error = open_plainly(&at("dangling")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("gone.hprof, which does not exist"),
        "{error}"
    );
    symlink(at("loop"), at("loop")).unwrap();
    let error = open_plainly(&at("loop")).unwrap_err();
    assert!(matches!(error, InputError::LinkLoop { .. }), "{error}");
    let error = open_plainly(Path::new("/dev/null")).unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
    // A device without an end is refused by its first bytes.
    let error = open_plainly(Path::new("/dev/zero")).unwrap_err();
    assert!(error.to_string().contains("only zeros"), "{error}");
}

#[test]
fn an_unreadable_file() {
    use std::os::unix::fs::PermissionsExt;
    let given = file(&dump(100));
    fs::set_permissions(&given.path, fs::Permissions::from_mode(0o000)).unwrap();
    match open_plainly(&given.path) {
        // Root may read it all the same.
        Ok(input) => assert_eq!(input.bytes(), dump(100)),
        Err(error) => assert!(
            matches!(error, InputError::PermissionDenied { .. }),
            "{error}"
        ),
    }
}

#[test]
fn awkward_names_and_links_open() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("a b ü 你 & $(x) 'q' -rf");
    fs::write(&path, dump(100)).unwrap();
    symlink(&path, directory.path().join("link")).unwrap();
    assert_eq!(
        open_plainly(&path).unwrap().file_name(),
        "a b ü 你 & $(x) 'q' -rf"
    );
    assert_eq!(
        open_plainly(&directory.path().join("link"))
            .unwrap()
            .bytes(),
        dump(100)
    );
}

#[test]
fn a_file_that_changes_is_told() {
    let given = file(&dump(10_000));
    let input = open_plainly(&given.path).unwrap();
    assert_eq!(input.check_unchanged(), None);
    let mut grown = fs::File::options().append(true).open(&given.path).unwrap();
    grown.write_all(b"more").unwrap();
    let warning = input.check_unchanged().unwrap();
    assert!(
        warning.message.contains("grew from 10000 to 10004"),
        "{warning:?}"
    );
    assert_eq!(
        (warning.code, warning.offset),
        ("file_changed", Some(10_000))
    );
    assert!(warning.is_damage());
    grown.set_len(5_000).unwrap();
    let warning = input.check_unchanged().unwrap();
    assert!(
        warning.message.contains("shrank from 10000 to 5000"),
        "{warning:?}"
    );
    grown.set_len(10_000).unwrap();
    grown
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let warning = input.check_unchanged().unwrap();
    assert!(warning.message.contains("was written to"), "{warning:?}");
}

#[test]
fn part_files_beside_the_dump_are_told() {
    let given = file(&dump(100));
    for number in [0, 1, 3] {
        fs::write(
            given.directory.path().join(format!("heap.bin.p{number}")),
            b"x",
        )
        .unwrap();
    }
    let input = open_plainly(&given.path).unwrap();
    assert_eq!(codes(&input), ["part_files"]);
    assert_eq!(input.warnings()[0].count, Some(3));
}

#[test]
fn released_pages_read_the_same_again() {
    let bytes = dump(1_000_003);
    let given = file(&bytes);
    let input = open_plainly(&given.path).unwrap();
    input.advise_sequential();
    for range in [
        0..500_000,
        1..4096,
        999_000..2_000_000,
        10..10,
        5_000_000..6_000_000,
    ] {
        input.release(range);
        assert!(input.bytes() == bytes);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn released_pages_no_longer_count() {
    let given = file(&dump(48 << 20));
    let input = open_plainly(&given.path).unwrap();
    let resident = || {
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let path = given.path.to_string_lossy();
        let entry = maps
            .lines()
            .skip_while(|line| !line.ends_with(path.as_ref()));
        let rss = entry
            .skip(1)
            .find_map(|line| line.strip_prefix("Rss:"))
            .unwrap();
        rss.trim()
            .strip_suffix(" kB")
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let sum = |bytes: &[u8]| bytes.iter().map(|&b| u64::from(b)).sum::<u64>();
    let before = sum(input.bytes());
    assert_eq!(resident(), 48 << 10);
    // Small ranges wait until 16 MiB can go together.
    input.release(0..1 << 20);
    assert_eq!(resident(), 48 << 10);
    input.release(1 << 20..20 << 20);
    assert_eq!(resident(), 32 << 10);
    input.release(20 << 20..48 << 20);
    assert_eq!(resident(), 0);
    assert_eq!(sum(input.bytes()), before);
}

/// The engine reads the bytes from all its threads.
#[test]
fn an_input_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&open_bytes(&dump(100)).unwrap());
}

/// A child maps a file, cuts it short and reads on: one clear line and code 1, not a signal.
#[test]
fn a_file_cut_short_while_mapped_ends_with_one_line() {
    const CHILD: &str = "HPROF_SUSPECTS_TEST_CUT";
    if let Some(path) = std::env::var_os(CHILD) {
        hprof_suspects::platform::guard_mappings();
        let input = open_plainly(Path::new(&path)).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(0)
            .unwrap();
        let sum: u64 = input.bytes().iter().map(|&byte| u64::from(byte)).sum();
        unreachable!("read {sum} from a file that is gone");
    }
    let given = file(&dump(1_000_000));
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "input_files::a_file_cut_short_while_mapped_ends_with_one_line",
            "--nocapture",
        ])
        .env(CHILD, &given.path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8_lossy(&output.stderr);
    assert!(
        line.contains("was cut short") && line.contains("--no-mmap"),
        "{line}"
    );
}

//! The broken files of the corpus, where it lies beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use crate::input_support::{codes, corpus, open_plainly};
use hprof_suspects::input::{Input, InputError, OpenOptions, open};

fn broken() -> Option<PathBuf> {
    Some(corpus()?.join("broken"))
}

#[track_caller]
fn opened(folder: &Path, name: &str) -> Input {
    match open_plainly(&folder.join(name)) {
        Ok(input) => input,
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn containers_give_the_golden_dump() {
    let Some(folder) = broken() else { return };
    let golden = fs::read(folder.join("c04_plain_named_gz.hprof.gz")).unwrap();
    let expected: [(&str, Option<&str>, &[&str]); 9] = [
        ("c04_plain_named_gz.hprof.gz", None, &[]),
        ("c03_gz_named_hprof.hprof", Some("gzip"), &[]),
        ("c05_gz_twice.hprof.gz", Some("gzip"), &[]),
        ("c06_gz_members.hprof.gz", Some("gzip"), &[]),
        (
            "c01_gz_bad_crc.hprof.gz",
            Some("gzip"),
            &["container_checksum"],
        ),
        (
            "c07_gz_members_then_garbage.hprof.gz",
            Some("gzip"),
            &["container_trailing_bytes"],
        ),
        ("c12_xz.hprof.xz", Some("xz"), &[]),
        ("c13_zip.hprof.zip", Some("zip"), &[]),
        ("d06_name with spaces ü 你 & $(x) 'q'.hprof", None, &[]),
    ];
    for (name, compression, warnings) in expected {
        let input = opened(&folder, name);
        assert!(input.bytes() == golden, "{name}");
        assert_eq!(input.compression(), compression, "{name}");
        assert_eq!(codes(&input), warnings, "{name}");
    }
    for (name, code) in [
        ("c00_gz_cut.hprof.gz", "container_truncated"),
        ("c02_gz_garbage_mid.hprof.gz", "container_corrupt"),
    ] {
        let input = opened(&folder, name);
        let got = input.bytes();
        assert!(
            got.len() > 100_000 && got.len() < golden.len(),
            "{name}: {}",
            got.len()
        );
        assert_eq!(codes(&input), [code], "{name}");
        assert!(input.warnings()[0].offset.is_some(), "{name}");
    }
}

#[test]
fn what_is_no_dump_is_named() {
    let Some(folder) = broken() else { return };
    for (name, part) in [
        ("a00_zero_length.hprof", "is empty"),
        ("a01_magic_only.hprof", "header is cut at byte 19"),
        ("a03_header_cut_in_magic.hprof", "header is cut at byte 8"),
        ("a04_header_cut_in_idsize.hprof", "header is cut at byte 21"),
        ("a05_bad_magic_version.hprof", "version"),
        ("a06_bad_magic.hprof", "not an HPROF dump"),
        ("a07_magic_without_nul.hprof", "no zero byte"),
        ("a08_magic_lower.hprof", "not an HPROF dump"),
        ("b02_id_size_field_0.hprof", "identifier size 0 "),
        (
            "b02_id_size_field_ffffffff.hprof",
            "identifier size 4294967295 ",
        ),
        (
            "c08_gz_header_only.hprof.gz",
            "gzip data cannot be unpacked at byte 10",
        ),
        ("c09_gz_of_html.hprof.gz", "an HTML page"),
        ("c11_bz2.hprof.bz2", "bzip2"),
        ("c14_html.hprof", "an HTML page"),
        ("c15_json.hprof", "JSON"),
        ("c16_lfs_pointer.hprof", "git-lfs"),
        ("c17_text_hprof.txt", "ASCII"),
        ("c18_phd.phd", "PHD"),
        ("c19_elf_core", "ELF"),
        ("c20_jfr.jfr", "JFR"),
        ("c21_random_1m.bin", "not an HPROF dump"),
        ("c22_zeros_1m.bin", "only zeros"),
        ("c23_utf16.hprof", "UTF-16"),
        ("c24_crlf_mangled.hprof", "carriage return"),
        ("c25_utf8_mangled.hprof", "U+FFFD"),
        ("d00_directory.hprof", "is a directory"),
        (
            "d03_dangling_symlink.hprof",
            "/nonexistent/x.hprof, which does not exist",
        ),
    ] {
        let error = open_plainly(&folder.join(name)).err();
        let line = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(line.contains(part), "{name}: {line:?}");
        assert!(!line.contains('\n'), "{name}");
    }
    let error = open_plainly(&folder.join("d01_fifo.hprof")).unwrap_err();
    assert!(matches!(error, InputError::NoWriter { .. }), "{error}");
    assert_eq!(opened(&folder, "a02_header_only.hprof").bytes().len(), 31);
}

#[test]
fn the_bomb_stays_within_its_budget() {
    let Some(folder) = broken() else { return };
    let temp = tempfile::TempDir::new().unwrap();
    let options = OpenOptions {
        memory_budget: Some(8 << 20),
        temp_dir: Some(temp.path().to_owned()),
        ..OpenOptions::default()
    };
    let input = open(&folder.join("c10_gz_bomb.hprof.gz"), &options, &|_, _| {}).unwrap();
    assert!(input.bytes().len() > 100 << 20);
    // It lies in a mapped file that nobody sees.
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn left_over_part_files_are_told() {
    let Some(folder) = broken() else { return };
    let input = opened(&folder.join("real"), "killed9-jdk25-par4.hprof");
    assert_eq!(codes(&input), ["part_files"]);
    assert_eq!(input.warnings()[0].count, Some(2));
}

/// Every `-gz` dump of a real HotSpot: the parallel path gives what one gzip decoder after the other gives.
#[test]
fn real_gzip_dumps() {
    use std::io::Read;
    let Some(folder) = corpus() else { return };
    let mut seen = 0;
    for sub in ["jvm", "leaks", "foreign"] {
        for entry in fs::read_dir(folder.join(sub)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "gz")
                || fs::metadata(&path).unwrap().len() > 20 << 20
            {
                continue;
            }
            let file = std::io::BufReader::new(fs::File::open(&path).unwrap());
            let mut plain = Vec::new();
            flate2::bufread::MultiGzDecoder::new(file)
                .read_to_end(&mut plain)
                .unwrap();
            if !plain.starts_with(b"JAVA PROFILE") {
                continue;
            }
            let input = open_plainly(&path).unwrap();
            assert!(input.bytes() == plain, "{}", path.display());
            assert_eq!(codes(&input), Vec::<&str>::new(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "the corpus has dumps in gzip");
}

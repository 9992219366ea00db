//! Every container gives the bytes that were packed.

use std::sync::Mutex;

use crate::input_support::{codes, dump, file, gzip, hotspot_gzip, open_bytes, tar, xz, zip, zstd};
use hprof_suspects::input::{InputError, OpenOptions, open};

const BLOCK: usize = 10_000;

/// Larger than the prefix that is looked at and than the steps of the decoders.
fn sample() -> Vec<u8> {
    dump(700_001)
}

#[track_caller]
fn opens_as(packed: &[u8], compression: Option<&str>) {
    let plain = sample();
    let given = file(packed);
    // In memory, in a temporary file, read instead of mapped.
    for (budget, no_mmap) in [(1 << 30, false), (0, false), (1 << 30, true), (0, true)] {
        let options = OpenOptions {
            no_mmap,
            memory_budget: Some(budget),
            temp_dir: Some(given.directory.path().to_owned()),
            max_unpacked: None,
            dump_number: 1,
        };
        let input = open(&given.path, &options, &|_, _| {}).unwrap();
        assert!(
            input.bytes() == plain,
            "other bytes came out, budget {budget}"
        );
        assert_eq!(input.compression(), compression);
        assert_eq!(input.file_bytes(), packed.len() as u64);
        assert_eq!(input.file_name(), "heap.bin");
        assert_eq!(codes(&input), Vec::<&str>::new());
        assert_eq!(input.check_unchanged(), None);
        let left = std::fs::read_dir(given.directory.path()).unwrap().count();
        assert_eq!(left, 1, "a temporary file is visible");
    }
}

#[test]
fn plain() {
    opens_as(&sample(), None);
}

#[test]
fn gzip_with_one_member() {
    opens_as(&gzip(&sample()), Some("gzip"));
}

#[test]
fn gzip_with_members_and_an_empty_one() {
    let plain = sample();
    let mut packed = gzip(&plain[..300_000]);
    packed.extend(gzip(&[]));
    packed.extend(gzip(&plain[300_000..]));
    opens_as(&packed, Some("gzip"));
}

#[test]
fn gzip_as_hotspot_writes_it() {
    opens_as(&hotspot_gzip(&sample(), BLOCK).0, Some("gzip"));
}

#[test]
fn gzip_whose_block_size_lies() {
    // Members larger than promised are read one after the other.
    let plain = sample();
    let (mut packed, _) = hotspot_gzip(&plain[..BLOCK * 3], BLOCK);
    packed.extend(gzip(&plain[BLOCK * 3..]));
    opens_as(&packed, Some("gzip"));
}

#[test]
fn gzip_blocks_with_headers_inside() {
    // Incompressible blocks are stored: what looks like a member is in the middle of one.
    let mut plain = dump(50_000);
    for at in (5_000..45_000).step_by(7_001) {
        plain[at..at + 10].copy_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    }
    let mut packed = Vec::new();
    for (number, part) in plain.chunks(BLOCK).enumerate() {
        let mut builder = flate2::GzBuilder::new();
        if number == 0 {
            builder = builder.comment(format!("HPROF BLOCKSIZE={BLOCK}"));
        }
        let mut encoder = builder.write(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, part).unwrap();
        packed.extend(encoder.finish().unwrap());
    }
    let input = open_bytes(&packed).unwrap();
    assert!(input.bytes() == plain);
    assert_eq!(codes(&input), Vec::<&str>::new());
}

#[test]
fn gzip_header_with_every_field() {
    let plain = sample();
    let mut encoder = flate2::GzBuilder::new()
        .extra(vec![7; 300])
        .filename("heap.hprof")
        .comment("a comment")
        .mtime(1)
        .write(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &plain).unwrap();
    opens_as(&encoder.finish().unwrap(), Some("gzip"));
}

#[test]
fn gzip_in_gzip() {
    opens_as(&gzip(&gzip(&sample())), Some("gzip"));
}

#[test]
fn zstd_with_frames_and_a_skippable_one() {
    let plain = sample();
    opens_as(&zstd(&plain), Some("zstd"));
    let mut packed = zstd(&plain[..400_000]);
    packed.extend_from_slice(b"\x5a\x2a\x4d\x18\x03\0\0\0xyz");
    packed.extend(zstd(&plain[400_000..]));
    opens_as(&packed, Some("zstd"));
}

#[test]
fn xz_with_streams_and_padding() {
    let plain = sample();
    opens_as(&xz(&plain), Some("xz"));
    let mut packed = xz(&plain[..400_000]);
    packed.extend_from_slice(&[0; 8]);
    packed.extend(xz(&plain[400_000..]));
    opens_as(&packed, Some("xz"));
}

#[test]
fn archives_with_one_dump() {
    let plain = sample();
    let files: [(&str, &[u8]); 3] = [
        ("README", b"hello"),
        ("logs/heap.hprof", &plain),
        ("z", b""),
    ];
    opens_as(&zip(&files, true), Some("zip"));
    opens_as(&zip(&files, false), Some("zip"));
    opens_as(&tar(&files), Some("tar"));
    opens_as(&gzip(&tar(&files)), Some("tar.gz"));
    opens_as(&zstd(&tar(&files)), Some("tar.zst"));
    opens_as(&xz(&tar(&files)), Some("tar.xz"));
    opens_as(
        &gzip(&tar(&[("heap.hprof.gz", &gzip(&plain))])),
        Some("tar.gz"),
    );
    opens_as(&zip(&[("heap.hprof.gz", &gzip(&plain))], true), Some("zip"));
}

/// However many files an archive has, all of them are looked at, and the error says how many.
#[test]
fn a_dump_behind_very_many_files() {
    let plain = sample();
    let names: Vec<String> = (0..60_000).map(|i| format!("logs/{i}")).collect();
    let mut files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    for packed in [tar(&files), zip(&files, false)] {
        let error = open(&file(&packed).path, &OpenOptions::default(), &|_, _| {}).unwrap_err();
        assert!(error.to_string().contains("60000 files"), "{error}");
    }
    files.push(("heap.hprof", &plain));
    opens_as(&tar(&files), Some("tar"));
    opens_as(&zip(&files, false), Some("zip"));
}

#[test]
fn archive_with_several_dumps() {
    let (one, two) = (dump(100_000), dump(200_000));
    let files: [(&str, &[u8]); 3] = [
        ("a.hprof", &one),
        ("notes", b"hello"),
        ("b\x1b[31m.hprof", &two),
    ];
    for packed in [zip(&files, true), tar(&files), gzip(&tar(&files))] {
        let given = file(&packed);
        let with = |dump_number| {
            let options = OpenOptions {
                dump_number,
                ..OpenOptions::default()
            };
            open(&given.path, &options, &|_, _| {})
        };
        let first = with(1).unwrap();
        assert!(first.bytes() == one);
        assert_eq!(codes(&first), ["other_dumps_in_archive"]);
        let message = &first.warnings()[0].message;
        assert!(
            message.contains("this is a.hprof") && message.contains(".hprof (--dump N picks)"),
            "{message}"
        );
        assert!(!message.contains('\x1b'), "{message}");
        assert!(!first.warnings()[0].is_damage());
        let second = with(2).unwrap();
        assert!(second.bytes() == two);
        // The number is used up: there is one dump in these bytes.
        assert_eq!(second.dump_number(), 1);
        assert!(matches!(
            with(3),
            Err(InputError::NoSuchDump {
                wanted: 3,
                found: 2,
                ..
            })
        ));
    }
}

#[test]
fn nesting_ends() {
    let mut packed = dump(1000);
    for _ in 0..4 {
        packed = gzip(&packed);
    }
    let error = open_bytes(&packed).unwrap_err().to_string();
    assert!(error.contains("nested more than 3 deep"), "{error}");
}

#[test]
fn progress_reaches_the_end() {
    let packed = gzip(&sample());
    let seen = Mutex::new(Vec::new());
    let given = file(&packed);
    let options = OpenOptions::default();
    open(&given.path, &options, &|done, total| {
        seen.lock().unwrap().push((done, total))
    })
    .unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.is_sorted(), "{seen:?}");
    let (done, total) = *seen.last().unwrap();
    assert_eq!(total, Some(packed.len() as u64));
    // All but the trailer.
    assert!(
        done + 8 >= packed.len() as u64 && done <= packed.len() as u64,
        "{done}"
    );
}

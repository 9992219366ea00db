//! Cut, changed and hostile containers: what is there is read, and what is not is told.

use crate::input_support::{
    codes, dump, error_of, file, gzip, hotspot_gzip, open_bytes, tar, xz, zip, zstd,
};
use hprof_suspects::input::{InputError, OpenOptions, is_hprof, open};

const BLOCK: usize = 10_000;

#[test]
fn a_cut_container_gives_what_is_there() {
    let plain = dump(700_001);
    let packings = [
        gzip(&plain),
        hotspot_gzip(&plain, BLOCK).0,
        zstd(&plain),
        xz(&plain),
        tar(&[("heap.hprof", &plain)]),
        gzip(&tar(&[("heap.hprof", &plain)])),
        zip(&[("heap.hprof", &plain)], true),
        zip(&[("heap.hprof", &plain)], false),
    ];
    for (number, packed) in packings.iter().enumerate() {
        let cut = packed.len() * 3 / 5;
        let input = open_bytes(&packed[..cut]).unwrap();
        assert!(
            codes(&input).contains(&"container_truncated"),
            "{number}: {:?}",
            codes(&input)
        );
        assert!(input.warnings().iter().all(|w| w.is_damage()));
        let got = input.bytes();
        assert!(
            got.len() > plain.len() / 4 && got.len() < plain.len(),
            "{number}: {}",
            got.len()
        );
        assert!(plain.starts_with(got), "{number}: other bytes");
        let offset = input.warnings()[0].offset;
        assert_eq!(offset, Some(cut as u64), "{number}");
    }
}

#[test]
fn cut_anywhere_it_is_an_error_or_a_prefix() {
    let plain = dump(800);
    let (blocks, starts) = hotspot_gzip(&plain, 200);
    let packings = [
        blocks.clone(),
        gzip(&plain),
        zstd(&plain),
        xz(&plain),
        zip(&[("h", &plain)], true),
        gzip(&tar(&[("h", &plain)])),
    ];
    for packed in packings {
        for cut in 0..packed.len() {
            if let Ok(input) = open_bytes(&packed[..cut]) {
                let got = input.bytes();
                assert!(plain.starts_with(got), "cut at {cut}");
                let is_shown = input.warnings().iter().any(|w| w.is_damage());
                // Between two members nothing is wrong with a gzip file: the records of the dump must tell.
                let is_between = packed == blocks && starts.contains(&cut);
                assert!(
                    is_shown || is_between || got.len() == plain.len(),
                    "silent loss, cut at {cut}"
                );
            }
        }
    }
}

#[test]
fn changed_anywhere_it_is_told() {
    let plain = dump(800);
    for packed in [
        gzip(&plain),
        hotspot_gzip(&plain, 200).0,
        zip(&[("h", &plain)], true),
    ] {
        for at in 0..packed.len() {
            let mut changed = packed.clone();
            changed[at] ^= 0x41;
            // An error is told by itself.
            if let Ok(input) = open_bytes(&changed) {
                let is_shown = !input.warnings().is_empty();
                assert!(
                    is_shown || input.bytes() == plain,
                    "silent change at byte {at}"
                );
            }
        }
    }
}

/// These have no checksum over the dump: a change cannot be told, but it must not do harm.
#[test]
fn changed_anywhere_nothing_panics() {
    let plain = dump(600);
    let files: [(&str, &[u8]); 2] = [("a", &plain), ("b", b"text")];
    for packed in [
        zstd(&plain),
        xz(&plain),
        tar(&files),
        zip(&files, false),
        gzip(&tar(&files)),
    ] {
        for at in (0..packed.len()).step_by(1 + packed.len() / 800) {
            for change in [0x01, 0xff] {
                let mut changed = packed.clone();
                changed[at] ^= change;
                if let Ok(input) = open_bytes(&changed) {
                    assert!(is_hprof(input.bytes()), "byte {at}");
                    assert!(input.bytes().len() < 1 << 20, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_wrong_checksum_is_told_and_the_bytes_are_kept() {
    let plain = dump(100_000);
    let mut packed = gzip(&plain);
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    let input = open_bytes(&packed).unwrap();
    assert!(input.bytes() == plain);
    assert_eq!(codes(&input), ["container_checksum"]);
    let (mut packed, starts) = hotspot_gzip(&plain, BLOCK);
    packed[starts[3] - 8] ^= 1;
    let input = open_bytes(&packed).unwrap();
    assert!(input.bytes() == plain);
    assert_eq!(codes(&input), ["container_checksum"]);
    let mut packed = zip(&[("h", &plain)], true);
    let central = packed.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    packed[central + 16] ^= 1;
    let input = open_bytes(&packed).unwrap();
    assert!(input.bytes() == plain);
    assert_eq!(codes(&input), ["container_checksum"]);
}

#[test]
fn what_follows_a_damaged_block_keeps_its_place() {
    let plain = dump(200_000);
    let (mut packed, starts) = hotspot_gzip(&plain, BLOCK);
    let middle = (starts[7] + starts[8]) / 2;
    packed[middle..middle + 300].fill(0xff);
    let input = open_bytes(&packed).unwrap();
    let got = input.bytes();
    assert_eq!(got.len(), plain.len());
    assert!(got[..7 * BLOCK] == plain[..7 * BLOCK]);
    assert!(got[8 * BLOCK..] == plain[8 * BLOCK..]);
    assert_eq!(codes(&input), ["container_corrupt"]);
    let warning = &input.warnings()[0];
    let offset = warning.offset.unwrap() as usize;
    assert!(offset >= starts[7] && offset <= starts[8], "{warning:?}");
    assert!(
        warning.count.is_some_and(|lost| lost <= BLOCK as u64),
        "{warning:?}"
    );
}

/// One changed byte anywhere in a block costs at most that block.
#[test]
fn a_changed_byte_moves_nothing() {
    let plain = dump(4_000);
    let (packed, starts) = hotspot_gzip(&plain, 800);
    for at in starts[2]..starts[3] {
        let mut changed = packed.clone();
        changed[at] ^= 0x24;
        let input = open_bytes(&changed).unwrap();
        let got = input.bytes();
        if codes(&input).is_empty() {
            assert!(got == plain, "silent change at byte {at}");
            continue;
        }
        assert!(got[..1_600] == plain[..1_600], "byte {at}");
        assert_eq!(got.len(), plain.len(), "byte {at}: {:?}", input.warnings());
        assert!(got[2_400..] == plain[2_400..], "byte {at}");
    }
}

#[test]
fn several_damaged_blocks_end_the_dump() {
    let plain = dump(200_000);
    let (mut packed, starts) = hotspot_gzip(&plain, BLOCK);
    packed[starts[7] + 20..starts[11] - 20].fill(0xff);
    let input = open_bytes(&packed).unwrap();
    assert!(input.bytes().starts_with(&plain[..7 * BLOCK]));
    assert!(
        input.bytes().len() <= 8 * BLOCK,
        "{} {:?}",
        input.bytes().len(),
        input.warnings()
    );
    assert_eq!(codes(&input), ["container_corrupt"]);
}

#[test]
fn garbage_after_the_end_is_told_and_zeros_are_not() {
    let plain = dump(100_000);
    for packed in [
        gzip(&plain),
        hotspot_gzip(&plain, BLOCK).0,
        zstd(&plain),
        xz(&plain),
    ] {
        let mut with = packed.clone();
        with.extend_from_slice(b"garbage here");
        let input = open_bytes(&with).unwrap();
        assert!(input.bytes() == plain);
        assert_eq!(codes(&input), ["container_trailing_bytes"]);
        assert_eq!(input.warnings()[0].offset, Some(packed.len() as u64));
        assert_eq!(input.warnings()[0].count, Some(12));
        assert!(!input.warnings()[0].is_damage());
        let mut with = packed.clone();
        with.extend_from_slice(&[0; 512]);
        let input = open_bytes(&with).unwrap();
        assert!(input.bytes() == plain);
        assert_eq!(codes(&input), Vec::<&str>::new());
    }
}

#[test]
fn a_container_of_something_else_is_refused() {
    let error = error_of(&gzip(b"<!DOCTYPE html><html>"));
    assert!(
        error.contains("in the unpacked gzip data: not an HPROF dump: an HTML page"),
        "{error}"
    );
    let error = error_of(&zstd(b"nothing of the kind"));
    assert!(
        error.contains("in the unpacked zstd data: not an HPROF dump: bytes 6e 6f"),
        "{error}"
    );
    let error = error_of(&gzip(b""));
    assert!(error.contains("empty"), "{error}");
    let error = error_of(&zip(&[("a", b"x"), ("b", b"y")], true));
    assert!(
        error.contains("zip archive holds no HPROF dump among its 2 files"),
        "{error}"
    );
    let error = error_of(&tar(&[("a.html", b"<html>")]));
    assert!(
        error.contains("in the tar archive: not an HPROF dump: an HTML page"),
        "{error}"
    );
    let error = error_of(&gzip(&dump(1000))[..10]);
    assert!(
        error.contains("gzip data cannot be unpacked at byte 10"),
        "{error}"
    );
}

/// The same from a stream, whose first piece is larger than the budget.
#[test]
fn a_stream_of_something_else_is_refused_early() {
    let given = file(&vec![7; 8 << 20]);
    let options = OpenOptions {
        no_mmap: true,
        memory_budget: Some(0),
        temp_dir: Some("/nonexistent".into()),
        ..OpenOptions::default()
    };
    let error = open(&given.path, &options, &|_, _| {}).unwrap_err();
    assert!(matches!(error, InputError::Content { .. }), "{error}");
}

/// The memory of the decoder is bounded, whatever the file asks for.
#[test]
fn a_zstd_window_beyond_the_bound_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    std::io::Write::write_all(&mut encoder, &dump(10_000)).unwrap();
    let error = error_of(&encoder.finish().unwrap());
    assert!(error.contains("too much memory"), "{error}");
}

/// Zeros without end are refused after the first of them: neither memory nor the disk is filled.
#[test]
fn a_bomb_of_something_else_is_refused_early() {
    let given = file(&gzip(&vec![0; 64 << 20]));
    let options = OpenOptions {
        memory_budget: Some(1 << 20),
        temp_dir: Some("/nonexistent".into()),
        ..OpenOptions::default()
    };
    let error = open(&given.path, &options, &|_, _| {}).unwrap_err();
    assert!(matches!(error, InputError::Content { .. }), "{error}");
}

#[test]
fn no_room_for_the_temporary_file_is_one_clear_line() {
    let given = file(&gzip(&dump(1 << 20)));
    let options = OpenOptions {
        memory_budget: Some(1000),
        temp_dir: Some("/nonexistent/tmp".into()),
        ..OpenOptions::default()
    };
    let error = open(&given.path, &options, &|_, _| {}).unwrap_err();
    let unusable = matches!(error, InputError::TemporaryFolder { .. });
    assert!(unusable, "{error}");
    let line = error.to_string();
    assert!(
        line.contains("/nonexistent/tmp") && line.contains("--temp-dir"),
        "{line}"
    );
    assert!(!line.contains('\n') && !line.contains("no room"), "{line}");
}

#[test]
fn unpacking_ends_at_the_limit_that_is_given() {
    let whole = dump(1 << 20);
    let given = file(&gzip(&whole));
    let most = |bytes: u64| OpenOptions {
        max_unpacked: Some(bytes),
        ..OpenOptions::default()
    };
    let length = whole.len() as u64;
    open(&given.path, &most(length), &|_, _| {}).expect("within the limit");
    let error = open(&given.path, &most(length - 1), &|_, _| {}).unwrap_err();
    assert!(matches!(error, InputError::UnpacksToMore { .. }), "{error}");
    assert!(error.to_string().contains("--max-unpacked"), "{error}");
}

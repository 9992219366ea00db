//! Content that is legal by the letter and made to hurt: the time and memory it costs stay in proportion.

use std::time::{Duration, Instant};

use crate::damage_support::{objects, read, wait};
use crate::support::temporary;
use crate::synth::raw::Frame;
use crate::synth::{ClassDump, RawDump, SubRecords};

/// Far above what any of them takes on a busy machine, far below what a quadratic step would.
const PATIENCE: Duration = Duration::from_secs(60);
/// Memory that a file of less than 5 MB may cost, in KiB.
const MOST_MEMORY: i64 = 300 << 10;

/// Runs the program on the dump in every text format; fails when it takes too long or too much memory.
#[track_caller]
fn affordable(bytes: &[u8], what: &str) {
    let file = temporary(".hprof", bytes);
    let started = Instant::now();
    let child = crate::support::program()
        .args(["--format", "json", "--threads", "2"])
        .arg(&file)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let (status, peak) = wait(child);
    let exited = libc::WIFEXITED(status) && libc::WEXITSTATUS(status) <= 1;
    assert!(exited, "{what}: wait status {status:#x}");
    assert!(
        started.elapsed() < PATIENCE,
        "{what}: {:?}",
        started.elapsed()
    );
    assert!(
        peak < MOST_MEMORY,
        "{what}: {peak} KiB for {} bytes",
        bytes.len()
    );
}

fn dump_of(strings: &[(u64, Vec<u8>)], classes: &[ClassDump], content: &SubRecords) -> Vec<u8> {
    let mut dump = RawDump::new(8);
    for (id, text) in strings {
        dump.string(*id, text);
    }
    for (i, class) in classes.iter().enumerate() {
        dump.load_class(i as u32 + 1, class.id, 0, strings[i % strings.len()].0);
    }
    let mut described = SubRecords::new(8);
    for class in classes {
        described.class_dump(class);
    }
    if let Some(class) = classes.first() {
        described.root_sticky_class(class.id);
    }
    dump.heap_dump_segment(&described)
        .heap_dump_segment(content)
        .heap_dump_end();
    dump.into_bytes()
}

fn chain(length: u64, fields: &[(u64, u8)]) -> Vec<ClassDump> {
    let class = |i| ClassDump {
        id: 0x10_0000 + 16 * i,
        superclass: if i == 0 { 0 } else { 0x10_0000 + 16 * (i - 1) },
        fields: fields.to_vec(),
        ..ClassDump::default()
    };
    (0..length).map(class).collect()
}

#[test]
fn a_chain_of_100_000_super_classes() {
    let classes = chain(100_000, &[]);
    let mut content = SubRecords::new(8);
    for i in 0..1_000 {
        content.instance_dump(0x9000_0000 + 16 * i, classes[99_999].id, &[]);
    }
    let bytes = dump_of(&[(1, b"com/acme/Deep".to_vec())], &classes, &content);
    let started = Instant::now();
    assert_eq!(objects(&read(&bytes).expect("a dump")), 1_000);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    affordable(&bytes, "a chain of 100,000 classes");
}

#[test]
fn a_chain_of_super_classes_each_with_a_reference_is_affordable() {
    // 10,000 classes of one reference each: 80,000 bytes an instance, 50 million references if every chain were listed.
    let classes = chain(10_000, &[(1, 2)]);
    let mut content = SubRecords::new(8);
    for i in 0..40 {
        let last = &classes[9_999 - i as usize];
        content.instance_dump(
            0x9000_0000 + (i << 20),
            last.id,
            &vec![0; 80_000 - 8 * i as usize],
        );
    }
    let bytes = dump_of(&[(1, b"com/acme/Deep".to_vec())], &classes, &content);
    affordable(&bytes, "a chain of 10,000 classes with fields");
}

#[test]
fn a_class_of_65_535_fields_is_affordable() {
    let kinds: Vec<(u64, u8)> = (0..65_535).map(|i| (1, [2, 4, 5, 11][i % 4])).collect();
    let width: usize = kinds
        .iter()
        .map(|&(_, kind)| {
            [8, 1, 2, 8][match kind {
                2 => 0,
                4 => 1,
                5 => 2,
                _ => 3,
            }]
        })
        .sum();
    let classes = chain(1, &kinds);
    let mut content = SubRecords::new(8);
    content.instance_dump(0x9000_0000, classes[0].id, &vec![0; width]);
    let bytes = dump_of(&[(1, b"com/acme/Wide".to_vec())], &classes, &content);
    assert_eq!(objects(&read(&bytes).expect("a dump")), 1);
    affordable(&bytes, "65,535 fields");
}

#[test]
fn one_long_name_for_many_classes_is_affordable() {
    let classes = chain(20_000, &[]);
    let name = vec![b'x'; 65_000];
    let bytes = dump_of(&[(1, name)], &classes, &SubRecords::new(8));
    affordable(&bytes, "20,000 classes of a name of 65,000 bytes");
}

#[test]
fn hostile_names_are_affordable() {
    for name in [
        vec![b'['; 65_535],
        vec![0xED; 65_535],
        "\u{1b}[2J".repeat(15_000).into_bytes(),
        b"[L".repeat(30_000),
        b"a/".repeat(30_000),
        b"$$Lambda+0x".repeat(6_000),
    ] {
        let classes = chain(50, &[(1, 2)]);
        let bytes = dump_of(&[(1, name)], &classes, &SubRecords::new(8));
        affordable(&bytes, "hostile names");
    }
}

#[test]
fn records_that_lead_a_reader_to_and_fro_are_affordable() {
    // Heap records without end whose bodies can be read as sub-records: whoever follows each to the end of the file
    // takes quadratic time.
    let mut dump = RawDump::new(8);
    for _ in 0..100_000 {
        dump.record_claiming(0x1C, 0xFFFF_FFFF, &[0x05, 0, 0, 0, 0, 0, 0, 0, 8]);
    }
    affordable(&dump.into_bytes(), "heap records without end");
    let mut dump = RawDump::new(8);
    for _ in 0..200_000 {
        dump.record_claiming(0x01, 0x7FFF_FFFF, &[0x0C]);
    }
    affordable(&dump.into_bytes(), "strings without end");
    let mut dump = RawDump::new(8);
    for _ in 0..200_000 {
        dump.record_claiming(0x0C, 1, &[0x7E]);
    }
    affordable(&dump.into_bytes(), "heap dumps without content");
    let mut bytes = Vec::new();
    for _ in 0..50_000 {
        bytes.extend(RawDump::new(8).into_bytes());
    }
    affordable(&bytes, "headers without dumps");
}

#[test]
fn a_heap_of_the_smallest_objects_is_affordable() {
    let classes = chain(1, &[]);
    let mut content = SubRecords::new(8);
    for i in 0..150_000u64 {
        // Scattered over the whole address space.
        content.instance_dump(
            i.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 8,
            classes[0].id,
            &[],
        );
    }
    let bytes = dump_of(&[(1, b"com/acme/Tiny".to_vec())], &classes, &content);
    affordable(&bytes, "150,000 scattered objects");
}

#[test]
fn many_threads_that_share_a_long_stack_are_affordable() {
    const N: u32 = 20_000;
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let mut dump = RawDump::new(8);
    dump.string(1, b"java/lang/Thread")
        .load_class(1, class.id, 0, 1);
    let frames: Vec<u64> = (1..=u64::from(N)).collect();
    for &id in &frames {
        dump.stack_frame(&Frame {
            id,
            method: 1,
            signature: 1,
            source_file: 1,
            class_serial: 1,
            line: 1,
        });
    }
    dump.stack_trace(1, 1, &frames);
    let mut content = SubRecords::new(8);
    content.class_dump(&class).root_sticky_class(class.id);
    for i in 0..N {
        let id = 0x9000 + 16 * u64::from(i);
        content.instance_dump(id, class.id, &[]);
        content.root_thread_object(id, i + 1, 1);
    }
    dump.heap_dump_segment(&content).heap_dump_end();
    affordable(&dump.into_bytes(), "20,000 threads with 20,000 frames each");
}

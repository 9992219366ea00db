//! Records whose lengths lie, sequences of dumps, lost roots: what is read and what is said.

use crate::damage_support::{codes, objects, read, read_number};
use crate::synth::{ClassDump, Heap, Kind, Options, RawDump, SubRecords};
use hprof_suspects::graph::Strength;
use hprof_suspects::heap::{LoadError, LoadOptions, Unobserved, load};
use hprof_suspects::hprof::DamageCode;

const A: u64 = 0x1000;

/// One class.
fn classes() -> SubRecords {
    let mut content = SubRecords::new(8);
    let class = ClassDump {
        id: A,
        ..ClassDump::default()
    };
    content.class_dump(&class).root_sticky_class(A);
    content
}

/// `count` instances from address `from` on.
fn instances(from: u64, count: u64) -> SubRecords {
    let mut content = SubRecords::new(8);
    for i in 0..count {
        content.instance_dump(from + 16 * i, A, &[]);
    }
    content
}

fn begin() -> RawDump {
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A").load_class(1, A, 0, 1);
    dump.heap_dump_segment(&classes());
    dump
}

#[test]
fn a_segment_whose_length_lies_loses_nothing() {
    let body = instances(0x2000, 20);
    for claimed in [
        0u32,
        1,
        7,
        100,
        493,
        495,
        501,
        540,
        0x7FFF_FFFF,
        0xFFFF_FFFF,
    ] {
        let mut dump = begin();
        dump.record_claiming(0x1C, claimed, body.as_slice());
        dump.heap_dump_segment(&instances(0x3000, 5))
            .heap_dump_end();
        let bytes = dump.into_bytes();
        let snapshot = read(&bytes).expect("a dump");
        assert_eq!(
            objects(&snapshot),
            25,
            "length {claimed}: {:?}",
            snapshot.damage()
        );
        assert_eq!(
            codes(&snapshot),
            [DamageCode::BadLength],
            "length {claimed}"
        );
        assert!(!snapshot.is_complete());
    }
}

#[test]
fn what_follows_an_unknown_sub_record_in_another_segment_is_read() {
    for garbage in [&[0x7E, 1, 2, 3][..], &[0; 40], &[0xFF; 3]] {
        let mut dump = begin();
        let mut content = instances(0x2000, 3);
        content.append(garbage);
        dump.heap_dump_segment(&content);
        dump.heap_dump_segment(&instances(0x3000, 5))
            .heap_dump_end();
        let bytes = dump.into_bytes();
        let snapshot = read(&bytes).expect("a dump");
        assert_eq!(objects(&snapshot), 8, "{garbage:?}");
        let damage = snapshot.damage();
        assert_eq!(damage.len(), 1, "{damage:?}");
        assert_eq!(damage[0].bytes_lost, garbage.len() as u64);
        assert_eq!(bytes[damage[0].offset as usize], garbage[0]);
    }
}

#[test]
fn garbage_between_records_is_skipped() {
    for garbage in [vec![0u8; 9_000], vec![0xA5; 50], (0..=255).collect()] {
        let mut dump = begin();
        let at = dump.len() as u64;
        dump.raw(&garbage);
        dump.heap_dump_segment(&instances(0x3000, 5))
            .heap_dump_end();
        let bytes = dump.into_bytes();
        let snapshot = read(&bytes).expect("a dump");
        assert_eq!(objects(&snapshot), 5);
        let lost: u64 = snapshot
            .damage()
            .iter()
            .map(|damage| damage.bytes_lost)
            .sum();
        assert_eq!(lost, garbage.len() as u64, "{:?}", snapshot.damage());
        assert_eq!(snapshot.damage()[0].offset, at);
    }
}

#[test]
fn thousands_of_damaged_places_are_summed_up() {
    let mut dump = begin();
    for i in 0..3_000 {
        let mut content = instances(0x2000 + 16 * i, 1);
        content.append(&[0x7E; 10]);
        dump.heap_dump_segment(&content);
    }
    dump.heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(objects(&snapshot), 3_000);
    assert!(snapshot.damage().len() < 50, "{}", snapshot.damage().len());
    let lost: u64 = snapshot
        .damage()
        .iter()
        .map(|damage| damage.bytes_lost)
        .sum();
    assert_eq!(lost, 30_000);
}

#[test]
fn dumps_one_after_the_other_are_told_apart() {
    let mut bytes = Vec::new();
    for count in [3, 4, 5] {
        let mut dump = begin();
        dump.heap_dump_segment(&instances(0x2000, count))
            .heap_dump_end();
        bytes.extend(dump.into_bytes());
    }
    for (number, count) in [(1, 3), (2, 4), (3, 5)] {
        let snapshot = read_number(&bytes, number).expect("a dump");
        assert_eq!(objects(&snapshot), count);
        assert_eq!(codes(&snapshot), [DamageCode::AnotherDump]);
        assert_eq!(snapshot.damage().len(), 2, "the other two are named");
        assert!(snapshot.is_complete());
    }
    let error = read_number(&bytes, 4).err().expect("no fourth dump");
    assert!(matches!(error, LoadError::Pick(_)), "{error}");
    assert!(error.to_string().contains("holds 3"), "{error}");
}

#[test]
fn the_old_agent_writes_several_dumps_into_one_file() {
    for segmented in [false, true] {
        let mut dump = RawDump::with_header("JAVA PROFILE 1.0.1", 8, 8);
        dump.string(1, b"com.acme.A").load_class(1, A, 0, 1);
        for count in [3, 5] {
            let mut content = classes();
            for record in instances(0x2000, count).each() {
                content.append(record);
            }
            if segmented {
                dump.heap_dump_segment(&content).heap_dump_end();
            } else {
                dump.heap_dump(&content);
            }
        }
        let bytes = dump.into_bytes();
        for (number, count) in [(1, 3), (2, 5)] {
            let snapshot = read_number(&bytes, number).expect("a dump");
            assert_eq!(objects(&snapshot), count, "segmented: {segmented}");
            assert_eq!(codes(&snapshot), [DamageCode::AnotherDump]);
        }
    }
}

#[test]
fn an_end_record_in_the_middle_of_one_dump_divides_nothing() {
    let mut dump = begin();
    dump.heap_dump_segment(&instances(0x2000, 3))
        .heap_dump_end();
    dump.heap_dump_segment(&instances(0x3000, 4))
        .heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(objects(&snapshot), 7);
    assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
}

#[test]
fn a_dump_without_heap_is_an_error_that_says_why() {
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A");
    let mut bytes = dump.into_bytes();
    for _ in 0..2 {
        let error = read(&bytes).err().expect("no heap");
        assert!(matches!(error, LoadError::Empty(_)), "{error}");
        assert!(error.to_string().contains(".p0"), "{error}");
        bytes.pop();
    }
}

/// What JDK 17 leaves on a full disk: everything but the roots, which it writes last.
#[test]
fn lost_roots_are_stood_in_for() {
    let mut heap = Heap::new();
    let item = heap
        .class("com.acme.Item")
        .app()
        .field("next", Kind::Object)
        .done();
    let (first, second, third) = (
        heap.instance(item),
        heap.instance(item),
        heap.instance(item),
    );
    heap.set(first, "next", second);
    heap.set(second, "next", third);
    let ring = [heap.instance(item), heap.instance(item)];
    heap.set(ring[0], "next", ring[1]);
    heap.set(ring[1], "next", ring[0]);
    let written = heap.write_with(&Options::default());
    let whole = &written.bytes;
    let rooted = read(whole).expect("a whole dump");
    assert!(rooted.roots().complete);
    assert_eq!(
        rooted.strength(rooted.find(written.address(first)).expect("it")),
        Strength::NoPath
    );
    let roots = first_root(whole);
    let snapshot = read(&whole[..roots]).expect("a cut dump");
    assert!(!snapshot.roots().complete && !snapshot.is_complete());
    assert!(codes(&snapshot).contains(&DamageCode::NoRoots));
    assert_eq!(
        snapshot.totals(Strength::NoPath).objects,
        0,
        "everything hangs somewhere"
    );
    let find = |object| snapshot.find(written.address(object)).expect("an object");
    assert_eq!(
        snapshot.dominator(find(first)),
        None,
        "nothing refers to it"
    );
    assert_eq!(snapshot.dominator(find(second)), Some(find(first)));
    assert_eq!(snapshot.retained_objects(find(first)), 3);
    let tops = ring
        .iter()
        .filter(|&&o| snapshot.dominator(find(o)).is_none());
    assert_eq!(tops.count(), 1, "one of a ring stands in for it");
}

/// File offset of the first GC root: the dump of a JDK up to 17 ends with them.
fn first_root(bytes: &[u8]) -> usize {
    use hprof_suspects::hprof::{Container, Header, SubRecord, SubRecords};
    let header = Header::read(bytes, 0).expect("a header");
    let container = Container::walk(bytes, 0, &header, &|_, _| {});
    for &(start, end) in &container.segments {
        let mut records = SubRecords::new(bytes, start, end, header.id_size);
        loop {
            let at = records.position();
            match records.next() {
                Ok(Some(SubRecord::Root(_))) => return at,
                Ok(Some(_)) => {}
                _ => break,
            }
        }
    }
    panic!("no root");
}

#[test]
fn roots_that_name_nothing_are_said() {
    let mut content = SubRecords::new(8);
    for i in 0..20 {
        content.root_sticky_class(0x9000 + 8 * i);
    }
    let mut dump = begin();
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(codes(&snapshot), [DamageCode::RootsMissing]);
    assert!(!snapshot.is_complete());
}

/// A file with a hole: `size` bytes of which only `head` and `tail` take room.
#[allow(unsafe_code)]
fn sparse(head: &[u8], hole: u64, tail: &[u8]) -> memmap2::Mmap {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(head).expect("room");
    file.seek(SeekFrom::Current(hole as i64)).expect("a hole");
    file.write_all(tail).expect("room");
    // SAFETY: nobody else has the file, which has no name.
    unsafe { memmap2::Mmap::map(&file).expect("a mapping") }
}

#[test]
#[allow(unsafe_code)]
fn a_heap_dump_of_more_than_4_gib_whose_length_wrapped() {
    let hole: u64 = 4_500_000_000;
    let mut content = classes();
    content.prim_array_dump_claiming(0x2000, Kind::Byte as u8, 2_250_000_000, &[]);
    let mut more = SubRecords::new(8);
    more.prim_array_dump_claiming(0x2000_0000, Kind::Byte as u8, 2_250_000_000, &[]);
    let last = instances(0x9_0000_0000, 5);
    let length = content.len() as u64 + more.len() as u64 + last.len() as u64 + hole;
    let mut head = RawDump::with_header("JAVA PROFILE 1.0.1", 8, 8);
    head.string(1, b"com/acme/A").load_class(1, A, 0, 1);
    head.record_claiming(0x0C, length as u32, content.as_slice());
    // The two arrays one after the other: a hole, the second head, a hole, the rest.
    let mut file = tempfile::tempfile().expect("a temporary file");
    use std::io::{Seek, SeekFrom, Write};
    file.write_all(&head.into_bytes()).expect("room");
    file.seek(SeekFrom::Current(hole as i64 / 2))
        .expect("a hole");
    file.write_all(more.as_slice()).expect("room");
    file.seek(SeekFrom::Current(hole as i64 / 2))
        .expect("a hole");
    file.write_all(last.as_slice()).expect("room");
    // SAFETY: nobody else has the file, which has no name.
    let bytes = unsafe { memmap2::Mmap::map(&file).expect("a mapping") };
    let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    assert_eq!(objects(&snapshot), 7);
    assert_eq!(codes(&snapshot), [DamageCode::BadLength]);
}

#[test]
fn an_array_that_fills_a_record_may_have_been_shortened() {
    // HotSpot writes as many longs as fit: 4,294,967,290 bytes with their head.
    let count: u32 = 536_870_909;
    let mut array = SubRecords::new(8);
    array.prim_array_dump_claiming(0x2000, Kind::Long as u8, count, &[]);
    let hole = u64::from(count) * 8;
    let mut head = begin();
    head.record_claiming(0x1C, (array.len() as u64 + hole) as u32, array.as_slice());
    let mut tail = RawDump::headless(8);
    tail.heap_dump_end();
    let bytes = sparse(&head.into_bytes(), hole, &tail.into_bytes());
    let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    assert_eq!(objects(&snapshot), 1);
    assert_eq!(codes(&snapshot), [DamageCode::ShortenedArray]);
}

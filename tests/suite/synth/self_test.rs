//! The writer checked against the format's arithmetic: lengths add up, and sizes are what JVMs report.

use super::raw::Frame;
use super::*;

/// Tag and body of every top-level record; panics where a length does not fit.
fn records(dump: &[u8]) -> Vec<(u8, &[u8])> {
    let header = dump
        .iter()
        .position(|&byte| byte == 0)
        .expect("NUL ends the magic")
        + 1
        + 4
        + 8;
    let mut rest = &dump[header..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[5..9].try_into().expect("4 bytes")) as usize;
        found.push((rest[0], &rest[9..9 + length]));
        rest = &rest[9 + length..];
    }
    found
}

/// The tags of the sub-records in a heap dump record; panics where one does not end at the record's end.
fn sub_tags(mut body: &[u8], id: usize) -> Vec<u8> {
    let width = |kind: u8| match kind {
        2 => id,
        4 | 8 => 1,
        5 | 9 => 2,
        6 | 10 => 4,
        7 | 11 => 8,
        other => panic!("type {other}"),
    };
    let u2 = |at: &[u8]| usize::from(u16::from_be_bytes([at[0], at[1]]));
    let u4 = |at: &[u8]| u32::from_be_bytes([at[0], at[1], at[2], at[3]]) as usize;
    let mut tags = Vec::new();
    while !body.is_empty() {
        let length = match body[0] {
            0x00 | 0x05 | 0x07 | 0xFF | 0x89..=0x8D | 0x90 => id,
            0x01 => 2 * id,
            0x02 | 0x03 | 0x08 | 0x8E => id + 8,
            0x04 | 0x06 => id + 4,
            0x21 => 2 * id + 8 + u4(&body[1 + 2 * id + 4..]),
            0x22 => 2 * id + 8 + id * u4(&body[1 + id + 4..]),
            0x23 => id + 9 + u4(&body[1 + id + 4..]) * width(body[1 + id + 8]),
            0xC3 => id + 9,
            0xFE => 4 + id,
            0x20 => {
                let mut at = 1 + 7 * id + 8;
                let constants = u2(&body[at..]);
                at += 2;
                (0..constants).for_each(|_| at += 3 + width(body[at + 2]));
                let statics = u2(&body[at..]);
                at += 2;
                (0..statics).for_each(|_| at += id + 1 + width(body[at + id]));
                at + 2 + u2(&body[at..]) * (id + 1) - 1
            }
            other => panic!("sub-record {other:#x}"),
        };
        tags.push(body[0]);
        body = &body[1 + length..];
    }
    tags
}

/// A heap with something of everything.
fn sample(id_size: usize) -> Heap {
    let mut heap = Heap::new().id_size(id_size);
    let user = heap
        .class("com.acme.User")
        .app()
        .field("name", Kind::Object)
        .field("age", Kind::Byte)
        .done();
    let text = heap.string("Zoë");
    let alice = heap.instance(user);
    heap.set(alice, "name", text).set(alice, "age", 33i8);
    let (weak, value) = (heap.reference(Strength::Weak, alice), heap.integer(7));
    let map = heap.hash_map(&[(text.into(), alice.into()), (value.into(), weak.into())]);
    let list = heap.linked_list(&[alice, map]);
    let queue = heap.array_blocking_queue(10, &[alice]);
    let other = heap.linked_blocking_queue(i32::MAX, &[alice, list]);
    let concurrent = heap.concurrent_hash_map(&[(text.into(), queue.into())]);
    let linked = heap.linked_hash_map(&[
        (text.into(), other.into()),
        (value.into(), concurrent.into()),
    ]);
    let set = heap.hash_set(&[linked.into()]);
    heap.class("com.acme.Cache")
        .app()
        .static_field("CACHE", set)
        .static_field("LIMIT", 10i64)
        .done();
    let main = heap.thread("main");
    let frame = heap.frame(main, user, "run", Some("User.java"), 42);
    heap.local(main, frame, alice);
    let key = heap.new_object("java.lang.ThreadLocal");
    heap.set_thread_local(main, key, list);
    heap.finalizable(alice);
    heap.finalizable(list);
    let buffer = heap.direct_buffer(4096);
    heap.root(Root::JniGlobal, buffer);
    let thread = main;
    for root in [
        Root::Unknown,
        Root::JniLocal { thread, frame },
        Root::NativeStack { thread },
        Root::ThreadBlock { thread },
        Root::MonitorUsed,
        Root::J9SystemClass,
        Root::InternedString,
        Root::Finalizing,
        Root::Debugger,
        Root::ReferenceCleanup,
        Root::VmInternal,
        Root::JniMonitor { thread, depth: 1 },
        Root::Unreachable,
    ] {
        heap.root(root, alice);
    }
    heap
}

#[test]
fn record_lengths_add_up_in_every_order() {
    let mut expected: Option<Vec<u8>> = None;
    for id_size in [4, 8] {
        for options in [
            Options::default(),
            Options::jdk8(),
            Options::jdk25(),
            Options::upside_down(),
        ] {
            let written = sample(id_size).write_with(&options);
            let records = records(&written.bytes);
            let heap_records = records
                .iter()
                .filter(|record| matches!(record.0, 0x0C | 0x1C));
            let mut tags: Vec<u8> = heap_records
                .flat_map(|record| sub_tags(record.1, id_size))
                .collect();
            tags.sort_unstable();
            assert_eq!(
                *expected.get_or_insert_with(|| tags.clone()),
                tags,
                "the same sub-records in any order: {options:?}"
            );
            let ends = records.iter().filter(|record| record.0 == 0x2C).count();
            assert_eq!(ends, usize::from(options.framing != Framing::OneHeapDump));
        }
    }
}

#[test]
fn segments_keep_their_limit() {
    let options = Options {
        framing: Framing::Segments(2000),
        ..Options::default()
    };
    let written = sample(8).write_with(&options);
    let segments: Vec<_> = records(&written.bytes)
        .into_iter()
        .filter(|record| record.0 == 0x1C)
        .collect();
    assert!(segments.len() > 3, "{} segments", segments.len());
    assert!(segments.iter().all(|(_, body)| body.len() <= 2000));
}

#[test]
fn the_raw_level_writes_any_id_size_and_android_s_tags() {
    for id_size in [1, 2, 4, 8, 12] {
        let mut content = SubRecords::new(id_size);
        content
            .root_thread_object(1, 1, 1)
            .root_jni_monitor(2, 1, 1)
            .heap_dump_info(1, 9);
        content
            .prim_array_nodata(3, Kind::Int, 1000)
            .object_array_dump(4, 1, &[1, 2, 3]);
        content
            .prim_array_dump(5, Kind::Short, &[0, 1, 0, 2])
            .instance_dump(6, 1, &[1, 2, 3]);
        content.class_dump(&ClassDump {
            id: 7,
            constant_pool: vec![(1, 10, vec![0, 0, 0, 5])],
            statics: vec![(9, 8, vec![1])],
            fields: vec![(9, 2)],
            ..ClassDump::default()
        });
        assert_eq!(
            content.each().map(|sub| sub[0]).collect::<Vec<_>>(),
            sub_tags(content.as_slice(), id_size)
        );
        let mut dump = RawDump::new(id_size);
        dump.string(9, b"name")
            .load_class(1, 7, 1, 9)
            .unload_class(1)
            .stack_frame(&Frame::default());
        dump.stack_trace(1, 1, &[0, 0])
            .alloc_sites()
            .heap_summary(1, 1)
            .start_thread(1, 1, 1, [9; 3]);
        dump.end_thread(1)
            .cpu_samples(1, 1)
            .control_settings(1, 1)
            .heap_dump(&content)
            .heap_dump_segment(&content);
        dump.heap_dump_end();
        let tags: Vec<u8> = records(&dump.into_bytes())
            .iter()
            .map(|record| record.0)
            .collect();
        assert_eq!(
            tags,
            [
                1, 2, 3, 4, 5, 6, 7, 0x0A, 0x0B, 0x0D, 0x0E, 0x0C, 0x1C, 0x2C
            ]
        );
    }
}

#[test]
fn lengths_that_lie_are_written_as_told() {
    let mut content = SubRecords::new(8);
    content.instance_dump_claiming(1, 2, 0xFFFF_FFFF, &[0; 3]);
    let mut dump = RawDump::with_header("JAVA PROFILE 1.0.2", 8, 77);
    let header = dump.len();
    dump.heap_dump_unpatched(&content)
        .record_claiming(0x01, 0x8000_0000, b"x");
    let bytes = dump.into_bytes();
    assert_eq!(bytes[19..23], 77u32.to_be_bytes());
    assert_eq!(bytes[header + 5..header + 9], [0; 4]);
    assert_eq!(content.as_slice()[21..25], [0xFF; 4]);
}

/// Shallow sizes that `jcmd GC.class_histogram` gave (JDK 11, 17.0.15 and 25.0.3), one row a layout.
#[test]
fn sizes_are_those_of_the_jvm() {
    let classes = [
        "java.lang.Object",
        "java.lang.Integer",
        "java.lang.String",
        "java.util.HashMap$Node",
        "java.util.HashMap",
        "java.util.concurrent.ConcurrentHashMap",
        "java.lang.ref.SoftReference",
        "java.util.ArrayList",
    ];
    let truth = [
        (Layout::COMPRESSED, [16, 16, 24, 32, 48, 64, 40, 24]),
        (
            Layout::COMPRESSED_BEFORE_15,
            [16, 16, 24, 32, 48, 64, 40, 24],
        ),
        (Layout::WIDE_REFERENCES, [16, 16, 32, 40, 64, 96, 56, 32]),
        (Layout::UNCOMPRESSED, [16, 24, 32, 48, 64, 104, 56, 32]),
        (Layout::COMPACT, [8, 16, 24, 24, 40, 64, 32, 24]),
        (Layout::COMPACT_WIDE, [8, 16, 24, 40, 56, 96, 48, 24]),
        (Layout::ALIGNED_16, [16, 16, 32, 32, 48, 64, 48, 32]),
    ];
    for (layout, expected) in truth {
        let mut heap = Heap::new().layout(layout);
        let sizes = classes.map(|class| {
            let object = heap.new_object(class);
            heap.shallow_size(object)
        });
        assert_eq!(sizes, expected, "{layout:?}");
    }
    assert_eq!(Layout::COMPRESSED.array(Kind::Byte, 1), 24);
    assert_eq!(Layout::COMPACT.array(Kind::Byte, 1), 16);
    assert_eq!(Layout::COMPACT_WIDE.object_array(1), 24);
    assert_eq!(Layout::UNCOMPRESSED.object_array(2), 40);
    // class A { byte a; } class B extends A { byte b; }
    let chain = [vec![Kind::Byte], vec![Kind::Byte]];
    assert_eq!(Layout::COMPRESSED.instance(&chain), 16);
    assert_eq!(Layout::COMPRESSED_BEFORE_15.instance(&chain), 24);
}

#[test]
fn objects_lie_behind_one_another() {
    let mut heap = Heap::new();
    let (first, second, third) = (heap.integer(1), heap.integer(2), heap.integer(3));
    heap.gap_before(third, 64);
    let written = heap.write();
    assert_eq!(
        written.address(second) - written.address(first),
        heap.shallow_size(first)
    );
    assert_eq!(
        written.address(third) - written.address(second),
        heap.shallow_size(second) + 64
    );
}

#[test]
fn names_are_spelled_as_hotspot_does() {
    let spelled = [
        "java.lang.String",
        "int[]",
        "java.lang.String[][]",
        "byte[][]",
    ]
    .map(names::internal_name);
    assert_eq!(
        spelled,
        ["java/lang/String", "[I", "[[Ljava/lang/String;", "[[B"]
    );
}

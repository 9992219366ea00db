//! Synthetic dumps cut and flipped: whatever the bytes say, a report or one clear line, and never a panic.

use crate::support::{run, temporary};
use crate::synth::{ClassDump, Heap, Kind, Options, RawDump, SubRecords, Value};

/// A small heap with classes, objects, arrays, a thread and statics: every kind of record in a few kilobytes.
fn small() -> Heap {
    let mut heap = Heap::new();
    let user = heap
        .class("com.acme.User")
        .app()
        .field("name", Kind::Object)
        .field("age", Kind::Int)
        .done();
    let name = heap.string("Ada");
    let object = heap.instance(user);
    heap.set(object, "name", name);
    let map = heap.hash_map(&[(name.into(), object.into())]);
    heap.class("com.acme.Cache")
        .app()
        .static_field("CACHE", map)
        .done();
    let main = heap.thread("main");
    let frame = heap.frame(main, user, "run", Some("User.java"), 1);
    heap.local(main, frame, object);
    heap
}

/// Runs the program on the bytes; panics unless it ends as it should. Gives the report, if there is one.
#[track_caller]
fn survives(dump: &[u8], what: &str) -> Option<serde_json::Value> {
    let file = temporary(".hprof", dump);
    let run = run([
        file.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
        "--threads".as_ref(),
        "1".as_ref(),
    ]);
    match run.code {
        Some(0) => Some(run.json()),
        Some(1) => {
            assert_eq!(
                run.stderr.trim_end().lines().count(),
                1,
                "{what}: {}",
                run.stderr
            );
            None
        }
        code => panic!("{what}: exit {code:?}: {}", run.stderr),
    }
}

fn warnings(json: &serde_json::Value) -> usize {
    json["warnings"].as_array().expect("warnings").len()
}

#[test]
fn a_dump_cut_anywhere() {
    for options in [Options::default(), Options::jdk8()] {
        let whole = small().write_with(&options).bytes;
        let report = survives(&whole, "whole").expect("a report of a whole dump");
        assert_eq!(warnings(&report), 0, "{}", report["warnings"]);
        let steps = 150;
        for step in 0..steps {
            let length = whole.len() * step / steps;
            let Some(report) = survives(
                &whole[..length],
                &format!("cut at {length} of {}", whole.len()),
            ) else {
                continue;
            };
            assert!(
                warnings(&report) > 0,
                "cut at {length} of {} without a warning",
                whole.len()
            );
            assert_eq!(report["dump"]["complete"], false, "cut at {length}");
        }
    }
}

#[test]
fn a_dump_with_any_byte_wrong() {
    let whole = small().write().bytes;
    for step in 0..400 {
        let at = (step * 7919) % whole.len();
        let mut wrong = whole.clone();
        wrong[at] = match step % 4 {
            0 => 0xFF,
            1 => 0,
            2 => wrong[at] ^ 0x80,
            _ => wrong[at].wrapping_add(1),
        };
        survives(
            &wrong,
            &format!("byte {at} is {:#x}, was {:#x}", wrong[at], whole[at]),
        );
    }
}

/// A dump of one segment around `content`, with one class.
fn around(content: &SubRecords) -> Vec<u8> {
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A").load_class(1, 0x1000, 0, 1);
    let mut class = SubRecords::new(8);
    class
        .class_dump(&ClassDump {
            id: 0x1000,
            ..ClassDump::default()
        })
        .root_sticky_class(0x1000);
    dump.heap_dump_segment(&class)
        .heap_dump_segment(content)
        .heap_dump_end();
    dump.into_bytes()
}

#[test]
fn counts_that_lie_cost_no_memory() {
    for count in [1000, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        let mut instance = SubRecords::new(8);
        instance.instance_dump_claiming(0x2000, 0x1000, count, &[0; 8]);
        let mut objects = SubRecords::new(8);
        objects.object_array_dump_claiming(0x2000, 0x1000, count, &[0x1000]);
        let mut longs = SubRecords::new(8);
        longs.prim_array_dump_claiming(0x2000, Kind::Long as u8, count, &[0; 8]);
        for (what, content) in [
            ("instance", instance),
            ("object array", objects),
            ("long[]", longs),
        ] {
            let report =
                survives(&around(&content), what).unwrap_or_else(|| panic!("{what}: no report"));
            assert!(warnings(&report) > 0, "{what} of {count} without a warning");
        }
    }
}

#[test]
fn an_unknown_sub_record_is_told_with_its_offset() {
    let mut content = SubRecords::new(8);
    content.begin(0x77).u8(1);
    let dump = around(&content);
    let report = survives(&dump, "unknown sub-record").expect("a report");
    let offsets: Vec<u64> = report["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .filter_map(|w| w["offset"].as_u64())
        .collect();
    let at = dump
        .iter()
        .position(|&byte| byte == 0x77)
        .expect("the byte") as u64;
    assert!(
        offsets.contains(&at),
        "{} does not name offset {at}",
        report["warnings"]
    );
}

#[test]
fn hostile_names_do_no_harm_on_a_terminal_nor_in_tables() {
    let mut heap = Heap::new();
    let name = "com.acme.\u{1b}[31mEvil\t\r\n\u{202e}<script>";
    let class = heap.class(name).app().field("a\u{7}b", Kind::Object).done();
    let big = heap.bytes(&[1; 3 << 20]);
    let object = heap.instance(class);
    heap.set(object, "a\u{7}b", big);
    heap.class("com.acme.Holder")
        .app()
        .static_field("X\u{1b}]0;title\u{7}", Value::from(object))
        .done();
    let file = temporary(".hprof", &heap.write().bytes);
    let text = run([file.as_os_str()]).succeeded().text();
    let control = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(control), "{text:?}");
    let table = run(["objects".as_ref(), file.as_os_str()])
        .succeeded()
        .text();
    assert!(
        table.lines().all(|line| line.split('\t').count() == 5),
        "a name broke the table"
    );
    assert!(
        !table.contains(|c| control(c) && c != '\t'),
        "control characters in the table"
    );
}

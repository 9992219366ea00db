//! Traps of the format that no other test covers. `docs/format-traps.md` lists all of them, each with its test.

use crate::damage_support::{codes, read};
use crate::support::{corpus, project, report, run, temporary};
use crate::synth::{
    ClassDump, Heap, Kind, Obj, Options, RawDump, Root, Strength as Held, SubRecords,
};
use hprof_suspects::graph::Strength;
use hprof_suspects::heap::Snapshot;
use hprof_suspects::hprof::DamageCode;

fn strength(snapshot: &Snapshot<'_>, address: u64) -> Strength {
    snapshot.strength(snapshot.find(address).expect("the object"))
}

/// Every trap of the list names tests that exist.
#[test]
fn every_trap_has_a_test() {
    let list = std::fs::read_to_string(project().join("docs/format-traps.md")).expect("the list");
    let mut sources = String::new();
    for folder in ["tests/suite", "src"] {
        let mut folders = vec![project().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.extension().is_some_and(|extension| extension == "rs") {
                    true => sources.push_str(&std::fs::read_to_string(path).expect("source")),
                    false if path.is_dir() => folders.push(path),
                    false => {}
                }
            }
        }
    }
    let mut traps = 0;
    for row in list.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let (_, tests) = row
            .trim_end_matches(" |")
            .rsplit_once("| ")
            .expect("two columns");
        let mut named = tests.split('`').skip(1).step_by(2).peekable();
        assert!(named.peek().is_some(), "no test: {row}");
        for test in named {
            assert!(
                sources.contains(&format!("fn {test}(")),
                "no test {test}: {row}"
            );
        }
        traps += 1;
    }
    assert!(traps > 60, "{traps} traps");
}

#[test]
fn everything_that_a_class_dump_refers_to_is_held() {
    let mut heap = Heap::new();
    let mut held: Vec<Obj> = (0..6)
        .map(|_| heap.new_object("java.lang.Object"))
        .collect();
    // One array of resolved constants for each version of a redefined class: the name repeats.
    let class = heap
        .class("com.acme.Mine")
        .signers(held[0])
        .protection_domain(held[1])
        .loader(held[2])
        .static_field("<resolved_references>", held[3])
        .static_field("<resolved_references>", held[4])
        .static_field("<init_lock>", held[5])
        .done();
    let mirror = heap.mirror(class);
    heap.root(Root::JniGlobal, mirror);
    let free = heap.new_object("java.lang.Object");
    held.push(free);
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    for (i, &object) in held.iter().enumerate() {
        let expected = match object == free {
            true => Strength::NoPath,
            false => Strength::Strong,
        };
        assert_eq!(
            strength(&snapshot, written.address(object)),
            expected,
            "{i}"
        );
    }
}

#[test]
fn every_root_of_the_format_holds() {
    let mut heap = Heap::new();
    let thread = heap.thread("worker");
    let roots = [
        Root::Unknown,
        Root::JniGlobal,
        Root::JniLocal {
            thread,
            frame: u32::MAX,
        },
        Root::JavaFrame { thread, frame: 0 },
        Root::NativeStack { thread },
        Root::StickyClass,
        Root::ThreadBlock { thread },
        Root::MonitorUsed,
        Root::J9SystemClass,
    ];
    let held = roots.map(|root| {
        let object = heap.new_object("java.lang.Object");
        heap.root(root, object);
        object
    });
    for options in [Options::default(), Options::jdk25(), Options::upside_down()] {
        let written = heap.write_with(&options);
        let snapshot = read(&written.bytes).expect("a dump");
        let worker = snapshot.find(written.address(heap.thread_object(thread)));
        for (root, &object) in roots.iter().zip(&held) {
            let address = written.address(object);
            assert_eq!(strength(&snapshot, address), Strength::Strong, "{root:?}");
            let local = matches!(
                root,
                Root::JniLocal { .. }
                    | Root::JavaFrame { .. }
                    | Root::NativeStack { .. }
                    | Root::ThreadBlock { .. }
            );
            // What a stack holds hangs below its thread.
            let above = snapshot.dominator(snapshot.find(address).expect("it"));
            assert_eq!(above, worker.filter(|_| local), "{root:?}");
        }
    }
}

#[test]
fn locals_of_a_thread_that_is_not_in_the_dump_are_roots_themselves() {
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(8);
    content.class_dump(&class).root_sticky_class(class.id);
    content.instance_dump(0x2000, class.id, &[]);
    content.root_java_frame(0x2000, 77, u32::MAX);
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A").load_class(1, class.id, 0, 1);
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    assert_eq!(
        strength(&read(&bytes).expect("a dump"), 0x2000),
        Strength::Strong
    );
}

#[test]
fn a_thread_that_is_recorded_twice_is_one_thread() {
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(8);
    content.class_dump(&class).root_sticky_class(class.id);
    content.instance_dump(0x2000, class.id, &[]);
    content
        .root_thread_object(0x2000, 5, 1)
        .root_thread_object(0x2000, 5, 1);
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A").load_class(1, class.id, 0, 1);
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    assert_eq!(read(&bytes).expect("a dump").threads().len(), 1);
}

#[test]
fn names_that_are_not_in_the_dump_are_told_by_their_identifier() {
    let class = ClassDump {
        id: 0x1000,
        statics: vec![(0xBEEF, Kind::Object as u8, 0x2000u64.to_be_bytes().to_vec())],
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(8);
    content.class_dump(&class).root_sticky_class(class.id);
    content.instance_dump(0x2000, class.id, &[]);
    let mut dump = RawDump::new(8);
    dump.load_class(1, class.id, 0, 0xDEAD);
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    let object = snapshot.find(0x2000).expect("it");
    assert_eq!(snapshot.class(object).name, "unknown-name@0x1000");
    assert_eq!(snapshot.name(0xBEEF), "unknown-name@0xbeef");
    assert_eq!(codes(&snapshot), [DamageCode::NameMissing]);
    assert!(snapshot.is_complete(), "no object is lost with a name");
}

#[test]
fn fillers_are_counted_apart_and_only_what_nothing_refers_to() {
    for known in [true, false] {
        let mut heap = Heap::new();
        let used = heap.prim_array(Kind::Int, 100);
        heap.class("com.acme.Used")
            .static_field("ZEROS", used)
            .done();
        let fillers: Vec<Obj> = [16, 64, 4_096].map(|bytes| heap.filler(bytes)).to_vec();
        if known {
            let element = heap.class("jdk.internal.vm.FillerElement").done();
            heap.array_class(element);
        }
        let written = heap.write();
        let snapshot = read(&written.bytes).expect("a dump");
        let found = snapshot.fillers();
        // The smallest looks like `int[0]`, but nothing refers to it.
        let expected = if known { (3, 4_176) } else { (0, 0) };
        assert_eq!(
            (found.objects, found.bytes),
            expected,
            "class known: {known}"
        );
        let json = report(&temporary(".hprof", &written.bytes));
        assert_eq!(json["heap"]["no_path"]["fillers"]["objects"], expected.0);
        let filler = snapshot.find(written.address(fillers[2])).expect("it");
        let used = snapshot.find(written.address(used)).expect("it");
        let name = |object| snapshot.class(object).name.as_str();
        assert_eq!(name(used), "int[]");
        assert_eq!(name(filler) == "int[]", !known);
    }
}

#[test]
fn a_stack_chunk_is_as_large_as_its_stack() {
    let mut heap = Heap::new();
    let chunk = heap
        .class("jdk.internal.vm.StackChunk")
        .fields("parent:L size:I sp:I bottom:I")
        .done();
    let chunks: Vec<Obj> = [40, 237, 237, 1_000]
        .into_iter()
        .map(|words: i32| {
            let object = heap.instance(chunk);
            heap.set(object, "size", words);
            // The program counter and flags of the VM, the stack, a bit for each half word of it.
            let bits = (2 * words as u64).div_ceil(64) * 8;
            heap.extra_bytes(object, 24 + 8 * words as u64 + bits);
            heap.root(Root::JniGlobal, object);
            object
        })
        .collect();
    let end = heap.new_object("java.lang.Object");
    heap.root(Root::JniGlobal, end);
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    let sizes: Vec<u64> = chunks
        .iter()
        .map(|&chunk| snapshot.shallow(snapshot.find(written.address(chunk)).expect("it")))
        .collect();
    for (size, words) in sizes.iter().zip([40u64, 237, 237, 1_000]) {
        assert!(
            (8 * words..8 * words + 8 * words / 32 + 80).contains(size),
            "{words}: {size}"
        );
    }
    assert_eq!(sizes[1], sizes[2]);
}

#[test]
fn dangling_references_are_counted_and_harmless() {
    let mut heap = Heap::new();
    let gone: Vec<Obj> = (0..7)
        .map(|_| heap.new_object("java.lang.Object"))
        .collect();
    let list = heap.array_list(&gone);
    heap.class("com.acme.Holder")
        .static_field("ALL", list)
        .done();
    gone.iter().for_each(|&object| heap.omit(object));
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    assert_eq!(snapshot.references().dangling, 7);
    assert!(snapshot.is_complete(), "healthy dumps have some");
}

#[test]
fn class_objects_of_primitive_types_are_instances_and_no_duplicates() {
    let mut heap = Heap::new();
    let nine = heap.primitive_mirrors();
    let list = heap.array_list(&nine);
    heap.class("com.acme.Holder")
        .static_field("ALL", list)
        .done();
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    assert_eq!(snapshot.damage(), &[]);
    for object in nine {
        let object = snapshot.find(written.address(object)).expect("it");
        assert_eq!(snapshot.class(object).name, "java.lang.Class");
        assert_eq!(snapshot.as_class(object), None);
    }
}

#[test]
fn redacted_dumps_have_no_duplicate_strings() {
    for redacted in [false, true] {
        let mut heap = Heap::new();
        let texts: Vec<Obj> = (0..3_000).map(|_| heap.string(&"x".repeat(400))).collect();
        let list = heap.array_list(&texts);
        heap.class("com.acme.Texts")
            .app()
            .static_field("ALL", list)
            .done();
        let mut bytes = heap.write().bytes;
        if redacted {
            // After the header: magic, identifier size, time.
            let at = "JAVA PROFILE 1.0.2".len() + 1 + 4 + 8;
            let mut mark = RawDump::headless(8);
            mark.record(0xDE, b"REDACTED\x01");
            bytes.splice(at..at, mark.into_bytes());
        }
        let file = temporary(".hprof", &bytes);
        let file = file.to_str().expect("UTF-8");
        let json = run(["--waste", "--format", "json", file])
            .succeeded()
            .json();
        let findings = json["waste"].to_string();
        assert_eq!(
            findings.contains("duplicate_strings"),
            !redacted,
            "{findings}"
        );
    }
}

/// A virtual thread that is mounted runs; one that is pinned waits on its carrier; both have their stack in the dump.
#[test]
fn virtual_threads_mounted_unmounted_and_pinned() {
    let mut heap = Heap::new();
    let platform = heap.jdk("java.lang.Thread");
    let base = heap
        .class("java.lang.BaseVirtualThread")
        .superclass(platform)
        .done();
    let class = heap
        .class("java.lang.VirtualThread")
        .superclass(base)
        .fields("state:I carrierThread:L")
        .static_field("RUNNING", 3i32)
        .static_field("PARKED", 5i32)
        .static_field("PINNED", 6i32)
        .done();
    let work = heap.class("com.acme.Work").app().done();
    let carrier = heap.thread("ForkJoinPool-1-worker-1");
    for (state, method, count) in [(3, "compute", 2), (5, "await", 3), (6, "locked", 4)] {
        for i in 0..count {
            let thread = heap.thread_of(class, &format!("{method}-{i}"));
            let object = heap.thread_object(thread);
            heap.set(object, "state", state);
            if state != 5 {
                let carrier = heap.thread_object(carrier);
                heap.set(object, "carrierThread", carrier);
            }
            heap.frame(thread, work, method, Some("Work.java"), 1);
        }
    }
    let json = report(&temporary(
        ".hprof",
        &heap.write_with(&Options::jdk25()).bytes,
    ));
    let rows = json["threads"].as_array().expect("rows");
    let of = |method: &str| {
        let frame = format!("com.acme.Work.{method}(Work.java:1)");
        let found = rows.iter().find(|row| row["frames"][0] == frame.as_str());
        let row = found.unwrap_or_else(|| panic!("no {frame}: {rows:?}"));
        (
            row["count"].as_u64(),
            row["state"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(of("compute"), (Some(2), Some("RUNNABLE".to_owned())));
    assert_eq!(of("await"), (Some(3), Some("WAITING".to_owned())));
    assert_eq!(of("locked"), (Some(4), Some("WAITING".to_owned())));
}

#[test]
fn names_of_fields_may_repeat_along_a_chain() {
    let mut heap = Heap::new();
    let parent = heap
        .class("com.acme.Parent")
        .field("value", Kind::Object)
        .done();
    let child = heap
        .class("com.acme.Child")
        .superclass(parent)
        .field("value", Kind::Object)
        .done();
    let (own, hidden) = (
        heap.new_object("java.lang.Object"),
        heap.new_object("java.lang.Object"),
    );
    let object = heap.instance(child);
    heap.set(object, "value", own);
    heap.root(Root::JniGlobal, object);
    let weak = heap.reference(Held::Weak, hidden);
    heap.root(Root::JniGlobal, weak);
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    let object = snapshot.find(written.address(object)).expect("it");
    let value = snapshot.field_object(object, "value");
    assert_eq!(
        value,
        snapshot.find(written.address(own)),
        "the class's own comes first"
    );
    assert_eq!(strength(&snapshot, written.address(hidden)), Strength::Weak);
}

/// Dumps of every JVM in the corpus are read without a word of damage.
#[test]
fn no_dump_of_a_jvm_is_called_damaged() {
    let Some(corpus) = corpus() else { return };
    let mut read_dumps = 0;
    for folder in ["jvm", "leaks"] {
        for entry in std::fs::read_dir(corpus.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.to_string_lossy().into_owned();
            let small = std::fs::metadata(&path).is_ok_and(|data| data.len() < 40 << 20);
            if !small || !(name.ends_with(".hprof") || name.ends_with(".hprof.gz")) {
                continue;
            }
            let json = report(&path);
            assert_eq!(
                json["dump"]["complete"], true,
                "{name}: {}",
                json["warnings"]
            );
            let damaged = json["warnings"].as_array().expect("a list").iter();
            assert_eq!(damaged.filter(|w| w["damage"] == true).count(), 0, "{name}");
            read_dumps += 1;
        }
    }
    assert!(read_dumps > 15, "{read_dumps} dumps");
}

/// Classes that are their own super class, that lack theirs, that have no class dump, identifiers that are used twice.
#[test]
fn broken_classes_are_told() {
    let class = |id, superclass| ClassDump {
        id,
        superclass,
        ..ClassDump::default()
    };
    let of = |classes: &[ClassDump], instances: &[(u64, u64)]| {
        let mut content = SubRecords::new(8);
        for class in classes {
            content.class_dump(class).root_sticky_class(class.id);
        }
        for &(id, class) in instances {
            content.instance_dump(id, class, &[]);
        }
        let mut dump = RawDump::new(8);
        dump.string(1, b"com/acme/A");
        for (i, class) in classes.iter().enumerate() {
            dump.load_class(i as u32 + 1, class.id, 0, 1);
        }
        dump.heap_dump_segment(&content).heap_dump_end();
        dump.into_bytes()
    };
    let cases = [
        (
            vec![class(0x1000, 0x1000)],
            vec![(0x2000, 0x1000)],
            DamageCode::SuperClassCycle,
            1,
        ),
        (
            vec![class(0x1000, 0x1100), class(0x1100, 0x1000)],
            vec![(0x2000, 0x1000)],
            DamageCode::SuperClassCycle,
            1,
        ),
        (
            vec![class(0x1000, 0x7000)],
            vec![(0x2000, 0x1000)],
            DamageCode::SuperClassMissing,
            1,
        ),
        (
            vec![class(0x1000, 0)],
            vec![(0x2000, 0x7000)],
            DamageCode::ClassMissing,
            1,
        ),
        (
            vec![class(0x1000, 0)],
            vec![(0x2000, 0x1000), (0x2000, 0x1000)],
            DamageCode::DuplicateObject,
            1,
        ),
        (
            vec![class(0x1000, 0)],
            vec![(0, 0x1000), (0x2000, 0x1000)],
            DamageCode::NullObject,
            1,
        ),
    ];
    for (classes, instances, code, objects) in cases {
        let bytes = of(&classes, &instances);
        let snapshot = read(&bytes).expect("a dump");
        assert!(
            codes(&snapshot).contains(&code),
            "{code:?}: {:?}",
            snapshot.damage()
        );
        assert!(!snapshot.is_complete(), "{code:?}");
        assert_eq!(snapshot.len(), classes.len() + objects, "{code:?}");
    }
}

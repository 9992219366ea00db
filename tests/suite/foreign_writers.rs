//! Dumps that no HotSpot wrote: OpenJ9, Eclipse MAT's export, GraalVM's native-image, `jhsdb`, the old hprof agent, JVMs of
//! 32 bits, identifiers that are no addresses.

use crate::damage_support::{codes, objects, read};
use crate::support::{corpus, report, temporary};
use crate::synth::{
    ClassDump, Framing, Heap, Kind, Layout, Names, Obj, Options, RawDump, Root, SubRecords, Value,
};
use hprof_suspects::graph::Strength;
use hprof_suspects::heap::{Compat, LoadOptions, Snapshot, Unobserved, load};
use hprof_suspects::hprof::DamageCode;

fn strong(snapshot: &Snapshot<'_>, address: u64) -> bool {
    let object = snapshot.find(address).expect("the object");
    snapshot.strength(object) == Strength::Strong
}

// --- OpenJ9 ---

#[test]
fn a_system_class_of_openj9_is_a_root() {
    for rooted in [false, true] {
        let mut heap = Heap::new().no_sticky_classes();
        let thing = heap.class("com.acme.Thing").app().done();
        let held = heap.instance(thing);
        let list = heap.array_list(&[held]);
        // Of a loader that nothing else leads to, so that only the root makes it reachable.
        let loader = heap.new_object("java.lang.Object");
        let cache = heap
            .class("com.acme.Cache")
            .loader(loader)
            .static_field("CACHE", list)
            .done();
        let mirror = heap.mirror(cache);
        heap.thread("main");
        if rooted {
            heap.root(Root::J9SystemClass, mirror);
        }
        let written = heap.write();
        let snapshot = read(&written.bytes).expect("a dump");
        assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
        assert_eq!(strong(&snapshot, written.address(held)), rooted);
        let kinds = snapshot.find(written.address(mirror)).and_then(|root| {
            let kinds = snapshot.roots().kinds.get(&root)?;
            Some(kinds[0].label())
        });
        assert_eq!(kinds, rooted.then_some("System Class"));
    }
}

#[test]
fn a_hole_of_zeros_is_no_system_class_of_openj9() {
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(8);
    content.class_dump(&class).root_sticky_class(class.id);
    for i in 0..3 {
        content.instance_dump(0x2000 + 16 * i, class.id, &[]);
    }
    let mut holed = content.as_slice().to_vec();
    holed.extend([0; 900]);
    let mut dump = RawDump::new(8);
    dump.string(1, b"com/acme/A").load_class(1, class.id, 0, 1);
    dump.record(0x1C, &holed).heap_dump_end();
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(objects(&snapshot), 3);
    assert_eq!(snapshot.roots().records, 1, "zeros are no roots");
    assert_eq!(codes(&snapshot), [DamageCode::BadSubRecord]);
    let hole = bytes.len() - 9 - 900;
    assert_eq!(snapshot.damage()[0].offset, hole as u64);
    assert_eq!(snapshot.damage()[0].bytes_lost, 900);
}

/// Eclipse MAT exports a dump of OpenJ9: class objects are classes and instances, stack frames and methods are objects.
fn exported() -> (Heap, Obj, Obj) {
    let mut heap = Heap::new().no_sticky_classes();
    let document = heap
        .class("com.acme.Document")
        .app()
        .field("text", Kind::Object)
        .done();
    let documents: Vec<Obj> = (0..1_000)
        .map(|_| {
            let (object, text) = (heap.instance(document), heap.bytes(&[32; 3_000]));
            heap.set(object, "text", text);
            object
        })
        .collect();
    let list = heap.array_list(&documents);
    let frame = heap
        .class("<stack frame>")
        .field("local", Kind::Object)
        .done();
    let frame = heap.instance(frame);
    heap.set(frame, "local", list);
    heap.class("<method>").done();
    heap.root(Root::Unknown, frame);
    heap.thread("main");
    (heap, frame, list)
}

#[test]
fn a_stack_frame_that_mat_made_up_is_not_the_owner() {
    let (heap, ..) = exported();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let suspect = &json["suspects"][0];
    assert_eq!(
        suspect["content"]["class"], "com.acme.Document",
        "{suspect}"
    );
    assert_ne!(suspect["holder"]["kind"], "instance_field", "{suspect}");
    assert_eq!(
        suspect["retained_objects"].as_u64().map(|n| n / 1_000),
        Some(2)
    );
}

/// A class object as CLASS_DUMP and as INSTANCE_DUMP of `java.lang.Class` whose field refers to `0x9000`.
fn described_twice(instance_first: bool, of: u64) -> Vec<u8> {
    let (object, class, mine) = (0x1000, 0x1100, 0x1200);
    let of_class = ClassDump {
        id: class,
        superclass: object,
        fields: vec![(9, Kind::Object as u8)],
        ..ClassDump::default()
    };
    let plain = |id| ClassDump {
        id,
        superclass: if id == object { 0 } else { object },
        ..ClassDump::default()
    };
    let mut dump = RawDump::new(8);
    dump.string(1, b"java/lang/Object")
        .string(2, b"java/lang/Class")
        .string(3, b"com/acme/Mine")
        .string(9, b"reflectionData");
    dump.load_class(1, object, 0, 1)
        .load_class(2, class, 0, 2)
        .load_class(3, mine, 0, 3);
    let mut content = SubRecords::new(8);
    content.class_dump(&plain(object)).class_dump(&of_class);
    if instance_first {
        content.instance_dump(mine, of, &0x9000u64.to_be_bytes());
    }
    content.class_dump(&plain(mine));
    if !instance_first {
        content.instance_dump(mine, of, &0x9000u64.to_be_bytes());
    }
    content.instance_dump(0x9000, object, &[]);
    for id in [object, class, mine] {
        content.root_sticky_class(id);
    }
    dump.heap_dump_segment(&content).heap_dump_end();
    dump.into_bytes()
}

#[test]
fn a_class_that_is_dumped_as_an_instance_too_is_one_object_with_the_fields_of_both() {
    for instance_first in [false, true] {
        let bytes = described_twice(instance_first, 0x1100);
        let snapshot = read(&bytes).expect("a dump");
        assert_eq!(snapshot.damage(), &[], "instance first: {instance_first}");
        assert_eq!(snapshot.len(), 4);
        assert!(
            strong(&snapshot, 0x9000),
            "held by the class object's field"
        );
        let held = snapshot.find(0x9000).expect("it");
        assert_eq!(snapshot.dominator(held), snapshot.find(0x1200));
    }
}

#[test]
fn an_instance_of_anything_else_with_the_identifier_of_a_class_is_damage() {
    let bytes = described_twice(false, 0x1000);
    let snapshot = read(&bytes).expect("a dump");
    assert!(codes(&snapshot).contains(&DamageCode::DuplicateObject));
}

// --- GraalVM native-image ---

/// 8-byte references, an 8-byte header, arrays whose elements begin at 16.
const SUBSTRATE: Layout = Layout {
    reference: 8,
    object_header: 8,
    array_header: 16,
    alignment: 8,
    fills_super_gaps: true,
};

#[test]
fn sizes_of_a_native_image_come_from_distances() {
    let mut heap = Heap::new().layout(SUBSTRATE);
    let pair = heap.class("com.acme.Pair").fields("a:I b:I").done();
    let boxed = heap.class("com.acme.Box").fields("value:L").done();
    // A hybrid: fields and an array behind them that the dump does not show.
    let hybrid = heap
        .class("com.oracle.svm.core.hub.HybridThing")
        .fields("kind:I")
        .done();
    let mut all = Vec::new();
    for i in 0..300usize {
        all.extend([
            heap.instance(pair),
            heap.instance(boxed),
            heap.bytes(&vec![1; i % 40]),
        ]);
        let thing = heap.instance(hybrid);
        heap.extra_bytes(thing, 40);
        all.push(thing);
        let object = heap.jdk("java.lang.Object");
        all.push(heap.object_array(object, &vec![Value::Null; i % 9]));
    }
    // The image heap lies in a mapping of its own.
    let far = heap.instance(pair);
    heap.at(far, 0x7f00_0000_0000);
    all.push(far);
    let list = heap.array_list(&all);
    heap.class("com.acme.Holder")
        .static_field("ALL", list)
        .done();
    let written = heap.write_with(&Options::jdk25());
    let snapshot = read(&written.bytes).expect("a dump");
    assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
    for &object in &all {
        let found = snapshot.find(written.address(object)).expect("it");
        assert_eq!(
            snapshot.shallow(found),
            heap.shallow_size(object),
            "{}",
            snapshot.class(found).name
        );
    }
}

#[test]
fn content_hashes_in_names_do_not_change_a_signature() {
    let signature = |hash: &str| {
        let mut heap = Heap::new();
        let handler = heap
            .class(&format!("com.acme.Jobs$$Lambda${hash}"))
            .app()
            .field("data", Kind::Object)
            .done();
        let handlers: Vec<Obj> = (0..1_000)
            .map(|_| {
                let (object, data) = (heap.instance(handler), heap.bytes(&[0; 3_000]));
                heap.set(object, "data", data);
                object
            })
            .collect();
        let list = heap.array_list(&handlers);
        heap.class("com.acme.Jobs")
            .app()
            .static_field("QUEUE", list)
            .done();
        let json = report(&temporary(".hprof", &heap.write().bytes));
        json["suspects"][0]["signature"]
            .as_str()
            .expect("one")
            .to_owned()
    };
    let first = signature("7ad16f47b695d909");
    assert_eq!(first, signature("c1f0e2d3b4a59687"));
    assert!(first.contains("com.acme.Jobs$$Lambda"), "{first}");
}

// --- jhsdb ---

#[test]
fn without_sticky_classes_those_of_the_boot_loader_are_roots() {
    let mut heap = Heap::new().no_sticky_classes();
    let held = heap.string("held");
    let boot = heap
        .class("java.util.Statics")
        .static_field("HELD", held)
        .done();
    heap.thread("main");
    let options = Options {
        framing: Framing::OneHeapDump,
        roots: crate::synth::RootsPlace::Last,
        ..Options::jdk25()
    };
    let written = heap.write_with(&options);
    let snapshot = read(&written.bytes).expect("a dump");
    assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
    assert!(strong(&snapshot, written.address(held)));
    assert!(strong(&snapshot, written.address(heap.mirror(boot))));
    let json = report(&temporary(".hprof", &written.bytes));
    let warned = json["warnings"].as_array().expect("a list");
    assert!(warned.iter().any(|w| w["code"] == "no_sticky_classes"));
    assert_eq!(json["dump"]["complete"], true);
}

#[test]
fn loaded_classes_count_as_roots_in_a_real_dump_of_jhsdb() {
    let Some(corpus) = corpus() else { return };
    let bytes = std::fs::read(corpus.join("jvm/mix-jdk17-jhsdb.hprof")).expect("a dump");
    let snapshot = read(&bytes).expect("a dump");
    assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
    let lost = snapshot
        .classes()
        .iter()
        .filter_map(|(class, _)| snapshot.class_object(class))
        .filter(|&object| snapshot.strength(object) == Strength::NoPath)
        .count();
    assert_eq!(lost, 0, "classes without a path");
    let no_path = snapshot.totals(Strength::NoPath).objects as f64;
    assert!(no_path < 0.02 * snapshot.len() as f64, "{no_path} objects");
}

// --- the old hprof agent ---

fn agent() -> Options {
    Options {
        magic: "JAVA PROFILE 1.0.1",
        names: Names::Dots,
        objects_before_classes: true,
        names_last: true,
        agent_records: true,
        framing: Framing::OneHeapDump,
        ..Options::default()
    }
}

#[test]
fn serial_numbers_as_identifiers_give_the_same_graph() {
    let build = |heap: Heap| {
        let mut heap = heap;
        let texts: Vec<Obj> = (0..50).map(|i| heap.string(&format!("text {i}"))).collect();
        let list = heap.array_list(&texts);
        heap.class("com.acme.Cache")
            .app()
            .static_field("LIST", list)
            .done();
        (heap, list)
    };
    let (heap, list) = build(Heap::new());
    let written = heap.write();
    let snapshot = read(&written.bytes).expect("a dump");
    let list = snapshot.find(written.address(list)).expect("it");
    let expected = snapshot.retained_objects(list);
    assert!(expected > 100);
    for (id_size, stride) in [(4, 1), (4, 3), (8, 1), (8, 5)] {
        let (heap, list) = build(Heap::new().id_size(id_size).serial_ids(stride));
        let written = heap.write_with(&agent());
        let snapshot = read(&written.bytes).expect("a dump");
        assert!(snapshot.is_complete(), "{:?}", snapshot.damage());
        let list = snapshot.find(written.address(list)).expect("it");
        assert_eq!(
            snapshot.retained_objects(list),
            expected,
            "{id_size}, {stride}"
        );
        assert_eq!(snapshot.class(list).name, "java.util.ArrayList");
        assert!(snapshot.layout().inferred_from.starts_with("assumed"));
        assert!(snapshot.shallow(list) >= 16 && snapshot.shallow(list) <= 40);
    }
}

#[test]
fn what_a_constant_pool_refers_to_is_held() {
    let class = ClassDump {
        id: 0x1000,
        constant_pool: vec![
            (1, Kind::Object as u8, 0x2000u64.to_be_bytes().to_vec()),
            (2, Kind::Int as u8, vec![0; 4]),
        ],
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(8);
    content
        .class_dump(&class)
        .instance_dump(0x2000, class.id, &[])
        .instance_dump(0x2010, class.id, &[])
        .root_sticky_class(class.id);
    let mut dump = RawDump::with_header("JAVA PROFILE 1.0.1", 8, 8);
    dump.string(1, b"com.acme.A").load_class(1, class.id, 0, 1);
    dump.heap_dump(&content);
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert!(strong(&snapshot, 0x2000));
    assert!(!strong(&snapshot, 0x2010), "nothing refers to it");
    let mat = LoadOptions {
        compat: Compat::Mat,
        ..LoadOptions::default()
    };
    let snapshot = load(&bytes, mat, &Unobserved).expect("a dump");
    let constant = snapshot.find(0x2000).expect("it");
    assert!(!snapshot.contains(constant), "MAT does not follow it");
}

#[test]
fn every_record_of_the_agent_is_passed_over() {
    let mut dump = RawDump::with_header("JAVA PROFILE 1.0.1", 4, 4);
    dump.time = 77;
    dump.control_settings(3, 4)
        .start_thread(1, 0x3000, 1, [1, 1, 1]);
    dump.string(1, b"com.acme.A")
        .load_class(1, 0x1000, 0, 1)
        .unload_class(9);
    dump.alloc_sites().heap_summary(1, 1).cpu_samples(1, 1);
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let mut content = SubRecords::new(4);
    content
        .instance_dump(0x2000, 0x1000, &[])
        .root_unknown(0x2000);
    content.class_dump(&class).root_sticky_class(0x1000);
    dump.heap_dump(&content).end_thread(1);
    // STRING and LOAD_CLASS after the heap, as the agent has them.
    dump.string(2, b"com.acme.Late").load_class(2, 0x1100, 0, 2);
    let bytes = dump.into_bytes();
    let snapshot = read(&bytes).expect("a dump");
    assert_eq!(snapshot.damage(), &[]);
    assert_eq!(objects(&snapshot), 1);
    let object = snapshot.find(0x2000).expect("it");
    assert_eq!(snapshot.class(object).name, "com.acme.A");
}

// --- 32 bit ---

#[test]
fn a_jvm_of_32_bits_is_laid_out_as_such() {
    let mut heap = Heap::new().id_size(4).layout(Layout::BITS_32);
    let node = heap
        .class("com.acme.Node")
        .fields("next:L value:I flag:Z")
        .done();
    let mut all = Vec::new();
    for i in 0..200usize {
        all.extend([heap.instance(node), heap.bytes(&vec![0; i % 30])]);
        all.push(heap.prim_array(Kind::Long, i % 7));
    }
    let list = heap.array_list(&all);
    heap.class("com.acme.Holder")
        .static_field("ALL", list)
        .done();
    let written = heap.write_with(&Options::jdk8());
    let snapshot = read(&written.bytes).expect("a dump");
    let layout = snapshot.layout();
    assert_eq!((layout.reference_bytes, layout.object_header_bytes), (4, 8));
    for &object in &all {
        let found = snapshot.find(written.address(object)).expect("it");
        let told = snapshot.shallow(found);
        assert_eq!(
            told,
            heap.shallow_size(object),
            "{}",
            snapshot.class(found).name
        );
    }
}

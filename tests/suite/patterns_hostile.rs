//! Every collection that is known, made to hurt: objects that refer to themselves, rings, long chains, fields of another type.
//! Whatever a dump says, every question ends, with little stack and in a time that is linear in the size of the dump.

use std::time::{Duration, Instant};

use hprof_suspects::analyze::{FileFacts, Options, analyze, explore};
use hprof_suspects::heap::collections::{Elements, Room, SHAPES, Shape, Size};
use hprof_suspects::heap::{LoadOptions, Snapshot, Unobserved, load};

use crate::synth::{Class, Heap, Kind, Obj, Value};

/// Far above what any of them takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// A recursion over references would need more.
const STACK: usize = 512 << 10;
/// Objects of a long chain.
const DEEP: usize = 2_000;

/// What the fields of a collection refer to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hostile {
    Itself,
    Ring,
    Deep,
    Mistyped,
}

/// Paths of a row that lead to objects, and those that lead to numbers.
fn paths(shape: &Shape) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut objects, mut numbers) = (Vec::new(), Vec::new());
    match shape.size {
        Size::Field(path) => numbers.push(path),
        Size::Of(path) | Size::Length(path) => objects.push(path),
        Size::Sum(array, field) => {
            objects.push(array);
            numbers.push(field);
        }
        Size::Striped(base, cells) => {
            numbers.push(base);
            objects.push(cells);
        }
        Size::Ring(array, first, end) => {
            objects.push(array);
            numbers.extend([first, end]);
        }
        Size::Between(produced, consumed) => numbers.extend([produced, consumed]),
        Size::Read | Size::Always(_) => {}
    }
    match shape.room {
        Room::Field(path) | Room::Mask(path) | Room::Half(path) => numbers.push(path),
        Room::Length(path) => objects.push(path),
        Room::Unknown | Room::Grows | Room::Hashed => {}
    }
    let node = match shape.elements {
        Elements::Unknown => None,
        Elements::Fields(paths) => {
            objects.extend(paths);
            None
        }
        Elements::Array(path)
        | Elements::Of(path)
        | Elements::KeysOf(path)
        | Elements::Turns(path, _) => {
            objects.push(path);
            None
        }
        Elements::Columns(keys, values) => {
            objects.extend([keys, values]);
            None
        }
        Elements::Table(path, node) | Elements::Chain(path, node) => {
            objects.push(path);
            Some(node)
        }
        Elements::Segments(path, table, node) => {
            objects.extend([path, table]);
            Some(node)
        }
        Elements::Tree(path, links, node) => {
            objects.push(path);
            objects.extend(links);
            Some(node)
        }
    };
    objects.extend(
        node.iter()
            .flat_map(|node| [node.key, node.value, node.next]),
    );
    (objects, numbers)
}

/// The names in `paths`.
fn names(paths: &[&'static str]) -> Vec<&'static str> {
    let mut names: Vec<&str> = paths
        .iter()
        .flat_map(|path| path.split(['|', '.']))
        .collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

/// A class of `shape` with all fields that its row names.
fn class(heap: &mut Heap, shape: &Shape, hostile: Hostile) -> (Class, Vec<&'static str>) {
    let (objects, numbers) = paths(shape);
    let objects = names(&objects);
    let name = match shape.class.strip_suffix('*') {
        Some(package) => format!("{package}Known{}", objects.len()),
        None => shape.class.to_owned(),
    };
    let (of_objects, of_numbers) = match hostile {
        Hostile::Mistyped => (Kind::Long, Kind::Object),
        _ => (Kind::Object, Kind::Int),
    };
    let mut class = heap.class(&name);
    for name in &objects {
        class = class.field(name, of_objects);
    }
    let numbers = names(&numbers);
    for name in numbers.iter().filter(|name| !objects.contains(name)) {
        class = class.field(name, of_numbers);
    }
    let class = class.done();
    let fields = if hostile == Hostile::Mistyped {
        numbers
            .into_iter()
            .filter(|name| !objects.contains(name))
            .collect()
    } else {
        objects
    };
    (class, fields)
}

fn connect(heap: &mut Heap, from: Obj, fields: &[&str], to: impl Into<Value> + Copy) {
    for field in fields {
        heap.set(from, field, to);
    }
}

/// A heap with every known collection in `hostile` form, each in a static field of the application.
fn heap(hostile: Hostile) -> Vec<u8> {
    let mut heap = Heap::new();
    // Classes of the JDK that the writer needs itself.
    heap.class("com.acme.First").app().done();
    let mut kept = Vec::new();
    for shape in SHAPES {
        let (class, fields) = class(&mut heap, shape, hostile);
        let first = heap.instance(class);
        kept.push(first);
        match hostile {
            Hostile::Itself | Hostile::Mistyped => connect(&mut heap, first, &fields, first),
            Hostile::Ring => {
                let second = heap.instance(class);
                let array = heap.object_array(class, &[first, second, first]);
                connect(&mut heap, first, &fields, second);
                // Half of the fields lead to an array of both.
                for (i, field) in fields.iter().enumerate() {
                    let array = i % 2 == 0;
                    heap.set(second, field, if array { first } else { second });
                }
                connect(&mut heap, second, &fields[..fields.len() / 2], array);
                kept.push(array);
            }
            Hostile::Deep => {
                let mut at = first;
                for _ in 0..DEEP {
                    let next = heap.instance(class);
                    let array = heap.object_array(class, &[next]);
                    connect(&mut heap, at, &fields, next);
                    if let Some(field) = fields.first() {
                        heap.set(at, field, array);
                    }
                    at = next;
                }
            }
        }
    }
    let object = heap.jdk("java.lang.Object");
    let list = heap.object_array(object, &kept);
    heap.class("com.acme.Keeper")
        .app()
        .static_field("ALL", list)
        .done();
    heap.write().bytes
}

/// Asks every question about every object.
fn ask(snapshot: &Snapshot<'_>) {
    for object in 0..snapshot.len() as u32 {
        snapshot.entries(object);
        snapshot.room(object);
        snapshot.table(object);
        snapshot.has_no_elements(object);
    }
    for object in (0..snapshot.len() as u32).step_by(100) {
        snapshot.pairs(object, 1_000);
    }
    let options = Options {
        waste: true,
        ..Options::default()
    };
    analyze(snapshot, &FileFacts::default(), &options, &Unobserved);
    let query = explore::dominators::Query {
        under: None,
        depth: 20,
        top: 0,
        by: explore::dominators::By::Class,
    };
    explore::dominators::dominators(snapshot, query);
}

/// Runs `test` with little stack.
fn with_little_stack(test: impl FnOnce() + Send + 'static) {
    let started = Instant::now();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(test);
    thread
        .expect("a thread")
        .join()
        .expect("no panic, no overflow");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn every_question_ends_whatever_a_collection_refers_to() {
    for hostile in [
        Hostile::Itself,
        Hostile::Ring,
        Hostile::Deep,
        Hostile::Mistyped,
    ] {
        let bytes = heap(hostile);
        with_little_stack(move || {
            let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
            ask(&snapshot);
        });
    }
}

/// A chain of two nodes of a bucket that refer to each other, without keys and values.
#[test]
fn a_bucket_of_two_nodes_in_a_ring_ends() {
    let mut heap = Heap::new();
    let map = heap.hash_map(&[]);
    let nodes: Vec<Obj> = (0..2)
        .map(|_| heap.new_object("java.util.HashMap$Node"))
        .collect();
    heap.set(nodes[0], "next", nodes[1])
        .set(nodes[1], "next", nodes[0]);
    let node = heap.jdk("java.util.HashMap$Node");
    let table = heap.object_array(node, &[nodes[0]]);
    heap.set(map, "table", table).set(map, "size", 2);
    heap.class("com.acme.Keeper")
        .app()
        .static_field("MAP", map)
        .done();
    let bytes = heap.write().bytes;
    with_little_stack(move || {
        let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
        let maps =
            (0..snapshot.len() as u32).filter(|&o| snapshot.class(o).name == "java.util.HashMap");
        for map in maps {
            assert_eq!(snapshot.pairs(map, 1_000), []);
            assert_eq!(snapshot.entries(map), Some(2));
        }
        ask(&snapshot);
    });
}

/// Many caches that share one array of many segments: each looks at few of them.
#[test]
fn segments_that_many_share_are_not_read_for_each() {
    let mut heap = Heap::new();
    let segment = heap
        .class("com.google.common.cache.LocalCache$Segment")
        .field("count", Kind::Int)
        .done();
    let one = heap.instance(segment);
    let segments = heap.object_array(segment, &vec![one; 20_000]);
    let cache = heap
        .class("com.google.common.cache.LocalCache")
        .field("segments", Kind::Object)
        .field("maxWeight", Kind::Long)
        .done();
    let caches: Vec<Obj> = (0..2_000).map(|_| heap.instance(cache)).collect();
    for &cache in &caches {
        heap.set(cache, "segments", segments);
    }
    let object = heap.jdk("java.lang.Object");
    let all = heap.object_array(object, &caches);
    heap.class("com.acme.Keeper")
        .app()
        .static_field("ALL", all)
        .done();
    let bytes = heap.write().bytes;
    with_little_stack(move || {
        let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("a dump");
        ask(&snapshot);
    });
}

//! Synthetic dumps through the whole program: sizes, dominators and reachability against what the test itself knows.

use std::collections::BTreeMap;

use crate::support::{report, run, temporary};
use crate::synth::{Class, Heap, Kind, Layout, Obj, Options, Root, Value};

/// One line of `hprof-suspects objects`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub class: String,
    pub shallow: u64,
    pub retained: u64,
    pub dominator: Option<u64>,
}

fn hex(text: &str) -> u64 {
    u64::from_str_radix(text.strip_prefix("0x").expect("0x"), 16).expect("hexadecimal digits")
}

/// The objects table of a dump by address.
pub fn objects(dump: &[u8]) -> BTreeMap<u64, Row> {
    let file = temporary(".hprof", dump);
    let run = run(["objects".as_ref(), file.as_os_str()]).succeeded();
    let parse = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |text: &str| text.parse().expect("a size");
        let dominator = (cells[4] != "root").then(|| hex(cells[4]));
        let row = Row {
            class: cells[1].to_owned(),
            shallow: number(cells[2]),
            retained: number(cells[3]),
            dominator,
        };
        (hex(cells[0]), row)
    };
    run.text().lines().skip(1).map(parse).collect()
}

/// Small random numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A heap whose objects refer to one another at random, and the references.
struct Graph {
    heap: Heap,
    nodes: Vec<Obj>,
    edges: Vec<Vec<usize>>,
    roots: Vec<usize>,
}

fn random_graph(seed: u64, size: usize) -> Graph {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut heap = Heap::new();
    let class = heap
        .class("Node")
        .field("a", Kind::Object)
        .field("b", Kind::Object)
        .done();
    let fat = heap
        .class("Fat")
        .superclass(class)
        .field("c", Kind::Object)
        .field("weight", Kind::Long)
        .done();
    let nodes: Vec<Obj> = (0..size)
        .map(|i| heap.instance(if i % 3 == 0 { fat } else { class }))
        .collect();
    let mut edges = vec![Vec::new(); size];
    for (index, &node) in nodes.iter().enumerate() {
        for field in if index % 3 == 0 {
            &["a", "b", "c"][..]
        } else {
            &["a", "b"][..]
        } {
            // Mostly to a neighbour, so that the tree gets deep; sometimes nowhere.
            let target = match random.below(10) {
                0..=2 => continue,
                3..=7 => (index + 1 + random.below(4)) % size,
                _ => random.below(size),
            };
            heap.set(node, field, nodes[target]);
            edges[index].push(target);
        }
    }
    let roots: Vec<usize> = (0..2).map(|_| random.below(size)).collect();
    roots
        .iter()
        .for_each(|&root| heap.root(Root::JniGlobal, nodes[root]));
    Graph {
        heap,
        nodes,
        edges,
        roots,
    }
}

impl Graph {
    /// What the roots reach when `without` is gone.
    fn reached(&self, without: Option<usize>) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut open = self.roots.clone();
        while let Some(node) = open.pop() {
            if Some(node) != without && !std::mem::replace(&mut reached[node], true) {
                open.extend(&self.edges[node]);
            }
        }
        reached
    }

    /// Retained size and immediate dominator of every reachable object, from the definition: what goes when it goes.
    fn truth(&self) -> Vec<Option<(u64, Option<usize>)>> {
        let alive = self.reached(None);
        let size = self.nodes.len();
        let gone: Vec<Vec<usize>> = (0..size)
            .map(|node| {
                let left = self.reached(Some(node));
                (0..size)
                    .filter(|&other| alive[other] && !left[other])
                    .collect()
            })
            .collect();
        let bytes = |node: usize| {
            gone[node]
                .iter()
                .map(|&n| self.heap.shallow_size(self.nodes[n]))
                .sum()
        };
        // Of all that dominate a node, the immediate dominator is the one that dominates least.
        let dominator = |node: usize| {
            (0..size)
                .filter(|&d| d != node && alive[d] && gone[d].contains(&node))
                .min_by_key(|&d| gone[d].len())
        };
        (0..size)
            .map(|node| alive[node].then(|| (bytes(node), dominator(node))))
            .collect()
    }
}

#[test]
fn dominators_and_retained_sizes_are_those_of_the_definition() {
    for seed in 1..=25 {
        let graph = random_graph(seed, 20 + 5 * seed as usize);
        let written = graph.heap.write();
        let found = objects(&written.bytes);
        for (index, expected) in graph.truth().into_iter().enumerate() {
            let row = found.get(&written.address(graph.nodes[index]));
            let got = row.map(|row| (row.retained, row.dominator));
            let expected =
                expected.map(|(bytes, up)| (bytes, up.map(|up| written.address(graph.nodes[up]))));
            if expected.is_some() {
                assert_eq!(got, expected, "seed {seed}, object {index}");
            }
        }
    }
}

/// Instances of many classes and arrays of many lengths, all held by one static field.
fn varied(layout: Layout) -> (Heap, Vec<Obj>) {
    let mut heap = Heap::new().layout(layout);
    let flat = heap
        .class("com.acme.Flat")
        .field("flag", Kind::Boolean)
        .done();
    let child = heap
        .class("com.acme.Child")
        .superclass(flat)
        .field("more", Kind::Byte)
        .field("next", Kind::Object)
        .done();
    let wide = heap
        .class("com.acme.Wide")
        .fields("id:J ratio:D count:I letter:C owner:L")
        .done();
    let empty = heap.class("com.acme.Empty").done();
    let mut all = Vec::new();
    for round in 0..60 {
        all.extend([flat, child, wide, empty].map(|class| heap.instance(class)));
        all.push(heap.integer(round));
        use Kind::*;
        for kind in [Boolean, Char, Float, Double, Byte, Short, Int, Long] {
            all.push(heap.prim_array(kind, round as usize % 12));
        }
        let object = heap.jdk("java.lang.Object");
        all.push(heap.object_array(object, &vec![Value::Null; round as usize % 7]));
        let text = heap.string("text");
        let entry = [(Value::from(text), Value::Null)];
        all.extend([
            text,
            heap.hash_map(&entry),
            heap.concurrent_hash_map(&entry),
            heap.linked_list(&[text]),
        ]);
    }
    let list = heap.array_list(&all);
    heap.class("com.acme.Holder")
        .static_field("ALL", list)
        .done();
    (heap, all)
}

const LAYOUTS: [(&str, Layout); 7] = [
    ("compressed", Layout::COMPRESSED),
    ("before JDK 15", Layout::COMPRESSED_BEFORE_15),
    ("wide references", Layout::WIDE_REFERENCES),
    ("uncompressed", Layout::UNCOMPRESSED),
    ("compact", Layout::COMPACT),
    ("compact, wide", Layout::COMPACT_WIDE),
    ("aligned to 16", Layout::ALIGNED_16),
];

#[test]
fn shallow_sizes_are_those_of_the_layout() {
    let mut wrong = BTreeMap::new();
    for (name, layout) in LAYOUTS {
        let (heap, all) = varied(layout);
        let written = heap.write();
        let found = objects(&written.bytes);
        for object in all {
            let row = found
                .get(&written.address(object))
                .unwrap_or_else(|| panic!("{name}: {object:?} is missing"));
            let truth = heap.shallow_size(object);
            if row.shallow != truth {
                let count: &mut u32 = wrong
                    .entry((name, row.class.clone(), row.shallow, truth))
                    .or_default();
                *count += 1;
            }
        }
    }
    let told: Vec<_> = wrong
        .iter()
        .map(|((layout, class, found, truth), count)| {
            format!("{layout}: {count} x {class} is {found}, truth {truth}")
        })
        .collect();
    assert!(told.is_empty(), "wrong shallow sizes:\n{}", told.join("\n"));
}

#[test]
fn the_layout_is_told() {
    for (name, layout) in LAYOUTS {
        let (heap, _) = varied(layout);
        let json = report(&temporary(".hprof", &heap.write().bytes));
        let told = &json["jvm"]["layout"];
        assert_eq!(told["reference_bytes"], layout.reference, "{name}");
        assert_eq!(told["object_header_bytes"], layout.object_header, "{name}");
        assert_eq!(told["alignment"], layout.alignment, "{name}");
    }
}

#[test]
fn the_order_of_records_changes_nothing() {
    for id_size in [4, 8] {
        let mut heap = Heap::new().id_size(id_size);
        let (user, cache) = cache_of(&mut heap, 300);
        let main = heap.thread("main");
        let frame = heap.frame(main, user, "run", Some("User.java"), 7);
        let local = heap.array_list(&[cache]);
        heap.local(main, frame, local);
        let usual = heap.write();
        let expected = objects(&usual.bytes);
        assert!(expected.len() > 900, "{} objects", expected.len());
        for options in [Options::jdk8(), Options::jdk25(), Options::upside_down()] {
            let found = objects(&heap.write_with(&options).bytes);
            assert!(found == expected, "{id_size}-byte identifiers, {options:?}");
        }
    }
}

/// A static map of users: `com.acme.UserCache.CACHE`. Gives the user class and the map.
pub fn cache_of(heap: &mut Heap, users: usize) -> (Class, Obj) {
    let user = heap
        .class("com.acme.User")
        .app()
        .field("name", Kind::Object)
        .field("age", Kind::Int)
        .done();
    let mut entries = Vec::new();
    for number in 0..users {
        let (key, name) = (
            heap.string(&format!("key-{number}")),
            heap.string(&"x".repeat(4000)),
        );
        let object = heap.instance(user);
        heap.set(object, "name", name);
        entries.push((key.into(), object.into()));
    }
    let map = heap.hash_map(&entries);
    heap.class("com.acme.UserCache")
        .app()
        .static_field("CACHE", map)
        .done();
    (user, map)
}

#[test]
fn a_list_of_a_million_nodes_is_no_deeper_than_any_other() {
    let mut heap = Heap::new();
    let class = heap.class("Node").field("next", Kind::Object).done();
    let nodes: Vec<Obj> = (0..1_000_000).map(|_| heap.instance(class)).collect();
    for pair in nodes.windows(2) {
        heap.set(pair[0], "next", pair[1]);
    }
    heap.class("Head").static_field("FIRST", nodes[0]).done();
    let written = heap.write();
    let rows = objects(&written.bytes);
    assert_eq!(
        rows[&written.address(nodes[0])].retained,
        16 * nodes.len() as u64
    );
    assert_eq!(
        rows[&written.address(nodes[999_999])].dominator,
        Some(written.address(nodes[999_998]))
    );
}

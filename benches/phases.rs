//! Phases of the analysis on a generated heap: `cargo bench --bench phases`.
//!
//! The heap is a table of orders: one large array refers to a million objects, each with a list of small ones, some of them
//! shared. Numbers are for comparing two versions of this program on one machine, nothing else.

use std::sync::OnceLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use hprof_suspects::graph::{Dominators, Implicit, Input, Predecessors, Sizes, Tree};
use hprof_suspects::heap::{self, LoadOptions, Unobserved};
use hprof_suspects::hprof::{Container, Header, Units};
use hprof_suspects::phase::Phase;

/// Orders in the heap.
const ORDERS: u32 = 200_000;
/// Objects of an order: itself, an array, its items.
const PER_ORDER: u32 = 8;
const BASE: u64 = 0x7_0000_0000;

fn main() {
    divan::main();
}

/// Writes a dump record by record.
struct Writer(Vec<u8>);

impl Writer {
    fn u1(&mut self, value: u8) {
        self.0.push(value);
    }
    fn u4(&mut self, value: u32) {
        self.0.extend(value.to_be_bytes());
    }
    fn id(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }
    fn record(&mut self, tag: u8, body: &[u8]) {
        self.u1(tag);
        self.u4(0);
        self.u4(body.len() as u32);
        self.0.extend(body);
    }
    fn name(&mut self, id: u64, text: &str) {
        let mut body = id.to_be_bytes().to_vec();
        body.extend(text.as_bytes());
        self.record(0x01, &body);
    }
    fn class_name(&mut self, serial: u32, class: u64, name: u64) {
        let mut body = Writer(Vec::new());
        body.u4(serial);
        body.id(class);
        body.u4(0);
        body.id(name);
        self.record(0x02, &body.0);
    }
    /// A class whose instances have `references` fields.
    fn class_dump(&mut self, class: u64, above: u64, references: u16) {
        self.u1(0x20);
        self.id(class);
        self.u4(0);
        self.id(above);
        (0..5).for_each(|_| self.id(0));
        self.u4(u32::from(references) * 8);
        self.0.extend([0; 4]);
        self.0.extend(references.to_be_bytes());
        for _ in 0..references {
            self.id(1);
            self.u1(2);
        }
    }
    fn instance(&mut self, object: u64, class: u64, references: &[u64]) {
        self.u1(0x21);
        self.id(object);
        self.u4(0);
        self.id(class);
        self.u4(references.len() as u32 * 8);
        references.iter().for_each(|&to| self.id(to));
    }
    fn array(&mut self, object: u64, class: u64, elements: &[u64]) {
        self.u1(0x22);
        self.id(object);
        self.u4(0);
        self.u4(elements.len() as u32);
        self.id(class);
        elements.iter().for_each(|&to| self.id(to));
    }
}

const OBJECT: u64 = BASE;
const ARRAY: u64 = BASE + 0x100;
const ORDER: u64 = BASE + 0x200;
const ITEM: u64 = BASE + 0x300;
const TABLE: u64 = BASE + 0x1000;

fn address(number: u32) -> u64 {
    TABLE + 0x100_0000 + u64::from(number) * 40
}

/// Objects that object number `number` refers to: an order its array, an array its items, an item now and then another
/// order's item.
fn referents(number: u32) -> Vec<u32> {
    match number % PER_ORDER {
        0 => vec![number + 1],
        1 => (1..PER_ORDER - 1).map(|i| number + i).collect(),
        _ if number.is_multiple_of(7) => vec![number / 3 / PER_ORDER * PER_ORDER + 3],
        _ => Vec::new(),
    }
}

fn dump() -> &'static [u8] {
    static DUMP: OnceLock<Vec<u8>> = OnceLock::new();
    DUMP.get_or_init(|| {
        let mut out = Writer(b"JAVA PROFILE 1.0.2\0".to_vec());
        out.u4(8);
        out.id(0);
        let classes = [
            (OBJECT, "java/lang/Object", 0, 0),
            (ARRAY, "[Ljava/lang/Object;", OBJECT, 0),
            (ORDER, "bench/Order", OBJECT, 1),
            (ITEM, "bench/Item", OBJECT, 1),
        ];
        for (i, &(class, name, ..)) in classes.iter().enumerate() {
            out.name(i as u64 + 100, name);
            out.class_name(i as u32 + 1, class, i as u64 + 100);
        }
        let mut segment = Writer(Vec::new());
        for &(class, _, above, references) in &classes {
            segment.class_dump(class, above, references);
        }
        segment.u1(0x05);
        segment.id(OBJECT);
        segment.u1(0xFF);
        segment.id(TABLE);
        let orders: Vec<u64> = (0..ORDERS).map(|i| address(i * PER_ORDER)).collect();
        segment.array(TABLE, ARRAY, &orders);
        for number in 0..ORDERS * PER_ORDER {
            let to: Vec<u64> = referents(number).into_iter().map(address).collect();
            match number % PER_ORDER {
                0 => segment.instance(address(number), ORDER, &to),
                1 => segment.array(address(number), ARRAY, &to),
                _ => segment.instance(address(number), ITEM, &[to.first().copied().unwrap_or(0)]),
            }
            if segment.0.len() > 1 << 20 {
                out.record(0x1C, &segment.0);
                segment.0.clear();
            }
        }
        out.record(0x1C, &segment.0);
        out.record(0x2C, &[]);
        out.0
    })
}

fn bytes() -> BytesCount {
    BytesCount::new(dump().len())
}

fn objects() -> ItemsCount {
    ItemsCount::new(ORDERS * PER_ORDER)
}

/// Top-level records and work units.
#[divan::bench]
fn records(bencher: Bencher) {
    bencher.bench(|| {
        let header = Header::read(dump(), 0).expect("a dump");
        let container = Container::walk(dump(), 0, &header, &|_, _| {});
        Units::cut(dump(), &container, header.id_size, &mut Vec::new())
    });
}

/// Records and the first pass over all sub-records.
#[divan::bench]
fn first_pass(bencher: Bencher) {
    bencher
        .counter(bytes())
        .bench(|| heap::estimate(dump(), LoadOptions::default(), &Unobserved).expect("a dump"));
}

/// Everything, from bytes to retained sizes.
#[divan::bench]
fn load(bencher: Bencher) {
    bencher.counter(objects()).bench(|| {
        let snapshot = heap::load(dump(), LoadOptions::default(), &Unobserved).expect("a dump");
        assert_eq!(snapshot.len() as u32, ORDERS * PER_ORDER + 5);
        black_box(snapshot.retained(0))
    });
}

/// Retained sizes by class, of a finished snapshot.
#[divan::bench]
fn retained_by_class(bencher: Bencher) {
    let snapshot = heap::load(dump(), LoadOptions::default(), &Unobserved).expect("a dump");
    bencher
        .counter(objects())
        .bench(|| snapshot.retained_by_class());
}

struct Plain;

impl Implicit for Plain {
    fn target(&self, _node: u32) -> Option<u32> {
        None
    }
    fn targets(&self) -> &[u32] {
        &[]
    }
}

impl Sizes for Plain {
    fn units(&self, _node: u32) -> u64 {
        3
    }
    fn unit(&self) -> u64 {
        8
    }
}

/// Node 0 is the table; object `i` is node `i + 1`.
fn predecessors() -> (Predecessors, Vec<(u32, u32)>) {
    let n = ORDERS * PER_ORDER;
    let predecessors = Predecessors::new(n as usize + 1, &[0]);
    let mut further = Vec::new();
    for order in 0..ORDERS {
        predecessors.add(0, order * PER_ORDER + 1, &mut further);
    }
    for number in 0..n {
        for to in referents(number) {
            predecessors.add(number + 1, to + 1, &mut further);
        }
    }
    (predecessors, further)
}

fn dominators(phase: &mut dyn FnMut(Phase)) -> Dominators {
    let (predecessors, further) = predecessors();
    dominators_of(predecessors, further, phase)
}

fn dominators_of(
    predecessors: Predecessors,
    further: Vec<(u32, u32)>,
    phase: &mut dyn FnMut(Phase),
) -> Dominators {
    let input = Input {
        predecessors,
        further: vec![further],
        roots: &[0],
        referents: Vec::new(),
        implicit: &Plain,
        unrooted: hprof_suspects::graph::Unrooted::Keep,
        phase,
    };
    Dominators::compute(input).expect("few references")
}

/// First referrers and further references.
#[divan::bench]
fn references(bencher: Bencher) {
    bencher.counter(objects()).bench(predecessors);
}

/// Forest, core graph, reachability, immediate dominators.
#[divan::bench]
fn immediate_dominators(bencher: Bencher) {
    bencher
        .counter(objects())
        .with_inputs(predecessors)
        .bench_values(|(first, further)| dominators_of(first, further, &mut |_| {}));
}

/// Numbering of the tree, with counts and retained sizes.
#[divan::bench]
fn tree(bencher: Bencher) {
    let mut dominators = dominators(&mut |_| {});
    bencher
        .counter(objects())
        .bench_local(|| Tree::new(&mut dominators, &Plain));
}

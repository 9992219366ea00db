//! Shapes in which components keep things, and the cases made of them.

use hprof_suspects::heap::{Instances, LoadOptions, Unobserved, load};
use hprof_suspects::suspects::patterns::{self, Assessment, Finding};

use crate::synth::{Heap, Obj, Value};

/// Nothing smaller is worth a finding of its own in these tests.
pub const FLOOR: u64 = 1 << 20;

/// A heap in which a pattern must fire, and a near miss.
pub struct Case {
    /// The pattern.
    pub id: &'static str,
    /// Makes the heap; with `false` the near miss.
    pub build: fn(&mut Heap, bool),
    /// What is found where it must fire.
    pub fires: Assessment,
    /// What is found at the near miss; `None` for nothing.
    pub misses: Option<Assessment>,
}

/// Fires because there is no bound; the near miss is as much as is usual.
pub const fn unbounded(id: &'static str, build: fn(&mut Heap, bool)) -> Case {
    Case {
        id,
        build,
        fires: Assessment::Unbounded,
        misses: Some(Assessment::ByDesign),
    }
}

/// Fires because it is above its bound; the near miss is within it.
pub const fn above(id: &'static str, build: fn(&mut Heap, bool)) -> Case {
    Case {
        fires: Assessment::AboveBound,
        ..unbounded(id, build)
    }
}

/// What all patterns find in a dump.
pub fn find(bytes: &[u8]) -> Vec<Finding> {
    let snapshot = load(bytes, LoadOptions::default(), &Unobserved).expect("a dump");
    let instances = Instances::of(&snapshot, patterns::wanted(), &[]);
    patterns::find(&snapshot, &instances, FLOOR)
}

/// The worst that `id` has to say about the heap.
pub fn worst(findings: &[Finding], id: &str) -> Option<Assessment> {
    findings
        .iter()
        .filter(|finding| finding.pattern.id == id)
        .map(|finding| finding.assessment)
        .max()
}

/// Builds both heaps of every case and compares.
pub fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        for (fire, expected) in [(true, Some(case.fires)), (false, case.misses)] {
            let mut heap = Heap::new();
            (case.build)(&mut heap, fire);
            let findings = find(&heap.write().bytes);
            let found = worst(&findings, case.id);
            if found != expected {
                wrong.push(format!(
                    "{} {}: {found:?}, not {expected:?}; all: {findings:?}",
                    case.id,
                    if fire { "must fire" } else { "is a near miss" }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An array in a static field of the application keeps the objects.
pub fn keep(heap: &mut Heap, objects: &[Obj]) {
    let object = heap.jdk("java.lang.Object");
    let array = heap.object_array(object, objects);
    heap.class("com.acme.Keeper")
        .app()
        .static_field("ALL", array)
        .done();
}

/// An instance of a class that is declared with these fields when first asked for.
pub fn object(heap: &mut Heap, class: &str, fields: &[(&str, Value)]) -> Obj {
    let class = heap.class_named(class).unwrap_or_else(|| {
        let mut builder = heap.class(class);
        for (name, value) in fields {
            builder = builder.field(name, value.kind());
        }
        builder.done()
    });
    let object = heap.instance(class);
    for (name, value) in fields {
        heap.set(object, name, *value);
    }
    object
}

/// A kept component with these fields.
pub fn component(heap: &mut Heap, class: &str, fields: &[(&str, Value)]) -> Obj {
    let made = object(heap, class, fields);
    keep(heap, &[made]);
    made
}

/// `n` instances of a class.
pub fn many(heap: &mut Heap, class: &str, n: usize) -> Vec<Obj> {
    let objects: Vec<Obj> = (0..n).map(|_| object(heap, class, &[])).collect();
    keep(heap, &objects);
    objects
}

/// A kept component with a collection at the end of a path of fields, one `com.acme.Part` for each step.
pub fn holding(heap: &mut Heap, class: &str, path: &str, collection: Obj) -> Obj {
    let names: Vec<&str> = path.split('.').collect();
    let mut value = collection;
    for name in names[1..].iter().rev() {
        value = object(
            heap,
            &format!("com.acme.Part${name}"),
            &[(name, value.into())],
        );
    }
    component(heap, class, &[(names[0], value.into())])
}

/// A class with an object in a static field.
pub fn in_static(heap: &mut Heap, class: &str, field: &str, object: Obj) {
    heap.class(class).app().static_field(field, object).done();
}

fn pairs(heap: &mut Heap, n: usize) -> Vec<(Value, Value)> {
    let object = heap.new_object("java.lang.Object");
    vec![(object.into(), object.into()); n]
}

/// A `HashMap` with `n` entries.
pub fn map(heap: &mut Heap, n: usize) -> Obj {
    let pairs = pairs(heap, n);
    heap.hash_map(&pairs)
}

/// A `ConcurrentHashMap` with `n` entries.
pub fn concurrent_map(heap: &mut Heap, n: usize) -> Obj {
    let pairs = pairs(heap, n);
    heap.concurrent_hash_map(&pairs)
}

/// An `ArrayList` of `n` elements.
pub fn list(heap: &mut Heap, n: usize) -> Obj {
    let element = heap.new_object("java.lang.Object");
    heap.array_list(&vec![element; n])
}

/// An array of `n` elements.
pub fn array(heap: &mut Heap, n: usize) -> Obj {
    let class = heap.jdk("java.lang.Object");
    let element = heap.instance(class);
    heap.object_array(class, &vec![element; n])
}

/// `fire` or the near miss.
pub fn either(fire: bool, yes: usize, no: usize) -> usize {
    if fire { yes } else { no }
}

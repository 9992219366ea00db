//! Dumps that grow: each has `n` of something that a report lists, walks or looks up.

use crate::synth::{Class, Heap, Kind, Obj, Root, Value};

/// A shape by its name: its bytes at size `n`.
pub type Shape = (&'static str, fn(u64) -> Vec<u8>);

/// All of them.
pub const SHAPES: &[Shape] = &[
    ("elements of an array", elements),
    ("elements of two arrays", shared_elements),
    ("fields of an object", fields),
    ("static fields of a class", statics),
    ("classes", classes),
    ("classes of one name", classes_of_one_name),
    ("super classes", super_classes),
    ("lists of a deep class", lists_of_deep_classes),
    ("nodes of a list", chain),
    ("nodes of a ring", ring),
    ("lists in lists", nested_lists),
    ("lists of one array", lists_of_one_array),
    ("maps in maps", nested_maps),
    ("caches of one array of segments", caches_of_one_array),
    ("queues of one chain", queues_of_one_chain),
    ("wrappers", wrappers),
    ("equal texts", texts),
    ("different texts", different_texts),
    ("GC roots", roots),
    ("threads", threads),
    ("frames of a thread", frames),
    ("local variables", locals),
    ("thread-locals", thread_locals),
    (
        "threads with one map of thread-locals",
        thread_locals_of_one_map,
    ),
    ("class loaders", loaders),
    ("soft references", soft_references),
    ("weak references", weak_references),
    ("owners within owners", owners_within_owners),
    ("finalizers", finalizers),
    ("direct buffers in a list", direct_buffers),
    ("owners", owners),
    ("objects without a path", unreachable),
];

fn held(mut heap: Heap, object: Obj) -> Vec<u8> {
    let class = heap.class("com.acme.Cache").app();
    class.static_field("CACHE", object).done();
    heap.write().bytes
}

fn entry(heap: &mut Heap) -> Class {
    let class = heap.class("com.acme.Entry").app();
    class
        .field("next", Kind::Object)
        .field("data", Kind::Object)
        .done()
}

/// An entry with `bytes` bytes of its own.
fn filled(heap: &mut Heap, class: Class, next: impl Into<Value>, bytes: usize) -> Obj {
    let (object, data) = (heap.instance(class), heap.bytes(&vec![7; bytes]));
    heap.set(object, "next", next).set(object, "data", data);
    object
}

fn array(heap: &mut Heap, elements: &[Obj]) -> Obj {
    let object = heap.jdk("java.lang.Object");
    heap.object_array(object, elements)
}

fn entries(heap: &mut Heap, n: u64) -> Vec<Obj> {
    let class = entry(heap);
    (0..n)
        .map(|_| filled(heap, class, Value::Null, 60))
        .collect()
}

fn elements(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let all = entries(&mut heap, n);
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn shared_elements(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let all = entries(&mut heap, n);
    let (one, other) = (array(&mut heap, &all), array(&mut heap, &all));
    heap.root(Root::JniGlobal, other);
    held(heap, one)
}

fn fields(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let mut class = heap.class("com.acme.Wide").app();
    for i in 0..n {
        class = class.field(&format!("f{i}"), Kind::Object);
    }
    let class = class.done();
    let wide = heap.instance(class);
    for i in 0..n {
        let value = heap.bytes(&[1; 40]);
        heap.set(wide, &format!("f{i}"), value);
    }
    held(heap, wide)
}

fn statics(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let values: Vec<Obj> = (0..n).map(|_| heap.bytes(&[1; 40])).collect();
    let mut class = heap.class("com.acme.Constants").app();
    for (i, value) in values.into_iter().enumerate() {
        class = class.static_field(&format!("F{i}"), value);
    }
    class.done();
    heap.write().bytes
}

fn classes(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for i in 0..n {
        let class = heap
            .class(&format!("com.acme.p{}.C{i}", i % 17))
            .app()
            .done();
        let object = heap.instance(class);
        heap.root(Root::JniGlobal, object);
    }
    heap.write().bytes
}

fn classes_of_one_name(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for i in 0..n {
        let loader = heap.jdk("java.net.URLClassLoader");
        let loader = heap.url_class_loader(loader, None);
        let class = heap
            .class(&format!("com.acme.C{}", i % 2))
            .loader(loader)
            .done();
        let object = heap.instance(class);
        heap.root(Root::JniGlobal, object);
    }
    heap.write().bytes
}

fn deep_class(heap: &mut Heap, top: &str, n: u64) -> Class {
    let mut class = heap.jdk(top);
    for i in 0..n {
        class = heap
            .class(&format!("com.acme.Deep{i}"))
            .superclass(class)
            .app()
            .done();
    }
    class
}

fn super_classes(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = deep_class(&mut heap, "java.lang.Object", n);
    let all: Vec<Obj> = (0..n).map(|_| heap.instance(class)).collect();
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn lists_of_deep_classes(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = deep_class(&mut heap, "java.util.ArrayList", n);
    let mut all = Vec::new();
    for _ in 0..n {
        let (list, data) = (heap.instance(class), array(&mut heap, &[]));
        heap.set(list, "elementData", data);
        all.push(list);
    }
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn chain(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = entry(&mut heap);
    let mut last: Option<Obj> = None;
    for _ in 0..n {
        last = Some(filled(&mut heap, class, last, 60));
    }
    let last = last.expect("a node");
    held(heap, last)
}

fn ring(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = entry(&mut heap);
    let all: Vec<Obj> = (0..n)
        .map(|_| filled(&mut heap, class, Value::Null, 60))
        .collect();
    for (i, &node) in all.iter().enumerate() {
        heap.set(node, "next", all[(i + 1) % all.len()]);
    }
    held(heap, all[0])
}

fn nested_lists(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let mut list = heap.array_list::<Obj>(&[]);
    for _ in 0..n {
        list = heap.array_list(&[list]);
    }
    held(heap, list)
}

fn lists_of_one_array(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let all = entries(&mut heap, n);
    let data = array(&mut heap, &all);
    let mut lists = Vec::new();
    for _ in 0..n {
        let list = heap.new_object("java.util.ArrayList");
        heap.set(list, "elementData", data)
            .set(list, "size", n as i32);
        lists.push(list);
    }
    let lists = array(&mut heap, &lists);
    held(heap, lists)
}

fn nested_maps(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let mut map = heap.hash_map(&[]);
    for _ in 0..n {
        let key = heap.bytes(&[1; 8]);
        map = heap.hash_map(&[(key.into(), map.into())]);
    }
    held(heap, map)
}

/// As Guava's caches are, which have segments: `n` caches that refer to one array, which refers to one segment `n` times.
fn caches_of_one_array(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let segment = heap.class("com.google.common.cache.LocalCache$Segment");
    let segment = segment.field("count", Kind::Int).done();
    let one = heap.instance(segment);
    let segments = heap.object_array(segment, &vec![one; n as usize]);
    let class = heap.class("com.google.common.cache.LocalCache");
    let class = class.field("segments", Kind::Object);
    let class = class.field("maxWeight", Kind::Long).done();
    let mut caches = Vec::new();
    for _ in 0..n {
        let cache = heap.instance(class);
        heap.set(cache, "segments", segments);
        caches.push(cache);
    }
    let caches = array(&mut heap, &caches);
    held(heap, caches)
}

/// `n` queues whose first node is the same one, at the beginning of a chain of `n`.
/// With fewer, the limit of what a report reads of all of them together is not reached: each reads the whole chain.
fn queues_of_one_chain(n: u64) -> Vec<u8> {
    let n = n * 8;
    let mut heap = Heap::new();
    let all = entries(&mut heap, n);
    let first = heap.linked_list(&all);
    let mut queues = vec![first];
    let node = heap.instance_ref(first, "first").expect("a node");
    for _ in 1..n {
        let queue = heap.new_object("java.util.LinkedList");
        heap.set(queue, "first", node).set(queue, "size", n as i32);
        queues.push(queue);
    }
    let queues = array(&mut heap, &queues);
    held(heap, queues)
}

fn wrappers(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = heap.class("java.util.concurrent.atomic.AtomicReference");
    let class = class.field("value", Kind::Object).done();
    let mut inner = heap.bytes(&vec![3; 2 << 20]);
    for _ in 0..n {
        let outer = heap.instance(class);
        heap.set(outer, "value", inner);
        inner = outer;
    }
    held(heap, inner)
}

fn texts(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let all: Vec<Obj> = (0..n)
        .map(|_| heap.string("the same text, many times"))
        .collect();
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn different_texts(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let all: Vec<Obj> = (0..n)
        .map(|i| heap.string(&format!("text number {i} of many")))
        .collect();
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn roots(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for object in entries(&mut heap, n) {
        heap.root(Root::JniGlobal, object);
        heap.root(Root::MonitorUsed, object);
    }
    heap.write().bytes
}

fn threads(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Work").app().done();
    for i in 0..n {
        let thread = heap.thread(&format!("worker-{i}"));
        heap.frame(thread, class, "run", Some("Work.java"), 7);
    }
    heap.write().bytes
}

fn frames(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Work").app().done();
    let thread = heap.thread("main");
    for i in 0..n {
        heap.frame(thread, class, &format!("step{i}"), Some("Work.java"), 7);
    }
    heap.write().bytes
}

fn locals(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Work").app().done();
    let thread = heap.thread("main");
    for object in entries(&mut heap, n) {
        let frame = heap.frame(thread, class, "step", Some("Work.java"), 7);
        heap.local(thread, frame, object);
    }
    heap.write().bytes
}

fn thread_locals(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for i in 0..n / 4 {
        let thread = heap.thread(&format!("worker-{i}"));
        for _ in 0..4 {
            let (key, value) = (
                heap.new_object("java.lang.ThreadLocal"),
                heap.bytes(&[1; 99]),
            );
            heap.root(Root::JniGlobal, key);
            heap.set_thread_local(thread, key, value);
        }
    }
    heap.write().bytes
}

/// `n` threads that refer to one map with `n` thread-locals, as no JVM makes them.
fn thread_locals_of_one_map(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let entry_class = heap.jdk("java.lang.ThreadLocal$ThreadLocalMap$Entry");
    let mut all = Vec::new();
    for _ in 0..n {
        let key = heap.new_object("java.lang.ThreadLocal");
        heap.root(Root::JniGlobal, key);
        let (entry, value) = (heap.reference_of(entry_class, key), heap.bytes(&[1; 99]));
        heap.set(entry, "value", value);
        all.push(entry);
    }
    let map = heap.new_object("java.lang.ThreadLocal$ThreadLocalMap");
    let table = heap.object_array(entry_class, &all);
    heap.set(map, "table", table).set(map, "size", n as i32);
    for i in 0..n {
        let thread = heap.thread(&format!("worker-{i}"));
        let thread = heap.thread_object(thread);
        heap.set(thread, "threadLocals", map);
    }
    heap.write().bytes
}

fn loaders(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for i in 0..n {
        let loader = heap.jdk("java.net.URLClassLoader");
        let loader = heap.url_class_loader(loader, None);
        heap.root(Root::JniGlobal, loader);
        heap.class(&format!("com.acme.C{i}")).loader(loader).done();
    }
    heap.write().bytes
}

fn referring(n: u64, class: &str) -> Vec<u8> {
    let mut heap = Heap::new();
    let mut all = Vec::new();
    for object in entries(&mut heap, n) {
        let class = heap.jdk(class);
        all.push(heap.reference_of(class, object));
    }
    let all = array(&mut heap, &all);
    held(heap, all)
}

fn soft_references(n: u64) -> Vec<u8> {
    referring(n, "java.lang.ref.SoftReference")
}

fn weak_references(n: u64) -> Vec<u8> {
    referring(n, "java.lang.ref.WeakReference")
}

fn finalizers(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for object in entries(&mut heap, n) {
        heap.finalizable(object);
    }
    heap.write().bytes
}

fn direct_buffers(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let class = entry(&mut heap);
    let mut last: Option<Obj> = None;
    for _ in 0..n {
        let (node, buffer) = (heap.instance(class), heap.direct_buffer(4096));
        heap.set(node, "next", last).set(node, "data", buffer);
        last = Some(node);
    }
    let last = last.expect("a node");
    held(heap, last)
}

fn owners(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    for i in 0..n {
        let cache = heap.bytes(&vec![1; 2_000]);
        let class = heap.class(&format!("com.acme.Cache{i}")).app();
        class.static_field("CACHE", cache).done();
    }
    heap.write().bytes
}

/// A chain of objects of `n` classes, each class several times: the field of each of them keeps nearly everything.
fn owners_within_owners(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    let classes: Vec<Class> = (0..n)
        .map(|i| {
            let class = heap.class(&format!("com.acme.Level{i}")).app();
            let class = class.field("next", Kind::Object);
            class.field("data", Kind::Object).done()
        })
        .collect();
    let mut last: Option<Obj> = None;
    for &class in classes.iter().cycle().take(classes.len() * 4) {
        last = Some(filled(&mut heap, class, last, 60));
    }
    let last = last.expect("a level");
    held(heap, last)
}

fn unreachable(n: u64) -> Vec<u8> {
    let mut heap = Heap::new();
    entries(&mut heap, n);
    heap.write().bytes
}

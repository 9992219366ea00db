//! Components with a limit of their own, stores that live in memory by design, and what nobody limits: each with a near miss.

use hprof_suspects::suspects::patterns::Assessment;

use crate::holders_support::{KB, json, payloads};
use crate::patterns_layouts::first;
use crate::patterns_shapes::{
    Case, above, array, check, component, concurrent_map, either, keep, map, object, unbounded,
};
use crate::synth::{Heap, Kind, Obj, Value};

fn atomic(heap: &mut Heap, value: i32) -> Obj {
    let class = "java.util.concurrent.atomic.AtomicInteger";
    object(heap, class, &[("value", Value::Int(value))])
}

/// An executor that runs, or that was shut down.
fn executor(heap: &mut Heap, runs: bool) -> Obj {
    let ctl = atomic(heap, if runs { -536_870_911 } else { 536_870_912 });
    let thread = object(heap, "java.lang.Thread", &[]);
    let class = "java.util.concurrent.ThreadPoolExecutor$Worker";
    let worker = object(heap, class, &[("thread", thread.into())]);
    let workers = heap.hash_set(&[worker.into()]);
    let factory = object(heap, "com.acme.Threads", &[]);
    let class = "java.util.concurrent.ThreadPoolExecutor";
    let fields = [
        ("ctl", ctl.into()),
        ("workers", workers.into()),
        ("threadFactory", factory.into()),
    ];
    object(heap, class, &fields)
}

/// An allocator with two chunks of 4 MB, of which so many bytes are free.
fn allocator(heap: &mut Heap, free: i32) {
    let mut next = Value::Null;
    for _ in 0..2 {
        let memory = heap.prim_array(Kind::Byte, 4 << 20);
        let fields = [
            ("memory", memory.into()),
            ("chunkSize", Value::Int(4 << 20)),
            ("freeBytes", Value::Int(free)),
            ("next", next),
        ];
        next = object(heap, "io.netty.buffer.PoolChunk", &fields).into();
    }
    let list = object(heap, "io.netty.buffer.PoolChunkList", &[("head", next)]);
    let arena = object(
        heap,
        "io.netty.buffer.PoolArena$HeapArena",
        &[("q050", list.into())],
    );
    let object = heap.jdk("java.lang.Object");
    let arenas = heap.object_array(object, &[arena]);
    let class = "io.netty.buffer.PooledByteBufAllocator";
    component(heap, class, &[("heapArenas", arenas.into())]);
}

/// Small stores are by design; large ones are no answer by themselves.
const fn store(id: &'static str, build: fn(&mut Heap, bool)) -> Case {
    Case {
        fires: Assessment::Unknown,
        ..unbounded(id, build)
    }
}

pub const CASES: &[Case] = &[
    above("object_pool", |heap, fire| {
        let all = map(heap, either(fire, 1_000, 80));
        let class = "org.apache.commons.pool2.impl.GenericObjectPool";
        component(
            heap,
            class,
            &[("allObjects", all.into()), ("maxTotal", Value::Int(80))],
        );
    }),
    unbounded("keyed_object_pool", |heap, fire| {
        let class = "org.apache.commons.pool2.impl.GenericKeyedObjectPool";
        let total = Value::Int(either(fire, 5_000, 500) as i32);
        component(
            heap,
            class,
            &[("numTotal", total), ("maxTotal", Value::Int(-1))],
        );
    }),
    unbounded("executors_not_shut_down", |heap, fire| {
        let all: Vec<Obj> = (0..either(fire, 200, 20))
            .map(|_| executor(heap, true))
            .collect();
        keep(heap, &all);
    }),
    Case {
        misses: None,
        ..unbounded("executors_not_shut_down", |heap, fire| {
            let all: Vec<Obj> = (0..200).map(|_| executor(heap, fire)).collect();
            keep(heap, &all);
        })
    },
    // Most of what was reserved is in use: that is no pool at rest.
    Case {
        id: "netty_arenas",
        build: |heap, fire| allocator(heap, either(fire, 1 << 20, 3 << 20) as i32),
        fires: Assessment::Unknown,
        misses: Some(Assessment::ByDesign),
    },
    store("zookeeper_tree", |heap, fire| {
        let nodes = concurrent_map(heap, either(fire, 40_000, 100));
        let class = "org.apache.zookeeper.server.NodeHashMapImpl";
        let nodes = object(heap, class, &[("nodes", nodes.into())]);
        component(
            heap,
            "org.apache.zookeeper.server.DataTree",
            &[("nodes", nodes.into())],
        );
    }),
    store("in_memory_tables", |heap, fire| {
        let n = either(fire, 300_000, 100);
        let (count, rows) = (atomic(heap, n as i32), array(heap, n));
        let fields = [("elementCount", count.into()), ("indexList", rows.into())];
        component(heap, "org.hsqldb.persist.RowStoreAVLMemory", &fields);
    }),
    store("flink_keyed_state", |heap, fire| {
        let n = either(fire, 300_000, 100);
        let table = array(heap, n);
        // Half of the keys are on their way to a larger table.
        let fields = [
            ("primaryTableSize", Value::Int(n as i32 / 2)),
            ("incrementalRehashTableSize", Value::Int(n as i32 / 2)),
            ("primaryTable", table.into()),
        ];
        let map = object(
            heap,
            "org.apache.flink.runtime.state.heap.CopyOnWriteStateMap",
            &fields,
        );
        let class = heap.jdk("java.lang.Object");
        let maps = heap.object_array(class, &[map]);
        let class = "org.apache.flink.runtime.state.heap.StateTable";
        component(heap, class, &[("keyGroupedStateMaps", maps.into())]);
    }),
    unbounded("hsqldb_statements", |heap, fire| {
        let all = map(heap, either(fire, 2_000, 500));
        component(
            heap,
            "org.hsqldb.StatementManager",
            &[("csidMap", all.into())],
        );
    }),
    unbounded("eclipselink_unit_of_work", |heap, fire| {
        let all = map(heap, either(fire, 11_000, 5_000));
        let class = "org.eclipse.persistence.internal.sessions.UnitOfWorkImpl";
        component(heap, class, &[("cloneMapping", all.into())]);
    }),
    unbounded("object_output_stream_handles", |heap, fire| {
        let n = either(fire, 11_000, 5_000);
        let class = heap.jdk("java.lang.Object");
        let element = heap.instance(class);
        let objects = heap.object_array(class, &vec![element; n]);
        let fields = [("size", Value::Int(n as i32)), ("objs", objects.into())];
        let handles = object(heap, "java.io.ObjectOutputStream$HandleTable", &fields);
        component(
            heap,
            "java.io.ObjectOutputStream",
            &[("handles", handles.into())],
        );
    }),
    unbounded("selector_keys", |heap, fire| {
        let class = heap.jdk("java.lang.Object");
        let keys: Vec<Value> = (0..either(fire, 11_000, 5_000))
            .map(|_| heap.instance(class).into())
            .collect();
        let keys = heap.hash_set(&keys);
        component(heap, "sun.nio.ch.SelectorImpl", &[("keys", keys.into())]);
    }),
    // Sessions that time out are bounded by that; these never do.
    Case {
        misses: Some(Assessment::Unknown),
        ..unbounded("http_sessions", |heap, fire| {
            let seconds = Value::Int(if fire { -1 } else { 1_800 });
            let class = "org.apache.catalina.session.StandardSession";
            let one = object(heap, class, &[("maxInactiveInterval", seconds)]);
            let pairs = vec![(Value::Null, one.into()); 60_000];
            let sessions = heap.concurrent_hash_map(&pairs);
            let class = "org.apache.catalina.session.ManagerBase";
            component(heap, class, &[("sessions", sessions.into())]);
        })
    },
    // A buffer for each thread is as many as there are threads.
    Case {
        misses: Some(Assessment::Unknown),
        ..unbounded("thread_local_in_pool", |heap, fire| {
            let key = heap.new_object("java.lang.ThreadLocal");
            keep(heap, &[key]);
            for i in 0..4 {
                let thread = heap.thread(&format!("worker-{i}"));
                let buffer = heap.prim_array(Kind::Byte, 300_000);
                let context = object(heap, "com.acme.Context", &[("data", buffer.into())]);
                heap.set_thread_local(thread, key, if fire { context } else { buffer });
            }
        })
    },
    unbounded("rhino_scopes", |heap, fire| {
        let values = heap.hash_map(&[]);
        let class = heap.jdk("java.lang.Object");
        let base = heap.class("org.mozilla.javascript.ScriptableObject");
        let base = base
            .superclass(class)
            .field("associatedValues", Kind::Object)
            .done();
        let class = heap
            .class("org.mozilla.javascript.NativeObject")
            .superclass(base)
            .done();
        let objects: Vec<Obj> = (0..400).map(|_| heap.instance(class)).collect();
        for &scope in &objects[..either(fire, 200, 20)] {
            heap.set(scope, "associatedValues", values);
        }
        keep(heap, &objects);
    }),
];

#[test]
fn limits_fire_and_stay_quiet() {
    check(CASES);
}

/// What cannot grow is told as that, and clears nobody: another one may take its place.
#[test]
fn an_immutable_map_is_told_as_such() {
    let mut heap = Heap::new();
    let zips = payloads(&mut heap, "com.acme.Zip", 3_000, KB);
    let slots: Vec<Value> = zips
        .iter()
        .flat_map(|&zip| [zip.into(), zip.into()])
        .collect();
    let class = heap.jdk("java.lang.Object");
    let table = heap.object_array(class, &slots);
    let fields = [("size", Value::Int(3_000)), ("table", table.into())];
    let map = object(&mut heap, "java.util.ImmutableCollections$MapN", &fields);
    heap.class("com.acme.Zips")
        .app()
        .static_field("ALL", map)
        .done();
    let json = json(&heap);
    assert_eq!(
        first(&json),
        ["com.acme.Zips", "ALL", "immutable_collection", "unknown"]
    );
    assert_eq!(
        json["suspects"][0]["content"]["collection"]["entries"],
        3_000
    );
}

/// The same entries in a map that can grow.
#[test]
fn a_map_that_can_grow_is_not_immutable() {
    let mut heap = Heap::new();
    let zips = payloads(&mut heap, "com.acme.Zip", 3_000, KB);
    let pairs: Vec<(Value, Value)> = zips.iter().map(|&zip| (zip.into(), zip.into())).collect();
    let map = heap.hash_map(&pairs);
    heap.class("com.acme.Zips")
        .app()
        .static_field("ALL", map)
        .done();
    assert_eq!(first(&json(&heap))[2], "static_collection");
}

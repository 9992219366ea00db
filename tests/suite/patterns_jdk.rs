//! Patterns of the JDK: each fires in one synthetic heap and stays quiet at a near miss.

use hprof_suspects::suspects::patterns::Assessment;

use crate::patterns_bounded::class_path;
use crate::patterns_shapes::{
    Case, above, array, check, component, concurrent_map, either, find, holding, in_static, keep,
    list, many, map, object, unbounded, worst,
};
use crate::synth::{Heap, Kind, Obj, Value};

const POOL: &str = "java.util.concurrent.ThreadPoolExecutor";
const SCHEDULED: &str = "java.util.concurrent.ScheduledThreadPoolExecutor";

fn waiting(heap: &mut Heap, n: usize) -> Vec<Obj> {
    (0..n)
        .map(|_| object(heap, "com.acme.MailTask", &[("id", Value::Int(7))]))
        .collect()
}

fn executor_queue(heap: &mut Heap, fire: bool) {
    let tasks = waiting(heap, either(fire, 1_001, 1_000));
    let queue = heap.linked_blocking_queue(i32::MAX, &tasks);
    holding(heap, POOL, "workQueue", queue);
}

/// `state` 4 is CANCELLED; a scheduled executor is a thread pool, whose own pattern leaves it alone.
fn scheduled(heap: &mut Heap, fire: bool) {
    let tasks: Vec<Obj> = (0..either(fire, 1_001, 12))
        .map(|_| {
            object(
                heap,
                "java.util.concurrent.FutureTask",
                &[("state", Value::Int(4))],
            )
        })
        .collect();
    let class = heap.jdk("java.lang.Object");
    let slots = heap.object_array(class, &tasks);
    let size = Value::Int(tasks.len() as i32);
    let queue = object(
        heap,
        "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue",
        &[("queue", slots.into()), ("size", size)],
    );
    let pool = heap.class(POOL).field("workQueue", Kind::Object).done();
    heap.class(SCHEDULED).superclass(pool).done();
    component(heap, SCHEDULED, &[("workQueue", queue.into())]);
}

fn fork_join(heap: &mut Heap, fire: bool) {
    let top = either(fire, 10_011, 9_000) as i32;
    let queue = object(
        heap,
        "java.util.concurrent.ForkJoinPool$WorkQueue",
        &[("top", Value::Int(top)), ("base", Value::Int(10))],
    );
    let class = heap.class_named("java.util.concurrent.ForkJoinPool$WorkQueue");
    let queues = heap.object_array(class.expect("declared"), &[queue]);
    holding(heap, "java.util.concurrent.ForkJoinPool", "queues", queues);
}

fn future(heap: &mut Heap, fire: bool) {
    let mut next: Option<Obj> = None;
    for _ in 0..either(fire, 1_001, 30) {
        next = Some(object(
            heap,
            "java.util.concurrent.CompletableFuture$UniApply",
            &[("next", next.into())],
        ));
    }
    component(
        heap,
        "java.util.concurrent.CompletableFuture",
        &[("stack", next.into())],
    );
}

fn timer(heap: &mut Heap, fire: bool) {
    let slots = array(heap, 1_100);
    let size = Value::Int(either(fire, 1_001, 3) as i32);
    let queue = object(
        heap,
        "java.util.TaskQueue",
        &[("queue", slots.into()), ("size", size)],
    );
    holding(heap, "java.util.TimerThread", "queue", queue);
}

fn thread_local(heap: &mut Heap, fire: bool) {
    threads_with_values(heap, false, either(fire, 300_000, 300));
}

/// Four threads with a value each, or with the same.
fn threads_with_values(heap: &mut Heap, shared: bool, bytes: usize) -> Vec<Obj> {
    let mut threads = Vec::new();
    let key = heap.new_object("java.lang.ThreadLocal");
    keep(heap, &[key]);
    let class = heap
        .class("com.acme.Context")
        .field("data", Kind::Object)
        .done();
    let value = |heap: &mut Heap| {
        let (context, data) = (heap.instance(class), heap.bytes(&vec![1; bytes]));
        heap.set(context, "data", data);
        context
    };
    let same = shared.then(|| value(heap));
    for i in 0..4 {
        let thread = heap.thread(&format!("worker-{i}"));
        let context = same.unwrap_or_else(|| value(heap));
        heap.set_thread_local(thread, key, context);
        threads.push(heap.thread_object(thread));
    }
    threads
}

/// The maps in the other field; where it fires, all have the value of the thread that started the others.
pub fn inherited(heap: &mut Heap, shared: bool, bytes: usize) {
    for thread in threads_with_values(heap, shared, bytes) {
        let values = heap.instance_ref(thread, "threadLocals");
        heap.set(thread, "inheritableThreadLocals", values).set(
            thread,
            "threadLocals",
            Value::Null,
        );
    }
}

fn finalizers(heap: &mut Heap, fire: bool) {
    let class = heap.class("com.acme.Stream").done();
    for _ in 0..either(fire, 10_001, 20) {
        let stream = heap.instance(class);
        heap.finalizable(stream);
    }
}

fn loaders(heap: &mut Heap, fire: bool) {
    let class = heap
        .class("com.acme.PluginLoader")
        .extends("java.net.URLClassLoader")
        .done();
    let all: Vec<Obj> = (0..either(fire, 101, 99))
        .map(|_| heap.url_class_loader(class, None))
        .collect();
    keep(heap, &all);
}

fn closed_loaders(heap: &mut Heap, fire: bool) {
    let path = object(
        heap,
        "jdk.internal.loader.URLClassPath",
        &[("closed", Value::Byte(1))],
    );
    let class = heap
        .class("com.acme.AppLoader")
        .extends("java.net.URLClassLoader")
        .field("ucp", Kind::Object)
        .done();
    let all: Vec<Obj> = (0..either(fire, 3, 1))
        .map(|_| heap.url_class_loader(class, None))
        .collect();
    for &loader in &all {
        heap.set(loader, "ucp", path);
    }
    keep(heap, &all);
}

/// `count` classes with numbered names.
fn numbered_classes(heap: &mut Heap, prefix: &str, count: usize) {
    for i in 0..count {
        heap.class(&format!("{prefix}{i}")).app().done();
    }
}

fn exceptions(heap: &mut Heap, fire: bool) {
    let throwable = heap.class("java.lang.Throwable").done();
    heap.class("com.acme.OrderException")
        .superclass(throwable)
        .done();
    many(heap, "com.acme.OrderException", either(fire, 1_001, 1_000));
}

fn mbeans(heap: &mut Heap, fire: bool) {
    let inner = map(heap, either(fire, 10_001, 900));
    let domain = heap.string("kafka.producer");
    let domains = heap.hash_map(&[(domain.into(), inner.into())]);
    holding(
        heap,
        "com.sun.jmx.mbeanserver.Repository",
        "domainTb",
        domains,
    );
}

/// JDK 6 strings: the class is declared before anybody asks for that of JDK 17.
fn substrings(heap: &mut Heap, fire: bool) {
    let class = heap
        .class("java.lang.String")
        .fields("value:L offset:I count:I hash:I")
        .done();
    let mut all = Vec::new();
    for _ in 0..1_100 {
        let (string, text) = (heap.instance(class), heap.prim_array(Kind::Char, 2_000));
        let used = either(fire, 8, 1_900) as i32;
        heap.set(string, "value", text).set(string, "count", used);
        all.push(string);
    }
    let object = heap.class("com.acme.Lines").done();
    let array = heap.object_array(object, &all);
    heap.class("com.acme.Keeper")
        .static_field("ALL", array)
        .done();
}

/// A map in a static field: large, or below the floor.
fn static_map(heap: &mut Heap, fire: bool) {
    let map = map(heap, either(fire, 40_000, 1_000));
    in_static(heap, "com.acme.Cache", "BY_ID", map);
}

fn tls(heap: &mut Heap, fire: bool) {
    let sessions = map(heap, either(fire, 1_200, 900));
    let cache = object(
        heap,
        "sun.security.util.MemoryCache",
        &[
            ("cacheMap", sessions.into()),
            ("maxSize", Value::Int(1_000)),
        ],
    );
    holding(
        heap,
        "sun.security.ssl.SSLSessionContextImpl",
        "sessionCache",
        cache,
    );
}

/// A subclass with its own limit; the near miss is within it.
fn lru(heap: &mut Heap, fire: bool) {
    heap.class("com.acme.Lru")
        .extends("java.util.LinkedHashMap")
        .field("maxEntries", Kind::Int)
        .done();
    let table = array(heap, 1_024);
    component(
        heap,
        "com.acme.Lru",
        &[
            ("table", table.into()),
            ("size", Value::Int(either(fire, 900, 500) as i32)),
            ("accessOrder", Value::Boolean(true)),
            ("maxEntries", Value::Int(500)),
        ],
    );
}

/// A subclass whose limit is in its code only: until it drops an entry nothing says that there is one.
fn lru_without_a_field(heap: &mut Heap, fire: bool) {
    heap.class("com.acme.Lru")
        .extends("java.util.LinkedHashMap")
        .done();
    let table = array(heap, 1_024);
    component(
        heap,
        "com.acme.Lru",
        &[
            ("table", table.into()),
            ("size", Value::Int(900)),
            ("modCount", Value::Int(either(fire, 900, 2_700) as i32)),
            ("accessOrder", Value::Boolean(true)),
        ],
    );
}

const CASES: &[Case] = &[
    Case {
        fires: Assessment::Unknown,
        ..unbounded("linked_hash_map_lru", lru_without_a_field)
    },
    unbounded("executor_unbounded_queue", executor_queue),
    unbounded("scheduled_tasks_cancelled", scheduled),
    unbounded("fork_join_queue", fork_join),
    unbounded("completable_future_dependents", future),
    unbounded("timer_tasks", timer),
    unbounded("thread_local_in_pool", thread_local),
    unbounded("inheritable_thread_local", |heap, fire| {
        inherited(heap, true, either(fire, 1_300_000, 300));
    }),
    unbounded("delete_on_exit", |heap, fire| {
        let files = vec![Value::Null; either(fire, 10_001, 900)];
        let files = heap.hash_set(&files);
        in_static(heap, "java.io.DeleteOnExitHook", "files", files);
    }),
    unbounded("shutdown_hooks", |heap, fire| {
        let size = Value::Int(either(fire, 101, 5) as i32);
        let hooks = object(heap, "java.util.IdentityHashMap", &[("size", size)]);
        in_static(heap, "java.lang.ApplicationShutdownHooks", "hooks", hooks);
    }),
    unbounded("finalizer_backlog", finalizers),
    unbounded("zlib_not_closed", |heap, fire| {
        many(heap, "java.util.zip.Inflater", either(fire, 600, 40));
        many(heap, "java.util.zip.Deflater", either(fire, 600, 40));
    }),
    unbounded("class_loaders_of_one_kind", loaders),
    above("closed_class_loaders", closed_loaders),
    unbounded("open_jar_files", |heap, fire| {
        let file = heap.class("java.util.zip.ZipFile").done();
        heap.class("java.util.jar.JarFile").superclass(file).done();
        many(heap, "java.util.jar.JarFile", either(fire, 2_001, 60));
    }),
    unbounded("introspector_cache", |heap, fire| {
        let cache = map(heap, either(fire, 10_001, 200));
        holding(
            heap,
            "java.beans.ThreadGroupContext",
            "beanInfoCache.map",
            cache,
        );
    }),
    unbounded("resource_bundle_cache", |heap, fire| {
        let cache = concurrent_map(heap, either(fire, 10_001, 200));
        in_static(heap, "java.util.ResourceBundle", "cacheList", cache);
    }),
    unbounded("reflection_inflation", |heap, fire| {
        let count = either(fire, 5_001, 300);
        numbered_classes(heap, "jdk.internal.reflect.GeneratedMethodAccessor", count);
    }),
    unbounded("method_handle_accessors", |heap, fire| {
        let class = "jdk.internal.reflect.DirectMethodHandleAccessor";
        many(heap, class, either(fire, 50_001, 400));
    }),
    unbounded("generated_proxies", |heap, fire| {
        let count = either(fire, 101, 2);
        numbered_classes(heap, "com.acme.Order$$EnhancerByCGLIB$$", count);
        numbered_classes(heap, "jdk.proxy2.$Proxy", 300);
    }),
    above("tls_session_cache", tls),
    unbounded("jdk_http_clients", |heap, fire| {
        many(
            heap,
            "jdk.internal.net.http.HttpClientImpl",
            either(fire, 51, 3),
        );
    }),
    unbounded("jmx_mbeans", mbeans),
    unbounded("listeners", |heap, fire| {
        let array = array(heap, either(fire, 10_001, 4_000));
        let list = "java.util.concurrent.CopyOnWriteArrayList";
        holding(heap, list, "array", array);
    }),
    unbounded("virtual_threads", |heap, fire| {
        heap.class("java.lang.VirtualThread")
            .extends("java.lang.Thread")
            .done();
        many(
            heap,
            "java.lang.VirtualThread",
            either(fire, 100_001, 5_000),
        );
    }),
    unbounded("exceptions_kept", exceptions),
    Case {
        misses: None,
        ..unbounded("substring_sharing", substrings)
    },
    Case {
        misses: None,
        ..unbounded("static_collection", static_map)
    },
    above("linked_hash_map_lru", lru),
    Case {
        id: "class_path_jars",
        build: |heap, fire| class_path(heap, either(fire, 10, 0), 10),
        fires: Assessment::ByDesign,
        misses: None,
    },
];

#[test]
fn a_view_of_a_static_map_is_as_plain_as_the_map() {
    for (view, inner, expected) in [
        ("SynchronizedMap", None, Some(Assessment::Unbounded)),
        ("SynchronizedMap", Some("java.util.WeakHashMap"), None),
        ("UnmodifiableMap", None, None),
    ] {
        let mut heap = Heap::new();
        let mut around = map(&mut heap, 40_000);
        if let Some(class) = inner {
            let table = heap.instance_ref(around, "table").expect("a table");
            let fields = [("table", table.into()), ("size", Value::Int(40_000))];
            around = object(&mut heap, class, &fields);
        }
        let view = format!("java.util.Collections${view}");
        let view = object(&mut heap, &view, &[("m", around.into())]);
        in_static(&mut heap, "com.acme.Cache", "BY_ID", view);
        let findings = find(&heap.write().bytes);
        let found = worst(&findings, "static_collection");
        assert_eq!(found, expected, "{inner:?}");
    }
}

#[test]
fn jdk_patterns_fire_and_stay_quiet() {
    check(CASES);
}

/// Every pattern has a case.
#[test]
fn no_pattern_is_without_a_test() {
    use hprof_suspects::suspects::patterns::PATTERNS;
    let tested: Vec<&str> = CASES
        .iter()
        .chain(crate::patterns_libraries::CASES)
        .chain(crate::patterns_own_queues::CASES)
        .chain(crate::patterns_caches::CASES)
        .chain(crate::patterns_owners::CASES)
        .chain(crate::patterns_limits::CASES)
        .chain(crate::patterns_pools::CASES)
        .map(|case| case.id)
        .chain(crate::patterns_caches::OF_SUSPECTS.iter().copied())
        .collect();
    let missing: Vec<&str> = PATTERNS
        .iter()
        .map(|pattern| pattern.id)
        .filter(|id| !tested.contains(id))
        .collect();
    assert!(
        missing.is_empty(),
        "no heap in which they must fire: {missing:?}"
    );
}

/// A list of listeners by property, in the array of a `PropertyChangeSupport`.
#[test]
fn property_listeners_are_counted() {
    let mut heap = Heap::new();
    let listeners = array(&mut heap, 10_001);
    let all = heap.hash_map(&[(Value::Null, listeners.into())]);
    holding(
        &mut heap,
        "java.beans.PropertyChangeSupport",
        "map.map",
        all,
    );
    let findings = crate::patterns_shapes::find(&heap.write().bytes);
    let worst = crate::patterns_shapes::worst(&findings, "listeners");
    assert_eq!(worst, Some(Assessment::Unbounded), "{findings:?}");
    // An ordinary list, however long, has no listeners.
    let mut heap = Heap::new();
    let long = list(&mut heap, 20_000);
    keep(&mut heap, &[long]);
    let findings = crate::patterns_shapes::find(&heap.write().bytes);
    assert_eq!(crate::patterns_shapes::worst(&findings, "listeners"), None);
}

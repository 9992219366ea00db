//! Native memory and JVM facts in layouts that no JVM at hand writes: JDK 8, Netty, RocksDB, JNA, what is freed or not its own.

use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::verdict::component::{Component, Kind as Known};
use hprof_suspects::verdict::facts::OutOfMemoryKind;
use hprof_suspects::verdict::heap_facts::{self, Read};

use crate::offheap_corpus::{part, read};
use crate::synth::{Class, Heap, Obj, Value};

const MIB: u64 = 1 << 20;

pub fn facts(heap: &Heap) -> Read {
    read(&heap.write().bytes)
}

/// A class of the application whose static field `field` keeps `objects`.
fn keep(heap: &mut Heap, class: &str, field: &str, objects: &[Obj]) -> Obj {
    let list = heap.array_list(objects);
    heap.class(class).app().static_field(field, list).done();
    list
}

/// An object of class `class` (declared here when it is not yet) with a number in its field `value`.
pub fn atomic(heap: &mut Heap, class: &str, value: Value) -> Obj {
    let class = match heap.class_named(class) {
        Some(known) => known,
        None => heap.class(class).field("value", value.kind()).done(),
    };
    let object = heap.instance(class);
    heap.set(object, "value", value);
    object
}

/// `java.util.Properties` as JDK 8 keeps it: a hash table with chains.
pub fn properties(heap: &mut Heap, entries: &[(&str, &str)]) -> Obj {
    let table = heap
        .class("java.util.Hashtable")
        .fields("table:L count:I")
        .done();
    let class = heap.class("java.util.Properties").superclass(table).done();
    let entry_class = heap
        .class("java.util.Hashtable$Entry")
        .fields("hash:I key:L value:L next:L")
        .done();
    let mut chain = Value::Null;
    for (key, value) in entries {
        let (entry, key, value) = (
            heap.instance(entry_class),
            heap.string(key),
            heap.string(value),
        );
        heap.set(entry, "key", key)
            .set(entry, "value", value)
            .set(entry, "next", chain);
        chain = entry.into();
    }
    let table = heap.object_array(entry_class, &[Value::Null, chain]);
    let map = heap.instance(class);
    heap.set(map, "table", table);
    map
}

/// Owners of 4 and 8 KiB with a view, a freed one, one of an arena, a mapped one, a cached one and one of native code.
#[test]
fn only_buffers_that_own_memory_count() {
    let mut heap = Heap::new();
    let object = heap.jdk("java.lang.Object");
    let buffer = |heap: &mut Heap, capacity, field: Option<&str>| {
        let buffer = heap.direct_buffer(capacity);
        if let Some(field) = field {
            let cleaner = heap.instance_ref(buffer, "cleaner").expect("a cleaner");
            let task = heap.instance_ref(cleaner, "thunk").expect("a task");
            heap.set(task, "address", 0i64)
                .set(buffer, "cleaner", Value::Null);
            if !field.is_empty() {
                let other = heap.instance(object);
                heap.set(buffer, field, other);
            }
        }
        buffer
    };
    let owners = [buffer(&mut heap, 4096, None), buffer(&mut heap, 8192, None)];
    let view = buffer(&mut heap, 4096, Some("att"));
    heap.set(view, "att", owners[0]);
    let (segment, mapped) = (
        buffer(&mut heap, 70_000, Some("segment")),
        buffer(&mut heap, 80_000, Some("fd")),
    );
    let (cached, native) = (
        buffer(&mut heap, 5000, Some("")),
        buffer(&mut heap, 100_000, Some("")),
    );
    let freed = buffer(&mut heap, 60_000, None);
    let cleaner = heap.instance_ref(freed, "cleaner").expect("a cleaner");
    heap.set(cleaner, "next", cleaner);
    let kept = [owners[0], owners[1], view, segment, mapped, freed];
    let slabs = keep(&mut heap, "com.acme.Slabs", "SLABS", &kept);
    keep(&mut heap, "com.acme.Codec", "SURFACES", &[native]);

    let byte_buffer = heap.jdk("java.nio.ByteBuffer");
    let buffers = heap.object_array(byte_buffer, &[Value::Null, cached.into()]);
    let cache_class = heap
        .class("sun.nio.ch.Util$BufferCache")
        .fields("buffers:L count:I start:I")
        .done();
    let cache = heap.instance(cache_class);
    heap.set(cache, "buffers", buffers);
    let (thread, key) = (
        heap.thread("io-7"),
        heap.new_object("java.lang.ThreadLocal"),
    );
    heap.set_thread_local(thread, key, cache);

    let written = heap.write();
    let snapshot = load(&written.bytes, LoadOptions::default(), &Unobserved).expect("a heap dump");
    let native = heap_facts::read(&snapshot).native;
    let direct = part(&native, Component::DirectMemory).expect("direct memory");
    assert_eq!((direct.low, direct.high), (12_288, 12_288));
    assert_eq!(direct.source, "sizes of the buffers that own memory");
    assert_eq!(
        direct.owner().unwrap_or_default(),
        ("com.acme.Slabs.SLABS: 2 direct buffers, 12 KiB off-heap")
    );
    let list = snapshot.find(written.address(slabs)).expect("the list");
    assert_eq!(
        native.places(&snapshot).within(&snapshot.runs(&[list])),
        12_288
    );

    let caches = part(&native, Component::NioThreadCaches).expect("thread caches");
    assert_eq!(
        (caches.low, caches.high, caches.kind),
        (5000, 5000, Known::Measured)
    );
    assert_eq!(
        caches.owner().unwrap_or_default(),
        ("thread io-*: 1 cached buffer, 4.9 KiB off-heap")
    );
    let foreign = part(&native, Component::NativeHandles).expect("a buffer of native code");
    assert_eq!(
        (foreign.low, foreign.high, foreign.kind),
        (0, 100_000, Known::Estimated)
    );
    assert!(
        foreign
            .owner()
            .is_some_and(|owner| owner.starts_with("com.acme.Codec.SURFACES: 1 "))
    );
}

/// A shaded Netty whose counter says 32 MiB, with two pooled chunks of 4 MiB that are three quarters empty.
fn netty(no_cleaner: bool) -> Read {
    let mut heap = Heap::new();
    let counter = atomic(
        &mut heap,
        "java.util.concurrent.atomic.AtomicLong",
        Value::Long(32 << 20),
    );
    heap.class("com.acme.shaded.io.netty.util.internal.PlatformDependent")
        .app()
        .static_field("USE_DIRECT_BUFFER_NO_CLEANER", no_cleaner)
        .static_field("DIRECT_MEMORY_COUNTER", counter)
        .done();
    let arena_class = heap
        .class("com.acme.shaded.io.netty.buffer.PoolArena$DirectArena")
        .app()
        .done();
    let chunk_class = heap
        .class("com.acme.shaded.io.netty.buffer.PoolChunk")
        .app()
        .fields("arena:L memory:L chunkSize:I freeBytes:I")
        .done();
    let arena = heap.instance(arena_class);
    let mut chunks = Vec::new();
    for _ in 0..2 {
        let (chunk, memory) = (heap.instance(chunk_class), heap.direct_buffer(4 << 20));
        heap.set(memory, "cleaner", Value::Null);
        heap.set(chunk, "arena", arena).set(chunk, "memory", memory);
        heap.set(chunk, "chunkSize", 4 << 20)
            .set(chunk, "freeBytes", 3 << 20);
        chunks.push(chunk);
    }
    keep(&mut heap, "com.acme.Server", "CHUNKS", &chunks);
    facts(&heap)
}

#[test]
fn netty_counts_what_the_jdk_does_not() {
    let native = netty(true).native;
    let counted = part(&native, Component::NettyDirect).expect("Netty's counter");
    assert_eq!((counted.low, counted.high), (32 * MIB, 32 * MIB));
    let owner = counted.owner().map(|o| o.to_string()).expect("an owner");
    assert_eq!(
        owner,
        "com.acme.Server.CHUNKS: 2 pooled chunks, 8.0 MiB off-heap; \
         pooled arenas keep 2 chunks, 8.0 MiB, of which 2.0 MiB is in use"
    );
    assert!(
        part(&native, Component::NativeHandles).is_none(),
        "counted once"
    );
    // With cleaners the same memory is in java.nio.Bits.
    assert!(part(&netty(false).native, Component::NettyDirect).is_none());
}

/// A buffer that nobody keeps is still allocated until the collector finds out.
#[test]
fn what_waits_for_the_collector_is_told() {
    let mut heap = Heap::new();
    let kept = heap.direct_buffer(4096);
    heap.direct_buffer(1 << 20);
    keep(&mut heap, "com.acme.Slabs", "SLABS", &[kept]);
    let reserved = Value::Long((1 << 20) + 4096);
    let reserved = atomic(
        &mut heap,
        "java.util.concurrent.atomic.AtomicLong",
        reserved,
    );
    heap.class("java.nio.Bits")
        .static_field("RESERVED_MEMORY", reserved)
        .done();
    let native = facts(&heap).native;
    let direct = part(&native, Component::DirectMemory).expect("direct memory");
    assert_eq!(direct.high, MIB + 4096);
    assert_eq!(
        direct.source,
        "java.nio.Bits.RESERVED_MEMORY; 1.0 MiB of it waits for the collector to find that its buffers are gone"
    );
    let owner = direct.owner().map(|o| o.to_string()).expect("owners");
    assert!(
        owner.contains("com.acme.Slabs.SLABS: 1 direct buffer, 4.0 KiB off-heap"),
        "{owner}"
    );
    assert!(
        owner.contains("nothing (waiting to be freed): 1 direct buffer"),
        "{owner}"
    );
}

#[test]
fn open_handles_are_counted_by_class() {
    let mut heap = Heap::new();
    let rocks = heap
        .class("org.rocksdb.RocksObject")
        .app()
        .fields("owningHandle_:L nativeHandle_:J")
        .done();
    let iterator = heap
        .class("org.rocksdb.RocksIterator")
        .app()
        .superclass(rocks)
        .done();
    let mut objects = Vec::new();
    for i in 0..160 {
        let owning = atomic(
            &mut heap,
            "java.util.concurrent.atomic.AtomicBoolean",
            Value::Int(i32::from(i < 150)),
        );
        let object = heap.instance(iterator);
        heap.set(object, "nativeHandle_", 0x7000_0000i64 + i)
            .set(object, "owningHandle_", owning);
        objects.push(object);
    }
    keep(&mut heap, "com.acme.Index", "OPEN", &objects);
    let pointer = heap
        .class("com.sun.jna.Pointer")
        .app()
        .fields("peer:J")
        .done();
    let memory = heap
        .class("com.sun.jna.Memory")
        .app()
        .superclass(pointer)
        .fields("size:J")
        .done();
    let shared = heap
        .class("com.sun.jna.Memory$SharedMemory")
        .app()
        .superclass(memory)
        .done();
    let blocks: Vec<Obj> = [memory, memory, memory, shared]
        .into_iter()
        .map(|class: Class| {
            let block = heap.instance(class);
            heap.set(block, "peer", -4096i64)
                .set(block, "size", 1i64 << 20);
            block
        })
        .collect();
    keep(&mut heap, "com.acme.Camera", "FRAMES", &blocks);

    let native = facts(&heap).native;
    let of = |class: &str| native.handles.iter().find(|handles| handles.what == class);
    let open = of("org.rocksdb.RocksIterator").expect("RocksDB");
    assert_eq!((open.count, open.not_closed, open.bytes), (150, 0, None));
    assert_eq!(open.owner.as_deref(), Some("com.acme.Index.OPEN"));
    assert_eq!(
        of("com.sun.jna.Memory").and_then(|handles| handles.bytes),
        Some(3 * MIB)
    );
    let known = part(&native, Component::NativeHandles).expect("JNA");
    assert_eq!(
        (known.low, known.high, known.kind),
        (3 * MIB, 3 * MIB, Known::Measured)
    );
    assert_eq!(
        known.owner().unwrap_or_default(),
        ("com.acme.Camera.FRAMES: 3 open handles, 3.0 MiB off-heap")
    );
}

#[test]
fn streams_that_nobody_closed_are_told() {
    let mut heap = Heap::new();
    let class = heap
        .class("java.util.zip.Deflater$DeflaterZStreamRef")
        .fields("address:J")
        .done();
    let streams: Vec<Obj> = (0..122i64)
        .map(|i| {
            let stream = heap.instance(class);
            // The last two were ended.
            heap.set(stream, "address", if i < 120 { 0x5000 + i } else { 0 });
            stream
        })
        .collect();
    let list = heap.array_list(&streams);
    heap.class("jdk.internal.ref.CleanerFactory")
        .static_field("commonCleaner", list)
        .done();
    let native = facts(&heap).native;
    let zlib = part(&native, Component::Zlib).expect("streams");
    assert_eq!((zlib.low, zlib.high), (120 * (70 << 10), 120 * (270 << 10)));
    assert_eq!(zlib.kind, Known::Estimated);
    let handles = &native.handles[0];
    assert_eq!(
        (handles.what.as_str(), handles.count, handles.not_closed),
        ("java.util.zip.Deflater", 120, 120)
    );
}

#[test]
fn the_error_says_what_ran_out() {
    for (class, method, kind) in [
        ("com.acme.Chunk", "<init>", OutOfMemoryKind::HeapSpace),
        ("java.util.Arrays", "copyOf", OutOfMemoryKind::Array),
        ("java.util.Arrays", "asList", OutOfMemoryKind::HeapSpace),
        (
            "java.lang.StringUTF16",
            "newBytesFor",
            OutOfMemoryKind::Array,
        ),
        (
            "java.lang.invoke.MethodHandleNatives",
            "resolve",
            OutOfMemoryKind::Linking,
        ),
        (
            "jdk.internal.reflect.NativeConstructorAccessorImpl",
            "newInstance0",
            OutOfMemoryKind::Linking,
        ),
        (
            "com.acme.Factory",
            "newInstance0",
            OutOfMemoryKind::HeapSpace,
        ),
        (
            "java.lang.ClassLoader",
            "defineClass1",
            OutOfMemoryKind::Metaspace,
        ),
        ("java.nio.Bits", "reserveMemory", OutOfMemoryKind::Native),
    ] {
        let mut heap = Heap::new();
        let error = heap.class("java.lang.OutOfMemoryError").done();
        let asking = match class {
            "java.lang.ClassLoader" => heap.jdk(class),
            _ => heap.class(class).done(),
        };
        let importer = heap.class("com.acme.Importer").app().done();
        heap.thread("idle");
        let thread = heap.thread("import-1");
        heap.frame(thread, error, "<init>", None, 48);
        heap.frame(thread, asking, method, None, 3);
        heap.frame(thread, importer, "read", Some("Importer.java"), 21);
        let thrown = facts(&heap).jvm.out_of_memory.expect("an error");
        assert_eq!(
            (thrown.thread.as_str(), thrown.what),
            ("import-*", kind),
            "{class}"
        );
        if !class.starts_with("com.acme.") {
            assert_eq!(
                thrown.frame.as_deref(),
                Some("com.acme.Importer.read(Importer.java:21)")
            );
        }
    }
    let mut heap = Heap::new();
    heap.thread("idle");
    assert_eq!(facts(&heap).jvm.out_of_memory, None);
}

#[test]
fn of_the_environment_only_host_and_jvm_arguments_are_read() {
    let mut heap = Heap::new();
    let class = heap
        .class("java.lang.ProcessEnvironment$Variable")
        .fields("str:L bytes:L")
        .done();
    let entries: Vec<(Value, Value)> = [
        ("HOSTNAME", "shop-7f9c"),
        ("API_KEY", "geheim"),
        (
            "JAVA_TOOL_OPTIONS",
            "-Xmx700m -Xss2m -Dkey=geheim -XX:+UseSerialGC",
        ),
    ]
    .into_iter()
    .map(|(key, value)| {
        let mut text = |text| {
            let (object, text) = (heap.instance(class), heap.string(text));
            heap.set(object, "str", text);
            Value::Ref(object)
        };
        (text(key), text(value))
    })
    .collect();
    let map = heap.hash_map(&entries);
    heap.class("java.lang.ProcessEnvironment")
        .static_field("theEnvironment", map)
        .done();
    let jvm = facts(&heap).jvm;
    assert_eq!(jvm.host.as_deref(), Some("shop-7f9c"));
    assert_eq!(jvm.flags, ["-Xmx700m", "-Xss2m", "-XX:+UseSerialGC"]);
    let max = jvm.max_heap.as_ref().expect("an argument");
    assert_eq!(
        (max.bytes, max.source.rounded().as_str()),
        (700 * MIB, "-Xmx700m in the environment's JVM options")
    );
    assert_eq!(jvm.thread_stack_bytes, Some(2 * MIB));
    assert!(!format!("{jvm:?}").contains("geheim"));
}

#[test]
fn stacks_are_what_threads_asked_for() {
    let mut heap = Heap::new();
    for (i, stack) in [0i64, 0, 8 << 20].into_iter().enumerate() {
        let thread = heap.thread(&format!("worker-{i}"));
        let object = heap.thread_object(thread);
        heap.set(object, "eetop", 0x7f00_0000i64)
            .set(object, "stackSize", stack);
    }
    // Not started, or ended.
    heap.thread("dead");
    let found = facts(&heap);
    assert_eq!(found.jvm.platform_threads, 3);
    let stacks = part(&found.native, Component::ThreadStacks).expect("stacks");
    assert_eq!((stacks.low, stacks.high), (3 * (40 << 10), 10 * MIB));
    assert_eq!(stacks.kind, Known::Estimated);
}

//! Native memory and maximum heap of the corpus's dumps, against what is known of the JVMs that wrote them.

use std::path::Path;

use hprof_suspects::heap::{LoadOptions, Snapshot, Unobserved, load};
use hprof_suspects::verdict::component::{Component, Kind};
use hprof_suspects::verdict::facts::{OffHeap, OutOfMemoryKind};
use hprof_suspects::verdict::heap_facts::{self, Read};
use hprof_suspects::verdict::off_heap::NativeMemory;

use crate::support::{corpus, golden, golden_names};

/// What the library reads from the dump in `bytes`.
pub fn read(bytes: &[u8]) -> Read {
    let snapshot: Snapshot<'_> =
        load(bytes, LoadOptions::default(), &Unobserved).expect("a heap dump");
    heap_facts::read(&snapshot)
}

/// The part of the ledger for `component`.
pub fn part(native: &NativeMemory, component: Component) -> Option<OffHeap> {
    let mut found = native.parts.iter().filter(|p| p.component == component);
    let first = found.next();
    assert!(found.next().is_none(), "each component once: {native:?}");
    first.cloned()
}

fn facts_of(dump: &Path) -> Read {
    read(&std::fs::read(dump).unwrap_or_else(|error| panic!("{}: {error}", dump.display())))
}

#[test]
fn direct_buffers_are_counted_once_and_named_by_their_owner() {
    let Some(corpus) = corpus() else { return };
    let found = facts_of(&corpus.join("leaks/direct_buffer.hprof"));
    let direct = part(&found.native, Component::DirectMemory).expect("direct memory");
    assert_eq!((direct.low, direct.high), (314_572_800, 314_572_800));
    assert_eq!(direct.kind, Kind::Measured);
    // The JDK counts the buffer of 897 bytes that the main thread keeps for channels as well.
    assert_eq!(
        direct.source,
        "java.nio.Bits.RESERVED_MEMORY less 897 B in thread caches, listed by themselves"
    );
    let caches = part(&found.native, Component::NioThreadCaches).expect("thread caches");
    assert_eq!((caches.low, caches.high), (897, 897));
    assert_eq!(
        caches.owner().unwrap_or_default(),
        ("thread main: 1 cached buffer, 897 B off-heap")
    );
    assert_eq!(
        direct.owner().unwrap_or_default(),
        ("leaks.DirectBufferLeak.SLABS: 300 direct buffers, 300 MiB off-heap")
    );
    // -Xmx256m -XX:MaxDirectMemorySize=1g: the limit of direct memory is not the maximum heap.
    let limit = found.jvm.max_direct_memory.expect("a limit");
    assert_eq!(limit.bytes, 1 << 30);
    let max = found.jvm.max_heap.expect("an argument");
    assert_eq!(max.bytes, 256 << 20);
    assert_eq!(
        max.source,
        "-Xmx256m in sun.management.VMManagementImpl.vmArgs"
    );
}

#[test]
fn the_maximum_heap_is_what_the_jvm_was_started_with() {
    let Some(corpus) = corpus() else { return };
    for (name, mib) in [
        ("static_hashmap_cache", 512),
        ("static_hashmap_cache_coh", 512),
        ("executor_queue", 512),
        ("threadlocal_pool", 512),
        ("thread_leak", 512),
        ("classloader_leak", 512),
        ("otel_benign_native", 256),
        ("healthy_control", 256),
        ("circular", 512),
    ] {
        let jvm = facts_of(&corpus.join(format!("leaks/{name}.hprof"))).jvm;
        let max = jvm
            .max_heap
            .unwrap_or_else(|| panic!("{name}: no maximum heap"));
        assert_eq!(max.bytes, mib << 20, "{name}: {}", max.source);
    }
}

#[test]
fn the_thread_that_ran_out_of_memory_is_named() {
    let Some(corpus) = corpus() else { return };
    let found = facts_of(&corpus.join("leaks/oom_heap_jdk17.hprof"));
    let thrown = found.facts.out_of_memory.expect("an OutOfMemoryError");
    assert_eq!(thrown.thread, "order-import");
    assert_eq!(thrown.what, OutOfMemoryKind::HeapSpace);
    let frame = thrown.frame.expect("a frame of the application");
    assert!(
        frame.starts_with("leaks.OomLeak$OrderLine.<init>(OomLeak.java:"),
        "{frame}"
    );
}

#[test]
fn golden_dumps_tell_their_jvm() {
    for name in golden_names() {
        let jvm = facts_of(&golden(&name)).jvm;
        assert!(jvm.version.is_some(), "{name}");
        assert!(jvm.platform_threads > 0, "{name}");
        assert_eq!(
            jvm.out_of_memory.is_some(),
            ["out-of-memory", "planted-secrets"].contains(&name.as_str()),
            "{name}"
        );
    }
}

/// Dumps of JDK 5 to 8, SAP's JVM and Android: what their layouts give.
#[test]
fn old_layouts_are_read_or_left_alone() {
    let Some(corpus) = corpus() else { return };
    let mib = |mib: u64| Some(mib << 20);
    for (name, version, max_heap, direct) in [
        ("mat/sun_jdk5_64bit", Some("5.1.070912"), None, None),
        ("mat/sun_jdk6_18_x32", Some("14.2-b01"), None, None),
        ("mat/heap_dump", Some("25.151-b12"), mib(1970), None),
        // 1,796 MiB of G1 would be as good a reading of the number, but the heap begins 2,020 MiB below 4 GiB.
        ("mat/oracle_jdk8_05_x64", Some("25.5-b02"), mib(2020), None),
        ("mat/oracle_jdk7_21_x64", Some("23.21-b01"), mib(2020), None),
        ("mat/sun_jdk6_18_x64", Some("14.2-b01"), mib(952), None),
        // A client VM, whose generations are of other sizes.
        ("mat/hprof-32", Some("1.6.0-rc-b102"), None, None),
        (
            "mat/oracle_jdk7_75_x64_directmemory",
            Some("24.75-b04"),
            mib(2),
            mib(7),
        ),
        ("foreign/android-leak_service_binder", None, None, None),
    ] {
        let found = facts_of(&corpus.join(format!("{name}.hprof")));
        assert_eq!(found.jvm.version.as_deref(), version, "{name}");
        let max = found.jvm.max_heap.as_ref().map(|max| max.bytes);
        assert_eq!(max, max_heap, "{name}: {:?}", found.jvm);
        let memory = part(&found.native, Component::DirectMemory).map(|part| part.high);
        assert_eq!(memory, direct, "{name}");
        assert!(part(&found.native, Component::NativeHandles).is_none_or(|p| p.high < 4096));
    }
}

//! The heap is innocent.

use super::*;

/// The story the program exists for: the heap is innocent, a sidecar grew.
pub fn ruled_out() -> Report {
    Report {
        dump: dump("shop-1.hprof", 61 * MIB + 4711),
        jvm: jvm(),
        heap: Heap {
            strong: amount(612_345, 42 * MIB),
            soft: amount(1_204, 310 * KIB),
            weak: amount(88, 9 * KIB),
            no_path: NoPath {
                objects: 40_100,
                bytes: 3 * MIB,
                fillers: amount(12, MIB),
                behind_class_mirrors: amount(88, 40 * KIB),
                rest: amount(40_000, 3 * MIB - MIB - 40 * KIB),
                classes: vec![ClassCount {
                    class: s("char[]"),
                    objects: 20_000,
                    bytes: MIB,
                }],
                ..NoPath::default()
            },
            max_bytes: Some(1024 * MIB),
            max_bytes_source: Some(s("java.nio.Bits.MAX_MEMORY")),
            classes: 9_812,
            class_loaders: 41,
            threads: 28,
            gc_roots: 2_311,
            ..Heap::default()
        },
        verdict: Verdict {
            heap: HeapVerdict::RuledOut,
            confidence: Confidence::High,
            headline: s(
                "Java heap RULED OUT: 42 MiB live of 1,024 MiB maximum; largest holder 1.2 MiB; \
                         BatchSpanProcessor 400 B; container fluent-bit grew 812 MiB",
            ),
            reasons: vec![
                s(
                    "all live objects together (42 MiB) are 5 % of the 812 MiB by which the pod grew",
                ),
                s(
                    "the largest holder, com.acme.shop.Catalog.BY_SKU, keeps 1.2 MiB, < 1 % of the maximum heap",
                ),
                s(
                    "container fluent-bit grew from 96 MiB to 908 MiB between the two snapshots; container app by 3 MiB",
                ),
            ],
            next_steps: vec![
                s(
                    "look at the sidecar first: `kubectl logs POD -c fluent-bit --previous`, then its buffer settings",
                ),
                s(
                    "to be sure of the JVM: `jcmd PID VM.native_memory summary` (needs -XX:NativeMemoryTracking=summary)",
                ),
            ],
            judged_against: Some(s("growth of 812 MiB (two kubectl top snapshots)")),
            suspect_floor_bytes: Some(MIB),
        },
        ledger: vec![
            exact(
                "java_heap_live",
                42 * MIB,
                LedgerKind::Measured,
                "strongly reachable objects",
            ),
            exact(
                "java_heap_max",
                1024 * MIB,
                LedgerKind::Measured,
                "java.nio.Bits.MAX_MEMORY",
            ),
            exact(
                "direct_memory",
                64 * MIB,
                LedgerKind::Measured,
                "java.nio.Bits.RESERVED_MEMORY",
            ),
            exact(
                "nio_thread_caches",
                3 * MIB,
                LedgerKind::Measured,
                "sun.nio.ch.Util$BufferCache",
            ),
            range(
                "thread_stacks",
                2 * MIB,
                43 * MIB,
                "28 threads",
                "-Xss 1 MiB reserved",
            ),
            range(
                "class_metadata",
                38 * MIB,
                96 * MIB,
                "9,812 classes",
                "4 to 10 KiB each",
            ),
            exact(
                "resident",
                402 * MIB,
                LedgerKind::Given,
                "kubectl top pod --containers, container app",
            ),
            exact("limit", 2048 * MIB, LedgerKind::Given, "--limit"),
            exact(
                "growth",
                812 * MIB,
                LedgerKind::Given,
                "kubectl top pod --containers",
            ),
            LedgerEntry {
                component: s("unexplained"),
                bytes: None,
                low: Some(0),
                high: Some(20 << 20),
                kind: LedgerKind::Derived,
                source: s("resident less heap up to its maximum less native"),
                note: None,
            },
        ],
        off_heap: vec![OffHeapOwner {
            component: s("direct_memory"),
            holder: Holder {
                kind: HolderKind::StaticField,
                class: s("io.netty.buffer.PooledByteBufAllocator"),
                field: Some(s("DEFAULT")),
                count: 1,
                ..Holder::default()
            },
            class: s("java.nio.DirectByteBuffer"),
            objects: 16,
            bytes: Some(64 * MIB),
        }],
        evidence: vec![Evidence {
            source: s("top-2.txt"),
            kind: s("kubectl top pod --containers"),
            text: s("app 402 MiB, fluent-bit 908 MiB"),
            contradiction: None,
            readings: Vec::new(),
        }],
        checked_and_cleared: vec![
            Cleared {
                id: s("otel_batch_span_processor"),
                title: s("BatchSpanProcessor"),
                measured: Some(0),
                bound: Some(2048),
                unit: s("spans"),
                retained_bytes: Some(400),
                text: s("400 B, queue 0 of 2,048 spans, by design"),
            },
            Cleared {
                id: s("logback_async_appender"),
                title: s("AsyncAppender"),
                measured: Some(12),
                bound: Some(256),
                unit: s("events"),
                retained_bytes: Some(38 * KIB),
                text: s(""),
            },
        ],
        classes: vec![
            class("java.lang.String", 151_000, 3_624_000, 14 * MIB),
            class("byte[]", 150_100, 11 * MIB, 11 * MIB),
            class(
                "java.util.concurrent.ConcurrentHashMap$Node",
                40_300,
                1_289_600,
                4 * MIB,
            ),
            class("java.lang.Class", 9_812, 1_100_000, 3 * MIB),
            class("com.acme.shop.Product", 8_000, 256_000, MIB + 200 * KIB),
            class("java.lang.reflect.Method", 12_000, 1_056_000, MIB),
        ],
        dominators: vec![
            dominator(
                "0x7851e9c00",
                "class com.acme.shop.Catalog",
                96,
                MIB + 205 * KIB,
                24_001,
            ),
            dominator(
                "0x7851e9d80",
                "jdk.internal.loader.ClassLoaders$AppClassLoader",
                104,
                900 * KIB,
                9_400,
            ),
        ],
        dominator_tree: DominatorTree {
            total_bytes: 42 * MIB,
            smallest_bytes: 64 * KIB,
            nodes: vec![
                node(
                    None,
                    None,
                    "class com.acme.shop.Catalog",
                    MIB + 205 * KIB,
                    96,
                    1,
                ),
                node(
                    Some(0),
                    Some("BY_SKU"),
                    "java.util.HashMap",
                    MIB + 204 * KIB,
                    48,
                    1,
                ),
                node(
                    Some(1),
                    Some("table"),
                    "java.util.HashMap$Node[]",
                    MIB + 203 * KIB,
                    64 * KIB,
                    1,
                ),
                node(
                    Some(2),
                    None,
                    "java.util.HashMap$Node",
                    MIB + 139 * KIB,
                    256_000,
                    8_000,
                ),
                node(
                    None,
                    None,
                    "jdk.internal.loader.ClassLoaders$AppClassLoader",
                    900 * KIB,
                    104,
                    1,
                ),
            ],
        },
        threads: vec![ThreadRow {
            name: s("http-nio-*-exec-*"),
            class: s("org.apache.tomcat.util.threads.TaskThread"),
            object_id: Some(s("0x7851f0000")),
            count: 1,
            state: Some(s("WAITING")),
            daemon: Some(true),
            retained_bytes: 71 * KIB,
            thread_locals: Some(ThreadLocals {
                entries: 14,
                stale: 1,
                retained_bytes: 60 * KIB,
            }),
            context_class_loader: Some(s("app")),
            frames: vec![
                s("java.lang.Object.wait(Native Method)"),
                s("java.lang.Thread.run(Thread.java:840)"),
            ],
            ..ThreadRow::default()
        }],
        ..Report::default()
    }
}

//! A leak, whole and damaged.

use super::*;

/// A real heap leak: a static map without a bound, and a second, smaller suspect.
pub fn suspected() -> Report {
    let retained = 65_840_640;
    let reachable = 92_400_128;
    let max = 512 * MIB;
    let mut report = Report {
        dump: Dump {
            compressed_bytes: Some(31 * MIB),
            compression: Some(s("gzip")),
            ..dump("static_hashmap_cache.hprof.gz", 118 * MIB)
        },
        jvm: Jvm {
            main_class: Some(s("leaks.StaticHashMapCache")),
            ..jvm()
        },
        heap: Heap {
            strong: amount(1_203_110, reachable),
            max_bytes: Some(max),
            max_bytes_source: Some(s("java.nio.Bits.MAX_MEMORY")),
            classes: 1_428,
            class_loaders: 4,
            threads: 12,
            gc_roots: 1_690,
            ..Heap::default()
        },
        verdict: Verdict {
            heap: HeapVerdict::Suspected,
            confidence: Confidence::High,
            headline: s(
                "Java heap SUSPECTED: leaks.StaticHashMapCache$UserCache.CACHE keeps 63 MiB, \
                         71 % of what is reachable",
            ),
            reasons: vec![
                s(
                    "one static field keeps 150,000 × leaks.StaticHashMapCache$UserProfile: 63 MiB, 12 % of the \
                   maximum heap of 512 MiB",
                ),
                s("the map has no bound: it grows with every new key"),
            ],
            next_steps: vec![
                s("bound the cache or let its entries expire"),
                s("take a second dump an hour later and compare the number of entries"),
            ],
            judged_against: Some(s("maximum heap of 512 MiB")),
            suspect_floor_bytes: Some(MIB),
        },
        ledger: vec![
            exact(
                "java_heap_live",
                reachable,
                LedgerKind::Measured,
                "strongly reachable objects",
            ),
            exact(
                "java_heap_max",
                max,
                LedgerKind::Measured,
                "java.nio.Bits.MAX_MEMORY",
            ),
            exact(
                "direct_memory",
                16_384,
                LedgerKind::Measured,
                "java.nio.Bits.RESERVED_MEMORY",
            ),
            range(
                "thread_stacks",
                MIB,
                12 * MIB,
                "12 threads",
                "1 MiB reserved each",
            ),
            range(
                "class_metadata",
                6 * MIB,
                14 * MIB,
                "1,428 classes",
                "4 to 10 KiB each",
            ),
        ],
        suspects: vec![cache(retained, reachable, max), pool(reachable, max)],
        classes: vec![
            class("java.util.HashMap$Node", 151_300, 4_841_600, 62_000_000),
            class(
                "leaks.StaticHashMapCache$UserProfile",
                150_000,
                3_600_000,
                55_200_000,
            ),
            class("byte[]", 310_000, 38_400_000, 38_400_000),
        ],
        dominators: vec![dominator(
            "0xe0a01200",
            "class leaks.StaticHashMapCache$UserCache",
            96,
            retained,
            750_004,
        )],
        warnings: vec![Warning {
            code: s("names_missing"),
            message: s("names of 3 classes are not in the dump; they are shown by address"),
            offset: None,
            count: Some(3),
            damage: false,
        }],
        ..Report::default()
    };
    report.tool.options.insert(s("top"), s("20"));
    report.dominator_tree = DominatorTree {
        total_bytes: reachable,
        smallest_bytes: 92_400,
        nodes: vec![
            node(
                None,
                None,
                "class leaks.StaticHashMapCache$UserCache",
                retained,
                96,
                1,
            ),
            node(
                Some(0),
                Some("CACHE"),
                "java.util.HashMap",
                retained - 96,
                48,
                1,
            ),
            node(
                Some(1),
                Some("table"),
                "java.util.HashMap$Node[]",
                retained - 144,
                1_048_592,
                1,
            ),
            node(
                Some(2),
                None,
                "java.util.HashMap$Node",
                retained - 144 - 1_048_592,
                4_800_000,
                150_000,
            ),
            node(
                Some(3),
                Some("value"),
                "leaks.StaticHashMapCache$UserProfile",
                55_200_000,
                3_600_000,
                150_000,
            ),
            node(
                Some(4),
                Some("payload"),
                "byte[]",
                36_000_000,
                36_000_000,
                150_000,
            ),
            node(
                None,
                None,
                "java.lang.Thread http-worker-*",
                9 * MIB,
                120,
                8,
            ),
        ],
    };
    report
}

fn cache(retained: u64, reachable: u64, max: u64) -> Suspect {
    Suspect {
        rank: 1,
        signature: s(
            "leaks.StaticHashMapCache$UserCache.CACHE:leaks.StaticHashMapCache$UserProfile",
        ),
        kind: HolderKind::StaticField,
        severity: Severity::Critical,
        holder: Holder {
            kind: HolderKind::StaticField,
            class: s("leaks.StaticHashMapCache$UserCache"),
            field: Some(s("CACHE")),
            object_id: Some(s("0xe0a01200")),
            count: 1,
            ..Holder::default()
        },
        content: Content {
            class: s("leaks.StaticHashMapCache$UserProfile"),
            objects: 150_000,
            retained_bytes: 55_200_000,
            collection: Some(Collection {
                class: s("java.util.HashMap"),
                entries: 150_000,
                capacity: Some(262_144),
                key_class: Some(s("java.lang.String")),
                value_class: Some(s("leaks.StaticHashMapCache$UserProfile")),
            }),
            contents: Vec::new(),
            classes: vec![
                ClassCount {
                    class: s("byte[]"),
                    objects: 300_000,
                    bytes: 36_000_000,
                },
                ClassCount {
                    class: s("java.util.HashMap$Node"),
                    objects: 150_000,
                    bytes: 4_800_000,
                },
            ],
            element_sizes: Some(SizeDistribution {
                min: 360,
                median: 368,
                max: 416,
            }),
        },
        shallow_bytes: 96,
        retained_bytes: retained,
        retained_objects: 750_004,
        share_of_reachable: retained as f64 / reachable as f64,
        share_of_max_heap: Some(retained as f64 / max as f64),
        accumulation_point: Some(AccumulationPoint {
            class: s("java.util.HashMap$Node[]"),
            object_id: s("0xe0b00000"),
            retained_bytes: retained - 144,
        }),
        path_root: Some(s("system class")),
        path: vec![
            step(
                "0xe0a01200",
                "class leaks.StaticHashMapCache$UserCache",
                None,
                retained,
            ),
            step(
                "0xe0a01300",
                "java.util.HashMap",
                Some("CACHE"),
                retained - 96,
            ),
            step(
                "0xe0b00000",
                "java.util.HashMap$Node[]",
                Some("table"),
                retained - 144,
            ),
        ],
        pattern: Some(PatternMatch {
            id: s("static_collection"),
            title: s("static collection that only grows"),
            measured: Some(150_000),
            bound: None,
            unit: s("entries"),
            assessment: Assessment::Unbounded,
            advice: s(
                "Give the cache a maximum size or an expiry (Caffeine, LinkedHashMap.removeEldestEntry).",
            ),
        }),
        notes: vec![s(
            "the largest entry holds 416 B: many entries, none of them large",
        )],
        ..Suspect::default()
    }
}

fn pool(reachable: u64, max: u64) -> Suspect {
    let retained = 9 * MIB;
    Suspect {
        rank: 2,
        signature: s("thread_local:com.acme.Ctx.CURRENT:com.acme.Ctx"),
        kind: HolderKind::ThreadLocal,
        severity: Severity::Warning,
        holder: Holder {
            kind: HolderKind::ThreadLocal,
            class: s("com.acme.Ctx"),
            field: Some(s("CURRENT")),
            thread: Some(s("http-worker-*")),
            count: 8,
            ..Holder::default()
        },
        content: Content {
            class: s("com.acme.Ctx"),
            objects: 8,
            retained_bytes: retained,
            ..Content::default()
        },
        shallow_bytes: 960,
        retained_bytes: retained,
        retained_objects: 1_608,
        share_of_reachable: retained as f64 / reachable as f64,
        share_of_max_heap: Some(retained as f64 / max as f64),
        off_heap_bytes: Some(4 * MIB),
        members: vec![
            Member {
                title: s("http-worker-*"),
                object_id: Some(s("0xe1000000")),
                retained_bytes: 2 * MIB,
            },
            Member {
                title: s("http-worker-*"),
                object_id: Some(s("0xe1000100")),
                retained_bytes: MIB,
            },
        ],
        ..Suspect::default()
    }
}

/// A truncated dump whose roots are lost.
pub fn damaged() -> Report {
    let mut report = suspected();
    report.dump = Dump {
        complete: false,
        captured_at: None,
        ..dump("oom.hprof", 90 * MIB)
    };
    report.jvm = Jvm::default();
    report.heap.max_bytes = None;
    report.heap.max_bytes_source = None;
    report
        .suspects
        .iter_mut()
        .for_each(|suspect| suspect.share_of_max_heap = None);
    report.ledger.remove(1);
    report.verdict = Verdict {
        heap: HeapVerdict::Inconclusive,
        confidence: Confidence::Low,
        headline: s(
            "Java heap INCONCLUSIVE: the dump is cut at 90 MiB; what was read holds 63 MiB in \
                     leaks.StaticHashMapCache$UserCache.CACHE",
        ),
        reasons: vec![s(
            "the roots were written last and are lost: retained sizes come from provisional roots",
        )],
        next_steps: vec![s(
            "take the dump again with enough disk: `jcmd PID GC.heap_dump /tmp/heap.hprof`",
        )],
        ..Verdict::default()
    };
    report.warnings.insert(
        0,
        Warning {
            code: s("truncated"),
            message: s(
                "the file ends inside a record of 12,345,678 bytes: objects behind it are missing",
            ),
            offset: Some(94_371_840),
            count: None,
            damage: true,
        },
    );
    report
}

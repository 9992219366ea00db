//! Hand-built reports: the stories that every format has to tell.

use hprof_suspects::report::model::*;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Name and report of every story.
pub fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("ruled_out", ruled_out()),
        ("suspected", suspected()),
        ("damaged", damaged()),
        ("hostile", hostile()),
        ("empty", Report::default()),
        ("large", large()),
    ]
}

fn s(text: &str) -> String {
    text.to_owned()
}

fn amount(objects: u64, bytes: u64) -> Amount {
    Amount { objects, bytes }
}

fn exact(component: &str, bytes: u64, kind: LedgerKind, source: &str) -> LedgerEntry {
    let bytes = Some(bytes);
    LedgerEntry {
        component: s(component),
        bytes,
        low: bytes,
        high: bytes,
        kind,
        source: s(source),
        note: None,
    }
}

fn range(component: &str, low: u64, high: u64, note: &str, source: &str) -> LedgerEntry {
    LedgerEntry {
        component: s(component),
        bytes: None,
        low: Some(low),
        high: Some(high),
        kind: LedgerKind::Estimated,
        source: s(source),
        note: Some(s(note)),
    }
}

fn class(class: &str, objects: u64, shallow_bytes: u64, retained_bytes: u64) -> ClassRow {
    ClassRow {
        class: s(class),
        loader: Some(s("app")),
        objects,
        shallow_bytes,
        retained_bytes,
    }
}

fn dominator(
    id: &str,
    class: &str,
    shallow: u64,
    retained_bytes: u64,
    objects: u64,
) -> DominatorRow {
    DominatorRow {
        object_id: s(id),
        class: s(class),
        shallow_bytes: shallow,
        retained_bytes,
        retained_objects: objects,
    }
}

fn node(
    parent: Option<u32>,
    reference: Option<&str>,
    class: &str,
    retained: u64,
    own: u64,
    objects: u64,
) -> TreeNode {
    TreeNode {
        parent,
        class: s(class),
        reference: reference.map(s),
        object_id: (objects == 1).then(|| format!("0x7851e{:04x}", retained % 0xffff)),
        objects,
        retained_bytes: retained,
        self_bytes: own,
    }
}

fn step(id: &str, class: &str, reference: Option<&str>, retained_bytes: u64) -> PathStep {
    PathStep {
        object_id: s(id),
        class: s(class),
        reference: reference.map(s),
        retained_bytes,
        times: None,
    }
}

fn dump(name: &str, bytes: u64) -> Dump {
    Dump {
        file_name: s(name),
        bytes,
        compressed_bytes: None,
        format: s("JAVA PROFILE 1.0.2"),
        identifier_size: 8,
        captured_at: Some(s("2026-03-02T04:05:06.789Z")),
        compression: None,
        complete: true,
    }
}

fn jvm() -> Jvm {
    Jvm {
        version: Some(s("OpenJDK 64-Bit Server VM 17.0.15+6-LTS")),
        layout: Some(Layout {
            reference_bytes: 4,
            object_header_bytes: 12,
            array_header_bytes: 16,
            alignment: 8,
            inferred_from: s("addresses of 1,203,110 neighbours"),
        }),
        main_class: Some(s("com.acme.shop.ShopApplication")),
        pod: Some(s("shop-7c9f6d5b4-x2x9k")),
        flags: vec![s("-Xmx1g"), s("-XX:+HeapDumpOnOutOfMemoryError")],
    }
}

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
                    "all live objects together (42.0 MiB) are 5.2% of the 812 MiB by which the pod grew",
                ),
                s(
                    "the largest holder, com.acme.shop.Catalog.BY_SKU, keeps 1.20 MiB, 0.1% of the maximum heap",
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
                high: Some(20 * MIB),
                kind: LedgerKind::Derived,
                source: s("resident less heap up to its maximum less native"),
                note: None,
            },
        ],
        off_heap: vec![OffHeapOwner {
            component: s("direct_memory"),
            holder: Holder {
                kind: s("static_field"),
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
                text: String::new(),
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
            kind: s("platform"),
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
                "Java heap SUSPECTED: leaks.StaticHashMapCache$UserCache.CACHE keeps 62.8 MiB, \
                         71.3% of what is reachable",
            ),
            reasons: vec![
                s(
                    "one static field keeps 150,000 x leaks.StaticHashMapCache$UserProfile: 62.8 MiB, 12.3% of the \
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
        kind: s("single_object"),
        severity: Severity::Critical,
        holder: Holder {
            kind: s("static_field"),
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
        kind: s("thread_local"),
        severity: Severity::Warning,
        holder: Holder {
            kind: s("thread_local"),
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
            "Java heap INCONCLUSIVE: the dump is cut at 90.0 MiB; what was read holds 62.8 MiB in \
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

/// Names that try to act in a terminal, in Markdown, HTML, SVG, Jira, folded stacks and JSON.
pub fn hostile() -> Report {
    let evil = "evil\u{1b}[31m\u{1b}]0;owned\u{7}<script>alert(1)</script><img src=x onerror=alert(2)>\
                |`*_[x](http://evil.example)\n# h1\r\n@everyone #1 {color:red}!x! \u{202e}gpj.exe\u{9b}2J;1 \
                </svg>&amp;\"'\\{{ 7*7 }}{% raw %}</details>";
    let huge = format!("com.acme.{}Huge", "Ä".repeat(32_768));
    let mut report = suspected();
    report.dump.file_name = format!("{evil}.hprof");
    report.jvm.version = Some(s(evil));
    report.jvm.main_class = Some(huge.clone());
    report.verdict.headline = format!("Java heap SUSPECTED: {evil}");
    report.verdict.reasons = vec![s(evil), huge.clone()];
    report.verdict.next_steps = vec![format!("run `{evil}`")];
    report.verdict.judged_against = Some(s(evil));
    for suspect in &mut report.suspects {
        suspect.signature = s(evil);
        suspect.holder.class = s(evil);
        suspect.holder.field = Some(huge.clone());
        suspect.holder.kind = s(evil);
        suspect.content.class = s(evil);
        suspect.path_root = Some(s(evil));
        suspect.notes = vec![s(evil)];
        suspect.members = vec![Member {
            title: s(evil),
            object_id: Some(s(evil)),
            retained_bytes: 1,
        }];
        for step in &mut suspect.path {
            step.class = s(evil);
            step.reference = Some(s(evil));
            step.object_id = s(evil);
        }
        if let Some(pattern) = &mut suspect.pattern {
            pattern.title = s(evil);
            pattern.advice = s(evil);
            pattern.unit = s(evil);
        }
    }
    for entry in &mut report.ledger {
        entry.source = s(evil);
        entry.note = Some(s(evil));
    }
    report.ledger[2].component = s(evil);
    report.checked_and_cleared = vec![Cleared {
        id: s(evil),
        title: s(evil),
        text: s(evil),
        ..Cleared::default()
    }];
    report.classes.push(class(evil, 1, 2, 3));
    report.classes.push(class(&huge, 1, 2, 3));
    report.dominators.push(dominator(evil, evil, 1, 2, 3));
    report
        .dominator_tree
        .nodes
        .push(node(None, Some(evil), evil, MIB, 16, 1));
    report
        .dominator_tree
        .nodes
        .push(node(Some(0), Some("__proto__"), &huge, MIB, 16, 2));
    report.threads = vec![ThreadRow {
        name: s(evil),
        frames: vec![s(evil)],
        state: Some(s(evil)),
        ..ThreadRow::default()
    }];
    report.class_loaders = vec![ClassLoaderRow {
        name: s(evil),
        parent: Some(s(evil)),
        ..ClassLoaderRow::default()
    }];
    report.evidence = vec![Evidence {
        source: s(evil),
        kind: s(evil),
        text: s(evil),
        contradiction: Some(s(evil)),
    }];
    report.waste = Some(Waste {
        findings: vec![WasteFinding {
            kind: s(evil),
            title: s(evil),
            examples: vec![s(evil)],
            ..WasteFinding::default()
        }],
    });
    report.warnings.push(Warning {
        code: s(evil),
        message: s(evil),
        damage: true,
        ..Warning::default()
    });
    report
}

/// As much of everything as a dump of a large application gives, with names as long as they come.
pub fn large() -> Report {
    let mut report = suspected();
    let name = |i: u64| {
        format!(
            "com.acme.platform.subsystem{}.internal.ConfigurationEntryFactoryBean$$Lambda${i}",
            i % 97
        )
    };
    report.verdict.reasons = (0..20)
        .map(|i| format!("reason {i}: {} keeps {i} MiB", name(i)))
        .collect();
    report.verdict.next_steps = (0..20)
        .map(|i| format!("step {i}: `jcmd PID GC.heap_dump {}`", name(i)))
        .collect();
    let mut suspects = report.suspects.clone();
    for i in 0..30u32 {
        let mut suspect = report.suspects[0].clone();
        suspect.rank = i + 3;
        suspect.notes = (0..10)
            .map(|n| format!("note {n} about {}", name(n)))
            .collect();
        suspect.path = (0..400)
            .map(|d| {
                step(
                    &format!("0x7f{d:08x}"),
                    &name(d),
                    Some("next"),
                    65_000_000 - d,
                )
            })
            .collect();
        suspect.members = (0..500)
            .map(|m| Member {
                title: name(m),
                object_id: None,
                retained_bytes: 5_000_000 - m,
            })
            .collect();
        suspects.push(suspect);
    }
    report.suspects = suspects;
    report.ledger.extend((0..40).map(|i| {
        range(
            &format!("component_{i}"),
            i * MIB,
            2 * i * MIB,
            "x",
            &name(i),
        )
    }));
    report.classes = (0..5_000)
        .map(|i| class(&name(i), 10_000 - i, 1_000_000 - i, 80_000_000 - i))
        .collect();
    report.dominators = (0..5_000)
        .map(|i| {
            dominator(
                &format!("0x7f{i:08x}"),
                &name(i),
                48,
                70_000_000 - i,
                9_000 - i,
            )
        })
        .collect();
    report.threads = (0..2_000)
        .map(|i| ThreadRow {
            name: format!("worker-{}", name(i)),
            kind: s("platform"),
            count: 1,
            retained_bytes: 1_000_000 - i,
            frames: (0..100)
                .map(|f| format!("{}.run(Main.java:{f})", name(f)))
                .collect(),
            ..ThreadRow::default()
        })
        .collect();
    report.class_loaders = (0..1_000)
        .map(|i| ClassLoaderRow {
            name: name(i),
            count: 1,
            classes: i,
            retained_bytes: i,
            ..ClassLoaderRow::default()
        })
        .collect();
    report.checked_and_cleared = (0..52)
        .map(|i| Cleared {
            id: s("x"),
            title: format!("Component{i}"),
            text: s("400 B, by design"),
            ..Cleared::default()
        })
        .collect();
    report.warnings.extend((0..300).map(|i| Warning {
        code: s("unknown_sub_record"),
        message: format!("sub-record 0x{i:02x} is not known: the segment behind it was left out"),
        offset: Some(i * 1_000_003),
        count: Some(i),
        damage: i % 3 == 0,
    }));
    let total = report.dominator_tree.total_bytes;
    let mut nodes: Vec<TreeNode> = Vec::new();
    for i in 0..20_000u64 {
        // 200 trees of 100 nodes, each a chain that branches: deep and wide.
        let parent =
            (i % 100 != 0).then(|| u32::try_from(i - 1 - (i % 7).min(i % 100 - 1)).expect("small"));
        let retained = parent.map_or(total / 200, |p| nodes[p as usize].retained_bytes / 8);
        nodes.push(node(parent, Some("field"), &name(i), retained, 16, 1));
    }
    report.dominator_tree.nodes = nodes;
    report
}

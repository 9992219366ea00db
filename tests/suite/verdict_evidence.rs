//! Evidence from outside: every format on recorded output, on broken input, and on the real programs where they run.

use hprof_suspects::verdict::evidence::{
    Document, Evidence, EvidenceError, Quantity, Resident, read_document, read_file, read_folder,
    read_source,
};
use std::path::{Path, PathBuf};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/evidence")
        .join(name)
}

fn read(name: &str) -> Vec<Evidence> {
    read_file(&sample(name)).unwrap_or_else(|e| panic!("{e}"))
}

fn bytes_of(facts: &[Evidence], quantity: &Quantity) -> Vec<i64> {
    facts
        .iter()
        .filter(|f| f.quantity == *quantity)
        .map(|f| f.bytes)
        .collect()
}

fn broken(name: &str, text: &str) -> (u64, String) {
    let path = Path::new(name);
    match read_document(&Document::from_bytes(path, text.as_bytes()), path) {
        Err(EvidenceError::Malformed {
            file, line, what, ..
        }) => {
            assert_eq!(file, name);
            (line, what)
        }
        other => panic!("{name}: expected a broken line, got {other:?}"),
    }
}

#[test]
fn heap_info_of_every_collector() {
    for (file, used, committed) in [
        ("jdk17g1", 3189 << 10, 17408 << 10),
        ("jdk17par", (2621 + 2408) << 10, (76288 + 175_104) << 10),
        ("jdk17ser", (2798 + 2408) << 10, (78656 + 174_784) << 10),
        ("jdk17zgc", 8 << 20, 256 << 20),
        ("jdk25g1", 3832 << 10, 14336 << 10),
        ("jdk25zgc", 8 << 20, 256 << 20),
        ("jdk25shen", 3840 << 10, 256 << 20),
    ] {
        let facts = read(&format!("heap_info-{file}.txt"));
        assert_eq!(bytes_of(&facts, &Quantity::HeapUsed), [used], "{file}");
        assert_eq!(
            bytes_of(&facts, &Quantity::HeapCommitted),
            [committed],
            "{file}"
        );
        assert_eq!(bytes_of(&facts, &Quantity::MaxHeap), [256 << 20], "{file}");
        assert!(facts.iter().all(|f| f.source.line >= 2), "{facts:?}");
    }
}

#[test]
fn native_memory_with_and_without_a_baseline() {
    let category = |c: &str| Quantity::NativeCommitted(c.to_owned());
    for (file, total, heap) in [("jdk17", 144_217, 17408), ("jdk25", 143_183, 14336)] {
        let facts = read(&format!("native_memory-{file}.txt"));
        // Temurin's own rounding makes the total of the diff one KB larger.
        let got = bytes_of(&facts, &category("Total"))[0] >> 10;
        assert!((got - total).abs() <= 1, "{file}: {got}");
        assert_eq!(bytes_of(&facts, &category("Java Heap")), [heap << 10]);
        assert_eq!(bytes_of(&facts, &category("Other")), [64 << 20]);
        assert!(bytes_of(&facts, &Quantity::NativeGrowth("Total".into())).is_empty());
        let diff = read(&format!("native_memory_diff-{file}.txt"));
        assert_eq!(bytes_of(&diff, &category("Other")), [64 << 20]);
        assert!(!bytes_of(&diff, &Quantity::NativeGrowth("Total".into())).is_empty());
    }
    let diff = read("native_memory_diff-jdk17.txt");
    assert_eq!(
        bytes_of(&diff, &Quantity::NativeGrowth("Thread".into())),
        [4 << 10]
    );
}

#[test]
fn native_memory_that_shrank_or_is_off() {
    let path = Path::new("nmt.txt");
    let text = "1:\n\nNative Memory Tracking:\n\nTotal: reserved=10KB -2KB, committed=5MB -3MB\n";
    let facts = read_document(&Document::from_bytes(path, text.as_bytes()), path).expect("valid");
    assert_eq!(
        bytes_of(&facts, &Quantity::NativeGrowth("Total".into())),
        [-(3 << 20)]
    );
    let off = "10892:\nNative memory tracking is not enabled\n";
    let facts = read_document(&Document::from_bytes(path, off.as_bytes()), path).expect("valid");
    assert!(facts.is_empty(), "{facts:?}");
}

#[test]
fn vm_info_flags_and_proc() {
    let facts = read("vm_info-jdk25g1.txt");
    assert_eq!(
        bytes_of(&facts, &Quantity::Resident(Resident::Process)),
        [113_172 << 10]
    );
    assert_eq!(bytes_of(&facts, &Quantity::MaxHeap), [256 << 20]);
    assert_eq!(
        bytes_of(&facts, &Quantity::NativeCommitted("Java Heap".into())),
        [14336 << 10]
    );
    let facts = read("vm_info-jdk17g1.txt");
    assert_eq!(
        bytes_of(&facts, &Quantity::Resident(Resident::Process)),
        [109_036 << 10]
    );
    assert!(
        bytes_of(&facts, &Quantity::Limit).is_empty(),
        "unlimited is no limit"
    );
    assert_eq!(
        bytes_of(&read("vm_flags-jdk25.txt"), &Quantity::MaxHeap),
        [256 << 20]
    );
    for file in ["smaps_rollup.txt", "proc_status.txt"] {
        let facts = read(file);
        assert_eq!(
            bytes_of(&facts, &Quantity::Resident(Resident::Process)),
            [113_196 << 10]
        );
        assert!(facts[0].subject.is_known());
    }
}

#[test]
fn gc_logs_tell_the_heap_after_full_collections() {
    for (file, after) in [("gc-g1.log", 2), ("gc-zgc17.log", 4), ("gc-zgc25.log", 4)] {
        let facts = read(file);
        assert_eq!(
            bytes_of(&facts, &Quantity::HeapAfterFullCollection),
            [after << 20],
            "{file}"
        );
        assert_eq!(bytes_of(&facts, &Quantity::MaxHeap), [256 << 20], "{file}");
    }
    let path = Path::new("gc.log");
    let text = "[2026-11-23T20:29:14.626+0000][0.057s][info][gc             ] GC(0) Pause Full (Ergonomics) 30M->20M(170M) 3.011ms\n\
                [0.057s][info][gc] GC(1) Pause Young (Normal) 90M->60M(170M) 3.011ms\n\
                [0.057s][info][gc] GC(2) Pause Full (Ergonomics) 130M->51M(170M) 3.011ms\n";
    let facts = read_document(&Document::from_bytes(path, text.as_bytes()), path).expect("valid");
    assert_eq!(
        bytes_of(&facts, &Quantity::HeapAfterFullCollection),
        [51 << 20]
    );
    assert_eq!(
        bytes_of(&facts, &Quantity::HeapAfterFullCollectionGrowth),
        [31 << 20]
    );
    assert_eq!(facts[0].source.line, 3);
}

#[test]
fn kubectl_top_snapshots() {
    let facts = read("kubectl_top.txt");
    let rows: Vec<_> = facts
        .iter()
        .map(|f| {
            (
                f.subject.container.as_deref().unwrap_or(""),
                f.bytes >> 20,
                f.source.line,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("app", 412, 2),
            ("fluent-bit", 96, 3),
            ("app", 415, 6),
            ("fluent-bit", 908, 7)
        ]
    );
    assert_eq!(
        facts[0].subject.pod.as_deref(),
        Some("shop-6d8f9c7b5d-x2x9p")
    );
    let facts = read("kubectl_top_namespaces.txt");
    let rows: Vec<_> = facts
        .iter()
        .map(|f| (f.subject.container.as_deref(), f.bytes >> 20))
        .collect();
    assert_eq!(rows, [(Some("app"), 1022), (Some("istio-proxy"), 61)]);
}

#[test]
fn cgroup_files_of_both_versions() {
    let v2 = read_folder(&sample("cgroup-v2")).expect("readable").facts();
    assert_eq!(bytes_of(&v2, &Quantity::Limit), [1 << 30]);
    assert_eq!(
        bytes_of(&v2, &Quantity::Resident(Resident::Usage)),
        [523_501_568]
    );
    assert_eq!(
        bytes_of(&v2, &Quantity::Resident(Resident::Anonymous)),
        [410_238_976]
    );
    let v1 = read_folder(&sample("cgroup-v1")).expect("readable").facts();
    assert_eq!(
        bytes_of(&v1, &Quantity::Limit),
        [2 << 30],
        "only the limit that is one"
    );
    assert_eq!(
        bytes_of(&v1, &Quantity::Resident(Resident::Usage)),
        [115_589_120]
    );
    assert_eq!(
        bytes_of(&v1, &Quantity::Resident(Resident::Anonymous)),
        [10_919_936]
    );
    let path = Path::new("cgroup.txt");
    let text = "/sys/fs/cgroup/memory.current:5\n/sys/fs/cgroup/memory.max:max\n/sys/fs/cgroup/memory.peak:9\n";
    let facts = read_document(&Document::from_bytes(path, text.as_bytes()), path).expect("valid");
    assert_eq!(bytes_of(&facts, &Quantity::Resident(Resident::Usage)), [5]);
    assert_eq!(facts.len(), 1);
}

#[test]
fn prometheus_instant_and_range() {
    let facts = read("prometheus_instant.json");
    assert_eq!(
        bytes_of(&facts, &Quantity::Resident(Resident::WorkingSet)),
        [433_061_888, 952_107_008]
    );
    assert_eq!(bytes_of(&facts, &Quantity::Limit), [2 << 30]);
    assert_eq!(facts[1].source.line, 5);
    let facts = read("prometheus_range.json");
    let rows: Vec<_> = facts
        .iter()
        .map(|f| (f.subject.container.as_deref().unwrap_or(""), f.bytes))
        .collect();
    assert_eq!(
        rows,
        [
            ("app", 400_000_000),
            ("app", 410_000_000),
            ("fluent-bit", 100_000_000),
            ("fluent-bit", 950_000_000)
        ]
    );
}

#[test]
fn broken_evidence_names_file_and_line() {
    let top = "POD NAME CPU(cores) MEMORY(bytes)\nweb app 3m 12Mi\nweb fluent-bit 3m\n";
    let path = Path::new("top.txt");
    let read = read_source(&Document::from_bytes(path, top.as_bytes()), path).expect("a row");
    assert_eq!(read.facts.len(), 1);
    assert!(read.left_out[0].contains("line 3"), "{:?}", read.left_out);
    assert_eq!(
        broken("top.txt", "POD NAME CPU(cores) MEMORY(bytes)\n").0,
        1
    );
    assert_eq!(
        broken(
            "nmt",
            "1:\nNative Memory Tracking:\n\nTotal: reserved=1KB, committed=x\n"
        )
        .0,
        4
    );
    assert_eq!(broken("nmt", "1:\nNative Memory Tracking:\n").0, 2);
    assert_eq!(
        broken(
            "h",
            "1:\n garbage-first heap   total 1K, used 9 [0x1, 0x2)\n"
        )
        .0,
        2
    );
    assert_eq!(
        broken("f", "1:\n-XX:CICompilerCount=2 -XX:MaxHeapSize=huge\n").0,
        2
    );
    assert_eq!(
        broken("s", "1-2 ---p 00000000 00:00 0 [rollup]\nRss:  12 MB\n").0,
        2
    );
    assert_eq!(broken("st", "Name:\tjava\nPid:\t1\nVmPeak: 1 kB\n").0, 3);
    assert_eq!(broken("memory.current", "12x4\n").0, 1);
    assert_eq!(broken("memory.stat", "anon 12\nfile 1\nanon many\n").0, 3);
    assert_eq!(
        broken(
            "gc.log",
            "[0.1s][info][gc] GC(0) Pause Full (x) 3M->2Q(17M) 2ms\n"
        )
        .0,
        1
    );
    let (line, what) = broken(
        "p.json",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\n\"result\":[{]}}",
    );
    assert_eq!(line, 2, "{what}");
    let (_, what) = broken(
        "p.json",
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error at char 5\"}",
    );
    assert!(what.contains("parse error at char 5"), "{what}");
}

#[test]
fn what_is_no_evidence_is_told() {
    for text in ["", "hello\n", "12345\n", "{\"a\":1}", "\0\0\0\0", "POD\n"] {
        let path = Path::new("notes.txt");
        let got = read_document(&Document::from_bytes(path, text.as_bytes()), path);
        assert!(
            matches!(got, Err(EvidenceError::NotEvidence { .. })),
            "{text:?}: {got:?}"
        );
    }
    assert!(matches!(
        read_file(Path::new("no-such-file")),
        Err(EvidenceError::Io { .. })
    ));
    assert!(matches!(
        read_file(&sample("")),
        Err(EvidenceError::Io { .. })
    ));
    let folder = read_folder(&sample("")).expect("readable");
    let skipped: Vec<String> = folder.skipped().map(|s| s.name()).collect();
    assert_eq!(skipped, ["README.md"], "the README alone is no evidence");
    assert!(folder.facts().len() > 50);
}

/// No input makes a parser panic: every prefix and every line-wise mutation of the samples is read or refused.
#[test]
fn cut_and_mangled_samples_never_panic() {
    let mut state = 12345u64;
    let folders = [sample(""), sample("../evidence-texts")];
    let files = folders
        .iter()
        .flat_map(|f| std::fs::read_dir(f).expect("samples").flatten());
    for entry in files {
        let Ok(bytes) = std::fs::read(entry.path()) else {
            continue;
        };
        for _ in 0..50 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut mangled = bytes.clone();
            mangled.truncate((state >> 33) as usize % (bytes.len() + 1));
            if !mangled.is_empty() {
                let at = (state >> 20) as usize % mangled.len();
                mangled[at] = (state >> 12) as u8;
            }
            let _ = read_document(
                &Document::from_bytes(&entry.path(), &mangled),
                &entry.path(),
            );
        }
    }
}

/// The files of the machine the tests run on.
#[cfg(target_os = "linux")]
#[test]
fn real_files_of_this_machine() {
    let own = read_file(Path::new("/proc/self/smaps_rollup"))
        .or_else(|_| read_file(Path::new("/proc/self/status")));
    let facts = own.expect("own memory is readable");
    let resident = bytes_of(&facts, &Quantity::Resident(Resident::Process))[0];
    assert!(resident > 1 << 20 && resident < 1 << 40, "{resident}");
    let status = read_file(Path::new("/proc/self/status")).expect("readable");
    assert_eq!(status[0].subject.pid, Some(std::process::id().to_string()));
    for file in [
        "/sys/fs/cgroup/memory.stat",
        "/sys/fs/cgroup/memory/memory.stat",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ] {
        if Path::new(file).exists() {
            let facts = read_file(Path::new(file)).unwrap_or_else(|e| panic!("{e}"));
            assert!(facts.iter().all(|f| f.bytes >= 0), "{facts:?}");
        }
    }
}

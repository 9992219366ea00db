//! Evidence as the real programs write it here and now: `jcmd` of every JDK at hand, `/proc`, cgroup files, a GC log; and the heap of a dump
//! against what the JVM itself says of it.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};

use hprof_suspects::verdict::evidence::{Evidence, Quantity, Resident, read_file, read_folder};

use crate::java_program::{JavaProgram, compile, java};
use crate::offheap_live::{feature, jcmd, jdk_homes};
use crate::support::{report, skipped};

const MIB: i64 = 1 << 20;
const MAX_HEAP: i64 = 256 * MIB;

/// `CacheLeak` with some 30 MiB, running under a JDK; it ends with the value.
struct Leak {
    home: PathBuf,
    folder: tempfile::TempDir,
    process: JavaProgram,
}

impl Leak {
    fn start(home: &Path, options: &[&str]) -> Leak {
        let folder = tempfile::tempdir().expect("a folder");
        compile(&home.join("bin/javac"), &["CacheLeak"], folder.path());
        let log = format!("-Xlog:gc*:file={}", folder.path().join("gc.log").display());
        let fixed = ["-Xmx256m", "-XX:NativeMemoryTracking=summary", log.as_str()];
        let options = [&fixed, options].concat();
        let mut command = java(&home.join("bin/java"), &options, folder.path());
        let process = JavaProgram::start(command.args(["com.acme.shop.CacheLeak", "30000"]));
        Leak {
            home: home.to_owned(),
            folder,
            process,
        }
    }

    /// What `jcmd` says, and the facts in it. The file's name tells nothing.
    fn ask(&self, arguments: &[&str]) -> Vec<Evidence> {
        let said = jcmd(&self.home, self.process.id(), arguments);
        let file = self.folder.path().join("said.txt");
        fs::write(&file, &said).expect("a file");
        read_file(&file).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{said}"))
    }

    fn proc(&self, name: &str) -> Vec<Evidence> {
        let path = format!("/proc/{}/{name}", self.process.id());
        read_file(Path::new(&path)).unwrap_or_else(|error| panic!("{error}"))
    }
}

#[track_caller]
fn one(facts: &[Evidence], quantity: &Quantity) -> i64 {
    let found: Vec<_> = facts.iter().filter(|f| f.quantity == *quantity).collect();
    let [fact] = found[..] else {
        panic!("{quantity:?} once in {facts:#?}");
    };
    assert!(fact.source.line > 0, "{fact:?}");
    fact.bytes
}

/// Each JDK from 17 on once.
fn for_each_jdk(test: impl Fn(&Path, u32)) {
    let mut done = Vec::new();
    for home in jdk_homes() {
        let Some(feature) = feature(&home).filter(|f| *f >= 17 && !done.contains(f)) else {
            continue;
        };
        done.push(feature);
        test(&home, feature);
    }
    if done.is_empty() {
        skipped("no JDK 17 or later in JAVA_HOME, on the path or in /usr/lib/jvm");
    }
}

/// All objects of a dump are what the JVM calls used after a full collection, within 2 %, for every collector.
#[test]
fn the_heap_is_as_large_as_the_jvm_says() {
    for_each_jdk(|home, feature| {
        for collector in [
            "-XX:+UseG1GC",
            "-XX:+UseSerialGC",
            "-XX:+UseParallelGC",
            "-XX:+UseZGC",
        ] {
            let leak = Leak::start(home, &[collector]);
            let dump = leak.folder.path().join("dump.hprof");
            let file = dump.to_str().expect("a plain path");
            jcmd(home, leak.process.id(), &["GC.run"]);
            let info = leak.ask(&["GC.heap_info"]);
            jcmd(home, leak.process.id(), &["GC.heap_dump", file]);
            let used = one(&info, &Quantity::HeapUsed);
            let report = report(&dump);
            let heap = &report["heap"];
            let bytes = |part: &str| heap[part]["bytes"].as_i64().expect("bytes");
            let reached: i64 = ["strong", "soft", "weak", "final", "phantom"]
                .into_iter()
                .map(bytes)
                .sum();
            let all = reached + bytes("no_path");
            println!("JDK {feature} {collector}: {all} (reachable {reached}) of {used} used");
            // ZGC counts whole pages of 2 MiB and more, several of them begun: it can only be bounded.
            let is_right = match collector {
                "-XX:+UseZGC" => all <= used && used - all <= 12 * MIB,
                _ => (used - all).abs() * 50 <= used,
            };
            assert!(is_right, "JDK {feature} {collector}: {all} against {used}");
            assert!(used > 25 * MIB, "{used}");
            // The collector's name is in no argument that the dump holds: 256 MiB are found all the same.
            assert_eq!(heap["max_bytes"], MAX_HEAP, "JDK {feature} {collector}");
        }
    });
}

/// Every command whose output is taken as evidence, asked of a running JVM.
#[test]
fn what_jcmd_says_is_understood() {
    for_each_jdk(|home, feature| {
        let leak = Leak::start(home, &["-XX:+UseG1GC"]);
        let tracked = |name: &str| Quantity::NativeCommitted(name.to_owned());

        let info = leak.ask(&["GC.heap_info"]);
        let committed = one(&info, &Quantity::HeapCommitted);
        assert_eq!(one(&info, &Quantity::MaxHeap), MAX_HEAP);
        assert!((1..=committed).contains(&one(&info, &Quantity::HeapUsed)));
        assert_eq!(one(&leak.ask(&["VM.flags"]), &Quantity::MaxHeap), MAX_HEAP);

        let summary = leak.ask(&["VM.native_memory", "summary"]);
        assert_eq!(one(&summary, &tracked("Java Heap")), committed);
        let total = one(&summary, &tracked("Total"));
        assert!(total > committed, "{total}");
        for category in ["Class", "Thread", "Code", "GC"] {
            assert!(one(&summary, &tracked(category)) > 0, "{category}");
        }
        jcmd(home, leak.process.id(), &["VM.native_memory", "baseline"]);
        let difference = leak.ask(&["VM.native_memory", "summary.diff"]);
        assert!(one(&difference, &tracked("Total")) > committed);
        // What did not change has no change beside it.
        let growth = Quantity::NativeGrowth("Total".to_owned());
        let grown: Vec<_> = difference.iter().filter(|f| f.quantity == growth).collect();
        assert!(grown.len() <= 1 && grown.iter().all(|f| f.bytes.abs() < 64 * MIB));

        let all = leak.ask(&["VM.info"]);
        assert_eq!(one(&all, &Quantity::MaxHeap), MAX_HEAP, "JDK {feature}");
        assert_eq!(one(&all, &tracked("Java Heap")), committed);

        // The same process, measured four ways.
        let resident = Quantity::Resident(Resident::Process);
        let measured = [
            one(&leak.proc("status"), &resident),
            one(&leak.proc("smaps_rollup"), &resident),
            one(&all, &resident),
        ];
        let (least, most) = (measured.iter().min(), measured.iter().max());
        let (least, most) = (*least.expect("three"), *most.expect("three"));
        assert!(least > 40 * MIB && most - least < most / 5, "{measured:?}");

        // A full collection leaves the products: 30,000 of some 1,000 bytes.
        jcmd(home, leak.process.id(), &["GC.run"]);
        let log = read_file(&leak.folder.path().join("gc.log")).expect("the log");
        let after = one(&log, &Quantity::HeapAfterFullCollection);
        assert!((25 * MIB..45 * MIB).contains(&after), "{after}");
        assert_eq!(one(&log, &Quantity::MaxHeap), MAX_HEAP);
    });
}

/// The files of this machine's own control group, wherever it keeps them.
#[test]
fn what_the_control_group_says_is_understood() {
    let folders = [
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/memory",
        "/sys/fs/cgroup/init.scope",
        "/sys/fs/cgroup/system.slice",
    ];
    let wanted = |name: &str| name.starts_with("memory.");
    let copied = tempfile::tempdir().expect("a folder");
    let mut copies = 0;
    for (at, folder) in folders.iter().enumerate() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        let target = copied.path().join(at.to_string());
        fs::create_dir(&target).expect("a folder");
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().expect("a plain name");
            // Some can only be written, or are refused.
            if let (true, Ok(content)) = (wanted(&name), fs::read(entry.path())) {
                fs::write(target.join(&name), content).expect("a copy");
                copies += 1;
            }
        }
        let read = read_folder(&target).unwrap_or_else(|error| panic!("{folder}: {error}"));
        for fact in &read.facts() {
            assert!(fact.bytes >= 0 && fact.source.line > 0, "{fact:?}");
        }
        let has_usage = ["memory.current", "memory.usage_in_bytes"]
            .iter()
            .any(|name| target.join(name).exists());
        let usage = Quantity::Resident(Resident::Usage);
        let told = read.facts().iter().any(|fact| fact.quantity == usage);
        assert_eq!(has_usage, told, "{folder}: {:?}", read.facts());
    }
    if copies == 0 {
        skipped("no memory controller below /sys/fs/cgroup");
    }
}

//! Running JVMs with native memory of every kind: what the dump tells against what the JVM itself counts (Native Memory Tracking).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hprof_suspects::verdict::component::Component;
use hprof_suspects::verdict::heap_facts::Read;

use crate::java_program::{JavaProgram, compile, java};
use crate::offheap_corpus::{part, read};
use crate::support::skipped;

const MIB: u64 = 1 << 20;

/// Folders of JDKs: `JAVA_HOME`, those of the tools on the path, those where distributions install them.
pub fn jdk_homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = std::env::var_os("JAVA_HOME")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .filter_map(|folder| fs::canonicalize(folder.join("javac")).ok())
        .filter_map(|tool| Some(tool.parent()?.parent()?.to_owned()));
    homes.extend(on_path);
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten();
    homes.extend(installed.filter_map(|entry| Some(entry.ok()?.path())));
    let mut known: Vec<PathBuf> = homes
        .into_iter()
        .filter_map(|home| fs::canonicalize(home).ok())
        .filter(|home| {
            ["javac", "java", "jcmd"]
                .iter()
                .all(|tool| home.join("bin").join(tool).is_file())
        })
        .collect();
    known.sort();
    known.dedup();
    known
}

/// The feature number in the `release` file of a JDK.
pub fn feature(home: &Path) -> Option<u32> {
    let release = fs::read_to_string(home.join("release")).ok()?;
    let version = release
        .lines()
        .find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(['.', '"', '-', '+']).next()?.parse().ok()
}

pub fn jcmd(home: &Path, process: u32, arguments: &[&str]) -> String {
    let output = Command::new(home.join("bin/jcmd"))
        .arg(process.to_string())
        .args(arguments)
        .output()
        .expect("jcmd");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// `NativeOwners` under the JDK in `home`: what the dump tells, and bytes that Native Memory Tracking has under `Other`.
fn run(home: &Path) -> (Read, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    compile(&home.join("bin/javac"), &["NativeOwners"], folder.path());
    let options = [
        "-Xmx96m",
        "-XX:+UseG1GC",
        "-XX:NativeMemoryTracking=summary",
    ];
    let mut command = java(&home.join("bin/java"), &options, folder.path());
    command
        .arg("com.acme.media.NativeOwners")
        .args([at("index.bin"), at("secret-argument")])
        .env("POD_NAME", "media-7f9c")
        .env("MEDIA_PASSWORD", "hunter2");
    let program = JavaProgram::start(&mut command);
    let tracked = jcmd(home, program.id(), &["VM.native_memory", "summary"]);
    let dump = at("dump.hprof");
    jcmd(
        home,
        program.id(),
        &["GC.heap_dump", dump.to_str().expect("a plain path")],
    );
    drop(program);
    (read(&fs::read(dump).expect("the dump")), other(&tracked))
}

/// `-   Other (reserved=34836KB, committed=34836KB)` in bytes.
fn other(tracked: &str) -> u64 {
    let line = tracked
        .lines()
        .find(|line| line.trim_start_matches(['-', ' ']).starts_with("Other ("))
        .unwrap_or_else(|| panic!("no Other: {tracked}"));
    let kib = line
        .split("committed=")
        .nth(1)
        .and_then(|rest| rest.split("KB").next())
        .and_then(|number| number.parse::<u64>().ok());
    kib.unwrap_or_else(|| panic!("no size: {line}")) << 10
}

#[track_caller]
fn bytes(found: &Read, component: Component) -> u64 {
    part(&found.native, component).map_or(0, |part| {
        assert_eq!(part.low, part.high, "measured: {part:?}");
        part.high
    })
}

#[track_caller]
fn is_right(home: &Path) {
    let feature = feature(home).expect("a release file");
    let (found, other) = run(home);
    let direct = bytes(&found, Component::DirectMemory);
    let caches = bytes(&found, Component::NioThreadCaches);
    let foreign = bytes(&found, Component::ForeignMemory);
    let sum = direct + caches + foreign;
    println!(
        "JDK {feature}: direct {direct} + caches {caches} + foreign {foreign} = {sum}; Other {other}"
    );
    assert!(
        sum.abs_diff(other) * 100 <= other,
        "{sum} against {other}: {:?}",
        found.native
    );

    // What the program allocated, to the byte; an automatic arena counts as direct memory.
    let has_arenas = feature >= 22;
    assert_eq!(direct, if has_arenas { 26 * MIB } else { 24 * MIB });
    assert!(
        (10 * MIB..10 * MIB + 64 * 1024).contains(&caches),
        "{caches}"
    );
    assert_eq!(foreign, if has_arenas { 9 * MIB } else { 0 });
    assert_eq!(bytes(&found, Component::MappedFiles), 3 * MIB);

    let owner = |component| {
        let part = part(&found.native, component).unwrap_or_else(|| panic!("{component:?}"));
        part.owner().unwrap_or_default().rounded()
    };
    let slabs = "com.acme.media.NativeOwners.SLABS: 6 direct buffers, 24 MiB off-heap";
    assert_eq!(owner(Component::DirectMemory), slabs);
    assert_eq!(
        owner(Component::MappedFiles),
        "com.acme.media.NativeOwners.index: 1 mapped file, 3.0 MiB off-heap"
    );
    let caches = owner(Component::NioThreadCaches);
    assert!(
        caches.starts_with("thread media-writer-*: 5 cached buffers, 10 MiB off-heap"),
        "{caches}"
    );
    if has_arenas {
        let arena = "com.acme.media.NativeOwners.arena: 2 allocations, 9.0 MiB off-heap";
        assert_eq!(owner(Component::ForeignMemory), arena);
    }
    let zlib = owner(Component::Zlib);
    assert!(
        zlib.contains("NativeOwners.INFLATERS: 50 open Inflaters"),
        "{zlib}"
    );
    assert!(
        zlib.contains("NativeOwners.DEFLATERS: 15 open Deflaters"),
        "{zlib}"
    );

    let jvm = &found.jvm;
    let max = jvm.max_heap.as_ref().expect("a maximum heap");
    assert_eq!(max.bytes, 96 * MIB, "{}", max.source);
    assert!(
        (41..80).contains(&jvm.platform_threads),
        "{}",
        jvm.platform_threads
    );
    assert_eq!(jvm.asked_stack_bytes, [4 * MIB; 3]);
    assert_eq!(
        jvm.main_class.as_deref(),
        Some("com.acme.media.NativeOwners")
    );
    let told = format!("{:?} {:?}", jvm, found.native.parts);
    assert!(
        !told.contains("hunter2") && !told.contains("secret-argument"),
        "{told}"
    );
}

#[test]
fn native_memory_is_what_the_jvm_counts() {
    let mut features = Vec::new();
    for home in jdk_homes() {
        let Some(feature) = feature(&home).filter(|f| *f >= 17 && !features.contains(f)) else {
            continue;
        };
        features.push(feature);
        is_right(&home);
    }
    if features.is_empty() {
        skipped("no JDK 17 or later in JAVA_HOME, on the path or in /usr/lib/jvm");
    }
}

//! Dumps of JVMs that are made to run out, and of JVMs with threads in masses, by the JDKs that are installed.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::java_program::{JavaProgram, compile, fails, java};
use crate::offheap_live::{feature, jcmd, jdk_homes};
use crate::support::{report, skipped};

/// One JDK of each feature release from 17 on, with the classes of `name` compiled by the oldest of them.
fn jdks(name: &str) -> Option<(tempfile::TempDir, Vec<(u32, PathBuf)>)> {
    let mut homes: Vec<(u32, PathBuf)> = jdk_homes()
        .into_iter()
        .filter_map(|home| Some((feature(&home)?, home)))
        .filter(|(feature, _)| *feature >= 17)
        .collect();
    homes.sort();
    homes.dedup_by_key(|(feature, _)| *feature);
    let Some((_, oldest)) = homes.first() else {
        skipped("no JDK 17 or later in JAVA_HOME, on the path or in /usr/lib/jvm");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    compile(&oldest.join("bin/javac"), &[name], folder.path());
    Some((folder, homes))
}

/// The verdict on the dump that `OutOfSpace` leaves behind when it runs out as `how` says.
fn ran_out(home: &Path, classes: &Path, how: &str, flags: &[&str]) -> Json {
    let dump = classes.join(format!("{how}.hprof"));
    let _ = std::fs::remove_file(&dump);
    let path = format!("-XX:HeapDumpPath={}", dump.display());
    let mut options = vec!["-XX:+HeapDumpOnOutOfMemoryError", &path, "-Xshare:auto"];
    options.extend(flags);
    fails(java(&home.join("bin/java"), &options, classes).args(["OutOfSpace", how]));
    report(&dump)["verdict"].clone()
}

#[test]
fn jvms_say_of_what_they_ran_out() {
    let Some((classes, homes)) = jdks("OutOfSpace") else {
        return;
    };
    let metaspace = ["-Xmx64m", "-XX:MaxMetaspaceSize=10m"];
    for (feature, home) in homes {
        let of = |how: &str, flags: &[&str]| {
            let verdict = ran_out(&home, classes.path(), how, flags);
            let headline = verdict["headline"].as_str().expect("a sentence").to_owned();
            (verdict["heap"].clone(), headline)
        };
        for how in ["lambdas", "proxies"] {
            let (heap, headline) = of(how, &metaspace);
            assert_eq!(heap, "ruled_out", "{feature} {how}: {headline}");
            let told = headline.contains("ran out of metaspace");
            assert!(told, "{feature} {how}: {headline}");
            let held = how != "lambdas" || headline.contains("held by `OutOfSpace.KEPT`");
            assert!(held, "{feature}: {headline}");
        }
        // A thousand lambdas, and a text that is doubled until there is no room.
        let (heap, headline) = of("text", &["-Xmx48m"]);
        assert!(!headline.contains("metaspace"), "{feature}: {headline}");
        assert_ne!(heap, "ruled_out", "{feature}: {headline}");
        // Regions of 1 MiB with three arrays of 256 KiB each have no room for a fourth.
        let (heap, headline) = of("classvalue", &["-Xmx24m", "-XX:+UseG1GC"]);
        assert_eq!(heap, "suspected", "{feature}: {headline}");
        assert!(
            headline.contains("OutOfSpace.BY_CLASS"),
            "{feature}: {headline}"
        );
    }
}

/// The verdict on a live dump of `Pools`.
fn pools(home: &Path, classes: &Path, arguments: &[&str]) -> Json {
    let dump = classes.join("pools.hprof");
    let _ = std::fs::remove_file(&dump);
    let options = ["-Xmx64m", "-Xss256k"];
    let mut command = java(&home.join("bin/java"), &options, classes);
    let program = JavaProgram::start(command.arg("Pools").args(arguments));
    let path = dump.display().to_string();
    jcmd(home, program.id(), &["GC.heap_dump", &path]);
    report(&dump)["verdict"].clone()
}

#[test]
fn executors_of_a_jvm_that_nobody_shuts_down() {
    let Some((classes, homes)) = jdks("Pools") else {
        return;
    };
    for (feature, home) in homes {
        let of = |arguments: &[&str]| {
            let verdict = pools(&home, classes.path(), arguments);
            let headline = verdict["headline"].as_str().expect("a sentence").to_owned();
            (headline, verdict["reasons"].to_string())
        };
        let (headline, reasons) = of(&["kept", "150"]);
        let told = "150 executors not shut down, held by `Pools$Tenant.mails`";
        assert!(headline.contains(told), "{feature}: {headline}");
        let made = "made by java.util.concurrent.Executors$DefaultThreadFactory";
        assert!(reasons.contains(made), "{feature}: {reasons}");
        let (headline, reasons) = of(&["dropped", "150"]);
        assert!(
            headline.contains("150 executors not shut down"),
            "{feature}: {headline}"
        );
        assert!(
            reasons.contains("held by nobody but their threads"),
            "{feature}: {reasons}"
        );
        assert!(
            reasons.contains("made by Pools$$Lambda"),
            "{feature}: {reasons}"
        );
        let (headline, _) = of(&["kept", "90"]);
        assert!(!headline.contains("executors"), "{feature}: {headline}");
        let (_, reasons) = of(&["shared", "520"]);
        assert!(
            reasons.contains("of one ThreadPoolExecutor"),
            "{feature}: {reasons}"
        );
    }
}

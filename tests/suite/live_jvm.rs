//! A JVM started here and now, where there is a JDK: compile, run, ask for histogram and dump, compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::java_program::{JavaProgram, compile, java};
use crate::jvm_parity::compared;
use crate::support::{jdk_tool, report, skipped};

/// The tools it takes.
struct Jdk {
    javac: PathBuf,
    java: PathBuf,
    jcmd: PathBuf,
}

impl Jdk {
    fn find() -> Option<Self> {
        Some(Jdk {
            javac: jdk_tool("javac")?,
            java: jdk_tool("java")?,
            jcmd: jdk_tool("jcmd")?,
        })
    }

    fn jcmd(&self, process: u32, arguments: &[&str]) -> String {
        let output = Command::new(&self.jcmd)
            .arg(process.to_string())
            .args(arguments)
            .output()
            .expect("jcmd");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `CacheLeak` under `flags` and leaves `dump.hprof` and `dump.histo.txt` in `folder`.
    fn dump_of_the_leak(
        &self,
        folder: &Path,
        flags: &[&str],
        dump_options: &[&str],
    ) -> Result<(PathBuf, PathBuf), String> {
        compile(&self.javac, &["CacheLeak"], folder);
        let mut command = java(&self.java, &["-Xmx64m"], folder);
        command
            .args(flags)
            .args(["com.acme.shop.CacheLeak", "3000"]);
        let program = JavaProgram::start(&mut command);
        let (dump, histogram) = (folder.join("dump.hprof"), folder.join("dump.histo.txt"));
        fs::write(&histogram, self.jcmd(program.id(), &["GC.class_histogram"]))
            .expect("the histogram");
        let file = dump.to_str().expect("a plain path");
        let said = self.jcmd(
            program.id(),
            &[&["GC.heap_dump"], dump_options, &[file]].concat(),
        );
        drop(program);
        // Old JVMs do not know every option, and say so with success.
        if dump.exists() {
            Ok((dump, histogram))
        } else {
            Err(said)
        }
    }
}

fn is_right(flags: &[&str], dump_options: &[&str]) {
    let Some(jdk) = Jdk::find() else {
        return skipped("no JDK (javac, java, jcmd) in JAVA_HOME or on the path");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (dump, histogram) = match jdk.dump_of_the_leak(folder.path(), flags, dump_options) {
        Ok(files) => files,
        Err(said) => return skipped(&format!("this JVM writes no such dump: {said}")),
    };
    let found = compared(&dump, &histogram).unwrap_or_else(|told| panic!("{flags:?}: {told}"));
    // Before JDK 21 fillers are `int[]` to the JVM too, and the collection before the dump leaves others than the one before the histogram.
    let wrong = found
        .wrong
        .iter()
        .filter(|line| !line.starts_with("int[]:"));
    assert_eq!(wrong.count(), 0, "{flags:?}: {found}");
    let suspect = &report(&dump)["suspects"][0];
    assert_eq!(
        suspect["holder"]["class"], "com.acme.shop.CacheLeak",
        "{flags:?}: {suspect}"
    );
    assert_eq!(suspect["holder"]["field"], "PRODUCTS");
    assert_eq!(suspect["content"]["objects"], 3000);
}

#[test]
fn the_jvm_as_it_comes() {
    is_right(&[], &[]);
}

#[test]
fn a_jvm_without_compressed_references() {
    is_right(&["-XX:+UseSerialGC", "-XX:-UseCompressedOops"], &[]);
}

#[test]
fn a_dump_that_the_jvm_compressed() {
    is_right(&["-XX:+UseParallelGC"], &["-gz=1"]);
}

/// Without its archive the JVM has no class objects but those it dumps: then `java.lang.Class` agrees too, which the recorded dumps of JVMs
/// with an archive cannot show.
#[test]
fn class_objects_without_an_archive() {
    let Some(jdk) = Jdk::find() else {
        return skipped("no JDK (javac, java, jcmd) in JAVA_HOME or on the path");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let flags = ["-Xshare:off", "-XX:+UseG1GC"];
    let (dump, histogram) = jdk
        .dump_of_the_leak(folder.path(), &flags, &[])
        .unwrap_or_else(|said| panic!("{said}"));
    let found = compared(&dump, &histogram).unwrap_or_else(|told| panic!("{told}"));
    println!("-Xshare:off: {found}");
    let mentions = |lines: &[String]| {
        lines
            .iter()
            .any(|line| line.starts_with("java.lang.Class:"))
    };
    assert!(
        !mentions(&found.wrong) && !mentions(&found.not_in_the_dump),
        "{found}"
    );
}

//! What `collect` writes beside the dump tells no secret, wherever a process carries one: its command line, properties, flags, paths,
//! the environment, a login. Nor does the report about the folder.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::collect_support::jdks;
use crate::java_program::{JavaProgram, compile, java};
use crate::privacy_support::Secrets;
use crate::support::{program, run, run_command};

const PROPERTY: &str = "-Ddb.password=Zq7property4Er";
const FLAGS: [&str; 6] = [
    "-Xmx64m",
    "-XX:NativeMemoryTracking=summary",
    "-XX:OnError=curl Zq8flagOnError5Ty",
    "-XX:HeapDumpPath=/tmp/Zq9dumpPath6Ui",
    "-XX:ErrorFile=/tmp/Zq1errorFile7Op",
    PROPERTY,
];
const LOG: &str = "Zq2gclog8As.log";
const ENVIRONMENT: [(&str, &str); 8] = [
    ("JAVA_TOOL_OPTIONS", "-Dtool.secret=Zq1toolOptions7Kd"),
    ("JDK_JAVA_OPTIONS", "-Djdk.secret=Zq2jdkOptions8Lm"),
    ("DB_PASSWORD", "Zq3environment9Nb"),
    ("CLASSPATH", "/tmp/Zq4classpath1Vc"),
    ("LD_LIBRARY_PATH", "/tmp/Zq5library2Xs"),
    ("USER", "Zq6login3Wq"),
    ("USERNAME", "Zq6login3Wq"),
    ("LOGNAME", "Zq6login3Wq"),
];
const ARGUMENT: &str = "--token=Zq3argument9Df";

/// A JVM that carries all of them.
fn start(home: &Path, folder: &Path) -> JavaProgram {
    compile(&home.join("bin/javac"), &["Sessions"], folder);
    let log = format!("-Xlog:gc:file={}", folder.join(LOG).display());
    let flags = [&FLAGS[..], &[&log]].concat();
    let mut command = java(&home.join("bin/java"), &flags, folder);
    command.args(["com.acme.shop.Sessions", "2000", "2000", ARGUMENT]);
    command
        .envs(ENVIRONMENT)
        .stderr(std::process::Stdio::null());
    JavaProgram::start(&mut command)
}

#[test]
fn what_collect_writes_tells_no_secret() {
    let mut all: Vec<String> = FLAGS.into_iter().map(str::to_owned).collect();
    all.extend(ENVIRONMENT.map(|(_, value)| value.to_owned()));
    all.extend([ARGUMENT.to_owned(), LOG.to_owned()]);
    let secrets = Secrets::planted_by(&all);
    assert!(secrets.names().len() >= 11, "{:?}", secrets.names());
    for home in jdks() {
        let folder = tempfile::tempdir().expect("a folder");
        let jvm = start(&home, folder.path());
        let incident = folder.path().join("incident");
        let mut collect = program();
        collect.arg("collect").arg(jvm.id().to_string());
        let said = run_command(collect.arg("-o").arg(&incident)).succeeded();
        let mut outputs = vec![
            ("collect".to_owned(), said.stdout),
            ("collect".to_owned(), said.stderr.into()),
        ];
        let mut names = BTreeSet::new();
        for file in fs::read_dir(&incident).expect("a folder") {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            // The dump itself is the heap, with all that is in it.
            if name != "heap.hprof" {
                outputs.push((name.clone(), fs::read(&path).expect("readable")));
            }
            names.insert(name);
        }
        for format in ["text", "json", "markdown", "html"] {
            let words = ["--detail", "full", "--format", format].map(Into::into);
            let report = run([vec![incident.clone().into_os_string()], words.to_vec()].concat());
            let report = report.succeeded();
            outputs.push((format!("report {format}"), report.stdout));
            outputs.push((format!("report {format}"), report.stderr.into()));
        }
        for (what, bytes) in &outputs {
            assert_eq!(
                secrets.found_in(bytes),
                BTreeSet::new(),
                "{what} of {}",
                home.display()
            );
        }
        // What is read of them is there.
        for name in [
            "vm_info.txt",
            "vm_flags.txt",
            "native_memory.txt",
            "heap_info.txt",
        ] {
            assert!(names.contains(name), "{names:?}");
        }
        let text = |name: &str| fs::read_to_string(incident.join(name)).expect(name);
        assert!(text("vm_flags.txt").contains("-XX:MaxHeapSize=67108864"));
        let info = text("vm_info.txt");
        for part in ["# Java VM: ", "Heap:\n", "Total: reserved=", "Time: "] {
            assert!(info.contains(part), "{part}: {info}");
        }
    }
}

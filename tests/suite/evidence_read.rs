//! Evidence through the real program: what the section EVIDENCE says, files as they lie there, and large amounts of them.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use hprof_suspects::verdict::evidence::{Order, arrange, read_file, read_folder};
use hprof_suspects::verdict::observed::{Known, Observed};
use serde_json::{Value, json};

use crate::support::{golden, program, run_command};

const TWO: &str = "\
user@bastion:~$ date -u
Sun Nov 29 08:00:05 UTC 2026
user@bastion:~$ kubectl top pod -n shop --containers
POD      NAME          CPU(cores)   MEMORY(bytes)
shop-1   app           412m         1123Mi
shop-1   istio-proxy   9m           61Mi
user@bastion:~$ date -u
Sun Nov 29 09:00:05 UTC 2026
user@bastion:~$ kubectl top pod -n shop --containers
POD      NAME          CPU(cores)   MEMORY(bytes)
shop-1   app           499m         1423Mi
shop-1   istio-proxy   9m           64Mi
";

fn readings(report: &Value) -> Vec<Value> {
    let rows = report["evidence"].as_array().expect("evidence");
    let of = |row: &Value| row["readings"].as_array().cloned().unwrap_or_default();
    rows.iter().flat_map(of).collect()
}

/// Each number with its place, time and line; growth for every container.
#[test]
fn the_report_says_what_was_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = folder.path().join("top.txt");
    fs::write(&top, TWO).expect("a file");
    let status = folder.path().join("status.txt");
    let text = "Name:\tjava\nPid:\t17\nVmHWM:\t  900000 kB\nVmRSS:\t  820000 kB\nThreads:\t61\n";
    fs::write(&status, text).expect("a file");
    let mut command = program();
    command.arg(golden("sample")).args(["--format", "json"]);
    command
        .arg("--evidence")
        .arg(&top)
        .arg("--evidence")
        .arg(&status);
    let report = run_command(&mut command).succeeded().json();
    let found = readings(&report);
    let of_app = |what: &str, mib: u64, time: &str, line: u64| {
        json!({
            "what": what, "value_bytes": mib << 20, "category": null, "container": "app", "pod": "shop-1",
            "namespace": "shop", "pid": null, "process": null, "time": time, "line": line
        })
    };
    for expected in [
        of_app("working_set", 1123, "2026-11-29T08:00:05Z", 5),
        of_app("working_set", 1423, "2026-11-29T09:00:05Z", 11),
        of_app("growth", 300, "2026-11-29T09:00:05Z", 11),
    ] {
        assert!(found.contains(&expected), "{expected} is not in {found:#?}");
    }
    let of = |what: &str| found.iter().filter(|row| row["what"] == what).count();
    assert_eq!((of("working_set"), of("growth")), (4, 2), "{found:#?}");
    let threads = found
        .iter()
        .find(|row| row["what"] == "threads")
        .expect("threads");
    assert_eq!(threads["count"], 61);
    assert_eq!(
        (&threads["pid"], &threads["process"]),
        (&json!("17"), &json!("java"))
    );
    assert!(
        threads.get("value_bytes").is_none_or(Value::is_null),
        "{threads}"
    );
    let rows = report["evidence"].as_array().expect("rows");
    assert_eq!(rows[0]["source"], "top.txt");
    assert!(
        rows[0]["text"].to_string().contains("shop/shop-1/app"),
        "{}",
        rows[0]
    );
}

/// A time before one command is not that of a later one.
#[test]
fn a_date_is_of_the_next_command_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("top.txt");
    let second = TWO.rfind("user@bastion:~$ date").expect("a second date");
    let last = TWO
        .rfind("user@bastion:~$ kubectl")
        .expect("a second command");
    fs::write(&file, format!("{}{}", &TWO[..second], &TWO[last..])).expect("a file");
    let facts = read_file(&file).expect("evidence");
    let times: Vec<bool> = facts.iter().map(|fact| fact.time.is_some()).collect();
    assert_eq!(times, [true, true, false, false]);
}

#[test]
fn compressed_evidence_is_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("top.txt");
    fs::write(&plain, TWO).expect("a file");
    // Rotated logs are often several members.
    let mut packed = Vec::new();
    let (head, tail) = TWO.split_at(200);
    for part in [head, tail] {
        let mut encoder =
            flate2::write::GzEncoder::new(&mut packed, flate2::Compression::default());
        encoder.write_all(part.as_bytes()).expect("in memory");
        encoder.finish().expect("in memory");
    }
    let file = folder.path().join("top.txt.gz");
    fs::write(&file, &packed).expect("a file");
    let read = |path| -> Vec<_> {
        let facts = read_file(path).expect("evidence").into_iter();
        facts
            .map(|f| (f.quantity, f.bytes, f.subject, f.time, f.source.line))
            .collect()
    };
    assert_eq!(read(&file), read(&plain));
    let mut command = program();
    command
        .arg(golden("sample"))
        .args(["--format", "json", "--evidence"])
        .arg(&file);
    let report = run_command(&mut command).succeeded().json();
    assert_eq!(readings(&report).len(), 6, "{}", report["evidence"]);
    // Cut off, it is an error and no half an answer.
    fs::write(&file, &packed[..packed.len() - 20]).expect("a file");
    assert!(read_file(&file).is_err());
}

/// Reading a folder takes time in proportion to its files.
#[test]
fn a_folder_of_many_files_is_read_in_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..2_000_u64 {
        let (minute, second) = (at / 60 % 60, at % 60);
        let text = format!(
            "==> /proc/17/status <==\n2026-11-29T{:02}:{minute:02}:{second:02}Z\n\
             Name:\tjava\nPid:\t17\nVmHWM:\t {rss} kB\nVmRSS:\t {rss} kB\n",
            at / 3600,
            rss = 800_000 + at
        );
        fs::write(folder.path().join(format!("watch-{at:05}.txt")), text).expect("a file");
    }
    let began = Instant::now();
    let sources = read_folder(folder.path()).expect("evidence").sources;
    let sources = arrange(sources, Order::Clear).expect("their order is clear");
    let facts: Vec<_> = sources
        .into_iter()
        .flat_map(|source| source.facts)
        .collect();
    let observed = Observed::of(&facts, &Known::default());
    assert_eq!(
        observed.growth.map(|growth| growth.bytes),
        Some(1_999 << 10)
    );
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}

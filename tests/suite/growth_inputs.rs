//! How the inputs of a comparison are given: by name, as a baseline, in a wrong order, in folders with what was measured outside.

use std::path::Path;

use crate::growth_support::{compared, dump, grown, saved, store};
use crate::input_support::{gzip, zstd};
use crate::support::{run, temporary};
use serde_json::Value as Json;

/// `--baseline REPORT` is the same as to name the report first.
#[test]
fn a_baseline_is_the_first_input() {
    let [first, last] = [(3_000, 0), (24_000, 60)].map(|(n, minutes)| dump(&store(7, n), minutes));
    let report = saved(&first);
    let named = compared(&[&*report, &*last], &["--format", "json"]);
    let arguments = [
        "--baseline".as_ref(),
        report.as_os_str(),
        last.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    let baseline = run(arguments).succeeded().json();
    assert_eq!(baseline["growth"], named.succeeded().json()["growth"]);
    assert_eq!(grown(&baseline["growth"]), ["com.acme.Store.ORDERS"]);
}

/// Inputs are compared in the order of their times, and it is said that they were named in another one.
#[test]
fn the_times_of_the_inputs_decide() {
    let [first, last] = [(3_000, 0), (24_000, 60)].map(|(n, minutes)| dump(&store(7, n), minutes));
    let right = compared(&[&*first, &*last], &[]).succeeded().text();
    let wrong = compared(&[&*last, &*first], &[]).succeeded().text();
    let words = "not named in the order of their times";
    assert!(!right.contains(words), "{right}");
    assert!(wrong.contains(words), "{wrong}");
    let json = compared(&[&*last, &*first], &["--format", "json"]);
    let growth = json.succeeded().json()["growth"].clone();
    assert_eq!(grown(&growth), ["com.acme.Store.ORDERS"], "{growth}");
}

/// A folder with a dump and the state of its process.
fn incident(dump: &Path, resident: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(dump, folder.path().join("heap.hprof")).expect("the dump");
    let status = format!(
        "Name:\tjava\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nPid:\t4711\nPPid:\t1\n\
         VmPeak:\t 9000000 kB\nVmSize:\t 9000000 kB\nVmHWM:\t {resident} kB\nVmRSS:\t {resident} kB\nThreads:\t20\n"
    );
    std::fs::write(folder.path().join("status"), status).expect("the status");
    folder
}

/// What was measured outside at the same times grew, and the heap did not: it is ruled out, with high confidence.
#[test]
fn folders_bring_what_was_measured_outside() {
    let dumps = [0, 60, 120].map(|minutes| dump(&store(7, 3_000), minutes));
    let resident = [100_000, 200_000, 400_000];
    let folders = [0, 1, 2].map(|i| incident(&dumps[i], resident[i]));
    let paths = [0, 1, 2].map(|i| folders[i].path());
    let report = compared(&paths, &["--format", "json"]).succeeded().json();
    let growth = &report["growth"];
    let bytes = resident.map(|kib| kib << 10);
    assert_eq!(growth["observed"]["bytes"], serde_json::json!(bytes));
    assert_eq!(growth["observed_grew_bytes"], 300_000 << 10);
    assert_eq!(grown(growth), [""; 0], "{growth}");
    let verdict = &report["verdict"];
    assert_eq!(verdict["heap"], "ruled_out", "{verdict}");
    assert_eq!(verdict["confidence"], "high", "{verdict}");
    let headline = verdict["headline"].as_str().expect("a headline");
    assert!(
        headline.contains("it grew by 0 B from dump to dump"),
        "{headline}"
    );
}

/// A report, a class histogram and a dump are compared as well when they are packed, however they are called; a packed report is rendered.
#[test]
fn packed_inputs_are_unpacked() {
    let dumps = [(3_000, 0), (12_000, 30), (24_000, 60)].map(|(n, at)| dump(&store(7, n), at));
    let report = saved(&dumps[0]);
    let histogram = " num     #instances         #bytes  class name (module)\n   1:          3000          48000  com.acme.Order\n\
                     Total          3000          48000\n";
    let bytes = |path: &Path| std::fs::read(path).expect("a file");
    let growth = |inputs: &[&Path]| {
        let json = compared(inputs, &["--format", "json"]).succeeded().json();
        let mut growth = json["growth"].clone();
        for input in growth["inputs"].as_array_mut().expect("inputs") {
            input["file"] = Json::Null;
        }
        growth
    };
    let plain = growth(&[&*report, &*dumps[1], &*dumps[2]]);
    assert_eq!(grown(&plain), ["com.acme.Store.ORDERS"]);
    let packed_report = temporary(".bin", &zstd(&bytes(&report)));
    let packed_dump = temporary(".bin", &gzip(&bytes(&dumps[1])));
    assert_eq!(growth(&[&*packed_report, &*packed_dump, &*dumps[2]]), plain);
    let [plain, packed] = [
        temporary(".txt", histogram.as_bytes()),
        temporary(".txt", &gzip(histogram.as_bytes())),
    ];
    assert_eq!(
        growth(&[&*packed, &*dumps[2]]),
        growth(&[&*plain, &*dumps[2]])
    );
    let render = |path: &Path| {
        run(["render".as_ref(), path.as_os_str()])
            .succeeded()
            .stdout
    };
    assert_eq!(render(&packed_report), render(&report));
}

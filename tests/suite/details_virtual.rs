//! Virtual threads in masses: every one of them is counted somewhere, and one stack is one stack to its end.

use serde_json::Value;

use crate::support::{golden, report, run, temporary};
use crate::synth::{Class, Heap, ThreadHandle};

struct Threads {
    heap: Heap,
    class: Class,
    code: Class,
}

impl Threads {
    fn new() -> Threads {
        let mut heap = Heap::new();
        let class = heap.class("java.lang.VirtualThread");
        let class = class.extends("java.lang.Thread").fields("state:I").done();
        let code = heap.class("com.acme.Session").app().done();
        Threads { heap, class, code }
    }

    fn start(&mut self, name: &str, lines: impl Iterator<Item = i32>) -> ThreadHandle {
        let thread = self.heap.thread_of(self.class, name);
        for line in lines {
            self.heap
                .frame(thread, self.code, "step", Some("Session.java"), line);
        }
        thread
    }
}

fn rows(json: &Value) -> &Vec<Value> {
    json.as_array().expect("threads")
}

fn sum(rows: &[Value]) -> u64 {
    rows.iter().filter_map(|row| row["count"].as_u64()).sum()
}

#[test]
fn those_without_a_row_of_their_own_are_counted_together() {
    let mut threads = Threads::new();
    for i in 0..260 {
        threads.start(&format!("session-{i}"), [i % 130 + 1].into_iter());
    }
    let platform = threads.heap.thread("main");
    let _ = platform;
    let file = temporary(".hprof", &threads.heap.write().bytes);
    let json = report(&file);
    let told = rows(&json["threads"]);
    assert_eq!(told.len(), 1 + 100 + 1);
    assert_eq!(sum(told), 261);
    assert_eq!(json["heap"]["threads"], 261);
    let last = told.last().expect("a row");
    assert_eq!(last["other_stacks"], 30);
    assert_eq!(last["count"], 60);
    assert!(last["retained_bytes"].as_u64() > Some(0), "{last}");
    let arguments = ["threads".as_ref(), file.as_os_str()];
    let text = run(arguments).succeeded().text();
    assert!(text.starts_with("261 threads\n"), "{text}");
    let line = text.lines().last().expect("a line");
    assert!(
        line.contains(" 60 more virtual threads with 30 other stacks"),
        "{line}"
    );
    let page = run([file.as_os_str(), "--detail".as_ref(), "full".as_ref()]);
    let page = page.succeeded().text();
    assert!(page.contains("261 threads"), "{page}");
    // By name all are found.
    let arguments = ["threads".as_ref(), file.as_os_str()].into_iter();
    let named = ["--name", "session", "--format", "json"].map(AsRef::as_ref);
    let json = run(arguments.chain(named)).succeeded().json();
    assert_eq!(rows(&json).len(), 130);
    assert_eq!(sum(rows(&json)), 260);
}

/// Frames below those that are told count as well.
#[test]
fn stacks_that_differ_deep_down_are_two() {
    let mut threads = Threads::new();
    for (name, deepest) in [("a", 7), ("b", 8), ("c", 8)] {
        let lines = (0..140).map(|i| if i == 130 { deepest } else { 1 });
        threads.start(name, lines);
    }
    let json = report(&temporary(".hprof", &threads.heap.write().bytes));
    let mut counts: Vec<u64> = rows(&json["threads"])
        .iter()
        .filter_map(|row| row["count"].as_u64())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2], "{}", json["threads"]);
}

/// JDK 21 does not name parked virtual threads as GC roots.
#[test]
fn the_report_counts_the_threads_that_it_lists() {
    for name in [
        "virtual-threads-jdk21",
        "virtual-threads-jdk25",
        "thread-locals",
    ] {
        let json = report(&golden(name));
        assert_eq!(
            json["heap"]["threads"],
            sum(rows(&json["threads"])),
            "{name}"
        );
    }
}

/// Whatever the number of the others.
#[test]
fn one_virtual_thread_is_no_mass_of_threads() {
    for others in [0, 3] {
        let mut threads = Threads::new();
        let thread = threads.start("export", [7].into_iter());
        let body = threads.heap.prim_array(crate::synth::Kind::Byte, 8 << 20);
        threads.heap.local(thread, 0, body);
        for i in 0..others {
            threads.start(&format!("import-{i}"), [9].into_iter());
        }
        let json = report(&temporary(".hprof", &threads.heap.write().bytes));
        let suspect = &json["suspects"][0];
        assert_eq!(suspect["holder"]["thread"], "export", "{suspect}");
        assert_eq!(suspect["pattern"], Value::Null, "{suspect}");
    }
}

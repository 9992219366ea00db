//! Threads in masses: executors that nobody shuts down, by what makes their threads and by who holds them, and many threads of one name.

use hprof_suspects::suspects::patterns::{Assessment, Finding};

use crate::patterns_shapes::{Case, either, find, keep, object, worst};
use crate::support::report;
use crate::synth::{Heap, Obj, Value};
use crate::verdict_minor::of_mib;

const POOL: &str = "java.util.concurrent.ThreadPoolExecutor";
const RUNNING: &str = "executors_not_shut_down";
const THREADS: &str = "threads_in_masses";

pub const CASES: &[Case] = &[
    Case {
        id: THREADS,
        build: |heap, fire| {
            senders(heap, either(fire, 501, 500));
        },
        fires: Assessment::Unbounded,
        misses: None,
    },
    // As many of two names.
    Case {
        id: THREADS,
        build: |heap, fire| {
            for i in 0..600 {
                let name = either(fire, 0, i % 2);
                alive(heap, &format!("{}-{i}", ["worker", "pool"][name]));
            }
        },
        fires: Assessment::Unbounded,
        misses: None,
    },
];

/// A thread with a native one.
fn alive(heap: &mut Heap, name: &str) -> Obj {
    let thread = heap.thread(name);
    let thread = heap.thread_object(thread);
    heap.set(thread, "eetop", 0x7f00_0000i64);
    thread
}

fn senders(heap: &mut Heap, n: usize) -> Vec<Obj> {
    (0..n)
        .map(|i| alive(heap, &format!("http-worker-{i}")))
        .collect()
}

/// An executor with one thread, as the JDK wraps it.
fn pool(heap: &mut Heap, number: usize) -> Obj {
    let class = "java.util.concurrent.atomic.AtomicInteger";
    let ctl = object(heap, class, &[("value", Value::Int(-536_870_911))]);
    let thread = alive(heap, &format!("pool-{number}-thread-1"));
    let factory = object(
        heap,
        "java.util.concurrent.Executors$DefaultThreadFactory",
        &[],
    );
    let class = "java.util.concurrent.ThreadPoolExecutor$Worker";
    let fields = [("thread", thread.into()), ("this$0", Value::Null)];
    let worker = object(heap, class, &fields);
    let workers = heap.hash_set(&[worker.into()]);
    let fields = [
        ("ctl", ctl.into()),
        ("workers", workers.into()),
        ("threadFactory", factory.into()),
    ];
    let pool = object(heap, POOL, &fields);
    heap.set(worker, "this$0", pool);
    object(
        heap,
        "java.util.concurrent.Executors$DelegatedExecutorService",
        &[("e", pool.into())],
    )
}

fn of<'f>(findings: &'f [Finding], id: &str) -> &'f Finding {
    let found = findings.iter().find(|finding| finding.pattern.id == id);
    found.unwrap_or_else(|| panic!("{findings:?}"))
}

#[test]
fn executors_are_told_with_their_threads_and_who_holds_them() {
    let mut heap = Heap::new();
    let tenants: Vec<Obj> = (0..150)
        .map(|i| {
            let pool = pool(&mut heap, i);
            object(&mut heap, "com.acme.Tenant", &[("mails", pool.into())])
        })
        .collect();
    keep(&mut heap, &tenants);
    let findings = find(&heap.write().bytes);
    let found = of(&findings, RUNNING);
    assert_eq!(found.assessment, Assessment::Unbounded);
    assert_eq!(found.measured, Some(150));
    assert_eq!(found.held_by.as_deref(), Some("com.acme.Tenant.mails"));
    assert_eq!(
        found.note,
        "threads \"pool-*-thread-*\" made by java.util.concurrent.Executors$DefaultThreadFactory, held by com.acme.Tenant.mails"
    );
}

/// In the collection of a static field, and forgotten by everybody.
#[test]
fn the_field_of_a_collection_or_nobody_holds_executors() {
    let mut heap = Heap::new();
    let pools: Vec<Obj> = (0..101).map(|i| pool(&mut heap, i)).collect();
    let list = heap.array_list(&pools);
    let class = heap.class("com.acme.Jobs").app();
    class.static_field("POOLS", list).done();
    let findings = find(&heap.write().bytes);
    let held_by = of(&findings, RUNNING).held_by.clone();
    assert_eq!(held_by.as_deref(), Some("com.acme.Jobs.POOLS"));

    let mut heap = Heap::new();
    for i in 0..101 {
        pool(&mut heap, i);
    }
    // Each is held by its worker, and that by its thread.
    let findings = find(&with_targets(&mut heap, 101));
    let found = of(&findings, RUNNING);
    assert_eq!(found.held_by, None);
    assert!(
        found.note.ends_with("held only by their threads"),
        "{}",
        found.note
    );
}

/// The dump of a heap in which threads hold what they run.
fn with_targets(heap: &mut Heap, executors: usize) -> Vec<u8> {
    for i in 0..executors {
        let pool = pool(heap, executors + i);
        let executor = heap.instance_ref(pool, "e").expect("an executor");
        let thread = heap.thread(&format!("pool-{}-thread-1", executors + i));
        let frame_class = heap.class_named(POOL).expect("declared");
        let frame = heap.frame(thread, frame_class, "runWorker", None, 7);
        heap.local(thread, frame, executor);
    }
    heap.write().bytes
}

#[test]
fn timers_that_were_not_cancelled_are_executors() {
    let timers = |n: usize, open: bool| {
        let mut heap = Heap::new();
        let class = heap
            .class("java.util.TimerThread")
            .extends("java.lang.Thread");
        let class = class.fields("newTasksMayBeScheduled:Z").done();
        for i in 0..n {
            let thread = heap.thread_of(class, &format!("Timer-{i}"));
            let thread = heap.thread_object(thread);
            heap.set(thread, "eetop", 0x7f00_0000i64);
            heap.set(thread, "newTasksMayBeScheduled", open);
        }
        worst(&find(&heap.write().bytes), RUNNING)
    };
    assert_eq!(timers(101, true), Some(Assessment::Unbounded));
    assert_eq!(timers(100, true), Some(Assessment::ByDesign));
    assert_eq!(timers(101, false), None, "cancelled");
}

#[test]
fn the_title_says_so_however_little_they_keep() {
    let mut heap = Heap::new();
    let pools: Vec<Obj> = (0..120).map(|i| pool(&mut heap, i)).collect();
    let list = heap.array_list(&pools);
    let class = heap.class("com.acme.Jobs").app();
    class.static_field("POOLS", list).done();
    let json = report(&of_mib(&mut heap, 256));
    let headline = json["verdict"]["headline"].as_str().expect("a sentence");
    let told = "120 executors not shut down, held by `com.acme.Jobs.POOLS`";
    assert!(headline.contains(told), "{headline}");
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(
        reasons.contains("made by java.util.concurrent.Executors$DefaultThreadFactory"),
        "{reasons}"
    );
    let first = json["verdict"]["next_steps"][0].as_str().expect("a step");
    assert!(
        first.starts_with("look at the 120 executors not shut down"),
        "{first}"
    );

    let mut heap = Heap::new();
    senders(&mut heap, 600);
    let json = report(&of_mib(&mut heap, 256));
    let headline = json["verdict"]["headline"].as_str().expect("a sentence");
    assert!(
        headline.contains("600 threads, 600 of them `http-worker-*`"),
        "{headline}"
    );
    assert!(!headline.contains("executors"), "{headline}");
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(reasons.contains("600 threads in masses"), "{reasons}");
}

#[test]
fn threads_in_masses_fire_and_stay_quiet() {
    crate::patterns_shapes::check(CASES);
}

//! Whose evidence it is, what is subtracted from what, and which file is earlier.

use std::path::Path;

use hprof_suspects::verdict::evidence::{
    Document, Evidence, EvidenceError, Order, SourceFile, arrange, read_folder, read_source,
};
use hprof_suspects::verdict::observed::{Known, Observed};

const MIB: i64 = 1 << 20;

fn source(name: &str, text: &str) -> SourceFile {
    let path = Path::new(name);
    read_source(&Document::from_bytes(path, text.as_bytes()), path)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn facts(sources: Vec<SourceFile>) -> Vec<Evidence> {
    let sources = arrange(sources, Order::Clear).unwrap_or_else(|error| panic!("{error}"));
    sources.into_iter().flat_map(|s| s.facts).collect()
}

fn observed(texts: &[(&str, &str)], known: &Known<'_>) -> Observed {
    let sources = texts.iter().map(|(name, text)| source(name, text));
    Observed::of(&facts(sources.collect()), known)
}

fn grown(observed: &Observed) -> Vec<(String, i64)> {
    let one = |g: &hprof_suspects::verdict::observed::Growth| {
        (g.subject.label().unwrap_or_default(), g.bytes / MIB)
    };
    observed.growths.iter().map(one).collect()
}

fn top(app: u64, sidecar: u64) -> String {
    format!(
        "POD NAME CPU(cores) MEMORY(bytes)\nweb-1 app 3m {app}Mi\nweb-1 fluent-bit 3m {sidecar}Mi\n"
    )
}

const OWN: Known<'static> = Known {
    container: None,
    pod: Some("web-1"),
    live_bytes: 0,
};

#[test]
fn every_container_grows_by_itself() {
    let (one, two) = (top(100, 50), top(104, 950));
    let observed = observed(&[("top-1.txt", &one), ("top-2.txt", &two)], &OWN);
    assert_eq!(
        grown(&observed),
        [
            ("web-1/app".to_owned(), 4),
            ("web-1/fluent-bit".to_owned(), 900)
        ]
    );
    assert_eq!(observed.growth.map(|g| g.bytes), Some(4 * MIB));
}

#[test]
fn two_namespaces_are_two_things() {
    let text = "shop web-1 app 3m 400Mi\nblue web-1 app 3m 900Mi\n";
    let observed = observed(&[("top.txt", text)], &OWN);
    assert!(observed.growths.is_empty(), "{:?}", observed.growths);
    assert_eq!(observed.growth, None);
}

#[test]
fn another_pod_is_not_the_dumps_without_a_word() {
    let known = Known {
        pod: Some("web-2"),
        ..OWN
    };
    let (one, two) = (top(100, 50), top(900, 50));
    let observed = observed(&[("top-1.txt", &one), ("top-2.txt", &two)], &known);
    assert_eq!(observed.growth, None);
    assert!(
        observed.notes[0].contains("another pod"),
        "{:?}",
        observed.notes
    );
}

#[test]
fn names_that_begin_like_sidecars_are_applications() {
    for name in ["vector-search", "nginx-app", "envoy-admin"] {
        let text = format!(
            "POD NAME CPU(cores) MEMORY(bytes)\nweb-1 {name} 3m 800Mi\nweb-1 vector 3m 90Mi\n"
        );
        let observed = observed(&[("top.txt", &text)], &OWN);
        assert_eq!(observed.jvm().map(|c| c.name.as_str()), Some(name));
    }
}

#[test]
fn a_limit_below_the_heap_is_not_the_jvms() {
    let described = "Name: web-1\nNamespace: shop\nContainers:\n  a:\n    Limits:\n      memory:  64Mi\n  b:\n    Limits:\n      memory:  2Gi\n";
    let known = Known {
        live_bytes: 500 << 20,
        ..OWN
    };
    let observed = observed(&[("pod.txt", described)], &known);
    assert_eq!(observed.limit.map(|l| l.bytes), Some(2048 * MIB));
}

#[test]
fn evidence_of_a_jvm_tells_its_container() {
    let (top, heap) = (
        "POD NAME CPU(cores) MEMORY(bytes)\nweb-1 a 3m 800Mi\nweb-1 b 3m 900Mi\n",
        "$ kubectl exec web-1 -c b -- jcmd 1 GC.heap_info\n1:\nZHeap  used 8M, capacity 256M, max capacity 256M\n",
    );
    let observed = observed(&[("top.txt", top), ("heap.txt", heap)], &OWN);
    assert_eq!(observed.jvm().map(|c| c.name.as_str()), Some("b"));
}

fn status(name: &str, peak: u64, resident: u64) -> String {
    format!("Name:\t{name}\nState:\tS\nPid:\t17\nVmHWM:\t{peak} kB\nVmRSS:\t{resident} kB\n")
}

#[test]
fn a_restart_is_said_and_not_subtracted() {
    let (one, two) = (
        status("java", 900_000, 800_000),
        status("java", 500_000, 400_000),
    );
    let observed = observed(&[("s-1", &one), ("s-2", &two)], &OWN);
    assert_eq!(observed.growth, None);
    assert!(observed.growths.is_empty());
    assert!(observed.notes[0].contains("VmHWM"), "{:?}", observed.notes);
    assert_eq!(observed.resident.map(|r| r.bytes), Some(400_000 << 10));
}

#[test]
fn another_process_is_not_the_jvm() {
    let (one, two) = (
        status("fluent-bit", 90_000, 80_000),
        status("fluent-bit", 980_000, 970_000),
    );
    let observed = observed(&[("s-1", &one), ("s-2", &two)], &OWN);
    assert_eq!((&observed.growth, &observed.resident), (&None, &None));
    assert_eq!(grown(&observed)[0].0, "fluent-bit 17");
    assert!(
        observed.notes[0].contains("fluent-bit"),
        "{:?}",
        observed.notes
    );
}

#[test]
fn several_jvms_are_not_guessed() {
    let text = "PID RSS COMMAND\n17 800000 java\n29 900000 java\n";
    let unclear = observed(&[("ps.txt", text)], &OWN);
    assert_eq!(unclear.resident, None);
    assert!(unclear.notes[0].contains("17, 29"), "{:?}", unclear.notes);
    let heap = "29:\nZHeap  used 8M, capacity 256M, max capacity 256M\n";
    let clear = observed(&[("ps.txt", text), ("heap.txt", heap)], &OWN);
    assert_eq!(clear.resident.map(|r| r.bytes), Some(900_000 << 10));
}

fn metrics(hour: u32, mib: u64) -> String {
    format!(
        "{{\"kind\":\"PodMetrics\",\"metadata\":{{\"name\":\"web-1\",\"namespace\":\"shop\"}},\"timestamp\":\"2026-11-29T{hour:02}:00:05Z\",\
         \"containers\":[{{\"name\":\"app\",\"usage\":{{\"memory\":\"{mib}Mi\"}}}}]}}"
    )
}

#[test]
fn times_in_the_text_count_more_than_the_order_given() {
    let (late, early) = (metrics(14, 900), metrics(8, 500));
    let observed = observed(&[("a.json", &late), ("b.json", &early)], &OWN);
    assert_eq!(observed.growth.map(|g| g.bytes), Some(400 * MIB));
}

fn unclear(sources: Vec<SourceFile>) -> bool {
    matches!(
        arrange(sources, Order::Clear),
        Err(EvidenceError::UnknownOrder { .. })
    )
}

#[test]
fn names_against_the_order_given_are_asked_about() {
    let pair = || {
        vec![
            source("top-after.txt", &top(900, 50)),
            source("top-before.txt", &top(100, 50)),
        ]
    };
    assert!(unclear(pair()));
    let given = arrange(pair(), Order::Given).expect("an order");
    assert_eq!(given[0].name(), "top-after.txt");
    let by_name = arrange(pair(), Order::Name).expect("an order");
    assert_eq!(by_name[0].name(), "top-before.txt");
    // Of different things no order is needed.
    let other = source("notes-before.txt", "VmRSS:\t12 kB\n");
    assert!(!unclear(vec![source("top-after.txt", &top(9, 9)), other]));
}

#[test]
fn a_folder_has_the_order_of_its_names_or_asks() {
    let folder = |names: [&str; 2]| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in names.into_iter().zip([top(100, 50), top(900, 50)]) {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        read_folder(folder.path()).expect("readable").sources
    };
    let growth = |sources| {
        Observed::of(&facts(sources), &OWN)
            .growth
            .map(|g| g.bytes / MIB)
    };
    assert_eq!(growth(folder(["top-now.txt", "top-later.txt"])), Some(800));
    assert_eq!(growth(folder(["z-1.txt", "z-2.txt"])), Some(800));
    assert!(unclear(folder(["ada.txt", "bob.txt"])));
}

#[test]
fn a_container_that_is_not_there_is_refused_with_the_names() {
    let facts = facts(vec![source("top.txt", &top(100, 50))]);
    let error = Observed::check_container(&facts, "ap").expect_err("no such container");
    assert!(
        error.contains("`app`") && error.contains("`fluent-bit`"),
        "{error}"
    );
    assert_eq!(Observed::check_container(&facts, "web-1/app"), Ok(()));
}

#[test]
fn ten_thousand_files_are_read_in_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..10_000 {
        let text = status("java", 900_000 + at, 800_000 + at);
        std::fs::write(folder.path().join(format!("s-{at}.txt")), text).expect("a file");
    }
    let began = std::time::Instant::now();
    let sources = read_folder(folder.path()).expect("readable").sources;
    let observed = Observed::of(&facts(sources), &OWN);
    assert_eq!(observed.growth.map(|g| g.bytes), Some(9_999 << 10));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

/// Docker's names of containers end with what the container is called, or say the pod.
#[test]
fn names_of_docker_are_taken_apart() {
    for (app, sidecar) in [
        ("shop-ledger-1", "shop-fluent-bit-1"),
        ("shop_ledger_1", "shop_fluentd_1"),
        ("ecs-shop-3-app-b0d1c2", "ecs-shop-3-datadog-agent-a0b1c2"),
        ("shop-vector-search-1", "shop-vector-1"),
    ] {
        let text =
            format!("NAME MEM USAGE / LIMIT\n{app}   612MiB / 2GiB\n{sidecar}   1.389GiB / 3GiB\n")
                .replace("NAME MEM", "NAME   MEM");
        let observed = observed(&[("stats.txt", &text)], &Known::default());
        assert_eq!(observed.jvm().map(|c| c.name.as_str()), Some(app));
        let neighbour = observed.neighbour.expect("the sidecar is larger");
        assert!(
            neighbour.who.rounded().contains(sidecar),
            "{:?}",
            neighbour.who
        );
    }
    let uid = "0a1b2c3d-1111-2222-3333-444455556666_0";
    let text = format!(
        "NAME   MEM USAGE / LIMIT\nk8s_app_web-1_shop_{uid}   612MiB / 2GiB\nk8s_nginx_web-1_shop_{uid}   1GiB / 3GiB\nk8s_POD_web-1_shop_{uid}   708KiB / 15GiB\n"
    );
    let observed = observed(&[("stats.txt", &text)], &OWN);
    let jvm = observed.jvm().expect("the application");
    let known = (
        jvm.namespace.as_deref(),
        jvm.pod.as_deref(),
        jvm.name.as_str(),
    );
    assert_eq!(known, (Some("shop"), Some("web-1"), "app"));
}

/// A JSON value takes many times its length in memory: one that is too large is refused, also where it is a single line.
#[test]
fn json_that_is_too_large_is_refused() {
    let of = |length: usize| {
        let padding = "x".repeat(length);
        let text = format!(
            "{{\"kind\":\"PodMetrics\",\"note\":\"{padding}\",\"metadata\":{{\"name\":\"web-1\"}},\
             \"containers\":[{{\"name\":\"app\",\"usage\":{{\"memory\":\"100Mi\"}}}}]}}"
        );
        let path = Path::new("pod.json");
        read_source(&Document::from_bytes(path, text.as_bytes()), path)
    };
    assert!(of(1 << 20).is_ok());
    let refused = of(16 << 20).expect_err("too large").to_string();
    assert!(refused.contains("too large"), "{refused}");
}

//! Who was killed for memory, and who beside the JVM has more than it: said where nobody measured growth, too.

use std::path::Path;

use hprof_suspects::verdict::decision::{Decision, HeapVerdict};
use hprof_suspects::verdict::evidence::{Document, Evidence, read_document};

use crate::verdict_support::{MIB, decide_with, heap, lines, top};

fn read(text: &str) -> Vec<Evidence> {
    let path = Path::new("evidence.txt");
    let document = Document::from_bytes(path, text.as_bytes());
    read_document(&document, path).unwrap_or_else(|error| panic!("{error}"))
}

fn decided(evidence: &[Evidence]) -> (String, String) {
    let Decision {
        heap: verdict,
        headline,
        reasons,
        ..
    } = decide_with(&heap(40 * MIB, 512 * MIB), evidence, None);
    assert_eq!(verdict, HeapVerdict::RuledOut, "{}", headline.rounded());
    (headline.rounded(), lines(&reasons))
}

#[test]
fn a_larger_container_of_the_pod_is_named() {
    let (headline, reasons) = decided(&top("web-1 app 3m 590Mi\nweb-1 vector 3m 2300Mi\n"));
    assert!(
        headline.contains("container `vector` has 2,300 MiB"),
        "{headline}"
    );
    assert!(
        reasons.contains("more than the JVM with 590 MiB"),
        "{reasons}"
    );
    // Smaller ones, and those of other pods, are nobody's business.
    for beside in ["web-1 vector 3m 90Mi", "web-2 vector 3m 2300Mi"] {
        let (headline, reasons) = decided(&top(&format!("web-1 app 3m 590Mi\n{beside}\n")));
        assert!(!headline.contains("vector"), "{headline}");
        assert!(!reasons.contains("vector"), "{reasons}");
    }
}

/// Where growth was measured it decides; the larger one is a reason.
#[test]
fn measured_growth_comes_before_size() {
    let (one, two) = (
        top("web-1 app 3m 590Mi\nweb-1 vector 3m 2300Mi\n"),
        top("web-1 app 3m 890Mi\nweb-1 vector 3m 2301Mi\n"),
    );
    let (headline, reasons) = decided(&[one, two].concat());
    assert!(!headline.contains("vector"), "{headline}");
    assert!(
        reasons.contains("container `vector` has 2,301 MiB"),
        "{reasons}"
    );
}

const KILLED: &str = "\
[Mon Nov 30 08:12:11 2026] java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=968
[Mon Nov 30 08:12:11 2026] memory: usage 2097152kB, limit 2097152kB, failcnt 1204
[Mon Nov 30 08:12:11 2026] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[Mon Nov 30 08:12:11 2026] [  23107]  1000 23107  1240334   140221  1703936        0           968 java
[Mon Nov 30 08:12:11 2026] [  23188]  1000 23188   500221   361030  3203936        0           968 fluent-bit
[Mon Nov 30 08:12:11 2026] Memory cgroup out of memory: Killed process 23188 (fluent-bit) total-vm:2000884kB, anon-rss:1440120kB, \
file-rss:4000kB, shmem-rss:0kB, UID:1000 pgtables:3128kB oom_score_adj:968
";

/// The kernel's table says what the JVM had when another process was killed; how large a page is says the one that was killed.
#[test]
fn another_process_was_killed() {
    for (text, megabytes) in [
        (KILLED.to_owned(), 548),
        // Pages of 16 kB.
        (
            KILLED
                .replace("361030", " 90257")
                .replace("140221", " 35055"),
            548,
        ),
    ] {
        let (headline, reasons) = decided(&read(&text));
        let killed = "process `fluent-bit` was killed for memory";
        assert!(headline.contains(killed), "{headline}");
        assert!(
            reasons.contains(&format!("{killed}, not the JVM, resident 1,410 MiB")),
            "{reasons}"
        );
        assert!(
            headline.contains(&format!("resident {megabytes} MiB")),
            "{headline}"
        );
    }
    let (headline, _) = decided(&read(KILLED));
    assert!(!headline.contains("sizing"), "{headline}");
    // A page of no size that there is: the table says nothing.
    let (headline, _) = decided(&read(&KILLED.replace("361030", "  9025")));
    assert!(!headline.contains("resident 5"), "{headline}");
}

/// A container is killed at its limit: what of that the heap cannot have had is something else.
#[test]
fn the_jvm_was_killed_at_its_limit() {
    let described = "Name: web-1\nNamespace: shop\nContainers:\n  app:\n    Last State:     Terminated\n      Reason:       OOMKilled\n      \
                     Exit Code:    137\n    Restart Count:  7\n    Limits:\n      memory:  2Gi\n";
    let (headline, reasons) = decided(&read(described));
    assert!(
        headline.contains("killed for memory at a limit of 2,048 MiB"),
        "{headline}"
    );
    let expected = "the JVM was killed for memory: container `app`, at a limit of 2,048 MiB, 7 restarts; the heap takes at most 512 MiB of that";
    assert!(reasons.contains(expected), "{reasons}");
}

/// A control group of which only numbers are known: kills, and files in memory, which ZGC's heap may be as well where it fits.
#[test]
fn files_in_memory_are_not_the_heap() {
    let group = |shared: u64| {
        format!(
            "==> memory.current <==\n2118123520\n\n==> memory.max <==\n2147483648\n\n==> memory.events <==\nlow 0\noom 3\noom_kill 3\n\n\
             ==> memory.stat <==\nanon 612368384\nfile 1401298944\nshmem {shared}\ninactive_file 100000000\n"
        )
    };
    let (headline, reasons) = decided(&read(&group(1_258_291_200)));
    assert!(
        headline.contains("1,200 MiB are files in memory (tmpfs)"),
        "{headline}"
    );
    assert!(
        reasons.contains("killed for memory 3 times, at a limit of 2,048 MiB"),
        "{reasons}"
    );
    let (headline, reasons) = decided(&read(&group(400 << 20)));
    assert!(!headline.contains("tmpfs"), "{headline}");
    assert!(reasons.contains("or the heap of ZGC"), "{reasons}");
    let (_, reasons) = decided(&read(&group(4096)));
    assert!(!reasons.contains("shared memory"), "{reasons}");
}

//! Who was killed for memory, and who beside the JVM has more than it: said where nobody measured growth, too.

use std::path::Path;

use hprof_suspects::verdict::decision::{Decision, HeapVerdict};
use hprof_suspects::verdict::evidence::{Document, Evidence, read_document};

use hprof_suspects::verdict::observed::{Known, Observed};

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

/// Less memory than before is no growth, and is not told as one.
#[test]
fn memory_that_shrank_is_told_so() {
    let both = [top("web-1 app 3m 890Mi\n"), top("web-1 app 3m 590Mi\n")];
    let (_, reasons) = decided(&both.concat());
    assert!(
        reasons.contains("shrank by 300 MiB to 590 MiB"),
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

/// Which of several JVMs of a machine was killed is not known; what was killed in another pod is nobody's business.
#[test]
fn other_jvms_are_not_taken_for_it() {
    let text = KILLED.replace("23188 (fluent-bit)", "23188 (java)");
    let (headline, reasons) = decided(&read(&text));
    assert!(!headline.contains("killed"), "{headline}");
    assert!(
        reasons.contains("process `java` was killed for memory, resident"),
        "{reasons}"
    );
    let pod = |name: &str, killed: bool| {
        let state = match killed {
            true => {
                "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n"
            }
            false => "",
        };
        format!(
            "Name: {name}\nNamespace: shop\nContainers:\n  app:\n{state}    Restart Count:  7\n    Limits:\n      memory:  2Gi\n\n"
        )
    };
    let both = read(&(pod("web-1", false) + &pod("web-2", true)));
    let known = Known {
        pod: Some("web-1"),
        ..Known::default()
    };
    assert!(Observed::of(&both, &known).kills.is_empty());
    let own = Known {
        pod: Some("web-2"),
        ..Known::default()
    };
    assert_eq!(Observed::of(&both, &own).kills.len(), 1);
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

/// Of a pod only the sum of its containers is known: that it grew is said, and that no container is known for it.
#[test]
fn the_growth_of_a_whole_pod_is_said() {
    let pods = |first: &str, second: &str| {
        let table = |rows: &str| format!("NAME CPU(cores) MEMORY(bytes)\n{rows}");
        let (one, two) = (read(&table(first)), read(&table(second)));
        decided(&[one, two].concat())
    };
    let (headline, reasons) = pods("web-1 3m 1611Mi\n", "web-1 3m 2411Mi\n");
    assert!(headline.contains("pod `web-1` grew 800 MiB"), "{headline}");
    for expected in [
        "which of its containers grew is not known",
        "growth of the whole pod",
    ] {
        assert!(reasons.contains(expected), "{reasons}");
    }
    // Of two pods nobody knows which is the dump's.
    let (headline, _) = pods(
        "web-1 3m 1611Mi\nweb-2 3m 600Mi\n",
        "web-1 3m 2411Mi\nweb-2 3m 700Mi\n",
    );
    assert!(!headline.contains("pod"), "{headline}");
}

//! What to do next: concrete commands in the order in which they settle most.

use super::HeapVerdict;
use super::case::Case;
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::facts::{Holder, OutOfMemoryKind};
use crate::verdict::ledger::Component;

const TOP: &str = "`kubectl top pod POD --containers`, now and in an hour: which container grows? Look at the sidecars first";
const NMT: &str = "`jcmd PID VM.native_memory summary` (start the JVM with -XX:NativeMemoryTracking=summary), then `baseline` and later \
                   `summary.diff`: which part of the JVM grows?";
const NMT_AGAIN: &str = "`jcmd PID VM.native_memory baseline` now and `summary.diff` when memory has grown, as --evidence: which part of the JVM \
                         grows?";
const SECOND_DUMP: &str = "take a second live dump when memory has grown (`jcmd PID GC.heap_dump FILE`) and compare: what is larger then?";
const LIVE_DUMP: &str = "take a live dump: `jcmd PID GC.heap_dump FILE` (collects first; no -all)";

/// The next steps where there is neither `jcmd` nor a pod.
const ANDROID: [&str; 3] = [
    "does it grow? `adb shell dumpsys meminfo PACKAGE` now and later (--rss SIZE, --growth SIZE); it tells native and graphics memory as well",
    "the maximum heap: `adb shell getprop dalvik.vm.heapgrowthlimit` (--limit SIZE)",
    "take a second dump when memory has grown (`adb shell am dumpheap PACKAGE FILE`) and compare: what is larger then?",
];

/// The next steps for an outcome.
pub(super) fn next_steps(case: &Case, heap: HeapVerdict, rule: &str) -> Vec<Sentence> {
    if case.heap.android {
        let own = suspected(case).into_iter().take(1);
        let mut steps: Vec<Sentence> = own
            .filter(|_| case.holder.is_some() && heap == HeapVerdict::Suspected)
            .collect();
        steps.extend(ANDROID.map(Sentence::from));
        return steps;
    }
    let mut steps = match heap {
        HeapVerdict::Suspected => suspected(case),
        HeapVerdict::RuledOut => outside(case),
        HeapVerdict::Inconclusive => inconclusive(case, rule),
    };
    // Whatever the heap is, what nothing explains lies outside it.
    if case.unexplained().is_some() {
        for step in unexplained(case) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
    }
    let unclear = case.growth_to_explain().is_some()
        && case.observed.jvm.is_none()
        && !case.observed.containers.is_empty();
    if unclear {
        steps.push("say which container runs the JVM: --container NAME".into());
    }
    steps
}

fn suspected(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    if let Some(holder) = case.culprit() {
        let question = match holder.threads {
            0 | 1 => "what adds to it, and what should remove",
            _ => "what starts them, and what should end them",
        };
        steps.push(sentence!(
            "look at `{}`: {}",
            clean_name(&holder.name),
            question
        ));
    }
    if let Some(oom) = &case.heap.out_of_memory
        && let Some(frame) = &oom.frame
    {
        steps.push(sentence!(
            "look at what `{}` was allocating",
            clean_name(frame)
        ));
    }
    if case.dominating_holder().is_none() && !case.was_one_allocation() {
        steps.push(
            "no single holder keeps most of the heap: compare the class table with that of a healthy instance \
             (`jcmd PID GC.class_histogram`), or the live set needs a larger -Xmx"
                .into(),
        );
    }
    if case.was_one_allocation() && steps.is_empty() {
        steps.push(
            "look at what the thread was doing that ran out of memory: `hprof-suspects threads DUMP`"
                .into(),
        );
    }
    if case.growth_to_explain().is_none() && !case.heap_was_full() {
        steps.push(SECOND_DUMP.into());
    }
    steps
}

/// The problem is outside the heap: containers, then the JVM's native memory, then malloc.
fn outside(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    let other = case
        .observed
        .largest_other_growth()
        .filter(|(_, growth)| growth.unsigned_abs() >= case.limits.growth_bytes);
    match other {
        Some((container, _)) if case.growth.is_none() => {
            let pod = container.pod.as_deref().unwrap_or("POD");
            let name = &container.name;
            steps.push(sentence!(
                "look at container `{}`: `kubectl logs {} -c {}`, its version and its memory limit",
                name,
                pod,
                name
            ));
            if case.did_not_grow() {
                return steps;
            }
        }
        _ if case.observed.containers.is_empty() => steps.push(TOP.into()),
        _ => {}
    }
    if let Some(entry) = case.large_native() {
        let owner = entry.owner().unwrap_or("its owner".into());
        steps.push(sentence!(
            "look at {} of {}: released when closed, not when the heap is collected",
            entry.component.title(),
            owner
        ));
    }
    if case.within_sizing() {
        steps.push(
            "compare `jcmd PID GC.heap_info` (committed) with the resident memory; if the heap takes it, lower -Xmx or raise the container's \
             limit: that is sizing, not a leak"
                .into(),
        );
    }
    steps.extend(native_memory(case));
    steps
}

/// How to find memory that nothing explains: containers first, then the JVM's native memory.
fn unexplained(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    if case.observed.containers.is_empty() {
        steps.push(TOP.into());
    }
    steps.extend(native_memory(case));
    steps
}

/// How to find native memory in the JVM.
fn native_memory(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    match case.observed.largest_native_growth() {
        Some((category, _)) => steps.push(sentence!(
            "follow `{}` in `jcmd PID VM.native_memory detail.diff`",
            clean_name(category)
        )),
        // It was given, but nothing that it could be compared with.
        None if !case.observed.native.is_empty() => steps.push(NMT_AGAIN.into()),
        None => steps.push(NMT.into()),
    }
    steps.push("`jcmd PID System.native_heap_info` and `System.map` (where `jcmd PID help` lists them): does malloc or a library hold it?".into());
    let rest = case.entry(Component::Unexplained);
    if rest.is_none_or(|r| r.high as u64 > case.limits.unexplained_bytes) {
        steps.push("restart one instance with MALLOC_ARENA_MAX=2: if it stays smaller, it was fragmentation of malloc".into());
    }
    steps
}

fn observe_growth(case: &Case) -> Sentence {
    if case.observed.containers.is_empty() {
        "observe growth: `kubectl top pod POD --containers` now and later, both as --evidence (or --growth SIZE)".into()
    } else {
        "observe growth: `kubectl top pod POD --containers` again later, as --evidence after the one that was given".into()
    }
}

/// Whether what dominates the heap is meant to; where a bound is known, whether the bound is.
fn is_it_meant(holder: &Holder) -> Sentence {
    let name = clean_name(&holder.name);
    match (&holder.filled, holder.threads) {
        (Some(filled), _) => {
            let when_full = filled.when_full.map(Size);
            let when_full = when_full.map(|size| sentence!(", about {} when full", size));
            sentence!(
                "is `{}` meant to hold up to {} (now {}{})?",
                name,
                &filled.most,
                &filled.now,
                when_full
            )
        }
        (None, 0 | 1) => sentence!("is `{}` meant to be so large? What bounds it?", name),
        (None, _) => {
            sentence!(
                "are so many meant: `{}`? What starts them, and what should end them?",
                name
            )
        }
    }
}

fn inconclusive(case: &Case, rule: &str) -> Vec<Sentence> {
    let mut steps = Vec::new();
    match rule {
        "damaged" => steps.push(
            "take the dump again, with enough free disk space and until it is finished (`jcmd` says `Heap dump file created`)".into(),
        ),
        "no_path" => steps.push(LIVE_DUMP.into()),
        "dominated" => {
            steps.extend(case.holder.map(is_it_meant));
        }
        _ => {}
    }
    if matches!(&case.heap.out_of_memory, Some(oom) if oom.what != OutOfMemoryKind::HeapSpace) {
        steps.extend(native_memory(case));
    }
    if case.max.is_none() {
        steps.push(
            "`jcmd PID GC.heap_info` and `VM.flags` as --evidence: they say the maximum heap"
                .into(),
        );
    }
    if case.observed.growth.is_none() {
        steps.push(observe_growth(case));
    }
    if rule != "damaged" {
        steps.push(SECOND_DUMP.into());
    }
    steps
}

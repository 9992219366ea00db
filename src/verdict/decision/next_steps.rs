//! What to do next: concrete commands, the one that decides most first.

use super::HeapVerdict;
use super::candidates::TOGETHER;
use super::case::Case;
use super::measured;
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::component::Component;
use crate::verdict::facts::{ClassMass, Holder, OutOfMemoryKind};

const TOP: &str = "`kubectl top pod POD --containers`, now and in an hour: which container grows?";
const PROCESSES: &str = "`ps -eo pid,rss,args --sort -rss`, now and in an hour: which process of the machine or container grows?";
const NMT: &str = "`jcmd PID VM.native_memory summary` (start the JVM with -XX:NativeMemoryTracking=summary), then `baseline` and later \
                   `summary.diff`: which part of the JVM grows?";
const NMT_AGAIN: &str = "`jcmd PID VM.native_memory baseline` now and `summary.diff` when memory has grown, as --evidence: which part of the JVM \
                         grows?";
const LIVE_DUMP: &str =
    "take a live dump: `jcmd PID GC.heap_dump FILE` (it collects garbage first; do not add -all)";
const METASPACE: &str = "`jcmd PID VM.metaspace` and `jcmd PID VM.classloader_stats`, now and later: of which loaders are there more?";

/// The next steps where there is neither `jcmd` nor a pod.
const ANDROID: [&str; 3] = [
    "does it grow? `adb shell dumpsys meminfo PACKAGE` now and later (--rss SIZE, --growth SIZE); it shows native and graphics memory too",
    "the maximum heap: `adb shell getprop dalvik.vm.heapgrowthlimit` (--limit SIZE)",
    "take a second dump when memory has grown (`adb shell am dumpheap PACKAGE FILE`) and compare: what is larger then?",
];

/// The next steps for an outcome.
pub(super) fn next_steps(case: &Case, heap: HeapVerdict, rule: &str) -> Vec<Sentence> {
    if case.heap.android {
        let own = suspected(case, rule).into_iter().take(1);
        let mut steps: Vec<Sentence> = own
            .filter(|_| case.holder.is_some() && heap == HeapVerdict::Suspected)
            .collect();
        steps.extend(ANDROID.map(Sentence::from));
        return steps;
    }
    let mut steps = match (heap, rule) {
        (_, "out_of_metaspace") => out_of_metaspace(case),
        (_, "cannot_fit") => cannot_fit(case),
        (HeapVerdict::Suspected, _) => suspected(case, rule),
        (HeapVerdict::RuledOut, _) => outside(case),
        (HeapVerdict::Inconclusive, _) => inconclusive(case, rule),
    };
    // Whatever the heap is, what nothing explains lies outside it.
    if case.unexplained().is_some() {
        steps.extend(unexplained(case));
    }
    let unclear = case.growth_to_explain().is_some()
        && case.observed.jvm.is_none()
        && !case.observed.containers.is_empty();
    if unclear {
        steps.push("say which container runs the JVM: --container NAME".into());
    }
    let mut once: Vec<Sentence> = Vec::new();
    for step in steps {
        if !once.contains(&step) {
            once.push(step);
        }
    }
    once
}

/// The exact command that compares this dump, and those that it was compared with, with a later one.
fn compare(case: &Case) -> Sentence {
    let dump = case.heap.dump.as_deref().unwrap_or("FIRST.hprof");
    let compared = case
        .heap
        .growth
        .as_ref()
        .map(|growth| growth.files.join(" "));
    let compared = compared.filter(|files| !files.is_empty());
    let (which, when, later) = match compared {
        Some(_) => ("another", "later", "LATER.hprof"),
        None => ("a second", "when memory has grown", "SECOND.hprof"),
    };
    let first = compared.as_deref().unwrap_or(dump);
    sentence!(
        "take {} live dump {} (`jcmd PID GC.heap_dump {}`) and compare: `hprof-suspects {} {}` shows what grew",
        which,
        when,
        later,
        first,
        later
    )
}

fn look_at(holder: &Holder) -> Sentence {
    let question = match holder.threads {
        0 | 1 => "what adds to it, and what should remove",
        _ => "what starts them, and what should end them",
    };
    sentence!("look at `{}`: {}", clean_name(&holder.name), question)
}

/// The holders that the outcome is about.
pub(super) fn subjects<'a>(case: &Case<'a>, rule: &str) -> Vec<&'a Holder> {
    match rule {
        "out_of_memory" | "heap_nearly_full" => case.owners.clone(),
        "fits_growth" => case.fit.suspected().into_iter().take(3).collect(),
        "unbounded" => case.unbounded().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn suspected(case: &Case, rule: &str) -> Vec<Sentence> {
    let mut steps: Vec<Sentence> = subjects(case, rule).into_iter().map(look_at).collect();
    if rule == "grew" {
        let grown = case.grown.iter().take(TOGETHER);
        steps.extend(grown.map(|holder| measured::look_at(case, holder)));
    }
    steps.extend(allocating(case));
    if steps.is_empty() || rule == "out_of_memory" && case.owners.is_empty() {
        steps.push(
            "compare the class table with that of a healthy instance (`jcmd PID GC.class_histogram`): the live set may need a larger -Xmx"
                .into(),
        );
    }
    // One interval alone may be a warm-up.
    let once = rule == "grew" && case.grown.iter().all(|holder| holder.intervals_grown < 2);
    if once || matches!(rule, "fits_growth" | "unbounded") {
        steps.push(compare(case));
    }
    steps
}

/// What the thread was doing that ran out of memory.
fn allocating(case: &Case) -> Option<Sentence> {
    let frame = case.heap.out_of_memory.as_ref()?.frame.as_ref()?;
    Some(sentence!(
        "look at what `{}` was allocating",
        clean_name(frame)
    ))
}

/// Who holds loaders or classes that abound, and how to see whether they become more.
fn let_classes_go(mass: Option<&ClassMass>) -> Vec<Sentence> {
    let holder = mass.and_then(|mass| mass.held_by.as_ref());
    let look = holder.map(|holder| {
        sentence!(
            "look at `{}`: what adds to it, and what should let the loaders or classes go",
            clean_name(holder)
        )
    });
    let mut steps: Vec<Sentence> = look.into_iter().collect();
    steps.push(METASPACE.into());
    steps
}

fn out_of_metaspace(case: &Case) -> Vec<Sentence> {
    let mass = case.heap.class_mass.as_ref();
    let mut steps = let_classes_go(mass);
    if mass.is_none() {
        steps.push(
            "there are not many loaders or generated classes: -XX:MaxMetaspaceSize may be too small for the application"
                .into(),
        );
    }
    steps
}

/// The settings cannot work: mend them, then measure.
fn cannot_fit(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    if let Some(budget) = &case.budget {
        let needed = budget.max.low.saturating_add(budget.native().1);
        let larger = sentence!("raise the container's limit to about {}", Size(needed));
        steps.push(match budget.fitting_max() {
            Some(max) => sentence!(
                "lower the maximum heap to about -Xmx{}m, or {}",
                (max >> 20).to_string(),
                larger
            ),
            None => larger,
        });
    }
    steps.extend(sizing(case));
    steps.extend(tracking(case));
    steps
}

fn sizing(case: &Case) -> Option<Sentence> {
    if !case.within_sizing() {
        return None;
    }
    let step = match case.observed.heap_committed {
        Some(_) => {
            "the committed heap takes the memory: lower -Xmx or raise the container's limit; that is sizing, not a leak"
        }
        None => {
            "compare `jcmd PID GC.heap_info` (committed) with the resident memory; if the heap takes it, lower -Xmx or raise the container's \
             limit: that is sizing, not a leak"
        }
    };
    Some(step.into())
}

/// The problem is outside the heap: another container, then what native memory is known by its owner, then the search for it.
fn outside(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    let other = case
        .observed
        .largest_other_growth()
        .filter(|(_, growth)| growth.unsigned_abs() >= case.limits.growth_bytes);
    if let Some((container, _)) = other
        && (case.growth.is_none() || case.grew_elsewhere().is_some())
    {
        let name = clean_name(&container.name);
        let logs = match &container.pod {
            Some(pod) => sentence!("`kubectl logs {} -c {}`", clean_name(pod), &name),
            None => "its logs".into(),
        };
        steps.push(sentence!(
            "look at container `{}`: {}, its version and its memory limit",
            name,
            logs
        ));
        if case.grew_elsewhere().is_some() {
            return steps;
        }
    }
    // What was seen to grow comes before what is only large.
    if case.native_growth().is_some() {
        steps.extend(tracking(case));
    }
    steps.extend(native_owner(case));
    if let Some(mass) = case.class_mass() {
        steps.extend(let_classes_go(Some(mass)));
    }
    steps.extend(sizing(case));
    steps.extend(which_process(case));
    steps.extend(native_memory(case));
    steps
}

/// What is known of the native memory by its owner.
fn native_owner(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    if let Some(entry) = case.large_native() {
        let owner = entry.owner().unwrap_or_else(|| "its owner".into());
        steps.push(sentence!("look at {} of {}: who allocates it? It is released when closed, not when the heap is collected", entry.component.title(), owner));
    }
    steps.extend(who_starts_threads(case));
    steps
}

/// Threads in masses: whoever starts them.
fn who_starts_threads(case: &Case) -> Vec<Sentence> {
    let mut steps = Vec::new();
    if let Some(executors) = super::headline::executors(case) {
        steps.push(sentence!("look at the {}: what makes one for each use, and shuts none down (`hprof-suspects threads DUMP`)?", executors));
    } else if let Some(threads) = super::headline::threads(case) {
        steps.push(sentence!("look at the {}: what starts them, and what should end them (`hprof-suspects threads DUMP`)?", threads));
    }
    steps
}

/// Which container or process grows; nothing where that was measured.
fn which_process(case: &Case) -> Option<Sentence> {
    let measured = !case.observed.containers.is_empty() || case.observed.growth.is_some();
    let step = match case.is_in_kubernetes() {
        true => TOP,
        false => PROCESSES,
    };
    (!measured && case.large_native().is_none()).then(|| step.into())
}

/// How to find memory that nothing explains: containers first, then the JVM's native memory.
fn unexplained(case: &Case) -> Vec<Sentence> {
    let mut steps: Vec<Sentence> = which_process(case).into_iter().collect();
    steps.extend(native_memory(case));
    steps
}

/// Which part of the JVM grows.
fn tracking(case: &Case) -> Option<Sentence> {
    Some(match case.observed.largest_native_growth() {
        Some((category, _)) => sentence!(
            "follow `{}` in `jcmd PID VM.native_memory detail.diff`",
            clean_name(category)
        ),
        // It was given, but nothing that it could be compared with.
        None if !case.observed.native.is_empty() => NMT_AGAIN.into(),
        None => NMT.into(),
    })
}

/// How to find native memory in the JVM.
fn native_memory(case: &Case) -> Vec<Sentence> {
    let mut steps: Vec<Sentence> = tracking(case).into_iter().collect();
    steps.push("`jcmd PID System.native_heap_info` and `System.map` (where `jcmd PID help` lists them): does malloc or a library hold it?".into());
    let rest = case.entry(Component::Unexplained);
    if rest.is_none_or(|r| r.high as u64 > case.limits.unexplained_bytes) {
        steps.push("restart one instance with MALLOC_ARENA_MAX=2: if it stays smaller, it was fragmentation of malloc".into());
    }
    steps
}

fn observe_growth(case: &Case) -> Sentence {
    match (case.observed.containers.is_empty(), case.is_in_kubernetes()) {
        (false, false) => "observe growth: measure the containers again later, as --evidence after the one that was given".into(),
        (false, true) => "observe growth: `kubectl top pod POD --containers` again later, as --evidence after the one that was given".into(),
        (true, true) => "observe growth: `kubectl top pod POD --containers` now and later, both as --evidence (or --growth SIZE)".into(),
        (true, false) => {
            "observe growth: `grep VmRSS /proc/PID/status` now and later, both as --evidence (or --growth SIZE)".into()
        }
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
                when_full.unwrap_or_default()
            )
        }
        (None, 0 | 1) => sentence!("is `{}` meant to be so large? What bounds it?", name),
        (None, _) => {
            sentence!(
                "are there meant to be so many: `{}`? What starts them, and what should end them?",
                name
            )
        }
    }
}

/// Where the frame could as well have linked a class.
fn is_metaspace_limited(case: &Case) -> Option<Sentence> {
    let oom = case.heap.out_of_memory.as_ref()?;
    (oom.what == OutOfMemoryKind::HeapSpace)
        .then(|| "is -XX:MaxMetaspaceSize set? Then `jcmd PID VM.metaspace` of a new instance: how close does it come?".into())
}

fn inconclusive(case: &Case, rule: &str) -> Vec<Sentence> {
    let mut steps = Vec::new();
    match rule {
        "damaged" => steps.push(
            "take the dump again, with enough free disk space and until it is finished (`jcmd` says `Heap dump file created`)".into(),
        ),
        "one_allocation" => {
            steps.extend(allocating(case));
            if steps.is_empty() {
                steps.push(
                    "look at what the thread was doing that ran out of memory: `hprof-suspects threads DUMP`"
                        .into(),
                );
            }
            steps.extend(is_metaspace_limited(case));
        }
        "no_path" if !case.heap.live_only => steps.push(LIVE_DUMP.into()),
        _ => {}
    }
    let native =
        matches!(&case.heap.out_of_memory, Some(oom) if oom.what == OutOfMemoryKind::Native);
    if native || case.native_is_the_point() {
        steps.extend(native_owner(case));
        steps.extend(tracking(case));
    }
    if rule != "damaged" && rule != "one_allocation" {
        steps.push(compare(case));
    }
    let worth = case
        .holder
        .filter(|holder| holder.retained_bytes > case.negligible());
    steps.extend(worth.filter(|_| rule != "damaged").map(is_it_meant));
    steps.extend(who_starts_threads(case));
    if let Some(mass) = case.class_mass() {
        steps.extend(let_classes_go(Some(mass)));
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
    steps
}

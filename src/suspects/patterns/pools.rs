//! Threads in masses: executors that nobody shuts down, by what makes their threads, how those are called and who holds the executors; and
//! many threads of one name.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::Context;
use super::executors::QUEUE;
use super::measure::counted_objects;
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::privacy::shortened;
use crate::heap::{Link, ObjectIndex};
use crate::suspects::naming;

/// Executors of one program that are usual.
const USUAL_EXECUTORS: u64 = 100;
/// Threads of one name that are usual.
const USUAL_THREADS: u64 = 500;
/// Threads of one executor that are looked at.
const MOST_THREADS: usize = 1_000;
/// Executors of one kind whose holders are looked for; they stand for the rest.
const SAMPLE: usize = 500;
/// Passes over the dump: what the JDK wraps around an executor, and a collection, lie between it and who holds it.
const ROUNDS: usize = 6;
/// Objects that are asked about in one pass.
const MOST_ASKED: usize = 20_000;

const THREAD: &str = "java.lang.Thread";

/// Executors that nobody shuts down: each keeps its threads.
pub const RUNNING: Pattern = Pattern {
    id: "executors_not_shut_down",
    rows: &[22],
    title: "Executors that were not shut down",
    component: "executors",
    wanted: &[
        "java.util.concurrent.ThreadPoolExecutor",
        "java.util.TimerThread",
    ],
    rule: Rule::Code(running),
    unit: "executors",
    what: "",
    advice: "Something makes an executor for each use: share one, and shut down those that are no longer needed (`shutdown()`, or `close()` from JDK 19 on; `cancel()` of a timer); an idle core thread never ends.",
    ..QUEUE
};

/// Threads in masses, of one executor or of none.
pub const THREADS: Pattern = Pattern {
    id: "threads_in_masses",
    rows: &[22],
    title: "Threads in masses",
    component: "threads",
    wanted: &[THREAD],
    rule: Rule::Code(threads),
    unit: "threads",
    what: "",
    advice: "Each thread has a stack outside the heap: limit what starts threads (a pool with a maximum and a bounded queue), look in their stacks for what they wait for, and set a timeout there.",
    ..QUEUE
};

/// Executors with threads that take new tasks, by the class that makes their threads.
fn running(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let heap = context.heap;
    let mut by_factory: BTreeMap<&str, Vec<ObjectIndex>> = BTreeMap::new();
    for executor in context.instances(pattern.wanted[0]).objects {
        // The sign of `ctl` says that it runs.
        let runs = heap.integer(executor, "ctl").is_some_and(|state| state < 0);
        let workers = heap.follow(executor, "workers").filter(|_| runs);
        if workers.is_some_and(|workers| heap.entries(workers) > Some(0)) {
            let factory = heap.follow(executor, "threadFactory").unwrap_or(executor);
            let class = heap.class(factory).name.as_str();
            by_factory.entry(class).or_default().push(executor);
        }
    }
    let mut found: Vec<Finding> = Vec::new();
    for (class, executors) in by_factory {
        let workers = executors
            .iter()
            .filter_map(|&at| heap.follow(at, "workers"));
        let workers = workers.flat_map(|workers| heap.values(workers, MOST_THREADS));
        let threads: Vec<ObjectIndex> = workers
            .filter_map(|worker| heap.follow(worker, "thread"))
            .collect();
        let made = format!("made by {}", naming::stable(class));
        found.extend(executors_of(
            context,
            pattern,
            &executors,
            (&threads, &made),
        ));
    }
    // A timer that takes no new tasks ends by itself.
    let timers = context.instances(pattern.wanted[1]).objects.into_iter();
    let timers = timers.filter(|&timer| heap.integer(timer, "newTasksMayBeScheduled") != Some(0));
    let timers: Vec<ObjectIndex> = timers.filter(|&timer| is_alive(context, timer)).collect();
    found.extend(executors_of(
        context,
        pattern,
        &timers,
        (&timers, "of timers"),
    ));
    found
}

/// What is said of `executors` of one kind: their threads, how those are called and made, and who holds the executors.
fn executors_of(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    executors: &[ObjectIndex],
    (threads, made): (&[ObjectIndex], &str),
) -> Option<Finding> {
    let count = executors.len() as u64;
    let extent: Vec<ObjectIndex> = threads.iter().chain(executors).copied().collect();
    let bound = Bound::Usual(USUAL_EXECUTORS);
    let mut found = counted_objects(context, pattern, bound, extent, count)?;
    // A few executors keep what they work on.
    if count <= USUAL_EXECUTORS {
        found.assessment = Assessment::ByDesign;
        return Some(found);
    }
    let named = most_common_name(context, threads)
        .map_or_else(String::new, |(name, _)| format!(" \"{name}\""));
    found.held_by = holder(context, executors);
    let held = match &found.held_by {
        Some(holder) => format!(", held by {holder}"),
        None => ", held only by their threads".to_owned(),
    };
    found.note = format!("threads{named} {made}{held}");
    Some(found)
}

/// Platform threads by their names, numbers in them left out.
fn threads(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let heap = context.heap;
    let mut by_name: foldhash::HashMap<String, Vec<ObjectIndex>> = foldhash::HashMap::default();
    let started: FxHashSet<ObjectIndex> =
        heap.threads().iter().map(|thread| thread.object).collect();
    if (started.len() as u64) <= USUAL_THREADS {
        return Vec::new();
    }
    for thread in context.instances(THREAD).objects {
        if started.contains(&thread) && is_alive(context, thread) && !is_virtual(context, thread) {
            let name = heap.thread_name(thread).unwrap_or_default();
            by_name.entry(shortened(&name)).or_default().push(thread);
        }
    }
    let mut groups: Vec<(String, Vec<ObjectIndex>)> = by_name.into_iter().collect();
    groups.retain(|(_, threads)| threads.len() as u64 > USUAL_THREADS);
    groups.sort();
    let found = groups.into_iter().filter_map(|(name, threads)| {
        let count = threads.len() as u64;
        let note = match executor(context, &threads) {
            Some((1, of)) => format!("\"{name}\" of one {of}"),
            Some((several, of)) => format!("\"{name}\" of {several} {of}s"),
            None => {
                let class = context.most_common(threads.iter().copied())?.0;
                format!("\"{name}\" of {}", naming::stable(&class))
            }
        };
        let bound = Bound::Usual(USUAL_THREADS);
        let mut found = counted_objects(context, pattern, bound, threads, count)?;
        found.note = note;
        Some(found)
    });
    found.collect()
}

/// How many executors most of `threads` work for, and the class of those.
fn executor(context: &Context<'_, '_>, threads: &[ObjectIndex]) -> Option<(usize, String)> {
    let heap = context.heap;
    let executors: Vec<ObjectIndex> = threads
        .iter()
        .filter_map(|&thread| heap.follow(thread, "target|holder.task"))
        .filter_map(|worker| heap.follow(worker, "this$0"))
        .collect();
    if executors.len() * 2 < threads.len() {
        return None;
    }
    let different: FxHashSet<ObjectIndex> = executors.iter().copied().collect();
    let (class, _) = context.most_common(executors)?;
    let class = class.rsplit('.').next().unwrap_or(&class).to_owned();
    Some((different.len(), class))
}

/// The name, numbers left out, that most of `threads` have, with how many.
fn most_common_name(context: &Context<'_, '_>, threads: &[ObjectIndex]) -> Option<(String, usize)> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for name in threads
        .iter()
        .filter_map(|&thread| context.heap.thread_name(thread))
    {
        *names.entry(shortened(&name)).or_default() += 1;
    }
    let most = names.into_iter().rev().max_by_key(|&(_, count)| count)?;
    (most.1 * 2 > threads.len()).then_some(most)
}

/// The field outside of the JDK that most of `executors` are held by, whatever the JDK wraps around them and whichever collections lie
/// between.
fn holder(context: &Context<'_, '_>, executors: &[ObjectIndex]) -> Option<String> {
    let step = executors.len().div_ceil(SAMPLE).max(1);
    // Where the search is, with the number of the executor that it began at.
    let mut at: Vec<(ObjectIndex, u32)> =
        executors.iter().step_by(step).copied().zip(0..).collect();
    let sample = at.len();
    let mut seen: FxHashSet<(ObjectIndex, u32)> = at.iter().copied().collect();
    let mut fields: BTreeMap<String, FxHashSet<u32>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut asked: Vec<ObjectIndex> = at.iter().map(|&(object, _)| object).collect();
        asked.sort_unstable();
        asked.dedup();
        asked.truncate(MOST_ASKED);
        let mut by_object: FxHashMap<ObjectIndex, Vec<ObjectIndex>> = FxHashMap::default();
        for (object, from) in context.heap.referrers_of(&asked) {
            by_object.entry(object).or_default().push(from);
        }
        let mut next = Vec::new();
        for &(object, number) in &at {
            for &from in by_object.get(&object).into_iter().flatten() {
                match field(context, from, object) {
                    Some(Field::Of(name)) => {
                        fields.entry(name).or_default().insert(number);
                    }
                    Some(Field::Between) if seen.insert((from, number)) => {
                        next.push((from, number));
                    }
                    _ => {}
                }
            }
        }
        next.truncate(MOST_ASKED);
        at = next;
        if at.is_empty() {
            break;
        }
    }
    let (name, numbers) = fields
        .into_iter()
        .rev()
        .max_by_key(|(_, numbers)| numbers.len())?;
    (numbers.len() * 2 > sample).then_some(name)
}

/// What a reference to an executor is.
enum Field {
    /// A field of the application or a library.
    Of(String),
    /// Of a collection, or of what the JDK wraps around it.
    Between,
}

/// The reference from `from` to `to`; `None` where it leads back to the executor's own threads.
fn field(context: &Context<'_, '_>, from: ObjectIndex, to: ObjectIndex) -> Option<Field> {
    let heap = context.heap;
    let owner = |class, name_id| {
        let class: &str = &heap.classes().get(class).name;
        let own = naming::is_owner(class);
        own.then(|| Field::Of(format!("{}.{}", naming::stable(class), heap.name(name_id))))
    };
    match heap.link(from, to)? {
        Link::Static { class, name_id } => owner(class, name_id),
        Link::Field {
            declared_by,
            name_id,
        } => match owner(declared_by, name_id) {
            Some(own) => Some(own),
            None => leads_on(context, from).then_some(Field::Between),
        },
        Link::Element(_) => Some(Field::Between),
        _ => None,
    }
}

/// Whether `object` is neither a thread nor a part of one or of an executor: those hold their executor without being its owner.
fn leads_on(context: &Context<'_, '_>, object: ObjectIndex) -> bool {
    let class = &context.heap.class(object).name;
    let parts = [
        "$Worker",
        "Worker",
        "Thread",
        "Task",
        "Cleaner",
        "Finalizer",
        "Reference",
    ];
    !context.is_a(object, THREAD)
        && !context.is_a(object, "java.lang.ref.Reference")
        && !parts.iter().any(|part| class.ends_with(part))
}

/// Whether `thread` has a native thread, as far as the dump tells.
fn is_alive(context: &Context<'_, '_>, thread: ObjectIndex) -> bool {
    context.heap.integer(thread, "eetop") != Some(0)
}

fn is_virtual(context: &Context<'_, '_>, thread: ObjectIndex) -> bool {
    context.is_a(thread, "java.lang.BaseVirtualThread")
        || context.is_a(thread, "java.lang.VirtualThread")
}

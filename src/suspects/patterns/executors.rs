//! Executors: tasks that wait faster than they are run.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::{counted_objects, finding, sized};
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Waiting tasks that are looked at.
const MOST_TASKS: usize = 10_000;
/// A task with its arguments.
const TASK_BYTES: u64 = 16 << 10;
/// `FutureTask.state` of a task that was cancelled; 5 and 6 are for interrupted ones.
const CANCELLED: i64 = 4;

/// The work queue of a `ThreadPoolExecutor`.
pub const QUEUE: Pattern = Pattern {
    id: "executor_unbounded_queue",
    rows: &[22],
    title: "Tasks waiting for an executor",
    component: "ThreadPoolExecutor",
    wanted: &["java.util.concurrent.ThreadPoolExecutor"],
    rule: Rule::Code(queues),
    what: "queue",
    unit: "tasks",
    advice: "Bound the queue and decide what happens to tasks beyond it (`CallerRunsPolicy`); look at the workers' stacks for what holds them up.",
    ..Pattern::PLAIN
};

fn queues(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let executors = context.readable(pattern.wanted[0]).into_iter();
    let found = executors.filter_map(|executor| {
        let queue = context.heap.follow(executor, "workQueue")?;
        if is_delayed(context, queue) {
            return None;
        }
        let bounded = context
            .heap
            .room(queue)
            .is_some_and(|most| most < i32::MAX as u64);
        let bound = match bounded {
            true => Bound::Field {
                path: "",
                bytes_each: TASK_BYTES,
            },
            false => Bound::Usual(1_000),
        };
        let mut found = sized(context, pattern, bound, executor, &[queue])?;
        // What the threads of a pool hold is not the queue's.
        found.retained_bytes = context.heap.retained_together(&found.extent);
        found.note = task_class(context, queue);
        Some(found)
    });
    found.collect()
}

fn is_delayed(context: &Context<'_, '_>, queue: ObjectIndex) -> bool {
    context.heap.class(queue).name.ends_with("DelayedWorkQueue")
}

/// What most of the waiting tasks are; a future is asked what it runs.
fn task_class(context: &Context<'_, '_>, queue: ObjectIndex) -> String {
    let mut tasks = context.heap.values(queue, 100);
    if tasks.is_empty() {
        tasks = context.heap.values(queue, 100);
    }
    let work = tasks.into_iter().map(|task| {
        context
            .heap
            .follow(task, "callable.task|callable|fn|task")
            .unwrap_or(task)
    });
    let most = context.most_common(work);
    most.map_or_else(String::new, |(class, _)| format!("most are {class}"))
}

/// The queues of a `ForkJoinPool`.
pub const FORK_JOIN: Pattern = Pattern {
    id: "fork_join_queue",
    rows: &[22],
    title: "Tasks waiting for a ForkJoinPool",
    component: "ForkJoinPool",
    wanted: &["java.util.concurrent.ForkJoinPool"],
    rule: Rule::Code(fork_join),
    unit: "tasks",
    ..QUEUE
};

fn fork_join(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let pools = context.readable(pattern.wanted[0]).into_iter();
    let found = pools.filter_map(|pool| {
        let queues = context.heap.follow(pool, "queues|workQueues")?;
        let mut tasks = 0u64;
        for queue in context.heap.elements(queues).into_iter().flatten() {
            let ends = (
                context.heap.integer(queue, "top"),
                context.heap.integer(queue, "base"),
            );
            let (Some(top), Some(base)) = ends else {
                continue;
            };
            // A queue that is locked or new can have its ends crossed.
            tasks += u64::try_from(top - base).unwrap_or(0);
        }
        let bound = Bound::Usual(10_000);
        Some(finding(
            context,
            pattern,
            bound,
            Some(10_000),
            pool,
            vec![queues],
            tasks,
        ))
    });
    found.collect()
}

/// Delayed and periodic tasks.
pub const SCHEDULED: Pattern = Pattern {
    id: "scheduled_tasks_cancelled",
    rows: &[24],
    title: "Scheduled tasks that wait",
    component: "ScheduledThreadPoolExecutor",
    wanted: &["java.util.concurrent.ScheduledThreadPoolExecutor"],
    rule: Rule::Code(scheduled),
    advice: "Cancelled tasks stay until their time comes: call `setRemoveOnCancelPolicy(true)`; for timeouts use a timer that is made for them. Where few are cancelled, tasks are scheduled faster than they run.",
    ..QUEUE
};

fn scheduled(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let executors = context.readable(pattern.wanted[0]).into_iter();
    let found = executors.filter_map(|executor| {
        let queue = context.heap.follow(executor, "workQueue")?;
        let tasks = context.heap.values(queue, MOST_TASKS);
        // Reactor's `boundedElastic` workers refuse tasks beyond their capacity.
        let bound = match context.heap.number(executor, "queueCapacity") {
            Some(most) if most < i32::MAX as u64 => Bound::Fixed {
                most,
                bytes_each: TASK_BYTES,
            },
            _ => Bound::Usual(1_000),
        };
        let mut found = sized(context, pattern, bound, executor, &[queue])?;
        found.retained_bytes = context.heap.retained_together(&found.extent);
        let cancelled = tasks
            .iter()
            .filter(|&&task| context.heap.integer(task, "state") >= Some(CANCELLED))
            .count();
        if cancelled > 0 {
            found.note = format!("{cancelled} of {} are cancelled", tasks.len());
        }
        Some(found)
    });
    found.collect()
}

/// Executors that nobody shuts down: each keeps its threads.
pub const RUNNING: Pattern = Pattern {
    id: "executors_not_shut_down",
    rows: &[22],
    title: "Executors that were not shut down",
    component: "executors",
    rule: Rule::Code(running),
    unit: "executors",
    what: "",
    advice: "Something makes an executor for each use: share one, and shut down those that are no longer needed (`shutdown()`, or `close()` from JDK 19 on); an idle core thread never ends.",
    ..QUEUE
};

/// Executors of one program that are usual.
const USUAL_EXECUTORS: u64 = 100;
/// Threads of one executor that are looked at.
const MOST_THREADS: usize = 1_000;

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
    let found = by_factory.into_iter().filter_map(|(class, executors)| {
        let count = executors.len() as u64;
        let workers = executors
            .iter()
            .filter_map(|&at| heap.follow(at, "workers"));
        let workers = workers.flat_map(|workers| heap.values(workers, MOST_THREADS));
        let threads = workers.filter_map(|worker| heap.follow(worker, "thread"));
        let extent: Vec<ObjectIndex> = threads.chain(executors.iter().copied()).collect();
        let mut found = counted_objects(
            context,
            pattern,
            Bound::Usual(USUAL_EXECUTORS),
            extent,
            count,
        )?;
        // A few executors keep what they work on.
        if count <= USUAL_EXECUTORS {
            found.assessment = Assessment::ByDesign;
        }
        found.note = format!("threads made by {class}");
        Some(found)
    });
    found.collect()
}

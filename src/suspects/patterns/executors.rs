//! Executors: tasks that wait faster than they are run.

use super::context::Context;
use super::measure::{finding, sized};
use super::pattern::{Bound, Finding, Pattern, Rule};
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

/// The advice where the queue has a bound.
const BOUNDED: &str = "The queue is bounded: let each task hold less, lower its capacity, and look at the workers' stacks for what holds them up.";

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
        if bounded {
            found.advice = Some(BOUNDED);
        }
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
    advice: "Cancelled tasks stay until their time comes: call `setRemoveOnCancelPolicy(true)`; for timeouts use a timer that is made for them.",
    ..QUEUE
};

/// The advice where few tasks are cancelled, or those that are leave the queue at once.
const NOT_CANCELLED: &str = "Tasks are scheduled faster than they run, or far ahead: schedule fewer of them, let each hold no more than it needs, and look at the workers' stacks for what holds them up.";

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
        let removes = context.heap.integer(executor, "removeOnCancel") == Some(1);
        if removes || cancelled < tasks.len().div_ceil(2) {
            found.advice = Some(NOT_CANCELLED);
        }
        Some(found)
    });
    found.collect()
}

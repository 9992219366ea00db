//! `java.util.Timer`: cancelled tasks stay until `purge`.

use super::context::Context;
use super::measure::sized;
use super::pattern::{Bound, Finding, Pattern, Rule};

/// `TimerTask.state` of a cancelled task.
const CANCELLED: i64 = 3;

/// The queue of a timer's thread.
pub const TIMER: Pattern = Pattern {
    id: "timer_tasks",
    rows: &[25],
    title: "Tasks of a java.util.Timer",
    component: "java.util.Timer",
    wanted: &["java.util.TimerThread"],
    rule: Rule::Code(tasks),
    what: "queue",
    unit: "tasks",
    advice: "Call `purge()` after cancelling many tasks, or use a `ScheduledThreadPoolExecutor` with `setRemoveOnCancelPolicy(true)`.",
    ..Pattern::PLAIN
};

/// The advice where few tasks are cancelled.
const NOT_CANCELLED: &str = "The tasks are not due yet, or the timer's thread is blocked: schedule fewer of them so far ahead, let each hold less, and look at the thread's stack.";

fn tasks(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let threads = context.readable(pattern.wanted[0]).into_iter();
    let found = threads.filter_map(|thread| {
        let queue = context.heap.follow(thread, "queue")?;
        let mut found = sized(context, pattern, Bound::Usual(1_000), thread, &[queue])?;
        found.retained_bytes = context.heap.retained_together(&found.extent);
        let tasks = context.heap.values(queue, 10_000);
        let cancelled = tasks
            .iter()
            .filter(|&&task| context.heap.integer(task, "state") == Some(CANCELLED))
            .count();
        if cancelled > 0 {
            found.note = format!("{cancelled} of {} are cancelled", tasks.len());
        }
        if !tasks.is_empty() && cancelled < tasks.len() / 2 {
            found.advice = Some(NOT_CANCELLED);
        }
        Some(found)
    });
    found.collect()
}

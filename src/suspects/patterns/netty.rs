//! Netty: pools that are constant after warm-up, and write backlogs that are not.

use super::context::Context;
use super::measure::{counted, finding, sized};
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};

/// Handles of one type in one thread (`io.netty.recycler.maxCapacityPerThread` unless configured otherwise).
const HANDLES: u64 = 4_096;
/// A pooled object with its buffer.
const HANDLE_BYTES: u64 = 4 << 10;
/// Above the high-water mark (64 KiB) a channel says that it is not writable; sixteen times that was not listened to.
const PENDING_BYTES: u64 = 16 * (64 << 10);

/// Pooled objects of a thread: 4.1.71 and later, and before.
pub const RECYCLER: Pattern = Pattern {
    id: "netty_recycler",
    rows: &[17],
    title: "Netty recycler",
    component: "Netty recycler",
    wanted: &[
        "io.netty.util.Recycler$LocalPool",
        "io.netty.util.Recycler$Stack",
    ],
    rule: Rule::Code(recycler),
    unit: "handles",
    advice: "Upgrade Netty; `-Dio.netty.recycler.maxCapacityPerThread=0` turns the recycler off.",
    accused: true,
    ..Pattern::PLAIN
};

fn recycler(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let pools = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let found = pools.filter_map(|pool| {
        let (extent, measured) = match context
            .heap
            .follow(pool, "pooledHandles|handles.deque|handles")
        {
            Some(handles) => (handles, context.heap.entries(handles)?),
            None => (
                context.heap.follow(pool, "elements")?,
                context.heap.number(pool, "size")?,
            ),
        };
        let most = context
            .heap
            .number(pool, "maxCapacity")
            .filter(|&most| most > 0)
            .unwrap_or(HANDLES);
        let bound = Bound::Fixed {
            most,
            bytes_each: HANDLE_BYTES,
        };
        Some(finding(
            context,
            pattern,
            bound,
            Some(most),
            pool,
            vec![extent],
            measured,
        ))
    });
    found.collect()
}

/// Chunks of pooled memory, 4 or 16 MiB each; those of heap arenas are arrays in the heap.
pub const CHUNKS: Pattern = Pattern {
    id: "netty_pooled_chunks",
    rows: &[18],
    title: "Chunks of Netty's pooled memory",
    component: "Netty pooled memory",
    wanted: &["io.netty.buffer.PoolChunk"],
    rule: Rule::Code(|context, pattern| {
        let mut found = counted(context, pattern, Bound::Usual(512));
        if let Some(found) = &mut found {
            // However few: buffers that were lost keep a chunk each.
            found.advice = Some(pattern.advice);
        }
        found.into_iter().collect()
    }),
    unit: "chunks",
    advice: "Buffers are not released, or there are many event loops: look for `LEAK` in the log with `-Dio.netty.leakDetection.level=paranoid`, lower `io.netty.allocator.numHeapArenas` and `numDirectArenas`.",
    ..Pattern::PLAIN
};

/// Tasks that wait for one event loop.
pub const TASKS: Pattern = Pattern {
    id: "netty_event_loop_tasks",
    rows: &[22],
    title: "Tasks waiting for one event loop",
    component: "Netty event loops",
    wanted: &["io.netty.util.concurrent.SingleThreadEventExecutor"],
    rule: Rule::Code(event_loops),
    what: "queue",
    unit: "tasks",
    advice: "The event loop is blocked, or gets more tasks than it can handle: look at its stack, move blocking calls to another thread, and set a limit (`io.netty.eventLoop.maxPendingTasks`).",
    ..Pattern::PLAIN
};

/// The advice where the loop has a bound.
const BOUNDED: &str = "The event loop is blocked, or gets more tasks than it can handle: it has a limit, so look at its stack, move blocking calls to another thread, and let each task hold less.";

fn event_loops(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let loops = context.readable(pattern.wanted[0]).into_iter();
    let found = loops.filter_map(|event_loop| {
        let queue = context.heap.follow(event_loop, "taskQueue")?;
        let bound = Bound::Usual(10_000);
        let mut found = sized(context, pattern, bound, event_loop, &[queue])?;
        let most = context.heap.number(event_loop, "maxPendingTasks");
        let bounded = most.is_some_and(|most| most < i32::MAX as u64);
        found.advice = bounded.then_some(BOUNDED);
        Some(found)
    });
    found.collect()
}

/// What waits to be written to one channel.
pub const OUTBOUND: Pattern = Pattern {
    id: "netty_write_backlog",
    rows: &[19],
    title: "Bytes waiting to be written to one channel",
    component: "Netty write backlog",
    wanted: &["io.netty.channel.ChannelOutboundBuffer"],
    rule: Rule::Code(backlog),
    unit: "bytes",
    advice: "The other side reads slower than this one writes: write only while the channel is writable, and close channels that do not drain.",
    ..Pattern::PLAIN
};

fn backlog(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let buffers = context.readable(pattern.wanted[0]).into_iter();
    let found = buffers.filter_map(|buffer| {
        let pending = context.heap.number(buffer, "totalPendingSize")?;
        let bound = Bound::Usual(PENDING_BYTES);
        Some(finding(
            context,
            pattern,
            bound,
            Some(PENDING_BYTES),
            buffer,
            vec![buffer],
            pending,
        ))
    });
    found.collect()
}

/// What an allocator has reserved and its buffers do not use.
pub const ARENAS: Pattern = Pattern {
    id: "netty_arenas",
    rows: &[18],
    title: "Memory reserved by one allocator of Netty",
    component: "Netty allocator",
    wanted: &["io.netty.buffer.PooledByteBufAllocator"],
    rule: Rule::Code(arenas),
    unit: "bytes",
    advice: "Memory that was needed once stays reserved: lower `io.netty.allocator.numHeapArenas` and `numDirectArenas`, or `io.netty.allocator.maxOrder`.",
    ..Pattern::PLAIN
};

/// The lists by which an arena sorts its chunks.
const LISTS: &[&str] = &["qInit", "q000", "q025", "q050", "q075", "q100"];

/// Chunks of heap arenas. After a peak each chunk stays for as long as one small buffer lies in it: that is a known state.
fn arenas(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let heap = context.heap;
    let allocators = context.readable(pattern.wanted[0]).into_iter();
    let found = allocators.filter_map(|allocator| {
        let (mut reserved, mut free) = (0u64, 0u64);
        let mut extent = Vec::new();
        let arenas = heap.follow(allocator, "heapArenas").into_iter();
        for arena in arenas.flat_map(|arenas| heap.slots(arenas)) {
            for list in LISTS {
                let first = heap.follow(arena, &format!("{list}.head"));
                for chunk in heap.chain(first, |chunk| heap.field_object(chunk, "next")) {
                    reserved = reserved.saturating_add(heap.number(chunk, "chunkSize")?);
                    free = free.saturating_add(heap.number(chunk, "freeBytes")?);
                    extent.push(chunk);
                    // Its buffers refer to the array as well.
                    extent.extend(heap.follow(chunk, "memory"));
                }
            }
        }
        let used = reserved.saturating_sub(free);
        let bound = Bound::Usual(u64::MAX);
        let mut found = finding(context, pattern, bound, None, allocator, extent, reserved);
        found.note = format!(
            "{} % of it in use",
            used.saturating_mul(100) / reserved.max(1)
        );
        if used <= reserved / 2 {
            found.assessment = Assessment::ByDesign;
            found.bounded = true;
        }
        (reserved > 0).then_some(found)
    });
    found.collect()
}

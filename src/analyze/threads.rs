//! Platform threads one by one, virtual threads by stack.

use foldhash::HashMap;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::class_loaders::label;
use super::shown::address;
use super::thread_locals;
use crate::heap::{Instances, ObjectIndex, Snapshot, StackFrame, Thread};
use crate::report::model::{ThreadKind, ThreadLocalField, ThreadLocalVariable, ThreadRow};
use crate::suspects::naming;
use crate::suspects::statics::Statics;
use crate::suspects::thread_holder::frame_of_local;
use crate::suspects::thread_locals::Entry;

/// Frames that are reported of one stack.
const MOST_FRAMES: usize = 100;
/// Groups of virtual threads that a report tells; the rest are one row.
pub const MOST_GROUPS: usize = 100;

/// Both tables.
#[derive(Debug, Default)]
pub struct Threads {
    /// Platform threads and groups of virtual threads: first what threw an `OutOfMemoryError`, then by retained size; last the
    /// virtual threads that have no row of their own.
    pub rows: Vec<ThreadRow>,
    /// ThreadLocal values by declaring field.
    pub thread_locals: Vec<ThreadLocalField>,
}

impl Threads {
    /// Number of threads that are alive, platform and virtual.
    pub fn count(&self) -> u64 {
        self.rows.iter().map(|row| row.count).sum()
    }
}

/// Whether the thread `object` is a virtual one.
pub fn is_virtual(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    let class = snapshot.class_of(object);
    let virtual_ones = ["java.lang.BaseVirtualThread", "java.lang.VirtualThread"];
    let is_a = |name: &str| snapshot.classes().is_a(class, name);
    virtual_ones.into_iter().any(is_a)
}

/// Builds both tables, with up to `most` groups of virtual threads.
pub fn tables(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    statics: &Statics,
    most: usize,
) -> Threads {
    let mut seen: FxHashSet<ObjectIndex> = FxHashSet::default();
    let known = snapshot.threads().iter();
    let (platform, mut parked): (Vec<&Thread>, Vec<&Thread>) = known
        .filter(|thread| seen.insert(thread.object))
        .partition(|thread| !is_virtual(snapshot, thread.object));
    // JDK 21 does not name virtual threads as GC roots.
    let more: Vec<Thread> = instances
        .all("java.lang.Thread")
        .objects
        .into_iter()
        .filter(|&object| is_virtual(snapshot, object) && !seen.contains(&object))
        .map(|object| Thread {
            object,
            ..Thread::default()
        })
        .collect();
    parked.extend(more.iter());
    let found: Vec<(ThreadRow, Vec<Entry>)> = platform
        .par_iter()
        .map(|thread| platform_row(snapshot, thread))
        .collect();
    let (mut rows, entries): (Vec<ThreadRow>, Vec<Vec<Entry>>) = found.into_iter().unzip();
    let (groups, others) = virtual_rows(snapshot, &parked, most);
    rows.extend(groups);
    rows.sort_by(|a, b| {
        (b.threw_out_of_memory, b.retained_bytes, b.count)
            .cmp(&(a.threw_out_of_memory, a.retained_bytes, a.count))
            .then_with(|| (&a.name, &a.object_id).cmp(&(&b.name, &b.object_id)))
    });
    rows.extend(others);
    Threads {
        rows,
        thread_locals: thread_locals::by_field(snapshot, statics, &entries),
    }
}

fn platform_row(snapshot: &Snapshot<'_>, thread: &Thread) -> (ThreadRow, Vec<Entry>) {
    let object = thread.object;
    let stack = snapshot.stack(thread);
    let [loader, holder] = snapshot.field_objects(object, ["contextClassLoader", "holder"]);
    let locals = thread_locals::of_thread(snapshot, object);
    let (thread_locals, entries) = locals.map_or((None, Vec::new()), |(n, e)| (Some(n), e));
    // JDK 19 and later keep what a platform thread has and a virtual one has not in `Thread.holder`.
    let integer = |name| {
        let of_holder = holder.and_then(|holder| snapshot.field_integer(holder, name));
        of_holder.or_else(|| snapshot.field_integer(object, name))
    };
    let row = ThreadRow {
        name: thread
            .name
            .clone()
            .unwrap_or_else(|| format!("(no name, serial {})", thread.serial)),
        kind: ThreadKind::Platform,
        class: snapshot.class(object).name.clone(),
        object_id: Some(address(snapshot, object)),
        count: 1,
        other_stacks: None,
        state: integer("threadStatus").map(|status| state(status).to_owned()),
        daemon: integer("daemon").map(|daemon| daemon != 0),
        retained_bytes: snapshot.retained(object),
        biggest_local: biggest_local(snapshot, thread),
        thread_locals,
        context_class_loader: loader.map(|loader| label(snapshot, loader)),
        threw_out_of_memory: threw_out_of_memory(&stack),
        frames: frames(&stack),
    };
    (row, entries)
}

/// `Thread.threadStatus` as `Thread.getState` decodes it (JVMTI thread states; `jdk.internal.misc.VM.toThreadState`).
fn state(status: i64) -> &'static str {
    match status {
        s if s & 0x4 != 0 => "RUNNABLE",
        s if s & 0x400 != 0 => "BLOCKED",
        s if s & 0x10 != 0 => "WAITING",
        s if s & 0x20 != 0 => "TIMED_WAITING",
        s if s & 0x2 != 0 => "TERMINATED",
        s if s & 0x1 == 0 => "NEW",
        _ => "RUNNABLE",
    }
}

/// The local that retains most of those that only this thread keeps alive.
fn biggest_local(snapshot: &Snapshot<'_>, thread: &Thread) -> Option<ThreadLocalVariable> {
    let only_here = |local: &&(u32, ObjectIndex)| {
        local.1 != thread.object && snapshot.dominator(local.1) == Some(thread.object)
    };
    let key = |local: &&(u32, ObjectIndex)| {
        (
            snapshot.retained(local.1),
            std::cmp::Reverse((local.1, local.0)),
        )
    };
    let &(_, object) = thread.locals.iter().filter(only_here).max_by_key(key)?;
    let frame = frame_of_local(snapshot, thread, object, naming::is_owner);
    Some(ThreadLocalVariable {
        class: snapshot.class(object).name.clone(),
        object_id: address(snapshot, object),
        retained_bytes: snapshot.retained(object),
        frame: frame.as_ref().map(stable_frame),
    })
}

/// HotSpot puts the constructor of the error on top of the stack when that wrote the dump (`heapDumper.cpp`).
fn threw_out_of_memory(stack: &[StackFrame]) -> bool {
    stack
        .iter()
        .take(4)
        .any(|frame| frame.class == "java.lang.OutOfMemoryError" && frame.method == "<init>")
}

/// A frame without what differs from run to run.
fn stable_frame(frame: &StackFrame) -> String {
    StackFrame {
        class: naming::stable(&frame.class),
        ..frame.clone()
    }
    .to_string()
}

fn frames(stack: &[StackFrame]) -> Vec<String> {
    let mut frames: Vec<String> = stack.iter().take(MOST_FRAMES).map(stable_frame).collect();
    if stack.len() > MOST_FRAMES {
        frames.push(format!("... {} more", stack.len() - MOST_FRAMES));
    }
    frames
}

/// Numbers of stacks, the same for those that say the same: frames of different threads have different identifiers. Each trace is
/// read once, to its end, however many threads have it.
#[derive(Default)]
struct Stacks {
    of_trace: HashMap<u32, usize>,
    known: HashMap<Vec<(u32, u64, i32)>, usize>,
}

impl Stacks {
    fn number(&mut self, snapshot: &Snapshot<'_>, thread: &Thread) -> usize {
        let (serial, container) = (thread.trace_serial, snapshot.container());
        if let Some(&number) = self.of_trace.get(&serial) {
            return number;
        }
        let trace = container.traces.get(&serial).filter(|_| serial != 0);
        let frames = trace.map_or(&[][..], |trace| &trace.frames);
        let frames = frames.iter().filter_map(|id| container.frames.get(id));
        let stack = frames.map(|frame| (frame.class_serial, frame.method_id, frame.line));
        let next = self.known.len();
        let number = *self.known.entry(stack.collect()).or_insert(next);
        self.of_trace.insert(serial, number);
        number
    }
}

struct Group<'t> {
    first: &'t Thread,
    objects: Vec<ObjectIndex>,
    states: HashMap<String, u64>,
}

/// The `most` largest groups, and what the others are together.
fn virtual_rows(
    snapshot: &Snapshot<'_>,
    threads: &[&Thread],
    most: usize,
) -> (Vec<ThreadRow>, Option<ThreadRow>) {
    let states = VirtualStates::new(snapshot);
    let state = |thread: &&Thread| states.of(snapshot, thread.object);
    let of_thread: Vec<Option<String>> = threads.par_iter().map(state).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut stacks = Stacks::default();
    let mut places: FxHashMap<usize, usize> = FxHashMap::default();
    for (&thread, state) in threads.iter().zip(of_thread) {
        // What has ended or never began holds no stack; it stays on the heap as long as somebody refers to it.
        if matches!(state.as_deref(), Some("TERMINATED" | "NEW")) {
            continue;
        }
        let stack = stacks.number(snapshot, thread);
        let place = *places.entry(stack).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group {
                first: thread,
                objects: Vec::new(),
                states: HashMap::default(),
            });
        }
        let group = &mut groups[place];
        group.objects.push(thread.object);
        *group.states.entry(state.unwrap_or_default()).or_default() += 1;
    }
    let mut rows: Vec<(ThreadRow, Vec<ObjectIndex>)> = groups
        .into_iter()
        .map(|group| (group_row(snapshot, &group), group.objects))
        .collect();
    rows.sort_by_key(|(row, objects)| {
        (
            std::cmp::Reverse((row.threw_out_of_memory, row.retained_bytes, row.count)),
            objects.first().copied(),
        )
    });
    let others = rows.split_off(most.min(rows.len()));
    let first = rows.into_iter().map(|(row, _)| row).collect();
    (first, others_row(snapshot, others))
}

/// One row for groups that have none of their own.
fn others_row(
    snapshot: &Snapshot<'_>,
    groups: Vec<(ThreadRow, Vec<ObjectIndex>)>,
) -> Option<ThreadRow> {
    let class = groups.first()?.0.class.clone();
    let stacks = groups.len() as u64;
    let objects: Vec<ObjectIndex> = groups.into_iter().flat_map(|(_, group)| group).collect();
    Some(ThreadRow {
        name: "other virtual threads".to_owned(),
        kind: ThreadKind::Virtual,
        class,
        count: objects.len() as u64,
        other_stacks: Some(stacks),
        retained_bytes: snapshot.retained_together(&objects),
        ..ThreadRow::default()
    })
}

fn group_row(snapshot: &Snapshot<'_>, group: &Group<'_>) -> ThreadRow {
    let stack = snapshot.stack(group.first);
    let stack = if group.first.trace_serial == 0 {
        Vec::new()
    } else {
        stack
    };
    let count = group.objects.len() as u64;
    let mut states: Vec<(&String, &u64)> = group.states.iter().collect();
    states.sort_by_key(|&(state, count)| (std::cmp::Reverse(*count), state.clone()));
    let state = states.first().map(|(state, _)| (*state).clone());
    let name = snapshot.thread_name(group.first.object).unwrap_or_default();
    let mut name = match (name, count) {
        (name, _) if name.is_empty() => "virtual threads".to_owned(),
        (name, 1) => name,
        (name, _) => format!("virtual threads such as {name}"),
    };
    if stack.is_empty() {
        name.push_str(" (no stack in the dump)");
    }
    let one = group.objects.first().filter(|_| count == 1);
    ThreadRow {
        name,
        kind: ThreadKind::Virtual,
        class: snapshot.class(group.first.object).name.clone(),
        object_id: one.map(|&object| address(snapshot, object)),
        count,
        other_stacks: None,
        state: state.filter(|state| !state.is_empty()),
        daemon: None,
        retained_bytes: snapshot.retained_together(&group.objects),
        biggest_local: biggest_local(snapshot, group.first).filter(|_| count == 1),
        thread_locals: None,
        context_class_loader: None,
        threw_out_of_memory: threw_out_of_memory(&stack),
        frames: frames(&stack),
    }
}

/// The numbers of `VirtualThread.state` differ between releases; the constants in the dump say what they mean.
struct VirtualStates(HashMap<i64, &'static str>);

impl VirtualStates {
    fn new(snapshot: &Snapshot<'_>) -> VirtualStates {
        let mut states = HashMap::default();
        for class in snapshot.classes().named("java.lang.VirtualThread") {
            for field in &snapshot.classes().get(class).dump.statics {
                let meaning = match snapshot.name(field.name_id).as_str() {
                    "NEW" => "NEW",
                    "STARTED" | "RUNNABLE" | "RUNNING" | "YIELDING" | "YIELDED" | "UNPARKED"
                    | "UNBLOCKED" => "RUNNABLE",
                    "PARKING" | "PARKED" | "PINNED" | "WAITING" | "WAIT" => "WAITING",
                    "TIMED_PARKING" | "TIMED_PARKED" | "TIMED_PINNED" | "TIMED_WAITING"
                    | "TIMED_WAIT" => "TIMED_WAITING",
                    "BLOCKING" | "BLOCKED" => "BLOCKED",
                    "TERMINATED" => "TERMINATED",
                    _ => continue,
                };
                if let Some(number) = field.value.integer() {
                    states.insert(number, meaning);
                }
            }
        }
        VirtualStates(states)
    }

    fn of(&self, snapshot: &Snapshot<'_>, thread: ObjectIndex) -> Option<String> {
        const SUSPENDED: i64 = 1 << 8;
        let state = snapshot.field_integer(thread, "state")? & !SUSPENDED;
        self.0.get(&state).map(|&state| state.to_owned())
    }
}

/// The frame in which the finalizer thread is stuck; `None` when it waits for work, as it should.
pub fn finalizer_blocked_in(snapshot: &Snapshot<'_>) -> Option<String> {
    let is_finalizer = |thread: &&Thread| {
        snapshot.class(thread.object).name == "java.lang.ref.Finalizer$FinalizerThread"
    };
    let thread = snapshot.threads().iter().find(is_finalizer)?;
    let stack = snapshot.stack(thread);
    let runs = stack.iter().position(|frame| {
        frame.class == "java.lang.ref.Finalizer" && frame.method == "runFinalizer"
    })?;
    let above = &stack[..runs];
    let own = above.iter().find(|frame| !naming::is_jdk(&frame.class));
    own.or(above.first()).map(stable_frame)
}

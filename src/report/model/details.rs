//! The longer parts of a report: classes, dominators, threads, class loaders, references, waste, evidence.

use serde::{Deserialize, Serialize};

use super::{Amount, ClassCount, Holder};
use crate::sentence::Sentence;

/// One class (by name and loader).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassRow {
    /// Class name as in Java source (`java.lang.String`, `byte[]`).
    pub class: String,
    /// Label of the loader, such as `boot` or `app`; `None` when unknown.
    pub loader: Option<String>,
    /// Instances that are strongly reachable.
    pub objects: u64,
    /// Bytes, the sum of their shallow sizes.
    pub shallow_bytes: u64,
    /// Bytes retained by all instances together, each byte counted once.
    pub retained_bytes: u64,
}

/// One of the topmost objects of the dominator tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DominatorRow {
    /// Address.
    pub object_id: String,
    /// Class; for a class object `class com.acme.Foo`.
    pub class: String,
    /// Bytes of the object itself.
    pub shallow_bytes: u64,
    /// Bytes it retains.
    pub retained_bytes: u64,
    /// Objects it retains, itself included.
    pub retained_objects: u64,
}

/// What kind of thread.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ThreadKind {
    /// A virtual thread (JDK 21 and later).
    Virtual,
    /// A thread of the operating system.
    #[default]
    #[serde(other)]
    Platform,
}

impl ThreadKind {
    /// The kind as reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            ThreadKind::Platform => "platform",
            ThreadKind::Virtual => "virtual",
        }
    }
}

/// One thread, or a group of virtual threads with the same stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ThreadRow {
    /// Name, with digits and long tokens shortened unless values were asked for.
    pub name: String,
    /// What kind of thread.
    pub kind: ThreadKind,
    /// Class of the thread object.
    pub class: String,
    /// Address; `None` for a group.
    pub object_id: Option<String>,
    /// Threads that the row stands for.
    pub count: u64,
    /// Number of different stacks of a row that stands for all virtual threads that are not listed; `None` for others.
    pub other_stacks: Option<u64>,
    /// State, such as `RUNNABLE`.
    pub state: Option<String>,
    /// Whether it is a daemon thread.
    pub daemon: Option<bool>,
    /// Bytes retained by the thread object and its stack.
    pub retained_bytes: u64,
    /// Local variable that retains most.
    pub biggest_local: Option<ThreadLocalVariable>,
    /// Its ThreadLocal values.
    pub thread_locals: Option<ThreadLocals>,
    /// Label of the context class loader.
    pub context_class_loader: Option<String>,
    /// True when this thread threw the OutOfMemoryError that caused the dump.
    pub threw_out_of_memory: bool,
    /// Frames, innermost first, such as `com.acme.Job.run(Job.java:42)`.
    pub frames: Vec<String>,
}

/// A local variable on a thread's stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ThreadLocalVariable {
    /// Class of the object.
    pub class: String,
    /// Its address.
    pub object_id: String,
    /// Bytes it retains.
    pub retained_bytes: u64,
    /// The frame it lives in.
    pub frame: Option<String>,
}

/// The `ThreadLocalMap` of a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ThreadLocals {
    /// Entries.
    pub entries: u64,
    /// Entries whose key was collected.
    pub stale: u64,
    /// Bytes that the map retains.
    pub retained_bytes: u64,
}

/// The values of one `ThreadLocal` in all platform threads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ThreadLocalField {
    /// The static field that declares it, such as `com.acme.Render.BUFFER`, or what is known of the key instead.
    pub field: String,
    /// Class of the values, by bytes.
    pub value_class: Option<String>,
    /// Threads that have one.
    pub threads: u64,
    /// Entries.
    pub entries: u64,
    /// Entries whose key was collected.
    pub stale: u64,
    /// Bytes that the entries retain together.
    pub retained_bytes: u64,
}

/// One class loader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassLoaderRow {
    /// Label: its name, or class and context.
    pub name: String,
    /// Class of the loader object; `None` for the boot loader.
    pub class: Option<String>,
    /// Address; `None` for the boot loader or a group.
    pub object_id: Option<String>,
    /// Label of the parent loader.
    pub parent: Option<String>,
    /// Loaders that the row stands for.
    pub count: u64,
    /// Classes defined.
    pub classes: u64,
    /// Instances of those classes.
    pub instances: u64,
    /// Bytes of those instances, shallow.
    pub instance_bytes: u64,
    /// Bytes that would go away with the loader: what it and the classes that it defined, with their static fields, retain together.
    pub retained_bytes: u64,
    /// True when its web application was stopped or the loader itself was closed; `None` where the dump does not say.
    pub stopped: Option<bool>,
    /// What keeps a stopped loader alive.
    pub pinned_by: Option<String>,
}

/// A class name that several loaders define.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DuplicateClass {
    /// Class name.
    pub class: String,
    /// Loaders that define it.
    pub loaders: u64,
}

/// Generated classes with one base name, such as `$$Lambda` of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassFamily {
    /// Base name with `*` for what varies.
    pub name: String,
    /// Label of the loader.
    pub loader: Option<String>,
    /// Classes of the family.
    pub classes: u64,
    /// Instances of them.
    pub objects: u64,
}

/// Off-heap memory or native handles and who owns them on the heap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct OffHeapOwner {
    /// Component of the ledger that this is part of, such as `direct_memory`.
    pub component: String,
    /// Who keeps it.
    pub holder: Holder,
    /// What: class of the buffers, streams or handles.
    pub class: String,
    /// How many.
    pub objects: u64,
    /// Native bytes; `None` when the dump does not say.
    pub bytes: Option<u64>,
}

/// One source of outside evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Evidence {
    /// File name without folder, or the option that gave it.
    pub source: String,
    /// Format that was recognised, such as `kubectl top`.
    pub kind: String,
    /// What it says, of whom, and what was left out and why; one line.
    pub text: Sentence,
    /// What contradicts another source.
    pub contradiction: Option<Sentence>,
    /// The numbers that were taken.
    pub readings: Vec<Reading>,
}

/// One number that evidence says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Reading {
    /// What was measured: `resident` (a process), `working_set`, `usage`, `anonymous`, `limit` (a container), `heap_used`,
    /// `heap_committed`, `heap_max`, `heap_live` (after a full collection), `heap_live_growth`, `native_committed`, `growth`, ...
    pub what: String,
    /// Bytes; negative only for growth. Absent where there is a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_bytes: Option<i64>,
    /// How many, for `restarts`, `oom_killed` and `threads`; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The category of Native Memory Tracking.
    pub category: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// The pod.
    pub pod: Option<String>,
    /// The namespace of the pod.
    pub namespace: Option<String>,
    /// The PID of the process, as the text has it.
    pub pid: Option<String>,
    /// The name of the process.
    pub process: Option<String>,
    /// When it was measured, in UTC, where the text says it.
    pub time: Option<String>,
    /// Line in the file, from 1; `None` for what was given on the command line.
    pub line: Option<u64>,
}

/// What reference objects hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct References {
    /// One row for each kind.
    pub kinds: Vec<ReferenceKind>,
    /// Objects waiting in the finalizer queue.
    pub finalizer_queue: Option<u64>,
    /// Frame in which the finalizer thread is blocked.
    pub finalizer_blocked_in: Option<String>,
    /// Cleaners whose referent is gone but which did not run yet.
    pub cleaners_pending: Option<u64>,
    /// Weakly keyed maps and ThreadLocals whose value points back to its key and so never goes away.
    pub self_referencing: Vec<SelfReference>,
}

/// What kind of reference objects. What a later version may add is read as [`ReferenceStrength::Other`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReferenceStrength {
    /// `SoftReference`.
    Soft,
    /// `WeakReference`.
    Weak,
    /// `FinalReference`: of objects with a finalizer.
    Final,
    /// `PhantomReference`.
    Phantom,
    /// Of a kind that this version does not know.
    #[default]
    #[serde(other)]
    Other,
}

impl ReferenceStrength {
    /// The kind as reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            ReferenceStrength::Soft => "soft",
            ReferenceStrength::Weak => "weak",
            ReferenceStrength::Final => "final",
            ReferenceStrength::Phantom => "phantom",
            ReferenceStrength::Other => "other",
        }
    }
}

/// Reference objects of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReferenceKind {
    /// What kind.
    pub kind: ReferenceStrength,
    /// Reference objects.
    pub references: u64,
    /// What only references of this kind reach.
    pub only: Amount,
    /// Largest classes among `only`.
    pub classes: Vec<ClassCount>,
    /// Who holds the references to most of `only`; of soft ones, where `only` is 1 MiB or more.
    pub holders: Vec<ReferenceHolder>,
}

/// Who holds references of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReferenceHolder {
    /// The owner, such as `com.acme.Images.CACHE`.
    pub holder: String,
    /// References that it holds and whose referents only such references reach.
    pub references: u64,
    /// Bytes that these referents retain together.
    pub bytes: u64,
    /// True where there are so many references that the owners of some were taken for those of their neighbours.
    pub estimated: bool,
}

/// A weak reference that its own referent keeps alive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SelfReference {
    /// Who holds the map.
    pub holder: String,
    /// Class of the key.
    pub class: String,
    /// Entries of this shape.
    pub count: u64,
    /// Bytes that they retain.
    pub retained_bytes: u64,
}

/// Bytes that a change of the program would save.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Waste {
    /// Findings, largest saving first. They may overlap, so they are not added up.
    pub findings: Vec<WasteFinding>,
}

/// Who holds a part of a finding of waste.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WasteOwner {
    /// A field, or a thread with the frame that has the objects in a local variable.
    pub title: String,
    /// Part of the bytes of the finding, from 0 to 1.
    pub share: f64,
}

/// One kind of waste.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WasteFinding {
    /// `duplicate_strings`, `empty_collections`, `oversized_collections`, `boxed_numbers`, ...
    pub kind: String,
    /// A few words.
    pub title: Sentence,
    /// Objects concerned.
    pub objects: u64,
    /// Bytes that would be saved.
    pub bytes: u64,
    /// Who holds most of them: a field, or a thread with the frame that has them in a local variable.
    pub holder: Option<String>,
    /// The largest holders with their shares, as a sample tells.
    pub holders: Vec<WasteOwner>,
    /// Examples of equal texts; empty unless values were asked for.
    pub examples: Vec<String>,
}

//! What the heap dump says, as plain numbers: the input of the [ledger](super::ledger) and the [decision](super::decision).
//!
//! All sizes are bytes as the JVM counts them. The engine fills this structure; the decision never looks at the heap itself.

pub use crate::suspects::patterns::Assessment;

use crate::sentence;
use crate::sentence::{Sentence, Size};

pub use crate::growth::Course;

/// The heap dump in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeapFacts {
    /// Bytes of objects that strong references reach from a GC root.
    pub strong_bytes: u64,
    /// Bytes that only soft references reach: the JVM clears them before it gives up.
    pub soft_bytes: u64,
    /// Bytes that only weak references reach.
    pub weak_bytes: u64,
    /// Bytes that only finalizers reach.
    pub final_bytes: u64,
    /// Bytes that only phantom references reach.
    pub phantom_bytes: u64,
    /// Bytes without a path from any GC root, heap fillers left out: garbage, or objects whose roots the dump does not record.
    pub no_path_bytes: u64,
    /// The whole dump was read and nothing of it was damaged.
    pub complete: bool,
    /// The dump has GC roots.
    pub has_roots: bool,
    /// The maximum heap (`-Xmx`) with where it was read, when the dump says it.
    pub max_heap: Option<Sourced>,
    /// What the maximum heap is at least and at most, where the dump says only that.
    pub max_heap_range: Option<Range>,
    /// The suspects, largest first.
    pub suspects: Vec<Holder>,
    /// The largest retained size of any single holder, suspect or not.
    pub largest_holder: Option<Holder>,
    /// Holders that look alarming and are harmless by design, with their bytes (e.g. `BatchSpanProcessor`, 400): named in the headline
    /// because others accuse them.
    pub by_design: Vec<(String, u64)>,
    /// Components within their bound: harmless at this instant, but they may be what grew.
    pub cleared: Vec<Holder>,
    /// Name of the dump's file, without its folder, where it is fit for a command line.
    pub dump: Option<String>,
    /// The pod or host, where the dump says it.
    pub host: Option<String>,
    /// The thread that was throwing an `OutOfMemoryError` when the dump was written.
    pub out_of_memory: Option<OutOfMemory>,
    /// `OutOfMemoryError`s that the JVM threw before the dump was written.
    pub ran_out_before: Option<RanOutBefore>,
    /// Bytes that all objects take of the heap, with or without a path: fillers, and what the regions that they lie in have no room
    /// left for, are among them.
    pub filled_bytes: u64,
    /// Bytes without a path that are alive all the same: they hang on references that HPROF does not record. They are not part of
    /// `no_path_bytes`.
    pub hidden: Hidden,
    /// Loaders of one kind, or generated classes of one family, where there are several.
    pub class_mass: Option<ClassMass>,
    /// The dump looks like one of live objects only.
    pub live_only: bool,
    /// All texts of the dump are zeros: somebody took the contents out.
    pub zeroed: bool,
    /// Native memory that the heap knows of.
    pub off_heap: Vec<OffHeap>,
    /// Live platform threads.
    pub platform_threads: u64,
    /// The largest group of platform threads with one name but for numbers, and how many they are.
    pub thread_group: Option<(String, u64)>,
    /// Executors that were not shut down, and threads in masses, the first of the pattern first.
    pub thread_masses: Vec<ThreadMass>,
    /// The reserved stack size of a platform thread in bytes, when the dump says it.
    pub thread_stack_bytes: Option<u64>,
    /// Loaded classes.
    pub classes: u64,
    /// Those of them that the boot loader defines.
    pub boot_classes: u64,
    /// The dump is of Android's runtime: what can be asked there differs.
    pub android: bool,
    /// What earlier inputs of the same program say of the heap's growth; `None` when only one input was given.
    pub growth: Option<MeasuredGrowth>,
}

/// The growth of the heap between two or more inputs, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeasuredGrowth {
    /// Names of the inputs that were compared, oldest first; empty where they do not fit on a command line.
    pub files: Vec<String>,
    /// Strongly reachable bytes at each time; `None` where an input does not say.
    pub live_bytes: Vec<Option<u64>>,
    /// Bytes that the live heap gained between the first and the last input of the last process; negative when it shrank.
    pub grew_bytes: i64,
    /// Bytes by which what was measured outside at the times of the inputs grew, as each input has it with it.
    pub outside: Option<i64>,
    /// `grew_bytes` from the last but one of them to the last.
    pub grew_last_bytes: Option<i64>,
    /// Intervals between inputs of the last process that name owners. 0: only other processes, or class histograms, are known.
    pub intervals: u32,
    /// The earlier inputs are class histograms, and each counts as many bytes as are live now: the most by which one differs, in bytes.
    pub same_as_histograms: Option<u64>,
    /// The same of the last of them alone, where the last input but one is a class histogram.
    pub same_as_last_histogram: Option<u64>,
    /// The last input is of another process than those before it, so that growth up to it is not known.
    pub other_process: bool,
    /// Seconds from the first to the last of these inputs.
    pub seconds: Option<u64>,
    /// The owners that were followed, the one that grew most first.
    pub holders: Vec<HolderGrowth>,
}

/// How one owner developed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderGrowth {
    /// The holder as [`Holder::name`] gives it.
    pub name: String,
    /// What it holds, as [`Holder::content`] gives it.
    pub content: String,
    /// Retained bytes at each time up to the last of the judged inputs; `None` is unknown.
    pub retained_bytes: Vec<Option<u64>>,
    /// Bytes gained within the last process; negative when it shrank.
    pub grew_bytes: i64,
    /// Intervals of the last process in which it grew.
    pub intervals_grown: u32,
    /// It grew in the last interval.
    pub grew_last: bool,
    /// It is at a bound that is known.
    pub at_bound: bool,
    /// It is a number of threads.
    pub threads: bool,
    /// It follows from class histograms: an earlier one has fewer objects of its content's class than it keeps now.
    pub by_class: bool,
    /// Its course.
    pub course: Course,
}

/// A size and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// Bytes.
    pub bytes: u64,
    /// Where it was read, e.g. `java.nio.Bits.MAX_MEMORY`.
    pub source: Sentence,
}

/// A size that is known only to lie between two, and where that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Bytes, at least.
    pub low: u64,
    /// Bytes, at most.
    pub high: u64,
    /// Where it was read, and why it is not known better.
    pub source: Sentence,
}

impl Range {
    /// A size that is known.
    pub fn exact(of: &Sourced) -> Range {
        Range {
            low: of.bytes,
            high: of.bytes,
            source: of.source.clone(),
        }
    }

    /// Whether it is one size.
    pub fn is_exact(&self) -> bool {
        self.low == self.high
    }

    /// For a sentence: `1,024 MiB`, or `at least 1,450 MiB`.
    pub fn describe(&self) -> Sentence {
        let at_least = if self.is_exact() { "" } else { "at least " };
        sentence!("{}{}", at_least, Size(self.low))
    }
}

/// Who keeps memory alive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// The holder as the report names it, e.g. `com.acme.UserCache.CACHE`.
    pub name: String,
    /// How many threads it is; 0 for what is no thread.
    pub threads: u64,
    /// What it holds, e.g. `150,000 × com.acme.UserProfile`; empty when there is nothing to say.
    pub content: String,
    /// Retained size in bytes.
    pub retained_bytes: u64,
    /// Where several fields hold it together: what clearing any one of them frees at most, in bytes.
    pub freed_alone: Option<u64>,
    /// Whether the application answers for it: it holds, or what the JDK holds is the application's.
    pub application_owned: bool,
    /// Whether it is a part of the JDK that holds something of the application's.
    pub jdk: bool,
    /// What a known pattern says of it.
    pub assessment: Assessment,
    /// How much of a bound that is known it uses; `None` where it is above that.
    pub filled: Option<Filled>,
    /// Something says that it can grow, if not that it should not: a collection without a bound, threads in masses (which take more
    /// memory outside of the heap than in it).
    pub may_grow: bool,
    /// It keeps 1,000 objects of one kind or more: whatever the collection around them is, somebody puts them there.
    pub many: bool,
}

/// What is held against the most that may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// What is held now, with its unit: `9,000`.
    pub now: Sentence,
    /// The most that may be: `20,000 elements`.
    pub most: Sentence,
    /// It is full, but for a tenth: it grows no more to speak of.
    pub is_full: bool,
    /// Bytes that it takes when it is full, as far as what is there tells.
    pub when_full: Option<u64>,
}

/// The `OutOfMemoryError` that wrote the dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfMemory {
    /// Name of the thread that was throwing.
    pub thread: String,
    /// What ran out.
    pub what: OutOfMemoryKind,
    /// The thread's topmost frame of application code, when it has one.
    pub frame: Option<String>,
}

/// What the frames of the thread say ran out. The dump is written before the error is made, so its message is never in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfMemoryKind {
    /// Nothing else: the heap, if it was full. Code that links a class as it runs has no frame of its own either.
    HeapSpace,
    /// The JDK was making an array: the heap, if it was full, else that array was too large. Such code is linked long before.
    Array,
    /// The JVM was linking a class or looking into it: the heap, if it was full, else `Metaspace` or `Compressed class space`.
    Linking,
    /// The JVM was defining a class: `Metaspace` or `Compressed class space`.
    Metaspace,
    /// `Cannot reserve ... bytes of direct buffer memory`, `unable to create native thread` and other native memory.
    Native,
}

/// `OutOfMemoryError`s before the dump was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RanOutBefore {
    /// Of the errors that the JVM made at its start, those that it has used.
    pub used: u64,
    /// Errors that it made at its start.
    pub of: u64,
    /// What the errors that still exist say, e.g. `Java heap space`; empty where none does.
    pub messages: Vec<String>,
}

/// What hangs on references that HPROF does not record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Bytes.
    pub bytes: u64,
    /// What refers to it, e.g. `ClassValue maps of class objects`, with bytes, largest first.
    pub by: Vec<(String, u64)>,
    /// Largest class of it with the number of its objects, e.g. `58 × byte[]`.
    pub content: String,
}

/// Loaders of one kind, or generated classes of one family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassMass {
    /// They are so many that they may fill metaspace.
    pub abounds: bool,
    /// They define, or are, at least half of all classes of the dump.
    pub most_classes: bool,
    /// How many they are.
    pub count: u64,
    /// `loaders of Meta$L`, `generated classes com.acme.Job$$Lambda*`.
    pub what: String,
    /// Who holds most of them on the heap, where the application does.
    pub held_by: Option<String>,
    /// Classes of this kind or family.
    pub classes: u64,
}

/// Executors that were not shut down, or threads in masses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadMass {
    /// How many they are.
    pub count: u64,
    /// They are executors.
    pub executors: bool,
    /// The field that holds most of them.
    pub held_by: Option<String>,
    /// What makes the threads, and how they are called.
    pub note: String,
}

/// Native memory that the heap knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffHeap {
    /// Which component of the ledger it is.
    pub component: super::component::Component,
    /// The least it can be, in bytes.
    pub low: u64,
    /// The most it can be, in bytes; equal to `low` when it is exact.
    pub high: u64,
    /// How it is known.
    pub kind: super::component::Kind,
    /// Where it was read, e.g. `java.nio.Bits.RESERVED_MEMORY`.
    pub source: Sentence,
    /// Who owns it on the heap, the largest first, e.g. `leaks.Slabs.SLABS: 300 direct buffers`.
    pub owners: Vec<Sentence>,
}

impl OffHeap {
    /// Everybody who owns it, in one sentence.
    pub fn owner(&self) -> Option<Sentence> {
        let owners = || Sentence::joined(self.owners.iter().cloned(), "; ");
        (!self.owners.is_empty()).then(owners)
    }
}

impl HeapFacts {
    /// Everything a root reaches by any kind of reference, recorded or not, in bytes: the live heap.
    pub fn live_bytes(&self) -> u64 {
        [
            self.hidden.bytes,
            self.strong_bytes,
            self.soft_bytes,
            self.weak_bytes,
            self.final_bytes,
            self.phantom_bytes,
        ]
        .iter()
        .fold(0, |sum, part| sum.saturating_add(*part))
    }
}
